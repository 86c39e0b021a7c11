"""Mergers, splits and renames. They take effect on a later day. No installs are lost or counted twice.

A unit that is split hands the new one the stated part of its cumulative, or none.
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext_lazy

from .. import clock, deadline
from ..acts import CONFLICT, Refusal, locking, store
from ..acts.unit_register import BadFile
from ..clock import Now
from ..days import hours_in_force
from ..models import BaseFigure, Reorganisation, Report, Revision, Unit, User
from .draft import RENAME, Change, Draft


class ReorganisationNotLater(Refusal):
    text = gettext_lazy("A reorganisation must take effect on a day after it is recorded.")


class ReorganisationChanged(Refusal):
    text = gettext_lazy("Something has changed since the preview. Check what will happen now, then record it.")
    status = CONFLICT


def record_reorganisation(
    changes: Sequence[Change],
    *,
    effective_on: date,
    source: str,
    by: User | None,
    at: datetime,
    shown: str | None = None,
    now: Now = clock.now,
) -> Reorganisation:
    """Record all changes or none, checked inside the lock. `source` is the decision.

    `shown` is the digest of the draft that the person has seen. Raises `ReorganisationNotLater`,
    `ReorganisationChanged`, or `BadFile` with errors.
    """
    with transaction.atomic():
        locking.lock_all(Unit.objects.tops().get())
        known_at = locking.known_from(now())
        today = deadline.reporting_day(known_at)
        if effective_on <= max(today, deadline.reporting_day(at)):
            raise ReorganisationNotLater
        draft = Draft(changes, effective_on, by=by, today=today)
        if shown is not None and (draft.errors or draft.digest != shown):
            raise ReorganisationChanged
        if draft.errors:
            raise BadFile(draft.errors)
        made_by = Reorganisation.objects.create(
            effective_on=effective_on, source=source, table=draft.written, recorded_at=known_at, by=by
        )
        _apply(draft, made_by)
        return made_by


def _apply(draft: Draft, made_by: Reorganisation) -> None:
    units, known_at = draft.units, made_by.recorded_at
    _open(draft, made_by)
    for line in draft.lines:
        if line.action == RENAME:
            kind = line.kind or units[line.code].kind or ""
            units[line.code].rename(name=line.name, kind=kind, effective_on=draft.day, at=known_at, by=made_by)
    for code, into in draft.merged.items():
        units[code].close(on=draft.day, into=units[into], by=made_by)
    BaseFigure.objects.bulk_create(
        BaseFigure(
            unit=units[code],
            effective_on=draft.day,
            source=made_by.source,
            recorded_at=known_at,
            by=made_by.by,
            reorganisation=made_by,
            **counts._asdict(),
        )
        for code, counts in draft.counts.items()
    )
    _open_at_zero([units[code] for code in draft.levels if code in draft.counts], made_by)


def _open(draft: Draft, made_by: Reorganisation) -> None:
    """Make the new units, superiors first, and add them to the draft."""
    units = draft.units
    for code, level in draft.levels.items():
        line = draft.new[code]
        units[code] = Unit.objects.establish(
            code=code,
            level=level,
            parent=units[line.parent_code],
            name=line.name,
            kind=line.kind,
            effective_on=draft.day,
            at=made_by.recorded_at,
            opened_on=draft.day,
            by=made_by,
            phone=line.phone,
            split_from=units.get(line.split_from),
            handed_over=line.handed_over or 0,
        )


def _open_at_zero(units: list[Unit], made_by: Reorganisation) -> None:
    """Write opening reports of 0 for units made during the campaign: earlier installs count elsewhere."""
    start, at = hours_in_force.campaign_start(), made_by.recorded_at
    if start is None or made_by.effective_on <= start:
        return
    stamp = store.Stamp(by=made_by.by, at=at, kind=Revision.Kind.IMPORT, source=made_by.source)
    eve = made_by.effective_on - timedelta(days=1)
    for unit in units:
        if not unit.reports.exists():  # a withdrawn reorganisation may have left one
            opening = Report(unit=unit, day=eve, kind=Report.Kind.OPENING, received_at=at, version=0)
            store.write_revision(opening, {"installs": 0}, stamp, counted_at=at)
