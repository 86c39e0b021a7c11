"""Tokens: another system reads the figures of a unit and those below it, until the token expires or is revoked."""

from __future__ import annotations

from datetime import datetime

from django.db import models
from django.db.models import F, Q

from .history import History


class TokenQuerySet(models.QuerySet):
    def serving(self, at: datetime) -> TokenQuerySet:
        """The tokens that are valid at `at`."""
        return self.filter(revoked_at=None, expires_at__gt=at)


class Token(models.Model):
    """A token stores only the secret's SHA-256, and its first letters so that people recognise it.

    The secret is 256 random bits: a fast hash protects it as well as a slow one.
    """

    unit = models.ForeignKey("reporting.Unit", models.PROTECT, related_name="tokens")
    name = models.CharField(max_length=100)
    begins_with = models.CharField(max_length=12)
    digest = models.CharField(max_length=64, unique=True, editable=False)
    given_at = models.DateTimeField()
    by = models.ForeignKey("reporting.User", models.PROTECT, related_name="+", null=True, blank=True)
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)
    revoked_by = models.ForeignKey("reporting.User", models.PROTECT, related_name="+", null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True)
    last_address = models.GenericIPAddressField(null=True, blank=True)
    counted_from = models.DateTimeField(null=True, blank=True, editable=False)  # when the minute of `counted` began
    counted = models.PositiveIntegerField(default=0, editable=False)

    objects = TokenQuerySet.as_manager()
    history = History(
        frozen=("id", "unit_id", "name", "begins_with", "digest", "given_at", "by_id", "expires_at"),
        once=("revoked_at", "revoked_by_id"),
    )

    class Meta:
        ordering = ["-given_at", "-id"]
        constraints = [
            models.CheckConstraint(condition=~Q(name=""), name="token_has_a_name"),
            models.CheckConstraint(condition=Q(expires_at__gt=F("given_at")), name="token_ends_after_it_is_given"),
            models.CheckConstraint(
                condition=Q(revoked_at=None, revoked_by=None) | Q(revoked_at__isnull=False, revoked_by__isnull=False),
                name="token_is_revoked_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.begins_with}…)"

    def is_valid(self, at: datetime) -> bool:
        return self.revoked_at is None and at < self.expires_at


class TokenUse(models.Model):
    """How many requests of a token were answered on a day, and how many refused as too many."""

    token = models.ForeignKey(Token, on_delete=models.PROTECT, related_name="uses")
    day = models.DateField()
    answered = models.PositiveIntegerField(default=0)
    refused = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["-day"]
        constraints = [models.UniqueConstraint(fields=["token", "day"], name="token_use_once_for_a_day")]
