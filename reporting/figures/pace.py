"""Is the target within reach: what is missing, what each day has to bring, when the present pace gets there.

Honest in one direction: nothing here makes the way to the target look shorter than it is. Needs are rounded up, and so
is the factor by which the pace has to grow. A mean is over the days, those without a report too, and a report of
several days counts in each of them alike. What too few units or days have reported is no pace: it says what it lacks.
A parent's pace comes from its own totals, not from its parts' needs.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from ..text import formatting

MEAN_OVER = 7  # days
FEWEST_DAYS = 3  # of a mean: fewer say nothing of the days to come
FEWEST_KNOWN = Fraction(1, 2)  # of the reports that were due in these days; the silent count as nothing in the mean
MOST_FACTOR = 5  # beyond it "to be multiplied" is no advice any more
FARTHEST = 3650  # days: a pace that needs longer never gets there


class Kind(StrEnum):
    REACHED = "reached"
    ON_PACE = "on_pace"
    MULTIPLY = "multiply"
    NOT_ENOUGH = "not_enough"
    UNDATED = "undated"  # no date to be judged by
    UNKNOWN = "unknown"  # too little was reported to say


@dataclass(frozen=True, slots=True)
class OfDay:
    """What was reported for a day below a unit."""

    day: date
    installs: int | None  # None: nobody has reported
    units: frozenset[str] = frozenset()  # the codes of who has
    due: int = 1  # reports that were owed


@dataclass(frozen=True, slots=True)
class Span:
    """A report of several days, from `first` on, as it stands among the installs of `day`."""

    first: date
    day: date
    installs: int

    def days_before(self, start: date) -> int:
        return max((start - self.first).days, 0)

    @property
    def days(self) -> int:
        return (self.day - self.first).days + 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Lack:
    """Why a mean says nothing: of `units` only `reported`, of the `due` reports of `days` only `known`."""

    days: int
    known: int
    due: int
    reported: int
    units: int

    @property
    def words(self) -> str:
        numbers = {name: formatting.number(getattr(self, name)) for name in self.__slots__} | {"least": FEWEST_DAYS}
        if self.days < FEWEST_DAYS:
            return _("too little for a forecast (the reports of at least %(least)s days are needed)") % numbers
        if not self.known:
            return _("too little for a forecast (no report in the last %(days)s days)") % numbers
        if self.reported < self.units * FEWEST_KNOWN:
            words = _("too little for a forecast (%(reported)s of %(units)s units reported in the last %(days)s days)")
            return words % numbers
        return _("too little for a forecast (%(known)s of the %(due)s reports of the last %(days)s days)") % numbers


@dataclass(frozen=True, slots=True)
class Lately:
    """The days in a row up to one day, oldest first, and what among their installs is of several days."""

    days: Sequence[OfDay]
    spans: Sequence[Span] = ()

    def up_to(self, day: date) -> list[OfDay]:
        """The last seven days up to the day, or as many as there are."""
        return [of_day for of_day in self.days if day - timedelta(days=MEAN_OVER) < of_day.day <= day]

    def has_report(self, day: date) -> bool:
        return any(of_day.day == day and of_day.installs is not None for of_day in self.days)

    def mean(self, day: date) -> Fraction | None:
        """Installs a day over the last seven days up to `day`; None if nothing was reported in them.

        Of a report that reaches back before them only the even part of their own days counts.
        """
        window = self.up_to(day)
        if all(of_day.installs is None for of_day in window):
            return None
        start = window[0].day
        before = sum(
            Fraction(span.installs * span.days_before(start), span.days)
            for span in self.spans
            if start <= span.day <= day
        )
        return Fraction(sum(of_day.installs or 0 for of_day in window) - before, len(window))

    def by_day(self, day: date) -> list[Fraction]:
        """The installs of each of these days, a report of several days spread evenly over those that it counts.

        Their sum over their number is the mean.
        """
        return [self._spread(of_day, day) for of_day in self.up_to(day)]

    def _spread(self, of_day: OfDay, until: date) -> Fraction:
        counted = Fraction(of_day.installs or 0)
        for span in self.spans:
            if span.first <= of_day.day <= span.day <= until:
                counted += Fraction(span.installs, span.days) - (span.installs if span.day == of_day.day else 0)
        return counted

    def several_words(self, day: date) -> str:
        """How much of the day's installs is of several days, in words; empty where nothing is."""
        found = [span for span in self.spans if span.day == day]
        if not found:
            return ""
        words = ngettext(
            "of these %(installs)s are of several days (%(n)s unit)",
            "of these %(installs)s are of several days (%(n)s units)",
            len(found),
        )
        return words % {"installs": formatting.number(sum(span.installs for span in found)), "n": len(found)}

    def lack(self, day: date, *, units: int) -> Lack | None:
        """Why the mean up to `day` says nothing of the days to come; None if it does. `units` report below the unit."""
        window = self.up_to(day)
        due = sum(of_day.due for of_day in window)
        found = Lack(
            days=len(window),
            known=sum(min(self._known(of_day, day), max(of_day.due, 1)) for of_day in window),
            due=due,
            reported=len(frozenset().union(*(of_day.units for of_day in window))),
            units=units,
        )
        is_enough = found.days >= FEWEST_DAYS and found.known and found.known >= due * FEWEST_KNOWN
        return None if is_enough else found

    def _known(self, of_day: OfDay, until: date) -> int:
        """Whose figures of the day are there, by a report of its own or in a later one."""
        within = [span for span in self.spans if span.first <= of_day.day < span.day <= until]
        return len(of_day.units) + len(within)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    missing: int  # installs to the target
    target_date: date | None
    days_left: int | None  # None without a date
    needed_per_day: int | None  # None without a date and when no day is left
    mean: Fraction | None  # installs a day; None where too little was reported lately
    mean_days: int  # over which it is taken
    reached_on: date | None  # at that mean; None if never
    factor: Decimal | None  # by which the mean has to grow, cut upwards: 2.31 is 2.4; None where it says nothing
    kind: Kind
    lack: Lack | None = None  # why there is no mean
    start: date | None = None  # the last day that is done: from there on the days left are counted
    slowest: Fraction | None = None  # installs of the slowest of the days of the mean; None without a mean
    fastest: Fraction | None = None

    @property
    def words(self) -> str:
        match self.kind:
            case Kind.REACHED:
                return _("target reached")
            case Kind.ON_PACE:
                return _("on pace")
            case Kind.MULTIPLY:
                return _("has to grow %(factor)s-fold") % {"factor": formatting.decimal(self.factor)}
            case Kind.UNDATED:
                return _("expected on %(day)s at the present pace") % {"day": formatting.day(self.reached_on)}
            case Kind.UNKNOWN:
                return self.lack.words
            case Kind.NOT_ENOUGH:
                return _("the present pace is not enough to reach the target")

    @property
    def sentence(self) -> str:
        """All of it in one: what each day has to bring, what it brings, how far apart they are, where that leads."""
        if self.kind is Kind.REACHED:
            return _("target reached")
        if self.needed_per_day is None or self.mean is None:
            return "; ".join(filter(None, [self.rate_words, self.words]))
        words = _("%(needed)s a day are needed until %(until)s, the mean of %(days)s days is %(mean)s: %(judgement)s")
        judgement = [_("%(factor)s times as many") % {"factor": formatting.decimal(self.factor)}] if self.factor else []
        if self.reached_on:
            judgement.append(_("expected on %(day)s") % {"day": formatting.day(self.reached_on)})
        return words % {
            "needed": formatting.number(self.needed_per_day),
            "until": formatting.short_day(self.target_date),
            "days": self.mean_days,
            "mean": formatting.per_day(self.mean),
            "judgement": "; ".join(judgement or [self.words]),
        }

    @property
    def rate_words(self) -> str:
        """What each day has to bring, beside what it brings: "Needed: 45 a day until 31/08; 12 a day over 7 days"."""
        if self.needed_per_day is None:
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
        words = _("on average %(mean)s a day over the last %(days)s days")
        return words % {"mean": formatting.per_day(self.mean), "days": self.mean_days}


def of(
    *,
    cumulative: int | None,
    target: int | None,
    target_date: date | None,
    day: date,
    lately: Lately,
    is_day_open: bool,
    units: int = 1,
) -> Pace | None:
    """The pace of one unit as its figures of `day` stand; None where no target is known.

    Days left are those after `day` up to and including the target date. `day` itself is left too while it is open and
    nothing has been reported for it; once a part of it is in, it counts no more, since that part is in the cumulative.
    An open day is no part of the mean: its figures are not whole yet. `units` report below the unit.
    """
    if target is None:
        return None
    missing, eve = max(target - (cumulative or 0), 0), day - timedelta(days=1)
    last_done = eve if is_day_open and not lately.has_report(day) else day
    days_left = None if target_date is None else max((target_date - last_done).days, 0)
    until = eve if is_day_open else day
    lack = lately.lack(until, units=units)
    per_day, by_day = (None, []) if lack else (lately.mean(until), lately.by_day(until))
    days_needed, factor = _days_needed(missing, per_day), _factor(missing, per_day, days_left)
    return Pace(
        missing=missing,
        target_date=target_date,
        days_left=days_left,
        needed_per_day=_needed_per_day(missing, days_left),
        mean=per_day,
        mean_days=len(lately.up_to(until)),
        reached_on=last_done + timedelta(days=days_needed) if missing and days_needed else None,
        factor=factor,
        kind=_kind(missing, days_left=days_left, days_needed=days_needed, factor=factor, has_mean=lack is None),
        lack=lack,
        start=last_done,
        slowest=min(by_day, default=None),
        fastest=max(by_day, default=None),
    )


def _needed_per_day(missing: int, days_left: int | None) -> int | None:
    if missing == 0:
        return 0
    return -(-missing // days_left) if days_left else None


def _days_needed(missing: int, per_day: Fraction | None) -> int | None:
    """Days at that mean; None if it never gets there."""
    if not per_day:
        return None
    days = math.ceil(missing / per_day)
    return days if days <= FARTHEST else None


def _factor(missing: int, per_day: Fraction | None, days_left: int | None) -> Decimal | None:
    if not missing or not per_day or not days_left:
        return None
    return Decimal(math.ceil(missing / (per_day * days_left) * 10)) / 10


def _kind(
    missing: int, *, days_left: int | None, days_needed: int | None, factor: Decimal | None, has_mean: bool
) -> Kind:
    if missing == 0:
        return Kind.REACHED
    if not has_mean and days_left != 0:
        return Kind.UNKNOWN
    if days_left is None:
        return Kind.UNDATED if days_needed else Kind.NOT_ENOUGH
    if factor is None or factor > MOST_FACTOR:
        return Kind.NOT_ENOUGH
    return Kind.ON_PACE if factor <= 1 else Kind.MULTIPLY
