"""The day of a country as the minute's round computed it: its pages show it, and say of which minute it is.

It may be deleted at any time: then pages compute the day themselves.
"""

from django.db import models
from django.utils.translation import gettext_lazy as _

from . import keys


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

    class Meta:
        verbose_name = _("day of a country")
        verbose_name_plural = _("days of a country")
        constraints = [models.UniqueConstraint(fields=["unit", "day"], name="country_day_once_for_a_unit_and_day")]
