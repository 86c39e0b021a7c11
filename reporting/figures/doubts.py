"""Doubts about a new population or a figure of the ministry: usually a mistake, so it is asked about."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from ..models import Metric, OfficialFigure, Unit

RUNNING_TOTALS = (Metric.DOWNLOADS, Metric.ACCOUNTS)  # phones that are in use may well become fewer
TENFOLD = 10
SMALL = 50  # a figure up to this is not the tenth of another


class Doubt(StrEnum):
    FAR = "far"  # more than a fifth of the population in force away from it
    BELOW_INSTALLS = "below_installs"
    FIXED_LATER = "fixed_later"  # a merger of a later day was recorded with the populations of before, and keeps them
    FALLING = "falling"
    TENFOLD = "tenfold"
    ABOVE_PEOPLE = "above_people"


@dataclass(frozen=True, slots=True)
class Doubtful:
    """A doubt, with the figure that the doubtful one was compared with."""

    doubt: Doubt
    other: int
    day: date | None = None  # of the other figure; for FIXED_LATER the day of the merger
    unit: str = ""  # for FIXED_LATER the successor


def of_a_population(population: int, *, before: int | None, cumulative: int | None) -> list[Doubtful]:
    """The doubts about a population; `before` is the one in force, `cumulative` what the unit counts now."""
    found = []
    if before is not None and abs(population - before) * 5 > before:
        found.append(Doubtful(Doubt.FAR, before))
    if cumulative is not None and population < cumulative:
        found.append(Doubtful(Doubt.BELOW_INSTALLS, cumulative))
    return found


def series(units: Collection[Unit]) -> dict[tuple[int, str], dict[date, int]]:
    """By unit and metric the ministry's figures by day, of each day the last recorded."""
    found: dict[tuple[int, str], dict[date, int]] = defaultdict(dict)
    recorded = OfficialFigure.objects.filter(unit__in=units).order_by("recorded_at", "id")
    for unit_id, metric, day, value in recorded.values_list("unit", "metric", "day", "value"):
        found[unit_id, metric][day] = value
    return found


def of_the_ministry(
    value: int, day: date, metric: str, known: Mapping[date, int], *, population: int | None
) -> list[Doubtful]:
    """The doubts about a figure of the day, compared with other days and the population."""
    before = max((other for other in known if other < day), default=None)
    after = min((other for other in known if other > day), default=None)
    found = []
    if metric in RUNNING_TOTALS:
        if before is not None and value < known[before]:
            found.append(Doubtful(Doubt.FALLING, known[before], before))
        if after is not None and value > known[after]:
            found.append(Doubtful(Doubt.FALLING, known[after], after))
    if before is not None and known[before] > SMALL and value >= known[before] * TENFOLD:
        found.append(Doubtful(Doubt.TENFOLD, known[before], before))
    if population and value > population:
        found.append(Doubtful(Doubt.ABOVE_PEOPLE, population))
    return found
