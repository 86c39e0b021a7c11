"""Other systems that are told at once: where to, of which unit and what lies below it, until the city ends it."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class EndpointQuerySet(models.QuerySet):
    def standing(self) -> EndpointQuerySet:
        return self.filter(ended_at=None)


class Endpoint(models.Model):
    """The secret it is signed with follows from the key of the server and `generation`: it is stored nowhere."""

    unit = models.ForeignKey(
        "reporting.Unit", on_delete=models.PROTECT, related_name="endpoints", verbose_name=_("unit")
    )
    name = models.CharField(_("name"), max_length=100)
    address = models.URLField(_("address"), max_length=300)
    given_at = models.DateTimeField(_("given at"))
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("by"))
    generation = models.PositiveSmallIntegerField(default=1, editable=False)
    rotated_at = models.DateTimeField(_("new secret since"), null=True, blank=True)
    ended_at = models.DateTimeField(_("ended at"), null=True, blank=True)
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    seen = models.PositiveBigIntegerField(default=0, editable=False)  # the revision up to which corrections are told

    objects = EndpointQuerySet.as_manager()

    class Meta:
        ordering = ["-given_at", "-id"]
        verbose_name = _("webhook")
        verbose_name_plural = _("webhooks")
        constraints = [
            models.CheckConstraint(condition=~Q(name=""), name="endpoint_has_a_name"),
            models.CheckConstraint(
                condition=Q(ended_at=None, ended_by=None) | Q(ended_at__isnull=False, ended_by__isnull=False),
                name="endpoint_is_ended_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name}: {self.address}"
