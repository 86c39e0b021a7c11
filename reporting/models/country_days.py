"""The computed day of a country, from the job of each minute. The country's pages show it with its time.

It may be deleted at any time. Then pages compute the day themselves.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import ROUND_DOWN, Decimal

from django.db import models
from django.utils.translation import gettext_lazy as _

from . import keys

FRESH_FOR = timedelta(minutes=15)  # without the job for so long pages compute the day themselves


class CountryDayQuerySet(models.QuerySet):
    def fresh(self, unit: models.Model, day: date, at: datetime) -> CountryDay | None:
        """The day if it was computed recently; None otherwise."""
        return self.filter(unit=unit, day=day, at__gt=at - FRESH_FOR).first()

    def share(self, unit: models.Model, day: date) -> Decimal | None:
        """The newest computed share, however old; None without one."""
        known = self.filter(unit=unit, day=day).values_list("cumulative", "population").first()
        if known is None or None in known or not known[1]:
            return None
        return (Decimal(known[0]) / known[1]).quantize(Decimal("0.0001"), ROUND_DOWN)


class CountryDay(keys.OfADay):
    unit = models.ForeignKey("reporting.Unit", on_delete=models.CASCADE, related_name="+", verbose_name=_("unit"))
    day = models.DateField(_("day"))
    at = models.DateTimeField(_("worked out at"))
    cumulative = models.BigIntegerField(null=True)
    population = models.BigIntegerField(null=True)
    # As JSON, see `figures.country`: the rows of the country and right below it, all rows, the days before, and the
    # cumulatives of earlier days.
    top = models.TextField()
    rows = models.TextField()
    recent = models.TextField()
    earlier = models.TextField()

    objects = CountryDayQuerySet.as_manager()

    class Meta:
        verbose_name = _("day of a country")
        verbose_name_plural = _("days of a country")
        constraints = [models.UniqueConstraint(fields=["unit", "day"], name="country_day_once_for_a_unit_and_day")]
