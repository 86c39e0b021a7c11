"""Writes figures: the report, its revision and the cumulatives of later days, inside the lock.

Every act on figures ends here. `store_figures` applies the rules and writes a day's figures. `write_revision` changes
one report, and `bulk.write_batch` many reports in a few statements.
"""

from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime
from uuid import UUID

from django.conf import settings
from django.db.models import Exists, F, OuterRef
from django.utils import translation
from django.utils.translation import gettext as _

from .. import clock
from ..clock import Now
from ..days import state
from ..days.other_records import other_records
from ..days.status import report_arrival
from ..figures import fields, rules, standings
from ..figures.rules import BelowCumulative, SentFigures
from ..models import LateRequest, Press, Reopening, Report, Revision, Seal, SignOff, UnconfirmedReport, Unit, User
from ..models.review import SignOffQuerySet
from ..refusal import Refusal
from ..text import formatting
from . import locking
from .refusals import Conflict


@dataclass(frozen=True)
class Receipt:
    """The stored report and revision; `is_repeat` if the same figures were stored before."""

    report: Report
    revision: Revision
    is_repeat: bool = False


@dataclass(frozen=True, kw_only=True)
class Stamp:
    """Who writes and why, and when the figures arrived. `now()` is called inside the lock."""

    by: User | None  # None: `source` is named instead
    at: datetime
    kind: str = Revision.Kind.OWN
    reason: str = ""
    source: str = ""
    paper_ref: str = ""
    confirmed_at: datetime | None = None  # after the deadline; `at` is when the figures were sent
    press: UUID | None = None  # the phone's id of what was sent
    now: Now = clock.now

    @property
    def by_name(self) -> str:
        return self.by.display_name if self.by else self.source

    @property
    def columns(self) -> dict:
        """The columns that the stamp gives a revision."""
        names = ("by", "by_name", "kind", "reason", "source", "paper_ref", "confirmed_at")
        return {name: getattr(self, name) for name in names} | {"received_at": self.at}


def store_figures(
    unit: Unit,
    day_state: state.DayState,
    figures: SentFigures,
    stamp: Stamp,
    *,
    base_version: int = 0,
    refusal: Refusal | None = None,
    affirms: bool = False,
) -> Receipt:
    """Put figures into the day's report and return the receipt. Call it inside the lock.

    `base_version` is the version of the report that the sender saw, 0 for none. If the same figures are stored already,
    nothing is written and their receipt is returned, unless `affirms`. Otherwise `refusal`, if given, is raised.
    Doubtful figures that were sent earlier and are not confirmed are deleted.

    Raises `Conflict` or a refusal of the rules; then nothing was written.
    """
    found = other_records(unit, day_state.day, at=stamp.at)
    stored = standings.stored_day(unit, day_state.day, says_a_total=figures.cumulative is not None)
    report, changes = stored.report, stored_fields(stored, figures)
    if report and _is_same(report, changes, stored, figures.opening) and not affirms:
        same = report.revisions.get(number=report.version)
        note_press(stamp.press, unit, day_state.day, stamp.by, revision=same)
        return Receipt(report, same, is_repeat=True)
    if refusal is not None:
        raise refusal
    if base_version != stored.version or not _is_opening_same(stored, figures.opening):
        raise Conflict(stored.report)
    for refused in rules.refusals(stored, figures):
        raise refused
    counted_at = locking.known_from(stamp.now())
    if stored.opening is None:
        _open(unit, day_state.opening_day, stored.owed_opening(figures), stamp, counted_at)
        stored = standings.stored_day(unit, day_state.day, says_a_total=False)  # cumulatives have changed
        report = stored.report
    report = report or Report(unit=unit, day=day_state.day, version=0)
    if report.installs is None:
        report.received_at = first_arrival(report, stamp.at)
    revision = write_revision(report, changes, stamp, counted_at=counted_at, stored=stored, is_signed=found.is_signed)
    if found.has_unconfirmed:
        UnconfirmedReport.objects.filter(unit=unit, day=day_state.day, sent_at__lte=stamp.at).delete()
    if found.is_reopened:
        end_reopening(unit, day_state.day, revision.counted_at)
    note_press(stamp.press, unit, day_state.day, stamp.by, revision=revision)
    return Receipt(report, revision)


def note_press(press: UUID | None, unit: Unit, day: date, by: User | None, **led_to: Revision | LateRequest) -> None:
    """Note what a press led to, so that the same press gets the same receipt. Call it inside the lock."""
    if press is not None and by is not None:
        Press.objects.get_or_create(pk=press, defaults={"unit": unit, "day": day, "by": by, **led_to})


def first_arrival(report: Report, at: datetime) -> datetime:
    """The arrival of the day's report once figures that arrived at `at` are written; see `report_arrival`."""
    steps = list(report.revisions.values_list("kind", "installs", "received_at")) if report.pk else []
    return report_arrival([*steps, ("", 0, at)]) or at


def end_reopening(unit: Unit, day: date, at: datetime) -> None:
    """Close the day's reopenings, once somebody wrote or voided the report."""
    Reopening.objects.in_force(at).filter(unit=unit, day=day).update(closed_at=at)


def write_revision(
    report: Report,
    changes: dict,
    stamp: Stamp,
    *,
    counted_at: datetime | None = None,
    stored: standings.StoredDay | None = None,
    is_signed: bool = True,
) -> Revision:
    """Change the report, update the later cumulatives, add a revision and return it. Call it inside the lock.

    It counts from `counted_at`, by default now, but not before the report's previous revision. The sign-off of the day
    is withdrawn with the change as its reason, unless the day is sealed. A caller that has read the unit's day passes
    it as `stored`; if `is_signed` is false no sign-off is looked for. Raises `BelowCumulative` if a later day would
    fall below zero.
    """
    counted_at = counted_at or locking.known_from(stamp.now())
    stored = stored or standings.stored_day(report.unit, report.day, says_a_total=False)
    before, installs_before = _running(report), report.installs
    for name, value in changes.items():
        setattr(report, name, value)
    moved = {name: value - before[name] for name, value in _running(report).items()}
    previous = report.revisions.last() if report.pk else None
    if previous is None:
        for name, value in stored.so_far.items():
            setattr(report, name, value)
    for name, change in moved.items():
        setattr(report, name, getattr(report, name) + change)
    # The unit's own cumulative may be negative, but not its total with the units merged into it.
    delta = min(moved["cumulative"], 0)
    if report.cumulative + stored.merged_sum < 0 or (delta and rules.is_below_zero(stored.lowest_later, delta)):
        raise BelowCumulative(0)
    later = {name: F(name) + change for name, change in moved.items() if change}
    if later and stored.highest_later is not None:
        Report.objects.filter(unit=report.unit, day__gt=report.day).update(**later)
    counted_at = max(counted_at, previous.counted_at) if previous else counted_at
    report.version += 1
    report.save()
    kept = {name: getattr(report, name) for name in fields.REPORTED}
    revision = Revision.objects.create(
        report=report, number=report.version, delta=moved["cumulative"], counted_at=counted_at, **kept, **stamp.columns
    )
    if is_signed:
        _withdraw_sign_off(report, installs_before, revision)
    return revision


def stored_fields(known: rules.KnownDay, figures: SentFigures) -> dict:
    """The figures as the report will hold them."""
    return {
        "installs": rules.day_installs(known, figures),
        "adjustment": known.adjustment,
        **asdict(rules.included_days(known, figures)),
        "note": figures.note,
        **fields.extras(figures),
    }


def _is_same(report: Report, changes: dict, stored: standings.StoredDay, opening: int | None) -> bool:
    """Whether the same figures are stored already."""
    is_same = all(getattr(report, name) == value for name, value in changes.items())
    return is_same and (opening is None or (stored.opening is not None and _is_opening_same(stored, opening)))


def _is_opening_same(stored: standings.StoredDay, opening: int | None) -> bool:
    """Whether the opening number sent is the stored one; True if either is missing."""
    return stored.opening is None or opening is None or stored.opening == opening


def _open(unit: Unit, day: date, installs: int, stamp: Stamp, counted_at: datetime) -> None:
    """Write the opening report before the unit's first report."""
    undone = Report.objects.filter(unit=unit, kind=Report.Kind.OPENING).first()
    opening = undone or Report(unit=unit, day=day, kind=Report.Kind.OPENING, version=0)
    opening.received_at = stamp.at
    kind = Revision.Kind.OPENING
    stamp = replace(stamp, kind=kind, reason="", paper_ref="", confirmed_at=None)
    write_revision(opening, {"installs": installs}, stamp, counted_at=counted_at)


def _running(report: Report) -> dict[str, int]:
    """What the report adds to each running sum of its unit, by column."""
    visited = {count.so_far: getattr(report, count.column) or 0 for count in fields.EXTRAS if count.so_far}
    return {"cumulative": report.contribution, **visited}


def sign_off_to_withdraw(unit: Unit, day: date) -> SignOffQuerySet:
    """The superior's sign-off in force, which an act on the unit's day withdraws; none if the day is sealed."""
    return unsealed_sign_offs([unit]).filter(unit__in={unit.parent_id} - {None}, day=day)


def unsealed_sign_offs(units: Iterable[Unit]) -> SignOffQuerySet:
    """The sign-offs in force on days that no unit above these has sealed.

    A change of a sealed day withdraws no sign-off: it is listed as a change since the seal.
    """
    above = {code for unit in units for code in unit.codes}
    seal = Seal.objects.filter(unit__code__in=above, day=OuterRef("day"))
    return SignOff.objects.in_force().filter(~Exists(seal))


def _withdraw_sign_off(report: Report, installs_before: int | None, revision: Revision) -> None:
    if not report.unit.is_open_on(report.day):  # the opening report of a new unit: in no table of that day
        return
    sign_offs = sign_off_to_withdraw(report.unit, report.day)
    if not sign_offs.exists():
        return
    unit = Unit.objects.named(report.day).get(pk=report.unit_id)
    with translation.override(settings.LANGUAGE_CODE):  # stored text is not in the writer's language
        reason = _("%(unit)s was updated at %(hour)s (%(before)s → %(after)s): to be confirmed again") % {
            "unit": unit.full_name,
            "hour": formatting.hour(revision.counted_at),
            "before": formatting.number(installs_before),
            "after": formatting.number(report.installs),
        }
    sign_offs.withdraw(reason, revision.by, revision.counted_at)
