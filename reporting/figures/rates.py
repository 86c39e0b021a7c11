"""How many installs a day a unit reports, and what its silent units are still expected to add. Reads no database.

A reporting unit's usual number is its mean over the days that it reported among the seven before the day. The rate of
a superior is the sum of those of its units, so a list and a unit's own page show the same. An open day is expected to
end with what has arrived and the usual number of each unit that is still silent: it does not jump with each report.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from fractions import Fraction
from operator import attrgetter

from .query import Row

WINDOW = 7  # days: a mean is over the reported ones among them
FEWEST_DAYS = 3  # a unit's rate is known from so many reported days on
ENOUGH = Fraction(3, 4)  # share of the units whose rates must be known


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
class Rate:
    """What a unit reports a day. Of a superior the sums of the units that report to it."""

    per_day: Fraction = Fraction()  # installs
    reports: int = 0  # days that the units reported within the window
    of_reports: int = 0  # days of the window, of all units
    units: int = 1
    known: int = 0  # units with enough reported days
    to_come: Fraction = Fraction()  # the usual numbers of the units that owe a report of the day and have sent none

    @property
    def mean(self) -> Fraction | None:
        """The installs a day; None if too little was reported."""
        return self.per_day if self.units and self.known >= self.units * ENOUGH else None

    def __add__(self, other: "Rate") -> "Rate":
        return Rate(*(getattr(self, name) + getattr(other, name) for name in self.__slots__))


NO_RATE = Rate(units=0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rates:
    """The rates of a unit and of those right below it, and how far its days differ."""

    by_code: Mapping[str, Rate] = field(default_factory=dict)
    # The unit's slowest and fastest day of the window, as if each silent unit had sent its usual number on it.
    slowest: Fraction | None = None
    fastest: Fraction | None = None


def rates(
    senders: Sequence[Row],
    reports: Mapping[int, Sequence[Span]],
    *,
    top: Row,
    day: date,
    days_due: Callable[[Row], int],
) -> Rates:
    """The rates on `day`.

    `senders` are the reporting units whose sum is the row `top`; `reports` those of each on the seven days before, by
    key; `days_due` says how many reports a unit owed on these days.
    """
    by_code: dict[str, Rate] = defaultdict(lambda: NO_RATE)
    usual: dict[int, Fraction] = {}
    for row in senders:
        rate = _own_rate(row, reports.get(row.unit_id, ()), days_due(row))
        usual[row.unit_id] = rate.per_day
        below = row.path.removeprefix(top.path).split("/")[0]
        for code in filter(None, (top.code, below)):
            by_code[code] += rate
    rate = by_code[top.code]
    days = [day - timedelta(days=back) for back in range(1, WINDOW + 1)]
    is_known = rate.mean is not None
    whole = [one for then in days if is_known and (one := _whole_day(then, reports, usual)) is not None]
    return Rates(by_code=dict(by_code), slowest=min(whole, default=None), fastest=max(whole, default=None))


def _own_rate(row: Row, reports: Sequence[Span], days_due: int) -> Rate:
    per_day, days = mean_and_days(reports)
    usual = per_day or Fraction()
    return Rate(
        per_day=usual,
        reports=min(days, WINDOW),
        of_reports=max(days_due, min(days, WINDOW)),
        known=int(days >= FEWEST_DAYS),
        to_come=usual if row.not_reported else Fraction(),
    )


def _whole_day(day: date, reports: Mapping[int, Sequence[Span]], usual: Mapping[int, Fraction]) -> Fraction | None:
    """The installs of a past day, with the usual number of each unit that was silent; None if all were."""
    parts, reported = [], set()
    for unit, of_unit in reports.items():
        for report in of_unit:
            if report.first <= day <= report.day:
                parts.append(Fraction(report.installs, report.days))
                reported.add(unit)
    return _total([*parts, *(one for unit, one in usual.items() if unit not in reported)]) if reported else None


def _total(numbers: Iterable[Fraction]) -> Fraction:
    """Their sum, with few additions of fractions: these are slow."""
    numerators: Counter[int] = Counter()
    for number in numbers:
        numerators[number.denominator] += number.numerator
    return sum((Fraction(sum_, denominator) for denominator, sum_ in numerators.items()), Fraction())


def mean_and_days(reports: Iterable[Span]) -> tuple[Fraction | None, int]:
    """The installs a day over the last `WINDOW` reported days, and the number of days.

    A report of several days counts as that many. Reports of one day, by parts that were merged, are added up.
    """
    installs: Counter[date] = Counter()
    spans: dict[date, int] = {}
    for report in sorted(reports, key=attrgetter("day"), reverse=True):
        if report.day in spans or len(spans) < WINDOW:
            installs[report.day] += report.installs
            spans[report.day] = max(spans.get(report.day, 1), report.days)
    days = sum(spans.values())
    return (Fraction(installs.total(), days) if days else None), days
