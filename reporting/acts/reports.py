"""A unit's report of a day: its officer sends it; its superior enters, adjusts or voids it, or reopens the day.

An officer sends on open days only. The same figures get the same receipt.
"""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db.models import Value
from django.db.models.functions import Least
from django.utils.translation import gettext as _

from .. import clock, permissions
from ..clock import Now
from ..days import hours_in_force, state
from ..deadline import Phase
from ..figures import fields, rules, standings
from ..figures.rules import InLaterReport, SentFigures
from ..models import Reopening, Report, Revision, Unit, User
from ..people import access, accounts
from ..permissions import Act
from ..text import formatting
from . import locking, unconfirmed
from .refusals import Conflict, DayClosed, ReasonMissing, Refusal, ensure_may, refusal_to
from .store import Receipt, Stamp, end_reopening, sign_off_to_withdraw, store_figures, write_revision


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
    press: UUID | None = None,
    now: Now = clock.now,
    **figures: Any,
) -> Receipt:
    """Store the unit's own figures. They arrived at `at`, or earlier if they confirm figures sent before the deadline.

    `figures` are the fields of `SentFigures`: `installs` or `cumulative`; `opening` with the first report.
    `base_version` is the version that the sender saw; `source` says who sent if `by` is None. The same figures sent
    again get the same receipt at any hour. With `affirms` they answer a return and get a new revision.
    Raises `DayClosed` or what `store_figures` raises; nothing is written then.
    """
    reason = reason or accounts.one_time_exception(by)
    with locking.locked(unit):
        sent, stamp = SentFigures(**figures), Stamp(by=by, at=at, reason=reason, source=source, press=press, now=now)
        day_state = state.day_state(unit, day, at=at)
        if not day_state.is_open:
            stamp = unconfirmed.stamp_as_sent(stamp, unit, day, sent)
            day_state = state.day_state(unit, day, at=stamp.at)
        refusal = None if day_state.is_open else DayClosed(day_state)
        affirms = affirms and day_state.is_returned
        return store_figures(unit, day_state, sent, stamp, base_version=base_version, refusal=refusal, affirms=affirms)


def enter(
    *,
    unit: Unit,
    day: date,
    by: User,
    at: datetime,
    base_version: int = 0,
    reason: str = "",
    paper_ref: str = "",
    now: Now = clock.now,
    **figures: Any,
) -> Receipt:
    """Enter or correct figures on behalf of a unit; after the deadline with a reason. `figures` as for `submit`.

    The entry is late after the deadline, whenever the unit telephoned. Raises `NotAllowed`, `ReasonMissing`, or what
    `store_figures` raises.
    """
    with locking.locked(unit):
        day_state = state.day_state(unit, day, at=at)
        refusal: Refusal | None = refusal_to(by, unit, Act.ENTER, day_state)
        report = Report.objects.filter(unit=unit, day=day, kind=Report.Kind.DAILY).first()
        is_first = report is None or report.installs is None
        figures.setdefault("covers_from", report.covers_from if report else None)  # a correction keeps covered days
        kind = Revision.Kind.ON_BEHALF if is_first else Revision.Kind.CORRECTION
        stamp = Stamp(by=by, at=at, kind=kind, reason=reason, paper_ref=paper_ref, now=now)
        sent = SentFigures(**figures)
        if day_state.is_late(at):
            stamp = unconfirmed.stamp_as_sent(stamp, unit, day, sent)
        if refusal is None and day_state.is_late(stamp.at) and not reason.strip():
            refusal = ReasonMissing()
        return store_figures(unit, day_state, sent, stamp, base_version=base_version, refusal=refusal)


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
    """Set the day's signed adjustment of the cumulative, without changing its installs. Requires a reason."""
    with locking.locked(unit):
        day_state = state.day_state(unit, day, at=at)
        ensure_may(by, unit, Act.ENTER, day_state, reason=reason)
        kind = Revision.Kind.ADJUSTMENT
        stamp = Stamp(by=by, at=at, kind=kind, reason=reason, now=now)
        stored = standings.stored_day(unit, day, says_a_total=False)
        if base_version != stored.version:
            raise Conflict(stored.report)
        for refused in rules.refusals_of_adjustment(stored, adjustment):
            raise refused
        # A missing day may be adjusted; it stays missing.
        report = stored.report or Report(unit=unit, day=day, received_at=at, version=0)
        return Receipt(report, write_revision(report, {"adjustment": adjustment}, stamp))


def void(
    *, unit: Unit, day: date, reason: str, base_version: int, by: User, at: datetime, now: Now = clock.now
) -> Receipt:
    """Void a report that was entered by mistake: the unit is missing again. Requires a reason.

    Days that the report covered are missing again too. If the unit itself voids it, a later one arrives anew.
    Raises `NotAllowed`, `ReasonMissing`, `Conflict`, `StillNeeded`.
    """
    with locking.locked(unit):
        ensure_may(by, unit, Act.VOID, state.day_state(unit, day, at=at), reason=reason)
        stored = standings.stored_day(unit, day, says_a_total=False)
        report = stored.report
        if report is None or report.installs is None:
            raise Refusal(_("There is no report to void."))
        if base_version != report.version:
            raise Conflict(report)
        for refused in rules.refusals_of_void(stored):
            raise refused
        kind = Revision.Kind.OWN_VOID if access.is_clerk_of(by, unit) else Revision.Kind.VOID
        stamp = Stamp(by=by, at=at, kind=kind, reason=reason, now=now)
        revision = write_revision(report, fields.EMPTIED, stamp)
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
    now: Now = clock.now,
) -> Reopening:
    """Reopen one day of one unit until `until`. This returns the day's report, if any, to the unit. Requires a reason.

    It ends then, or when the unit or the superior writes. `base_version` is the report's version on the page. For a
    superior, `until` is within the days for corrections. Raises `NotAllowed`, `ReasonMissing`, `Conflict`,
    `InLaterReport` and other refusals.
    """
    with locking.locked(unit):
        ensure_may(by, unit, Act.REOPEN, state.day_state(unit, day, at=at), reason=reason)
        opened_at = locking.known_from(at)
        if until <= opened_at:
            raise Refusal(_("Choose a moment that is later than now."), field="hour")
        last = hours_in_force.hours_of_day(day).corrections_end
        if until > last and not permissions.may(access.role(by, unit), Act.REOPEN, Phase.OVER):
            words = _("The days for corrections end on %(moment)s: choose an earlier moment.")
            raise Refusal(words % {"moment": formatting.moment(last)}, field="until_day")
        stored = standings.stored_day(unit, day, says_a_total=False)
        is_return = stored.installs is not None
        if base_version != stored.version:
            raise Conflict(stored.report)
        if stored.covered_by and not is_return:
            raise InLaterReport(stored.covered_by)
        earlier = Reopening.objects.filter(unit=unit, day=day, closed_at=None)
        earlier.update(closed_at=Least("until", Value(opened_at)))  # each ended at its `until`, or ends now
        sign_off_to_withdraw(unit, day).withdraw(reason, by, locking.known_from(now()))
        return Reopening.objects.create(
            unit=unit, day=day, until=until, reason=reason, is_return=is_return, opened_at=opened_at, by=by
        )
