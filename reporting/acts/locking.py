"""The one lock: every act on a day first takes the superior's row, and dates what it records inside it."""

import logging
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta

from django.db import DataError, IntegrityError, connection, transaction
from django.db.models import Max

from .. import reading
from ..models import Revision, Seal, SignOff, Unit
from .errors import Impossible

logger = logging.getLogger(__name__)

# When the last table was fixed that a figure of the day is in: confirmed by a superior, sealed by a unit above it.
FIXED_SQL = """
SELECT (SELECT at FROM reporting_signoff WHERE unit_id IN ({signing}) AND day >= %s ORDER BY at DESC LIMIT 1),
    (SELECT at FROM reporting_seal WHERE unit_id IN (SELECT id FROM reporting_unit WHERE code IN ({above}))
        AND day >= %s ORDER BY at DESC LIMIT 1)
"""


@contextmanager
def whole() -> Iterator[None]:
    """An act is done whole or not at all; one that meets a constraint of the database is refused: `Impossible`."""
    try:
        with transaction.atomic(), reading.together():
            yield
    except (IntegrityError, DataError, OverflowError) as error:
        logger.warning("an act met a constraint: %s", error)
        raise Impossible from error


@contextmanager
def locked(unit: Unit) -> Iterator[None]:
    """An act on a unit's day: whole or not at all, under the lock."""
    with whole():
        lock(unit)
        yield


def lock(unit: Unit) -> None:
    """The one lock: every act on a day first takes the superior's row (on SQLite the transaction is the lock)."""
    _lock(superiors(unit))


def lock_all(top: Unit) -> None:
    """Every superior at or below `top`, in the order of their keys: for an act that touches the days of many units."""
    below = Unit.objects.below(top)
    parents = set(below.values_list("parent_id", flat=True)) | {top.pk}
    _lock((parents - {None}).union(*map(superiors, below.filter(successor__isnull=False))))


def _lock(units: set[int]) -> None:
    list(Unit.objects.select_for_update(no_key=True).filter(pk__in=units).order_by("pk").only("pk"))
    reading.forget()  # what others have written is seen from here on


def superiors(unit: Unit) -> set[int]:
    """Whose tables the unit's figures are in: its superior's; of a unit that has ended those of its successors too."""
    chain = [unit]
    while (successor := chain[-1].successor) and successor not in chain:
        chain.append(successor)
    return {step.parent_id or step.pk for step in chain}


def known_from(now: datetime) -> datetime:
    """From when something is known that is recorded now, inside the lock: after all tables fixed without it.

    Of an act that shows its moment and counts nothing, `now` is its arrival: only a table fixed since puts it off.
    """
    fixed = [model._default_manager.aggregate(at=Max("at"))["at"] for model in (SignOff, Seal)]
    return max(now, *(at + timedelta(microseconds=1) for at in fixed if at)) if any(fixed) else now


def counted_from(unit: Unit, day: date, now: datetime) -> datetime:
    """From when a figure counts that is written now: always after the tables that were fixed without it."""
    signing, codes = sorted(superiors(unit)), unit.codes
    listed = {"signing": ", ".join(["%s"] * len(signing)), "above": ", ".join(["%s"] * len(codes))}
    with connection.cursor() as cursor:
        cursor.execute(FIXED_SQL.format(**listed), [*signing, day, *codes, day])
        fixed = [at if at.tzinfo else at.replace(tzinfo=UTC) for at in cursor.fetchone() if at]
    return max([now, *(at + timedelta(microseconds=1) for at in fixed)])


def counted_from_of_all(units: Iterable[Unit], now: datetime) -> datetime:
    """The same of many units and days at one go: after every table fixed, and after every step of theirs before."""
    step = Revision.objects.filter(report__unit__in=units).aggregate(at=Max("counted_at"))["at"]
    known = known_from(now)
    return max(known, step) if step else known
