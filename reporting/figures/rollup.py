"""One truth: the figures of the reporting units, and the pure sum of them up the tree.

A parent is exactly the sum of its parts, its population too. Missing is not zero: a unit that has not reported keeps
its cumulative and is counted as carried forward; one that never reported adds nothing. Agencies, whose staff also live
in a commune, are never added to the population's figures.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from decimal import ROUND_CEILING, ROUND_DOWN, Decimal
from enum import StrEnum
from functools import cached_property
from operator import attrgetter
from typing import NamedTuple

from ..days import hours_in_force
from ..hours.hours import DayHours
from ..models import Directive, Unit
from ..models.levels import OfALevel
from ..models.map_place import MapPlace
from . import fields
from .query import Figure, figures

DEFAULT_TARGET_SHARE = Directive._meta.get_field("target_share").default  # without an order
UNITS = ("expected", "reported", "on_time", "late", "carried_forward")  # how many units, in a row and in its sum
SUMS = dict.fromkeys(UNITS, sum) | {summed.name: summed.sum for summed in fields.SUMMED}
NOTHING = dict.fromkeys(UNITS, 0) | {summed.name: summed.nothing for summed in fields.SUMMED}
SHARE_STEP = Decimal("0.0001")  # shares are cut to hundredths of a percent, never rounded up to a target


class DayStatus(StrEnum):
    ON_TIME = "on_time"
    LATE = "late"
    MISSING = "missing"
    EXEMPT = "exempt"  # not reported, and nothing was due


@dataclass(frozen=True, slots=True, kw_only=True)
class Row(fields.Summed, OfALevel):
    """A unit's figures of a day, as page, chart and workbook print them: those of `fields`, and whose they are.

    Missing, None, is of the day's counts that nobody reported, of the cumulative that nobody ever reported, of a base
    figure that one of the parts lacks it.
    """

    unit_id: int
    code: str
    level: str
    path: str
    name: str
    kind: str
    short_name: str  # without the kind
    sort_key: str
    phone: str
    opened_on: date | None
    target_share: Decimal
    is_reporting: bool
    status: DayStatus | None  # of a reporting unit
    received_at: datetime | None
    carried_from: date | None
    carries_opening: bool
    expected: int  # units that owe a report
    reported: int  # of these, how many sent it
    on_time: int
    late: int
    carried_forward: int  # units counted with an earlier cumulative
    region: str = ""  # of many units right below one, as things stand now
    version: int = 0  # of a reporting unit's report of the day: corrected, if more than 1
    place: MapPlace | None = None  # on the map of the units beside it, as things stand now
    population_on: date | None = None  # the day that the population speaks of; None if the parts' days differ
    population_source: str = ""  # empty if the parts' sources differ

    @property
    def missing(self) -> int:
        return self.expected - self.reported

    @property
    def share(self) -> Decimal | None:
        """Cumulative over population, cut to four places: 59,996 % is 0.5999."""
        return share_of(self.cumulative, self.population)

    @property
    def smartphone_share(self) -> Decimal | None:
        """Cumulative over the people who use a smartphone."""
        return share_of(self.cumulative, self.smartphone_users)

    @property
    def target(self) -> int | None:
        """Installs that reach the target share of the row's own population, rounded up."""
        if not self.population:
            return None
        return int((self.population * self.target_share).to_integral_value(ROUND_CEILING))

    @property
    def missing_to_target(self) -> int | None:
        """Installs still to go; never negative. A unit that never reported has all of them before it."""
        if self.target is None:
            return None
        return max(self.target - (self.cumulative or 0), 0)

    @property
    def is_target_reached(self) -> bool:
        return self.missing_to_target == 0


def share_of(cumulative: int | None, population: int | None) -> Decimal | None:
    """Cumulative over population, cut to four places; None where one of them is not known."""
    if cumulative is None or not population:
        return None
    return (Decimal(cumulative) / population).quantize(SHARE_STEP, ROUND_DOWN)


class Apart(NamedTuple):
    """Those that the unit's own row is the sum of, where not all of them have a row."""

    units: int
    reported: frozenset[str]  # the codes of who has reported the day


@dataclass(frozen=True)
class DayRollup:
    """The rows of one day below one unit."""

    day: date
    hours: DayHours
    unit_code: str
    by_code: dict[str, Row]
    agency_total: Row | None  # the sum of the agencies below the unit, None without agencies
    as_of: datetime | None = None  # the figures are as they were known at this instant; None: now
    apart: Apart | None = None  # who reports, where not all of them have a row (`overall`)
    owing_apart: Mapping[bool, Sequence[str]] | None = None  # of the same, who owes a report: see `owing`

    @property
    def own(self) -> Row:
        return self.by_code[self.unit_code]

    def within(self, code: str) -> DayRollup:
        """The same rows seen from a unit below; without the sum of its agencies."""
        path = self.by_code[code].path
        below = {row.code: row for row in self.by_code.values() if row.path.startswith(path)}
        return replace(self, unit_code=code, by_code=below, agency_total=None)

    @cached_property
    def senders(self) -> Apart:
        """The reporting units that the unit's own row is the sum of."""
        if self.apart:
            return self.apart
        rows = [row for row in self.by_code.values() if row.is_reporting and row.is_agency == self.own.is_agency]
        return Apart(len(rows), frozenset(row.code for row in rows if row.installs is not None))

    @cached_property
    def owing(self) -> Mapping[bool, Sequence[str]]:
        """The paths of who owes a report and has not sent it: those of agencies at True, all others' at False."""
        if self.owing_apart is not None:
            return self.owing_apart
        missing = self.missing
        return {agency: [row.path for row in missing if row.is_agency == agency] for agency in (False, True)}

    @property
    def directive(self) -> Directive | None:
        """The order in force on the day."""
        return self.hours.order

    def until(self, at: datetime) -> datetime:
        """The moment that the figures speak of, seen at `at`: the last hour of what is shown, once it has passed."""
        return self.hours.figures_until(self.own.path, at=self.as_of or at)

    @property
    def children(self) -> list[Row]:
        """The rows right below the unit that its own row is the sum of."""
        return [row for row in self.below(self.unit_code) if row.is_agency == self.own.is_agency]

    @property
    def agencies(self) -> list[Row]:
        """Agencies that report to the unit; apart, never in its sum."""
        return [] if self.own.is_agency else [row for row in self.below(self.unit_code) if row.is_agency]

    @property
    def missing(self) -> list[Row]:
        """Reporting units that owe a report and have not sent it, the unit's own first, then by superior and name."""
        if self.owing_apart is not None:
            raise LookupError("Not all of the missing have a row: ask who is `owing`.")
        silent = [row for row in self.by_code.values() if row.status is DayStatus.MISSING]
        return sorted(silent, key=lambda row: (row.is_agency, self.superior_key(row), row.sort_key))

    def below(self, code: str) -> list[Row]:
        """The rows right below a unit, in Vietnamese order."""
        return list(self._by_superior.get(self.by_code[code].path, ()))

    @cached_property
    def _by_superior(self) -> dict[str, list[Row]]:
        """By the path of the unit right above them."""
        found = defaultdict(list)
        for row in sorted(self.by_code.values(), key=lambda row: (row.sort_key, row.code)):
            found[parent_path(row.path)].append(row)
        return found

    def parent_of(self, row: Row) -> Row | None:
        codes = row.path.split("/")
        return self.by_code.get(codes[-3]) if len(codes) > 2 else None

    def superior_key(self, row: Row) -> str:
        """What sorts rows by their superiors, those of the unit itself first."""
        parent = self.parent_of(row)
        return parent.sort_key if parent and parent.code != self.unit_code else ""


def rows(unit: Unit, day: date, as_of: datetime | None = None) -> DayRollup:
    """The rollup of `day` below `unit`: the unit's own row, those under it, the agencies apart.

    With `as_of` the figures are those that counted by that instant, under the orders, names and base figures of then.
    """
    return rows_of_days(unit, [day], as_of)[0]


def rows_of_days(unit: Unit, days: Sequence[date], as_of: datetime | None = None) -> list[DayRollup]:
    """The rollups of several days, in the order given. The number of queries depends on neither units nor days."""
    hours = hours_in_force.of_days(days, as_of)
    figures_by_day = figures(unit, days, as_of, hours=hours)
    rollups = []
    for day in days:
        order = hours[day].order
        share, is_due = order.target_share if order else DEFAULT_TARGET_SHARE, order is not None
        by_code, agency_total = roll_up(figures_by_day[day], root=unit.path, target_share=share, is_due=is_due)
        rollups.append(DayRollup(day, hours[day], unit.code, by_code, agency_total, as_of))
    return rollups


def campaign_days(unit: Unit, today: date) -> list[date]:
    """The days that a report was or is asked for while the unit existed, newest first."""
    start = hours_in_force.campaign_start()
    if start is None:
        return []
    days = [today - timedelta(days=back) for back in range((today - start).days + 1)]
    return [day for day in days if unit.is_open_on(day)]


def roll_up(
    units: Sequence[Figure], *, root: str, target_share: Decimal, is_due: bool = True
) -> tuple[dict[str, Row], Row | None]:
    """Sum figures up the tree. Pure: the same figures give the same rows.

    `units` are those at or below the path `root` and the closed ones elsewhere that have a successor. Returns the rows
    by code of all units at or below `root` that are open on the day, and the sum of the agencies among them
    (None without agencies). A row adds up only units of its own stream: residents' or agency staff.
    """
    is_open = {figure.path: figure for figure in units if figure.is_open and figure.path.startswith(root)}
    parents = {parent_path(path) for path in is_open}
    totals = {path: Total() for path in is_open}
    agency_total = Total()

    def add(path: str, part: Part | int) -> None:
        is_agency = is_open[path].is_agency
        if is_agency:
            agency_total.add(part)
        while path in is_open and is_open[path].is_agency == is_agency:
            totals[path].add(part)
            path = parent_path(path)

    for path, figure in is_open.items():
        if path not in parents:
            add(path, part_of(figure, is_due=is_due))
    for heir, figure in _ended(units):
        if heir.path in is_open and _is_same_stream(heir, figure):
            add(heir.path, figure.cumulative)

    rows_by_code = {}
    for path, figure in is_open.items():
        is_reporting = path not in parents
        status = status_of(figure, is_due) if is_reporting else None
        rows_by_code[figure.code] = totals[path].row(figure, target_share, is_reporting=is_reporting, status=status)
    if root not in is_open or not any(figure.is_agency for figure in is_open.values()):
        return rows_by_code, None
    return rows_by_code, agency_total.row(is_open[root], target_share, is_reporting=False, status=None)


def parent_path(path: str) -> str:
    return path[: path.rstrip("/").rfind("/") + 1]


def _ended(units: Sequence[Figure]) -> Iterator[tuple[Figure, Figure]]:
    """The closed units that had counted something, each after the open one that it has ended in."""
    by_id = {figure.unit_id: figure for figure in units}
    for figure in units:
        if not figure.is_open and figure.cumulative is not None:
            heir = _heir(figure, by_id)
            if heir is not None:
                yield heir, figure


def _heir(figure: Figure, by_id: dict[int, Figure]) -> Figure | None:
    """The open unit at which the chain of successors ends; None if it ends nowhere or outside."""
    seen = set()
    while not figure.is_open:
        if figure.successor_id is None or figure.unit_id in seen:
            return None
        seen.add(figure.unit_id)
        figure = by_id.get(figure.successor_id)
        if figure is None:
            return None
    return figure


def _is_same_stream(one: Figure, other: Figure) -> bool:
    return one.is_agency == other.is_agency


def status_of(figure: Figure, is_due: bool) -> DayStatus | None:
    if figure.installs is not None:
        return DayStatus.LATE if figure.is_late else DayStatus.ON_TIME
    if figure.is_exempt:
        return DayStatus.EXEMPT
    return DayStatus.MISSING if is_due else None


class Part(NamedTuple):
    """A reporting unit in the sums above it, or several that were summed before."""

    numbers: tuple[int | None, ...]  # in the order of SUMS
    population_on: date | None
    population_source: str


_summed = attrgetter(*fields.NAMES)


def part_of(figure: Figure, *, is_due: bool) -> Part:
    has_reported = figure.installs is not None
    expected = int(is_due and not figure.is_exempt)
    reported = expected if has_reported else 0
    late = reported if figure.is_late else 0
    carried_forward = int(not has_reported and figure.cumulative is not None)
    numbers = (expected, reported, reported - late, late, carried_forward, *_summed(figure))
    return Part(numbers, figure.population_on, figure.population_source)


@dataclass(slots=True)
class Total:
    """What a row adds up: the reporting units in it, and the cumulatives of closed ones that ended in them."""

    parts: list[tuple[int | None, ...]] = field(default_factory=list)
    ended: list[int] = field(default_factory=list)
    days: set[date | None] = field(default_factory=set)  # that the populations speak of
    sources: set[str] = field(default_factory=set)

    def add(self, part: Part | int) -> None:
        if isinstance(part, int):
            self.ended.append(part)
            return
        self.parts.append(part.numbers)
        self.days.add(part.population_on)
        self.sources.add(part.population_source)

    @property
    def numbers(self) -> dict[str, int | None]:
        if len(self.parts) == 1:
            found = dict(zip(SUMS, self.parts[0], strict=True))
        else:
            columns = zip(*self.parts, strict=True)
            found = NOTHING | {name: SUMS[name](column) for name, column in zip(SUMS, columns, strict=False)}
        if self.ended:
            found["cumulative"] = sum(self.ended, found["cumulative"] or 0)
        return found

    def row(self, figure: Figure, target_share: Decimal, *, is_reporting: bool, status: DayStatus | None) -> Row:
        return Row(
            unit_id=figure.unit_id,
            code=figure.code,
            level=figure.level,
            path=figure.path,
            name=figure.name,
            kind=figure.kind,
            short_name=figure.short_name,
            sort_key=figure.sort_key,
            phone=figure.phone,
            opened_on=figure.opened_on,
            region=figure.region,
            place=figure.place,
            target_share=target_share,
            is_reporting=is_reporting,
            status=status,
            received_at=figure.received_at if is_reporting else None,
            version=figure.version if is_reporting else 0,
            carried_from=figure.carried_from if is_reporting else None,
            carries_opening=figure.carries_opening and is_reporting,
            population_on=_only(self.days - {None}),
            population_source=_only(self.sources - {""}) or "",
            **self.numbers,
        )


def _only(found: set):
    """What all parts agree in."""
    return next(iter(found)) if len(found) == 1 else None
