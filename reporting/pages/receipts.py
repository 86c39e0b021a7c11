"""The days of a reporting unit: the receipt of each, now or at an earlier moment, and their list."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby, pairwise, takewhile

from django.utils.translation import gettext as _

from .. import deadline, read_cache
from ..days import hours_in_force
from ..days.other_records import other_records
from ..days.status import report_arrival
from ..deadline import Urgency
from ..figures import fields, query, rollup
from ..figures.missed import missed_days
from ..figures.rollup import Row
from ..models import LateRequest, Report, Revision, Unit
from ..text import formatting


@dataclass(frozen=True)
class Correction:
    """A figure as it first arrived and as corrected since, each with its own time."""

    day: date
    first: Revision
    last: Revision

    @property
    def has_waited(self) -> bool:
        """Whether the superior accepted it later than it arrived."""
        return self.last.counted_at - self.last.received_at >= timedelta(minutes=1)

    @property
    def correction_words(self) -> str:
        words = _("first received at %(first)s: %(before)s installs; corrected at %(last)s: %(after)s")
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
    """The title of a report's page, by its last step that is not an adjustment."""
    if report.is_opening:
        return _("Opening report")
    return _("Report voided") if last_step(steps).is_void else _("Receipt")


def corrections(unit: Unit, days: Collection[date], as_of: datetime | None = None) -> dict[date, Correction]:
    """The corrections by day, as known at `as_of`."""
    steps = Revision.objects.filter(report__unit=unit, report__day__in=days).select_related("report")
    if as_of is not None:
        steps = steps.filter(counted_at__lte=as_of)
    in_order = sorted(steps, key=lambda step: (step.report.day, step.number))
    by_day = groupby(in_order, key=lambda step: step.report.day)
    return {day: made for day, of_day in by_day if (made := correction(day, list(of_day)))}


def correction(day: date, steps: Sequence[Revision]) -> Correction | None:
    """The correction in a report's steps (oldest first), since it was last voided; None if there is none."""
    current = list(takewhile(lambda step: step.installs is not None, reversed(steps)))[::-1]
    if not current:
        return None
    arrived = report_arrival((step.kind, step.installs, step.received_at) for step in steps)
    first = next(step for step in steps if step.received_at == arrived and step.installs is not None)
    changes = [step for before, step in pairwise([first, *current]) if step.installs != before.installs]
    if not changes or changes[-1].installs == first.installs:
        return None
    return Correction(day, first, changes[-1])


def last_step(steps: Sequence[Revision]) -> Revision:
    """The last of `steps` (oldest first) that is not an adjustment."""
    return next((step for step in reversed(steps) if step.kind != Revision.Kind.ADJUSTMENT), steps[-1])


def steps_as_of(report: Report, as_of: datetime | None) -> list[Revision]:
    """The report's steps up to `as_of`, or all, oldest first.

    The report gets the figures of the last one. Do not save the report after this.
    """
    revisions = list(report.revisions.all())
    _remark(report, revisions)
    if as_of is None:
        return revisions
    known = [revision for revision in revisions if revision.counted_at <= as_of]
    if known:
        for name in fields.REPORTED:
            setattr(report, name, getattr(known[-1], name))
        arrived = [(step.kind, step.installs, step.received_at) for step in known]
        report.received_at = report_arrival(arrived) or report.received_at
        report.version = known[-1].number
        report.cumulative = sum(revision.delta for revision in known)  # right only for an opening report
    return known


def _remark(report: Report, revisions: list[Revision]) -> None:
    """Adds to accepted steps the remark of the superior who accepted them."""
    if not any(revision.source for revision in revisions):
        return
    accepted = LateRequest.objects.filter(unit=report.unit_id, day=report.day, decision=LateRequest.Decision.ACCEPTED)
    remarks = dict(accepted.exclude(decision_note="").values_list("decided_at", "decision_note"))
    for revision in revisions:
        revision.remark = remarks.get(revision.counted_at, "") if revision.source else ""


# The list of the days.


@dataclass(frozen=True)
class DayLine:
    day: date
    row: Row
    urgency: Urgency  # how near its deadline is
    covered_by: date | None = None  # the later day whose report includes this day
    waiting: LateRequest | None = None
    may_make_up: bool = False  # missed, and may still be sent late
    correction: Correction | None = None


def day_lines(unit: Unit, days: Sequence[date], *, at: datetime, as_of: datetime | None = None) -> list[DayLine]:
    """A line for each day; with `as_of` none may be made up. The number of queries is constant."""
    if not days:
        return []
    with read_cache.cached_reads():
        rollups = rollup.rows_of_days(unit, days, as_of, at=at, only=lambda path: path == unit.path)
        rows = {figures.day: figures.own for figures in rollups}
        hours = hours_in_force.hours_of_days(days, as_of)
    today = deadline.reporting_day(at)
    past = [day for day in days if day < today]  # no extension goes past its day
    missing = [day for day in past if rows[day].is_reporting and rows[day].not_reported]
    covered = query.covered_days(unit, missing, as_of)
    has_requests = as_of is not None or other_records(unit, today, at=at).has_request
    requests = LateRequest.objects.waiting(as_of).filter(unit=unit, day__in=days).order_by() if has_requests else []
    waiting = {request.day: request for request in requests}
    changed = [day for day in days if rows[day].version > 1]
    changes = corrections(unit, changed, as_of) if changed else {}
    missed = missed_days(unit.path, missing, hours=hours, waiting=waiting, included=covered, at=at)
    may_be_made_up = {one.day for one in missed if one.may_be_made_up and as_of is None}
    return [
        DayLine(
            day=day,
            row=rows[day],
            urgency=hours[day].urgency(unit.path, at),
            covered_by=covered.get(day),
            waiting=waiting.get(day),
            may_make_up=day in may_be_made_up and not hours[day].is_past_corrections(at),
            correction=changes.get(day),
        )
        for day in days
    ]
