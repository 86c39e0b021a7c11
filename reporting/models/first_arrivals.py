"""When figures first arrived of which something was asked, or that met newer ones: their answer counts from then."""

from __future__ import annotations

from django.conf import settings
from django.db import models


class FirstArrival(models.Model):
    """The last such figures of a person for a unit and day, and the version of the report that then stood."""

    unit = models.ForeignKey("reporting.Unit", on_delete=models.PROTECT, related_name="+")
    day = models.DateField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    arrived_at = models.DateTimeField()
    version = models.PositiveIntegerField()
    figures = models.JSONField()  # all that was typed
    asks_covers = models.BooleanField(default=False)  # what the number includes is the question
    offers_total = models.BooleanField(default=False)  # whether it is the day's number or the total is the question

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["unit", "day", "by"], name="first_arrival_once_for_a_unit_day_and_person")
        ]

    def __str__(self) -> str:
        return f"{self.unit_id} {self.day:%d/%m/%Y}"
