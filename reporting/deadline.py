"""Decides the deadline: a report is on time if its request arrives before 17:00:00, Hai Phong time. Pure.

This is the only place that combines orders, extensions, exempt days and downtimes, and that compares a moment with a
deadline. Compared, and printed as 17h00, is the first instant that is too late; arrivals are printed cut to the second.

An order sets the deadline, for all or for a unit and those below it. An extension gives a unit and all below it a later
one, never an earlier one. On an exempt day nothing is due, and no report is late. A downtime moves no deadline; it
excuses the units whose last hour it touched. A withdrawn record counts only for units that relied on it while it was
in force. A unit is named by its path; a superior's path is a prefix of it. `days.hours_in_force` reads the records.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from enum import StrEnum
from functools import cached_property
from typing import NamedTuple, Protocol
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
REPORT_DEADLINE = time(17, 0)  # a directive may set another
SIGNOFF_DEADLINE = time(17, 30)
CORRECTION_DAYS = 7
CORRECTION_DAYS_AT_MOST = 366  # a year, whatever is set
SEAL_AFTER = timedelta(minutes=2)  # by then, all that arrived in time is written
LAST_HOUR = timedelta(hours=1)
EVER, NEVER = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)


def reporting_day(at: datetime) -> date:
    """The Hai Phong calendar day of an instant."""
    return at.astimezone(ZONE).date()


def closes_at(day: date, hour: time = REPORT_DEADLINE) -> datetime:
    """The first instant that is too late for `day`."""
    return datetime.combine(day, hour, tzinfo=ZONE)


def is_in_time(at: datetime, *, closes_at: datetime | None) -> bool:
    """Whether `at` is before `closes_at` (17:00:00.000 is late); always without a deadline."""
    return closes_at is None or at < closes_at


class Urgency(StrEnum):
    """How near a deadline is; the least urgent first."""

    LATER = "later"
    SOON = "soon"  # within the last hour
    OVERDUE = "overdue"


class Phase(StrEnum):
    """What a day is for a unit, by the clock and by what has been signed; if several apply, the first in this order.

    `DayHours.phase` does not know of reopenings and exempt days, and names what is signed before what is over.
    """

    NOT_DUE = "not_due"  # no such day for the unit: before or after the campaign, in the future, closed
    REOPENED = "reopened"
    BEFORE = "before"  # a report at or below the unit may still be on time
    EXEMPT = "exempt"  # nothing is due, and the deadline has passed: the unit may report, a superior may act
    OVER = "over"  # more than correction_days back
    SEALED = "sealed"
    CONFIRMED = "confirmed"
    TO_CONFIRM = "to_confirm"  # the hour has passed; the district has not confirmed, the city has not sealed


class Order(Protocol):
    """What an order, a `models.Directive`, sets for the days from `effective_from` to `effective_until`."""

    pk: int
    effective_from: date
    effective_until: date | None
    target_date: date | None
    report_deadline: time
    signoff_deadline: time
    correction_days: int
    target_share: Decimal
    official_threshold: Decimal


class Kind(StrEnum):
    ORDER = "order"  # the deadline of all
    UNIT_HOUR = "unit_hour"  # another deadline of some units
    EXTENSION = "extension"
    EXEMPT_DAY = "exempt_day"
    DOWNTIME = "downtime"


class Setting(NamedTuple):
    """One record about the hours of the unit at `path` and all below it, withdrawn or not.

    Fields that its kind lacks keep their defaults.
    """

    kind: Kind
    path: str = ""
    day: date = date.min  # its day, or its first day
    recorded_at: datetime = EVER
    extended_to: datetime = NEVER  # of an extension: the deadline
    starts_at: datetime = EVER  # of a downtime
    ends_at: datetime = NEVER  # of a downtime
    hour: time = time.min  # of an order
    last: date | None = None  # the last day of an order, None without end
    ended_at: datetime = NEVER  # when it was withdrawn
    reason: str = ""

    @property
    def is_order(self) -> bool:
        return self.kind in (Kind.ORDER, Kind.UNIT_HOUR)

    def covers(self, day: date) -> bool:
        if self.is_order:
            return self.day <= day and (self.last is None or day <= self.last)
        return self.day == day or self.kind is Kind.DOWNTIME

    def closes_at(self, day: date) -> datetime:
        """The deadline that it gives the day."""
        return closes_at(day, self.hour) if self.is_order else self.extended_to

    def touches(self, path: str) -> bool:
        """Whether it belongs to the unit, a superior, or a unit below."""
        return path.startswith(self.path) or self.path.startswith(path)

    def outranks(self, other: Setting) -> bool:
        """Whether this order is newer, has the same path and did not end before the other one."""
        is_newer = (self.day, self.recorded_at) > (other.day, other.recorded_at)
        return self.path == other.path and is_newer and self.ended_at >= other.ended_at


@dataclass(frozen=True, kw_only=True)
class DayHours:
    """The hours of one day, for every unit of the tree."""

    day: date
    order: Order | None = None  # in force on the day
    settings: Sequence[Setting] = ()  # that cover the day, withdrawn or not
    campaign_start: date | None = None  # the first day of all orders
    before: DayHours | None = None  # the hours of the day before; None if no order covers it

    def _in_force(self, kind: Kind) -> list[Setting]:
        return [one for one in self.settings if one.kind is kind and one.ended_at == NEVER]

    @cached_property
    def extensions(self) -> list[Setting]:
        return self._in_force(Kind.EXTENSION)

    @cached_property
    def exempt_days(self) -> list[Setting]:
        return self._in_force(Kind.EXEMPT_DAY)

    @cached_property
    def downtimes(self) -> list[Setting]:
        return self._in_force(Kind.DOWNTIME)

    @cached_property
    def unit_orders(self) -> list[Setting]:
        """The newest order of each path."""
        oldest_first = sorted(self._in_force(Kind.UNIT_HOUR), key=lambda one: (one.day, one.recorded_at))
        return list({one.path: one for one in oldest_first}.values())

    @cached_property
    def ended_exemptions(self) -> list[Setting]:
        """The withdrawn exempt days; each was in force from `recorded_at` to `ended_at`."""
        return [one for one in self.settings if one.kind is Kind.EXEMPT_DAY and one.ended_at != NEVER]

    @cached_property
    def ended_deadlines(self) -> list[Setting]:
        """The withdrawn extensions, and withdrawn orders that no other outranks: what arrived by them is on time."""
        ended = [one for one in self.settings if one.ended_at != NEVER]
        orders = [one for one in self.settings if one.is_order]
        in_force = [one for one in ended if one.is_order and not any(other.outranks(one) for other in orders)]
        return [one for one in ended if one.kind is Kind.EXTENSION] + in_force

    @cached_property
    def ordered(self) -> datetime:
        """The deadline of the order in force, without extensions; 17:00 without an order. The day's count ends then."""
        return closes_at(self.day, self.order.report_deadline if self.order else REPORT_DEADLINE)

    def ordered_for(self, path: str) -> datetime:
        """The unit's deadline without extensions: by its own order, the nearest superior's, or the common one."""
        if not self.unit_orders:
            return self.ordered
        found = [order for order in self.unit_orders if path.startswith(order.path)]
        nearest = max(found, key=lambda order: len(order.path), default=None)
        return nearest.closes_at(self.day) if nearest else self.ordered

    def _is_overruled(self, one: Setting, path: str) -> bool:
        """Whether the setting is an order and the unit has a nearer one."""
        longer = (order.path for order in self.unit_orders if len(order.path) > len(one.path))
        return one.is_order and any(map(path.startswith, longer))

    def counts_from(self, path: str) -> datetime:
        """When the unit's count of the day begins: at the deadline of the day before."""
        return self.before.ordered_for(path) if self.before else self.ordered_for(path) - timedelta(days=1)

    @cached_property
    def corrections_end(self) -> datetime:
        """The first instant at which the day is more than `correction_days` calendar days back."""
        days = min(self.order.correction_days if self.order else CORRECTION_DAYS, CORRECTION_DAYS_AT_MOST)
        return closes_at(self.day + timedelta(days=days + 1), time.min)

    def extension(self, path: str) -> Setting | None:
        """The latest extension of the unit or of a superior."""
        granted = [one for one in self.extensions if path.startswith(one.path)]
        return max(granted, key=lambda one: one.extended_to, default=None)

    def exemption(self, path: str) -> Setting | None:
        """The exempt day of the unit or of its highest superior with one; None without one."""
        if not self.exempt_days:  # called for every unit of the city
            return None
        found = [one for one in self.exempt_days if path.startswith(one.path)]
        return min(found, key=lambda one: len(one.path), default=None)

    def closes_at(self, path: str) -> datetime | None:
        """The first instant that is too late for the unit's report; None on a day without an order."""
        if self.order is None:
            return None
        extension = self.extension(path) if self.extensions else None  # called for every unit of the city
        return max(self.ordered_for(path), extension.extended_to) if extension else self.ordered_for(path)

    def last_closes_at(self, path: str) -> datetime | None:
        """The latest deadline at or below the unit: its sums may contain reports up to then."""
        if self.order is None:
            return None
        reaching = [one.extended_to for one in self.extensions if one.touches(path)]
        ordered = [one.closes_at(self.day) for one in self.unit_orders if one.path.startswith(path)]
        return max([self.ordered_for(path), *ordered, *reaching])

    def open_until(self, path: str) -> datetime | None:
        """The first instant at which the day is closed to the unit; an exempt day stays open for corrections."""
        return self.corrections_end if self.order and self.exemption(path) else self.closes_at(path)

    def signs_off_at(self, path: str) -> datetime | None:
        """The first instant that is late for the unit's sign-off. A later deadline at or below the unit moves it.

        So does a later deadline that passed before it was withdrawn, because the sign-off had to wait for it.
        """
        if self.order is None:
            return None
        reaching = [one for one in self.ended_deadlines if one.touches(path) and not self._is_overruled(one, path)]
        hours = [(one.closes_at(self.day), one) for one in reaching]
        passed = [hour for hour, one in hours if one.recorded_at < hour <= one.ended_at]
        later = max(self.last_closes_at(path) or self.ordered, self.ordered, *passed) - self.ordered
        return closes_at(self.day, self.order.signoff_deadline) + later

    def seals_from(self, path: str) -> datetime | None:
        """From when the unit at the top may seal the day: two minutes after the last deadline at or below it."""
        closes_at = self.last_closes_at(path)
        return closes_at and closes_at + SEAL_AFTER

    def is_exempt(self, path: str) -> bool:
        """Whether the unit owes no report, or owed none at its deadline."""
        return self.exemption(path) is not None or self.was_exempt_at_the_hour(path)

    @cached_property
    def is_uniform(self) -> bool:
        """Whether the day is the same for every unit, so that callers need not ask for each of them."""
        own = (self.unit_orders, self.extensions, self.exempt_days, self.ended_exemptions, self.ended_deadlines)
        return not any(own)

    def is_due(self, path: str) -> bool:
        """Whether the unit owes a report of the day."""
        return self.order is not None and not self.is_exempt(path)

    def is_over(self, path: str, at: datetime) -> bool:
        """Whether the unit's deadline has passed."""
        return not is_in_time(at, closes_at=self.closes_at(path))

    def is_open_at(self, path: str, at: datetime) -> bool:
        """Whether the day is open to the unit at `at`; never without an order."""
        return self.order is not None and is_in_time(at, closes_at=self.open_until(path))

    def phase(self, path: str, at: datetime, *, is_confirmed: bool = False, is_sealed: bool = False) -> Phase:
        """The phase of the unit's day at `at`; the caller knows what is signed."""
        if self.order is None:
            return Phase.NOT_DUE
        if is_sealed or is_confirmed:
            return Phase.SEALED if is_sealed else Phase.CONFIRMED
        if not self.is_last_over(path, at):
            return Phase.BEFORE
        return Phase.OVER if self.is_past_corrections(at) else Phase.TO_CONFIRM

    def takes_away(self, path: str, before: DayHours, at: datetime, notice: timedelta) -> bool:
        """Whether the unit, open at `at` by the hours `before`, would be left less than `notice` to report.

        True only if these hours give it an earlier deadline, or if it now owes a report.
        """
        had, has = before.closes_at(path), self.closes_at(path)
        if had is None or has is None or not at < had:
            return False
        return has < at + notice and (has < had or (self.is_due(path) and not before.is_due(path)))

    def may_seal(self, path: str, at: datetime) -> bool:
        """Whether the unit at the top may seal the day at `at`."""
        seals_from = self.seals_from(path)
        return seals_from is not None and seals_from <= at

    def urgency(self, path: str, at: datetime) -> Urgency:
        """How near the unit's deadline is at `at`."""
        return urgency_of(self.closes_at(path), at)

    def is_in_time(self, path: str, arrived_at: datetime) -> bool:
        """Whether an arrival at that instant met the unit's deadline, or a later one withdrawn since."""
        if not self.is_over(path, arrived_at):
            return True
        return any(
            path.startswith(one.path)
            and one.recorded_at <= arrived_at < min(one.closes_at(self.day), one.ended_at)
            and not self._is_overruled(one, path)
            for one in self.ended_deadlines
        )

    def is_late(self, path: str, at: datetime) -> bool:
        """Whether the unit's first report is late if it arrives at `at`."""
        return not self.is_in_time(path, at) and not self.is_excused(path, at)

    def is_last_over(self, path: str, at: datetime) -> bool:
        """Whether the deadlines of the unit and all below it have passed."""
        return not is_in_time(at, closes_at=self.last_closes_at(path))

    def is_late_to_sign_off(self, path: str, at: datetime) -> bool:
        """Whether the unit's sign-off is late if given at `at`; never if nothing was due."""
        return not self.is_exempt(path) and not is_in_time(at, closes_at=self.signs_off_at(path))

    def is_excused(self, path: str, arrived_at: datetime | None = None) -> bool:
        """Whether the unit is neither late nor missing.

        True if no report was due (now, at its deadline or when its report arrived), or if a downtime hit its last hour.
        """
        if self.is_exempt(path) or self.downtime_in_last_hour(path):
            return True
        return arrived_at is not None and any(
            path.startswith(one.path) and one.recorded_at <= arrived_at < one.ended_at for one in self.ended_exemptions
        )

    def is_past_corrections(self, at: datetime) -> bool:
        """Whether the days for corrections are over at `at`."""
        return at >= self.corrections_end

    def figures_until(self, path: str, *, at: datetime) -> datetime:
        """The moment that a page calls "figures up to": `at`, or the unit's last deadline if that is earlier."""
        return min(at, self.last_closes_at(path) or self.ordered_for(path))

    def was_exempt_at_the_hour(self, path: str) -> bool:
        """Whether the deadline passed while an exempt day, withdrawn later, was in force: the unit owes no report."""
        closes_at = self.closes_at(path) if self.ended_exemptions else None
        return closes_at is not None and any(
            path.startswith(one.path) and one.recorded_at < closes_at <= one.ended_at for one in self.ended_exemptions
        )

    def downtime_in_last_hour(self, path: str) -> Setting | None:
        """A downtime that overlaps the last hour before the unit's deadline; None without one."""
        closes_at = self.closes_at(path) if self.downtimes else None
        if closes_at is None:
            return None
        return next(
            (one for one in self.downtimes if one.starts_at < closes_at and one.ends_at > closes_at - LAST_HOUR), None
        )


def urgency_of(closes_at: datetime | None, at: datetime) -> Urgency:
    """How near a deadline is at `at`; `LATER` without one."""
    if is_in_time(at + LAST_HOUR, closes_at=closes_at):
        return Urgency.LATER
    return Urgency.SOON if is_in_time(at, closes_at=closes_at) else Urgency.OVERDUE


def order_in_force(orders: Iterable[Order], day: date) -> Order | None:
    """The newest of these orders that is effective on the day."""
    candidates = [
        order
        for order in orders
        if order.effective_from <= day and (order.effective_until is None or day <= order.effective_until)
    ]
    return max(candidates, key=lambda order: (order.effective_from, order.pk), default=None)


def hours_of(days: Iterable[date], orders: Collection[Order], settings: Iterable[Setting] = ()) -> dict[date, DayHours]:
    """The hours of each day, in the sequence of `days`, from the orders and the other records."""
    start = min((order.effective_from for order in orders), default=None)
    of_one_day: defaultdict[date, list[Setting]] = defaultdict(list)
    lasting: list[Setting] = []
    for one in settings:
        (lasting if one.is_order or one.kind is Kind.DOWNTIME else of_one_day[one.day]).append(one)

    def of_day(day: date, before: DayHours | None = None) -> DayHours:
        covering = [*of_one_day[day], *(one for one in lasting if one.covers(day))]
        order = order_in_force(orders, day)
        return DayHours(day=day, order=order, settings=covering, campaign_start=start, before=before)

    def before(day: date) -> DayHours | None:
        earlier = of_day(day - timedelta(days=1)) if start and start < day else None
        return earlier if earlier and earlier.order else None

    return {day: of_day(day, before(day)) for day in days}
