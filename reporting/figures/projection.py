"""Where the share goes from here: the path that the target needs, and where the days of late lead. Pure.

Honest about what is not known: beside the mean of the last days stand the slowest and the fastest of them.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction

from .pace import Pace
from .rollup import Row

WITHOUT_DATE = 14  # days ahead where no order names a date
FARTHEST = 45  # days ahead: beyond them a line says nothing


@dataclass(frozen=True, slots=True, kw_only=True)
class Projection:
    """Shares of the population, from those of the day `start` to those of the day `until`."""

    start: date
    until: date
    share: Fraction  # at the start
    required: Fraction | None  # to be on the path to the target; None without a date
    expected: Fraction | None  # at the mean of the last days; None where too little was reported
    slowest: Fraction | None  # if each day were as the slowest of them
    fastest: Fraction | None


def project(row: Row, pace: Pace | None) -> Projection | None:
    """From the last day that is done; None without a population, and once the target or its date is reached."""
    cumulative, population = row.cumulative, row.population
    if pace is None or pace.is_over or not pace.missing or not population or cumulative is None:
        return None
    days = min(pace.days_left or WITHOUT_DATE, FARTHEST)

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
