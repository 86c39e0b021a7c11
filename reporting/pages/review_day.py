"""What is missing and what may be done: a superior's day before it is confirmed, the city's before it is sealed."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import cached_property
from typing import Any

from django.db.models import F, OuterRef, QuerySet, Subquery

from .. import acts, permissions
from ..days import state
from ..days.look_back import as_of_value
from ..days.state import DayState
from ..deadline import Urgency
from ..figures import fields, query, rollup, rules, sealed_table, since_seal, standings
from ..figures.rollup import DayRollup, Row
from ..figures.rules import KnownDay, SentFigures
from ..models import LateRequest, PassedUp, Report, Revision, Seal, SignOff, Unit, User
from ..people import access
from ..permissions import Act, Role, Situation
from .bulletin import with_status


@dataclass(frozen=True)
class ReviewLine:
    """One unit that reports to the superior."""

    unit: Unit
    row: Row
    state: DayState
    may: frozenset[Act]
    report: Report | None
    revision: Revision | None  # the newest
    waiting: LateRequest | None
    requested: SentFigures | None  # by the request, as they will be stored if it is accepted
    urgency: Urgency  # how near its deadline is
    covered_by: date | None  # the later day whose report includes this day
    sent_up: acts.SentUp | None  # the difficulties that the superior has passed up

    @property
    def is_to_be_sent_up(self) -> bool:
        """Whether the report's difficulties were not passed up as they are worded now."""
        return bool(self.note) and (self.sent_up is None or self.sent_up.note != self.note)

    @property
    def note(self) -> str:
        return self.report.note if self.report else ""

    @property
    def name(self) -> str:
        return self.row.name

    @property
    def version(self) -> int:
        return self.report.version if self.report else 0

    @property
    def may_enter(self) -> bool:
        """Whether a report may be entered: not if a later one includes the day."""
        return Act.ENTER in self.may and self.covered_by is None

    @property
    def has_report(self) -> bool:
        return self.row.installs is not None

    @property
    def explanation(self) -> str:
        """The reason given with the last revision."""
        return self.revision.reason if self.revision else ""

    @property
    def is_unusual(self) -> bool:
        return bool(self.row.not_reported) or self.is_to_check

    @property
    def is_to_check(self) -> bool:
        return any((self.waiting, self.state.reopening, self.row.late, self.row.adjustment, self.explanation))

    @property
    def requested_counts(self) -> list[tuple[fields.Count, int | None, int | None]]:
        """The other counts: each with its present value and that of the waiting request."""
        if self.unit.is_agency:
            return []
        return [(count, count.value(self.row), count.value(self.waiting)) for count in fields.EXTRAS]

    @property
    def requested_cumulative(self) -> int:
        """The unit's cumulative if the waiting request is accepted."""
        if self.waiting.cumulative is not None:
            return self.waiting.cumulative
        installs = self.requested.installs if self.requested else self.row.installs
        opening = self.waiting.opening if self.waiting.opened is None else 0
        before = (self.row.cumulative or 0) - (self.row.installs or 0)
        return before + (opening or 0) + (installs or 0)


@dataclass(frozen=True, kw_only=True)
class DayToReview:
    """A superior's day, as the page of the review shows it."""

    role: Role | None
    situation: Situation  # of the superior's day
    may: frozenset[Act]  # with the day itself
    figures: DayRollup
    lines: list[ReviewLine]
    is_top: bool  # it seals, or is above the unit that seals: it has no day to confirm
    sign_off: SignOff | None  # in force
    withdrawn: list[SignOff]
    moved: dict[date, int] | None  # by which day, since the confirmation
    signs_off_until: datetime | None  # the first instant that is late
    is_after_deadline: bool

    @cached_property
    def not_reported(self) -> list[ReviewLine]:
        return [line for line in self.lines if line.row.not_reported]

    @cached_property
    def waiting(self) -> list[ReviewLine]:
        return [line for line in self.lines if line.waiting]

    @property
    def decidable(self) -> list[ReviewLine]:
        return [line for line in self.waiting if Act.DECIDE in line.may]

    @property
    def reopened(self) -> list[ReviewLine]:
        return [line for line in self.lines if line.state.reopening]

    @cached_property
    def difficulties(self) -> list[ReviewLine]:
        return [line for line in self.lines if line.note]

    @property
    def can_pass_more_up(self) -> bool:
        return Act.PASS_UP in self.may and any(line.is_to_be_sent_up for line in self.difficulties)

    @property
    def is_too_early(self) -> bool:
        """Whether some report is missing before the deadline: then nobody can confirm."""
        return self.situation is Situation.OPEN and bool(self.not_reported)

    @property
    def owes_reason(self) -> bool:
        return bool(self.not_reported or self.waiting or any(line.state.is_returned for line in self.lines))


def day_to_review(unit: Unit, day: date, *, user: User, at: datetime) -> DayToReview:
    """The superior's day at `at`; `role` is the user's for the children. The number of queries is constant."""
    role = access.role_below(user, unit)
    # Read the versions before the figures: if a report changes in between, the sign-off is refused. In the
    # other order, it would confirm a figure that nobody saw.
    reports = {report.unit_id: report for report in _daily(unit, day)}
    figures = rollup.rows(unit, day, at=at)
    hours, path = figures.hours, unit.path
    confirmed = SignOff.objects.filter(unit=unit, day=day).select_related("unit", "by", "withdrawn_by")
    sign_offs = acts.unmark_late(hours, confirmed)
    in_force = next((sign_off for sign_off in sign_offs if sign_off.withdrawn_at is None), None)
    situation = state.superior_situation(unit, day, at=at, hours=hours)
    may = frozenset(act for act in Act if permissions.may(role, act, situation))
    return DayToReview(
        role=role,
        situation=situation,
        may=may,
        figures=figures,
        lines=_lines(unit, day, reports, figures, role, at),
        is_top=not unit.is_under_seal,
        sign_off=in_force,
        withdrawn=[sign_off for sign_off in sign_offs if sign_off.withdrawn_at is not None],
        moved=since_seal.moved_since(unit, [in_force]).get(in_force.pk) if in_force else None,
        signs_off_until=hours.signs_off_at(path),
        is_after_deadline=hours.is_late_to_sign_off(path, at),
    )


def _daily(unit: Unit, day: date) -> QuerySet[Report]:
    return Report.objects.filter(unit__parent=unit, day=day, kind=Report.Kind.DAILY)


def _lines(
    unit: Unit, day: date, reports: dict[int, Report], figures: DayRollup, role: Role, at: datetime
) -> list[ReviewLine]:
    rows = {row.code: row for row in figures.below(unit.code) if row.is_reporting}
    units = list(Unit.objects.filter(parent=unit, code__in=rows).named(day).order_by("sort_key", "code"))
    states = state.day_states(units, day, at=at, hours=figures.hours)
    last = Revision.objects.filter(report__in=_daily(unit, day), number=F("report__version"))
    revisions = {revision.report_id: revision for revision in last}
    opened = Report.objects.filter(unit=OuterRef("unit"), kind=Report.Kind.OPENING).values("installs")
    requests = LateRequest.objects.waiting().filter(unit__parent=unit, day=day).annotate(opened=Subquery(opened))
    waiting = {request.unit_id: request for request in requests}
    totals = [child for child in units if child.pk in waiting and waiting[child.pk].cumulative is not None]
    known = standings.standings_of(totals, day) if totals else {}
    covered = query.covered_on(unit, day)
    sent_up = acts.last_sent_up(PassedUp.objects.filter(report__in=_daily(unit, day)))
    return [
        ReviewLine(
            unit=child,
            row=rows[child.code],
            state=states[child.pk],
            may=frozenset(act for act in Act if permissions.may(role, act, states[child.pk].situation)),
            report=reports.get(child.pk),
            revision=revisions.get(reports[child.pk].pk) if child.pk in reports else None,
            waiting=waiting.get(child.pk),
            requested=_as_stored(waiting[child.pk], known.get(child.pk)) if child.pk in waiting else None,
            covered_by=covered[child.code].day if rows[child.code].not_reported and child.code in covered else None,
            sent_up=sent_up.get(reports[child.pk].pk) if child.pk in reports else None,
            urgency=figures.hours.urgency(child.path, at),
        )
        for child in units
    ]


def _as_stored(request: LateRequest, known: KnownDay | None) -> SentFigures | None:
    """The requested figures; with `known`, the day's number and the first day of a total are computed from it."""
    figures = acts.sent_figures(request)
    if figures is None or known is None:
        return figures
    included = rules.included_days(known, figures)
    return replace(figures, installs=rules.day_installs(known, figures), covers_from=included.covers_from)


@dataclass(frozen=True)
class ReportDifference:
    """A unit's figures as shown on a page and as they are now."""

    name: str
    versions: tuple[int, int]
    shown: Revision | None
    current: Revision | None

    @property
    def is_of_other_counts(self) -> bool:
        """Whether only other counts or difficulties have changed."""
        both = (self.shown, self.current)
        return None not in both and len({(one.installs, one.adjustment) for one in both}) == 1


def differences(unit: Unit, day: date, versions: dict[str, tuple[int, int]]) -> list[ReportDifference]:
    """For each unit, the version that a page showed and the present one (see `acts.ReportsChanged`)."""
    units = Unit.objects.filter(parent=unit, code__in=versions).named(day).order_by("sort_key", "code")
    revisions = Revision.objects.filter(report__unit__parent=unit, report__day=day, report__kind=Report.Kind.DAILY)
    by_version = {(r.report.unit_id, r.number): r for r in revisions.select_related("report")}
    return [
        ReportDifference(child.full_name, both, *(by_version.get((child.pk, version)) for version in both))
        for child in units
        for both in [versions[child.code]]
    ]


@dataclass(frozen=True, kw_only=True)
class CheckedSeal:
    """A seal and its check against the history."""

    number: int  # from 1 each day
    seal: Seal
    check: sealed_table.TableCheck
    code: str  # of the chain
    address: str
    differences: list[tuple[str, Any]]  # each with the name of its unit


def _sealed(number: int, seal: Seal, names: dict[str, str], code: str, unit: Unit) -> CheckedSeal:
    check = sealed_table.check_table(seal, unit)
    differences = [(names.get(difference.code, difference.code), difference) for difference in check.differences]
    return CheckedSeal(
        number=number, seal=seal, check=check, code=code, address=as_of_value(seal), differences=differences
    )


@dataclass(frozen=True, kw_only=True)
class DayToSeal:
    """The city's day, as the page of the seal shows it."""

    figures: DayRollup
    at: datetime
    opens_at: datetime | None  # None: no directive covers the day
    is_open: bool
    not_reported: list[Row]
    not_reported_agencies: list[Row]
    unconfirmed: list[Row]
    confirming: int
    confirmed: int
    hours_to_come: list[datetime]  # of confirmations not yet late, the latest first
    is_waited_for: bool
    seals: list[CheckedSeal]
    newest: CheckedSeal | None
    has_changed: bool  # whether a seal made now would differ
    digest: str  # only the table that was shown can be sealed
    needs_reason: bool
    undone: list[Seal]
    may_undo: bool  # the newest, by this user
    undone_until: datetime | None
    exceptions: list[tuple[str, str]]  # units whose own report says how it was sent, with the words


def day_to_seal(unit: Unit, day: date, *, by: User, at: datetime) -> DayToSeal:
    """The city's day before it is sealed, or sealed again."""
    figures = rollup.rows(unit, day, at=at)
    hours, table = figures.hours, sealed_table.canonical_table(figures)
    names = {code: row.name for code, row in figures.by_code.items()}
    of_day = Seal.with_withdrawn.filter(unit=unit, day=day).select_related("unit", "by", "withdrawn_by")
    seals = [seal for seal in of_day if not seal.is_withdrawn]
    codes = sealed_table.seal_chain(unit.pk) if seals else {}
    checked = [_sealed(number, seal, names, codes[seal], unit) for number, seal in enumerate(seals, start=1)]
    newest = checked[-1] if checked else None
    unconfirmed, confirming = figures.unconfirmed(acts.confirmations(figures).sign_offs), len(figures.confirming)
    not_reported = [replace(row, name=with_status(row)) for row in figures.not_reported]
    in_time = [row.path for row in unconfirmed if not hours.is_late_to_sign_off(row.path, at)]
    hours_to_come = sorted(filter(None, map(hours.signs_off_at, in_time)), reverse=True)
    is_open = hours.may_seal(unit.path, at)
    return DayToSeal(
        figures=figures,
        at=at,
        opens_at=hours.seals_from(unit.path),
        is_open=is_open,
        not_reported=[row for row in not_reported if not row.is_agency],
        not_reported_agencies=[row for row in not_reported if row.is_agency],
        unconfirmed=unconfirmed,
        confirming=confirming,
        confirmed=confirming - len(unconfirmed),
        hours_to_come=hours_to_come,
        is_waited_for=is_open and bool(hours_to_come) and newest is None,
        seals=checked[::-1],
        newest=newest,
        has_changed=newest is None or table != newest.seal.table,
        digest=sealed_table.digest(table),
        needs_reason=bool(newest or unconfirmed or not_reported),
        undone=[seal for seal in of_day if seal.is_withdrawn],
        may_undo=bool(seals) and acts.may_undo(seals[-1], by, at),
        undone_until=newest.seal.at + acts.UNDONE_WITHIN if newest else None,
        exceptions=[(names.get(code, code), words) for code, words in _exceptions(unit, day)],
    )


def _exceptions(unit: Unit, day: date) -> QuerySet[Any, tuple[str, str]]:
    own = Revision.objects.filter(report__unit__path__startswith=unit.path, report__day=day, kind=Revision.Kind.OWN)
    explained = own.filter(source="").exclude(reason="").order_by("report__unit__path", "number")
    return explained.values_list("report__unit__code", "reason")
