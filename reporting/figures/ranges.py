"""The figures of many days, one day at a time, in a stream: the memory of a few days, however long the range."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime, timedelta

from ..days.status import DayStatus
from ..models import Unit
from . import rollup
from .rollup import DayRollup, Row

AT_ONCE = 14  # days


def days(unit: Unit, first: date, last: date, *, at: datetime, as_of: datetime | None = None) -> Iterator[DayRollup]:
    """The days from `first` to `last` on which the unit is there, seen at `at`, or as they were known at `as_of`."""
    asked = [first + timedelta(days=number) for number in range((last - first).days + 1)]
    for start in range(0, len(asked), AT_ONCE):
        for figures in rollup.rows_of_days(unit, asked[start : start + AT_ONCE], as_of, at=at):
            if unit.code in figures.by_code:
                yield figures


def groups(figures: DayRollup) -> list[Row]:
    """The rows right below the unit that are sums themselves; none where all of them report for themselves."""
    return [] if all(row.is_reporting for row in figures.children) else figures.children


def counts(figures: DayRollup, row: Row, *, agencies: bool) -> dict[DayStatus, int]:
    """What the day was for the reporting units of the stream at or below the row: how many of each status."""
    found = Counter(
        one.status for one in figures.reporting if one.is_agency == agencies and one.path.startswith(row.path)
    )
    return {status: found[status] for status in DayStatus}
