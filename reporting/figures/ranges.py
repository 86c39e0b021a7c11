"""The figures of many days, one day at a time: every reporting unit as the day's page has it, in a stream.

The tree is read where it changes (a unit opens or closes, a name or a base figure takes effect), with the cumulatives
up to the day before; between two changes each day adds its reports. So memory is that of one day, and the queries are
a handful however long the range.

This is a second summation beside the rollup, and earns its place: the rollup of the same days in chunks takes three to
four times as long (docs/benchmarks.md). A test compares the two, line by line.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby
from operator import itemgetter
from typing import NamedTuple

from django.db.models import Q

from ..days import hours_in_force
from ..hours.hours import DayHours
from ..models import BaseFigure, Report, Revision, Unit, UnitName
from . import discipline, fields, query, rollup
from .discipline import Outcome
from .query import last_by
from .rollup import Row

PART = 2000  # records fetched at a time
ONE_DAY = timedelta(days=1)
OF_A_REPORT = ("day", "unit_id", "kind")
OF_A_REVISION = ("is_late", *(field.column for field in fields.OF_DAY))
FIELDS = (*OF_A_REPORT, *OF_A_REVISION)


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A unit as it stands from one change of the tree to the next."""

    unit_id: int
    code: str
    path: str
    name: str
    superior: str  # the name of the unit right above; empty for the range's own
    group: str  # the code of the unit right below the range's own that it lies in, or is
    is_agency: bool
    population: int | None
    inherited: int | None = None  # what units closed into it had counted


NUMBERS = (fields.INSTALLS, fields.ADJUSTMENT, fields.CUMULATIVE, *fields.BESIDE)
_Line = NamedTuple(  # tens of thousands of them: a tuple is made in a third of the time of a dataclass
    "_Line",
    [
        ("place", Place),
        ("outcome", Outcome | None),  # None: not due, or a sum
        *((field.name, int | None) for field in NUMBERS),
    ],
)
_NUMBERS, _BESIDE = slice(-len(NUMBERS), None), slice(len(_Line._fields) - len(fields.BESIDE), None)


class RangeLine(_Line):
    """One unit on one day, or a sum of them: the day's figures of `fields`, None where nothing was reported."""

    __slots__ = ()

    @property
    def numbers(self) -> tuple[int | None, ...]:
        """In the order of NUMBERS."""
        return self[_NUMBERS]

    @property
    def beside(self) -> tuple[int | None, ...]:
        """In the order of `fields.BESIDE`."""
        return self[_BESIDE]

    @property
    def share(self) -> int | None:
        """In hundredths of a percent, cut: 2899 is 28,99%."""
        population = self.place.population
        return None if self.cumulative is None or not population else self.cumulative * 10_000 // population


@dataclass(frozen=True, slots=True)
class Sum:
    """The lines of one stream below a unit together; counts by what the day was for its units."""

    line: RangeLine
    counts: dict[Outcome, int]


@dataclass(frozen=True, slots=True)
class RangeDay:
    day: date
    lines: Sequence[RangeLine]  # residents' units by superior and name, then agencies
    tree: Tree

    def total(self, *, agencies: bool = False) -> Sum | None:
        """The sum of the unit's own stream, or of the agencies below it; None without any."""
        is_own = self.tree.own_is_agency if not agencies else True
        lines = [line for line in self.lines if line.place.is_agency == is_own]
        place = self.tree.agencies if agencies else self.tree.own
        return _sum(place, lines) if lines and place else None

    def groups(self) -> list[Sum]:
        """Residents' units right below the range's own, each the sum of its parts."""
        by_group = {place.code: [] for place in self.tree.groups}
        for line in self.lines:
            if line.place.group in by_group:
                by_group[line.place.group].append(line)
        return [_sum(place, by_group[place.code]) for place in self.tree.groups]


@dataclass(frozen=True, slots=True)
class Tree:
    """The units of the range from one change to the next."""

    own: Place | None  # None while the unit does not exist
    own_is_agency: bool
    agencies: Place | None  # all agencies together
    places: Sequence[Place]  # reporting units in their order
    groups: Sequence[Place]  # right below the own one, where others lie below them
    cumulative: dict[int, int | None]  # by unit, up to the day before; kept up from day to day


def read(unit: Unit, first: date, last: date, *, at: datetime, as_of: datetime | None = None) -> Iterator[RangeDay]:
    """The days from `first` to `last`, seen at `at`; with `as_of` as everything was known at that instant."""
    days = [first + ONE_DAY * number for number in range((last - first).days + 1)]
    hours, at = hours_in_force.of_days(days, as_of), as_of or at
    changes = _changes(first, last, as_of)
    by_day = groupby(_reported(unit, first, last, as_of), key=itemgetter(0))
    waiting = next(by_day, None)
    tree = None
    for day in days:
        if tree is None or day in changes:
            tree = _tree(unit, day, as_of)
        today = {}
        if waiting and waiting[0] == day:
            today = {record[1]: record for record in waiting[1]}
            waiting = next(by_day, None)
        yield RangeDay(day, _lines(tree, today, hours[day], at), tree)


def _lines(tree: Tree, today: dict[int, tuple], hours: DayHours, at: datetime) -> list[RangeLine]:
    lines, cumulatives = [], tree.cumulative
    daily = Report.Kind.DAILY.value
    nothing = [count.nothing for count in fields.BESIDE]
    alike = {late: discipline.outcome(hours, "", late, at=at) for late in (None, False, True)}
    for place in tree.places:
        unit_id = place.unit_id
        cumulative = cumulatives.get(unit_id)
        installs, adjustment, beside, is_late = None, 0, nothing, None
        if unit_id in today:
            _day, _unit, kind, was_late, reported, adjusted, *counted = today[unit_id]
            cumulative = cumulatives[unit_id] = (cumulative or 0) + (reported or 0) + adjusted
            if kind == daily:
                installs, adjustment, beside = reported, adjusted, counted
                is_late = None if reported is None else was_late
        if place.inherited is not None:
            cumulative = (cumulative or 0) + place.inherited
        outcome = alike[is_late] if hours.is_alike else discipline.outcome(hours, place.path, is_late, at=at)
        lines.append(RangeLine(place, outcome, installs, adjustment, cumulative, *beside))
    return lines


def _sum(place: Place, lines: Sequence[RangeLine]) -> Sum:
    counts = dict.fromkeys(Outcome, 0)
    for line in lines:
        if line.outcome:
            counts[line.outcome] += 1
    brought = [place.inherited if field is fields.CUMULATIVE else field.nothing for field in NUMBERS]
    columns = zip(brought, *(line.numbers for line in lines), strict=True)
    return Sum(RangeLine(place, None, *map(fields.known, columns)), counts)


def _changes(first: date, last: date, as_of: datetime | None) -> set[date]:
    """The days after the first on which the tree, a name or a base figure is another one than the day before."""
    span = (first, last)
    units = Unit.objects.filter(Q(opened_on__range=span) | Q(closed_on__range=span)).order_by()
    found = {day for pair in units.values_list("opened_on", "closed_on") for day in pair if day}
    for dated in (UnitName, BaseFigure):
        known = dated.objects.known(as_of)
        found |= set(known.filter(effective_on__range=span).order_by().values_list("effective_on", flat=True))
    return found


def _reported(unit: Unit, first: date, last: date, as_of: datetime | None) -> Iterator[tuple]:
    """What was reported below the unit, day by day: the fields of each report as they stood."""
    if as_of is None:
        reports = Report.objects.filter(unit__path__startswith=unit.path, day__range=(first, last))
        return reports.order_by("day").values_list(*FIELDS).iterator(chunk_size=PART)
    said = Revision.objects.filter(report__unit__path__startswith=unit.path, report__day__range=(first, last))
    then = (*(f"report__{name}" for name in OF_A_REPORT), *OF_A_REVISION)
    return last_by(said, as_of).order_by("report__day").values_list(*then).iterator(chunk_size=PART)


def _tree(unit: Unit, day: date, as_of: datetime | None) -> Tree:
    """The units as they stand on the day, by the same rollup as every page, and what each had the day before."""
    eve = day - ONE_DAY
    found = query.figures(unit, [eve, day], as_of)
    before = {figure.unit_id: figure.cumulative for figure in found[eve]}
    now = {figure.code: figure for figure in found[day]}
    rows, agency_total = rollup.roll_up(found[day], root=unit.path, target_share=rollup.DEFAULT_TARGET_SHARE)
    seen = rollup.DayRollup(day, DayHours(day=day), unit.code, rows, agency_total, as_of)
    if unit.code not in rows:
        return Tree(None, unit.is_agency, None, [], [], before)

    def place(row: Row, parts: Sequence[Row] | None = None) -> Place:
        """Of a reporting unit, or of a sum of parts."""
        own = now[row.code].cumulative if parts is None else fields.known([part.cumulative for part in parts])
        parent = seen.parent_of(row)
        return Place(
            unit_id=now[row.code].unit_id,
            code=row.code,
            path=row.path,
            name=row.name,
            superior=parent.name if parent else "",
            group=row.path.removeprefix(unit.path).split("/")[0] or row.code,
            is_agency=row.is_agency,
            population=row.population,
            inherited=None if row.cumulative in (None, own) else row.cumulative - (own or 0),
        )

    groups = [] if all(row.is_reporting for row in seen.children) else seen.children
    ordered = sorted(
        (row for row in rows.values() if row.is_reporting),
        key=lambda row: (row.is_agency, seen.superior_key(row), row.sort_key, row.code),
    )
    return Tree(
        own=place(seen.own, _reporting(rows, unit.path, agencies=unit.is_agency)),
        own_is_agency=unit.is_agency,
        agencies=place(agency_total, _reporting(rows, unit.path, agencies=True)) if seen.agencies else None,
        places=[place(row) for row in ordered],
        groups=[place(row, _reporting(rows, row.path, agencies=False)) for row in groups],
        cumulative=before,
    )


def _reporting(rows: dict[str, Row], under: str, *, agencies: bool) -> list[Row]:
    is_below = (row for row in rows.values() if row.is_reporting and row.path.startswith(under))
    return [row for row in is_below if row.is_agency == agencies]
