"""The second series: the ministry's own figures, beside ours and never mixed in; what the city wants explained."""

from __future__ import annotations

from datetime import datetime

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from . import keys
from .campaign import Recorded, RecordedQuerySet
from .history import History


class Metric(models.TextChoices):
    """What the ministry counts; one is never set against another."""

    DOWNLOADS = "downloads", _("downloads")
    ACCOUNTS = "accounts", _("accounts with a phone number")
    DEVICES = "devices", _("active devices")


class OfficialFigure(Recorded):
    """The ministry's count for a unit and a day. Only added to; a wrong one is superseded by a later record."""

    Metric = Metric

    unit = keys.of_a_unit("official_figures")
    day = models.DateField(_("day"))
    metric = models.CharField(_("what is counted"), max_length=10, choices=Metric.choices)
    counted_at = models.DateTimeField(_("counted at"))
    value = models.PositiveIntegerField(_("the ministry's figure"))
    source = models.CharField(_("source"), max_length=200)
    # Why it is right, where it was asked about.
    explanation = models.CharField(_("explanation"), max_length=150, blank=True, default="")

    objects = RecordedQuerySet.as_manager()
    history = History()

    class Meta:
        ordering = ["-day", "-recorded_at", "-id"]  # of one day's figures the last recorded stands
        verbose_name = _("official figure")
        verbose_name_plural = _("official figures")
        constraints = [
            models.CheckConstraint(condition=~Q(source=""), name="official_figure_has_a_source"),
            models.CheckConstraint(condition=Q(metric__in=Metric.values), name="official_figure_says_what_is_counted"),
            models.CheckConstraint(
                condition=Q(counted_at__lte=F("recorded_at")), name="official_figure_is_counted_before_it_is_recorded"
            ),
        ]
        indexes = [models.Index(fields=["unit", "metric", "day"], name="official_figure_unit_day")]

    def __str__(self) -> str:
        return f"{self.unit_id} {self.day:%d/%m/%Y} {self.metric}: {self.value}"


class ExplanationRequestQuerySet(models.QuerySet):
    def open(self) -> ExplanationRequestQuerySet:
        return self.filter(answered_at=None)

    def known(self, as_of: datetime | None) -> ExplanationRequestQuerySet:
        """Those asked by that instant; whether they had been answered by then, `is_answered` says."""
        return self if as_of is None else self.filter(asked_at__lte=as_of)


class ExplanationRequest(models.Model):
    """The city asks why a unit claims more than the ministry counts; the answer, once given, stands."""

    unit = keys.of_a_unit("explanation_requests")
    day = models.DateField(_("day"))
    metric = models.CharField(_("what is counted"), max_length=10, choices=Metric.choices)
    claimed = models.PositiveIntegerField(_("our figure"))  # both as they were when it was asked
    counted = models.PositiveIntegerField(_("the ministry's figure"))
    question = models.CharField(_("question"), max_length=300)
    asked_at = models.DateTimeField(_("asked at"))
    by = keys.of_a_person(_("by"))
    answer = models.CharField(_("answer"), max_length=1000, blank=True)
    answered_at = models.DateTimeField(_("answered at"), null=True, blank=True)
    answered_by = keys.of_a_person(_("answered by"), null=True, blank=True)

    objects = ExplanationRequestQuerySet.as_manager()
    history = History(once=("answer", "answered_at", "answered_by_id"))

    class Meta:
        ordering = ["asked_at", "id"]
        verbose_name = _("explanation asked for")
        verbose_name_plural = _("explanations asked for")
        constraints = [
            models.UniqueConstraint(
                fields=["unit", "day", "metric"],
                condition=Q(answered_at=None),
                name="explanation_one_open_for_a_unit_day_and_metric",
            ),
            models.CheckConstraint(condition=~Q(question=""), name="explanation_asks_a_question"),
            models.CheckConstraint(condition=Q(claimed__gt=F("counted")), name="explanation_is_of_what_exceeds"),
            models.CheckConstraint(
                condition=Q(answered_at=None, answered_by=None, answer="")
                | Q(answered_at__gte=F("asked_at"), answered_by__isnull=False, answer__gt=""),
                name="explanation_is_answered_whole",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.unit_id} {self.day:%d/%m/%Y} {self.metric}"

    @property
    def excess(self) -> int:
        return self.claimed - self.counted

    def is_answered(self, as_of: datetime | None = None) -> bool:
        """Whether the answer is there, or was at that instant."""
        return self.answered_at is not None and (as_of is None or self.answered_at <= as_of)
