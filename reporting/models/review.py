"""The review of reports: late requests, reopenings, reminders, the district's sign-off, the city's seal."""

from __future__ import annotations

from datetime import datetime

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _, pgettext_lazy

from ..text import formatting
from .history import WITHDRAWN_WITH_A_REASON, History, InForceManager, Withdrawable, WithdrawableQuerySet, in_force_at
from .reports import Figures, Report


class LateRequestQuerySet(models.QuerySet):
    def waiting(self, as_of: datetime | None = None) -> LateRequestQuerySet:
        """The requests waiting now, or at `as_of`."""
        in_force = self.filter(in_force_at(as_of))
        if as_of is None:
            return in_force.filter(decided_at=None)
        return in_force.filter(Q(decided_at=None) | Q(decided_at__gt=as_of), received_at__lte=as_of)


class LateRequest(Figures):
    """Figures sent after the deadline, or a requested correction. They count when the superior accepts."""

    opened: int | None  # the unit's opening, if the query of the review adds it

    class Decision(models.TextChoices):
        ACCEPTED = "accepted", _("accepted")
        DECLINED = "declined", _("not accepted")

    unit = models.ForeignKey("reporting.Unit", models.PROTECT, related_name="late_requests")
    day = models.DateField()
    cumulative = models.PositiveIntegerField(null=True, blank=True)  # if it was typed, not installs
    opening = models.PositiveIntegerField(null=True, blank=True)
    reason = models.CharField(max_length=300)
    base_version = models.PositiveIntegerField(default=0)
    received_at = models.DateTimeField()
    by = models.ForeignKey("reporting.User", models.PROTECT, related_name="+")
    by_name = models.CharField(max_length=200)
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey("reporting.User", models.PROTECT, related_name="+", null=True, blank=True)
    decision = models.CharField(max_length=10, choices=Decision.choices, blank=True)
    decision_note = models.CharField(max_length=300, blank=True)

    objects = LateRequestQuerySet.as_manager()
    history = History(once=("withdrawn_at", "decided_at", "decided_by_id", "decision", "decision_note"))

    class Meta:
        ordering = ["received_at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["unit", "day"],
                condition=Q(withdrawn_at=None, decided_at=None),
                name="late_request_one_waiting_for_a_unit_and_day",
            ),
            models.CheckConstraint(
                condition=Q(withdrawn_at=None) | Q(decided_at=None), name="late_request_ends_in_one_way"
            ),
            models.CheckConstraint(
                condition=Q(decided_at=None, decision="") | Q(decided_at__isnull=False, decision__gt=""),
                name="late_request_decided_says_how",
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="late_request_has_a_reason"),
        ]


class ReopeningQuerySet(models.QuerySet):
    def in_force(self, at: datetime) -> ReopeningQuerySet:
        return self.filter(closed_at=None, opened_at__lte=at, until__gt=at)

    def in_force_then(self, as_of: datetime) -> ReopeningQuerySet:
        """The reopenings in force at a past time, even if closed since."""
        return self.filter(Q(closed_at=None) | Q(closed_at__gt=as_of), opened_at__lte=as_of, until__gt=as_of)


class Reopening(models.Model):
    """One unit's day is open again until a set time. A return says what to correct."""

    unit = models.ForeignKey("reporting.Unit", models.PROTECT, related_name="reopenings")
    day = models.DateField()
    until = models.DateTimeField()
    reason = models.CharField(max_length=300)
    is_return = models.BooleanField(default=False)  # of a report, which still counts
    opened_at = models.DateTimeField()
    by = models.ForeignKey("reporting.User", models.PROTECT, related_name="+")
    closed_at = models.DateTimeField(null=True, blank=True)  # by an answer; else it ends at `until`

    objects = ReopeningQuerySet.as_manager()
    history = History(once=("closed_at",))

    class Meta:
        ordering = ["opened_at", "id"]
        constraints = [
            models.CheckConstraint(condition=Q(until__gt=F("opened_at")), name="reopening_ends_after_it_begins"),
            models.CheckConstraint(condition=~Q(reason=""), name="reopening_has_a_reason"),
            models.UniqueConstraint(
                fields=["unit", "day"], condition=Q(closed_at=None), name="reopening_one_standing_for_a_unit_and_day"
            ),
        ]


class Reminder(models.Model):
    """A superior's reminder, which the unit's page shows."""

    unit = models.ForeignKey("reporting.Unit", models.PROTECT, related_name="reminders")
    day = models.DateField()
    at = models.DateTimeField()
    by = models.ForeignKey("reporting.User", models.PROTECT, related_name="+")

    history = History()

    class Meta:
        ordering = ["at", "id"]
        indexes = [models.Index(fields=["unit", "day"], name="reminder_unit_day")]


class SignOffQuerySet(WithdrawableQuerySet):
    def in_force(self, as_of: datetime | None = None) -> SignOffQuerySet:
        """The sign-offs in force now, or at `as_of`."""
        in_force = self.filter(in_force_at(as_of))
        return in_force if as_of is None else in_force.filter(at__lte=as_of)


class SignOff(Withdrawable):
    """A district's confirmation of a day, with its table of figures and the digest."""

    unit = models.ForeignKey("reporting.Unit", models.PROTECT, related_name="sign_offs")
    day = models.DateField()
    at = models.DateTimeField()
    by = models.ForeignKey("reporting.User", models.PROTECT, related_name="+")
    table = models.TextField()
    digest = models.CharField(max_length=64)
    cumulative = models.PositiveIntegerField(default=0)
    reason = models.CharField(max_length=300, blank=True)
    is_after_deadline = models.BooleanField(default=False)

    objects = SignOffQuerySet.as_manager()

    class Meta:
        ordering = ["at", "id"]
        verbose_name = _("sign-off")
        constraints = [
            models.UniqueConstraint(
                fields=["unit", "day"], condition=Q(withdrawn_at=None), name="sign_off_one_standing_for_a_unit_and_day"
            ),
            WITHDRAWN_WITH_A_REASON,
        ]
        indexes = [models.Index(fields=["unit", "day", "at"], name="sign_off_unit_day_at")]


class Seal(Withdrawable):
    """The city's seal of a day. It fixes the table, not the records. It can be undone for ten minutes."""

    unit = models.ForeignKey("reporting.Unit", models.PROTECT, related_name="seals")
    day = models.DateField()
    at = models.DateTimeField()
    by = models.ForeignKey(
        "reporting.User", models.PROTECT, related_name="+", null=True, blank=True
    )  # None: the timer sealed it
    table = models.TextField()
    digest = models.CharField(max_length=64)
    reason = models.CharField(max_length=300, blank=True)  # for sealing again, or with reports missing

    with_withdrawn = models.Manager()
    objects = InForceManager.from_queryset(WithdrawableQuerySet)()

    class Meta:
        ordering = ["at", "id"]
        verbose_name = pgettext_lazy("record", "seal")
        constraints = [WITHDRAWN_WITH_A_REASON]
        indexes = [
            models.Index(fields=["day"], name="seal_day"),
            models.Index(fields=["unit", "day", "at"], name="seal_unit_day_at"),
        ]

    @property
    def short_digest(self) -> str:
        """The code that people compare: the first twelve digits in fours."""
        return formatting.in_fours(self.digest[:12])


class PassedUp(models.Model):
    """A difficulty in a commune's report that the district sends up to the city, in its words at that time.

    If the unit rewrites it, another row sends the new words.
    """

    report = models.ForeignKey(Report, on_delete=models.PROTECT, related_name="passed_up")
    at = models.DateTimeField()
    by = models.ForeignKey("reporting.User", models.PROTECT, related_name="+")

    history = History()


class UnconfirmedReport(models.Model):
    """The last figures sent before the deadline for a unit's day, if doubtful."""

    unit = models.ForeignKey("reporting.Unit", on_delete=models.PROTECT, related_name="+")
    day = models.DateField()
    by = models.ForeignKey("reporting.User", models.PROTECT, related_name="+")
    sent_at = models.DateTimeField()
    figures = models.JSONField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["unit", "day"], name="unconfirmed_report_once_for_a_unit_and_day")
        ]


class Press(models.Model):
    """One press of a phone's Send button, by the id that the phone gave it: what it led to. An id is taken once."""

    id = models.UUIDField(primary_key=True)
    unit = models.ForeignKey("reporting.Unit", on_delete=models.PROTECT, related_name="+")
    day = models.DateField()
    by = models.ForeignKey("reporting.User", models.PROTECT, related_name="+")
    revision = models.ForeignKey("reporting.Revision", models.PROTECT, related_name="+", null=True)
    late_request = models.ForeignKey(LateRequest, models.PROTECT, related_name="+", null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(revision=None) ^ Q(late_request=None), name="press_led_to_a_report_or_a_request"
            )
        ]
