"""Sign-off and seal: a district confirms a day, the city seals it. Both store the day's table with its digest."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.conf import settings
from django.db.models import Max
from django.utils import translation
from django.utils.translation import gettext as _

from .. import clock, deadline, outbox
from ..clock import Now
from ..days import hours_in_force, state
from ..deadline import DayHours, Phase
from ..figures import rollup, sealed_table
from ..models import LateRequest, Message, Reopening, Report, Revision, Seal, SignOff, Unit, User
from ..models.campaign import moments_of, recorded_models
from ..people import access
from ..permissions import Act
from ..text import formatting
from . import locking, refusals
from .refusals import ensure_clerk_may

UNDONE_WITHIN = timedelta(minutes=10)
UNSIGNED = (Phase.BEFORE, Phase.TO_CONFIRM)  # no confirmation is in force


def sign_off(
    *, unit: Unit, day: date, versions: dict[str, int], reason: str = "", by: User, at: datetime, now: Now = clock.now
) -> SignOff:
    """Confirm the day of the units below: record their present figures as a table with its digest.

    `versions` are the report versions that the page showed, by code (0 for no report). Before the deadline all
    must have reported; after it, missing reports, waiting requests and returned reports require a reason.
    Raises `NotAllowed`, `ReportsChanged`, `ReasonMissing` and other refusals.
    """
    with locking.act_transaction():
        Unit.objects.select_for_update(no_key=True).get(pk=unit.pk)
        hours = hours_in_force.hours_of_day(day)
        phase = state.superior_phase(unit, day, at=at)
        ensure_clerk_may(by, unit, Act.SIGN, phase)
        signed_at = latest_time(now())
        figures = rollup.rows(unit, day, at=signed_at)
        _demand_seen(unit, day, versions)
        if phase is Phase.BEFORE and figures.own.not_reported:
            words = _("Before the deadline, you can confirm the day only when all units have reported.")
            raise refusals.Refusal(words)
        if (figures.own.not_reported or _is_awaited(unit, day, at)) and not reason.strip():
            raise refusals.ReasonMissing
        table = sealed_table.canonical_table(figures)
        return SignOff.objects.create(
            unit=unit,
            day=day,
            at=signed_at,
            by=by,
            table=table,
            digest=sealed_table.digest(table),
            cumulative=figures.own.cumulative or 0,
            reason=reason,
            is_after_deadline=hours.is_late_to_sign_off(unit.path, at),
        )


def _is_awaited(unit: Unit, day: date, at: datetime) -> bool:
    """Whether a request waits below, or a report that was returned is still to be corrected."""
    waiting = LateRequest.objects.waiting().filter(unit__parent=unit, day=day)
    returned = Reopening.objects.in_force(at).filter(unit__parent=unit, day=day, is_return=True)
    return waiting.exists() or returned.exists()


def _demand_seen(unit: Unit, day: date, versions: dict[str, int]) -> None:
    """Raises `ReportsChanged` if a report below has changed since the page was opened."""
    shown_and_stored = {code: (versions.get(code, 0), stored) for code, stored in versions_below(unit, day).items()}
    differences = {code: pair for code, pair in shown_and_stored.items() if pair[0] != pair[1]}
    if differences:
        raise refusals.ReportsChanged(differences)


def withdraw_sign_off(
    *, unit: Unit, day: date, shown: int | None, reason: str | None, by: User, at: datetime, now: Now = clock.now
) -> None:
    """Withdraw the confirmation of the day, with a reason. On a sealed day it cannot be withdrawn.

    `shown` is the key of the confirmation that the page showed; no other is withdrawn. The person who confirmed
    needs no reason (None) for ten minutes. Raises `NotAllowed`, `AlreadyWithdrawn`, `ReasonMissing`.
    """
    with locking.act_transaction():
        Unit.objects.select_for_update(no_key=True).get(pk=unit.pk)
        phase, of_day = state.superior_phase(unit, day, at=at), SignOff.objects.filter(unit=unit, day=day)
        if phase in UNSIGNED and access.is_clerk_of(by, unit) and of_day.exists():
            raise refusals.AlreadyWithdrawn(_("The confirmation has been withdrawn already."))
        ensure_clerk_may(by, unit, Act.WITHDRAW_SIGN, phase)
        in_force = of_day.in_force()
        signed = in_force.get()
        if signed.pk != shown:
            words = _("The day has been confirmed again since you opened this page. Look at that confirmation first.")
            raise refusals.Refusal(words, status=refusals.CONFLICT)
        if reason is None and signed.by_id == by.pk and signed.at > at - UNDONE_WITHIN:
            with translation.override(settings.LANGUAGE_CODE):  # stored text is not in the writer's language
                reason = _("undone right after it was confirmed")
        if not reason or not reason.strip():
            raise refusals.ReasonMissing
        in_force.withdraw(reason, by, locking.known_from(now()))


def versions_below(unit: Unit, day: date) -> dict[str, int]:
    """The report version of every open unit right below, by code; 0 without a report."""
    versions = dict.fromkeys(unit.children.open_on(day).values_list("code", flat=True), 0)
    reports = Report.objects.filter(unit__parent=unit, day=day, kind=Report.Kind.DAILY)
    return versions | dict(reports.filter(unit__code__in=versions).values_list("unit__code", "version"))


@dataclass(frozen=True)
class Confirmations:
    """The confirmations of a day: by the units right below a unit, and by the unit itself."""

    expected: int  # units that owe a confirmation of the day, or gave one
    sign_offs: dict[str, SignOff]  # in force, by code
    own: SignOff | None = None  # by the unit itself, for the one above it

    @property
    def cumulative(self) -> int:
        return sum(sign_off.cumulative for sign_off in self.sign_offs.values())


def confirmations(figures: rollup.DayRollup) -> Confirmations:
    """The sign-offs of the rollup's unit and of the units right below, in force as of the rollup."""
    signing, own = {row.code for row in figures.children if not row.is_reporting}, figures.own.code
    found = SignOff.objects.in_force(figures.as_of).filter(unit__code__in=[own, *signing], day=figures.day)
    in_force = unmark_late(figures.hours, found.select_related("unit", "by").defer("table"))
    by_code = {sign_off.unit.code: sign_off for sign_off in in_force}
    of_own = by_code.pop(own, None)
    return Confirmations(len(by_code) + len(figures.unsigned(by_code)), own=of_own, sign_offs=by_code)


def unmark_late(hours: DayHours, sign_offs: Iterable[SignOff]) -> list[SignOff]:
    """The sign-offs; one that a deadline recorded later makes on time is not marked as late. Nothing is saved."""
    marked = list(sign_offs)
    for sign_off in marked:
        is_late = hours.is_late_to_sign_off(sign_off.unit.path, sign_off.at)
        sign_off.is_after_deadline = sign_off.is_after_deadline and is_late
    return marked


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
    """Seal the day: store its table with the time and the digest.

    `by` is None for the timer. A person gives a reason if somebody has not reported or confirmed, and for a second seal
    after changes; the first seal stays. `shown` is the digest of the table that the person saw, None if none.
    Raises `NotAllowed`, `TooEarly`, `ReasonMissing` and other refusals.
    """
    with locking.act_transaction():
        locking.lock_all(unit)
        hours = hours_in_force.hours_of_day(day)
        opens_at = hours.seals_from(unit.path)
        may_seal = unit.is_sealing and (by is None or access.is_sealing_clerk(by, unit))
        if opens_at is None or day > deadline.reporting_day(at) or not may_seal:
            raise refusals.NotAllowed(Act.SEAL, Phase.NOT_DUE)
        if not hours.may_seal(unit.path, at):
            raise refusals.TooEarly(opens_at)
        previous = Seal.objects.filter(unit=unit, day=day).select_related("by").order_by("at").last()
        sealed_at = latest_time(now())
        figures = rollup.rows(unit, day, sealed_at)
        table = sealed_table.canonical_table(figures)
        if previous and previous.table == table:
            raise refusals.Refusal(_sealed_already(previous))
        if shown is not None and shown != sealed_table.digest(table):
            words = _("The figures have changed since you opened this page. Check them, then seal.")
            raise refusals.Refusal(words, status=refusals.CONFLICT)
        is_asked = previous or (
            by is not None and (figures.not_reported or figures.unsigned(confirmations(figures).sign_offs))
        )
        if is_asked and not reason.strip():
            raise refusals.ReasonMissing
        sealed = Seal.objects.create(
            unit=unit, day=day, at=sealed_at, by=by, table=table, digest=sealed_table.digest(table), reason=reason
        )
        outbox.write_bulletins(unit, day=day, cause=str(sealed.pk), at=sealed_at)
        return sealed


def _sealed_already(seal: Seal) -> str:
    if seal.by is None:
        words = _("The day was sealed by the timer at %(moment)s; nothing has changed since.")
        return words % {"moment": formatting.moment(seal.at)}
    words = _("The day was sealed by %(name)s at %(moment)s; nothing has changed since.")
    return words % {"name": seal.by.display_name, "moment": formatting.moment(seal.at)}


def undo_seal(*, unit: Unit, day: date, shown: int | None, by: User, at: datetime, now: Now = clock.now) -> None:
    """Withdraw the day's newest seal, which the person made within ten minutes. It stays on record.

    `shown` is the key of the seal that the page showed. Raises `AlreadyWithdrawn`.
    """
    with locking.act_transaction():
        locking.lock_all(unit)
        newest = Seal.objects.filter(unit=unit, day=day).last()
        if newest is None or newest.pk != shown:
            raise refusals.AlreadyWithdrawn
        if not may_undo(newest, by, at):
            raise refusals.Refusal(_("Only the person who made the seal can undo it, within ten minutes."))
        with translation.override(settings.LANGUAGE_CODE):  # stored text is not in the writer's language
            words = _("undone right after the day was sealed")
        Seal.objects.filter(pk=newest.pk).withdraw(words, by, locking.known_from(now()))
        unsent = Message.objects.filter(key__regex=rf"^(sealed|bulletin):{newest.pk}:", ended_at=None)
        unsent.update(end=Message.End.NEEDLESS, ended_at=at)


def may_undo(seal: Seal, by: User, at: datetime) -> bool:
    """Whether the person made the seal within the last ten minutes."""
    return seal.by_id == by.pk and at < seal.at + UNDONE_WITHIN and access.is_sealing_clerk(by, seal.unit)


def latest_time(now: datetime) -> datetime:
    """`now`, or the newest time in the database if that is later, because a clock may have been set back."""
    known = [model._base_manager.aggregate(*map(Max, moments_of(model))) for model in recorded_models()]
    known.append(Revision.objects.aggregate(Max("counted_at")))
    known.append(LateRequest.objects.aggregate(Max("received_at"), Max("withdrawn_at"), Max("decided_at")))
    return max(now, *(at for moments in known for at in moments.values() if at))
