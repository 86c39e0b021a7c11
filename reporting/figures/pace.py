"""Says if the target is within reach: missing installs, installs needed a day, the day when it is reached. Pure.

Needed installs and the factor of growth are rounded up. A mean covers reported days and says how many;
a report of several days is spread evenly over them. With too few reported days there is no pace. From the target date
on there is no forecast: the target is reached or missed.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

from django.utils.translation import gettext as _, ngettext

from ..text import formatting
from .rollup import Row

WINDOW = 7  # days: a mean is over the reported ones among them
FEWEST_DAYS = 3  # reported days: with fewer there is no mean
ENOUGH = Fraction(3, 4)  # share of due reports that makes a reported day
MOST_FACTOR = 5  # beyond it "has to grow" is no useful advice
FARTHEST = 3650  # days: a pace that needs longer counts as never
WITHOUT_DATE = 14  # days ahead of a projection if no order names a date
FARTHEST_SHOWN = 45  # days ahead of the longest projection


class Kind(StrEnum):
    REACHED = "reached"
    LAST_DAY = "last_day"  # it is the target date, before the deadline
    MISSED = "missed"  # the target date is over, and the target is not reached
    ON_PACE = "on_pace"
    MULTIPLY = "multiply"
    NOT_ENOUGH = "not_enough"
    UNDATED = "undated"  # no date to be judged by
    UNKNOWN = "unknown"  # too little was reported to say


@dataclass(frozen=True, slots=True, kw_only=True)
class PastDay:
    """A unit's own figures of a day, in the tree of a later day; None is unknown."""

    day: date
    installs: int | None = None
    adjustment: int = 0
    cumulative: int | None = None
    share: Decimal | None = None  # of today's population
    target: int | None = None
    due: int = 1  # units that owed a report
    reported: int = 0  # how many of these sent one
    change: str = ""  # what happened to the tree on this day, in words

    @property
    def not_reported(self) -> int:
        return max(self.due - self.reported, 0)


@dataclass(frozen=True, slots=True)
class Span:
    """A report of `day` that covers several days, from `first` on."""

    first: date
    day: date
    installs: int

    @property
    def days(self) -> int:
        return (self.day - self.first).days + 1


@dataclass(frozen=True, slots=True)
class RecentDays:
    """Consecutive days up to one day, oldest first, and the reports among them that cover several days."""

    days: Sequence[PastDay]
    spans: Sequence[Span] = ()
    below: Mapping[str, Mapping[date, int]] = field(default_factory=dict)  # new installs by unit right below

    def window(self, day: date) -> list[PastDay]:
        """The last seven days up to the day, or as many as there are."""
        before = day - timedelta(days=WINDOW)
        return [past for past in self.days if before < past.day <= day]

    def reported(self, day: date) -> list[PastDay]:
        """The days of `window` for which enough of the due reports were sent; a mean covers these."""
        return [past for past in self.window(day) if self._is_reported(past, day)]

    def has_report(self, day: date) -> bool:
        return any(past.day == day and past.installs is not None for past in self.days)

    def by_day(self, day: date) -> list[Fraction]:
        """The installs of each reported day; a report of several days is spread evenly over them."""
        return [self._spread(past, day) for past in self.reported(day)]

    def several_words(self, day: date) -> str:
        """How many of the day's installs cover several days, in words; empty if none."""
        found = [span for span in self.spans if span.day == day]
        if not found:
            return ""
        words = ngettext(
            "of these %(installs)s are of several days (%(n)s unit)",
            "of these %(installs)s are of several days (%(n)s units)",
            len(found),
        )
        return words % {"installs": formatting.number(sum(span.installs for span in found)), "n": len(found)}

    def _is_reported(self, past: PastDay, until: date) -> bool:
        """Whether enough of the due reports were sent: reports of the day, or later ones that cover it."""
        covered = sum(span.first <= past.day < span.day <= until for span in self.spans)
        return past.due > 0 and (past.reported + covered) * ENOUGH.denominator >= past.due * ENOUGH.numerator

    def _spread(self, past: PastDay, until: date) -> Fraction:
        counted = Fraction(past.installs or 0)
        for span in self.spans:
            if span.first <= past.day <= span.day <= until:
                counted += Fraction(span.installs, span.days) - (span.installs if span.day == past.day else 0)
        return counted


def mean_of(by_day: Sequence[Fraction]) -> Fraction | None:
    return sum(by_day, Fraction()) / len(by_day) if by_day else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    missing: int  # installs to the target
    target_date: date | None
    days_left: int | None  # None without a date
    needed_per_day: int | None  # None without a date and when no day is left
    mean: Fraction | None  # installs a day; None where too little was reported
    mean_days: int  # days with enough reports; the mean, if any, covers them
    window: int  # days looked at
    reached_on: date | None  # at that mean; None if never
    factor: Decimal | None  # needed over mean, rounded up: 2.31 is 2.4; None if reached or without mean or days
    kind: Kind
    start: date  # the last finished day: the days left are those after it
    surplus: int = 0  # installs beyond the target
    is_over: bool = False  # the target date has come
    slowest: Fraction | None = None  # installs on the mean's slowest day; None without a mean
    fastest: Fraction | None = None

    @property
    def most(self) -> float:
        """The larger of the needed and the actual installs a day."""
        return float(max(self.needed_per_day or 0, self.mean or 0))

    @property
    def words(self) -> str:
        match self.kind:
            case Kind.REACHED:
                words = _("target reached, %(surplus)s more") if self.surplus else _("target reached")
                return words % {"surplus": formatting.number(self.surplus)}
            case Kind.MISSED:
                words = _("the target of %(day)s is not reached: %(missing)s are missing")
                if self.target_date and self.start > self.target_date:
                    words = _("the target of %(day)s was not reached: on %(then)s %(missing)s are missing")
                return words % self._about_the_end()
            case Kind.LAST_DAY:
                words = _("the target date %(day)s is not over: %(missing)s are still missing")
                return words % self._about_the_end()
            case Kind.ON_PACE:
                return _("on pace")
            case Kind.MULTIPLY:
                return _("has to grow %(factor)s-fold") % {"factor": formatting.decimal(self.factor)}
            case Kind.UNDATED:
                return _("expected on %(day)s at the current pace") % {"day": formatting.day(self.reached_on)}
            case Kind.UNKNOWN:
                counts = {"reported": self.mean_days, "days": self.window}
                if not self.mean_days:
                    words = _("too little for a forecast (no day with enough reports in the last %(days)s days)")
                    if self.window == 1:
                        words = _("too little for a forecast (not enough reports of the only day so far)")
                    return words % counts
                words = _("too little for a forecast (only %(reported)s of the last %(days)s days have enough reports)")
                if self.mean_days == self.window:
                    words = ngettext(
                        "too little for a forecast (only %(days)s day so far, with enough reports)",
                        "too little for a forecast (only %(days)s days so far, with enough reports)",
                        self.window,
                    )
                return words % counts
            case Kind.NOT_ENOUGH:
                return _("the current pace is not enough to reach the target")

    def _about_the_end(self) -> dict[str, str]:
        days = {"day": formatting.day(self.target_date), "then": formatting.day(self.start)}
        return {**days, "missing": formatting.number(self.missing)}

    @property
    def rate_words(self) -> str:
        """The needed and the actual installs a day: "Needed: 45 a day until 31/08; 12 a day over 7 days"."""
        if self.needed_per_day is None or self.target_date is None:
            return self.mean_words[:1].upper() + self.mean_words[1:]
        needed = _("Needed: %(needed)s a day until %(day)s") % {
            "needed": formatting.number(self.needed_per_day),
            "day": formatting.short_day(self.target_date),
        }
        return "; ".join(filter(None, [needed, self.mean_words]))

    @property
    def mean_words(self) -> str:
        if self.mean is None:
            return ""
        about = {"mean": formatting.per_day(self.mean), "reported": self.mean_days, "days": self.window}
        if self.mean_days == self.window:
            return _("on average %(mean)s a day over the last %(days)s days") % about
        return (
            _("on average %(mean)s a day over the %(reported)s of the last %(days)s days with enough reports") % about
        )


def pace_of(
    *,
    cumulative: int | None,
    target: int | None,
    target_date: date | None,
    day: date,
    recent: RecentDays,
    is_day_open: bool,
    is_hour_over: bool,
) -> Pace | None:
    """The pace of one unit by its figures of `day`; None without a target.

    Days left are those after `day` up to and including the target date, and `day` itself if it is open and has no
    report yet. An open day is not in the mean: it is incomplete. The target is missed only after the last deadline of
    the target date.
    """
    if target is None:
        return None
    missing, until = max(target - (cumulative or 0), 0), day - timedelta(days=1) if is_day_open else day
    last_done = day if recent.has_report(day) else until
    days_left = None if target_date is None else max((target_date - last_done).days, 0)
    reported = recent.by_day(until)
    few, is_over = len(reported) < FEWEST_DAYS, target_date is not None and day >= target_date
    by_day = [] if few or is_over else reported
    per_day = mean_of(by_day)
    days_needed = math.ceil(missing / per_day) if per_day and missing <= per_day * FARTHEST else None  # None: never
    growth = missing / (per_day * days_left) if missing and per_day and days_left else None
    factor = None if growth is None else Decimal(math.ceil(growth * 10)) / 10
    needed_per_day = -(-missing // days_left) if days_left else None
    kind = _kind(missing, is_over=is_over, few=few, days_left=days_left, days_needed=days_needed, factor=factor)
    if kind is Kind.MISSED and day == target_date and not is_hour_over:
        kind = Kind.LAST_DAY
    return Pace(
        missing=missing,
        target_date=target_date,
        days_left=days_left,
        needed_per_day=None if is_over else needed_per_day if missing else 0,
        mean=per_day,
        mean_days=len(reported),
        window=len(recent.window(until)),
        reached_on=last_done + timedelta(days=days_needed) if missing and days_needed else None,
        factor=factor,
        kind=kind,
        surplus=max((cumulative or 0) - target, 0),
        is_over=is_over,
        start=last_done,
        slowest=min(by_day, default=None),
        fastest=max(by_day, default=None),
    )


def _kind(
    missing: int, *, is_over: bool, few: bool, days_left: int | None, days_needed: int | None, factor: Decimal | None
) -> Kind:
    if missing == 0:
        return Kind.REACHED
    if is_over:
        return Kind.MISSED
    if few:
        return Kind.UNKNOWN
    if days_left is None:
        return Kind.UNDATED if days_needed else Kind.NOT_ENOUGH
    if factor is None or factor > MOST_FACTOR:
        return Kind.NOT_ENOUGH
    return Kind.ON_PACE if factor <= 1 else Kind.MULTIPLY


@dataclass(frozen=True, slots=True, kw_only=True)
class Projection:
    """Where the share goes from `start` to `until`: on the path to the target, and at the pace of the last days."""

    start: date
    until: date
    share: Fraction  # at the start
    required: Fraction | None  # on the path to the target; None without a date
    expected: Fraction | None  # at the mean of the last days; None if too little was reported
    slowest: Fraction | None  # if each day were like the slowest of them
    fastest: Fraction | None


def project(row: Row, pace: Pace | None) -> Projection | None:
    """The projection from the last full day; None without a population or once the target or its date is reached."""
    cumulative, population = row.cumulative, row.population
    if pace is None or pace.is_over or not pace.missing or not population or cumulative is None:
        return None
    days = min(pace.days_left or WITHOUT_DATE, FARTHEST_SHOWN)

    def after(per_day: Fraction | None) -> Fraction | None:
        return None if per_day is None else (cumulative + per_day * days) / population

    return Projection(
        start=pace.start,
        until=pace.start + timedelta(days=days),
        share=Fraction(cumulative, population),
        required=after(Fraction(pace.missing, pace.days_left)) if pace.days_left else None,
        expected=after(pace.mean),
        slowest=after(pace.slowest),
        fastest=after(pace.fastest),
    )
