"""The district's day: it confirms the figures of the units below, and takes its confirmation back."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _

from .. import clock
from ..clock import Now
from ..days import hours_in_force, state
from ..figures import rollup, sealed_table
from ..hours.hours import DayHours
from ..hours.permissions import Act, Situation
from ..models import LateRequest, Reopening, Report, SignOff, Unit, User
from ..people import access
from . import locking
from .demands import demand_own, withdraw
from .errors import Changed, ConfirmedAnew, NotAllReported, NotConfirmedAnyMore, ReasonMissing
from .seals import UNDONE_WITHIN, after_all_that_is_known

UNCONFIRMED = (Situation.OPEN, Situation.AFTER_HOUR)  # no confirmation stands


def sign_off(
    *, unit: Unit, day: date, versions: dict[str, int], reason: str = "", by: User, at: datetime, now: Now = clock.now
) -> SignOff:
    """Confirm the day of the units below: their figures as they stand are recorded as a table with its digest.

    `versions` are the report versions that the page showed, by code (0 for no report). Before the hour all must have
    reported; after it, what is missing, waits or was returned may be named with a reason.
    Raises `NotAllowed`, `Changed`, `NotAllReported`, `ReasonMissing`.
    """
    with locking.whole():
        Unit.objects.select_for_update(no_key=True).get(pk=unit.pk)
        hours = hours_in_force.of_day(day)
        situation = state.superior_situation(unit, day, at=at, hours=hours)
        demand_own(by, unit, Act.SIGN, situation)
        signed_at = after_all_that_is_known(now())
        figures = rollup.rows(unit, day, at=signed_at)
        _demand_seen(unit, day, versions)
        if situation is Situation.OPEN and figures.own.not_reported:
            raise NotAllReported
        if (figures.own.not_reported or _is_awaited(unit, day, at)) and not reason.strip():
            raise ReasonMissing
        table = sealed_table.table(figures)
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
    returned = Reopening.objects.standing(at).filter(unit__parent=unit, day=day, is_return=True)
    return waiting.exists() or returned.exists()


def _demand_seen(unit: Unit, day: date, versions: dict[str, int]) -> None:
    """Nothing may have changed below since the page was opened. Raises `Changed`."""
    standing = versions_below(unit, day)
    seen = {code: versions.get(code, 0) for code in standing}
    differences = {code: (seen[code], version) for code, version in standing.items() if seen[code] != version}
    if differences:
        raise Changed(differences)


def withdraw_sign_off(
    *, unit: Unit, day: date, shown: int | None, reason: str | None, by: User, at: datetime, now: Now = clock.now
) -> None:
    """Take the confirmation of the day back, with a reason; not once the day is sealed.

    `shown` is the key of the one that the page showed, and no other is taken back. None for the reason undoes what one
    has confirmed oneself a moment ago. Raises `NotAllowed`, `NotConfirmedAnyMore`, `ConfirmedAnew`, `ReasonMissing`.
    """
    with locking.whole():
        Unit.objects.select_for_update(no_key=True).get(pk=unit.pk)
        situation, of_day = state.superior_situation(unit, day, at=at), SignOff.objects.filter(unit=unit, day=day)
        if situation in UNCONFIRMED and access.is_clerk_of(by, unit) and of_day.exists():
            raise NotConfirmedAnyMore
        demand_own(by, unit, Act.WITHDRAW_SIGN, situation)
        standing = of_day.standing()
        signed = standing.get()
        if signed.pk != shown:
            raise ConfirmedAnew
        if reason is None and signed.by_id == by.pk and signed.at > at - UNDONE_WITHIN:
            with translation.override(settings.LANGUAGE_CODE):  # kept as written, whatever the writer reads
                reason = _("undone right after it was confirmed")
        if not reason or not reason.strip():
            raise ReasonMissing
        withdraw(standing, reason, by, locking.known_from(now()))


def versions_below(unit: Unit, day: date) -> dict[str, int]:
    """The version of the day's report of every unit right below that reports; 0 without a report."""
    versions = dict.fromkeys(unit.children.open_on(day).values_list("code", flat=True), 0)
    reports = Report.objects.filter(unit__parent=unit, day=day, kind=Report.Kind.DAILY)
    return versions | dict(reports.filter(unit__code__in=versions).values_list("unit__code", "version"))


@dataclass(frozen=True)
class Confirmed:
    """What the units below have confirmed of a day, for the unit above them, and what that one itself has."""

    expected: int  # units that owe a confirmation of the day, or gave one
    sign_offs: dict[str, SignOff]  # standing, by code
    own: SignOff | None = None  # of the unit above, which confirms to the one above it

    @property
    def cumulative(self) -> int:
        return sum(sign_off.cumulative for sign_off in self.sign_offs.values())


def confirmed(figures: rollup.DayRollup) -> Confirmed:
    """The sign-offs of the rollup's own and of the units right below it that stand, or stood when it shows them."""
    signing, own = {row.code for row in figures.children if not row.is_reporting}, figures.own.code
    standing = (
        SignOff.objects.standing(figures.as_of)
        .filter(unit__code__in=[own, *signing], day=figures.day)
        .select_related("unit")
    )
    found = {sign_off.unit.code: sign_off for sign_off in marked_by(figures.hours, standing)}
    of_own = found.pop(own, None)
    return Confirmed(len(found) + len(figures.unconfirmed(found)), own=of_own, sign_offs=found)


def marked_by(hours: DayHours, sign_offs: Iterable[SignOff]) -> list[SignOff]:
    """The sign-offs, marked as late only where they are by the hours known: one given afterwards makes it good.

    What was recorded stays as it is.
    """
    marked = list(sign_offs)
    for sign_off in marked:
        is_late = hours.is_late_to_sign_off(sign_off.unit.path, sign_off.at)
        sign_off.is_after_deadline = sign_off.is_after_deadline and is_late
    return marked
