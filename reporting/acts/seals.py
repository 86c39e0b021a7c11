"""The city seals a day: an instant, the table, its digest. It waits for nobody."""

from __future__ import annotations

from datetime import date, datetime

from django.db.models import Max

from .. import clock
from ..clock import Now
from ..days import hours_in_force
from ..figures import rollup, sealed_table
from ..hours import deadline
from ..hours.permissions import Act, Situation
from ..models import LateRequest, Message, Revision, Seal, Unit, User
from ..models.campaign import moments_of, recorded_models
from ..outbox import messages
from ..people import access
from . import locking
from .errors import FiguresChanged, NotAllowed, NothingChanged, ReasonMissing, TooEarly


def seal(
    *,
    unit: Unit,
    day: date,
    reason: str = "",
    shown: str | None = None,
    by: User | None,
    at: datetime,
    now: Now = clock.now,
) -> Seal:
    """Fix the day's table of the unit that seals: an instant, the table, its digest. It waits for nobody.

    `by` is None for the timer. Sealing again after changes takes a reason and leaves the first seal as it is.
    `shown` is the digest of the table that the person has seen; None for who sees none.
    Raises `NotAllowed`, `TooEarly`, `NothingChanged`, `FiguresChanged`, `ReasonMissing`.
    """
    with locking.whole():
        locking.lock_all(unit)
        opens_at = hours_in_force.of_day(day).seals_from(unit.path)
        is_due = opens_at is not None and day <= deadline.reporting_day(at)
        if not is_due or not unit.is_sealing or not (by is None or access.is_sealing_clerk(by, unit)):
            raise NotAllowed(Act.SEAL, Situation.NOT_DUE)
        if at < opens_at:
            raise TooEarly(opens_at)
        previous = Seal.objects.filter(unit=unit, day=day).select_related("by").order_by("at").last()
        sealed_at = after_all_that_is_known(now())
        table = sealed_table.table(rollup.rows(unit, day, sealed_at))
        if previous and previous.table == table:
            raise NothingChanged(previous)
        if shown is not None and shown != sealed_table.digest(table):
            raise FiguresChanged
        if previous and not reason.strip():
            raise ReasonMissing
        sealed = Seal.objects.create(
            unit=unit, day=day, at=sealed_at, by=by, table=table, digest=sealed_table.digest(table), reason=reason
        )
        told = {"day": day, "cause": str(sealed.pk), "at": sealed_at, "as_of": sealed_at}
        messages.about_the_city(Message.Kind.SEALED, top=unit, **told)
        messages.bulletins(unit, **told)
        return sealed


def after_all_that_is_known(now: datetime) -> datetime:
    """The clock's reading, or what is newest in the database if that is later: a clock may have been set back."""
    known = [model._base_manager.aggregate(*map(Max, moments_of(model))) for model in recorded_models()]
    known.append(Revision.objects.aggregate(Max("counted_at")))
    known.append(LateRequest.objects.aggregate(Max("received_at"), Max("withdrawn_at"), Max("decided_at")))
    return max(now, *(at for moments in known for at in moments.values() if at))
