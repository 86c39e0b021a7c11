"""The figures of the reporting units and their sums up the tree: the only way from reports to a figure.

A parent is exactly the sum of its parts, its population too. Missing is not zero: a unit that has not reported keeps
its cumulative and is counted as carried forward; one that never reported adds nothing. Agencies, whose staff also live
in a commune, are never added to the population's figures.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import cached_property
from operator import attrgetter
from typing import Any, TypeVar

from ..days import hours_in_force
from ..days.status import END_OF_TIME, DayStatus
from ..deadline import DayHours, Order
from ..models import Unit
from ..models.units import end_of_chain
from . import fields
from .query import DEFAULT_TARGET_SHARE, Row, figures

T = TypeVar("T")
UNITS = ("expected", "reported", "on_time", "late", "waiting", "excused", "carried_forward")  # how many units
SUMS = dict.fromkeys(UNITS, sum) | {summed.name: summed.sum for summed in fields.SUMMED}
NOTHING = dict.fromkeys(UNITS, 0) | {summed.name: summed.nothing for summed in fields.SUMMED}
ByKey = dict[int | None, Row]  # by unit key; a unit without a successor or source looks up None, which is not in it
Only = Callable[[str], bool] | None  # the paths that get rows, None for all; every path is summed


@dataclass(frozen=True)
class DayRollup:
    """The rows of one day below one unit."""

    day: date
    hours: DayHours
    unit_code: str
    by_code: dict[str, Row]
    agency_total: Row | None  # the sum of the agencies below the unit, None without agencies
    as_of: datetime | None = None  # the instant at which the figures were known; None: now
    figures: Sequence[Row] = ()  # what the rows sum
    reported_days: Mapping[str, int] | None = None  # of a week: how many days have a report, by code
    at: datetime | None = field(default=None, compare=False)  # when they were seen

    @property
    def own(self) -> Row:
        return self.by_code[self.unit_code]

    def within(self, code: str) -> DayRollup:
        """The same rows seen from a unit below; without the sum of its agencies."""
        path = self.by_code[code].path
        below = {row.code: row for row in self.by_code.values() if row.path.startswith(path)}
        return replace(self, unit_code=code, by_code=below, agency_total=None)

    @cached_property
    def senders(self) -> list[Row]:
        """The reporting units whose sum is the unit's own row."""
        return [row for row in self.by_code.values() if row.is_reporting and row.is_agency == self.own.is_agency]

    @property
    def instant(self) -> datetime | None:
        """The instant as of which the same figures can be read again; None if they were read without one."""
        return self.as_of or self.at

    @property
    def order(self) -> Order | None:
        """The order in force on the day."""
        return self.hours.order

    def until(self, at: datetime) -> datetime:
        """The moment that a page calls "figures up to": that of the rows or `at`, or the last deadline if earlier.

        Of a country that of the rows or `at`: it has too many changes to name those after the deadline.
        """
        if self.own.is_country:
            return self.as_of or at
        return self.hours.figures_until(self.own.path, at=self.as_of or at)

    @property
    def children(self) -> list[Row]:
        """The rows right below the unit that add up to its own row: no agencies, unless the unit is one."""
        return [row for row in self.below(self.unit_code) if row.is_agency == self.own.is_agency]

    @property
    def confirming(self) -> list[Row]:
        """The units right below that owe a sign-off of the day: those with others below them, unless exempt."""
        return [row for row in self.children if not row.is_reporting and not self.hours.is_exempt(row.path)]

    def unsigned(self, signed: Collection[str]) -> list[Row]:
        """Those of `confirming` not in `signed`, the codes of units that have signed off."""
        return [row for row in self.confirming if row.code not in signed]

    @property
    def agencies(self) -> list[Row]:
        """Agencies that report to the unit; never in its sum."""
        return [] if self.own.is_agency else [row for row in self.below(self.unit_code) if row.is_agency]

    @cached_property
    def lowest(self) -> list[Row]:
        """The rows without rows below them: the reporting units, or the lowest level that was asked for."""
        above = {parent_path(row.path) for row in self.by_code.values()}
        return [row for row in self.by_code.values() if row.path not in above]

    @cached_property
    def reporting(self) -> list[Row]:
        """All reporting units, by superior and name, agencies last."""
        rows = [row for row in self.by_code.values() if row.is_reporting]
        return sorted(rows, key=lambda row: (row.is_agency, self.superior_key(row), row.sort_key, row.code))

    def of_level(self, level: str) -> list[Row]:
        """All units of a level, by superior and name."""
        rows = [row for row in self.by_code.values() if row.level == level]
        return sorted(rows, key=lambda row: (self.superior_key(row), row.sort_key, row.code))

    @cached_property
    def not_reported(self) -> list[Row]:
        """Reporting units that owe a report and have none, the unit's own first, then by superior and name."""
        return [row for row in self.reporting if row.not_reported]

    def below(self, code: str) -> list[Row]:
        """The rows right below a unit, in Vietnamese order."""
        return list(self._by_superior.get(self.by_code[code].path, ()))

    @cached_property
    def _by_superior(self) -> dict[str, list[Row]]:
        """The rows by the path of their superior."""
        found = defaultdict(list)
        for row in sorted(self.by_code.values(), key=lambda row: (row.sort_key, row.code)):
            found[parent_path(row.path)].append(row)
        return found

    def parent_of(self, row: Row) -> Row | None:
        codes = row.path.split("/")
        return self.by_code.get(codes[-3]) if len(codes) > 2 else None

    def superior_key(self, row: Row) -> str:
        """A key to sort rows by superior, those right below the unit first."""
        parent = self.parent_of(row)
        return parent.sort_key if parent and parent.code != self.unit_code else ""


def rows(
    unit: Unit, day: date, as_of: datetime | None = None, *, at: datetime | None = None, only: Only = None
) -> DayRollup:
    """The rollup of `day` below `unit`: its own row, those of all units below, and the sum of the agencies apart.

    With `as_of` the figures are those that counted by that instant, with the orders, names and base figures then.
    The status of the day is that at `as_of`, else at `at`; without both, the day is taken to be over.
    """
    return rows_of_days(unit, [day], as_of, at=at, only=only)[0]


def rows_of_days(
    unit: Unit, days: Sequence[date], as_of: datetime | None = None, *, at: datetime | None = None, only: Only = None
) -> list[DayRollup]:
    """The rollups of several days, in the order given. The number of queries depends on neither units nor days."""
    if not days:
        return []
    hours = hours_in_force.hours_of_days(days, as_of)
    by_day = figures(unit, days, as_of, at=as_of or at or END_OF_TIME, hours=hours)
    return [replace(_roll_up_day(unit, hours[day], by_day[day], as_of, only=only), at=at) for day in days]


def _roll_up_day(
    unit: Unit, hours: DayHours, found: Sequence[Row], as_of: datetime | None, *, only: Only = None
) -> DayRollup:
    """The rollup of the figures of one day below the unit."""
    share = hours.order.target_share if hours.order else DEFAULT_TARGET_SHARE
    by_code, agency_total = roll_up(found, root=unit.path, target_share=share, only=only)
    return DayRollup(hours.day, hours, unit.code, by_code, agency_total, as_of, found)


def earlier(unit: Unit, now: DayRollup, days: Sequence[date]) -> list[DayRollup]:
    """The counts of earlier days, summed over the units of `now` to compare growth; all else is as in `now`.

    A unit has its own figures and those of the units merged into it by now, under its superior of `now`.
    """
    hours = dict.fromkeys(days, now.hours)
    by_day = figures(unit, days, now.as_of, at=END_OF_TIME, hours=hours) if days else {}
    return [replace(_in_tree_of(unit, now, by_day[day]), day=day) for day in days]


def _in_tree_of(unit: Unit, now: DayRollup, past: Sequence[Row]) -> DayRollup:
    then: ByKey = {figure.unit_id: figure for figure in past}
    numbers = [one.name for one in (*fields.OF_DAY, *fields.RUNNING)]
    tree = [
        replace(figure, **{name: getattr(then[figure.unit_id], name) for name in numbers})
        for figure in now.figures
        if figure.unit_id in then
    ]
    for place, figure in enumerate(tree):  # a unit without a report had nothing to hand over
        source = then.get(figure.split_from_id)
        if figure.handed_over and (source is None or source.cumulative is None):
            tree[place] = replace(figure, handed_over=0)
    return _roll_up_day(unit, now.hours, tree, now.as_of)


def campaign_days(unit: Unit, today: date) -> list[date]:
    """The days from the campaign's start to today on which the unit was open, newest first."""
    start = hours_in_force.campaign_start()
    if start is None:
        return []
    days = [today - timedelta(days=back) for back in range((today - start).days + 1)]
    return [day for day in days if unit.is_open_on(day)]


def roll_up(
    units: Sequence[Row], *, root: str, target_share: Decimal, only: Only = None
) -> tuple[dict[str, Row], Row | None]:
    """Sum figures up the tree, level by level from the leaves. Pure: the same figures give the same rows.

    `units` are those at or below the path `root`, and all units with a successor or on either side of a split. Returns
    the rows of the units at or below `root` open on the day, by code, and the sum of its agencies (None without any).
    A row adds up only units of its own stream: residents' or agency staff.
    """
    is_open = {figure.path: figure for figure in units if figure.is_open and figure.path.startswith(root)}
    parents = {parent_path(path) for path in is_open}
    merged, handed_over = _moves(units)
    parts: dict[str, list[Sum]] = defaultdict(list)
    agencies: list[Sum] = []
    sums: dict[str, Sum] = {}
    for path in sorted(is_open, key=lambda path: path.count("/"), reverse=True):
        figure, above = is_open[path], parent_path(path)
        total = Sum.total(parts[path]) if path in parents else Sum.own(figure)
        if path in merged or path in handed_over:
            total = total.with_units_moved(merged.get(path, ()), handed_over.get(path))
        sums[path] = total
        if above in is_open and is_open[above].is_agency == figure.is_agency:
            parts[above].append(total)
        elif figure.is_agency:
            agencies.append(total)
    rows_by_code = {
        figure.code: sums[path].row(figure, target_share, is_reporting=path not in parents)
        for path, figure in is_open.items()
        if only is None or only(path)
    }
    if root not in is_open or not agencies:
        return rows_by_code, None
    return rows_by_code, Sum.total(agencies).row(is_open[root], target_share, is_reporting=False)


def parent_path(path: str) -> str:
    return path[: path.rstrip("/").rfind("/") + 1]


def _moves(units: Sequence[Row]) -> tuple[dict[str, list[Row]], Counter[str]]:
    """What mergers and splits brought each open unit, by path.

    First the closed units of its stream that were merged into it and have a cumulative. Then the installs that it got
    in splits, less those that it gave away.
    """
    by_id: ByKey = {figure.unit_id: figure for figure in units}
    merged, handed_over = defaultdict(list), Counter[str]()
    for figure in units:
        if not figure.is_open and figure.cumulative is not None:
            heir = _heir(figure, by_id)
            if heir is not None and heir.is_agency == figure.is_agency:
                merged[heir.path].append(figure)
        if figure.handed_over:
            source = by_id.get(figure.split_from_id)
            for unit, installs in ((figure, figure.handed_over), (source, -figure.handed_over)):
                holder = unit and _heir(unit, by_id)
                if holder:
                    handed_over[holder.path] += installs
    return merged, handed_over


def _heir(figure: Row, by_id: ByKey) -> Row | None:
    """The open unit where the chain of successors ends; None if it ends at no unit, or at one not in `by_id`."""

    def successor(unit: int) -> int | None:
        found = by_id.get(unit)
        return found.successor_id if found and not found.is_open else None

    heir = by_id.get(end_of_chain(figure.unit_id, successor))
    return heir if heir and heir.is_open else None


NO_REPORT: dict[str, Any] = {
    "status": None,
    "received_at": None,
    "version": 0,
    "carried_from": None,
    "carries_opening": False,
}
_summed = attrgetter(*fields.NAMES)
CUMULATIVE = list(SUMS).index(fields.CUMULATIVE.name)
_REPORTED = [(list(SUMS).index(one.name), one.name) for one in (*fields.OF_DAY, *fields.RUNNING)]


@dataclass(frozen=True, slots=True)
class Sum:
    """The sums of a row: numbers in the order of SUMS, and the days and sources of its populations."""

    numbers: tuple[int | None, ...]
    days: frozenset[date | None] = frozenset()
    sources: frozenset[str] = frozenset()

    @classmethod
    def own(cls, figure: Row) -> Sum:
        """The sum of a unit that reports for itself."""
        has_reported, status = figure.installs is not None, figure.status
        expected = int(figure.is_owed)
        reported = int(figure.is_owed and has_reported)
        counts = (
            expected,
            reported,
            int(reported and status is DayStatus.ON_TIME),
            int(reported and status is DayStatus.LATE),
            int(expected > reported and status is DayStatus.WAITING),
            int(expected > reported and status is DayStatus.EXCUSED),
            int(not has_reported and figure.cumulative is not None),
        )
        numbers = (*counts, *_summed(figure))
        return cls(numbers, frozenset([figure.population_on]), frozenset([figure.population_source]))

    @classmethod
    def total(cls, parts: Sequence[Sum]) -> Sum:
        if len(parts) == 1:
            return parts[0]
        columns = zip(*(part.numbers for part in parts), strict=True)
        numbers = tuple(add(column) for add, column in zip(SUMS.values(), columns, strict=False))
        days = frozenset().union(*(part.days for part in parts))
        sources = frozenset().union(*(part.sources for part in parts))
        return cls(numbers or tuple(NOTHING.values()), days, sources)

    def with_units_moved(self, closed: Sequence[Row], handed_over: int | None) -> Sum:
        """The sum plus the cumulatives of the `closed` units merged into it, and their numbers of the day.

        `handed_over` are the installs that it got in splits less those that it gave away; it may be negative.
        """
        numbers = list(self.numbers)
        for place, name in _REPORTED:
            numbers[place] = fields.known_sum([numbers[place], *(getattr(figure, name) for figure in closed)])
        if handed_over is not None:
            numbers[CUMULATIVE] = (numbers[CUMULATIVE] or 0) + handed_over
        return replace(self, numbers=tuple(numbers))

    def row(self, figure: Row, target_share: Decimal, *, is_reporting: bool) -> Row:
        """The unit's row; only that of a reporting unit has a report's fields."""
        numbers: dict[str, Any] = dict(zip(SUMS, self.numbers, strict=True))
        return replace(
            figure,
            target_share=target_share,
            is_reporting=is_reporting,
            population_on=_only(self.days),
            population_source=_only(self.sources) or "",
            **numbers | ({} if is_reporting else NO_REPORT),
        )


def _only(values: frozenset[T]) -> T | None:
    """The value if there is exactly one; None otherwise."""
    return next(iter(values)) if len(values) == 1 else None
