"""What is missing and what may be done: a superior's day before it is confirmed, the city's before it is sealed."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import cached_property
from typing import Any, NamedTuple

from django.db.models import F, OuterRef, Subquery

from .. import acts, deadline, permissions
from ..days import state
from ..days.look_back import as_of_value
from ..days.other_records import OtherRecords, other_records
from ..days.state import DayState
from ..deadline import Phase, Urgency
from ..figures import fields, query, rollup, rules, sealed_table, standings
from ..figures.rollup import DayRollup, Row
from ..figures.rules import KnownDay, SentFigures
from ..models import LateRequest, PassedUp, Report, Revision, Seal, SignOff, Unit, User
from ..people import access
from ..permissions import Act, Role


@dataclass(frozen=True)
class ReviewLine:
    """One unit that reports to the superior."""

    unit: Unit
    row: Row
    state: DayState
    may: frozenset[Act]
    revision: Revision | None  # the newest of its report
    adjusted_because: str  # the reason of its adjustment; empty without one
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
    def report(self) -> Report | None:
        return self.revision.report if self.revision else None

    @property
    def note(self) -> str:
        return self.report.note if self.report else ""

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
        """The reasons of the adjustment, if there is one, and of the last revision."""
        last = self.revision.reason if self.revision else ""
        return "; ".join(dict.fromkeys(filter(None, [self.adjusted_because, last])))

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

    phase: Phase  # of the superior's day
    may: frozenset[Act]  # with the day itself
    figures: DayRollup
    lines: list[ReviewLine]
    sign_offs: list[SignOff]  # of the day, withdrawn ones too

    @property
    def sign_off(self) -> SignOff | None:
        """The one in force."""
        return next((one for one in self.sign_offs if one.withdrawn_at is None), None)

    @property
    def withdrawn(self) -> list[SignOff]:
        return [one for one in self.sign_offs if one.withdrawn_at is not None]

    @cached_property
    def gaps(self) -> list[ReviewLine]:
        return [line for line in self.lines if line.row.not_reported and not line.waiting]

    @cached_property
    def waiting(self) -> list[ReviewLine]:
        return [line for line in self.lines if line.waiting]

    @property
    def decidable(self) -> list[ReviewLine]:
        return [line for line in self.waiting if Act.DECIDE in line.may]

    @cached_property
    def difficulties(self) -> list[ReviewLine]:
        return [line for line in self.lines if line.note]

    @property
    def can_pass_more_up(self) -> bool:
        return Act.PASS_UP in self.may and any(line.is_to_be_sent_up for line in self.difficulties)

    @property
    def is_moved(self) -> bool:
        """Whether the cumulative is no longer the confirmed one: an earlier day has changed."""
        return self.sign_off is not None and self.sign_off.cumulative != (self.figures.own.cumulative or 0)

    @property
    def is_too_early(self) -> bool:
        """Whether some report is missing before the deadline: then nobody can confirm."""
        return self.phase is Phase.BEFORE and any(line.row.not_reported for line in self.lines)

    @property
    def owes_reason(self) -> bool:
        return any(line.row.not_reported or line.waiting or line.state.is_returned for line in self.lines)


def day_to_review(unit: Unit, day: date, *, user: User, at: datetime, seal: Seal | None) -> DayToReview:
    """The superior's day at `at`, and what the user may do. The number of queries is constant."""
    role = access.role_below(user, unit)
    # Read the versions before the figures: if a report changes in between, the sign-off is refused. In the
    # other order, it would confirm a figure that nobody saw.
    daily = {"report__unit__parent": unit, "report__day": day, "report__kind": Report.Kind.DAILY}
    last = Revision.objects.filter(**daily, number=F("report__version")).select_related("report")
    revisions = {revision.report.unit_id: revision for revision in last}
    figures = rollup.rows(unit, day, at=at)
    sign_offs = acts.unmark_late(figures.hours, state.sign_offs(unit.pk, day))
    is_signed = any(one.withdrawn_at is None for one in sign_offs)
    signed = {"is_confirmed": is_signed, "is_sealed": seal is not None}
    phase = Phase.NOT_DUE  # the unit that seals confirms nothing
    if unit.is_under_seal and day <= deadline.reporting_day(at):
        phase = figures.hours.phase(unit.path, at, **signed)
    records = other_records(unit, deadline.reporting_day(at), at=at)
    of_lines = replace(records, is_reopened=True, is_signed=is_signed, is_sealed=seal is not None)
    return DayToReview(
        phase=phase,
        may=frozenset(act for act in Act if permissions.may(role, act, phase)),
        figures=figures,
        lines=_lines(unit, day, revisions, figures, role, at, of_lines),
        sign_offs=sign_offs,
    )


def _lines(
    unit: Unit,
    day: date,
    revisions: dict[int, Revision],
    figures: DayRollup,
    role: Role,
    at: datetime,
    records: OtherRecords,
) -> list[ReviewLine]:
    rows = {row.code: row for row in figures.below(unit.code) if row.is_reporting}
    units = list(Unit.objects.filter(parent=unit, code__in=rows).named(day).order_by("sort_key", "code"))
    states = state.day_states(units, day, at=at, hours=figures.hours, records=records)
    opened = Report.objects.filter(unit=OuterRef("unit"), kind=Report.Kind.OPENING).values("installs")
    requests = LateRequest.objects.waiting().filter(unit__parent=unit, day=day).annotate(opened=Subquery(opened))
    waiting = {request.unit_id: request for request in requests} if records.any_request else {}
    totals = [child for child in units if child.pk in waiting and waiting[child.pk].cumulative is not None]
    known = standings.standings_of(totals, day) if totals else {}
    covered = query.covered_on(unit, day) if day < deadline.reporting_day(at) else {}
    adjusted = [revision.report_id for revision in revisions.values() if revision.report.adjustment]
    reasons = _adjusted_because(adjusted) if adjusted else {}
    noted = [revision.report_id for revision in revisions.values() if revision.report.note]
    sent_up = acts.last_sent_up(PassedUp.objects.filter(report__in=noted)) if noted else {}
    return [
        ReviewLine(
            unit=child,
            row=rows[child.code],
            state=states[child.pk],
            may=frozenset(act for act in Act if permissions.may(role, act, states[child.pk].phase)),
            revision=revisions.get(child.pk),
            adjusted_because=reasons.get(child.pk, ""),
            waiting=waiting.get(child.pk),
            requested=_as_stored(waiting[child.pk], known.get(child.pk)) if child.pk in waiting else None,
            covered_by=covered[child.code].day if rows[child.code].not_reported and child.code in covered else None,
            sent_up=sent_up.get(revisions[child.pk].report_id) if child.pk in revisions else None,
            urgency=figures.hours.urgency(child.path, at),
        )
        for child in units
    ]


def _adjusted_because(reports: list[int]) -> dict[int, str]:
    """The reasons of the newest adjustments by unit."""
    adjusted = Revision.objects.filter(report__in=reports, kind=Revision.Kind.ADJUSTMENT).order_by("number")
    return dict(adjusted.values_list("report__unit_id", "reason"))


def _as_stored(request: LateRequest, known: KnownDay | None) -> SentFigures | None:
    """The requested figures; with `known`, the day's number and the first day of a total are computed from it."""
    figures = acts.sent_figures(request)
    if figures is None or known is None:
        return figures
    included = rules.included_days(known, figures)
    return replace(figures, installs=rules.day_installs(known, figures), covers_from=included.covers_from)


class CheckedSeal(NamedTuple):
    """A seal and its check against the history."""

    number: int  # from 1 each day
    seal: Seal
    check: sealed_table.TableCheck
    code: str  # of the chain
    address: str
    differences: list[tuple[str, Any]]  # each with the name of its unit


@dataclass(frozen=True, kw_only=True)
class DayToSeal:
    """The city's day, as the page of the seal shows it."""

    unit: Unit
    figures: DayRollup
    at: datetime
    confirmed: acts.Confirmations
    seals: list[CheckedSeal]  # the newest first
    undone: list[Seal]

    @property
    def newest(self) -> CheckedSeal | None:
        return next(iter(self.seals), None)

    @property
    def opens_at(self) -> datetime | None:
        """From when the day may be sealed; None if no directive covers it."""
        return self.figures.hours.seals_from(self.unit.path)

    @property
    def is_open(self) -> bool:
        return self.figures.hours.may_seal(self.unit.path, self.at)

    @cached_property
    def unsigned(self) -> list[Row]:
        return self.figures.unsigned(self.confirmed.sign_offs)

    @cached_property
    def hours_to_come(self) -> list[datetime]:
        """The hours of confirmations that are not late yet, the latest first; none unless the day may be sealed now."""
        if self.newest or not self.is_open:
            return []
        hours = self.figures.hours
        in_time = [row.path for row in self.unsigned if not hours.is_late_to_sign_off(row.path, self.at)]
        return sorted(filter(None, map(hours.signs_off_at, in_time)), reverse=True)

    @cached_property
    def table(self) -> str:
        return sealed_table.canonical_table(self.figures)

    @property
    def digest(self) -> str:
        """Only the table that was shown can be sealed."""
        return sealed_table.digest(self.table)

    @property
    def has_changed(self) -> bool:
        """Whether a seal made now would differ."""
        return self.newest is None or self.table != self.newest.seal.table

    @property
    def needs_reason(self) -> bool:
        return bool(self.newest or self.unsigned or self.figures.not_reported)

    @property
    def exceptions(self) -> list[tuple[str, str]]:
        """Each unit whose own report says how it was sent, with the words."""
        own = {"report__unit__path__startswith": self.unit.path, "report__day": self.figures.day}
        told = Revision.objects.filter(**own, kind=Revision.Kind.OWN, source="").exclude(reason="")
        told = told.order_by("report__unit__path", "number")
        names = {code: row.name for code, row in self.figures.by_code.items()}
        return [(names.get(code, code), words) for code, words in told.values_list("report__unit__code", "reason")]

    @property
    def undone_until(self) -> datetime:
        return self.newest.seal.at + acts.UNDONE_WITHIN


def day_to_seal(unit: Unit, day: date, *, at: datetime) -> DayToSeal:
    """The city's day before it is sealed, or sealed again."""
    figures = rollup.rows(unit, day, at=at)
    of_day = Seal.with_withdrawn.filter(unit=unit, day=day).select_related("unit", "by", "withdrawn_by")
    seals = [seal for seal in of_day if not seal.is_withdrawn]
    codes = sealed_table.seal_chain(unit.pk) if seals else {}

    def checked(number: int, seal: Seal) -> CheckedSeal:
        check, names = sealed_table.check_table(seal, unit), figures.by_code
        named = [(names[one.code].name if one.code in names else one.code, one) for one in check.differences]
        return CheckedSeal(number, seal, check, codes[seal], as_of_value(seal), named)

    return DayToSeal(
        unit=unit,
        figures=figures,
        at=at,
        confirmed=acts.confirmations(figures),
        seals=[checked(number, seal) for number, seal in enumerate(seals, start=1)][::-1],
        undone=[seal for seal in of_day if seal.is_withdrawn],
    )
