"""A question answered counts from when the very same figures first arrived: once, and not over a newer report.

Kept are the last figures of a person for a unit and day of which something was asked, or that met newer ones: nobody
can lay in several before the hour and choose among them after it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from ..days import marks
from ..models import FirstArrival, Seal, Unit, User

LIFE = timedelta(minutes=10)
FORGOTTEN = timedelta(days=1)


@dataclass(frozen=True)
class Sent:
    """What a person has typed for a unit's day, and the version of the report that stands."""

    unit: Unit
    day: date
    by: User
    version: int
    figures: dict  # by field, as JSON holds it; "covers" is what the number includes
    is_read_as_total: bool = False  # the answer to the question whether it is the total


def keep(sent: Sent, *, at: datetime, asks_covers: bool = False, offers_total: bool = False) -> None:
    """These figures arrived at `at` and are not taken yet."""
    FirstArrival.objects.filter(arrived_at__lt=at - FORGOTTEN).delete()
    what = {"figures": sent.figures, "asks_covers": asks_covers, "offers_total": offers_total}
    what |= {"arrived_at": at, "version": sent.version}
    kept = FirstArrival(unit=sent.unit, day=sent.day, by=sent.by, **what)
    key = ["unit", "day", "by"]
    FirstArrival.objects.bulk_create([kept], update_conflicts=True, unique_fields=key, update_fields=list(what))


def recall(sent: Sent, *, at: datetime) -> FirstArrival | None:
    """The first arrival of the very same figures, if they are an answer given within ten minutes, and no seal since."""
    marked = marks.of(sent.unit, sent.day, at=at)
    if not marked.kept or marked.sealed:
        return None
    kept = FirstArrival.objects.filter(unit=sent.unit, day=sent.day, by=sent.by, version=sent.version).first()
    if kept is None or not timedelta(0) <= at - kept.arrived_at <= LIFE:
        return None
    if sent.is_read_as_total and not kept.offers_total:
        return None
    given = {**sent.figures, "covers": kept.figures["covers"]} if kept.asks_covers else sent.figures
    return kept if given == kept.figures else None


def arrival(first: FirstArrival | None, unit: Unit, day: date, at: datetime) -> datetime:
    """From when an answer that arrives at `at` counts; inside the lock. It is used up by it, and by a seal."""
    if first is None or not FirstArrival.objects.filter(pk=first.pk, arrived_at=first.arrived_at).delete()[0]:
        return at
    is_sealed = Seal.objects.filter(unit__code__in=unit.codes, day=day).exists()
    return at if is_sealed else first.arrived_at
