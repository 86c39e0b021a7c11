"""The discipline of reporting, fair: only days that were due count, and none that a unit could not help.

Left out are days before the hour, days that no order covers and days outside the unit's life. Exempt and excused days
stand apart: nobody is called late or missing for them. A day that a later report covers was still not reported.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import ROUND_DOWN, Decimal
from itertools import groupby
from operator import itemgetter

from django.db.models import DateTimeField, Value
from django.db.models.functions import Cast

from ..days import hours_in_force
from ..days.status import DayStatus, arrival, day_status
from ..hours.hours import DayHours
from ..models import LateRequest, Report, Revision, Unit
from ..models.levels import Level, OfALevel
from ..models.units import full_name
from ..text.names import fold

LONGEST = 92  # days of one record
NEVER = Cast(Value(None), DateTimeField())
COUNTED = ("on_time", "late", "waiting", "missing", "excused")


@dataclass(frozen=True, slots=True, kw_only=True)
class Office(OfALevel):
    """A unit as the record sees it."""

    code: str
    path: str
    level: str = Level.COMMUNE
    name: str = ""
    sort_key: str = ""
    opened_on: date | None = None
    closed_on: date | None = None

    def is_open_on(self, day: date) -> bool:
        return (self.opened_on is None or self.opened_on <= day) and (self.closed_on is None or day < self.closed_on)


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What happened over a range of days."""

    offices: Sequence[Office]
    hours: Mapping[date, DayHours]  # in the order of the days
    received: Mapping[tuple[str, date], datetime] = field(default_factory=dict)  # arrivals by code and day
    waiting: Collection[tuple[str, date]] = ()  # code and day of the late requests that wait


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
        if not self.due:
            return None
        return (Decimal(self.on_time) / self.due).quantize(Decimal("0.0001"), ROUND_DOWN)


def records(facts: Facts, *, at: datetime) -> list[Record]:
    """The record at `at` of every unit that reported for itself on any of the days. Pure."""
    statuses = {office.code: [] for office in facts.offices}
    for day, hours in facts.hours.items():
        for office in _reporting(facts.offices, day):
            place = office.code, day
            status = day_status(
                hours, office.path, received_at=facts.received.get(place), is_waiting=place in facts.waiting, at=at
            )
            if status not in (None, DayStatus.NOT_DUE_YET):
                statuses[office.code].append((day, status))
    return [_record(office, statuses[office.code]) for office in facts.offices if statuses[office.code]]


@dataclass(frozen=True, kw_only=True)
class Discipline:
    """The records of a unit: its own if it reports, those right below it, agencies apart."""

    own: Record | None
    below: Sequence[Record]
    total: Record | None
    further: Sequence[Record]  # the reporting units further down, least often on time first
    agencies: Sequence[Record]
    agency_total: Record | None


def of(unit: Unit, days: Sequence[date], *, at: datetime, as_of: datetime | None = None) -> Discipline:
    """The discipline at `at` of the unit and of what lies below it, on days that follow one another.

    With `as_of` as it was known then, which is `at` too.
    """
    facts = read(unit, days, as_of)
    found = records(facts, at=as_of or at)
    office = next(office for office in facts.offices if office.code == unit.code)
    rows = below(facts.offices, found, unit.path)
    residents = [row for row in rows if not row.is_agency]
    agencies = [row for row in rows if row.is_agency]
    return Discipline(
        own=next((record for record in found if record.code == unit.code), None),
        below=residents,
        total=total(residents, office) if residents else None,
        further=_further(facts.offices, found, unit.path),
        agencies=agencies,
        agency_total=total(agencies, office) if agencies else None,
    )


def named(records: Iterable[Record], asked: str) -> list[Record]:
    """The records of the units in whose names, or superiors' names, the words asked for are, whatever the accents."""
    wanted = fold(asked)
    return [record for record in records if wanted in fold(f"{record.name} {record.superior}")]


def _further(offices: Sequence[Office], found: Sequence[Record], path: str) -> list[Record]:
    """Of the residents' units two levels and more below `path`; whom no day counted for stand last."""
    names = {office.path: office.name for office in offices}
    listed = [
        replace(record, superior=names[record.path.removesuffix(f"{record.code}/")])
        for record in found
        if record.path.count("/") > path.count("/") + 1 and not record.is_agency
    ]
    return sorted(listed, key=lambda record: (record.on_time_share or not record.due, -record.missing, record.sort_key))


def below(offices: Sequence[Office], found: Sequence[Record], path: str) -> list[Record]:
    """One record for each unit right below `path`: its own, or the sum of those under it."""
    rows = []
    for office in offices:
        if not office.path.startswith(path) or office.path.count("/") != path.count("/") + 1:
            continue
        parts = [record for record in found if record.path.startswith(office.path)]
        is_own = all(record.code == office.code for record in parts)
        rows += parts if is_own else [total(parts, office)]
    return rows


def total(parts: Iterable[Record], office: Office) -> Record:
    """The sum of records, under the name of the unit above them."""
    parts = list(parts)
    sums = {name: sum(getattr(part, name) for part in parts) for name in COUNTED}
    return Record(**_names(office), **sums)


def read(unit: Unit, days: Sequence[date], as_of: datetime | None = None) -> Facts:
    """What happened on the days, which follow one another, below the unit and in it; or was known of it then."""
    received, waiting = _sent(unit, days, as_of)
    return Facts(
        offices=[
            Office(
                code=below.code,
                path=below.path,
                level=below.level,
                name=full_name(below.kind or "", below.name or below.code),
                sort_key=below.sort_key,
                opened_on=below.opened_on,
                closed_on=below.closed_on,
            )
            for below in Unit.objects.below(unit).named(days[-1], as_of)
        ],
        hours=hours_in_force.of_days(days, as_of),
        received=_received(unit, days, as_of) if as_of else received,
        waiting=waiting,
    )


def _sent(unit: Unit, days: Sequence[date], as_of: datetime | None) -> tuple[dict, set]:
    """When the reports of now arrived, by code and day; and of which days late requests wait, or waited then."""
    span = {"unit__path__startswith": unit.path, "day__range": (days[0], days[-1]), "installs__isnull": False}
    columns = ("unit__code", "day")
    requests = LateRequest.objects.waiting_at(as_of).filter(**span).order_by().values_list(*columns, NEVER)
    reports = Report.objects.filter(kind=Report.Kind.DAILY, **span).order_by().values_list(*columns, "received_at")
    received, waiting = {}, set()
    for code, day, at in requests if as_of else reports.union(requests, all=True):
        if at is None:
            waiting.add((code, day))
        else:
            received[code, day] = at
    return received, waiting


def _received(unit: Unit, days: Sequence[date], as_of: datetime) -> dict[tuple[str, date], datetime]:
    """When every report arrived that was known at an instant, by code and day."""
    span = (days[0], days[-1])
    reports = Report.objects.filter(unit__path__startswith=unit.path, day__range=span, kind=Report.Kind.DAILY)
    steps = Revision.objects.filter(report__in=reports, counted_at__lte=as_of).order_by("report", "number")
    columns = ("report__unit__code", "report__day", "kind", "installs", "received_at")
    found = {}
    for place, told in groupby(steps.values_list(*columns), key=itemgetter(0, 1)):
        told = [step[2:] for step in told]
        if told[-1][1] is not None:
            found[place] = arrival(told)
    return found


def _reporting(offices: Sequence[Office], day: date) -> list[Office]:
    """The units that report for themselves on the day: open, and without an open unit below."""
    present = [office for office in offices if office.is_open_on(day)]
    parents = {office.path.removesuffix(f"{office.code}/") for office in present}
    return [office for office in present if office.path not in parents]


def _record(office: Office, days: list[tuple[date, DayStatus]]) -> Record:
    counts = Counter(status for _day, status in days)
    return Record(
        **_names(office),
        on_time=counts[DayStatus.ON_TIME],
        late=counts[DayStatus.LATE],
        waiting=counts[DayStatus.WAITING],
        missing=counts[DayStatus.MISSING],
        excused=counts[DayStatus.EXCUSED] + counts[DayStatus.EXEMPT],
        streak=_streak([status for _day, status in days]),
        days=tuple(days),
    )


def _streak(statuses: Sequence[DayStatus]) -> int:
    """Days on time in a row at the end; an excused or exempt day neither adds to it nor breaks it."""
    streak = 0
    for status in reversed(statuses):
        if status in (DayStatus.LATE, DayStatus.MISSING, DayStatus.WAITING):
            break
        streak += status is DayStatus.ON_TIME
    return streak


def _names(office: Office) -> dict[str, str]:
    return {name: getattr(office, name) for name in ("code", "path", "level", "name", "sort_key")}
