"""An address is a person's once he has typed the code that was sent there: nobody else's is written to."""

from datetime import datetime, timedelta

from django.db.models import F
from django.utils.crypto import constant_time_compare, salted_hmac

from ..hours import deadline
from ..models import MailChoice, Message, User
from . import messages

CODE_SERVES = timedelta(hours=1)
MOST_TRIES = 5
MOST_CODES = 3  # within the hour
DIGITS = 6


class TooManyCodes(Exception):
    """So many codes were written for the person within an hour that none is written now."""


def ask(person: User, address: str, *, at: datetime) -> MailChoice:
    """Keep the address, unconfirmed, and write the code to it; what the person had chosen stays. `TooManyCodes`."""
    written = Message.objects.filter(person=person, kind=Message.Kind.CODE, written_at__gt=at - CODE_SERVES)
    if written.count() >= MOST_CODES:
        raise TooManyCodes
    fields = {"address": address, "asked_at": at, "tries": 0, "confirmed_at": None}
    choice, _created = MailChoice.objects.update_or_create(person=person, defaults=fields)
    when = {"at": at, "day": deadline.reporting_day(at), "useful_until": at + CODE_SERVES}
    messages.write(Message.Kind.CODE, [choice], cause=at.isoformat(), **when)
    return choice


def confirm(choice: MailChoice, typed: str, *, at: datetime) -> bool:
    """Whether the code is right, within its hour and its five tries."""
    trying = MailChoice.objects.filter(pk=choice.pk, asked_at=choice.asked_at, tries__lt=MOST_TRIES)
    if at > choice.asked_at + CODE_SERVES or not trying.update(tries=F("tries") + 1):
        return False
    if not constant_time_compare(typed, code(choice)):
        return False
    return bool(MailChoice.objects.filter(pk=choice.pk, asked_at=choice.asked_at).update(confirmed_at=at))


def code(choice: MailChoice) -> str:
    """Six digits that follow from the key of the server: they are stored nowhere."""
    held = f"{choice.person_id}/{choice.address}/{choice.asked_at.timestamp()}"
    digest = salted_hmac("reporting.outbox.address", held, algorithm="sha256").hexdigest()
    return f"{int(digest, 16) % 10**DIGITS:0{DIGITS}}"
