"""Messages that wait: written once for a cause and a receiver, taken by one sender at a time, given up out loud."""

import logging
from collections.abc import Iterable
from datetime import date, datetime, timedelta

from django.db import connection, transaction

from ..models import MailChoice, Message, Unit

FIRST_PAUSE, LONGEST_PAUSE = timedelta(minutes=1), timedelta(hours=1)  # doubled from try to try
HELD_FOR = timedelta(minutes=5)  # by a sender: one that was killed gives it free so
USEFUL_FOR = timedelta(hours=20)  # what is said of a day: until the next one's work begins
End = Message.End

log = logging.getLogger("reporting.outbox")


def write(
    kind: str,
    choices: Iterable[MailChoice],
    *,
    cause: str,
    at: datetime,
    day: date,
    as_of: datetime | None = None,
    useful_until: datetime | None = None,
) -> None:
    """A message to each, of his own unit; who has one of this cause already gets no other."""
    moments = {"written_at": at, "next_try_at": at, "useful_until": useful_until or at + USEFUL_FOR}
    about = {"kind": kind, "day": day, "as_of": as_of, **moments}
    people = {choice.person_id: choice.person.unit_id for choice in choices}
    written = [
        Message(key=f"{kind}:{cause}:{person}", person_id=person, unit_id=unit, **about)
        for person, unit in people.items()
    ]
    Message.objects.bulk_create(written, ignore_conflicts=True)


def about_the_city(kind: str, *, top: Unit, cause: str, at: datetime, day: date, as_of: datetime | None = None) -> None:
    """To the clerks of the unit that seals who want to hear of such things."""
    choices = MailChoice.objects.confirmed().filter(wants_events=True, person__unit=top, person__is_viewer=False)
    write(kind, choices.select_related("person"), cause=cause, at=at, day=day, as_of=as_of)


def bulletins(top: Unit, *, day: date, cause: str, at: datetime, as_of: datetime) -> None:
    """To whoever wants the bulletin of his unit, which is `top` or has units below it."""
    choices = MailChoice.objects.confirmed().filter(wants_bulletin=True, person__unit__path__startswith=top.path)
    below = choices.filter(person__unit__in=Unit.objects.superior_levels())
    write(Message.Kind.BULLETIN, below.select_related("person"), cause=cause, at=at, day=day, as_of=as_of)


def take(at: datetime) -> Message | None:
    """The next message that waits, held for this sender; several may run beside one another."""
    skips = {"skip_locked": True} if connection.features.has_select_for_update_skip_locked else {}
    with transaction.atomic():
        waiting = Message.objects.waiting(at).select_for_update(of=("self",), **skips)
        message = waiting.select_related("person__unit", "unit").first()
        if message is None:
            return None
        message.tries += 1
        message.next_try_at = at + HELD_FOR
        message.save(update_fields=["tries", "next_try_at"])
    return message


def end(message: Message, how: str, *, at: datetime, error: str = "") -> None:
    message.end, message.ended_at, message.error = how, at, error[:300]
    message.save(update_fields=["end", "ended_at", "error"])
    if how == End.GIVEN_UP:
        log.error("message %s was given up after %s tries: %s", message.key, message.tries, message.error)


def failed(message: Message, error: Exception, *, at: datetime) -> bool:
    """Try again after a pause that grows; given up, and True, once it would be of no use any more."""
    pause = min(FIRST_PAUSE * 2 ** (message.tries - 1), LONGEST_PAUSE)
    if at + pause >= message.useful_until:
        end(message, End.GIVEN_UP, at=at, error=f"{type(error).__name__}: {error}")
        return True
    message.next_try_at, message.error = at + pause, f"{type(error).__name__}: {error}"[:300]
    message.save(update_fields=["next_try_at", "error"])
    return False
