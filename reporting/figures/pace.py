"""Is the target within reach: what is missing, what each day has to bring, when the present pace gets there.

Honest in one direction: nothing here makes the way to the target look shorter than it is. Needs are rounded up, and so
is the factor by which the pace has to grow. A parent's pace comes from its own totals, not from its parts' needs.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

from django.utils.translation import gettext as _

from ..text import formatting

MEAN_OVER = 7  # reported days
RECENT = timedelta(days=7)  # a unit without a report for longer has no present pace
MOST_FACTOR = 5  # beyond it "to be multiplied" is no advice any more
FARTHEST = 3650  # days: a pace that needs longer never gets there


class Kind(StrEnum):
    REACHED = "reached"
    ON_PACE = "on_pace"
    MULTIPLY = "multiply"
    NOT_ENOUGH = "not_enough"
    UNDATED = "undated"  # no date to be judged by


@dataclass(frozen=True, slots=True)
class Reported:
    """The installs of a reported day; `covers_from` is the first day in them where they are of several days."""

    day: date
    installs: int
    covers_from: date | None = None

    @property
    def days(self) -> int:
        return (self.day - (self.covers_from or self.day)).days + 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    missing: int  # installs to the target
    target_date: date | None
    days_left: int | None  # None without a date
    needed_per_day: int | None  # None without a date and when no day is left
    mean: Fraction | None  # installs a day; None where nothing was reported lately
    reached_on: date | None  # at that mean; None if never
    factor: Decimal | None  # by which the mean has to grow, cut upwards: 2.31 is 2.4; None where it says nothing
    kind: Kind

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
            case Kind.NOT_ENOUGH:
                return _("the present pace is not enough to reach the target")

    @property
    def rate_words(self) -> str:
        """What each day has to bring, beside what it brings: "Needed: 45 a day until 31/08; lately 12 a day"."""
        mean = None if self.mean is None else {"mean": formatting.per_day(self.mean)}
        if self.needed_per_day is None:
            return _("Lately %(mean)s a day") % mean if mean else ""
        needed = _("Needed: %(needed)s a day until %(day)s") % {
            "needed": formatting.number(self.needed_per_day),
            "day": formatting.short_day(self.target_date),
        }
        return f"{needed}; {_('lately %(mean)s a day') % mean}" if mean else needed


def history(
    installs: Iterable[tuple[date, int | None]], covers_from: Mapping[date, date] | None = None
) -> list[Reported]:
    """The reported among the days: a day without a report is not a day of zero. `covers_from` by day of the report."""
    first = covers_from or {}
    return [Reported(day, count, first.get(day)) for day, count in installs if count is not None]


def mean(reported: Sequence[Reported], day: date) -> Fraction | None:
    """Installs a day over the last seven reported days up to `day`, divided by the days that they cover.

    None if nothing was reported within the last seven days.
    """
    last = sorted((entry for entry in reported if entry.day <= day), key=lambda entry: entry.day)[-MEAN_OVER:]
    if not last or day - last[-1].day >= RECENT:
        return None
    return Fraction(sum(entry.installs for entry in last), sum(entry.days for entry in last))


def of(
    *,
    cumulative: int | None,
    target: int | None,
    target_date: date | None,
    day: date,
    reported: Sequence[Reported],
    is_day_open: bool,
) -> Pace | None:
    """The pace of one unit as its figures of `day` stand; None where no target is known.

    Days left are those after `day` up to and including the target date. `day` itself is left too while it is open and
    nothing has been reported for it; once a part of it is in, it counts no more, since that part is in the cumulative.
    An open day is no part of the mean: its figures are not whole yet.
    """
    if target is None:
        return None
    missing = max(target - (cumulative or 0), 0)
    is_day_left = is_day_open and all(entry.day != day for entry in reported)
    last_done = day - timedelta(days=1) if is_day_left else day
    days_left = None if target_date is None else max((target_date - last_done).days, 0)
    per_day = mean(reported, day - timedelta(days=1) if is_day_open else day)
    days_needed = _days_needed(missing, per_day)
    factor = _factor(missing, per_day, days_left)
    return Pace(
        missing=missing,
        target_date=target_date,
        days_left=days_left,
        needed_per_day=_needed_per_day(missing, days_left),
        mean=per_day,
        reached_on=last_done + timedelta(days=days_needed) if missing and days_needed else None,
        factor=factor,
        kind=_kind(missing, days_left=days_left, days_needed=days_needed, factor=factor),
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


def _kind(missing: int, *, days_left: int | None, days_needed: int | None, factor: Decimal | None) -> Kind:
    if missing == 0:
        return Kind.REACHED
    if days_left is None:
        return Kind.UNDATED if days_needed else Kind.NOT_ENOUGH
    if factor is None or factor > MOST_FACTOR:
        return Kind.NOT_ENOUGH
    return Kind.ON_PACE if factor <= 1 else Kind.MULTIPLY
