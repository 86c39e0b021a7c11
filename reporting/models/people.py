"""People: an account belongs to one unit, and the level of that unit is its role."""

from __future__ import annotations

from datetime import date

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class User(AbstractUser):
    unit = models.ForeignKey(
        "reporting.Unit", on_delete=models.PROTECT, null=True, blank=True, related_name="users", verbose_name=_("unit")
    )
    phone = models.CharField(_("telephone"), max_length=30, blank=True)
    is_viewer = models.BooleanField(_("reads only"), default=False)
    must_change_password = models.BooleanField(_("must change the password"), default=False)

    acts_on: date | None = None  # the reporting day of the request at hand; outside of one there is no bound

    class Meta:
        verbose_name = _("user")
        verbose_name_plural = _("users")
        constraints = [
            models.CheckConstraint(
                condition=Q(is_superuser=True) | Q(unit__isnull=False), name="user_belongs_to_a_unit_or_is_superuser"
            )
        ]

    @property
    def display_name(self) -> str:
        """The name that history keeps: the person's own, or the user name."""
        return self.get_full_name() or self.username

    def get_full_name(self) -> str:
        """Family name first, as Vietnamese names are written."""
        return f"{self.last_name} {self.first_name}".strip()
