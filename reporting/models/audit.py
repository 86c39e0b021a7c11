"""The access record: sign-ins, refusals, downloads, and changes of people, units and orders; append-only.

Signals record signing in and out. Views and middleware record everything else.
"""

from __future__ import annotations

import logging

from django.contrib.auth.signals import user_logged_in, user_logged_out
from django.db import models
from django.db.models import Q
from django.dispatch import receiver
from django.utils.translation import gettext_lazy as _

from .. import clock
from ..text import addresses
from .history import History
from .people import User
from .units import Unit

LONGEST_NAME, LONGEST_DETAIL = 150, 300

log = logging.getLogger("reporting.access")


class AccessRecordQuerySet(models.QuerySet):
    def note(
        self,
        kind: str,
        *,
        request=None,
        by: User | None = None,
        by_name: str = "",
        about: User | None = None,
        unit: Unit | None = None,
        detail: str = "",
    ) -> AccessRecord:
        """Add a record as of the request's arrival; `by` defaults to the signed-in user.

        A command has no request: the time is now and the name is `by_name`.
        """
        user = getattr(request, "user", None)
        if by is None and not by_name and user is not None and user.is_authenticated:
            by = user
        return self.create(
            at=getattr(request, "arrived_at", None) or clock.now(),
            kind=kind,
            by=by,
            by_name=(by.display_name if by else by_name)[:LONGEST_NAME],
            address=request and addresses.client_address(request),
            about=about,
            unit=unit or (about.unit if about else None) or (by.unit if by else None),
            detail=detail[:LONGEST_DETAIL],
        )

    def create(self, **fields) -> AccessRecord:
        record = super().create(**fields)
        record.write_log()
        return record

    def bulk_create(self, records, *args, **options) -> list[AccessRecord]:
        added = super().bulk_create(records, *args, **options)
        for record in added:
            record.write_log()
        return added

    def visible_below(self, top: Unit) -> AccessRecordQuerySet:
        """The records about `top` and units below it, and those about no unit."""
        return self.filter(Q(unit=None) | Q(unit__path__startswith=top.path))

    def search(self, text: str) -> AccessRecordQuerySet:
        """The records by or about a person whose name contains the text, or about the unit with this code."""
        return self.filter(
            Q(by_name__icontains=text)
            | Q(by__username__icontains=text)
            | Q(about__username__icontains=text)
            | Q(about__last_name__icontains=text)
            | Q(about__first_name__icontains=text)
            | Q(unit__code=text)
        )


class AccessRecord(models.Model):
    """What somebody did: a sign-in, a download, a change of people, units or settings. Append-only."""

    class Kind(models.TextChoices):
        SIGNED_IN = "signed_in", _("signed in")
        SIGNED_OUT = "signed_out", _("signed out")
        REFUSED = "refused", _("wrong name or password")
        PASSWORD_CHANGED = "password_changed", _("changed the own password")
        PASSWORD_RESET = "password_reset", _("reset a password")
        DOWNLOADED = "downloaded", _("downloaded")
        PERSON_ADDED = "person_added", _("added an account")
        PERSON_CHANGED = "person_changed", _("changed an account")
        UNIT_CHANGED = "unit_changed", _("changed units")
        CAMPAIGN_CHANGED = "campaign_changed", _("changed the campaign set-up")
        COVER_CHANGED = "cover_changed", _("changed a cover")
        SECOND_FACTOR = "second_factor", _("second factor")
        PASSKEY_ADDED = "passkey_added", _("added a passkey")
        PASSKEY_USED = "passkey_used", _("used a passkey")
        PASSKEY_REMOVED = "passkey_removed", _("removed a passkey")
        TOKEN = "token", _("gave or revoked a token")

    at = models.DateTimeField()
    kind = models.CharField(max_length=20, choices=Kind.choices)
    by = models.ForeignKey("reporting.User", models.PROTECT, related_name="+", null=True, blank=True)
    by_name = models.CharField(max_length=LONGEST_NAME, blank=True)  # as typed, if the sign-in was refused
    address = models.GenericIPAddressField(null=True, blank=True)
    about = models.ForeignKey("reporting.User", models.PROTECT, related_name="+", null=True, blank=True)
    unit = models.ForeignKey("reporting.Unit", models.PROTECT, related_name="+", null=True, blank=True)
    detail = models.CharField(max_length=LONGEST_DETAIL, blank=True)

    objects = AccessRecordQuerySet.as_manager()
    history = History()

    class Meta:
        ordering = ["-at", "-id"]
        indexes = [
            models.Index(fields=["-at", "-id"], name="access_record_newest"),
            models.Index(fields=["kind", "-at"], name="access_record_of_a_kind"),
        ]

    def write_log(self) -> None:
        """Write the record to the server's log too, outside the database.

        It names people by user name only, because a typed name may be a password. It leaves out typed details.
        """
        is_safe = self.kind in (self.Kind.DOWNLOADED, self.Kind.SECOND_FACTOR)
        fields = {
            "record": self.pk,
            "by": self.by.username if self.by else None,
            "about": self.about.username if self.about else None,
            "unit": self.unit.code if self.unit else None,
            "address": self.address,
            **({"detail": self.detail} if is_safe else {}),
        }
        log.info(self.kind, extra={"fields": fields})


@receiver(user_logged_in, dispatch_uid="audit_signed_in")
def _signed_in(sender, request, user, **kwargs) -> None:
    AccessRecord.objects.note(AccessRecord.Kind.SIGNED_IN, request=request, by=user)


@receiver(user_logged_out, dispatch_uid="audit_signed_out")
def _signed_out(sender, request, user, **kwargs) -> None:
    if user is not None:
        AccessRecord.objects.note(AccessRecord.Kind.SIGNED_OUT, request=request, by=user)
