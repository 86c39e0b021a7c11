"""A unit's own officer sends the day's figures: open days only, the very same figures get the receipt again."""

from datetime import date, datetime
from typing import Any

from .. import clock
from ..clock import Now
from ..days import state
from ..figures.rules import Figures
from ..hours.permissions import Act
from ..models import Unit, User
from . import locking, unconfirmed
from .covering import settle
from .errors import DayClosed
from .write import Receipt, Stamp, store


def submit(
    *,
    unit: Unit,
    day: date,
    by: User | None,
    at: datetime,
    affirms: bool = False,
    base_version: int = 0,
    reason: str = "",
    source: str = "",
    apart: int | None = None,
    now: Now = clock.now,
    **figures: Any,
) -> Receipt:
    """Store the unit's own figures of the day as they arrived at `at`, or were sent if they are now confirmed.

    `figures` are the fields of `Figures`: `installs` or `cumulative`; with the unit's first report `opening`.
    `apart` answers a `Collision`: the later figure is of its own day alone (its version as shown). `base_version` is
    the version that the sender had before him, `source` signs where `by` is None. The very same figures again are
    answered with the receipt again, whatever the hour and version; with `affirms` they answer a return: a revision
    says why they are right. Raises `DayClosed` or what `store` raises, and then nothing was written.
    """
    with locking.locked(unit):
        sent, stamp = Figures(**figures), Stamp(by=by, at=at, reason=reason, source=source, now=now)
        day_state = state.day_state(unit, day, at=at)
        if not day_state.is_open:
            stamp = unconfirmed.as_sent(stamp, unit, day, sent)
            day_state = state.day_state(unit, day, at=stamp.at)
        refusal = None if day_state.is_open else DayClosed(day_state)
        if refusal is None and by is not None:
            sent = settle(unit, day, sent, apart, Act.SUBMIT, stamp)
        affirms = affirms and day_state.is_returned
        return store(unit, day_state, sent, stamp, base_version=base_version, refusal=refusal, affirms=affirms)
