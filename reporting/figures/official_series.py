"""The ministry's figures of a unit from day to day, and what is usually a mistake in a new one."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import date
from enum import StrEnum

from ..models import Metric, OfficialFigure, Unit
from .base_doubts import Doubtful

RUNNING_TOTALS = (Metric.DOWNLOADS, Metric.ACCOUNTS)  # phones that are in use may well become fewer
TENFOLD = 10
SMALL = 50  # a figure up to this is not the tenth of another


class Doubt(StrEnum):
    FALLING = "falling"
    TENFOLD = "tenfold"
    ABOVE_PEOPLE = "above_people"


def series(units: Collection[Unit]) -> dict[tuple[int, str], dict[date, int]]:
    """What stands of the units: of each day the last that was recorded."""
    found: dict[tuple[int, str], dict[date, int]] = defaultdict(dict)
    recorded = OfficialFigure.objects.filter(unit__in=units).order_by("recorded_at", "id")
    for unit_id, metric, day, value in recorded.values_list("unit", "metric", "day", "value"):
        found[unit_id, metric][day] = value
    return found


def doubts(value: int, day: date, metric: str, known: Mapping[date, int], *, population: int | None) -> list[Doubtful]:
    """What is to be asked about a figure of the day, beside those known of the other days, or the people. Pure."""
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
