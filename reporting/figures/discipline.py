"""The discipline of reporting, fair: only days that were due count, and none that a unit could not help.

Left out are days before the hour, days that no order covers and days outside the unit's life. Exempt and excused days
stand apart: nobody is called late or missing for them. A day that a later report covers was still not reported.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from itertools import groupby, takewhile
from operator import itemgetter
from typing import Any

from ..days import hours_in_force
from ..days.status import DayStatus, arrival, day_status
from ..hours.hours import DayHours
from ..models import LateRequest, Report, Revision, Unit
from ..models.levels import OfALevel
from ..text.names import fold
from .rollup import parent_path, share_of

LONGEST = 92  # days of one record
COUNTED = ("on_time", "late", "waiting", "missing", "excused")


@dataclass(frozen=True, slots=True, kw_only=True)
class Record(OfALevel):
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
    excused: int = 0  # and exempt
    superior: str = ""  # the name of the unit right above it, where several are listed together
    streak: int | None = None  # days on time in a row up to the last that counted; None for a sum
    days: tuple[tuple[date, DayStatus], ...] = ()  # of a reporting unit, oldest first

    @property
    def due(self) -> int:
        return self.on_time + self.late + self.waiting + self.missing

    @property
    def on_time_share(self) -> Decimal | None:
        """Of the days that counted, cut to four places; None without any."""
        return share_of(self.on_time, self.due)


def records(
    units: Sequence[Unit],
    hours: Mapping[date, DayHours],
    received: Mapping[tuple[str, date], datetime],
    waiting: Collection[tuple[str, date]] = (),
    *,
    at: datetime,
) -> list[Record]:
    """The record at `at` of every unit that reported for itself on any of the days. Pure.

    `hours` are in the order of the days, `received` the arrivals by code and day, `waiting` the late requests.
    """
    statuses: dict[str, list[tuple[date, DayStatus]]] = {unit.code: [] for unit in units}
    for day, of_day in hours.items():
        for unit in reporting(units, day):
            place = unit.code, day
            arrived = received.get(place)
            status = day_status(of_day, unit.path, received_at=arrived, is_waiting=place in waiting, at=at)
            if status and status is not DayStatus.NOT_DUE_YET:
                statuses[unit.code].append((day, status))
    return [_record(unit, statuses[unit.code]) for unit in units if statuses[unit.code]]


@dataclass(frozen=True, kw_only=True)
class Discipline:
    """The records of a unit: its own if it reports, those right below it, agencies apart."""

    own: Record | None
    below: Sequence[Record]
    total: Record | None
    further: Sequence[Record]  # the reporting units further down, least often on time first
    agencies: Sequence[Record]
    agency_total: Record | None


def discipline(unit: Unit, days: Sequence[date], *, at: datetime, as_of: datetime | None = None) -> Discipline:
    """The records at `at` of the unit and of what lies below it, on days that follow one another.

    With `as_of` as they were known then, which is `at` too.
    """
    units = list(Unit.objects.below(unit).named(days[-1], as_of))
    received, waiting = _sent(unit, days, as_of)
    found = records(units, hours_in_force.of_days(days, as_of), received, waiting, at=as_of or at)
    rows = below(units, found, unit.path)
    residents, agencies = ([row for row in rows if row.is_agency is is_agency] for is_agency in (False, True))
    own = next(one for one in units if one.pk == unit.pk)
    return Discipline(
        own=next((record for record in found if record.code == unit.code), None),
        below=residents,
        total=total(residents, own) if residents else None,
        further=_further(units, found, unit.path),
        agencies=agencies,
        agency_total=total(agencies, own) if agencies else None,
    )


def named(records: Iterable[Record], asked: str) -> list[Record]:
    """The records of the units in whose names, or superiors' names, the words asked for are, whatever the accents."""
    wanted = fold(asked)
    return [record for record in records if wanted in fold(f"{record.name} {record.superior}")]


def _further(units: Sequence[Unit], found: Sequence[Record], path: str) -> list[Record]:
    """Of the residents' units two levels and more below `path`; whom no day counted for stand last."""
    names = {unit.path: unit.full_name for unit in units}
    listed = [
        replace(record, superior=names[parent_path(record.path)])
        for record in found
        if record.path.count("/") > path.count("/") + 1 and not record.is_agency
    ]
    return sorted(listed, key=lambda record: (record.on_time_share or not record.due, -record.missing, record.sort_key))


def below(units: Sequence[Unit], found: Sequence[Record], path: str) -> list[Record]:
    """One record for each unit right below `path`: its own, or the sum of those under it."""
    rows = []
    for unit in units:
        if parent_path(unit.path) == path:
            parts = [record for record in found if record.path.startswith(unit.path)]
            is_own = all(record.code == unit.code for record in parts)
            rows += parts if is_own else [total(parts, unit)]
    return rows


def total(parts: Sequence[Record], unit: Unit) -> Record:
    """The sum of records, under the name of the unit above them."""
    return Record(**_names(unit) | {name: sum(getattr(part, name) for part in parts) for name in COUNTED})


def _sent(unit: Unit, days: Sequence[date], as_of: datetime | None) -> tuple[dict, set]:
    """When the reports arrived, by code and day, and of which days late requests wait; with `as_of` as it was then."""
    span = {"unit__path__startswith": unit.path, "day__range": (days[0], days[-1]), "installs__isnull": False}
    waiting = LateRequest.objects.waiting(as_of).filter(**span).order_by().values_list("unit__code", "day")
    if as_of:
        return _received(unit, days, as_of), set(waiting)
    reports = Report.objects.filter(kind=Report.Kind.DAILY, **span).order_by()
    found = reports.values_list("unit__code", "day", "received_at")
    return {(code, day): received_at for code, day, received_at in found}, set(waiting)


def _received(unit: Unit, days: Sequence[date], as_of: datetime) -> dict[tuple[str, date], datetime]:
    """When every report arrived that was known at an instant, by code and day."""
    span = (days[0], days[-1])
    reports = Report.objects.filter(unit__path__startswith=unit.path, day__range=span, kind=Report.Kind.DAILY)
    steps = Revision.objects.filter(report__in=reports, counted_at__lte=as_of).order_by("report", "number")
    columns = ("report__unit__code", "report__day", "kind", "installs", "received_at")
    found = {}
    for place, told in groupby(steps.values_list(*columns), key=itemgetter(0, 1)):
        steps_of_report = [step[2:] for step in told]
        arrived = arrival(steps_of_report)
        if arrived and steps_of_report[-1][1] is not None:
            found[place] = arrived
    return found


def reporting(units: Iterable[Unit], day: date) -> list[Unit]:
    """The units that report for themselves on the day: open, and without an open unit below."""
    present = [unit for unit in units if unit.is_open_on(day)]
    parents = {parent_path(unit.path) for unit in present}
    return [unit for unit in present if unit.path not in parents]


def _record(unit: Unit, days: Sequence[tuple[date, DayStatus]]) -> Record:
    counts = Counter("excused" if status is DayStatus.EXEMPT else status.value for _day, status in days)
    return Record(
        **_names(unit) | {name: counts[name] for name in COUNTED},
        streak=_streak([status for _day, status in days]),
        days=tuple(days),
    )


def _streak(statuses: Sequence[DayStatus]) -> int:
    """Days on time in a row at the end; an excused or exempt day neither adds to it nor breaks it."""
    counted = [status for status in statuses if status not in (DayStatus.EXCUSED, DayStatus.EXEMPT)]
    return len(list(takewhile(lambda status: status is DayStatus.ON_TIME, reversed(counted))))


def _names(unit: Unit) -> dict[str, Any]:
    return {name: getattr(unit, name) for name in ("code", "path", "level", "sort_key")} | {"name": unit.full_name}
