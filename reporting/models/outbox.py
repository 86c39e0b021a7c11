"""Mails: what each person wants to receive, and the messages that wait to be sent."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class MailChoiceQuerySet(models.QuerySet):
    def confirmed(self) -> MailChoiceQuerySet:
        """The choices of active people with a confirmed address."""
        return self.exclude(confirmed_at=None).filter(person__is_active=True, person__unit__isnull=False)


class MailChoice(models.Model):
    """A person's address and the mails he wants. An unconfirmed address gets only the mail with the code."""

    MINUTES = (15, 30, 60, 120)  # before the deadline

    person = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="mail_choice", verbose_name=_("person")
    )
    address = models.EmailField(_("mail address"))
    asked_at = models.DateTimeField(_("code sent"))
    tries = models.PositiveSmallIntegerField(default=0, editable=False)  # typed codes
    confirmed_at = models.DateTimeField(_("confirmed at"), null=True, blank=True)
    wants_reminder = models.BooleanField(_("my unit has not reported, before the deadline"), default=True)
    minutes_before = models.PositiveSmallIntegerField(_("minutes before the deadline"), default=30)
    wants_silent = models.BooleanField(_("who has not reported at the deadline"), default=True)
    wants_bulletin = models.BooleanField(_("the day’s bulletin, once it is sealed"), default=True)
    wants_events = models.BooleanField(_("the records do not agree"), default=True)

    objects = MailChoiceQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(minutes_before__in=(15, 30, 60, 120)), name="mail_choice_minutes_are_offered"
            )
        ]


class MessageQuerySet(models.QuerySet):
    def waiting(self, at: datetime) -> MessageQuerySet:
        """The messages to send now."""
        return self.filter(ended_at=None, next_try_at__lte=at)


class Message(models.Model):
    """One mail to one person about one cause; `key` is unique.

    Its text is written when it is sent, from what the person may see then.
    """

    class Kind(models.TextChoices):
        CODE = "code", _("code for an address")
        REMINDER = "reminder", _("reminder before the deadline")
        SILENT = "silent", _("who has not reported")
        BULLETIN = "bulletin", _("bulletin")
        DIFFERS = "differs", _("the records do not agree")

    class End(models.TextChoices):
        SENT = "sent", _("sent")
        NEEDLESS = "needless", _("no longer needed")
        GIVEN_UP = "given_up", _("given up")

    kind = models.CharField(max_length=10, choices=Kind.choices)
    key = models.CharField(max_length=120, unique=True)
    person = models.ForeignKey("reporting.User", models.PROTECT, related_name="messages")
    unit = models.ForeignKey("reporting.Unit", models.PROTECT, related_name="+")
    day = models.DateField()
    as_of = models.DateTimeField(null=True, blank=True)  # of the figures; None: the time of sending
    written_at = models.DateTimeField()
    useful_until = models.DateTimeField()
    next_try_at = models.DateTimeField()
    tries = models.PositiveSmallIntegerField(default=0)
    end = models.CharField(max_length=10, choices=End.choices, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    error = models.CharField(max_length=300, blank=True)

    objects = MessageQuerySet.as_manager()

    class Meta:
        ordering = ["next_try_at", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(end="", ended_at=None) | Q(end__gt="", ended_at__isnull=False), name="message_ends_whole"
            ),
        ]
        indexes = [models.Index(fields=["next_try_at"], condition=Q(ended_at=None), name="message_waiting")]
