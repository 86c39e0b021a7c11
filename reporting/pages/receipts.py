"""The days of a unit that reports: the receipt of each, now or as it stood, and the list of them on its page."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby, pairwise, takewhile

from django.utils.translation import gettext as _

from .. import reading
from ..days import hours_in_force
from ..days.status import arrival
from ..figures import fields, rollup, standings
from ..figures.rollup import Row
from ..hours import deadline
from ..hours.hours import Urgency
from ..models import LateRequest, Report, Revision, Unit
from ..text import formatting


@dataclass(frozen=True)
class Corrected:
    """The day's figure as it first came, and as it stands since: the hour of the one is not that of the other."""

    day: date
    first: Revision
    last: Revision
    is_entered_again: bool = False  # the last after the report was taken back

    @property
    def has_waited(self) -> bool:
        """Whether it counted only when the superior took it in, later than it arrived."""
        return self.last.counted_at - self.last.received_at >= timedelta(minutes=1)

    @property
    def words(self) -> str:
        words = _("first received at %(first)s: %(before)s installs; corrected at %(last)s: %(after)s")
        if self.is_entered_again:
            words = _("first received at %(first)s: %(before)s installs; entered again at %(last)s: %(after)s")
        return words % self._values

    @property
    def short_words(self) -> str:
        return _("%(before)s → %(after)s at %(last)s") % self._values

    @property
    def _values(self) -> dict[str, str]:
        return {
            "first": formatting.hour_on(self.first.received_at, self.day),
            "before": formatting.number(self.first.installs),
            "last": formatting.hour_on(self.last.counted_at, self.day),
            "after": formatting.number(self.last.installs),
        }


def title(report: Report, steps: Sequence[Revision]) -> str:
    """What the page of a report is called, by its last step that is no adjustment."""
    if report.is_opening:
        return _("Opening report")
    return _("Report taken back") if sender(steps).kind == Revision.Kind.VOID else _("Receipt")


def corrected(unit: Unit, days: Collection[date], as_of: datetime | None = None) -> dict[date, Corrected]:
    """Of the days those whose number was corrected, by the moment."""
    steps = Revision.objects.filter(report__unit=unit, report__day__in=days).select_related("report")
    if as_of is not None:
        steps = steps.filter(counted_at__lte=as_of)
    steps = sorted(steps, key=lambda step: (step.report.day, step.number))
    found = {day: corrected_of(day, list(of_day)) for day, of_day in groupby(steps, key=lambda step: step.report.day)}
    return {day: one for day, one in found.items() if one}


def corrected_of(day: date, steps: Sequence[Revision]) -> Corrected | None:
    """Of a report's steps, oldest first: since it was last taken back, beside the step whose arrival counts."""
    standing = list(takewhile(lambda step: step.installs is not None, reversed(steps)))[::-1]
    if not standing:
        return None
    arrived = arrival((step.kind, step.installs, step.received_at) for step in steps)
    first = next(step for step in steps if step.received_at == arrived and step.installs is not None)
    changes = [step for before, step in pairwise([first, *standing]) if step.installs != before.installs]
    if not changes or changes[-1].installs == first.installs:
        return None
    return Corrected(day, first, changes[-1], is_entered_again=changes[-1] is standing[0])


def sender(steps: Sequence[Revision]) -> Revision:
    """Of a report's steps, oldest first, the last that says its figures, or that it was taken back."""
    return next((step for step in reversed(steps) if step.kind != Revision.Kind.ADJUSTMENT), steps[-1])


def as_it_stood(report: Report, as_of: datetime | None) -> list[Revision]:
    """The report's steps up to the instant, oldest first, none if it was not there yet; the report says the last one.

    None is now. The report is not to be saved after this.
    """
    revisions = list(report.revisions.all())
    _remark(report, revisions)
    if as_of is None:
        return revisions
    known = [revision for revision in revisions if revision.counted_at <= as_of]
    if known:
        for name in fields.REPORTED:
            setattr(report, name, getattr(known[-1], name))
        told = [(step.kind, step.installs, step.received_at) for step in known]
        report.received_at = arrival(told) or report.received_at
        report.version = known[-1].number
        report.cumulative = sum(revision.delta for revision in known)  # of an opening report: all that there was
    return known


def _remark(report: Report, revisions: list[Revision]) -> None:
    """Beside the sender's reason what the superior said who took the step in, which may have dropped an adjustment."""
    if not any(revision.source for revision in revisions):
        return
    accepted = LateRequest.objects.filter(unit=report.unit_id, day=report.day, decision=LateRequest.Decision.ACCEPTED)
    said = dict(accepted.exclude(decision_note="").values_list("decided_at", "decision_note"))
    for revision in revisions:
        revision.remark = said.get(revision.counted_at, "") if revision.source else ""


# The list of the days.


@dataclass(frozen=True)
class DayLine:
    day: date
    row: Row
    urgency: Urgency  # how near its hour is
    covered_by: date | None = None  # the day whose report has this day's figures in it
    waiting: LateRequest | None = None
    may_make_up: bool = False  # missed, and may still be asked for
    corrected: Corrected | None = None

    @property
    def not_reported(self) -> bool:
        """Whether a report is owed and is not there."""
        return bool(self.row.not_reported)


def have_adjustments(lines: Iterable[DayLine]) -> bool:
    """Whether any of the lines shows an adjustment, in brackets."""
    return any(line.row.adjustment for line in lines)


def lines(unit: Unit, days: Sequence[date], *, at: datetime, as_of: datetime | None = None) -> list[DayLine]:
    """A line for each of the days; as it was then nothing can be made up. Queries do not grow with the days."""
    if not days:
        return []
    with reading.together():
        found = rollup.rows_of_days(unit, days, as_of, at=at, only=lambda path: path == unit.path)
        rows = {figures.day: figures.own for figures in found}
        hours = hours_in_force.of_days(days, as_of)
    covered = standings.covered_days(unit, days, as_of)
    asked = LateRequest.objects.waiting(as_of).filter(unit=unit, day__in=days).order_by()
    waiting = {request.day: request for request in asked}
    changed = [day for day in days if rows[day].version > 1]
    changes = corrected(unit, changed, as_of) if changed else {}

    def line(day: date) -> DayLine:
        is_missing = bool(rows[day].not_reported)
        is_past = day < deadline.reporting_day(at)  # an extension ends on its day
        is_made_up = day in covered or day in waiting
        return DayLine(
            day=day,
            row=rows[day],
            urgency=hours[day].urgency(unit.path, at),
            covered_by=covered.get(day) if is_missing else None,
            waiting=waiting.get(day),
            may_make_up=as_of is None and is_missing and is_past and not hours[day].is_beyond(at) and not is_made_up,
            corrected=changes.get(day),
        )

    return [line(day) for day in days]
