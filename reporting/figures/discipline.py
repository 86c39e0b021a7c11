"""How punctually units report. Only days on which a report was due count.

Days before the deadline, days without an order and days outside the unit's life do not count. Exempt and excused days
are counted apart: nobody is late or missing on them. A day that a later report covers stays unreported.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import partial
from typing import Any

from ..days import hours_in_force
from ..days.status import DayStatus, day_status
from ..deadline import DayHours
from ..models import LateRequest, Report, Unit
from ..models.levels import OfALevel
from .query import Row, figures, share_of
from .rollup import parent_path

LONGEST = 92  # days of one record; a country's are read one by one: each has 10,600 figures
COUNTED = ("on_time", "late", "waiting", "missing", "excused")
Status = tuple[int, date, DayStatus | None]  # of a unit, by primary key
OF_UNIT = ("code", "path", "level", "name", "sort_key")


@dataclass(frozen=True, slots=True, kw_only=True)
class LatenessRecord(OfALevel):
    """The record of one reporting unit, or the sum of those below a unit."""

    code: str
    path: str
    level: str
    name: str
    sort_key: str
    on_time: int = 0
    late: int = 0
    waiting: int = 0
    missing: int = 0
    excused: int = 0  # and exempt days
    days: tuple[tuple[date, DayStatus], ...] = ()  # of a reporting unit, oldest first

    @property
    def due(self) -> int:
        return self.on_time + self.late + self.waiting + self.missing

    @property
    def on_time_share(self) -> Decimal | None:
        """On time over due, cut to four places; None without a due day."""
        return share_of(self.on_time, self.due)

    @property
    def punctuality(self) -> tuple[bool, Decimal]:
        """Sorts the least punctual first, and those without a due day last."""
        return not self.due, self.on_time_share or Decimal()


@dataclass(frozen=True, kw_only=True)
class Discipline:
    """The records of a unit: its own if it reports, those right below it, agencies apart."""

    own: LatenessRecord | None = None
    below: Sequence[LatenessRecord] = ()
    total: LatenessRecord | None = None
    agencies: Sequence[LatenessRecord] = ()
    agency_total: LatenessRecord | None = None


def discipline(unit: Unit, days: Sequence[date], *, at: datetime, as_of: datetime | None = None) -> Discipline:
    """The records of the unit and of those below it at `at`; the days follow one another.

    With `as_of`, as they were known and judged at that instant.
    """
    units, statuses = _statuses(unit, days, as_of, at)
    own = next((figure for figure in units if figure.unit_id == unit.pk), None)
    if own is None:  # not known yet at that instant
        return Discipline()
    found = [_record(figure, statuses[figure.unit_id]) for figure in units if figure.unit_id in statuses]
    rows = below(units, found, unit.path)
    residents, agencies = ([row for row in rows if row.is_agency is is_agency] for is_agency in (False, True))
    return Discipline(
        own=next((record for record in found if record.code == unit.code), None),
        below=residents,
        total=total(residents, own) if residents else None,
        agencies=agencies,
        agency_total=total(agencies, own) if agencies else None,
    )


def _statuses(
    unit: Unit, days: Sequence[date], as_of: datetime | None, at: datetime
) -> tuple[list[Row], dict[int, list[tuple[date, DayStatus]]]]:
    """The units at or below `unit`, sorted by name, and each reporting unit's days that count, with their status."""
    units: list[Row] = []
    statuses: defaultdict[int, list[tuple[date, DayStatus]]] = defaultdict(list)
    at_once = 1 if unit.is_country else LONGEST
    for start in range(0, len(days), at_once):
        part = days[start : start + at_once]
        hours = hours_in_force.hours_of_days(part, as_of)
        if as_of is None:
            units, found = _statuses_now(unit, part, hours, at)
        else:
            units, found = _statuses_then(unit, part, as_of, hours)
        for unit_id, day, status in found:
            if status and status is not DayStatus.NOT_DUE_YET:
                statuses[unit_id].append((day, status))
    return sorted(units, key=lambda figure: (figure.sort_key, figure.code)), statuses


def _statuses_then(
    unit: Unit, days: Sequence[date], as_of: datetime, hours: Mapping[date, DayHours]
) -> tuple[list[Row], list[Status]]:
    """The units of the last day, and the status of each reporting unit on each day, as known at `as_of`."""
    units, statuses = [], []
    for day, found in figures(unit, days, as_of, at=as_of, hours=hours).items():
        units = [figure for figure in found if figure.path.startswith(unit.path)]
        above = {parent_path(figure.path) for figure in units if figure.is_open}
        reporting = (figure for figure in units if figure.is_open and figure.path not in above)
        statuses += [(figure.unit_id, day, figure.status) for figure in reporting]
    return units, statuses


def _statuses_now(
    unit: Unit, days: Sequence[date], hours: Mapping[date, DayHours], at: datetime
) -> tuple[list[Row], list[Status]]:
    """The same now. Reads figures of the last day only, else just times of arrival and waiting requests."""
    last = days[-1]
    units = [figure for figure in figures(unit, [last], at=at, hours=hours)[last] if figure.path.startswith(unit.path)]
    about = {"unit__path__startswith": unit.path, "day__range": (days[0], last), "installs__isnull": False}
    reports = Report.objects.filter(kind=Report.Kind.DAILY, **about).order_by()
    arrived = {(pk, day): moment for pk, day, moment in reports.values_list("unit_id", "day", "received_at")}
    waiting = set(LateRequest.objects.waiting().filter(**about).values_list("unit_id", "day"))
    below = Unit.objects.filter(path__startswith=unit.path).order_by()
    lives, statuses = list(below.values_list("pk", "path", "opened_on", "closed_on")), []
    for day in days:
        is_there = [
            (pk, path)
            for pk, path, first, end in lives
            if (first is None or first <= day) and (end is None or day < end)
        ]
        above = {parent_path(path) for _pk, path in is_there}
        status = partial(day_status, hours[day], at=at)
        statuses += [
            (pk, day, status(path, received_at=arrived.get((pk, day)), is_waiting=(pk, day) in waiting))
            for pk, path in is_there
            if path not in above
        ]
    return units, statuses


def below(units: Sequence[Row], found: Sequence[LatenessRecord], path: str) -> list[LatenessRecord]:
    """One record for each unit right below `path`: its own, or the sum of those under it."""
    rows = []
    for unit in units:
        if parent_path(unit.path) == path:
            parts = [record for record in found if record.path.startswith(unit.path)]
            is_own = all(record.code == unit.code for record in parts)
            rows += parts if is_own else [total(parts, unit)]
    return rows


def total(parts: Sequence[LatenessRecord], unit: Row) -> LatenessRecord:
    """The sum of records, under the name of the unit above them."""
    return _of_unit(unit, {name: sum(getattr(part, name) for part in parts) for name in COUNTED})


def _record(unit: Row, days: Sequence[tuple[date, DayStatus]]) -> LatenessRecord:
    counts = Counter("excused" if status is DayStatus.EXEMPT else status.value for _day, status in days)
    return _of_unit(unit, counts, days=tuple(days))


def _of_unit(unit: Row, counts: Mapping[str, int], **more: Any) -> LatenessRecord:
    of_unit: dict[str, Any] = {name: getattr(unit, name) for name in OF_UNIT}
    return LatenessRecord(**of_unit | {name: counts[name] for name in COUNTED} | more)
