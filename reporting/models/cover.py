"""Cover ("trực thay"): for some days a colleague reports for another unit too; only added to, ends by itself."""

from __future__ import annotations

from datetime import date

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from . import keys
from .history import History


class CoverQuerySet(models.QuerySet):
    def in_force(self, day: date) -> CoverQuerySet:
        return self.filter(first_day__lte=day, last_day__gte=day, ended_at=None)


class Cover(models.Model):
    unit = keys.of_a_unit("covers")
    person = keys.of_a_person(_("colleague"), related_name="covers")
    first_day = models.DateField(_("first day"))
    last_day = models.DateField(_("last day"))
    reason = models.CharField(_("reason"), max_length=200, blank=True)
    recorded_at = models.DateTimeField(_("recorded at"))
    by = keys.of_a_person(_("by"))
    ended_at = models.DateTimeField(_("ended at"), null=True, blank=True)
    ended_by = keys.of_a_person(_("ended by"), null=True, blank=True)

    objects = CoverQuerySet.as_manager()
    history = History(once=("ended_at", "ended_by_id"))

    class Meta:
        ordering = ["-last_day", "-id"]
        verbose_name = _("cover")
        verbose_name_plural = _("covers")
        constraints = [
            models.CheckConstraint(condition=Q(last_day__gte=F("first_day")), name="cover_ends_after_it_begins"),
            models.CheckConstraint(
                condition=Q(ended_at=None, ended_by=None) | Q(ended_at__isnull=False, ended_by__isnull=False),
                name="cover_is_ended_by_somebody",
            ),
        ]
        indexes = [models.Index(fields=["person", "last_day"], name="cover_of_a_person")]

    def __str__(self) -> str:
        return f"{self.first_day:%d/%m/%Y} – {self.last_day:%d/%m/%Y}"
