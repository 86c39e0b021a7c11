"""Late requests: figures sent after the hour wait until the superior takes them in, or not."""

from __future__ import annotations

from datetime import date, datetime

from django.conf import settings
from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from .. import clock
from ..clock import Now
from ..days import state
from ..figures import standings
from ..hours.permissions import Act
from ..models import BaseFigure, LateRequest, Report, Revision, Unit, User
from . import errors, locking, write
from .corrections import set_adjustment
from .demands import demand
from .errors import AlreadyDecided, AlreadyWaiting, Covered, NotWritten, ReasonMissing
from .write import Receipt


def request(
    *,
    unit: Unit,
    day: date,
    reason: str,
    by: User,
    at: datetime,
    base_version: int = 0,
    installs: int | None = None,
    adjustment: int = 0,
    covers_from: date | None = None,
    households_visited: int | None = None,
    note: str = "",
    opening: int | None = None,
    replaces: int | None = None,
) -> LateRequest:
    """Ask that figures sent after the hour be counted; they wait and do not count.

    `installs` is the day's new figure, or None with a signed `adjustment` of the cumulative. `replaces` is the key of a
    request that waits and is taken back for this one. Raises `NotAllowed`,
    `ReasonMissing`, `AlreadyWaiting`, `Covered`, `Conflict`, `LimitExceeded`, `OpeningMissing`.
    """
    with transaction.atomic():
        locking.lock(unit)
        demand(by, unit, Act.REQUEST, state.day_state(unit, day, at=at))
        if not reason.strip():
            raise ReasonMissing
        waiting = LateRequest.objects.waiting().filter(unit=unit, day=day)
        waiting.filter(pk=replaces).update(withdrawn_at=locking.known_from(at))
        if waiting.exists():
            raise AlreadyWaiting
        standing = standings.standing(unit, day)
        covering = standings.covered_days(unit, [day]).get(day)
        if covering and (standing.report is None or standing.report.installs is None):
            raise Covered(covering)
        if base_version != standing.version:
            raise errors.Conflict(standing.report)
        if standing.opening is None and opening is None:
            raise errors.OpeningMissing
        base = BaseFigure.objects.in_force(unit, day)
        if base and max(installs or 0, opening or 0) > base.population:
            raise errors.LimitExceeded(base.population)
        return LateRequest.objects.create(
            unit=unit,
            day=day,
            installs=installs,
            adjustment=adjustment,
            covers_from=covers_from,
            households_visited=households_visited,
            note=note,
            opening=None if standing.opening else opening,
            reason=reason,
            base_version=base_version,
            received_at=at,
            by=by,
            by_name=by.display_name,
        )


def withdraw_request(*, unit: Unit, day: date, by: User, at: datetime) -> LateRequest:
    """The officer takes his waiting request back. Raises `AlreadyDecided`, `NotAllowed`."""
    with transaction.atomic():
        locking.lock(unit)
        demand(by, unit, Act.WITHDRAW_REQUEST, state.day_state(unit, day, at=at))
        waiting = LateRequest.objects.waiting().filter(unit=unit, day=day).first()
        if waiting is None:
            raise AlreadyDecided
        waiting.withdrawn_at = locking.known_from(at)
        waiting.save(update_fields=["withdrawn_at"])
        return waiting


def decide(
    *, late_request: LateRequest, is_accepted: bool, note: str = "", by: User, at: datetime, now: Now = clock.now
) -> Receipt | None:
    """Take a request in, or not. Accepting checks limits and versions again; the figures count from now on.

    Raises `AlreadyDecided`, `NotAllowed`, or what `write.store` raises: the request then goes on waiting.
    """
    unit, day = late_request.unit, late_request.day
    with transaction.atomic():
        locking.lock(unit)
        waiting = LateRequest.objects.waiting().filter(pk=late_request.pk).first()
        if waiting is None:
            raise AlreadyDecided
        day_state = state.day_state(unit, day, at=at)
        demand(by, unit, Act.DECIDE, day_state)
        receipt = take_in(waiting, day_state, by, now) if is_accepted else None
        decision = LateRequest.Decision.ACCEPTED if is_accepted else LateRequest.Decision.DECLINED
        decided_at = receipt.revision.counted_at if receipt else locking.known_from(now())
        close(waiting, decision, note, by, decided_at)
        return receipt


def decide_all(
    *, superior: Unit, day: date, by: User, at: datetime, now: Now = clock.now
) -> tuple[list[LateRequest], list[tuple[LateRequest, NotWritten]]]:
    """Take in all requests that wait below the superior for the day: those accepted, and those that go on waiting."""
    accepted, left = [], []
    for waiting in LateRequest.objects.waiting().filter(unit__parent=superior, day=day).select_related("unit"):
        try:
            decide(late_request=waiting, is_accepted=True, by=by, at=at, now=now)
        except NotWritten as error:
            left.append((waiting, error))
        else:
            accepted.append(waiting)
    return accepted, left


def take_in(waiting: LateRequest, day_state: state.DayState, by: User, now: Now) -> Receipt:
    """Write the request's figures, as of their own arrival."""
    report = Report.objects.filter(unit=waiting.unit, day=waiting.day, kind=Report.Kind.DAILY).first()
    words = {"by": waiting.by, "reason": waiting.reason, "source": _accepted_by(by)}
    if waiting.installs is None:
        adjustment = (report.adjustment if report else 0) + waiting.adjustment
        return set_adjustment(
            waiting.unit, day_state, adjustment, waiting.base_version, waiting.received_at, now, words
        )
    is_first = report is None or report.installs is None
    return write.store(
        unit=waiting.unit,
        day_state=day_state,
        installs=waiting.installs,
        covers_from=waiting.covers_from,
        households_visited=waiting.households_visited,
        note=waiting.note,
        opening=waiting.opening,
        base_version=waiting.base_version,
        at=waiting.received_at,
        kind=_kind_of_first(day_state, waiting.received_at) if is_first else Revision.Kind.CORRECTION,
        now=now,
        **words,
    )


def close(waiting: LateRequest, decision: str, note: str, by: User, at: datetime) -> None:
    waiting.decided_at, waiting.decided_by, waiting.decision, waiting.decision_note = at, by, decision, note
    waiting.save(update_fields=["decided_at", "decided_by", "decision", "decision_note"])


def _kind_of_first(day_state: state.DayState, received_at: datetime) -> str:
    return Revision.Kind.LATE if day_state.is_late(received_at) else Revision.Kind.OWN


def _accepted_by(by: User) -> str:
    with translation.override(settings.LANGUAGE_CODE):
        return _("accepted by %(name)s") % {"name": by.display_name}
