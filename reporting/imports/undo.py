"""“Hoàn tác tệp này”: an import is taken back. What was changed since stays, and is named."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
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


@dataclass(frozen=True)
class Undo:
    """Who undoes which import, when and why."""

    record: Import
    by: User
    at: datetime
    reason: str
    now: Now = clock.now


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
        left = UNDONE_BY[record.kind](Undo(record, by, at, reason, now))
        if len(left) >= len(record.rows):
            raise NotUndone
        end = {"withdrawn_at": at, "withdrawn_by": by, "withdrawal_reason": reason, "left": left}
        for name, value in end.items():
            setattr(record, name, value)
        record.save(update_fields=list(end))
    return record


# Reports: the figures before, for every report still at the version that the import wrote.


def _undo_reports(about: Undo) -> list[str]:
    versions = {(code, day): version for code, day, version in about.record.rows}
    found = Report.objects.filter(unit__code__in={code for code, _day in versions}).select_related("unit")
    by_unit: dict[int, list[Report]] = {}
    for report in found.order_by("unit_id", "day"):
        by_unit.setdefault(report.unit_id, []).append(report)
    written = {(report.unit.code, report.day.isoformat()): report for own in by_unit.values() for report in own}
    written = {place: written[place] for place in versions}
    before = {
        (step.report_id, step.number + 1): step
        for step in Revision.objects.filter(report__in=[report.pk for report in written.values()])
    }
    days = {report.day for report in written.values() if not report.is_opening}
    own_units = list({report.unit for report in written.values()})
    states = {day: state.day_states(own_units, day, at=about.at) for day in days}
    names = {unit.pk: unit.full_name for unit in Unit.objects.named(max(days or {deadline.reporting_day(about.at)}))}
    restored, left = [], []
    for place, report in written.items():
        why = CHANGED if report.version != versions[place] else ""
        if not why and not report.is_opening:
            why = refusal_to(about.by, report.unit, Act.ENTER, states[report.day][report.unit_id])
            why = why.words if why else ""
        if why:
            left.append(f"{names[report.unit_id]}, {formatting.day(report.day)}: {why}")
        else:
            step = before.get((report.pk, report.version))
            for name in fields.REPORTED:
                setattr(report, name, getattr(step, name) if step else fields.EMPTIED.get(name, 0))
            report.version += 1
            restored.append(report)
    restored, needed = _without_needed(restored, by_unit)
    left += [f"{names[report.unit_id]}, {formatting.day(report.day)}: {why}" for report, why in needed]
    reason = _("Undone: %(file)s; %(reason)s") % {"file": str(about.record), "reason": about.reason}
    stamp = Stamp(by=about.by, at=about.at, reason=reason[:500], source=about.record.source, now=about.now)
    emptied = [report for report in restored if report.installs is None]
    others = [report for report in restored if report.installs is not None]
    for reports_, kind in ((others, Revision.Kind.CORRECTION), (emptied, Revision.Kind.VOID)):
        if reports_:
            bulk.write_batch(bulk.batch(reports_), replace(stamp, kind=kind))
    return left


def _without_needed(restored: list[Report], by_unit: dict[int, list[Report]]) -> tuple[list[Report], list]:
    """The reports that can be restored; those that cannot, because a unit would fall below zero or have no opening."""
    refused = {}
    for own in by_unit.values():
        total, has_reports = 0, any(report.installs is not None for report in own if not report.is_opening)
        for report in own:
            total += report.contribution
            if report.is_opening and report.installs is None and has_reports:
                refused |= dict.fromkeys(own, _("other reports of the unit need it"))
                break
            if is_below_zero(total):
                refused |= dict.fromkeys(own, _("the cumulative would fall below zero"))
    return [report for report in restored if report not in refused], [
        (one, refused[one]) for one in restored if one in refused
    ]


# Base figures are withdrawn, units not yet in force never open, accounts that nobody used are closed.


def _withdrawn(base: BaseFigure, about: Undo) -> Iterator[str]:
    try:
        with transaction.atomic():
            campaign.withdraw_setting(record=base, reason=about.reason, by=about.by, at=about.at, now=about.now)
    except acts.Refusal as error:
        yield f"{base.unit.code}, {formatting.day(base.effective_on)}: {error.words}"


def _undo_units(about: Undo) -> list[str]:
    codes = [row[0] for row in about.record.rows if len(row) == 1]
    today, left = deadline.reporting_day(about.at), []
    opened = Unit.objects.filter(code__in=codes).order_by("-path")  # those below before their superiors
    for unit in opened:
        below = [one for one in unit.children.all() if not one.was_never_open]
        if unit.opened_on is None or unit.opened_on <= today or unit.closed_on or below or unit.users.exists():
            left.append(f"{unit.code}: {_('in force, closed, or other records belong to it')}")
        else:
            unit.closed_on = unit.opened_on
            unit.save(update_fields=["closed_on"])
    kept = {words.partition(":")[0] for words in left}
    bases = [row for row in about.record.rows if len(row) == 2 and row[0] not in {*codes} - kept]
    found = BaseFigure._base_manager.in_bulk([key for code, key in bases if code not in kept])
    left += [f"{code}: {CHANGED}" for code, _key in bases if code in kept]
    return left + [words for base in found.values() for words in _withdrawn(base, about)]


def _undo_people(about: Undo) -> list[str]:
    persons = {one.username: one for one in User.objects.filter(username__in=[row[0] for row in about.record.rows])}
    closed, left = [], []
    for username, written in about.record.rows:
        person = persons[username]
        if person.is_active and is_unused(person) and fields_of(person) == written:
            person.is_active = False
            closed.append(person)
        else:
            left.append(f"{person.display_name}: {CHANGED if is_unused(person) else _('has signed in')}")
    User.objects.bulk_update(closed, ["is_active"])
    words = _("Undone: %(file)s; %(reason)s") % {"file": str(about.record), "reason": about.reason}
    more = {"kind": AccessRecord.Kind.PERSON_CHANGED, "at": about.at, "by": about.by, "detail": words[:200]}
    AccessRecord.objects.bulk_create(AccessRecord(about=person, unit=person.unit, **more) for person in closed)
    return left


UNDONE_BY: dict[str, Callable[[Undo], list[str]]] = {
    reports.KIND.name: _undo_reports,
    units.KIND.name: _undo_units,
    people.KIND.name: _undo_people,
}
