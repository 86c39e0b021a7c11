"""“Hoàn tác tệp này”: an import is taken back. What was changed since stays, and is named."""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _, gettext_lazy

from .. import acts, clock, deadline
from ..acts import bulk, campaign, locking
from ..acts.refusals import refusal_to
from ..acts.store import Stamp
from ..clock import Now
from ..days import state
from ..figures import fields
from ..figures.rules import is_below_zero
from ..models import AccessRecord, BaseFigure, Import, Report, Revision, Unit, User
from ..people import access
from ..permissions import Act
from ..text import formatting
from .kinds import people, reports, units
from .kinds.people import fields_of, is_unused

CHANGED = gettext_lazy("changed since")


class NotUndone(acts.Refusal):
    """Nobody may undo this import, or nothing of it can be undone."""

    text = gettext_lazy("Nothing of this file can be undone: everything has been changed since.")
    status = acts.CONFLICT


def may_undo(by: User, record: Import) -> bool:
    """Whether the person is a clerk of the office that imported, or of the one that seals above it."""
    return record.kind in UNDONE_BY and not record.is_withdrawn and access.is_clerk_of(by, record.unit)


def undo(record: Import, *, by: User, at: datetime, reason: str, now: Now = clock.now) -> Import:
    """Restore what was before the import, row by row, all in one transaction; the import says what stays and why.

    Raises `NotUndone`, `ReasonMissing`, `AlreadyWithdrawn`.
    """
    if not reason.strip():
        raise acts.ReasonMissing
    with transaction.atomic():
        locking.lock_all(access.top_of(by))
        record = Import.objects.select_for_update().get(pk=record.pk)
        if record.is_withdrawn:
            raise acts.AlreadyWithdrawn
        if not may_undo(by, record):
            raise NotUndone
        words = _("Undone: %(file)s; %(reason)s") % {"file": str(record), "reason": reason}
        stamp = Stamp(by=by, at=at, reason=words[:500], source=record.source, now=now)
        left = UNDONE_BY[record.kind](record.rows, stamp)
        if len(left) >= len(record.rows):
            raise NotUndone
        end = {"withdrawn_at": at, "withdrawn_by": by, "withdrawal_reason": reason, "left": left}
        for name, value in end.items():
            setattr(record, name, value)
        record.save(update_fields=list(end))
    return record


# Reports: the figures before, for every report still at the version that the import wrote.


def _undo_reports(rows: list[list], stamp: Stamp) -> list[str]:
    versions = {(code, day): version for code, day, version in rows}
    by_unit: dict[Unit, list[Report]] = defaultdict(list)
    found = Report.objects.filter(unit__code__in={code for code, _day in versions}).select_related("unit")
    for report in found.order_by("unit_id", "day"):
        by_unit[report.unit].append(report)
    stored = {(one.unit.code, one.day.isoformat()): one for own in by_unit.values() for one in own}
    written = {stored[place]: version for place, version in versions.items()}
    steps = Revision.objects.filter(report__in=[report.pk for report in written])
    before = {(step.report_id, step.number + 1): step for step in steps}
    days = {report.day for report in written if not report.is_opening}
    states = {day: state.day_states([*by_unit], day, at=stamp.at) for day in days}
    left: dict[Report, str] = {}
    for report, version in written.items():
        may = None if report.is_opening else states[report.day][report.unit_id]
        if report.version != version:
            left[report] = str(CHANGED)
        elif may and (refusal := refusal_to(stamp.by, report.unit, Act.ENTER, may)):
            left[report] = refusal.words
        else:
            step = before.get((report.pk, version))
            for name in fields.REPORTED:
                setattr(report, name, getattr(step, name) if step else fields.EMPTIED.get(name, 0))
            report.version += 1
    for own in by_unit.values():
        if why := _needed(own):
            left |= {report: why for report in own if report in written and report not in left}
    restored = [report for report in written if report not in left]
    for is_empty, kind in ((False, Revision.Kind.CORRECTION), (True, Revision.Kind.VOID)):
        if some := [report for report in restored if (report.installs is None) == is_empty]:
            bulk.write_batch(bulk.batch(some), replace(stamp, kind=kind))
    names = {unit.pk: unit.full_name for unit in Unit.objects.named(max(days or {deadline.reporting_day(stamp.at)}))}
    return [f"{names[one.unit_id]}, {formatting.day(one.day)}: {why}" for one, why in left.items()]


def _needed(own: list[Report]) -> str:
    """Why a unit's reports must stay as they are: without them it would fall below zero, or have no opening."""
    total, has_reports = 0, any(report.installs is not None for report in own if not report.is_opening)
    for report in own:
        total += report.contribution
        if report.is_opening and report.installs is None and has_reports:
            return _("other reports of the unit need it")
        if is_below_zero(total):
            return _("the cumulative would fall below zero")
    return ""


# Base figures are withdrawn, units not yet in force never open, accounts that nobody used are closed.


def _undo_units(rows: list[list], stamp: Stamp) -> list[str]:
    new = {row[0] for row in rows if len(row) == 1}
    bases = {row[1]: row[0] for row in rows if len(row) == 2}
    today, left = deadline.reporting_day(stamp.at), {}
    for unit in Unit.objects.filter(code__in=new).order_by("-path"):  # those below before their superiors
        below = [one for one in unit.children.all() if not one.was_never_open]
        if unit.opened_on is None or unit.opened_on <= today or unit.closed_on or below or unit.users.exists():
            left[unit.code] = _("in force, closed, or other records belong to it")
        else:
            unit.closed_on = unit.opened_on
            unit.save(update_fields=["closed_on"])
    words = [f"{code}: {why}" for code, why in left.items()]
    words += [f"{code}: {CHANGED}" for code in bases.values() if code in left]
    for base in BaseFigure._base_manager.in_bulk([key for key, code in bases.items() if code not in new]).values():
        try:
            with transaction.atomic():
                about = {"by": stamp.by, "at": stamp.at, "now": stamp.now}
                campaign.withdraw_setting(record=base, reason=stamp.reason[:300], **about)
        except acts.Refusal as error:
            words.append(f"{base.unit.code}, {formatting.day(base.effective_on)}: {error.words}")
    return words


def _undo_people(rows: list[list], stamp: Stamp) -> list[str]:
    persons = {one.username: one for one in User.objects.filter(username__in=[row[0] for row in rows])}
    closed, left = [], []
    for username, written in rows:
        person = persons[username]
        if person.is_active and is_unused(person) and fields_of(person) == written:
            person.is_active = False
            closed.append(person)
        else:
            left.append(f"{person.display_name}: {CHANGED if is_unused(person) else _('has signed in')}")
    User.objects.bulk_update(closed, ["is_active"])
    more = {"kind": AccessRecord.Kind.PERSON_CHANGED, "at": stamp.at, "by": stamp.by, "detail": stamp.reason[:200]}
    AccessRecord.objects.bulk_create(AccessRecord(about=person, unit=person.unit, **more) for person in closed)
    return left


UNDONE_BY: dict[str, Callable[[list[list], Stamp], list[str]]] = {
    reports.KIND.name: _undo_reports,
    units.KIND.name: _undo_units,
    people.KIND.name: _undo_people,
}
