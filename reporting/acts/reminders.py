"""What is said up and down: reminders to the units below, and their difficulties sent on to the city."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.db.models import F, Q, QuerySet

from ..days import state
from ..figures import rollup
from ..figures.query import last_by
from ..hours.permissions import Act
from ..models import PassedUp, Reminder, Report, Revision, Unit, User
from . import locking
from .demands import demand, demand_own


def remind(*, units: Iterable[Unit], day: date, by: User, at: datetime) -> list[Reminder]:
    """Leave a notice on the units' pages and keep a record of it."""
    units = list(units)
    states = state.day_states(units, day, at=at)
    for unit in units:
        demand(by, unit, Act.REMIND, states[unit.pk])
    return Reminder.objects.bulk_create(Reminder(unit=unit, day=day, by=by, at=at) for unit in units)


def pass_up(*, unit: Unit, day: date, reports: Iterable[Report], by: User, at: datetime) -> None:
    """Send the difficulties of these reports of the units below on to the city; those sent already stay."""
    with transaction.atomic():
        Unit.objects.select_for_update(no_key=True).get(pk=unit.pk)
        demand_own(by, unit, Act.PASS_UP, state.superior_situation(unit, day, at=at))
        said = Report.objects.filter(pk__in=[report.pk for report in reports], unit__parent=unit, day=day)
        _send(said, by, at)


def take_up(*, unit: Unit, day: date, reports: Iterable[Report], by: User, at: datetime) -> None:
    """Choose, for what the unit reports itself, difficulties that no unit right below has sent on to it."""
    with transaction.atomic():
        Unit.objects.select_for_update(no_key=True).get(pk=unit.pk)
        said = Report.objects.filter(pk__in=[report.pk for report in reports], unit__parent__parent=unit, day=day)
        units = list(Unit.objects.filter(pk__in=said.values("unit")))
        states = state.day_states(units, day, at=at)
        for below in units:
            demand(by, below, Act.TAKE_UP, states[below.pk])
        _send(said, by, at)


def _send(said: QuerySet[Report], by: User, at: datetime) -> None:
    known_at = locking.known_from(at)
    sent = [PassedUp(report=report, by=by, at=known_at) for report in said.exclude(note="")]
    PassedUp.objects.bulk_create(sent, ignore_conflicts=True)


@dataclass(frozen=True)
class Difficulty:
    """What a unit's report of the day says of difficulties."""

    superior: rollup.Row | None  # who sends it up; None for a unit right below
    row: rollup.Row
    note: str
    passed_up_at: datetime | None
    report_id: int | None = None


def difficulties(figures: rollup.DayRollup) -> list[Difficulty]:
    """Those of the units right below the rollup's own, and those that the units right below have sent up to it."""
    own = figures.unit_code
    said = _said(figures)
    return _in_order(
        figures, said.filter(Q(report__unit__parent__code=own) | (_two_below(own) & _is_passed_up(figures)))
    )


def not_sent_up(figures: rollup.DayRollup) -> list[Difficulty]:
    """What units two levels below say and the units between have not sent up to the rollup's own.

    None for a country, to which nobody sends on.
    """
    if figures.own.is_country:
        return []
    said = _said(figures).filter(_two_below(figures.unit_code))
    return _in_order(figures, said.exclude(_is_passed_up(figures)))


def _said(figures: rollup.DayRollup) -> QuerySet[Revision]:
    said = Revision.objects.filter(report__day=figures.day, report__kind=Report.Kind.DAILY)
    said = said.filter(number=F("report__version")) if figures.as_of is None else last_by(said, figures.as_of)
    return said.exclude(note="")


def _two_below(code: str) -> Q:
    return Q(report__unit__parent__parent__code=code)


def _is_passed_up(figures: rollup.DayRollup) -> Q:
    if figures.as_of is None:
        return Q(report__passed_up__isnull=False)
    return Q(report__passed_up__at__lte=figures.as_of)


def _in_order(figures: rollup.DayRollup, said: QuerySet[Revision]) -> list[Difficulty]:
    """District by district, those of the units right below first."""
    own = figures.unit_code
    read = said.values_list("report__unit__code", "note", "report__passed_up__at", "report_id")
    notes = {code: about for code, *about in read}
    found = []
    for superior in [None, *figures.below(own)]:
        rows = figures.below(superior.code if superior else own)
        found += [Difficulty(superior, row, *notes[row.code]) for row in rows if row.code in notes]
    return found
