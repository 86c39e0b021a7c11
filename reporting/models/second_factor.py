"""Recovery codes of a second factor: each opens the account once, when the phone is lost; only their hash is kept."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class RecoveryCode(models.Model):
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="recovery_codes", verbose_name=_("user")
    )
    digest = models.CharField(max_length=64)  # SHA-256

    class Meta:
        verbose_name = _("recovery code")
        verbose_name_plural = _("recovery codes")

    def __str__(self) -> str:
        return f"{self.person_id}: {self.digest[:12]}"
