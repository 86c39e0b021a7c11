"""Figures sent before the hour that a question was asked about: they may be confirmed after it."""

from __future__ import annotations

from django.conf import settings
from django.db import models


class UnconfirmedReport(models.Model):
    """The last figures that anybody sent for a unit's day before its hour; none if they were not asked about."""

    unit = models.ForeignKey("reporting.Unit", on_delete=models.PROTECT, related_name="+")
    day = models.DateField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    sent_at = models.DateTimeField()
    figures = models.JSONField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["unit", "day"], name="unconfirmed_report_once_for_a_unit_and_day")
        ]

    def __str__(self) -> str:
        return f"{self.unit_id} {self.day:%d/%m/%Y}"
