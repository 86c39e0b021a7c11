"""A file between its preview and the act: what was read of it, for its owner alone and for an hour."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

LIFE = timedelta(hours=1)


class ImportFileQuerySet(models.QuerySet):
    def alive(self, at: datetime) -> ImportFileQuerySet:
        return self.filter(sent_at__gt=at - LIFE)

    def dead(self, at: datetime) -> ImportFileQuerySet:
        return self.filter(sent_at__lte=at - LIFE)


class ImportFile(models.Model):
    """The table as it was read, not the file: what is applied is what was shown, and nothing is parsed twice.

    Kept here and not in the page: on a weak line a file is sent once, and a page need not carry 20 000 figures.
    """

    kind = models.CharField(_("kind"), max_length=30)
    source = models.CharField(_("source"), max_length=200)  # name and digest, as history will keep them
    table = models.JSONField(_("table"))
    options = models.JSONField(_("said beside the file"), default=dict)
    sent_at = models.DateTimeField(_("sent at"))
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", verbose_name=_("by"))

    objects = ImportFileQuerySet.as_manager()

    class Meta:
        ordering = ["-sent_at", "-id"]
        verbose_name = _("imported file")
        verbose_name_plural = _("imported files")
        constraints = [models.CheckConstraint(condition=~models.Q(source=""), name="import_file_has_a_source")]

    def __str__(self) -> str:
        return self.source
