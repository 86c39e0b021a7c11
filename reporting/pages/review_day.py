"""The review of a superior's day: its children, what waits, what may be done, what is confirmed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from operator import attrgetter

from django.db.models import F, QuerySet
from django.utils.translation import gettext as _

from .. import acts, site
from ..days import state
from ..days.state import DayState
from ..figures import fields, query, rollup, since_seal
from ..figures.rollup import DayRollup, Row
from ..hours import permissions
from ..hours.hours import Urgency
from ..hours.permissions import Act, Role, Situation
from ..models import LateRequest, PassedUp, Report, Revision, SignOff, Unit, User
from ..people import access
from ..text import formatting


@dataclass(frozen=True)
class ReviewLine:
    """One unit that reports to the superior."""

    unit: Unit
    row: Row
    state: DayState
    may: frozenset[Act]
    report: Report | None
    revision: Revision | None  # the report's last
    waiting: LateRequest | None
    urgency: Urgency  # how near its deadline is
    covered_by: date | None  # the day whose report has this day's figures in it
    sent_up: acts.PassedOn | None  # the difficulties that the superior has passed up

    @property
    def is_to_be_sent_up(self) -> bool:
        """Whether the report names difficulties that were not passed up in these words."""
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
        """Not if a later report includes the day."""
        return Act.ENTER in self.may and self.covered_by is None

    @property
    def has_report(self) -> bool:
        return self.row.installs is not None

    @property
    def not_reported(self) -> bool:
        """Whether the report is missing."""
        return bool(self.row.not_reported)

    @property
    def explanation(self) -> str:
        """The reason given with the last revision."""
        return self.revision.reason if self.revision else ""

    @property
    def is_unusual(self) -> bool:
        return self.not_reported or self.is_to_check

    @property
    def is_to_check(self) -> bool:
        reasons = (self.waiting, self.state.reopening, self.row.late, self.row.adjustment, self.explanation)
        return any(reasons)

    @property
    def beside_asked(self) -> list[tuple[fields.Count, int | None, int | None]]:
        """The other counts: each with its present value and that of the waiting request."""
        if self.unit.is_agency or self.waiting.installs is None:
            return []
        return [(count, count.value(self.row), count.value(self.waiting)) for count in fields.BESIDE]

    @property
    def adjustment_asked(self) -> int:
        return self.row.adjustment + (self.waiting.adjustment if self.waiting.is_adjustment else 0)

    @property
    def cumulative_asked(self) -> int:
        """The unit's cumulative if the waiting request is accepted."""
        asked = self.waiting
        change = asked.adjustment if asked.installs is None else asked.installs - (self.row.installs or 0)
        return (self.row.cumulative or 0) + (asked.opening or 0) + change


def _lines_with(name: str) -> property:
    """A property: the lines of a desk where the attribute is true."""
    found = attrgetter(name)
    return property(lambda desk: [line for line in desk.lines if found(line)])


@dataclass(frozen=True)
class Desk:
    """The superior's day at `at`. `role` is the person's role for the children."""

    unit: Unit
    day: date
    at: datetime
    role: Role
    situation: Situation  # of the superior's own day
    figures: DayRollup
    lines: Sequence[ReviewLine]
    sign_offs: Sequence[SignOff]
    moved: Mapping[date, int] | None = None  # by earlier day what has changed since the confirmation in force

    @property
    def is_top(self) -> bool:
        """Whether the unit has no day to confirm: it seals, or is above the unit that seals."""
        return not self.unit.is_under_seal

    not_reported, waiting = _lines_with("not_reported"), _lines_with("waiting")
    reopened, to_check = _lines_with("state.reopening"), _lines_with("is_to_check")
    difficulties = _lines_with("note")

    @property
    def decidable(self) -> list[ReviewLine]:
        return [line for line in self.waiting if Act.DECIDE in line.may]

    @property
    def standing(self) -> SignOff | None:
        return next((sign_off for sign_off in self.sign_offs if sign_off.withdrawn_at is None), None)

    @property
    def withdrawn(self) -> list[SignOff]:
        return [sign_off for sign_off in self.sign_offs if sign_off.withdrawn_at is not None]

    @cached_property
    def may(self) -> frozenset[Act]:
        """What the person may do about the day itself."""
        return frozenset(act for act in Act if permissions.may(self.role, act, self.situation))

    @property
    def can_pass_more_up(self) -> bool:
        return Act.PASS_UP in self.may and any(line.is_to_be_sent_up for line in self.difficulties)

    @property
    def signs_off_until(self) -> datetime | None:
        """The first instant that is late for the confirmation."""
        return self.figures.hours.signs_off_at(self.unit.path)

    @property
    def confirmation_words(self) -> str:
        """Whether the day is confirmed, or by when it must be."""
        if self.standing:
            return _("Confirmed %(hour)s") % {"hour": formatting.hour(self.standing.at)}
        if self.situation is Situation.SEALED:
            return _("the %(top)s has sealed the day") % {"top": site.current().top}
        until = self.signs_off_until
        if until is None:
            return ""
        if self.figures.hours.is_exempt(self.unit.path):
            return _("No unit owes a report on this day.")
        words = _("Confirmation, due %(hour)s") % {"hour": formatting.hour(until)}
        return f"{words}, {formatting.until(until, self.at)}" if self.at < until else words

    @property
    def missing_urgency(self) -> Urgency | None:
        """The urgency of the most urgent missing report; None if there is none."""
        return max((line.urgency for line in self.not_reported), key=list(Urgency).index, default=None)

    @property
    def is_after_deadline(self) -> bool:
        """Whether a confirmation given now is marked as late."""
        return self.figures.hours.is_late_to_sign_off(self.unit.path, self.at)

    @property
    def is_too_early(self) -> bool:
        """Before the deadline a day is confirmed only if all have reported."""
        return self.situation is Situation.OPEN and bool(self.not_reported)

    @property
    def owes_reason(self) -> bool:
        return bool(self.not_reported or self.waiting or any(line.state.is_returned for line in self.lines))


def on_day(unit: Unit, day: date, *, user: User, at: datetime) -> Desk:
    """The desk of `unit` for the day. The number of queries is constant."""
    role = access.role_below(user, unit)
    # Read the versions before the figures: if a report changes in between, the sign-off is refused. The other way
    # round a figure would be confirmed that nobody saw.
    reports = {report.unit_id: report for report in _daily(unit, day)}
    figures = rollup.rows(unit, day, at=at)
    sign_offs = SignOff.objects.filter(unit=unit, day=day).select_related("unit", "by", "withdrawn_by")
    sign_offs = acts.marked_by(figures.hours, sign_offs)
    standing = [sign_off for sign_off in sign_offs if sign_off.withdrawn_at is None]
    return Desk(
        unit=unit,
        day=day,
        at=at,
        role=role,
        situation=state.superior_situation(unit, day, at=at, hours=figures.hours),
        figures=figures,
        lines=_lines(unit, day, reports, figures, role, at),
        sign_offs=sign_offs,
        moved=since_seal.moved(unit, standing).get(standing[0].pk) if standing else None,
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
    waiting = {asked.unit_id: asked for asked in LateRequest.objects.waiting().filter(unit__parent=unit, day=day)}
    covered = query.covered_on(unit, day)
    sent_up = acts.passed_on(PassedUp.objects.filter(report__in=_daily(unit, day)))
    return [
        ReviewLine(
            unit=child,
            row=rows[child.code],
            state=states[child.pk],
            may=frozenset(act for act in Act if permissions.may(role, act, states[child.pk].situation)),
            report=reports.get(child.pk),
            revision=revisions.get(reports[child.pk].pk) if child.pk in reports else None,
            waiting=waiting.get(child.pk),
            covered_by=covered.get(child.code) if rows[child.code].not_reported else None,
            sent_up=sent_up.get(reports[child.pk].pk) if child.pk in reports else None,
            urgency=figures.hours.urgency(child.path, at),
        )
        for child in units
    ]


@dataclass(frozen=True)
class Difference:
    """A unit's figures as a page showed them and as they are now."""

    name: str
    versions: tuple[int, int]
    shown: Revision | None
    standing: Revision | None

    @property
    def is_beside_the_figures(self) -> bool:
        """Whether only other counts or difficulties have changed."""
        both = (self.shown, self.standing)
        return None not in both and len({(one.installs, one.adjustment) for one in both}) == 1


def differences(unit: Unit, day: date, versions: dict[str, tuple[int, int]]) -> list[Difference]:
    """The differences between the versions that a page showed and the present ones (see `review.Changed`)."""
    units = Unit.objects.filter(parent=unit, code__in=versions).named(day).order_by("sort_key", "code")
    revisions = Revision.objects.filter(report__unit__parent=unit, report__day=day, report__kind=Report.Kind.DAILY)
    found = {(r.report.unit_id, r.number): r for r in revisions.select_related("report")}
    return [
        Difference(child.full_name, both, *(found.get((child.pk, version)) for version in both))
        for child in units
        for both in [versions[child.code]]
    ]
