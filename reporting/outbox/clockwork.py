"""What is written by the clock: before the hour to the silent, at the hour to who rings them."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from ..days import hours_in_force
from ..hours import deadline
from ..models import MailChoice, Message, Report, Unit
from . import messages

AT_THE_HOUR_FOR = timedelta(hours=2)  # how long a timer that was away makes up for it


def write_due(at: datetime) -> None:
    """Whatever is due at `at`; asked as often as one likes, each is written once."""
    today = deadline.reporting_day(at)
    hours = hours_in_force.of_day(today)
    if hours.order is None:
        return
    clerks = MailChoice.objects.confirmed().filter(person__is_viewer=False).select_related("person__unit")
    soon = {}
    for choice in _silent(clerks.filter(wants_reminder=True), today):
        closes_at = hours.closes_at(choice.person.unit.path)
        is_near = closes_at - timedelta(minutes=choice.minutes_before) <= at < closes_at
        if is_near and hours.is_due(choice.person.unit.path):
            soon.setdefault(closes_at, []).append(choice)
    for closes_at, choices in soon.items():
        messages.write(Message.Kind.REMINDER, choices, cause=f"{today}", at=at, day=today, useful_until=closes_at)
    superiors = clerks.filter(wants_silent=True, person__unit__in=Unit.objects.superior_levels())
    over = [
        choice
        for choice in superiors
        if (last := hours.last_closes_at(choice.person.unit.path)) and last <= at < last + AT_THE_HOUR_FOR
    ]
    messages.write(Message.Kind.SILENT, over, cause=f"{today}", at=at, day=today)


def _silent(choices: Iterable[MailChoice], day) -> list[MailChoice]:
    """Those whose own unit reports for itself and has not reported the day."""
    choices = list(choices)
    units = Unit.objects.open_on(day).filter(pk__in=[choice.person.unit_id for choice in choices])
    reporting = units.exclude(children__in=Unit.objects.open_on(day))
    reported = Report.objects.filter(day=day, kind=Report.Kind.DAILY, installs__isnull=False).values("unit")
    silent = set(reporting.exclude(pk__in=reported).values_list("pk", flat=True))
    return [choice for choice in choices if choice.person.unit_id in silent]
