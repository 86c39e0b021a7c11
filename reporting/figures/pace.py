"""Says if the target is within reach: missing installs, installs needed a day, the day when it is reached. Pure.

Needed installs and the factor of growth are rounded up, forecasts down. An open day counts as it is expected to end
(`rates`): a report that arrives as usual changes no forecast. With too few reported days there is no pace. From the
target date on there is no forecast, but what the share was on that date and what it is now.
"""

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

from django.utils.translation import ngettext

from ..text import formatting
from .rates import Rate, Rates, Span
from .rollup import Row

FARTHEST = 3650  # days: a pace that needs longer counts as never
WITHOUT_DATE = 14  # days ahead of a projection if no order names a date
FARTHEST_SHOWN = 45  # days ahead of the longest projection


class Kind(StrEnum):
    REACHED = "reached"  # now, or on the target date once it has passed
    REACHED_LATE = "reached_late"  # after the target date
    LAST_DAY = "last_day"  # it is the target date, before the deadline
    MISSED = "missed"  # the target date is over, and the target is not reached
    ON_PACE = "on_pace"
    NOT_ENOUGH = "not_enough"
    UNDATED = "undated"  # no date to be judged by
    UNKNOWN = "unknown"  # too little was reported to say


@dataclass(frozen=True, slots=True, kw_only=True)
class PastDay:
    """A unit's own figures of an earlier day, summed over the units that it has now; None is unknown."""

    day: date
    installs: int | None = None
    adjustment: int = 0
    cumulative: int | None = None
    share: Decimal | None = None  # of today's population
    target: int | None = None
    due: int = 1  # units that owed a report
    reported: int = 0  # how many of these sent one

    @property
    def not_reported(self) -> int:
        return max(self.due - self.reported, 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class RecentDays:
    """A day and those before it, oldest first; the last day's reports of several days; the rates of the days before."""

    days: Sequence[PastDay]
    spans: Sequence[Span] = ()
    rates: Rates = field(default_factory=Rates)
    below: Mapping[str, Sequence[Decimal | None]] = field(default_factory=dict)  # shares of the units right below
    restated_on: Collection[date] = ()  # units or people came on them: all days are counted with those of the last

    @property
    def is_restated(self) -> bool:
        return bool(self.restated_on)

    def several_words(self) -> str:
        """How many of the last day's installs cover several days, in words; empty if none."""
        if not self.spans:
            return ""
        words = ngettext(
            "of these %(installs)s are of several days (%(n)s unit)",
            "of these %(installs)s are of several days (%(n)s units)",
            len(self.spans),
        )
        return words % {"installs": formatting.number(sum(span.installs for span in self.spans)), "n": len(self.spans)}


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetDay:
    """What stood on the target date: as sealed, if the day is sealed."""

    day: date
    row: Row
    sealed_at: datetime | None = None
    reached_on: date | None = None  # the first later day on which the target was reached, if it is known
    is_corrected: bool = False  # less counts since, by corrections

    @property
    def days_late(self) -> int:
        return (self.reached_on - self.day).days if self.reached_on else 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    day: date
    missing: int  # installs to the target, by what is recorded
    to_come: Fraction  # installs that the silent units are expected to add on the day
    target_date: date | None
    days_left: int | None  # after the day, up to the target date; None without a date
    needed_per_day: int | None  # on these days, rounded up; None without a date and when no day is left
    mean: Fraction | None  # installs a day; None where too little was reported
    rate: Rate
    expected: int | None  # the cumulative on the target date at the mean, rounded down; None if not known
    reached_on: date | None  # at that mean; None if never
    kind: Kind
    surplus: int = 0  # installs beyond the target
    is_over: bool = False  # the target date has come
    then: TargetDay | None = None  # from the day after the target date on: what stood on it

    @property
    def factor(self) -> Decimal | None:
        """Needed over shown mean, rounded up: 2.31 is 2.4. None if the mean is enough or not known."""
        if self.kind is not Kind.NOT_ENOUGH or not self.needed_per_day or not self.mean:
            return None
        mean = formatting.cut_mean(self.mean)
        return Decimal(math.ceil(self.needed_per_day / mean * 10)) / 10 if mean else None

    @property
    def days_late(self) -> int:
        """Days from the target date to that on which the target is reached at the mean; 0 if that is in time."""
        return max((self.reached_on - self.target_date).days, 0) if self.reached_on and self.target_date else 0


def pace_of(
    *,
    cumulative: int | None,
    target: int | None,
    target_date: date | None,
    day: date,
    rate: Rate,
    is_hour_over: bool,
    then: TargetDay | None = None,
) -> Pace | None:
    """The pace of one unit by its figures of `day`; None without a target.

    The day is taken as it is expected to end: silent units add their usual number. Days left are those after it up to
    and including the target date. The target is missed only after the last deadline of the target date.
    """
    if target is None:
        return None
    missing, is_over = max(target - (cumulative or 0), 0), target_date is not None and day >= target_date
    by_tonight = (cumulative or 0) + rate.to_come
    days_left = None if target_date is None else max((target_date - day).days, 0)
    mean, lacking = None if is_over else rate.mean, max(target - by_tonight, Fraction())
    days_needed = math.ceil(lacking / mean) if mean and lacking <= mean * FARTHEST else None  # None: never
    expected = math.floor(by_tonight + mean * days_left) if mean is not None and days_left is not None else None
    needed_per_day = math.ceil(lacking / days_left) if days_left else None
    return Pace(
        day=day,
        missing=missing,
        to_come=rate.to_come,
        target_date=target_date,
        days_left=days_left,
        needed_per_day=None if is_over else needed_per_day,
        mean=mean,
        rate=rate,
        expected=expected,
        reached_on=day + timedelta(days=days_needed) if missing and days_needed is not None else None,
        kind=_kind_after(missing, then, is_last_day=day == target_date and not is_hour_over)
        if is_over
        else _kind(missing, expected, target, mean, is_ever=days_needed is not None),
        surplus=max((cumulative or 0) - target, 0),
        is_over=is_over,
        then=then,
    )


def _kind(missing: int, expected: int | None, target: int, mean: Fraction | None, *, is_ever: bool) -> Kind:
    if missing == 0:
        return Kind.REACHED
    if mean is None:
        return Kind.UNKNOWN
    if expected is None:
        return Kind.UNDATED if is_ever else Kind.NOT_ENOUGH
    return Kind.ON_PACE if expected >= target else Kind.NOT_ENOUGH


def _kind_after(missing: int, then: TargetDay | None, *, is_last_day: bool) -> Kind:
    if then.row.is_target_reached if then else missing == 0:
        return Kind.REACHED
    if missing == 0:
        return Kind.REACHED_LATE
    return Kind.LAST_DAY if is_last_day else Kind.MISSED


@dataclass(frozen=True, slots=True, kw_only=True)
class Projection:
    """Where the share goes from `start` to `until`: on the path to the target, and at the pace of the last days."""

    start: date
    until: date
    share: Fraction  # expected at the end of the first day
    required: Fraction | None  # on the path to the target; None without a date
    expected: Fraction | None  # at the mean of the last days; None if too little was reported
    slowest: Fraction | None  # if each day were like the slowest of them
    fastest: Fraction | None
    needed_per_day: int | None = None  # installs


def project(row: Row, pace: Pace | None, rates: Rates) -> Projection | None:
    """The projection from the end of the day; None without a population or once the target or its date is reached."""
    population = row.population
    if pace is None or pace.is_over or not pace.missing or not population or row.cumulative is None:
        return None
    by_tonight = row.cumulative + pace.to_come
    days = min(WITHOUT_DATE if pace.days_left is None else pace.days_left, FARTHEST_SHOWN)

    def after(per_day: Fraction | None) -> Fraction | None:
        return None if per_day is None else math.floor(by_tonight + per_day * days) / Fraction(population)

    return Projection(
        start=pace.day,
        until=pace.day + timedelta(days=days),
        share=by_tonight / population,
        required=after((row.target - by_tonight) / pace.days_left) if pace.days_left and row.target else None,
        expected=after(pace.mean),
        slowest=after(rates.slowest),
        fastest=after(rates.fastest),
        needed_per_day=pace.needed_per_day,
    )
