"""The ministry's own figures, never mixed with ours, and the explanations that the city asks for."""

from __future__ import annotations

from datetime import datetime

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from .campaign import Recorded, RecordedQuerySet
from .history import History


class Metric(models.TextChoices):
    """What the ministry counts. Figures of two metrics are never compared."""

    DOWNLOADS = "downloads", _("downloads")
    ACCOUNTS = "accounts", _("accounts with a phone number")
    DEVICES = "devices", _("active devices")


class OfficialFigure(Recorded):
    """The ministry's count for a unit and a day. Append-only: a later record replaces a wrong one."""

    Metric = Metric
    USUAL_SOURCE = "Cục Tin học hóa"  # stored in the database, so never translated

    unit = models.ForeignKey("reporting.Unit", models.PROTECT, related_name="official_figures", verbose_name=_("unit"))
    day = models.DateField(_("day"))
    metric = models.CharField(_("what is counted"), max_length=10, choices=Metric.choices)
    counted_at = models.DateTimeField(_("counted at"))
    value = models.PositiveIntegerField(_("the ministry's figure"))
    source = models.CharField(_("source"), max_length=200)
    # Why a doubtful figure is right.
    explanation = models.CharField(_("explanation"), max_length=150, blank=True, default="")

    objects = RecordedQuerySet.as_manager()
    history = History()

    class Meta:
        ordering = ["-day", "-recorded_at", "-id"]  # the last record of a day counts
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

    @property
    def content(self) -> tuple[datetime, int, str]:
        """What it says about its unit, day and metric."""
        return self.counted_at, self.value, self.source


class ExplanationRequestQuerySet(models.QuerySet):
    def open(self) -> ExplanationRequestQuerySet:
        return self.filter(answered_at=None)

    def known(self, as_of: datetime | None) -> ExplanationRequestQuerySet:
        """The requests made by `as_of`; all if it is None."""
        return self if as_of is None else self.filter(asked_at__lte=as_of)


class ExplanationRequest(models.Model):
    """The city's question why a unit claims more than the ministry. The answer cannot be changed."""

    unit = models.ForeignKey(
        "reporting.Unit", models.PROTECT, related_name="explanation_requests", verbose_name=_("unit")
    )
    day = models.DateField(_("day"))
    metric = models.CharField(_("what is counted"), max_length=10, choices=Metric.choices)
    claimed = models.PositiveIntegerField(_("our figure"))  # both as of the request
    counted = models.PositiveIntegerField(_("the ministry's figure"))
    question = models.CharField(_("question"), max_length=300)
    asked_at = models.DateTimeField(_("asked at"))
    by = models.ForeignKey("reporting.User", models.PROTECT, related_name="+", verbose_name=_("by"))
    answer = models.CharField(_("answer"), max_length=1000, blank=True)
    answered_at = models.DateTimeField(_("answered at"), null=True, blank=True)
    answered_by = models.ForeignKey(
        "reporting.User", models.PROTECT, related_name="+", verbose_name=_("answered by"), null=True, blank=True
    )

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
        """Whether it is answered, or was by `as_of`."""
        return self.answered_at is not None and (as_of is None or self.answered_at <= as_of)
