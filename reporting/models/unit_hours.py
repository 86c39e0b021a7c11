"""Two hours of units: another one that the city orders, which decides, and an earlier one that a superior asks for."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from .campaign import Record, Recorded, RecordedQuerySet


class UnitHour(Record):
    """An order of the city: another hour for the unit and all below it, from a later day on. It decides."""

    unit = models.ForeignKey(
        "reporting.Unit", on_delete=models.PROTECT, related_name="unit_hours", verbose_name=_("unit")
    )
    effective_from = models.DateField(_("effective from"))
    effective_until = models.DateField(_("effective until"), null=True, blank=True)
    report_deadline = models.TimeField(_("report deadline"))
    reason = models.CharField(_("order and reason"), max_length=200)

    class Meta:
        ordering = ["-effective_from", "-id"]
        verbose_name = _("hour of a unit")
        verbose_name_plural = _("hours of units")
        constraints = [
            models.CheckConstraint(condition=~Q(reason=""), name="unit_hour_has_a_reason"),
            models.CheckConstraint(
                condition=Q(effective_until=None) | Q(effective_until__gte=F("effective_from")),
                name="unit_hour_ends_after_it_begins",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.effective_from:%d/%m/%Y}: {self.report_deadline:%Hh%M}, {self.reason}"


class AskedHour(Recorded):
    """A superior asks its units to report by an earlier hour, or no longer: shown and reminded by, it decides nothing.

    Only added to; of a superior the newest holds.
    """

    unit = models.ForeignKey(
        "reporting.Unit", on_delete=models.PROTECT, related_name="asked_hours", verbose_name=_("unit")
    )
    hour = models.TimeField(_("hour"), null=True, blank=True)

    objects = RecordedQuerySet.as_manager()

    class Meta:
        ordering = ["-recorded_at", "-id"]
        verbose_name = _("hour that a superior asks for")
        verbose_name_plural = _("hours that superiors ask for")

    def __str__(self) -> str:
        return f"{self.hour:%Hh%M}" if self.hour else "–"
