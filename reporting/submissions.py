"""The one write of figures: report, revision and the running cumulative of later days, in one transaction."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.db.models import F

from . import clock, state
from .models import BaseFigure, Report, Revision, Unit, User


@dataclass(frozen=True)
class Receipt:
    """What stands in the database now; `is_repeat` when the very same figures were there already."""

    report: Report
    revision: Revision
    is_repeat: bool = False


MAX_CUMULATIVE = 1_000_000_000  # what a unit without a known population may reach: the columns hold twice as much


class NotWritten(Exception):
    """The act decided against the write; nothing was changed."""


class DayClosed(NotWritten):
    """The day is not open for the unit: `day_state` says why."""

    def __init__(self, day_state: state.DayState):
        super().__init__(day_state.code)
        self.day_state = day_state


class Conflict(NotWritten):
    """Someone else saved in between: `report` holds the figures that stand, None if there is no report."""

    def __init__(self, report: Report | None):
        super().__init__("conflict")
        self.report = report


class LimitExceeded(NotWritten):
    """More installs on the day than the unit has people."""

    def __init__(self, population: int):
        super().__init__("more_than_population")
        self.population = population


class BelowCumulative(NotWritten):
    """The total typed is less than the cumulative of the day before."""

    def __init__(self, cumulative: int):
        super().__init__("below_cumulative")
        self.cumulative = cumulative


class OpeningMissing(NotWritten):
    """The unit's first report must say how many phones had the application before the campaign."""


def submit(
    *,
    unit: Unit,
    day: date,
    installs: int | None = None,
    cumulative: int | None = None,
    by: User | None,
    at: datetime,
    base_version: int = 0,
    households_visited: int | None = None,
    note: str = "",
    opening: int | None = None,
    reason: str = "",
    kind: str = Revision.Kind.OWN,
    source: str = "",
    now: Callable[[], datetime] = clock.now,
) -> Receipt:
    """Store the unit's figures of the day as they arrived at `at`.

    Exactly one of `installs` (>= 0, of the day) and `cumulative` (the total up to the day, from which the day's
    installs are computed under the lock) is given. `opening` is the installs before the campaign, owed with the
    unit's first report. `base_version` is the version of the report that the sender had before him, 0 for none.

    The very same figures again are answered with the receipt again, whatever the hour and version. Raises
    `DayClosed`, `Conflict`, `LimitExceeded`, `BelowCumulative` or `OpeningMissing`, and then nothing was written.
    """
    if (installs is None) == (cumulative is None):
        raise ValueError("give either installs or cumulative")
    with transaction.atomic():
        lock(unit)
        day_state = state.day_state(unit, day, at=at)
        report = Report.objects.filter(unit=unit, day=day, kind=Report.Kind.DAILY).first()
        opened = Report.objects.filter(unit=unit, kind=Report.Kind.OPENING).first()
        before = cumulative_before(unit, day) + (opening if opened is None and opening is not None else 0)
        if installs is None:
            installs = cumulative - before - (report.adjustment if report else 0)
        figures = {"installs": installs, "households_visited": households_visited, "note": note}
        is_same_opening = opening is None or (opened is not None and opened.installs == opening)

        if report and is_same_opening and all(getattr(report, name) == value for name, value in figures.items()):
            return Receipt(report, report.revisions.last(), is_repeat=True)
        if not day_state.is_open:
            raise DayClosed(day_state)
        if base_version != (report.version if report else 0) or (opened and not is_same_opening):
            raise Conflict(report)
        if opened is None and opening is None:
            raise OpeningMissing
        if installs < 0:
            raise BelowCumulative(before)
        base = BaseFigure.objects.in_force(unit, day)
        limit = base.population if base else MAX_CUMULATIVE
        if max(installs, opening or 0) > limit or before + installs > MAX_CUMULATIVE:
            raise LimitExceeded(limit)

        stamp = {"by": by, "by_name": by.display_name if by else source, "source": source, "received_at": at}
        counted_at = now()
        if opened is None:
            _write(
                Report(unit=unit, day=day_state.opening_day, kind=Report.Kind.OPENING, received_at=at, version=0),
                {"installs": opening},
                {**stamp, "kind": Revision.Kind.OPENING, "counted_at": counted_at},
            )
        if report is None:
            report = Report(unit=unit, day=day, received_at=at, version=0)
        revision = _write(report, figures, {**stamp, "kind": kind, "reason": reason, "counted_at": counted_at})
    return Receipt(report, revision)


@dataclass(frozen=True)
class Standing:
    """Where a unit stands before it reports a day: what the form shows, and asks about."""

    report: Report | None  # the day's own
    opening: Report | None
    cumulative_before: int  # up to the day before
    base: BaseFigure | None
    mean: float | None  # installs a day over the last seven reported days, None without any

    @property
    def version(self) -> int:
        return self.report.version if self.report else 0


MEAN_OVER = 7  # reported days


def standing(unit: Unit, day: date) -> Standing:
    """The unit's standing on `day`, as it is now."""
    reports = Report.objects.filter(unit=unit)
    recent = reports.filter(kind=Report.Kind.DAILY, day__lt=day, installs__isnull=False).order_by("-day")[:MEAN_OVER]
    covered = sum((report.day - (report.covers_from or report.day)).days + 1 for report in recent)
    return Standing(
        report=reports.filter(day=day, kind=Report.Kind.DAILY).first(),
        opening=reports.filter(kind=Report.Kind.OPENING).first(),
        cumulative_before=cumulative_before(unit, day),
        base=BaseFigure.objects.in_force(unit, day),
        mean=sum(report.installs for report in recent) / covered if covered else None,
    )


def lock(unit: Unit) -> None:
    """The one lock: every act on a day first takes the superior's row (on SQLite the transaction is the lock)."""
    Unit.objects.select_for_update(no_key=True).get(pk=unit.parent_id or unit.pk)


def cumulative_before(unit: Unit, day: date) -> int:
    """The unit's own sum up to and including the day before; 0 if it never reported."""
    newest = Report.objects.filter(unit=unit, day__lt=day).order_by("-day").values_list("cumulative", flat=True).first()
    return newest or 0


def _write(report: Report, figures: dict, stamp: dict) -> Revision:
    """Put `figures` into the report, add the revision, move the cumulative of the later days. Inside the lock."""
    before = report.contribution
    for name, value in figures.items():
        setattr(report, name, value)
    delta = report.contribution - before
    if report.pk is None:
        report.cumulative = cumulative_before(report.unit, report.day) + report.contribution
        previous = None
    else:
        report.cumulative = F("cumulative") + delta
        previous = report.revisions.last()
    report.version += 1
    report.save()
    if previous:
        report.refresh_from_db(fields=["cumulative"])
    if delta:
        Report.objects.filter(unit=report.unit, day__gt=report.day).update(cumulative=F("cumulative") + delta)
    if previous and previous.counted_at > stamp["counted_at"]:
        stamp = {**stamp, "counted_at": previous.counted_at}
    return Revision.objects.create(
        report=report,
        number=report.version,
        installs=report.installs,
        adjustment=report.adjustment,
        covers_from=report.covers_from,
        households_visited=report.households_visited,
        note=report.note,
        delta=delta,
        **stamp,
    )
