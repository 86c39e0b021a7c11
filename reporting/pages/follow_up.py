"""Who is silent: since when, whom to ring, who was reminded. One board for the day of a superior."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date, datetime, timedelta
from functools import cached_property

from django.utils.translation import gettext as _

from ..days import hours_in_force
from ..figures import country, held
from ..figures.rollup import DayRollup, DayStatus, Row
from ..hours import deadline
from ..hours.hours import DayHours, Urgency, urgency_of
from ..models import LateRequest, Reminder, Reopening, Unit
from ..text import formatting
from . import unit_groups

OF_A_ROW = [field.name for field in fields(Row)]


@dataclass(frozen=True, slots=True)
class Reminded:
    """How often a unit was reminded of the day, and the last time."""

    times: int
    at: datetime
    by_name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BoardRow(Row):
    """One reporting unit on the day."""

    day: date
    superior_code: str
    closes_at: datetime | None  # the unit's own hour, also of a day reopened; None on a day that no order covers
    urgency: Urgency  # how near its hour is, or was
    last_day: date | None  # the last day before this one that it reported; None if it never did
    missed_days: int  # due days in a row without a report, up to now
    waiting_since: datetime | None  # a late request waits to be decided
    reminded: Reminded | None
    covered_by: date | None  # the day whose report has this day's figures in it
    is_reopened: bool  # the day is open again, until `closes_at`

    @property
    def sms(self) -> str:
        """A text message to it; empty where nothing is awaited."""
        if not self.is_awaited:
            return ""
        about = {
            "day": formatting.short_day(self.day),
            "hour": formatting.hour_on(self.closes_at or deadline.closes_at(self.day), self.day),
        }
        if self.status is DayStatus.EXCUSED:
            words = _("Please send the Bluezone report of %(day)s. It will not count as late.")
            return words % about
        if self.urgency is Urgency.OVERDUE and not self.is_reopened:
            words = _("The Bluezone report of %(day)s was due before %(hour)s. Please send it as a late report.")
            return words % about
        return _("Please send the Bluezone report of %(day)s before %(hour)s.") % about

    @property
    def is_awaited(self) -> bool:
        """Not reported, nothing waits to be taken in, and in no later report either: there is somebody to ring."""
        return self.not_reported > 0 and self.waiting_since is None and self.covered_by is None


FILTERS: dict[str, Callable[[BoardRow], bool]] = {
    "missing": lambda row: row.not_reported,
    "waiting": lambda row: row.waiting_since is not None,
    "asked": lambda row: row.reminded is not None,
    "all": lambda row: True,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """The reporting units of one superior; agencies stand apart."""

    code: str
    name: str
    phone: str  # of the superior
    is_own: bool  # right below the unit whose board it is
    is_agencies: bool
    rows: tuple[BoardRow, ...]

    @property
    def expected(self) -> int:
        return sum(row.expected for row in self.rows)

    @property
    def reported(self) -> int:
        return sum(row.reported for row in self.rows)

    @property
    def not_reported(self) -> int:
        return self.expected - self.reported

    @property
    def missed_days(self) -> int:
        return max((row.missed_days for row in self.rows), default=0)

    @property
    def is_folded(self) -> bool:
        """Whether one rings the superior, not its units one by one."""
        return not (self.is_own or self.is_agencies)

    @property
    def waiting(self) -> int:
        return sum(row.waiting for row in self.rows)

    @property
    def excused(self) -> int:
        return sum(row.excused for row in self.rows)

    @property
    def urgency(self) -> Urgency | None:
        """The most urgent of those who have not reported; None if all have."""
        return max((row.urgency for row in self.rows if row.not_reported), key=list(Urgency).index, default=None)

    @property
    def awaited_names(self) -> str:
        return ", ".join(row.short_name for row in self.rows if row.is_awaited)

    @property
    def sms(self) -> str:
        """A text message to the superior: each awaited unit with what holds for it; empty without any."""
        names: dict[str, list[str]] = {}
        for row in self.rows:
            names.setdefault(row.sms, []).append(row.short_name)
        return " ".join(f"{', '.join(units)}: {words}" for words, units in names.items() if words)

    @property
    def title(self) -> str:
        if self.is_agencies:
            return _("Departments, agencies, mass organisations")
        return _("Directly under %(name)s") % {"name": self.name} if self.is_own else self.name


@dataclass(frozen=True, kw_only=True)
class Board:
    day: date
    groups: tuple[Group, ...]
    closes_at: datetime | None  # the hour of all that have none of their own; None on a day that no order covers
    last_closes_at: datetime | None  # the latest of those below
    is_exempt: bool = False  # nothing is due from the unit and all below it
    worked_out_at: datetime | None = None  # of a country: the minute that the reports are of

    @property
    def streams(self) -> list[Group]:
        """The residents' units in one group, and beside them the agencies: each its own denominator."""
        by_kind: dict[bool, list[Group]] = {False: [], True: []}
        for group in self.groups:
            by_kind[group.is_agencies].append(group)
        return [
            replace(groups[0], rows=tuple(row for group in groups for row in group.rows))
            for groups in by_kind.values()
            if groups
        ]

    @cached_property
    def complete(self) -> list[Group]:
        """The groups of which all have reported."""
        return [group for group in self.groups if group.expected and not group.not_reported]

    @cached_property
    def rows(self) -> list[BoardRow]:
        return [row for group in self.groups for row in group.rows]

    @cached_property
    def not_reported(self) -> list[BoardRow]:
        return [row for row in self.rows if row.not_reported]

    @cached_property
    def awaited(self) -> list[BoardRow]:
        """Those of them to be reminded."""
        return [row for row in self.rows if row.is_awaited]

    @property
    def complete_at(self) -> datetime | None:
        """When the last arrival made the day complete; None while anybody has not reported."""
        arrivals = [row.received_at for row in self.rows if row.received_at and row.expected]
        return max(arrivals) if arrivals and not self.not_reported else None

    def of(self, below: str) -> Board:
        """The board of one group alone; the whole where there is none of that code."""
        groups = tuple(group for group in self.groups if group.code == below)
        return replace(self, groups=groups) if groups else self

    def shown(self, name: str) -> list[Group]:
        """What a filter shows of each group: those first where somebody misses his second day, then by their number."""
        shows = FILTERS[name]
        found = [
            replace(group, rows=tuple(sorted(filter(shows, group.rows), key=lambda row: -row.missed_days)))
            for group in self.groups
        ]
        there = [group for group in found if group.rows]
        return sorted(there, key=lambda group: (group.is_agencies, group.missed_days < 2, -len(group.rows)))

    @cached_property
    def last_reminded(self) -> Reminded | None:
        """The newest reminder to any of them."""
        return max((row.reminded for row in self.rows if row.reminded), key=lambda one: one.at, default=None)

    @cached_property
    def counts(self) -> dict[str, int]:
        """How many units each filter shows."""
        return {name: len(list(filter(shows, self.rows))) for name, shows in FILTERS.items()}


def day_board(unit: Unit, day: date, *, at: datetime, as_of: datetime | None = None) -> Board:
    """The board of the units below `unit` on `day`, seen at `at`, or as it stood at `as_of`.

    Its queries do not grow with the units.
    """
    figures = country.rows(unit, day, as_of, at=at)
    seen = _Seen.of_board(unit, figures, at)
    groups = _groups(figures, lambda rows: tuple(_row(row, seen, day, as_of or at) for row in rows))
    hours, path = figures.hours, figures.own.path
    return Board(
        day=day,
        groups=tuple(groups),
        closes_at=hours.closes_at(path),
        last_closes_at=hours.last_closes_at(path),
        is_exempt=hours.is_exempt(path),
        worked_out_at=figures.worked_out_at,
    )


def _groups(figures: DayRollup, seen: Callable[[Sequence[Row]], tuple[BoardRow, ...]]) -> Iterator[Group]:
    """The reporting units by superior, in Vietnamese order, agencies last; of very many right below, by region."""
    groups = defaultdict(list)
    for row in sorted(figures.by_code.values(), key=lambda row: (row.sort_key, row.code)):
        if row.is_reporting and row.code != figures.unit_code:
            groups[row.is_agency, figures.parent_of(row).code].append(row)

    def order(key: tuple[bool, str]) -> tuple:
        is_agencies, code = key
        return is_agencies, code == figures.unit_code, figures.by_code[code].sort_key, code

    for is_agencies, code in sorted(groups, key=order):
        parent, rows, is_own = figures.by_code[code], groups[is_agencies, code], code == figures.unit_code
        is_many = is_own and not is_agencies and len(rows) > unit_groups.MANY
        if regions := unit_groups.by_region(rows) if is_many else []:
            about = {"phone": "", "is_own": False, "is_agencies": False}
            yield from (Group(code=one.name, name=one.label, rows=seen(one.rows), **about) for one in regions)
            continue
        about = {"name": parent.name, "phone": parent.phone, "is_own": is_own, "is_agencies": is_agencies}
        yield Group(code=f"{code}-agencies" if is_agencies else code, rows=seen(rows), **about)


@dataclass(frozen=True)
class _Seen:
    """What the board needs beside the figures, read once for all units."""

    hours: Mapping[date, DayHours]  # since the first day that any of the silent may have missed
    waiting: dict[tuple[str, date], datetime]  # by code and day, since when a late request waits
    covered: dict[str, date]
    reopened: dict[str, datetime]  # by code, until when the day is open again
    reminders: dict[str, list[Reminder]]

    @classmethod
    def of_board(cls, unit: Unit, figures: DayRollup, at: datetime) -> _Seen:
        day, as_of = figures.day, figures.as_of
        reminders = defaultdict(list)
        is_below = {"unit__path__startswith": unit.path}
        sent = Reminder.objects.filter(day=day, **is_below)
        if as_of is not None:
            sent = sent.filter(at__lte=as_of)
        for reminder in sent.select_related("unit", "by"):
            reminders[reminder.unit.code].append(reminder)
        days = _days_missed(figures)
        requests = LateRequest.objects.waiting(as_of).filter(day__range=(days[-1], day), **is_below)
        asked = requests.values_list("unit__code", "day", "received_at")
        reopened = Reopening.objects.stood_at(as_of or at)
        return cls(
            hours=hours_in_force.of_days(days, as_of),
            waiting={(code, of): received_at for code, of, received_at in asked},
            covered=held.covered_on(unit, day, as_of),
            reopened=dict(reopened.filter(day=day, **is_below).values_list("unit__code", "until")),
            reminders=reminders,
        )


def _row(row: Row, seen: _Seen, day: date, at: datetime) -> BoardRow:
    closes_at = seen.hours[day].closes_at(row.path)
    return BoardRow(
        **{name: getattr(row, name) for name in OF_A_ROW},
        day=day,
        superior_code=row.path.split("/")[-3],
        closes_at=seen.reopened.get(row.code, closes_at),
        urgency=urgency_of(closes_at, at),
        last_day=None if row.carries_opening else row.carried_from,
        missed_days=_missed_days(row, seen, at) if row.not_reported else 0,
        waiting_since=seen.waiting.get((row.code, day)),
        reminded=_reminded(seen.reminders.get(row.code)),
        covered_by=seen.covered.get(row.code) if row.not_reported else None,
        is_reopened=row.code in seen.reopened,
    )


def _days_missed(figures: DayRollup) -> list[date]:
    """The days that any of those who have not reported may have missed, the newest first; at least the day itself."""
    start = figures.hours.campaign_start or figures.day
    first = min([figures.day, *(row.carried_from or start for row in figures.not_reported)])
    return [figures.day - timedelta(days=back) for back in range((figures.day - first).days + 1)]


def _missed_days(row: Row, seen: _Seen, at: datetime) -> int:
    """Due days since the last report that nothing excuses and whose report does not wait; the day itself once over."""
    missed = 0
    for day, hours in seen.hours.items():  # the newest first
        if (row.carried_from and day <= row.carried_from) or (row.opened_on and day < row.opened_on):
            break
        is_waiting = (row.code, day) in seen.waiting
        missed += not is_waiting and hours.is_late(row.path, at) and hours.is_due(row.path)
    return missed


def _reminded(reminders: Sequence[Reminder] | None) -> Reminded | None:
    if not reminders:
        return None
    last = max(reminders, key=lambda reminder: (reminder.at, reminder.pk))
    return Reminded(len(reminders), last.at, last.by.display_name)
