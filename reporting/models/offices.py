"""The office that runs the site for a unit: whose name stands at the head of pages and papers. Only added to."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from . import keys
from .campaign import Recorded, RecordedQuerySet
from .history import History


class Office(Recorded):
    """What the office of a unit that seals, or of the country, calls itself; of a unit the newest holds."""

    unit = keys.of_a_unit("offices")
    name = models.CharField(_("issuing office"), max_length=150)  # "Sở Thông tin và Truyền thông"
    short_name = models.CharField(_("short name"), max_length=40)  # "Sở TT&TT"
    managing = models.CharField(_("body above the office"), max_length=150, blank=True)  # "UBND tỉnh Hà Giang"
    symbol = models.CharField(_("abbreviation in the number of a paper"), max_length=20)  # "STTTT"
    phone = models.CharField(_("duty telephone"), max_length=30, blank=True)

    objects = RecordedQuerySet.as_manager()
    history = History()

    class Meta:
        ordering = ["-recorded_at", "-id"]
        verbose_name = _("office that runs the site")
        verbose_name_plural = _("offices that run the site")
        constraints = [
            models.CheckConstraint(
                condition=~Q(name="") & ~Q(short_name="") & ~Q(symbol=""), name="office_has_its_names"
            )
        ]

    def __str__(self) -> str:
        return self.name
