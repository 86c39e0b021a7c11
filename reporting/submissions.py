"""The one write of figures: report, revision and the running cumulative of later days, in one transaction."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import F, Max
from django.utils import translation
from django.utils.translation import gettext as _

from . import clock, formatting, state
from .models import BaseFigure, Reopening, Report, Revision, Seal, SignOff, Unit, User


@dataclass(frozen=True)
class Receipt:
    """What stands in the database now; `is_repeat` when the very same figures were there already."""

    report: Report
    revision: Revision
    is_repeat: bool = False


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


def submit(*, unit: Unit, day: date, by: User | None, at: datetime, **sent) -> Receipt:
    """Store the unit's own figures of the day as they arrived at `at`: see `store` for what may be sent.

    The very same figures again are answered with the receipt again, whatever the hour and version. Raises `DayClosed`
    or what `store` raises, and then nothing was written.
    """
    with transaction.atomic():
        lock(unit)
        day_state = state.day_state(unit, day, at=at)
        refusal = None if day_state.is_open else DayClosed(day_state)
        receipt = store(unit=unit, day_state=day_state, refusal=refusal, by=by, at=at, **sent)
        if not receipt.is_repeat and day_state.reopening:
            Reopening.objects.filter(pk=day_state.reopening.pk).update(closed_at=receipt.revision.counted_at)
        return receipt


def store(
    *,
    unit: Unit,
    day_state: state.DayState,
    refusal: NotWritten | None = None,
    installs: int | None = None,
    cumulative: int | None = None,
    adjustment: int | None = None,
    covers_from: date | None = None,
    households_visited: int | None = None,
    note: str = "",
    opening: int | None = None,
    base_version: int = 0,
    by: User | None,
    at: datetime,
    kind: str = Revision.Kind.OWN,
    reason: str = "",
    source: str = "",
    paper_ref: str = "",
    paper_at: datetime | None = None,
    now: Callable[[], datetime] = clock.now,
) -> Receipt:
    """Put figures into the day's report, inside the lock: the one write that every act ends in.

    Exactly one of `installs` (>= 0, of the day) and `cumulative` (the total up to the day, from which the day's
    installs are computed here) is given. `adjustment` is the day's signed correction, None to leave it. `opening` is
    the installs before the campaign, owed with the unit's first report. `base_version` is the version of the report
    that the sender had before him, 0 for none. `refusal` is raised unless the very same figures stand already.

    Raises `Conflict`, `LimitExceeded`, `BelowCumulative` or `OpeningMissing`, and then nothing was written.
    """
    if (installs is None) == (cumulative is None):
        raise ValueError("give either installs or cumulative")
    day = day_state.day
    report = Report.objects.filter(unit=unit, day=day, kind=Report.Kind.DAILY).first()
    opened = Report.objects.filter(unit=unit, kind=Report.Kind.OPENING).first()
    before = cumulative_before(unit, day) + (opening if opened is None and opening is not None else 0)
    if adjustment is None:
        adjustment = report.adjustment if report else 0
    if installs is None:
        installs = cumulative - before - adjustment
    figures = {
        "installs": installs,
        "adjustment": adjustment,
        "covers_from": covers_from,
        "households_visited": households_visited,
        "note": note,
    }
    is_same_opening = opening is None or (opened is not None and opened.installs == opening)

    if report and is_same_opening and all(getattr(report, name) == value for name, value in figures.items()):
        return Receipt(report, report.revisions.last(), is_repeat=True)
    if refusal is not None:
        raise refusal
    if base_version != (report.version if report else 0) or (opened and not is_same_opening):
        raise Conflict(report)
    if opened is None and opening is None:
        raise OpeningMissing
    if installs < 0 or before + installs + adjustment < 0:
        raise BelowCumulative(before)
    base = BaseFigure.objects.in_force(unit, day)
    if base and max(installs, opening or 0) > base.population:
        raise LimitExceeded(base.population)

    stamp = {"by": by, "by_name": by.display_name if by else source, "source": source, "received_at": at}
    stamp["counted_at"] = counted_from(unit, day, now())
    if opened is None:
        write(
            Report(unit=unit, day=day_state.opening_day, kind=Report.Kind.OPENING, received_at=at, version=0),
            {"installs": opening},
            {**stamp, "kind": Revision.Kind.OPENING},
        )
    if report is None:
        report = Report(unit=unit, day=day, version=0)
    if report.installs is None:  # the day's first report: its arrival settles on time or late
        report.received_at, report.is_late = at, day_state.is_late(at)
    paper = {"paper_ref": paper_ref, "paper_at": paper_at}
    return Receipt(report, write(report, figures, {**stamp, **paper, "kind": kind, "reason": reason}))


def lock(unit: Unit) -> None:
    """The one lock: every act on a day first takes the superior's row (on SQLite the transaction is the lock)."""
    Unit.objects.select_for_update(no_key=True).get(pk=unit.parent_id or unit.pk)


def counted_from(unit: Unit, day: date, now: datetime) -> datetime:
    """From when a figure counts that is written now: always after the tables that were fixed without it."""
    sign_off = SignOff.objects.filter(unit_id=unit.parent_id, day__gte=day).aggregate(at=Max("at"))["at"]
    seal = Seal.objects.filter(unit__code=unit.codes[0], day__gte=day).aggregate(at=Max("at"))["at"]
    fixed = [at + timedelta(microseconds=1) for at in (sign_off, seal) if at]
    return max(now, *fixed) if fixed else now


def write(report: Report, figures: dict, stamp: dict) -> Revision:
    """Put `figures` into the report, add the revision, move the cumulative of the later days. Inside the lock.

    A sign-off that stands over the day is withdrawn, with what changed as the reason.
    """
    before, installs_before = report.contribution, report.installs
    for name, value in figures.items():
        setattr(report, name, value)
    delta = report.contribution - before
    previous = report.revisions.last() if report.pk else None
    if previous is None:
        report.cumulative = cumulative_before(report.unit, report.day) + report.contribution
    else:
        report.cumulative = F("cumulative") + delta
        stamp = {**stamp, "counted_at": max(stamp["counted_at"], previous.counted_at)}
    report.version += 1
    report.save()
    if previous:
        report.refresh_from_db(fields=["cumulative"])
    if delta:
        Report.objects.filter(unit=report.unit, day__gt=report.day).update(cumulative=F("cumulative") + delta)
    revision = Revision.objects.create(
        report=report,
        number=report.version,
        installs=report.installs,
        adjustment=report.adjustment,
        covers_from=report.covers_from,
        households_visited=report.households_visited,
        note=report.note,
        is_late=report.is_late,
        delta=delta,
        **stamp,
    )
    _withdraw_sign_off(report, installs_before, revision)
    return revision


def _withdraw_sign_off(report: Report, installs_before: int | None, revision: Revision) -> None:
    standing = SignOff.objects.filter(unit_id=report.unit.parent_id, day=report.day).standing()
    if not standing.exists():
        return
    unit = Unit.objects.named(report.day).get(pk=report.unit_id)
    with translation.override(settings.LANGUAGE_CODE):  # kept as written, whatever the writer reads
        reason = _("%(unit)s was updated at %(hour)s (%(before)s → %(after)s): to be confirmed again") % {
            "unit": unit.full_name,
            "hour": formatting.hour(revision.counted_at),
            "before": formatting.number(installs_before),
            "after": formatting.number(report.installs),
        }
    standing.update(withdrawn_at=revision.counted_at, withdrawn_by=revision.by, withdrawal_reason=reason)


def cumulative_before(unit: Unit, day: date) -> int:
    """The unit's own sum up to and including the day before; 0 if it never reported."""
    newest = Report.objects.filter(unit=unit, day__lt=day).order_by("-day").values_list("cumulative", flat=True).first()
    return newest or 0


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
