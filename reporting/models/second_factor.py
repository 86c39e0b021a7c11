"""Recovery codes of a second factor: each opens the account once, when the phone is lost; only their hash is kept."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class RecoveryCode(models.Model):
    """Its first letter, in which those of a person differ, finds the one hash that a code is tried against."""

    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="recovery_codes", verbose_name=_("user")
    )
    first = models.CharField(max_length=1)
    digest = models.CharField(max_length=128)

    class Meta:
        ordering = ["person", "first"]
        verbose_name = _("recovery code")
        verbose_name_plural = _("recovery codes")
        constraints = [
            models.UniqueConstraint(fields=["person", "first"], name="recovery_codes_of_a_person_differ_in_the_first")
        ]

    def __str__(self) -> str:
        return f"{self.person_id}: {self.first}…"
