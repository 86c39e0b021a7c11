"""The board of a superior's day: who has not reported, since when, whom to call, who was reminded."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property
from itertools import groupby
from typing import Any, NamedTuple

from django.utils.translation import gettext as _

from .. import deadline
from ..acts import REMINDED_AGAIN_AFTER
from ..days import hours_in_force
from ..days.look_back import day_start
from ..days.other_records import other_records
from ..deadline import Urgency
from ..figures import query, rollup
from ..figures.hours_in_words import before_words
from ..figures.missed import missed_days
from ..figures.rollup import DayRollup, DayStatus, Row
from ..models import LateRequest, Reminder, Reopening, Report, Unit, User
from ..text import formatting, status_marks, unit_kinds

A_DAY = timedelta(days=1)


class Reminded(NamedTuple):
    """How often a unit was reminded of the day, and when last."""

    times: int
    at: datetime
    by_name: str


@dataclass(frozen=True, slots=True)
class BoardRow:
    """A reporting unit on the day: its row, and what the board adds."""

    row: Row
    superior: Row | None  # the unit right below the board's that calls it; None if the board's unit does
    missed_days: int  # due days in a row without a report, up to now
    waiting_since: datetime | None  # since when a late request waits
    reminded: Reminded | None
    covered_by: date | None  # the later day whose report includes this day
    reopened_until: datetime | None
    closes_at: datetime | None  # the unit's own deadline; None on a day that no directive covers
    urgency: Urgency  # how near that is, or was

    def __getattr__(self, name: str) -> Any:
        return getattr(self.row, name)

    @property
    def is_awaited(self) -> bool:
        """Whether to call the unit: no report, no waiting late request, no later report that includes the day."""
        return self.row.not_reported > 0 and self.waiting_since is None and self.covered_by is None

    @property
    def name_in_a_list(self) -> str:
        """The name; with a waiting late request also that it waits."""
        waits = status_marks.status_words(DayStatus.WAITING).lower()
        return f"{self.short_name} ({waits})" if self.waiting_since else self.short_name

    @property
    def is_missing(self) -> bool:
        return self.is_awaited and self.status is not DayStatus.EXCUSED


class District(NamedTuple):
    """A superior with missing reports: its people call the units."""

    row: Row
    missed_days: int  # of the longest silent
    urgency: Urgency  # of the most urgent missing report
    names: str  # of the units without a report; of a waiting request it is said


@dataclass(frozen=True, kw_only=True)
class Board:
    figures: DayRollup
    rows: tuple[BoardRow, ...]  # by superior and name; those that are called themselves last, agencies at the end
    at: datetime

    @property
    def complete(self) -> list[Row]:
        """The districts in which all have reported."""
        return [row for row in self._superiors if row.expected and not row.not_reported]

    @property
    def districts(self) -> list[District]:
        """The districts with missing reports, most first."""
        silent: dict[str, list[BoardRow]] = defaultdict(list)
        for row in self.rows:
            if row.superior and row.row.not_reported:
                silent[row.superior.code].append(row)
        return [
            District(
                row,
                max(one.missed_days for one in silent[row.code]),
                max((one.urgency for one in silent[row.code]), key=list(Urgency).index),
                ", ".join(one.name_in_a_list for one in silent[row.code]),
            )
            for row in sorted(self._superiors, key=lambda row: -row.not_reported)
            if row.code in silent
        ]

    @property
    def _superiors(self) -> list[Row]:
        return [row for row in self.figures.children if not row.is_reporting]

    @cached_property
    def missing(self) -> list[BoardRow]:
        """The units without a report that are called themselves; the longest silent first, agencies last."""
        rows = [row for row in self.rows if row.superior is None and row.row.not_reported]
        return sorted(rows, key=lambda row: (row.row.is_agency, -row.missed_days))

    @property
    def arrived(self) -> list[BoardRow]:
        """The units that are called themselves and have reported, the newest first."""
        rows = [row for row in self.rows if row.superior is None and row.received_at and not row.row.not_reported]
        return sorted(rows, key=lambda row: row.received_at, reverse=True)

    @cached_property
    def awaited(self) -> list[BoardRow]:
        """The units to remind."""
        return [row for row in self.rows if row.is_awaited]

    @property
    def to_remind(self) -> list[BoardRow]:
        """The units that may be reminded now."""
        return [row for row in self.awaited if not row.reminded or row.reminded.at <= self.at - REMINDED_AGAIN_AFTER]

    @property
    def minutes_to_wait(self) -> int:
        """Until when nobody may be reminded again, in minutes."""
        oldest = min((row.reminded.at for row in self.awaited if row.reminded), default=self.at)
        return max(-(-(oldest + REMINDED_AGAIN_AFTER - self.at) // timedelta(minutes=1)), 1)

    @property
    def last_reminded(self) -> Reminded | None:
        """The newest reminder on the board."""
        return max((row.reminded for row in self.rows if row.reminded), key=lambda one: one.at, default=None)


def day_board(unit: Unit, day: date, *, at: datetime, as_of: datetime | None = None) -> Board:
    """The board of the units below `unit` at `at`, or at `as_of`. The number of queries is constant."""
    figures = rollup.rows(unit, day, as_of, at=at)
    at, days, is_below = as_of or at, _days_missed(figures), {"unit__path__startswith": unit.path}
    hours = hours_in_force.hours_of_days(days, as_of)
    reminded: dict[str, Reminded] = {}
    reminders = Reminder.objects.filter(day=day, at__lte=at, **is_below).select_related("unit", "by")
    for one in reminders.order_by("at", "pk"):
        times = reminded[one.unit.code].times + 1 if one.unit.code in reminded else 1
        reminded[one.unit.code] = Reminded(times, one.at, one.by.display_name)
    requests = LateRequest.objects.waiting(as_of).filter(day__range=(days[-1], day), **is_below)
    if as_of is None and not other_records(unit, deadline.reporting_day(at), at=at).any_request:
        requests = requests.none()
    waiting = {(one.unit.code, one.day): one.received_at for one in requests.select_related("unit")}
    reopenings = Reopening.objects.in_force_then(at).filter(day=day, **is_below)
    reopened = dict(reopenings.values_list("unit__code", "until"))
    covered = query.covered_on(unit, day, as_of) if day < deadline.reporting_day(at) else {}

    def missed(row: Row) -> int:
        """The number of missed days since the last report; today only after its hour."""
        since = [
            one
            for one in days
            if not (row.carried_from and one <= row.carried_from) and not (row.opened_on and one < row.opened_on)
        ]
        asked = [one for one in since if (row.code, one) in waiting]
        included = [one for one in since if row.code in covered and covered[row.code].first <= one]
        found = missed_days(row.path, since, hours=hours, waiting=asked, included=included, at=at)
        return sum(one.is_missed for one in found)

    def board_row(row: Row, superior: Row | None) -> BoardRow:
        return BoardRow(
            row=row,
            superior=superior,
            missed_days=missed(row) if row.not_reported else 0,
            waiting_since=waiting.get((row.code, day)),
            reminded=reminded.get(row.code),
            covered_by=covered[row.code].day if row.not_reported and row.code in covered else None,
            reopened_until=reopened.get(row.code),
            closes_at=hours[day].closes_at(row.path),
            urgency=hours[day].urgency(row.path, at),
        )

    return Board(figures=figures, rows=tuple(board_row(*called) for called in _called(figures)), at=at)


def _called(figures: DayRollup) -> list[tuple[Row, Row | None]]:
    """The reporting units, each with the unit right below that calls it. Agencies are called by their own city."""
    own, called = figures.own, []
    for row in figures.by_code.values():
        if row.is_reporting and row.code != own.code:
            below = figures.by_code[row.path.removeprefix(own.path).partition("/")[0]]
            if below is row or not row.is_agency:
                called.append((row, None if below is row else below))

    def order(called: tuple[Row, Row | None]) -> tuple:
        row, above = called
        return row.is_agency, above is None, above.sort_key if above else "", row.sort_key, row.code

    return sorted(called, key=order)


def _days_missed(figures: DayRollup) -> list[date]:
    """The days that a unit may have missed, the newest first; at least the day itself."""
    start = figures.hours.campaign_start or figures.day
    missing = (row for row in figures.by_code.values() if row.is_reporting and row.not_reported)
    first = min([figures.day, *(row.carried_from or start for row in missing)])
    return [figures.day - timedelta(days=back) for back in range((figures.day - first).days + 1)]


# Whom to call.


class Contact(NamedTuple):
    """A telephone number: of the unit's duty (no name), or of a person."""

    phone: str
    name: str = ""


def contacts(rows: Collection[BoardRow | Row]) -> dict[str, list[Contact]]:
    """Whom to call, by unit code: the duty telephone and the active accounts. Each number is listed once."""
    people = defaultdict(list)
    units = [row.unit_id for row in rows]
    for person in User.objects.filter(unit__in=units, is_active=True).order_by("username") if units else ():
        people[person.unit_id].append(Contact(person.phone, person.display_name))
    by_code = {}
    for row in rows:
        by_number: dict[str, Contact] = {}
        for contact in (Contact(row.phone), *people[row.unit_id]):
            number = formatting.dial(contact.phone)
            if number and (number not in by_number or not by_number[number].name):
                by_number[number] = contact
        by_code[row.code] = list(by_number.values())
    return by_code


# In words.


def words_of_the_day_before(unit: Unit, day: date, *, of_agencies: bool, at: datetime) -> str:
    """How many reports below the unit the day before had by the same hour, in words; empty if that day has none.

    Counts agencies or the other units, never both. A report on an exempt day counts too.
    """
    then = min(at, day_start(day + A_DAY)) - A_DAY
    reports = Report.objects.filter(unit__path__startswith=unit.path, day=day - A_DAY, kind=Report.Kind.DAILY)
    of_these = reports.filter if of_agencies else reports.exclude
    counted = of_these(unit__level=Unit.Level.AGENCY).filter(installs__isnull=False)
    received = list(counted.order_by().values_list("received_at", flat=True))
    if not received:
        return ""
    by_then = sum(moment <= then for moment in received)
    return _("%(then)s at this hour yesterday") % {"then": formatting.number(by_then)}


def reminder_words(board: Board, *, at: datetime) -> str:
    """A text for the units that have not reported; empty if all of them are excused."""
    missing = sum(row.is_missing for row in board.awaited)
    if not missing:
        return ""
    words = _("%(hour)s on %(day)s: %(missing)s of %(expected)s %(kinds)s have not reported Bluezone: %(names)s.") % {
        "hour": formatting.hour(at),
        "day": formatting.short_day(deadline.reporting_day(at)),
        "missing": missing,
        "expected": sum(row.expected for row in board.rows),  # with agencies: it counts senders, not installs
        # "phường" or "xã, thị trấn"; "units" if agencies or districts are among them
        "kinds": unit_kinds.joined_kinds({row.row.kind for row in board.rows}, among=unit_kinds.OF_COMMUNES)
        or _("units"),
        "names": _missing_names(board),
    }
    by_text: dict[str, list[BoardRow]] = defaultdict(list)
    for row in board.awaited:
        by_text[_text_to(row, board.figures.day)].append(row)
    usual, *others = sorted(by_text.items(), key=lambda item: -len(item[1]))
    return " ".join([words, usual[0], *(f"{', '.join(row.name for row in rows)}: {text}" for text, rows in others)])


def _text_to(row: BoardRow, day: date) -> str:
    """What is asked of an awaited unit."""
    hour = formatting.hour_on(row.reopened_until or row.closes_at or deadline.closes_at(day), day)
    words = _("Please send the Bluezone report of %(day)s %(before)s.")
    if row.status is DayStatus.EXCUSED:
        words = _("Please send the Bluezone report of %(day)s. It will not count as late.")
    elif row.urgency is Urgency.OVERDUE and not row.reopened_until:
        words = _("The Bluezone report of %(day)s is overdue since %(hour)s. Please send it as a late report.")
    return words % {"day": formatting.short_day(day), "hour": hour, "before": before_words(hour)}


def _missing_names(board: Board) -> str:
    """The names of the missing units by superior; with the kind of each if there are several kinds."""
    is_one_kind = len({row.row.kind for row in board.rows}) == 1
    lists = []
    for superior, rows in groupby(board.rows, key=lambda row: (row.superior, row.row.is_agency)):
        names = ", ".join(row.short_name if is_one_kind else row.name for row in rows if row.is_missing)
        if names:
            lists.append(f"{superior[0].name}: {names}" if superior[0] else names)
    return "; ".join(lists)
