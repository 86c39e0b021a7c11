"""A unit's own officer sends the day's figures: open days only, the very same figures get the receipt again."""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction

from ..days import state
from ..models import Reopening, Unit, User
from . import locking, write
from .errors import DayClosed


def submit(*, unit: Unit, day: date, by: User | None, at: datetime, affirms: bool = False, **sent) -> write.Receipt:
    """Store the unit's own figures of the day as they arrived at `at`: see `store` for what may be sent.

    The very same figures again are answered with the receipt again, whatever the hour and version; with
    `affirms` they answer a return: a revision says why they are right. Raises `DayClosed` or what `store` raises, and
    then nothing was written.
    """
    with transaction.atomic():
        locking.lock(unit)
        day_state = state.day_state(unit, day, at=at)
        refusal = None if day_state.is_open else DayClosed(day_state)
        affirms = affirms and day_state.is_returned
        receipt = write.store(unit=unit, day_state=day_state, refusal=refusal, affirms=affirms, by=by, at=at, **sent)
        if not receipt.is_repeat and day_state.reopening:
            Reopening.objects.filter(pk=day_state.reopening.pk).update(closed_at=receipt.revision.counted_at)
        return receipt
