"""The ministry's own figures, never mixed with ours."""

from __future__ import annotations

from datetime import datetime

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from .campaign import Recorded
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

    unit = models.ForeignKey("reporting.Unit", models.PROTECT, related_name="official_figures")
    day = models.DateField()
    metric = models.CharField(max_length=10, choices=Metric.choices)
    counted_at = models.DateTimeField()
    value = models.PositiveIntegerField()
    source = models.CharField(max_length=200)
    # Of records of former releases: why a doubtful figure is right.
    explanation = models.CharField(max_length=150, blank=True, default="")

    history = History()

    class Meta:
        ordering = ["-day", "-recorded_at", "-id"]  # the last record of a day counts
        verbose_name = _("official figure")
        constraints = [
            models.CheckConstraint(condition=~Q(source=""), name="official_figure_has_a_source"),
            models.CheckConstraint(condition=Q(metric__in=Metric.values), name="official_figure_says_what_is_counted"),
            models.CheckConstraint(
                condition=Q(counted_at__lte=F("recorded_at")), name="official_figure_is_counted_before_it_is_recorded"
            ),
        ]
        indexes = [models.Index(fields=["unit", "metric", "day"], name="official_figure_unit_day")]

    @property
    def content(self) -> tuple[datetime, int, str]:
        """What it says about its unit, day and metric."""
        return self.counted_at, self.value, self.source
