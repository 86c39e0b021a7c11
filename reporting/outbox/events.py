"""What other systems are told of: a day sealed, confirmed, reopened, corrected after the seal. Never a figure.

Who is told reads the figures with his token, which says what he may see.
"""

from __future__ import annotations

from datetime import date, datetime

from django.db.models import Exists, OuterRef, Q

from ..figures import feed
from ..models import Endpoint, Message, Revision, Seal, Unit
from .messages import USEFUL_FOR

SEALED, CONFIRMED, REOPENED, CORRECTED = "sealed", "confirmed", "reopened", "corrected"
AT_ONCE = 500  # revisions looked at for an endpoint in one round


def write(event: str, unit: Unit, day: date, *, cause: str, at: datetime) -> None:
    """A message to each endpoint at or above the unit, once for a cause; of a seal to those below it too."""
    reached = Q(unit__code__in=unit.codes)
    if event == SEALED:
        reached |= Q(unit__path__startswith=unit.path)
    _write(event, Endpoint.objects.standing().filter(reached).select_related("unit"), unit, day, cause, at)


def _write(event: str, endpoints, unit: Unit, day: date, cause: str, at: datetime) -> None:
    Message.objects.bulk_create(
        [
            Message(
                kind=Message.Kind.WEBHOOK,
                key=f"webhook-{event}:{cause}:{endpoint.pk}",
                endpoint=endpoint,
                event=event,
                unit=endpoint.unit if endpoint.unit.path.startswith(unit.path) else unit,  # its own, or one below it
                day=day,
                as_of=at,
                written_at=at,
                next_try_at=at,
                useful_until=at + USEFUL_FOR,
            )
            for endpoint in endpoints
        ],
        ignore_conflicts=True,
    )


def write_corrections(at: datetime) -> None:
    """What was done to sealed days since the last round: found by the clock, so that no report waits for it."""
    for endpoint in Endpoint.objects.standing().select_related("unit"):
        page = feed.changed(Unit.objects.below(endpoint.unit), endpoint.seen, at=at, most=AT_ONCE)
        steps = [changed.revision.pk for changed in page.changed]
        for revision in _after_a_seal(steps):
            report = revision.report
            _write(CORRECTED, [endpoint], report.unit, report.day, str(revision.pk), revision.counted_at)
        Endpoint.objects.filter(pk=endpoint.pk, seen__lt=page.after).update(seen=page.after)


def _after_a_seal(steps: list[int]) -> list[Revision]:
    """Of the steps those that counted after their day had been sealed."""
    sealed = Seal.objects.filter(day=OuterRef("report__day"), at__lt=OuterRef("counted_at"))
    found = Revision.objects.filter(Exists(sealed), pk__in=steps).select_related("report__unit")
    return list(found.order_by("pk"))
