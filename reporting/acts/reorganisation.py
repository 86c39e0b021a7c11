"""Mergers, splits and renames: they take effect on a later day, and what was counted before goes on, nothing jumps.

A unit that is split hands the new one the stated part of its cumulative, or none.
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext_lazy

from .. import clock
from ..clock import Now
from ..figures import fields, rollup
from ..figures.doubts import Doubtful
from ..hours import deadline
from ..models import BaseFigure, Directive, Reorganisation, Report, Revision, Unit, User
from ..people import access
from . import base_figures, locking, write
from .errors import Doubted, NotWritten
from .reorganisation_draft import NEW, RENAME, Change, Draft
from .unit_register import COUNTS


class NotLater(NotWritten):
    text = gettext_lazy("A reorganisation must take effect on a day after it is recorded.")


def record(
    changes: Sequence[Change],
    *,
    effective_on: date,
    source: str,
    table: str,
    by: User | None,
    at: datetime,
    explanation: str = "",
    now: Now = clock.now,
) -> Reorganisation:
    """Record the changes, from `effective_on` on; `source` is the decision, `table` the lines as they are kept.

    All of it, or nothing: checked again inside the lock. A population that is usually a mistake is recorded with its
    `explanation`. Raises `NotLater`, `Doubted`, or `BadFile` with every error found.
    """
    with transaction.atomic():
        locking.lock_all(Unit.objects.tops().get())
        known_at = locking.known_from(now())
        if effective_on <= deadline.reporting_day(max(at, known_at)):
            raise NotLater
        draft = Draft(changes, effective_on, by=by, counted=counted(changes, by, deadline.reporting_day(known_at)))
        asked = _asked(draft, by, deadline.reporting_day(known_at), explanation)
        explained = dict.fromkeys(asked, explanation)
        made_by = Reorganisation.objects.create(
            effective_on=effective_on, source=source, table=table, recorded_at=known_at, by=by
        )
        _apply(draft, made_by, explained)
        return made_by


def counted(changes: Sequence[Change], by: User | None, today: date) -> dict[str, int | None]:
    """By code the cumulatives of now, where a unit hands over a part of its own; empty otherwise."""
    if not any(change.handed_over for change in changes):
        return {}
    return {code: row.cumulative for code, row in rollup.rows(access.top_of(by), today).by_code.items()}


def doubtful(draft: Draft, *, by: User | None, today: date) -> dict[int, list[Doubtful]]:
    """By the number of a line what is to be asked about its population, beside the units that the unit is made of."""
    is_given = any(line.population for line in draft.lines)
    counted = rollup.rows(access.top_of(by), today).by_code if is_given else {}
    found = {}
    for line in draft.lines:
        if not line.population:
            continue
        made_of = draft.parts.get(line.code, [line.code])
        known = [draft.population_before(code) for code in made_of]
        sums = [counted[code].cumulative for code in made_of if code in counted]
        if asked := base_figures.asked(line.population, fields.whole(known), fields.known(sums)):
            found[line.line] = asked
    return found


def _asked(draft: Draft, by: User | None, today: date, explanation: str) -> list[str]:
    """The codes of the units whose population is to be explained. Raises `Doubted` for the first that is not."""
    asked = doubtful(draft, by=by, today=today)
    lines = [line for line in draft.lines if line.line in asked]
    if lines and not explanation.strip():
        raise Doubted(lines[0].population, asked[lines[0].line])
    return [line.code for line in lines]


def _apply(draft: Draft, made_by: Reorganisation, explained: dict[str, str]) -> None:
    units = {unit.code: unit for unit in Unit.objects.named(draft.day)}
    source, by, known_at = made_by.source, made_by.by, made_by.recorded_at
    _open(draft, units, made_by)
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
            source=source,
            explanation=explained.get(code, ""),
            recorded_at=known_at,
            by=by,
            reorganisation=made_by,
            **{column: getattr(counts, column) for column in COUNTS},
        )
        for code, counts in draft.counts.items()
    )
    _open_at_zero([units[code] for code in draft.levels if code in draft.counts], draft.day, source, by, known_at)


def _open(draft: Draft, units: dict[str, Unit], made_by: Reorganisation) -> None:
    """Make the new units, superiors first, and add them to `units`."""
    new = {line.code: line for line in draft.lines if line.action == NEW}
    for code, level in draft.levels.items():
        line = new[code]
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


def _open_at_zero(units: list[Unit], day: date, source: str, by: User | None, known_at: datetime) -> None:
    """A unit made during the campaign has no phones of before it to tell: they are counted where its people were."""
    start = Directive.objects.campaign_start()
    if start is None or day <= start:
        return
    stamp = write.Stamp(by=by, at=known_at, kind=Revision.Kind.IMPORT, source=source)
    for unit in units:
        if unit.reports.exists():  # from a reorganisation that was withdrawn
            continue
        opening = Report(
            unit=unit, day=day - timedelta(days=1), kind=Report.Kind.OPENING, received_at=known_at, version=0
        )
        write.write(opening, {"installs": 0}, stamp, counted_at=known_at)
