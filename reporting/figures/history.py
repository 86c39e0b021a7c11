"""A unit's recent days, in the tree of the last one: for trends, means and bars.

The last day is a rollup. For each earlier day only its reports are summed; its cumulative is that of the next day less
what the next day added. Merged units count under the unit that holds their people on the last day.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import cache, cached_property
from operator import attrgetter
from typing import NamedTuple

from django.db.models import Count, Min, Q

from ..days import hours_in_force
from ..deadline import DayHours
from ..models import Report, Unit
from ..models.levels import Level
from ..models.units import moved_units
from .pace import PastDay, RecentDays
from .query import Row, report_rows, share_of, spans
from .rates import WINDOW, Rates, Span, rates
from .rollup import DayRollup, parent_path


class _Sent(NamedTuple):
    """A report: the columns that are read of it."""

    unit: int
    day: date
    kind: str
    covers_from: date | None
    installs: int | None
    adjustment: int

    @property
    def is_counted(self) -> bool:
        """Whether it is a report of its day, with installs."""
        return self.installs is not None and self.kind == Report.Kind.DAILY

    @property
    def added(self) -> int:
        """What it adds to the cumulative."""
        return (self.installs or 0) + self.adjustment

    @property
    def span(self) -> Span:
        return Span(self.covers_from or self.day, self.day, self.installs or 0)


def history(unit: Unit, now: DayRollup, days: Sequence[date]) -> RecentDays:
    """The `days`, oldest first, up to the day of `now` and as of its instant, in a fixed number of queries."""
    tree, as_of = _Tree.of_day(unit, now), now.as_of
    hours = hours_in_force.hours_of_days(days, as_of)
    by_day: dict[date, list[_Sent]] = defaultdict(list)
    for one in _sent(tree, min(days[0], now.day - timedelta(days=WINDOW)), now):
        by_day[one.day].append(one)
    added = {day: sum(one.added for one in sent) for day, sent in by_day.items()}
    first = cache(lambda: _first_reported(tree.members, now))
    cumulatives = _cumulatives(now.own, days, added, _handed_since(tree.handed, now), first)
    not_owed, found = _not_owed(tree, hours, as_of), []
    for day, cumulative in zip(days, cumulatives, strict=True):
        counted, due = [one for one in by_day[day] if one.is_counted], tree.due(hours[day])
        found.append(
            PastDay(
                day=day,
                installs=sum(one.installs or 0 for one in counted) if counted else None,
                adjustment=sum(one.adjustment for one in by_day[day] if one.kind == Report.Kind.DAILY),
                cumulative=cumulative,
                share=share_of(cumulative, now.own.population),
                target=now.own.target,
                due=due,
                reported=min(len(counted) - not_owed.get(day, 0), due),
            )
        )
    several = [one.span for one in by_day[now.day] if one.is_counted and one.covers_from]
    return RecentDays(
        days=found,
        spans=sorted(several, key=attrgetter("first", "installs")),
        rates=_rates(tree, now, hours, by_day),
        below=_shares_below(tree, now, days, by_day),
        restated_on={day for day in _days_of_change(tree, now) if day and days[0] < day <= now.day},
    )


def _sent(tree: _Tree, first: date, now: DayRollup) -> Iterator[_Sent]:
    """The reports from the first day on that count in the unit's own row."""
    stored = report_rows(tree.members & Q(day__range=(first, now.day)), now.as_of)
    columns = (f"{stored.prefix}{name}" for name in ("unit_id", "day", "kind"))
    return (_Sent(*one) for one in stored.rows.values_list(*columns, "covers_from", "installs", "adjustment"))


def _cumulatives(
    row: Row,
    days: Sequence[date],
    added: Mapping[date, int],
    handed: Sequence[tuple[date, int]],
    first_reported: Callable[[], date] = lambda: date.max,
) -> list[int | None]:
    """The row's cumulatives on the days; a 0 before the first report is not known."""
    found, cumulative = [], row.cumulative
    for day in reversed(days):
        counted = cumulative
        if counted is not None:  # units that had not reported yet had nothing to hand over
            counted -= sum(installs for first, installs in handed if day < first)
        found.append(None if counted == 0 and day < first_reported() else counted)
        cumulative = None if cumulative is None else cumulative - added.get(day, 0)
    return found[::-1]


def _handed_since(handed: Mapping[int, Mapping[date, int]], now: DayRollup) -> list[tuple[date, int]]:
    return [(_first_reported(Q(unit=source), now), sum(by_day.values())) for source, by_day in handed.items()]


def _shares_below(
    tree: _Tree, now: DayRollup, days: Sequence[date], by_day: Mapping[date, Sequence[_Sent]]
) -> dict[str, list[Decimal | None]]:
    """The shares of the units right below on the days, by code."""
    below: dict[int, str] = {}
    own: dict[str, set[int]] = defaultdict(set)
    for pk, row in [*((row.unit_id, row) for row in tree.senders), *tree.joined.items()]:
        below[pk] = row.path.removeprefix(now.own.path).partition("/")[0]
        own[below[pk]].add(pk)
    added: dict[str, Counter[date]] = defaultdict(Counter)
    for day, sent in by_day.items():
        for one in sent:
            added[below.get(one.unit, "")][day] += one.added
    found = {}
    for row in now.children:
        handed = _handed_since(_handed(own[row.code], now.day), now)
        cumulatives = _cumulatives(row, days, added[row.code], handed)
        found[row.code] = [share_of(cumulative, row.population) for cumulative in cumulatives]
    return found


def _rates(
    tree: _Tree, now: DayRollup, hours: Mapping[date, DayHours], by_day: Mapping[date, Sequence[_Sent]]
) -> Rates:
    """The rates of the unit and of those right below it; a closed unit's reports count for the unit that it joined."""
    first = now.day - timedelta(days=WINDOW)
    reports: dict[int, list[Span]] = defaultdict(list)
    for one in (one for day, sent in by_day.items() if first <= day < now.day for one in sent if one.is_counted):
        counts_for = tree.joined[one.unit].unit_id if one.unit in tree.joined else one.unit
        reports[counts_for].append(one.span)
    of_window = [hours[day] for day in hours if first <= day < now.day]

    def days_due(row: Row) -> int:
        opened = row.opened_on or date.min
        return sum(opened <= one.day and one.is_due(row.path) for one in of_window)

    return rates(tree.senders, reports, top=now.own, day=now.day, days_due=days_due)


def _first_reported(members: Q, now: DayRollup) -> date:
    """The first day with a report."""
    stored = report_rows(members & Q(day__lte=now.day), now.as_of)
    return stored.rows.aggregate(first=Min(f"{stored.prefix}day"))["first"] or date.max


class _Reporter(NamedTuple):
    """A unit that reports for itself, or did until it was merged into such a unit."""

    unit_id: int
    path: str
    opened: date
    closed: date


def _above(path: str) -> Iterator[str]:
    while path := parent_path(path):
        yield path


@dataclass(frozen=True)
class _Tree:
    """The units below one unit on the day, and the row right below it in which each one counts."""

    unit: Unit
    day: date
    senders: Sequence[Row]  # the reporting units that the unit's own row adds up
    joined: Mapping[int, Row]  # the sender that a unit was merged into, by closed unit
    closed: Collection[int]  # all closed units that have a successor, by key
    reporters: Sequence[_Reporter]  # the senders and the joined
    endings: Sequence[tuple[int, str, date]]  # keys and paths of closed units, and the first day without them
    handed: Mapping[int, Mapping[date, int]]  # what splits gave the own row, by source and day; negative if taken

    @classmethod
    def of_day(cls, unit: Unit, now: DayRollup) -> _Tree:
        heirs = Unit.objects.heirs(now.day)
        by_id = {row.unit_id: row for row in now.senders} if heirs else {}
        joined = {closed: by_id[heir] for closed, heir in heirs.items() if heir in by_id}
        reporters = [_Reporter(row.unit_id, row.path, row.opened_on or date.min, date.max) for row in now.senders]
        if joined:  # no agency's count moves to a commune
            of_stream = Q(level=Level.AGENCY) if unit.is_agency else ~Q(level=Level.AGENCY)
            found = Unit.objects.filter(of_stream, pk__in=joined).order_by()
            lives = found.values_list("pk", "path", "opened_on", "closed_on")
            ended = [_Reporter(pk, path, start or date.min, end or date.max) for pk, path, start, end in lives]
            joined = {one.unit_id: joined[one.unit_id] for one in ended}
            reporters += ended
        handed = _handed({row.unit_id for row in now.senders} | joined.keys(), now.day)
        return cls(unit, now.day, now.senders, joined, list(heirs), reporters, moved_units().endings, handed)

    @property
    def below(self) -> Q:
        """The reports of the units below the unit, agencies too, but not of those that open later.

        Below the top, the database finds the units first, then their days: it does not read all reports of the days.
        """
        if not self.unit.is_superior_level:
            return Q(unit=self.unit.pk)
        is_opened = Q(unit__opened_on=None) | Q(unit__opened_on__lte=self.day)
        below = Q(unit__path__startswith=self.unit.path) & is_opened
        if self.unit.parent_id:
            opened = Q(opened_on=None) | Q(opened_on__lte=self.day)
            below = Q(unit__in=Unit.objects.below(self.unit).filter(opened).order_by().values("pk"))
        return below & ~Q(unit__in=self.closed) if self.closed else below

    @property
    def members(self) -> Q:
        """The reports that count in the unit's own row."""
        agency = Q(unit__level=Level.AGENCY)
        own = self.below & (agency if self.unit.is_agency else ~agency)
        return own | Q(unit__in=self.joined) if self.joined else own

    def due(self, hours: DayHours) -> int:
        """How many units of the day owed a report of it."""
        if hours.order is None:
            return 0
        above = {up for _pk, path, ended in self.endings if hours.day < ended for up in _above(path)}
        if hours.is_uniform and not above:
            lives = self.lives.items()
            return sum(n for (opened, closed), n in lives if opened <= hours.day < closed)
        there = [one for one in self.reporters if one.opened <= hours.day < one.closed and one.path not in above]
        return sum(hours.is_due(one.path) for one in there)

    @cached_property
    def lives(self) -> Counter[tuple[date, date]]:
        """How many reporters have each pair of opening and closing day."""
        return Counter((one.opened, one.closed) for one in self.reporters)


def _handed(own: Collection[int], day: date) -> dict[int, Counter[date]]:
    """What splits up to the day gave these units, by source and day; negative if they gave it."""
    handed: dict[int, Counter[date]] = defaultdict(Counter)
    for split in moved_units().splits:
        if split.day <= day and (split.unit in own) != (split.source in own):
            handed[split.source][split.day] += split.installs if split.unit in own else -split.installs
    return handed


def _not_owed(tree: _Tree, hours: Mapping[date, DayHours], as_of: datetime | None) -> dict[date, int]:
    """How many units sent a report that they did not owe, by day; no query if all owed one."""
    wanted = Q()
    for day, of_day in hours.items():
        exempt = [] if of_day.is_uniform else [one.unit_id for one in tree.reporters if not of_day.is_due(one.path)]
        if exempt:
            wanted |= Q(day=day, unit__in=exempt)
    if not wanted:
        return {}
    stored = report_rows(wanted & Q(kind=Report.Kind.DAILY), as_of)
    counted = stored.rows.filter(installs__isnull=False).values_list(f"{stored.prefix}day")
    return dict(counted.annotate(n=Count("pk")))


def multi_day_reports(figures: DayRollup) -> list[tuple[Row, date]]:
    """The units whose report of the day covers several days, and the first of these, by district."""
    several = spans(Q(unit__path__startswith=figures.own.path, day=figures.day), figures.as_of)
    first = {code: first for code, first, *_day in several}
    return [(row, first[row.code]) for row in figures.reporting if row.code in first]


def _days_of_change(tree: _Tree, now: DayRollup) -> set[date | None]:
    """The days on which people, or installs of other units, came to the unit: earlier papers counted without them."""
    handed = {day for by_day in tree.handed.values() for day in by_day}
    inside = tree.unit.path
    joined = {day for pk, path, day in tree.endings if pk in tree.joined and not path.startswith(inside)}
    return handed | joined | {row.population_on for row in now.senders}
