"""The figures of many days, streamed a few days at a time, and the reports changed since the last call."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

from ..models import Revision, Seal, Unit
from ..models.units import UnitQuerySet
from . import fields, rollup
from .rollup import DayRollup, Row

AT_ONCE = 14  # days
SETTLED_AFTER = timedelta(minutes=2)  # no act takes longer: after it each is visible or has failed
# Fields of a row on a day that nobody has sealed.
NOT_SEALED: dict[str, Any] = {
    **dict.fromkeys([*fields.NAMES, "status", "received_at", "carried_from", "population_on"]),
    **dict.fromkeys(rollup.UNITS, 0),
    "carries_opening": False,
    "population_source": "",
}


def by_day(
    unit: Unit,
    first: date,
    last: date,
    *,
    at: datetime,
    as_of: datetime | None = None,
    seals: Mapping[date, Seal] | None = None,
) -> Iterator[DayRollup]:
    """The days from `first` to `last` on which the unit exists, seen at `at`, or as they were known at `as_of`.

    With `seals`, by day, each day is as of its own seal; a day without one has units but no figures.
    """
    asked = [first + timedelta(days=number) for number in range((last - first).days + 1)]
    for start in range(0, len(asked), AT_ONCE):
        part = asked[start : start + AT_ONCE]
        if seals is None:
            found = iter(rollup.rows_of_days(unit, part, as_of, at=at))
        else:
            found = (_as_sealed(unit, day, seals.get(day), at) for day in part)
        yield from (figures for figures in found if unit.code in figures.by_code)


def by_week(unit: Unit, first: date, last: date, *, at: datetime, as_of: datetime | None = None) -> Iterator[DayRollup]:
    """The weeks, Monday to Sunday and cut to the range, each as the rollup of its last day.

    The counts of a day are summed over the days of the week, in the tree of its last day.
    """
    while first <= last:
        end = min(last, first + timedelta(days=6 - first.weekday()))
        now = rollup.rows(unit, end, as_of, at=at)
        if unit.code in now.by_code:
            days = [first + timedelta(days=number) for number in range((end - first).days)]
            yield _week(now, [*rollup.earlier(unit, now, days), now])
        first = end + timedelta(days=1)


def _week(now: DayRollup, days: list[DayRollup]) -> DayRollup:
    by_code, reported = {}, {}
    for code, row in now.by_code.items():
        parts = [day.by_code[code] for day in days if code in day.by_code]
        by_code[code] = _summed(row, parts)
        reported[code] = sum(part.installs is not None for part in parts)
    total = now.agency_total and _summed(now.agency_total, [day.agency_total for day in days if day.agency_total])
    return replace(now, by_code=by_code, agency_total=total, reported_days=reported)


def _summed(row: Row, parts: list[Row]) -> Row:
    counts: dict[str, Any] = {one.name: one.sum([getattr(part, one.name) for part in parts]) for one in fields.OF_DAY}
    return replace(row, **counts)


def _as_sealed(unit: Unit, day: date, seal: Seal | None, at: datetime) -> DayRollup:
    if seal:
        return rollup.rows(unit, day, seal.at, at=at)
    figures = rollup.rows(unit, day, at=at)
    rows = {code: replace(row, **NOT_SEALED) for code, row in figures.by_code.items()}
    total = replace(figures.agency_total, **NOT_SEALED) if figures.agency_total else None
    return replace(figures, by_code=rows, agency_total=total, figures=(), at=None)


def row_groups(figures: DayRollup) -> list[Row]:
    """The unit's children; none if all of them report for themselves."""
    return [] if all(row.is_reporting for row in figures.children) else figures.children


def changed_figures(units: UnitQuerySet, after: int, *, at: datetime, most: int) -> tuple[list[Revision], int, bool]:
    """The last revision of each report changed after a key; the key to go on from; whether there is more.

    Revisions written at the same time may become visible in another order. So the last page goes on from a key up to
    which everything is settled: the newest changes come again, and none is left out.
    """
    later = Revision.objects.filter(pk__gt=after, report__unit__in=units).order_by("pk")
    found = list(later.select_related("report__unit")[: most + 1])
    has_more, found = len(found) > most, found[:most]
    newest = {revision.report_id: revision for revision in found}
    last = found[-1].pk if found else after
    if found and not has_more:
        settled = Revision.objects.filter(counted_at__lte=at - SETTLED_AFTER).order_by("-pk")
        last = min(last, max(settled.values_list("pk", flat=True).first() or 0, after))
    return sorted(newest.values(), key=lambda revision: revision.pk), last, has_more
