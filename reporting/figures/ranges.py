"""The figures of many days, one day at a time, in a stream: the memory of a few days, however long the range."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

from ..days.status import DayStatus
from ..models import Seal, Unit
from . import fields, rollup
from .rollup import DayRollup, Row

AT_ONCE = 14  # days
# What a row says of a day that nobody has sealed.
NOT_SEALED: dict[str, Any] = {
    **dict.fromkeys([*fields.NAMES, "status", "received_at", "carried_from", "population_on"]),
    **dict.fromkeys(rollup.UNITS, 0),
    "carries_opening": False,
    "population_source": "",
}


def days(
    unit: Unit,
    first: date,
    last: date,
    *,
    at: datetime,
    as_of: datetime | None = None,
    seals: Mapping[date, Seal] | None = None,
) -> Iterator[DayRollup]:
    """The days from `first` to `last` on which the unit is there, seen at `at`, or as they were known at `as_of`.

    With the seals by day each day is that of its own seal; a day without one has its units, and no figure.
    """
    asked = [first + timedelta(days=number) for number in range((last - first).days + 1)]
    for start in range(0, len(asked), AT_ONCE):
        part = asked[start : start + AT_ONCE]
        if seals is None:
            found = iter(rollup.rows_of_days(unit, part, as_of, at=at))
        else:
            found = (_as_sealed(unit, day, seals.get(day), at) for day in part)
        yield from (figures for figures in found if unit.code in figures.by_code)


def _as_sealed(unit: Unit, day: date, seal: Seal | None, at: datetime) -> DayRollup:
    if seal:
        return rollup.rows(unit, day, seal.at, at=at)
    figures = rollup.rows(unit, day, at=at)
    rows = {code: replace(row, **NOT_SEALED) for code, row in figures.by_code.items()}
    total = replace(figures.agency_total, **NOT_SEALED) if figures.agency_total else None
    return replace(figures, by_code=rows, agency_total=total, figures=())


def groups(figures: DayRollup) -> list[Row]:
    """The rows right below the unit that are sums themselves; none where all of them report for themselves."""
    return [] if all(row.is_reporting for row in figures.children) else figures.children


def counts(figures: DayRollup, row: Row, *, agencies: bool) -> dict[DayStatus, int]:
    """What the day was for the reporting units of the stream at or below the row: how many of each status."""
    found = Counter(
        one.status for one in figures.reporting if one.is_agency == agencies and one.path.startswith(row.path)
    )
    return {status: found[status] for status in DayStatus}
