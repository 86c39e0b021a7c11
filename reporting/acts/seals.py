"""The city seals a day: an instant, the table, its digest. It waits for nobody; what it cuts off takes a reason."""

from datetime import date, datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import Max
from django.utils import translation
from django.utils.translation import gettext as _

from .. import clock
from ..clock import Now
from ..days import hours_in_force
from ..figures import rollup, sealed_table
from ..figures.rollup import DayRollup, Row
from ..hours import deadline
from ..hours.permissions import Act, Situation
from ..models import LateRequest, Message, Revision, Seal, SignOff, Unit, User
from ..models.campaign import moments_of, recorded_models
from ..outbox import messages
from ..people import access
from . import errors, locking
from .demands import withdraw

UNDONE_WITHIN = timedelta(minutes=10)


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

    `by` is None for the timer. Sealing while somebody has not reported or confirmed takes a reason; so does sealing
    again after changes, which leaves the first seal as it is. `shown` is the digest of the table that the person has
    seen; None for who sees none.
    Raises `NotAllowed`, `TooEarly`, `NothingChanged`, `FiguresChanged`, `ReasonMissing`.
    """
    with locking.whole():
        locking.lock_all(unit)
        opens_at = hours_in_force.of_day(day).seals_from(unit.path)
        may_seal = unit.is_sealing and (by is None or access.is_sealing_clerk(by, unit))
        if opens_at is None or day > deadline.reporting_day(at) or not may_seal:
            raise errors.NotAllowed(Act.SEAL, Situation.NOT_DUE)
        if at < opens_at:
            raise errors.TooEarly(opens_at)
        previous = Seal.objects.filter(unit=unit, day=day).select_related("by").order_by("at").last()
        sealed_at = after_all_that_is_known(now())
        figures = rollup.rows(unit, day, sealed_at)
        table = sealed_table.table(figures)
        if previous and previous.table == table:
            raise errors.NothingChanged(previous)
        if shown is not None and shown != sealed_table.digest(table):
            raise errors.FiguresChanged
        is_asked = previous or (by is not None and (figures.not_reported or yet_to_confirm(figures)))
        if is_asked and not reason.strip():
            raise errors.ReasonMissing
        sealed = Seal.objects.create(
            unit=unit, day=day, at=sealed_at, by=by, table=table, digest=sealed_table.digest(table), reason=reason
        )
        told: dict[str, Any] = {"day": day, "cause": str(sealed.pk), "at": sealed_at, "as_of": sealed_at}
        messages.about_the_city(Message.Kind.SEALED, top=unit, **told)
        messages.bulletins(unit, **told)
        return sealed


def yet_to_confirm(figures: DayRollup) -> list[Row]:
    """The units right below that owe a confirmation of the day and have not given it."""
    codes = [row.code for row in figures.confirming]
    signed = SignOff.objects.standing(figures.as_of).filter(unit__code__in=codes, day=figures.day)
    return figures.unconfirmed(set(signed.values_list("unit__code", flat=True)))


def undo_seal(*, unit: Unit, day: date, shown: int | None, by: User, at: datetime, now: Now = clock.now) -> None:
    """Take back the newest seal of the day, which one has made oneself a moment ago; the record stays.

    `shown` is the key of the one that the page showed. Raises `AlreadyWithdrawn`, `NotUndone`.
    """
    with locking.whole():
        locking.lock_all(unit)
        newest = Seal.objects.filter(unit=unit, day=day).last()
        if newest is None or newest.pk != shown:
            raise errors.AlreadyWithdrawn
        if not may_undo(newest, by, at):
            raise errors.NotUndone
        with translation.override(settings.LANGUAGE_CODE):  # kept as written, whatever the writer reads
            words = _("undone right after the day was sealed")
        withdraw(Seal.objects.filter(pk=newest.pk), words, by, locking.known_from(now()))
        unsent = Message.objects.filter(key__regex=rf"^(sealed|bulletin):{newest.pk}:", ended_at=None)
        unsent.update(end=Message.End.NEEDLESS, ended_at=at)


def may_undo(seal: Seal, by: User, at: datetime) -> bool:
    """Whether it is the person's own seal of the last minutes."""
    return seal.by_id == by.pk and at < seal.at + UNDONE_WITHIN and access.is_sealing_clerk(by, seal.unit)


def after_all_that_is_known(now: datetime) -> datetime:
    """The clock's reading, or what is newest in the database if that is later: a clock may have been set back."""
    known = [model._base_manager.aggregate(*map(Max, moments_of(model))) for model in recorded_models()]
    known.append(Revision.objects.aggregate(Max("counted_at")))
    known.append(LateRequest.objects.aggregate(Max("received_at"), Max("withdrawn_at"), Max("decided_at")))
    return max(now, *(at for moments in known for at in moments.values() if at))
