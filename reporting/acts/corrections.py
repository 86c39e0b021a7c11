"""What the superior does to a unit's report: enter, adjust, take back, open again."""

from datetime import date, datetime
from typing import Any

from django.db.models import Value
from django.db.models.functions import Least

from .. import clock
from ..clock import Now
from ..days import state
from ..figures import fields, rules, standings
from ..figures.rules import Covered, Figures
from ..hours.permissions import Act
from ..models import Reopening, Report, Revision, Unit, User
from . import locking, unconfirmed
from .covering import make_alone, settle
from .demands import demand, refusal_of, withdraw
from .errors import BadMoment, Conflict, NothingThere, NotWritten, ReasonMissing
from .write import Receipt, Stamp, end_reopening, sign_off_to_withdraw, store, write


def enter(
    *,
    unit: Unit,
    day: date,
    by: User,
    at: datetime,
    base_version: int = 0,
    reason: str = "",
    paper_ref: str = "",
    paper_at: datetime | None = None,
    apart: int | None = None,
    now: Now = clock.now,
    **figures: Any,
) -> Receipt:
    """Enter or correct figures on behalf of a unit; after the hour a reason is owed. `figures` as for `submit`.

    Before the hour the entry is on time, after it the report is late; "reported at" (`paper_at`) decides nothing.
    `apart` answers a `Collision`: the later figure is of its own day alone (its version as shown).
    Raises `NotAllowed`, `ReasonMissing`, or what `store` raises.
    """
    with locking.locked(unit):
        day_state = state.day_state(unit, day, at=at)
        refusal: NotWritten | None = refusal_of(by, unit, Act.ENTER, day_state)
        report = Report.objects.filter(unit=unit, day=day, kind=Report.Kind.DAILY).first()
        is_first = report is None or report.installs is None
        figures.setdefault("covers_from", report.covers_from if report else None)  # a correction leaves what is covered
        kind = Revision.Kind.ON_BEHALF if is_first else Revision.Kind.CORRECTION
        stamp = Stamp(by=by, at=at, kind=kind, reason=reason, paper_ref=paper_ref, paper_at=paper_at, now=now)
        sent = Figures(**figures)
        if day_state.is_late(at):
            stamp = unconfirmed.as_sent(stamp, unit, day, sent)
        if refusal is None and day_state.is_late(stamp.at) and not reason.strip():
            refusal = ReasonMissing()
        if refusal is None:
            sent = settle(unit, day, sent, apart, Act.ENTER, stamp)
        return store(unit, day_state, sent, stamp, base_version=base_version, refusal=refusal)


def adjust(
    *,
    unit: Unit,
    day: date,
    adjustment: int,
    reason: str,
    base_version: int,
    by: User,
    at: datetime,
    now: Now = clock.now,
) -> Receipt:
    """Set the day's signed correction of the cumulative, its installs left as they are. A reason is owed."""
    with locking.locked(unit):
        day_state = state.day_state(unit, day, at=at)
        demand(by, unit, Act.ENTER, day_state, reason=reason)
        kind = Revision.Kind.ADJUSTMENT
        stamp = Stamp(by=by, at=at, kind=kind, reason=reason, now=now)
        stored = standings.stored(unit, day, says_a_total=False)
        return set_adjustment(stored, unit, day, adjustment, stamp, base_version=base_version)


def set_adjustment(
    stored: standings.Stored, unit: Unit, day: date, adjustment: int, stamp: Stamp, *, base_version: int
) -> Receipt:
    """Write the day's adjustment, inside the lock. Raises `Conflict` or what the rules refuse."""
    if base_version != stored.version:
        raise Conflict(stored.report)
    for refused in rules.refusals_of_adjustment(stored, adjustment):
        raise refused
    # A missing day may carry a correction; it stays missing.
    report = stored.report or Report(unit=unit, day=day, received_at=stamp.at, version=0)
    return Receipt(report, write(report, {"adjustment": adjustment}, stamp))


def void(
    *, unit: Unit, day: date, reason: str, base_version: int, by: User, at: datetime, now: Now = clock.now
) -> Receipt:
    """Take a report back that was entered by mistake: the unit is missing again. A reason is owed.

    What it covered is missing again too. Raises `NotAllowed`, `ReasonMissing`, `NothingThere`, `Conflict`, `Needed`.
    """
    with locking.locked(unit):
        demand(by, unit, Act.VOID, state.day_state(unit, day, at=at), reason=reason)
        stored = standings.stored(unit, day, says_a_total=False)
        report = stored.report
        if report is None or report.installs is None:
            raise NothingThere
        if base_version != report.version:
            raise Conflict(report)
        for refused in rules.refusals_of_void(stored):
            raise refused
        stamp = Stamp(by=by, at=at, kind=Revision.Kind.VOID, reason=reason, now=now)
        revision = write(report, fields.EMPTIED, stamp)
        end_reopening(unit, day, revision.counted_at)
        return Receipt(report, revision)


def reopen(
    *,
    unit: Unit,
    day: date,
    until: datetime,
    reason: str,
    by: User,
    at: datetime,
    base_version: int = 0,
    apart: int | None = None,
    now: Now = clock.now,
) -> Reopening:
    """Open one day of one unit again until an hour; of a report that is there it is a return. A reason is owed.

    It ends by itself, by the unit's answer or by what the superior writes. `base_version` is of the report as shown.
    A day that a later report covers is opened only with `apart`, the version of that report as shown, which then is of
    its own day alone. Raises `NotAllowed`, `ReasonMissing`, `BadMoment`, `Conflict`, `Covered`.
    """
    with locking.locked(unit):
        demand(by, unit, Act.REOPEN, state.day_state(unit, day, at=at), reason=reason)
        opened_at = locking.known_from(at)
        if until <= opened_at:
            raise BadMoment
        stored = standings.stored(unit, day, says_a_total=False)
        is_return = stored.installs is not None
        if base_version != stored.version:
            raise Conflict(stored.report)
        if stored.covered_by and not is_return:
            if apart is None:
                raise Covered(stored.covered_by)
            make_alone(unit, day, stored.covered_by, apart, Act.ENTER, Stamp(by=by, at=at, now=now))
        earlier = Reopening.objects.filter(unit=unit, day=day, closed_at=None)
        earlier.update(closed_at=Least("until", Value(opened_at)))  # each ended by itself, or ends by this one
        withdraw(sign_off_to_withdraw(unit, day), reason, by, locking.known_from(now()))
        return Reopening.objects.create(
            unit=unit, day=day, until=until, reason=reason, is_return=is_return, opened_at=opened_at, by=by
        )
