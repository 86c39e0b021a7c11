"""The ministry's figures are written by the city alone, one by one or as a file, and only ever added to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction

from . import access, clock, submissions
from .look_back import start_of
from .models import OfficialFigure, Unit, User
from .review import BadMoment, Now
from .submissions import NotWritten


class NotTheCitys(NotWritten):
    """The act is the city's own, or the unit's that is asked."""


class NotCounted(NotWritten):
    """The ministry counts the phones of a place; an agency's staff also live in one."""


class NoSource(NotWritten):
    """A figure of the ministry names where it comes from."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """What the ministry says of a unit and a day."""

    unit: Unit
    day: date
    metric: str
    counted_at: datetime
    value: int
    source: str


@dataclass(frozen=True, slots=True)
class Recorded:
    """How many figures were new, and how many stood already exactly so."""

    added: list[OfficialFigure]
    unchanged: int


def record(*, top: Unit, rows: Sequence[Count], by: User | None, at: datetime, now: Now = clock.now) -> Recorded:
    """Add the ministry's figures, all or none; what stands already exactly so is not added again.

    `by` is None for a command on the server. A later record of a unit, day and metric supersedes those before it; of
    two in one call the later row does. Everything is checked before the lock is taken.
    Raises `NotTheCitys`, `NotCounted`, `NoSource`, `BadMoment`.
    """
    if top.parent_id is not None or not (by is None or access.is_top_clerk(by, top)):
        raise NotTheCitys
    for row in rows:
        _check(row, top, at)
    with transaction.atomic():
        submissions.lock_all(top)
        known_at = submissions.known_from(now())
        standing = _standing(rows)
        added, unchanged = [], 0
        for row in rows:
            said = (row.counted_at, row.value, row.source)
            key = (row.unit.pk, row.day, row.metric)
            if standing.get(key) == said:
                unchanged += 1
                continue
            standing[key] = said
            added.append(
                OfficialFigure(
                    unit=row.unit,
                    day=row.day,
                    metric=row.metric,
                    counted_at=row.counted_at,
                    value=row.value,
                    source=row.source,
                    recorded_at=known_at,
                    by=by,
                )
            )
        return Recorded(OfficialFigure.objects.bulk_create(added), unchanged)


def _check(row: Count, top: Unit, at: datetime) -> None:
    if row.unit.is_agency or not row.unit.path.startswith(top.path):
        raise NotCounted
    if not row.source.strip():
        raise NoSource
    if not start_of(row.day) <= row.counted_at <= at:
        raise BadMoment


def _standing(rows: Sequence[Count]) -> dict[tuple[int, date, str], tuple[datetime, int, str]]:
    """What stands of the units and days, by unit, day and metric."""
    if not rows:
        return {}
    days = [row.day for row in rows]
    of_these = OfficialFigure.objects.filter(unit__in={row.unit.pk for row in rows}, day__range=(min(days), max(days)))
    oldest_first = of_these.order_by("recorded_at", "id")
    fields = oldest_first.values_list("unit", "day", "metric", "counted_at", "value", "source")
    return {(unit, day, metric): tuple(said) for unit, day, metric, *said in fields}
