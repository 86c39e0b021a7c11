"""The discipline of reporting, fair: only days that were due count, and none that a unit could not help.

Left out are days before the hour, days that no order covers and days outside the unit's life. Excused are exempt days,
and days whose last hour the product itself was away: who reported in time all the same has it counted, but nobody is
called late or missing. A day that a later report covers was still not reported.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import ROUND_DOWN, Decimal
from enum import StrEnum

from ..days import hours_in_force
from ..hours.hours import DayHours
from ..models import Report, Revision, Unit
from ..models.levels import Level, OfALevel
from ..models.units import full_name
from ..text.names import fold
from .query import last_by

LONGEST = 92  # days of one record


class Outcome(StrEnum):
    ON_TIME = "on_time"
    LATE = "late"
    MISSING = "missing"
    EXCUSED = "excused"


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
    sent: dict[tuple[str, date], bool] = field(default_factory=dict)  # by code and day: whether it was late


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
    missing: int = 0
    excused: int = 0
    superior: str = ""  # the name of the unit right above it, where several are listed together
    streak: int | None = None  # days on time in a row up to the last that counted; None for a sum
    days: tuple[tuple[date, Outcome], ...] = ()  # of a reporting unit, oldest first

    @property
    def due(self) -> int:
        return self.on_time + self.late + self.missing

    @property
    def on_time_share(self) -> Decimal | None:
        """Of the days that counted, cut to four places; None without any."""
        if not self.due:
            return None
        return (Decimal(self.on_time) / self.due).quantize(Decimal("0.0001"), ROUND_DOWN)


def records(facts: Facts, *, at: datetime) -> list[Record]:
    """The record at `at` of every unit that reported for itself on any of the days. Pure."""
    outcomes = {office.code: [] for office in facts.offices}
    for day, hours in facts.hours.items():
        for office in _reporting(facts.offices, day):
            found = outcome(hours, office.path, facts.sent.get((office.code, day)), at=at)
            if found:
                outcomes[office.code].append((day, found))
    return [_record(office, outcomes[office.code]) for office in facts.offices if outcomes[office.code]]


def outcome(hours: DayHours, path: str, is_late: bool | None, *, at: datetime) -> Outcome | None:
    """What a day was at `at` for the unit at the path, whose report was late or not: None without one. Pure.

    It is None while the day is not due, and if no order covers it.
    """
    if hours.order is None:
        return None
    if not hours.is_due(path):
        return Outcome.EXCUSED
    if is_late is False:
        return Outcome.ON_TIME
    if is_late is None and not hours.is_over(path, at):
        return None
    if hours.is_excused(path):
        return Outcome.EXCUSED
    return Outcome.LATE if is_late else Outcome.MISSING


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
    sums = {name: sum(getattr(part, name) for part in parts) for name in ("on_time", "late", "missing", "excused")}
    return Record(**_names(office), **sums)


def read(unit: Unit, days: Sequence[date], as_of: datetime | None = None) -> Facts:
    """What happened on the days, which follow one another, below the unit and in it; or was known of it then."""
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
        sent={(code, day): late for code, day, late in _sent(unit, days, as_of)},
    )


def _sent(unit: Unit, days: Sequence[date], as_of: datetime | None) -> Iterable[tuple[str, date, bool]]:
    """Code and day of every report, and whether it is late."""
    span = (days[0], days[-1])
    reports = Report.objects.filter(unit__path__startswith=unit.path, day__range=span, kind=Report.Kind.DAILY)
    if as_of is None:
        return reports.filter(installs__isnull=False).order_by().values_list("unit__code", "day", "is_late")
    said = last_by(Revision.objects.filter(report__in=reports), as_of).filter(installs__isnull=False)
    return said.values_list("report__unit__code", "report__day", "is_late")


def _reporting(offices: Sequence[Office], day: date) -> list[Office]:
    """The units that report for themselves on the day: open, and without an open unit below."""
    present = [office for office in offices if office.is_open_on(day)]
    parents = {office.path.removesuffix(f"{office.code}/") for office in present}
    return [office for office in present if office.path not in parents]


def _record(office: Office, days: list[tuple[date, Outcome]]) -> Record:
    counts = Counter(outcome for _day, outcome in days)
    return Record(
        **_names(office),
        on_time=counts[Outcome.ON_TIME],
        late=counts[Outcome.LATE],
        missing=counts[Outcome.MISSING],
        excused=counts[Outcome.EXCUSED],
        streak=_streak([outcome for _day, outcome in days]),
        days=tuple(days),
    )


def _streak(outcomes: Sequence[Outcome]) -> int:
    """Days on time in a row at the end; an excused day neither adds to it nor breaks it."""
    streak = 0
    for outcome in reversed(outcomes):
        if outcome in (Outcome.LATE, Outcome.MISSING):
            break
        streak += outcome is Outcome.ON_TIME
    return streak


def _names(office: Office) -> dict[str, str]:
    return {name: getattr(office, name) for name in ("code", "path", "level", "name", "sort_key")}
