"""The days of a reporting unit as its page lists them: what covers a missing day, and what may still be sent for it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from ..figures import rollup, standings
from ..figures.rollup import DayStatus, Row
from ..hours import deadline
from ..models import LateRequest, Unit


@dataclass(frozen=True)
class DayLine:
    day: date
    row: Row
    covered_by: date | None = None  # the day whose report has this day's figures in it
    waiting: LateRequest | None = None
    may_make_up: bool = False  # missed, and may still be asked for

    @property
    def is_missing(self) -> bool:
        return self.row.status is DayStatus.MISSING

    @property
    def is_waiting(self) -> bool:
        """Whether what was sent for it waits to be taken in: it is not missed."""
        return self.is_missing and self.waiting is not None


def lines(unit: Unit, days: Sequence[date], *, at: datetime, as_of: datetime | None = None) -> list[DayLine]:
    """One line for each of the days, in their order; with `as_of` as it was then, and nothing can be made up.

    The number of queries does not depend on the number of days.
    """
    if not days:
        return []
    covered = standings.covered_days(unit, days, as_of)
    asked = LateRequest.objects.waiting_at(as_of).filter(unit=unit, day__in=days)
    waiting = {request.day: request for request in asked}
    found = []
    for figures in rollup.rows_of_days(unit, days, as_of):
        day, is_missing = figures.day, figures.own.status is DayStatus.MISSING
        is_past = day < deadline.reporting_day(at)  # an extension ends on its day
        found.append(
            DayLine(
                day=day,
                row=figures.own,
                covered_by=covered.get(day) if is_missing else None,
                waiting=waiting.get(day),
                may_make_up=as_of is None
                and is_missing
                and is_past
                and not figures.hours.is_beyond(at)
                and day not in covered
                and day not in waiting,
            )
        )
    return found
