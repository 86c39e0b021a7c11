"""The days of a reporting unit as its page lists them: what covers a missing day, and what may still be sent for it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from .. import reading
from ..days import hours_in_force
from ..figures import rollup, standings
from ..figures.rollup import Row
from ..hours import deadline
from ..hours.hours import Urgency
from ..models import LateRequest, Unit
from . import receipts
from .receipts import Corrected


@dataclass(frozen=True)
class DayLine:
    day: date
    row: Row
    urgency: Urgency  # how near its hour is
    covered_by: date | None = None  # the day whose report has this day's figures in it
    waiting: LateRequest | None = None
    may_make_up: bool = False  # missed, and may still be asked for
    corrected: Corrected | None = None

    @property
    def not_reported(self) -> bool:
        """Whether a report is owed and is not there."""
        return bool(self.row.not_reported)


def have_adjustments(lines: Iterable[DayLine]) -> bool:
    """Whether any of the lines shows an adjustment, in brackets."""
    return any(line.row.adjustment for line in lines)


def lines(unit: Unit, days: Sequence[date], *, at: datetime, as_of: datetime | None = None) -> list[DayLine]:
    """One line for each of the days, in their order; with `as_of` as it was then, and nothing can be made up.

    The number of queries does not depend on the number of days.
    """
    if not days:
        return []
    with reading.together():
        found = rollup.rows_of_days(unit, days, as_of, at=at, only=lambda path: path == unit.path)
        rows = {figures.day: figures.own for figures in found}
        hours = hours_in_force.of_days(days, as_of)
    covered = standings.covered_days(unit, days, as_of)
    asked = LateRequest.objects.waiting(as_of).filter(unit=unit, day__in=days).order_by()
    waiting = {request.day: request for request in asked}
    changed = [day for day in days if rows[day].version > 1]
    corrected = receipts.corrected(unit, changed, as_of) if changed else {}

    def line(day: date) -> DayLine:
        is_missing = bool(rows[day].not_reported)
        is_past = day < deadline.reporting_day(at)  # an extension ends on its day
        is_made_up = day in covered or day in waiting
        return DayLine(
            day=day,
            row=rows[day],
            urgency=hours[day].urgency(unit.path, at),
            covered_by=covered.get(day) if is_missing else None,
            waiting=waiting.get(day),
            may_make_up=as_of is None and is_missing and is_past and not hours[day].is_beyond(at) and not is_made_up,
            corrected=corrected.get(day),
        )

    return [line(day) for day in days]
