"""The one write of figures: report, revision and the running cumulative of later days, inside the lock."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from django.conf import settings
from django.db.models import Exists, F, QuerySet
from django.utils import translation
from django.utils.translation import gettext as _

from .. import clock
from ..clock import Now
from ..days import state
from ..figures import standings
from ..models import BaseFigure, Report, Revision, Seal, SignOff, Unit, User
from ..text import formatting
from . import locking
from .errors import BelowCumulative, Conflict, LimitExceeded, NotWritten, OpeningMissing


@dataclass(frozen=True)
class Receipt:
    """What stands in the database now; `is_repeat` when the very same figures were there already."""

    report: Report
    revision: Revision
    is_repeat: bool = False


MAX_CUMULATIVE = 1_000_000_000  # what a unit without a known population may reach: the columns hold twice as much


def store(
    *,
    unit: Unit,
    day_state: state.DayState,
    refusal: NotWritten | None = None,
    affirms: bool = False,
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
    now: Now = clock.now,
) -> Receipt:
    """Put figures into the day's report, inside the lock: the one write that every act ends in.

    Exactly one of `installs` (>= 0, of the day) and `cumulative` (the total up to the day, what closed units brought
    along included, from which the day's installs are computed here) is given. `adjustment` is the day's signed
    correction, None to leave it. `opening` is the installs before the campaign, owed with the unit's first report.
    `base_version` is the version of the report that the sender had before him, 0 for none. `refusal` is raised unless
    the very same figures stand already. These are only answered with the receipt again, unless `affirms`.

    Raises `Conflict`, `LimitExceeded`, `BelowCumulative` or `OpeningMissing`, and then nothing was written.
    """
    if (installs is None) == (cumulative is None):
        raise ValueError("give either installs or cumulative")
    day = day_state.day
    report = Report.objects.filter(unit=unit, day=day, kind=Report.Kind.DAILY).first()
    opened = Report.objects.filter(unit=unit, kind=Report.Kind.OPENING).first()
    before = standings.cumulative_before(unit, day) + (opening if opened is None and opening is not None else 0)
    brought = standings.brought_along(unit, day)
    if adjustment is None:
        adjustment = report.adjustment if report else 0
    if installs is None:
        installs = cumulative - brought - before - adjustment
    figures = {
        "installs": installs,
        "adjustment": adjustment,
        "covers_from": covers_from,
        "households_visited": households_visited,
        "note": note,
    }
    is_same_opening = opening is None or (opened is not None and opened.installs == opening)

    is_same = report and is_same_opening and all(getattr(report, name) == value for name, value in figures.items())
    if is_same and not affirms:
        return Receipt(report, report.revisions.last(), is_repeat=True)
    if refusal is not None:
        raise refusal
    if base_version != (report.version if report else 0) or (opened and not is_same_opening):
        raise Conflict(report)
    if opened is None and opening is None:
        raise OpeningMissing
    if installs < 0 or before + installs + adjustment < 0:
        raise BelowCumulative(before + brought)
    base = BaseFigure.objects.in_force(unit, day)
    limit = base.population if base else MAX_CUMULATIVE
    if max(installs, opening or 0) > limit or before + installs > MAX_CUMULATIVE:
        raise LimitExceeded(limit)

    stamp = {"by": by, "by_name": by.display_name if by else source, "source": source, "received_at": at}
    stamp["counted_at"] = locking.counted_from(unit, day, now())
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


def write(report: Report, figures: dict, stamp: dict) -> Revision:
    """Put `figures` into the report, add the revision, move the cumulative of the later days. Inside the lock.

    A sign-off that stands over the day is withdrawn, with what changed as the reason, unless the day is sealed. Raises
    `BelowCumulative` when a later day would fall below zero.
    """
    before, installs_before = report.contribution, report.installs
    for name, value in figures.items():
        setattr(report, name, value)
    delta = report.contribution - before
    later = Report.objects.filter(unit=report.unit, day__gt=report.day)
    if delta < 0 and later.filter(cumulative__lt=-delta).exists():
        raise BelowCumulative(0)
    previous = report.revisions.last() if report.pk else None
    if previous is None:
        report.cumulative = standings.cumulative_before(report.unit, report.day) + report.contribution
    else:
        report.cumulative = F("cumulative") + delta
        stamp = {**stamp, "counted_at": max(stamp["counted_at"], previous.counted_at)}
    report.version += 1
    report.save()
    if previous:
        report.refresh_from_db(fields=["cumulative"])
    if delta:
        later.update(cumulative=F("cumulative") + delta)
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


def sign_off_to_withdraw(unit: Unit, day: date) -> QuerySet[SignOff]:
    """The superior's standing sign-off, which an act on the unit's day takes back; none once the day is sealed.

    A seal freezes the table, not the records: later changes are listed beside it, and withdrawing has ended.
    """
    seal = Seal.objects.filter(unit__code__in=unit.codes, day=day)
    return SignOff.objects.standing().filter(~Exists(seal), unit_id=unit.parent_id, day=day)


def _withdraw_sign_off(report: Report, installs_before: int | None, revision: Revision) -> None:
    if not report.unit.is_open_on(report.day):  # the opening report of a new unit: in no table of that day
        return
    standing = sign_off_to_withdraw(report.unit, report.day)
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
