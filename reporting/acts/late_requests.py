"""Late requests: figures sent after the deadline wait until the superior accepts or declines them."""

from dataclasses import replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _

from .. import clock
from ..clock import Now
from ..days import state
from ..figures import fields, rules, standings, succession
from ..figures.rules import SentFigures
from ..models import LateRequest, Report, Revision, Unit, User
from ..permissions import Act
from ..refusal import Refusal
from . import locking
from .refusals import CONFLICT, AlreadyDecided, AlreadyWaiting, Conflict, ensure_may
from .store import Receipt, Stamp, note_press, store_figures, stored_fields

ASKED = (*(name for name in fields.EMPTIED if name != "holds_from"), "opening")  # the figures that are sent


def send_late_request(
    *,
    unit: Unit,
    day: date,
    reason: str,
    by: User,
    at: datetime,
    base_version: int = 0,
    replaces: int | None = None,
    press: UUID | None = None,
    **figures: Any,
) -> LateRequest:
    """Store figures sent after the deadline as a request. They count once it is accepted.

    `figures` are the fields of `SentFigures`. `replaces` is the key of a waiting request, which is withdrawn. Raises
    `NotAllowed`, `ReasonMissing`, `AlreadyWaiting`, `Conflict`, or what the rules refuse.
    """
    with locking.locked(unit):
        ensure_may(by, unit, Act.REQUEST, state.day_state(unit, day, at=at), reason=reason)
        waiting = LateRequest.objects.waiting().filter(unit=unit, day=day)
        waiting.filter(pk=replaces).update(withdrawn_at=locking.known_from(at))
        if waiting.exists():
            raise AlreadyWaiting
        stored = standings.stored_day(unit, day)
        if base_version != stored.version:
            raise Conflict(stored.report)
        requested = _requested(stored, SentFigures(**figures))
        # If a table was signed off or sealed while this waited for the lock, the arrival is later than that.
        sender = {"reason": reason, "by": by, "by_name": by.display_name, "received_at": locking.known_from(at)}
        request = LateRequest.objects.create(unit=unit, day=day, base_version=base_version, **requested, **sender)
        note_press(press, unit, day, by, late_request=request)
        return request


def _requested(stored: standings.StoredDay, sent: SentFigures) -> dict:
    """The fields of the request. If a total was typed, the day's number is computed from what is stored now.

    Raises what the rules refuse, because the superior could not accept it either.
    """
    for refusal in rules.refusals(stored, sent):
        raise refusal
    figures = {name: getattr(sent, name) for name in (*ASKED, "cumulative")} | stored_fields(stored, sent)
    figures["adjustment"] = 0
    return figures | ({} if stored.opening is None else {"opening": None})


def withdraw_request(*, unit: Unit, day: date, shown: int | None, by: User, at: datetime) -> LateRequest:
    """Withdraw the officer's waiting request. `shown` is the key that his page showed; no other is withdrawn.

    Raises `AlreadyDecided`, `NotAllowed`.
    """
    with locking.locked(unit):
        ensure_may(by, unit, Act.WITHDRAW_REQUEST, state.day_state(unit, day, at=at))
        waiting = LateRequest.objects.waiting().filter(unit=unit, day=day).first()
        if waiting is None:
            raise AlreadyDecided
        if waiting.pk != shown:
            words = _("Another request has been sent since you opened this page. Look at it first.")
            raise Refusal(words, status=CONFLICT)
        waiting.withdrawn_at = locking.known_from(at)
        waiting.save(update_fields=["withdrawn_at"])
        return waiting


def decide(
    *,
    late_request: LateRequest,
    is_accepted: bool,
    note: str = "",
    base_version: int = 0,
    by: User,
    at: datetime,
    now: Now = clock.now,
) -> Receipt | None:
    """Accept or decline a request. Accepting checks limits and versions again; the figures count from now on.

    `base_version` is the version of the report shown beside the request: only later changes are a conflict. Without it,
    any change since the request is one. Raises `AlreadyDecided`, `NotAllowed`, or what `store_figures` raises;
    then the request still waits.
    """
    unit, day = late_request.unit, late_request.day
    with locking.locked(unit):
        waiting = LateRequest.objects.waiting().filter(pk=late_request.pk).first()
        if waiting is None:
            raise AlreadyDecided
        day_state = state.day_state(unit, day, at=at)
        ensure_may(by, unit, Act.DECIDE, day_state)
        receipt = _accept(waiting, day_state, by, now, base_version) if is_accepted else None
        waiting.decision = LateRequest.Decision.ACCEPTED if is_accepted else LateRequest.Decision.DECLINED
        waiting.decided_at = receipt.revision.counted_at if receipt else locking.known_from(now())
        waiting.decided_by, waiting.decision_note = by, note
        waiting.save(update_fields=["decided_at", "decided_by", "decision", "decision_note"])
        return receipt


def decide_all(
    *, superior: Unit, day: date, by: User, at: datetime, now: Now = clock.now
) -> tuple[list[LateRequest], list[tuple[LateRequest, Refusal]]]:
    """Accept the day's waiting requests below the superior; returns those accepted, and the others with refusals."""
    accepted, left = [], []
    for waiting in LateRequest.objects.waiting().filter(unit__parent=superior, day=day).select_related("unit"):
        try:
            decide(late_request=waiting, is_accepted=True, by=by, at=at, now=now)
        except Refusal as error:
            left.append((waiting, error))
        else:
            accepted.append(waiting)
    return accepted, left


def _accept(waiting: LateRequest, day_state: state.DayState, by: User, now: Now, base_version: int) -> Receipt:
    """Write the request's figures. The arrival is kept."""
    unit, day, version = waiting.unit, waiting.day, max(waiting.base_version, base_version)
    with translation.override(settings.LANGUAGE_CODE):  # stored text is not in the writer's language
        source = _("accepted by %(name)s") % {"name": by.display_name}
    kind = _kind(waiting, day_state)
    stamp = Stamp(by=waiting.by, at=waiting.received_at, kind=kind, reason=waiting.reason, source=source, now=now)
    figures = sent_figures(waiting)
    if figures is None:
        raise Refusal(_("The superior unit records an adjustment itself: decline the request, then adjust."))
    if waiting.holds_from and (since := succession.reported_since(unit, day, waiting.holds_from, waiting.received_at)):
        raise rules.CoversReported(since)
    return store_figures(unit, day_state, figures, stamp, base_version=version)


def sent_figures(waiting: LateRequest) -> SentFigures | None:
    """The requested figures, a total as it was typed; None if a request of 0.8 is for an adjustment."""
    if waiting.installs is None:
        return None
    figures = SentFigures(**{name: getattr(waiting, name) for name in ASKED})
    return figures if waiting.cumulative is None else replace(figures, installs=None, cumulative=waiting.cumulative)


def _kind(waiting: LateRequest, day_state: state.DayState) -> str:
    if Report.objects.filter(unit=waiting.unit, day=waiting.day, installs__isnull=False).exists():
        return Revision.Kind.CORRECTION
    return Revision.Kind.LATE if day_state.is_late(waiting.received_at) else Revision.Kind.OWN
