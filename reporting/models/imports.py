"""Uploaded files to apply, kept for an hour and only for their owner; what an office's columns mean."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from .units import Unit

LIFE = timedelta(hours=1)
LONGEST_ACT = timedelta(minutes=5)  # an older act has died


class ImportFileQuerySet(models.QuerySet):
    def alive(self, at: datetime) -> ImportFileQuerySet:
        return self.filter(Q(sent_at__gt=at - LIFE) | Q(done_at__gt=at - LIFE))

    def dead(self, at: datetime) -> ImportFileQuerySet:
        return self.filter(Q(done_at=None) | Q(done_at__lte=at - LIFE), sent_at__lte=at - LIFE)

    def begin(self, pk: int, at: datetime) -> bool:
        """Mark the act as begun; returns False for a second press."""
        idle = Q(started_at=None) | Q(started_at__lt=at - LONGEST_ACT)
        return bool(self.filter(idle, pk=pk, done_at=None).update(started_at=at))


class ImportFile(models.Model):
    """The cells of a file, not the file itself, and its plan as it was shown.

    They are stored so that a file is uploaded and planned only once. A second press finds the result.
    """

    kind = models.CharField(_("kind"), max_length=30)
    source = models.CharField(_("source"), max_length=200)  # name and digest, as the history keeps them
    table = models.JSONField(_("table"))  # the packed book
    options = models.JSONField(_("said beside the file"), default=dict)
    plan = models.JSONField(_("plan"), null=True)  # None while its columns are unclear
    sent_at = models.DateTimeField(_("sent at"))
    started_at = models.DateTimeField(_("started at"), null=True)
    done_at = models.DateTimeField(_("done at"), null=True)
    result = models.JSONField(_("result"), null=True)  # for accounts also who gets a slip
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", verbose_name=_("by"))

    objects = ImportFileQuerySet.as_manager()

    class Meta:
        ordering = ["-sent_at", "-id"]
        verbose_name = _("imported file")
        verbose_name_plural = _("imported files")
        constraints = [models.CheckConstraint(condition=~models.Q(source=""), name="import_file_has_a_source")]

    def __str__(self) -> str:
        return self.source.partition(" sha256:")[0]


class KnownHeads(models.Model):
    """What the heads of an office's own files mean, as its clerks chose: offered for the next file."""

    MOST = 200  # heads of a kind

    unit = models.ForeignKey(Unit, on_delete=models.CASCADE, related_name="+", verbose_name=_("unit"))
    kind = models.CharField(_("kind"), max_length=30)
    meanings = models.JSONField(_("meanings"), default=dict)  # the key of a column by the folded head; newest last

    class Meta:
        verbose_name = _("known heads")
        verbose_name_plural = _("known heads")
        constraints = [models.UniqueConstraint(fields=["unit", "kind"], name="heads_once_for_a_kind")]

    def __str__(self) -> str:
        return f"{self.unit_id}, {self.kind}"

    @classmethod
    def add(cls, unit: Unit, kind: str, meanings: dict[str, str]) -> None:
        """Keep these and the newest of the others."""
        own = {"unit": unit, "kind": kind}
        before = cls.objects.filter(**own).values_list("meanings", flat=True).first() or {}
        newest_last = {head: meaning for head, meaning in before.items() if head not in meanings} | meanings
        kept = dict([*newest_last.items()][-cls.MOST :])
        cls.objects.update_or_create(**own, defaults={"meanings": kept})
