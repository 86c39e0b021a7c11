"""What is said up and down: reminders to the units below, and their difficulties sent on to the city."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.db.models import F, Q

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
        known_at = locking.known_from(at)
        passed = [PassedUp(report=report, by=by, at=known_at) for report in said.exclude(note="")]
        PassedUp.objects.bulk_create(passed, ignore_conflicts=True)


@dataclass(frozen=True)
class Difficulty:
    """What a unit's report of the day says of difficulties."""

    superior: rollup.Row | None  # who sent it up; None for a unit right below
    row: rollup.Row
    note: str
    passed_up_at: datetime | None


def difficulties(figures: rollup.DayRollup) -> list[Difficulty]:
    """Those of the units right below the rollup's own, and those that the units right below have sent up to it."""
    own = figures.unit_code
    is_passed_up = Q(report__passed_up__isnull=False)
    said = Revision.objects.filter(report__day=figures.day, report__kind=Report.Kind.DAILY)
    if figures.as_of is None:
        said = said.filter(number=F("report__version"))
    else:
        said = last_by(said, figures.as_of)
        is_passed_up = Q(report__passed_up__at__lte=figures.as_of)
    said = said.exclude(note="").filter(
        Q(report__unit__parent__code=own) | Q(is_passed_up, report__unit__parent__parent__code=own)
    )
    notes = {code: said for code, *said in said.values_list("report__unit__code", "note", "report__passed_up__at")}
    found = []
    for superior in [None, *figures.below(own)]:
        rows = figures.below(superior.code if superior else own)
        found += [Difficulty(superior, row, *notes[row.code]) for row in rows if row.code in notes]
    return found
