"""The board of a superior's day: who has not reported, since when, whom to call, who was reminded."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import Any

from django.utils.translation import gettext as _

from .. import deadline
from ..acts import REMINDED_AGAIN_AFTER
from ..days import hours_in_force
from ..deadline import DayHours, Urgency
from ..figures import country, query
from ..figures.missed import missed_days
from ..figures.rollup import DayRollup, DayStatus, Row
from ..models import LateRequest, Reminder, Reopening, Unit, User
from ..text import formatting, unit_kinds


@dataclass(frozen=True, slots=True)
class Reminded:
    """How often a unit was reminded of the day, and when last."""

    times: int
    at: datetime
    by_name: str


@dataclass(frozen=True, slots=True)
class BoardRow:
    """A reporting unit on the day: its row, and what the board adds."""

    row: Row
    data: _BoardData
    missed_days: int  # due days in a row without a report, up to now
    waiting_since: datetime | None  # since when a late request waits
    reminded: Reminded | None
    covered_by: date | None  # the later day whose report includes this day
    reopened_until: datetime | None

    def __getattr__(self, name: str) -> Any:
        return getattr(self.row, name)

    @property
    def closes_at(self) -> datetime | None:
        """The unit's own deadline, or the end of a reopening; None on a day that no directive covers."""
        return self.reopened_until or self.data.closes_at(self.row)

    @property
    def urgency(self) -> Urgency:
        """How near its deadline is, or was."""
        return self.data.hours[self.data.day].urgency(self.row.path, self.data.at)

    @property
    def sms(self) -> str:
        """A text message to the unit; empty if no report is awaited."""
        if not self.is_awaited:
            return ""
        day = self.data.day
        hour = formatting.hour_on(self.closes_at or deadline.closes_at(day), day)
        about = {"day": formatting.short_day(day), "hour": hour}
        if self.status is DayStatus.EXCUSED:
            words = _("Please send the Bluezone report of %(day)s. It will not count as late.")
            return words % about
        if self.urgency is Urgency.OVERDUE and not self.reopened_until:
            words = _("The Bluezone report of %(day)s was due before %(hour)s. Please send it as a late report.")
            return words % about
        return _("Please send the Bluezone report of %(day)s before %(hour)s.") % about

    @property
    def is_awaited(self) -> bool:
        """Whether to call the unit: no report, no waiting late request, no later report that includes the day."""
        return self.row.not_reported > 0 and self.waiting_since is None and self.covered_by is None

    @property
    def is_missing(self) -> bool:
        return self.is_awaited and self.status is not DayStatus.EXCUSED


def _sum(name: str) -> cached_property[int]:
    """A property: the sum of a figure over a group."""
    return cached_property(lambda group: sum(getattr(row.row, name) for row in group.rows))


@dataclass(frozen=True, kw_only=True)
class Group:
    """The reporting units of one superior, or its agencies."""

    row: Row  # of the superior
    is_own: bool  # right below the board's unit: each is called; otherwise their superior is
    is_agencies: bool
    rows: tuple[BoardRow, ...]

    expected, reported = _sum("expected"), _sum("reported")
    not_reported = _sum("not_reported")

    @property
    def code(self) -> str:
        return self.row.code

    @property
    def name(self) -> str:
        return self.row.name

    @property
    def missed_days(self) -> int:
        return max((row.missed_days for row in self.rows), default=0)

    @property
    def urgency(self) -> Urgency | None:
        """The urgency of the most urgent missing report, if any."""
        return max((row.urgency for row in self.rows if row.row.not_reported), key=list(Urgency).index, default=None)

    @cached_property
    def awaited(self) -> list[BoardRow]:
        """The units to remind."""
        return [row for row in self.rows if row.is_awaited]

    @property
    def awaited_names(self) -> str:
        return ", ".join(row.short_name for row in self.awaited)


@dataclass(frozen=True, kw_only=True)
class Board:
    figures: DayRollup
    groups: tuple[Group, ...]
    at: datetime

    @property
    def closes_at(self) -> datetime | None:
        """The deadline of units without their own; None if no directive covers the day."""
        return self.figures.hours.closes_at(self.figures.own.path)

    @cached_property
    def complete(self) -> list[Group]:
        """The districts in which all have reported."""
        return [one for one in self.groups if not one.is_own and one.expected and not one.not_reported]

    @cached_property
    def folded(self) -> list[Group]:
        """The districts with missing reports, most first."""
        missing = [group for group in self.groups if not group.is_own and group.not_reported]
        return sorted(missing, key=lambda group: -group.not_reported)

    @cached_property
    def missing(self) -> list[BoardRow]:
        """The units without a report that are called themselves; the longest silent first, agencies last."""
        rows = [row for group in self.groups if group.is_own for row in group.rows if row.row.not_reported]
        return sorted(rows, key=lambda row: (row.row.is_agency, -row.missed_days))

    @cached_property
    def arrived(self) -> list[BoardRow]:
        """The units that are called themselves and have reported, the newest first."""
        rows = [row for group in self.groups if group.is_own for row in group.rows if row.received_at]
        return sorted((row for row in rows if not row.row.not_reported), key=lambda row: row.received_at, reverse=True)

    @cached_property
    def rows(self) -> list[BoardRow]:
        return [row for group in self.groups for row in group.rows]

    @cached_property
    def awaited(self) -> list[BoardRow]:
        """The units to remind."""
        return [row for group in self.groups for row in group.awaited]

    @cached_property
    def to_remind(self) -> list[BoardRow]:
        """The units that may be reminded now."""
        return [row for row in self.awaited if not row.reminded or row.reminded.at <= self.at - REMINDED_AGAIN_AFTER]

    @property
    def minutes_to_wait(self) -> int:
        """Until when nobody may be reminded again, in minutes."""
        oldest = min((row.reminded.at for row in self.awaited if row.reminded), default=self.at)
        return max(-(-(oldest + REMINDED_AGAIN_AFTER - self.at) // timedelta(minutes=1)), 1)

    @cached_property
    def last_reminded(self) -> Reminded | None:
        """The newest reminder on the board."""
        return max((row.reminded for row in self.rows if row.reminded), key=lambda one: one.at, default=None)


def day_board(unit: Unit, day: date, *, at: datetime, as_of: datetime | None = None) -> Board:
    """The board of the units below `unit` at `at`, or at `as_of`. The number of queries is constant."""
    figures = country.rows(unit, day, as_of, at=at)
    data = _BoardData.read_below(unit, figures, at)
    return Board(figures=figures, groups=tuple(_groups(figures, data)), at=as_of or at)


def _groups(figures: DayRollup, data: _BoardData) -> Iterator[Group]:
    """Yields a group for each unit right below with others below it, for those that report, and for agencies."""
    own, groups = figures.own, defaultdict(list)
    for row in sorted(figures.by_code.values(), key=lambda row: (row.sort_key, row.code)):
        if row.is_reporting and row.code != own.code:
            child = row.path.removeprefix(own.path).partition("/")[0]
            if child == row.code:
                groups[row.is_agency, own.code].append(row)
            elif not row.is_agency:  # their own city calls the others
                groups[False, child].append(row)

    def order(key: tuple[bool, str]) -> tuple:
        is_agencies, code = key
        return is_agencies, code == own.code, figures.by_code[code].sort_key

    for is_agencies, code in sorted(groups, key=order):
        rows = data.rows(groups[is_agencies, code])
        yield Group(row=figures.by_code[code], is_own=code == own.code, is_agencies=is_agencies, rows=rows)


@dataclass(frozen=True)
class _BoardData:
    """What the board reads besides `figures`, once for all units."""

    day: date
    at: datetime  # now, or `as_of`
    hours: Mapping[date, DayHours]  # from the first day that a unit may have missed
    waiting: dict[tuple[str, date], datetime]  # by code and day: when the late request arrived
    covered: dict[str, query.Covering]  # by code: the later report that includes the day
    reopened: dict[str, datetime]  # by code: until when the day is open again
    reminded: dict[str, Reminded]

    @classmethod
    def read_below(cls, unit: Unit, figures: DayRollup, at: datetime) -> _BoardData:
        day, as_of, is_below = figures.day, figures.as_of, {"unit__path__startswith": unit.path}
        reminders = Reminder.objects.filter(day=day, **is_below)
        if as_of is not None:
            reminders = reminders.filter(at__lte=as_of)
        reminded: dict[str, Reminded] = {}
        for one in reminders.select_related("unit", "by").order_by("at", "pk"):
            before = reminded.get(one.unit.code)
            reminded[one.unit.code] = Reminded(before.times + 1 if before else 1, one.at, one.by.display_name)
        days = _days_missed(figures)
        requests = LateRequest.objects.waiting(as_of).filter(day__range=(days[-1], day), **is_below)
        waiting = requests.values_list("unit__code", "day", "received_at")
        reopened = Reopening.objects.in_force_then(as_of or at)
        return cls(
            day=day,
            at=as_of or at,
            hours=hours_in_force.hours_of_days(days, as_of),
            waiting={(code, for_day): received_at for code, for_day, received_at in waiting},
            covered=query.covered_on(unit, day, as_of),
            reopened=dict(reopened.filter(day=day, **is_below).values_list("unit__code", "until")),
            reminded=reminded,
        )

    def rows(self, rows: Sequence[Row]) -> tuple[BoardRow, ...]:
        return tuple(map(self._row, rows))

    def _row(self, row: Row) -> BoardRow:
        return BoardRow(
            row=row,
            data=self,
            missed_days=self._missed_days(row) if row.not_reported else 0,
            waiting_since=self.waiting.get((row.code, self.day)),
            reminded=self.reminded.get(row.code),
            covered_by=self.covered[row.code].day if row.not_reported and row.code in self.covered else None,
            reopened_until=self.reopened.get(row.code),
        )

    def closes_at(self, row: Row) -> datetime | None:
        return self.hours[self.day].closes_at(row.path)

    def _missed_days(self, row: Row) -> int:
        """The number of missed days since the last report; today only after its hour."""
        days = [
            day
            for day in self.hours
            if not (row.carried_from and day <= row.carried_from) and not (row.opened_on and day < row.opened_on)
        ]
        waiting = [day for day in days if (row.code, day) in self.waiting]
        covering = self.covered.get(row.code)
        included = [day for day in days if covering and covering.first <= day]
        found = missed_days(row.path, days, hours=self.hours, waiting=waiting, included=included, at=self.at)
        return sum(one.is_missed for one in found)


def _days_missed(figures: DayRollup) -> list[date]:
    """The days that a unit may have missed, the newest first; at least the day itself."""
    start = figures.hours.campaign_start or figures.day
    missing = (row for row in figures.by_code.values() if row.is_reporting and row.not_reported)
    first = min([figures.day, *(row.carried_from or start for row in missing)])
    return [figures.day - timedelta(days=back) for back in range((figures.day - first).days + 1)]


# Whom to call.


@dataclass(frozen=True, slots=True)
class Contact:
    """A telephone number: of the unit's duty (no name), or of a person."""

    phone: str
    name: str = ""


def contacts(rows: Collection[BoardRow | Row], at: datetime) -> dict[str, list[Contact]]:
    """Whom to call, by unit code: the active accounts of the unit and of closed units that it succeeds.

    Each number is listed once, with its person's name.
    """
    heirs = Unit.objects.heirs(deadline.reporting_day(at))
    answering = {row.code: heirs.get(row.unit_id, row.unit_id) for row in rows}
    answering_ids = set(answering.values())
    people = defaultdict(list)
    unit_ids = [*answering_ids, *(closed for closed, heir in heirs.items() if heir in answering_ids)]
    for person in User.objects.filter(unit__in=unit_ids, is_active=True).order_by("username"):
        people[heirs.get(person.unit_id, person.unit_id)].append(Contact(person.phone, person.display_name))
    by_code = {}
    for row in rows:
        by_number: dict[str, Contact] = {}
        for contact in (Contact(row.phone), *people[answering[row.code]]):
            number = formatting.dial(contact.phone)
            if number and (number not in by_number or not by_number[number].name):
                by_number[number] = contact
        by_code[row.code] = list(by_number.values())
    return by_code


# In words.


def reminder_words(board: Board, *, at: datetime) -> str:
    """A text for the units that have not reported; empty if all of them are excused."""
    missing = sum(row.is_missing for row in board.awaited)
    if not missing:
        return ""
    expected = sum(group.expected for group in board.groups)  # with agencies: it counts senders, not installs
    words = _("%(hour)s on %(day)s: %(missing)s of %(expected)s %(kinds)s have not reported Bluezone: %(names)s.") % {
        "hour": formatting.hour(at),
        "day": formatting.short_day(deadline.reporting_day(at)),
        "missing": missing,
        "expected": expected,
        # "phường" or "xã, thị trấn"; "units" if agencies or districts are among them
        "kinds": unit_kinds.joined_kinds({row.row.kind for row in board.rows}, among=unit_kinds.OF_COMMUNES)
        or _("units"),
        "names": _missing_names(board),
    }
    usual, *others = sorted(_by_message(board.awaited).items(), key=lambda item: -len(item[1]))
    return " ".join([words, usual[0], *(f"{', '.join(row.name for row in rows)}: {text}" for text, rows in others)])


def _by_message(rows: Iterable[BoardRow]) -> dict[str, list[BoardRow]]:
    """The awaited rows, by their text message."""
    found: dict[str, list[BoardRow]] = {}
    for row in rows:
        if row.sms:
            found.setdefault(row.sms, []).append(row)
    return found


def _missing_names(board: Board) -> str:
    """The names of the missing units by superior; with the kind of each if there are several kinds."""
    is_one_kind = len({row.row.kind for row in board.rows}) == 1
    lists = []
    for group in board.groups:
        names = ", ".join(row.short_name if is_one_kind else row.name for row in group.awaited if row.is_missing)
        if names:
            lists.append(names if group.is_own else f"{group.name}: {names}")
    return "; ".join(lists)
