"""Uploaded files, kept for an hour and only for their owner; how an office's files are read; what was imported."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.db import models
from django.db.models import Q

from .history import WITHDRAWN_WITH_A_REASON, History, Withdrawable
from .units import Unit

LIFE = timedelta(hours=1)


class ImportFileQuerySet(models.QuerySet):
    def alive(self, at: datetime) -> ImportFileQuerySet:
        return self.filter(Q(sent_at__gt=at - LIFE) | Q(done_at__gt=at - LIFE))

    def dead(self, at: datetime) -> ImportFileQuerySet:
        return self.filter(Q(done_at=None) | Q(done_at__lte=at - LIFE), sent_at__lte=at - LIFE)


class ImportFile(models.Model):
    """The cells of a file, not the file itself, and its plan as it was shown.

    They are stored so that a file is uploaded and planned only once. A second press finds the result.
    """

    kind = models.CharField(max_length=30)
    source = models.CharField(max_length=200)  # name and digest, as the history keeps them
    table = models.JSONField()  # the packed book
    options = models.JSONField(default=dict)
    plan = models.JSONField(null=True)  # None while its columns are unclear
    sent_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True)
    result = models.JSONField(null=True)  # for accounts also who gets a slip
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")

    objects = ImportFileQuerySet.as_manager()

    class Meta:
        ordering = ["-sent_at", "-id"]
        constraints = [models.CheckConstraint(condition=~models.Q(source=""), name="import_file_has_a_source")]

    def __str__(self) -> str:
        return self.source.partition(" sha256:")[0]


class KnownLayouts(models.Model):
    """How an office's own files are read, as its clerks said: a file of the same layout is read so again."""

    MOST = 100  # layouts of a kind

    unit = models.ForeignKey(Unit, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=30)
    layouts = models.JSONField(default=list)  # newest first, see `imports.proposal.layout_to_keep`

    class Meta:
        constraints = [models.UniqueConstraint(fields=["unit", "kind"], name="layouts_once_for_a_kind")]

    @classmethod
    def of(cls, unit: Unit, kind: str) -> list[dict]:
        return cls.objects.filter(unit=unit, kind=kind).values_list("layouts", flat=True).first() or []

    @classmethod
    def add(cls, unit: Unit, kind: str, layouts: list[dict]) -> None:
        """Keep these and the newest of the others."""
        others = [layout for layout in cls.of(unit, kind) if layout not in layouts]
        kept = [*layouts, *others][: cls.MOST]
        cls.objects.update_or_create(unit=unit, kind=kind, defaults={"layouts": kept})


class Import(Withdrawable):
    """An import that was recorded; append-only. To withdraw it is to undo it, see `imports.undo`."""

    kind = models.CharField(max_length=30)
    source = models.CharField(max_length=200)  # name and digest of the file
    unit = models.ForeignKey("reporting.Unit", models.PROTECT, related_name="+")  # his office
    by = models.ForeignKey("reporting.User", models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField()
    count = models.PositiveIntegerField()
    rows = models.JSONField(default=list)  # what it wrote: see `write` of each kind
    left = models.JSONField(null=True, blank=True, editable=False)  # in words, once it is undone

    history = History(once=(*Withdrawable.history.once, "left"))

    class Meta:
        ordering = ["-recorded_at", "-id"]
        constraints = [
            WITHDRAWN_WITH_A_REASON,
            models.CheckConstraint(condition=~models.Q(source=""), name="import_has_a_source"),
        ]
        indexes = [models.Index(fields=["unit", "-recorded_at"], name="import_of_an_office")]

    def __str__(self) -> str:
        return self.source.partition(" sha256:")[0]

    @property
    def digest(self) -> str:
        return self.source.partition(" sha256:")[2]
