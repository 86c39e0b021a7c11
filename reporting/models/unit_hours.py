"""Another hour of a unit, which the city orders."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from .campaign import Record
from .withdrawals import WITHDRAWN_WITH_A_REASON


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
            WITHDRAWN_WITH_A_REASON,
            models.CheckConstraint(condition=~Q(reason=""), name="unit_hour_has_a_reason"),
            models.CheckConstraint(
                condition=Q(effective_until=None) | Q(effective_until__gte=F("effective_from")),
                name="unit_hour_ends_after_it_begins",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.effective_from:%d/%m/%Y}: {self.report_deadline:%Hh%M}, {self.reason}"
