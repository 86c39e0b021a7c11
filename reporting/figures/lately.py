"""What the last days brought below a unit, for its pace: reports, those of several days, those of merged units."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime

from django.db.models import Q

from ..models import Report, Revision, Unit
from . import pace
from .days_before import OfDay
from .pace import Lately, Span
from .query import last_by
from .rollup import DayRollup, Row


def of(unit: Unit, days: Sequence[OfDay], as_of: datetime | None) -> Lately:
    """Of the days, oldest first, which are the unit's and seen at one moment.

    What units had reported that have ended below the unit counts there on the days before too, as it does in the sum.
    """
    dates = [of_day.day for of_day in days]
    joined, left = moved_units(unit, dates[-1])
    moved = _moved_installs(joined, left, dates, as_of) if joined or left else Counter()
    spans = _spans(unit, dates, as_of, joined=joined, left=left)
    return Lately([_of_day(of_day, moved[of_day.day]) for of_day in days], spans)


def of_several_days(figures: DayRollup) -> list[tuple[Row, date]]:
    """Whose report of the day is of several days, with the first of them; district by district."""
    below = Q(unit__path__startswith=figures.own.path)
    found = _reports(below, [figures.day], figures.as_of, covers_from__isnull=False)
    codes = dict(Unit.objects.filter(pk__in=[unit_id for unit_id, *_rest in found]).values_list("pk", "code"))
    spans = {codes[unit_id]: first for unit_id, _day, first, _installs in found}
    rows = [row for code, row in figures.by_code.items() if code in spans]
    rows.sort(key=lambda row: (row.is_agency, figures.superior_key(row), row.sort_key))
    return [(row, spans[row.code]) for row in rows]


def _of_day(of_day: OfDay, moved: int) -> pace.OfDay:
    own = of_day.own
    installs = own.installs if own.installs is None and not moved else (own.installs or 0) + moved
    return pace.OfDay(of_day.day, installs, of_day.reported, own.expected)


def moved_units(unit: Unit, day: date) -> tuple[set[int], set[int]]:
    """The closed units from elsewhere that have ended at or below the unit by the day, and those that left it so."""
    heirs = Unit.objects.heirs(day)
    if not heirs:
        return set(), set()
    below = Unit.objects.filter(path__startswith=unit.path)
    inside = set((below if unit.is_agency else below.residents()).values_list("pk", flat=True))
    joined = {closed for closed, heir in heirs.items() if heir in inside and closed not in inside}
    return joined, {closed for closed, heir in heirs.items() if closed in inside and heir not in inside}


def _moved_installs(joined: set[int], left: set[int], days: Sequence[date], as_of: datetime | None) -> Counter:
    """By day what the rows of the unit lack of it, less what is no longer its own."""
    found = Counter()
    for unit_id, day, _first, installs in _reports(Q(unit__in=joined | left), days, as_of):
        found[day] += installs if unit_id in joined else -installs
    return found


def _spans(unit: Unit, days: Sequence[date], as_of: datetime | None, *, joined: set[int], left: set[int]) -> list[Span]:
    level = {"unit__level": Unit.Level.AGENCY}
    below = Q(unit__path__startswith=unit.path) & (Q(**level) if unit.is_agency else ~Q(**level))
    of_several = (below | Q(unit__in=joined)) & ~Q(unit__in=left)
    found = _reports(of_several, days, as_of, covers_from__isnull=False)
    return [Span(first, day, installs) for _unit, day, first, installs in found]


def _reports(units: Q, days: Sequence[date], as_of: datetime | None, **conditions) -> list[tuple[int, date, date, int]]:
    """Unit, day, the first day that it counts, and installs of each daily report."""
    asked = Report.objects.filter(units, kind=Report.Kind.DAILY, day__range=(days[0], days[-1]))
    if as_of is None:
        said = asked.filter(installs__isnull=False, **conditions)
        return list(said.values_list("unit_id", "day", "covers_from", "installs"))
    said = last_by(Revision.objects.filter(report__in=asked), as_of).filter(installs__isnull=False, **conditions)
    return list(said.values_list("report__unit_id", "report__day", "covers_from", "installs"))
