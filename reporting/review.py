"""After the sending: the late, the silent and the wrong. The superior decides; history says who, when and why."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.conf import settings
from django.db import transaction
from django.db.models import F, Max, Q
from django.utils import translation
from django.utils.translation import gettext as _

from . import access, acts, canonical, clock, deadline, rollup, state, submissions
from .acts import Act, Role, Situation
from .models import (
    BaseFigure,
    Extension,
    LateRequest,
    PassedUp,
    Reminder,
    Reopening,
    Report,
    Revision,
    SignOff,
    Unit,
    User,
)
from .submissions import NotWritten, Receipt

Now = Callable[[], datetime]


class NotAllowed(NotWritten):
    """The table of acts does not allow this person this act on this day as it stands."""

    def __init__(self, act: Act, situation: Situation, day_state: state.DayState | None = None):
        super().__init__(f"{act} {situation}")
        self.act, self.situation, self.day_state = act, situation, day_state


class ReasonMissing(NotWritten):
    """A reason is owed."""


class AlreadyWaiting(NotWritten):
    """One request waits for the unit and day already."""


class AlreadyDecided(NotWritten):
    """The request was decided or withdrawn meanwhile."""


class NothingThere(NotWritten):
    """There is nothing to take back or to withdraw."""


class Covered(NotWritten):
    """The day's figures are in the report of a later day already."""

    def __init__(self, day: date):
        super().__init__("covered")
        self.day = day


class BadMoment(NotWritten):
    """The moment given is not later than now, or not later than the hour it moves."""


class NotAllReported(NotWritten):
    """Before the hour a day is confirmed only when all have reported."""


@dataclass
class Changed(NotWritten):
    """Reports differ from what the page showed: codes with the version posted and the version that stands."""

    differences: dict[str, tuple[int, int]]


# Late requests.


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
        submissions.lock(unit)
        _demand(by, unit, Act.REQUEST, state.day_state(unit, day, at=at))
        if not reason.strip():
            raise ReasonMissing
        waiting = LateRequest.objects.waiting().filter(unit=unit, day=day)
        waiting.filter(pk=replaces).update(withdrawn_at=at)
        if waiting.exists():
            raise AlreadyWaiting
        standing = submissions.standing(unit, day)
        covering = submissions.covered_days(unit, [day]).get(day)
        if covering and (standing.report is None or standing.report.installs is None):
            raise Covered(covering)
        if base_version != standing.version:
            raise submissions.Conflict(standing.report)
        if standing.opening is None and opening is None:
            raise submissions.OpeningMissing
        base = BaseFigure.objects.in_force(unit, day)
        if base and max(installs or 0, opening or 0) > base.population:
            raise submissions.LimitExceeded(base.population)
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
        submissions.lock(unit)
        _demand(by, unit, Act.WITHDRAW_REQUEST, state.day_state(unit, day, at=at))
        waiting = LateRequest.objects.waiting().filter(unit=unit, day=day).first()
        if waiting is None:
            raise AlreadyDecided
        waiting.withdrawn_at = at
        waiting.save(update_fields=["withdrawn_at"])
        return waiting


def decide(
    *, late_request: LateRequest, is_accepted: bool, note: str = "", by: User, at: datetime, now: Now = clock.now
) -> Receipt | None:
    """Take a request in, or not. Accepting checks limits and versions again; the figures count from now on.

    Raises `AlreadyDecided`, `NotAllowed`, or what `submissions.store` raises: the request then goes on waiting.
    """
    unit, day = late_request.unit, late_request.day
    with transaction.atomic():
        submissions.lock(unit)
        waiting = LateRequest.objects.waiting().filter(pk=late_request.pk).first()
        if waiting is None:
            raise AlreadyDecided
        day_state = state.day_state(unit, day, at=at)
        _demand(by, unit, Act.DECIDE, day_state)
        receipt = _take_in(waiting, day_state, by, now) if is_accepted else None
        decision = LateRequest.Decision.ACCEPTED if is_accepted else LateRequest.Decision.DECLINED
        _close(waiting, decision, note, by, at)
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


def _take_in(waiting: LateRequest, day_state: state.DayState, by: User, now: Now) -> Receipt:
    """Write the request's figures, as of their own arrival."""
    report = Report.objects.filter(unit=waiting.unit, day=waiting.day, kind=Report.Kind.DAILY).first()
    words = {"by": waiting.by, "reason": waiting.reason, "source": _accepted_by(by)}
    if waiting.installs is None:
        adjustment = (report.adjustment if report else 0) + waiting.adjustment
        return _adjust(waiting.unit, day_state, adjustment, waiting.base_version, waiting.received_at, now, words)
    is_first = report is None or report.installs is None
    return submissions.store(
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


def _kind_of_first(day_state: state.DayState, received_at: datetime) -> str:
    return Revision.Kind.LATE if day_state.is_late(received_at) else Revision.Kind.OWN


def _accepted_by(by: User) -> str:
    with translation.override(settings.LANGUAGE_CODE):
        return _("accepted by %(name)s") % {"name": by.display_name}


def _close(waiting: LateRequest, decision: str, note: str, by: User, at: datetime) -> None:
    waiting.decided_at, waiting.decided_by, waiting.decision, waiting.decision_note = at, by, decision, note
    waiting.save(update_fields=["decided_at", "decided_by", "decision", "decision_note"])


# What the superior does to a unit's report.


def enter(
    *,
    unit: Unit,
    day: date,
    by: User,
    at: datetime,
    reason: str = "",
    paper_ref: str = "",
    paper_at: datetime | None = None,
    now: Now = clock.now,
    **sent,
) -> Receipt:
    """Enter or correct figures on behalf of a unit; after the hour a reason is owed.

    Before the hour the entry is on time, after it the report is late; "reported at" (`paper_at`) decides nothing.
    Raises `NotAllowed`, `ReasonMissing`, or what `submissions.store` raises.
    """
    with transaction.atomic():
        submissions.lock(unit)
        day_state = state.day_state(unit, day, at=at)
        refusal = _refusal(by, unit, Act.ENTER, day_state)
        if refusal is None and day_state.is_late(at) and not reason.strip():
            refusal = ReasonMissing()
        report = Report.objects.filter(unit=unit, day=day, kind=Report.Kind.DAILY).first()
        is_first = report is None or report.installs is None
        sent.setdefault("covers_from", report.covers_from if report else None)  # a correction leaves what is covered
        return submissions.store(
            unit=unit,
            day_state=day_state,
            refusal=refusal,
            by=by,
            at=at,
            kind=Revision.Kind.ON_BEHALF if is_first else Revision.Kind.CORRECTION,
            reason=reason,
            paper_ref=paper_ref,
            paper_at=paper_at,
            now=now,
            **sent,
        )


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
    with transaction.atomic():
        submissions.lock(unit)
        day_state = state.day_state(unit, day, at=at)
        _demand(by, unit, Act.ENTER, day_state)
        if not reason.strip():
            raise ReasonMissing
        return _adjust(unit, day_state, adjustment, base_version, at, now, {"by": by, "reason": reason})


def _adjust(
    unit: Unit, day_state: state.DayState, adjustment: int, base_version: int, at: datetime, now: Now, words: dict
) -> Receipt:
    day = day_state.day
    report = Report.objects.filter(unit=unit, day=day, kind=Report.Kind.DAILY).first()
    if base_version != (report.version if report else 0):
        raise submissions.Conflict(report)
    before = submissions.cumulative_before(unit, day)
    if before + ((report.installs or 0) if report else 0) + adjustment < 0:
        raise submissions.BelowCumulative(before)
    if report is None:  # a missing day may carry a correction; it stays missing
        report = Report(unit=unit, day=day, received_at=at, version=0)
    return Receipt(report, _write(report, {"adjustment": adjustment}, Revision.Kind.ADJUSTMENT, at, now, words))


def void(
    *, unit: Unit, day: date, reason: str, base_version: int, by: User, at: datetime, now: Now = clock.now
) -> Receipt:
    """Take a report back that was entered by mistake: the unit is missing again. A reason is owed.

    Raises `NotAllowed`, `ReasonMissing`, `NothingThere`, `Conflict`.
    """
    with transaction.atomic():
        submissions.lock(unit)
        _demand(by, unit, Act.VOID, state.day_state(unit, day, at=at))
        if not reason.strip():
            raise ReasonMissing
        report = Report.objects.filter(unit=unit, day=day, kind=Report.Kind.DAILY).first()
        if report is None or report.installs is None:
            raise NothingThere
        if base_version != report.version:
            raise submissions.Conflict(report)
        report.is_late = False
        nothing = {"installs": None, "covers_from": None, "households_visited": None, "note": ""}
        return Receipt(report, _write(report, nothing, Revision.Kind.VOID, at, now, {"by": by, "reason": reason}))


def reopen(*, unit: Unit, day: date, until: datetime, reason: str, by: User, at: datetime) -> Reopening:
    """Open one day of one unit again until an hour; of a report that is there it is a return. A reason is owed.

    It ends by itself or by the unit's answer. Raises `NotAllowed`, `ReasonMissing`, `BadMoment`.
    """
    with transaction.atomic():
        submissions.lock(unit)
        _demand(by, unit, Act.REOPEN, state.day_state(unit, day, at=at))
        if not reason.strip():
            raise ReasonMissing
        if until <= at:
            raise BadMoment
        Reopening.objects.filter(unit=unit, day=day, closed_at=None).update(closed_at=F("until"))  # ended by itself
        is_return = Report.objects.filter(unit=unit, day=day, kind=Report.Kind.DAILY, installs__isnull=False).exists()
        _withdraw_standing(unit.parent_id, day, reason, by, at)
        return Reopening.objects.create(
            unit=unit, day=day, until=until, reason=reason, is_return=is_return, opened_at=at, by=by
        )


def remind(*, units: Iterable[Unit], day: date, by: User, at: datetime) -> list[Reminder]:
    """Leave a notice on the units' pages and keep a record of it."""
    units = list(units)
    states = state.day_states(units, day, at=at)
    for unit in units:
        _demand(by, unit, Act.REMIND, states[unit.pk])
    return Reminder.objects.bulk_create(Reminder(unit=unit, day=day, by=by, at=at) for unit in units)


def pass_up(*, unit: Unit, day: date, reports: Iterable[Report], by: User, at: datetime) -> None:
    """Send the difficulties of these reports of the units below on to the city; those sent already stay."""
    with transaction.atomic():
        Unit.objects.select_for_update(no_key=True).get(pk=unit.pk)
        _demand_own(by, unit, Act.PASS_UP, state.superior_situation(unit, day, at=at))
        said = Report.objects.filter(pk__in=[report.pk for report in reports], unit__parent=unit, day=day)
        passed = [PassedUp(report=report, by=by, at=at) for report in said.exclude(note="")]
        PassedUp.objects.bulk_create(passed, ignore_conflicts=True)


@dataclass(frozen=True)
class Difficulty:
    """What a unit's report of the day says of difficulties."""

    superior: rollup.Row | None  # who sent it up; None for a unit right below
    row: rollup.Row
    report: Report


def difficulties(figures: rollup.DayRollup) -> list[Difficulty]:
    """Those of the units right below the rollup's own, and those that the units right below have sent up to it."""
    own = figures.unit_code
    said = Report.objects.filter(day=figures.day, kind=Report.Kind.DAILY).exclude(note="")
    said = said.filter(Q(unit__parent__code=own) | Q(unit__parent__parent__code=own, passed_up__isnull=False))
    by_code = {report.unit.code: report for report in said.select_related("unit", "passed_up")}
    found = []
    for superior in [None, *figures.below(own)]:
        rows = figures.below(superior.code if superior else own)
        found += [Difficulty(superior, row, by_code[row.code]) for row in rows if row.code in by_code]
    return found


@dataclass(frozen=True)
class Confirmed:
    """What the units below have confirmed of a day, for the unit above them."""

    expected: int  # units that confirm a day: those that have others below them
    sign_offs: dict[str, SignOff]  # standing, by code

    @property
    def cumulative(self) -> int:
        return sum(sign_off.cumulative for sign_off in self.sign_offs.values())


def confirmed(figures: rollup.DayRollup) -> Confirmed:
    """The standing sign-offs of the units right below the rollup's own."""
    signing = [row.code for row in figures.children if not row.is_reporting]
    standing = SignOff.objects.standing().filter(unit__code__in=signing, day=figures.day).select_related("unit")
    return Confirmed(len(signing), {sign_off.unit.code: sign_off for sign_off in standing} if signing else {})


# The district's day.


def sign_off(
    *, unit: Unit, day: date, versions: dict[str, int], reason: str = "", by: User, at: datetime, now: Now = clock.now
) -> SignOff:
    """Confirm the day of the units below: their figures as they stand are recorded as a table with its digest.

    `versions` are the report versions that the page showed, by code (0 for no report). Before the hour all must have
    reported; after it, the missing and the requests that wait may be named with a reason.
    Raises `NotAllowed`, `Changed`, `NotAllReported`, `ReasonMissing`.
    """
    with transaction.atomic():
        Unit.objects.select_for_update(no_key=True).get(pk=unit.pk)
        situation = state.superior_situation(unit, day, at=at)
        _demand_own(by, unit, Act.SIGN, situation)
        figures = rollup.rows(unit, day)
        standing = versions_below(unit, day)
        differences = {
            code: (versions.get(code, 0), version)
            for code, version in standing.items()
            if versions.get(code, 0) != version
        }
        if differences:
            raise Changed(differences)
        if situation is Situation.OPEN and figures.own.missing:
            raise NotAllReported
        waiting = LateRequest.objects.waiting().filter(unit__parent=unit, day=day).exists()
        if (figures.own.missing or waiting) and not reason.strip():
            raise ReasonMissing
        newest = Revision.objects.filter(report__unit__parent=unit).aggregate(at=Max("counted_at"))["at"]
        signed_at = max(now(), newest) if newest else now()
        table = canonical.table(figures)
        return SignOff.objects.create(
            unit=unit,
            day=day,
            at=signed_at,
            by=by,
            table=table,
            digest=canonical.digest(table),
            cumulative=figures.own.cumulative or 0,
            reason=reason,
            is_after_deadline=signed_at >= state.signs_off_until(unit, day),
        )


def withdraw_sign_off(*, unit: Unit, day: date, reason: str, by: User, at: datetime) -> None:
    """Take the confirmation of the day back, with a reason; not once the day is sealed."""
    with transaction.atomic():
        Unit.objects.select_for_update(no_key=True).get(pk=unit.pk)
        _demand_own(by, unit, Act.WITHDRAW_SIGN, state.superior_situation(unit, day, at=at))
        if not reason.strip():
            raise ReasonMissing
        _withdraw_standing(unit.pk, day, reason, by, at)


def versions_below(unit: Unit, day: date) -> dict[str, int]:
    """The version of the day's report of every unit right below that reports; 0 without a report."""
    versions = dict.fromkeys(unit.children.open_on(day).values_list("code", flat=True), 0)
    reports = Report.objects.filter(unit__parent=unit, day=day, kind=Report.Kind.DAILY)
    return versions | dict(reports.filter(unit__code__in=versions).values_list("unit__code", "version"))


# The city.


def extend(
    *, unit: Unit, day: date, until: datetime, reason: str, by: User, at: datetime, now: Now = clock.now
) -> Extension:
    """Move the hour of a day for a unit and all below it, before or after the fact. A reason is owed.

    Requests that wait and arrived inside the extension become reports in time, and late reports that arrived inside
    it are on time from now on. Raises `NotAllowed`, `ReasonMissing`, `BadMoment`.
    """
    with transaction.atomic():
        superiors = set(Unit.objects.below(unit).values_list("parent_id", flat=True)) | {unit.pk}
        list(Unit.objects.select_for_update(no_key=True).filter(pk__in=superiors - {None}).order_by("pk"))
        if access.role(by, unit) is not Role.CITY and not access.is_top_clerk(by, unit):
            raise NotAllowed(Act.EXTEND, Situation.NOT_DUE)
        if not reason.strip():
            raise ReasonMissing
        current = state.closing_hour(unit, day)
        if current is None or until <= current or deadline.reporting_day(until) != day:
            raise BadMoment
        extension = Extension.objects.create(unit=unit, day=day, until=until, reason=reason, recorded_at=at, by=by)
        _take_in_arrived(unit, day, by, at, now)
        _forgive(unit, day, reason, by, at, now)
        return extension


def _take_in_arrived(unit: Unit, day: date, by: User, at: datetime, now: Now) -> None:
    below = LateRequest.objects.waiting().filter(day=day, unit__path__startswith=unit.path)
    for waiting in below.select_related("unit"):
        day_state = state.day_state(waiting.unit, day, at=at)
        if day_state.is_late(waiting.received_at):
            continue
        try:
            with transaction.atomic():
                _take_in(waiting, day_state, by, now)
        except NotWritten:
            continue  # changed meanwhile: it goes on waiting for the superior
        _close(waiting, LateRequest.Decision.ACCEPTED, _arrived_within(), by, at)


def _forgive(unit: Unit, day: date, reason: str, by: User, at: datetime, now: Now) -> None:
    late = Report.objects.filter(day=day, is_late=True, unit__path__startswith=unit.path)
    for report in late.select_related("unit"):
        if not state.day_state(report.unit, day, at=at).is_late(report.received_at):
            report.is_late = False
            _write(report, {}, Revision.Kind.CORRECTION, at, now, {"by": by, "reason": reason})


# Shared.


def _demand(by: User, unit: Unit, act: Act, day_state: state.DayState) -> None:
    refusal = _refusal(by, unit, act, day_state)
    if refusal:
        raise refusal


def _demand_own(by: User, superior: Unit, act: Act, situation: Situation) -> None:
    """The superior's own clerk, on the superior's own day."""
    if not (access.is_clerk_of(by, superior) and acts.may(Role.SUPERIOR, act, situation)):
        raise NotAllowed(act, situation)


def _refusal(by: User, unit: Unit, act: Act, day_state: state.DayState) -> NotAllowed | None:
    if acts.may(access.role(by, unit), act, day_state.situation):
        return None
    return NotAllowed(act, day_state.situation, day_state)


def _write(report: Report, figures: dict, kind: str, at: datetime, now: Now, words: dict) -> Revision:
    stamp = {
        "kind": kind,
        "received_at": at,
        "counted_at": submissions.counted_from(report.unit, report.day, now()),
        "by_name": words["by"].display_name,
        **words,
    }
    return submissions.write(report, figures, stamp)


def _withdraw_standing(superior_id: int | None, day: date, reason: str, by: User, at: datetime) -> None:
    SignOff.objects.standing().filter(unit_id=superior_id, day=day).update(
        withdrawn_at=at, withdrawn_by=by, withdrawal_reason=reason
    )


def _arrived_within() -> str:
    with translation.override(settings.LANGUAGE_CODE):
        return _("arrived within the extended hour")
