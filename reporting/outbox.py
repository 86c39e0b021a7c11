"""The outbox: an act or the clock writes a message as a row, and `manage.py deliver` sends it later.

No act waits for a mail server or fails because of one. A person gets one message for each cause, and one process at
a time sends it. An address is confirmed once its person has typed the code that was sent there.
"""

import logging
from collections.abc import Iterable
from datetime import date, datetime, timedelta

from django.db import connection, transaction
from django.db.models import F
from django.utils.crypto import constant_time_compare, salted_hmac

from . import deadline
from .days import hours_in_force
from .models import MailChoice, Message, Report, Unit, User

FIRST_PAUSE, LONGEST_PAUSE = timedelta(minutes=1), timedelta(hours=1)  # doubled at each try
RESERVED_FOR = timedelta(minutes=5)  # after that another sender takes it: the first may have been killed
USEFUL_FOR = timedelta(hours=20)  # a message about a day: until the next day's work begins
CODE_SERVES = timedelta(hours=1)
MOST_TRIES = 5
MOST_CODES = 3  # within the hour
DIGITS = 6
End = Message.End

log = logging.getLogger("reporting.outbox")


def write_messages(
    kind: str,
    choices: Iterable[MailChoice],
    *,
    cause: str,
    at: datetime,
    day: date,
    as_of: datetime | None = None,
    useful_until: datetime | None = None,
) -> None:
    """Write a message to each person about his own unit, unless he has one of this kind and cause."""
    moments = {"written_at": at, "next_try_at": at, "useful_until": useful_until or at + USEFUL_FOR}
    about = {"kind": kind, "day": day, "as_of": as_of, **moments}
    people = {choice.person_id: choice.person.unit_id for choice in choices}
    written = [
        Message(key=f"{kind}:{cause}:{person}", person_id=person, unit_id=unit, **about)
        for person, unit in people.items()
    ]
    Message.objects.bulk_create(written, ignore_conflicts=True)


def write_difference(top: Unit, *, at: datetime, day: date) -> None:
    """Tell the clerks of `top`, the unit that seals, that the records do not agree; once a day."""
    choices = MailChoice.objects.confirmed().filter(wants_events=True, person__unit=top, person__is_viewer=False)
    write_messages(Message.Kind.DIFFERS, choices.select_related("person"), cause=f"{day}", at=at, day=day)


def write_bulletins(top: Unit, *, day: date, cause: str, at: datetime) -> None:
    """Write to everybody who wants his unit's bulletin as sealed at `at`, at `top` and at the superiors below it."""
    choices = MailChoice.objects.confirmed().filter(wants_bulletin=True, person__unit__path__startswith=top.path)
    below = choices.filter(person__unit__in=Unit.objects.superior_levels())
    write_messages(Message.Kind.BULLETIN, below.select_related("person"), cause=cause, at=at, day=day, as_of=at)


def reserve_next(at: datetime) -> Message | None:
    """The next waiting message, reserved for this sender; None if there is none."""
    skips = {"skip_locked": True} if connection.features.has_select_for_update_skip_locked else {}
    with transaction.atomic():
        waiting = Message.objects.waiting(at).select_for_update(of=("self",), **skips)
        message = waiting.select_related("person__unit", "unit").first()
        if message is None:
            return None
        message.tries += 1
        message.next_try_at = at + RESERVED_FOR
        message.save(update_fields=["tries", "next_try_at"])
    return message


def end_message(message: Message, how: str, *, at: datetime, error: str = "") -> None:
    message.end, message.ended_at, message.error = how, at, error
    message.save(update_fields=["end", "ended_at", "error"])
    if how == End.GIVEN_UP:
        log.error("message %s was given up after %s tries: %s", message.key, message.tries, message.error)


def retry_later(message: Message, error: Exception, *, at: datetime) -> bool:
    """Try again after a growing pause. If the message would then be useless, give it up and return True."""
    words = f"{type(error).__name__}: {error}"[:300]
    next_try_at = at + min(FIRST_PAUSE * 2 ** (message.tries - 1), LONGEST_PAUSE)
    is_given_up = next_try_at >= message.useful_until
    if is_given_up:
        end_message(message, End.GIVEN_UP, at=at, error=words)
    else:
        message.next_try_at, message.error = next_try_at, words
        message.save(update_fields=["next_try_at", "error"])
    return is_given_up


def write_due(at: datetime) -> None:
    """Write the messages that are due at `at`; each is written once, however often this is called."""
    today = deadline.reporting_day(at)
    hours = hours_in_force.hours_of_day(today)
    if hours.order is None:
        return
    clerks = MailChoice.objects.confirmed().filter(person__is_viewer=False).select_related("person__unit")
    soon = {}
    for choice in _silent(clerks.filter(wants_reminder=True), today):
        path = choice.person.unit.path
        is_near = hours.is_over(path, at + timedelta(minutes=choice.minutes_before))
        if is_near and not hours.is_over(path, at) and hours.is_due(path):
            soon.setdefault(hours.closes_at(path), []).append(choice)
    for closes_at, choices in soon.items():
        write_messages(Message.Kind.REMINDER, choices, cause=f"{today}", at=at, day=today, useful_until=closes_at)
    superiors = clerks.filter(wants_silent=True, person__unit__in=Unit.objects.superior_levels())
    over = [one for one in superiors if hours.is_last_over(one.person.unit.path, at)]
    write_messages(Message.Kind.SILENT, over, cause=f"{today}", at=at, day=today)


def _silent(choices: Iterable[MailChoice], day) -> list[MailChoice]:
    """The choices of people whose own unit reports for itself and has not reported the day."""
    choices = list(choices)
    units = Unit.objects.open_on(day).filter(pk__in=[choice.person.unit_id for choice in choices])
    reporting = units.exclude(children__in=Unit.objects.open_on(day))
    reported = Report.objects.filter(day=day, kind=Report.Kind.DAILY, installs__isnull=False).values("unit")
    silent = set(reporting.exclude(pk__in=reported).values_list("pk", flat=True))
    return [choice for choice in choices if choice.person.unit_id in silent]


class TooManyCodes(Exception):
    """The person has used up the codes of this hour."""


def send_code(person: User, address: str, *, at: datetime) -> MailChoice:
    """Store the address as unconfirmed, keep the choices, and write a code to it. Raises `TooManyCodes`."""
    written = Message.objects.filter(person=person, kind=Message.Kind.CODE, written_at__gt=at - CODE_SERVES)
    if written.count() >= MOST_CODES:
        raise TooManyCodes
    fields = {"address": address, "asked_at": at, "tries": 0, "confirmed_at": None}
    choice, _created = MailChoice.objects.update_or_create(person=person, defaults=fields)
    when = {"at": at, "day": deadline.reporting_day(at), "useful_until": at + CODE_SERVES}
    write_messages(Message.Kind.CODE, [choice], cause=at.isoformat(), **when)
    return choice


def confirm_address(choice: MailChoice, typed: str, *, at: datetime) -> bool:
    """Confirm the address; False if the code is wrong or no longer valid."""
    trying = MailChoice.objects.filter(pk=choice.pk, asked_at=choice.asked_at, tries__lt=MOST_TRIES)
    if at > choice.asked_at + CODE_SERVES or not trying.update(tries=F("tries") + 1):
        return False
    if not constant_time_compare(typed, address_code(choice)):
        return False
    return bool(MailChoice.objects.filter(pk=choice.pk, asked_at=choice.asked_at).update(confirmed_at=at))


def address_code(choice: MailChoice) -> str:
    """Six digits computed with the server's key; they are not stored."""
    value = f"{choice.person_id}/{choice.address}/{choice.asked_at.timestamp()}"
    digest = salted_hmac("reporting.outbox.address", value, algorithm="sha256").hexdigest()
    return f"{int(digest, 16) % 10**DIGITS:0{DIGITS}}"
