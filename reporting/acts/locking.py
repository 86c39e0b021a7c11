"""The lock. Every act on a unit's day first locks the row of the unit's superior, and only then reads the clock."""

import logging
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

from django.db import DataError, IntegrityError, connection, transaction
from django.db.models import Max

from .. import read_cache
from ..models import Revision, Unit
from .refusals import Impossible

logger = logging.getLogger(__name__)


@contextmanager
def act_transaction() -> Iterator[None]:
    """Run an act in one transaction; raises `Impossible` if it meets a constraint of the database."""
    try:
        with transaction.atomic(), read_cache.cached_reads():
            yield
    except (IntegrityError, DataError, OverflowError) as error:
        logger.warning("an act met a constraint: %s", error)
        raise Impossible from error


@contextmanager
def locked(unit: Unit) -> Iterator[None]:
    """Run an act on a unit's day in one transaction, under the lock."""
    with act_transaction():
        lock(unit)
        yield


def lock(unit: Unit) -> None:
    """Lock the rows of the unit's superiors (on SQLite the transaction is the lock)."""
    _lock(superiors(unit))


def lock_all(top: Unit) -> None:
    """Lock every superior at or below `top`, in the order of their keys, for an act on many units."""
    below = Unit.objects.below(top)
    parents = set(below.values_list("parent_id", flat=True)) | {top.pk}
    _lock((parents - {None}).union(*map(superiors, below.filter(successor__isnull=False))))


def _lock(units: set[int]) -> None:
    list(Unit.objects.select_for_update(no_key=True).filter(pk__in=units).order_by("pk").only("pk"))
    read_cache.clear_cache()  # others may have written


def superiors(unit: Unit) -> set[int]:
    """The keys of the units whose tables contain the unit's figures: its superior and its successors' superiors."""
    chain = [unit]
    while (successor := chain[-1].successor) and successor not in chain:
        chain.append(successor)
    return {step.parent_id or step.pk for step in chain}


FIXED_SQL = """
SELECT (SELECT at FROM reporting_signoff ORDER BY at DESC LIMIT 1),
    (SELECT at FROM reporting_seal ORDER BY at DESC LIMIT 1)
"""


def known_from(now: datetime) -> datetime:
    """The time to store in rows written now: later than the last confirmation or seal. Call it under the lock.

    An act without figures passes its arrival as `now`, which is used unless a table was confirmed or sealed later.
    """
    with connection.cursor() as cursor:
        cursor.execute(FIXED_SQL)
        fixed = [at if at.tzinfo else at.replace(tzinfo=UTC) for at in cursor.fetchone() if at]
    return max([now, *(at + timedelta(microseconds=1) for at in fixed)])


def counted_from_of_all(units: Iterable[Unit], now: datetime) -> datetime:
    """`known_from` for new revisions of several units: not earlier than the newest revision of any of them."""
    step = Revision.objects.filter(report__unit__in=units).aggregate(at=Max("counted_at"))["at"]
    known = known_from(now)
    return max(known, step) if step else known
