"""What is said up and down: reminders to the units below, and their difficulties sent on to the city."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.db.models import Q

from .. import rollup, state
from ..acts import Act
from ..models import PassedUp, Reminder, Report, Unit, User
from .shared import demand, demand_own


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
        passed = [PassedUp(report=report, by=by, at=at) for report in said.exclude(note="")]
        PassedUp.objects.bulk_create(passed, ignore_conflicts=True)


@dataclass(frozen=True)
class Difficulty:
    """What a unit's report of the day says of difficulties."""

    superior: rollup.Row | None  # who sent it up; None for a unit right below
    row: rollup.Row
    report: Report


def difficulties(figures: rollup.DayRollup) -> list[Difficulty]:
    """Those of the units right below the rollup's own, and those that the units right below have sent up to it."""
    own = figures.unit_code
    said = Report.objects.filter(day=figures.day, kind=Report.Kind.DAILY).exclude(note="")
    said = said.filter(Q(unit__parent__code=own) | Q(unit__parent__parent__code=own, passed_up__isnull=False))
    by_code = {report.unit.code: report for report in said.select_related("unit", "passed_up")}
    found = []
    for superior in [None, *figures.below(own)]:
        rows = figures.below(superior.code if superior else own)
        found += [Difficulty(superior, row, by_code[row.code]) for row in rows if row.code in by_code]
    return found
