"""What the page of a superior says of the day at a glance: the hour, who is still owed, who has confirmed, which lines.

Red is what is overdue: before its hour nothing is.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from ..figures.rollup import DayRollup, Row
from ..hours.hours import Urgency
from ..text import formatting
from .unit_groups import UnitGroup, grouped

LEAST_TO_MOST = list(Urgency)


@dataclass(frozen=True, slots=True, kw_only=True)
class Strip:
    """The day in one line. Its counts are of those that the unit's own row is the sum of; agencies stand beside."""

    clock: str  # how long it is to the hour, or that it has passed; empty on a day that no order covers
    urgency: Urgency  # of that hour
    missing: Urgency | None  # the most urgent of those who are silent; None if nobody is
    agencies_missing: Urgency | None
    unconfirmed: Urgency | None  # of those below who have not confirmed the day
    confirmation: Urgency  # of the unit's own
    can_be_sealed: bool  # whether it is late enough for it


def strip(figures: DayRollup, *, signed: Collection[str], at: datetime) -> Strip:
    """The line of a day seen at `at`; `signed` are the codes of who has confirmed."""
    hours, own = figures.hours, figures.own
    at = figures.as_of or at
    owing = [row for row in figures.lowest if row.not_reported]
    unsigned = [row for row in figures.children if not row.is_reporting and row.code not in signed]
    return Strip(
        clock=_clock_words(figures, at),
        urgency=hours.urgency(own.path, at),
        missing=_most([hours.urgency(row.path, at) for row in owing if row.is_agency == own.is_agency]),
        agencies_missing=_most([hours.urgency(row.path, at) for row in owing if row.is_agency]),
        unconfirmed=_most([hours.sign_off_urgency(row.path, at) for row in unsigned]),
        confirmation=hours.sign_off_urgency(own.path, at),
        can_be_sealed=(opens_at := hours.seals_from(own.path)) is not None and at >= opens_at,
    )


def _most(urgencies: Sequence[Urgency]) -> Urgency | None:
    return max(urgencies, key=LEAST_TO_MOST.index, default=None)


def _clock_words(figures: DayRollup, at: datetime) -> str:
    closes_at = figures.hours.closes_at(figures.own.path)
    if closes_at is None or figures.hours.exemption(figures.own.path):
        return ""
    if figures.hours.is_over(figures.own.path, at):
        hour, last = formatting.hour(closes_at), figures.hours.last_closes_at(figures.own.path)
        if last > closes_at:  # what is shown may hold reports up to then
            return _("closed at %(hour)s, for some units at %(last)s") % {"hour": hour, "last": formatting.hour(last)}
        return _("closed at %(hour)s") % {"hour": hour}
    return formatting.until(closes_at, at)


def owed(figures: DayRollup, *, at: datetime) -> dict[str, Urgency]:
    """How urgent it is, by the code of every unit that is silent or has silent ones below it."""
    at, found = figures.as_of or at, {}
    for row in figures.lowest:
        if not row.not_reported:
            continue
        urgency = figures.hours.urgency(row.path, at)
        for code in reversed(row.path.strip("/").split("/")):
            known = found.get(code)
            if known is not None and _most([known, urgency]) is known:  # and so of all above it
                break
            found[code] = urgency
    return found


def to_confirm(figures: DayRollup, *, at: datetime) -> dict[str, Urgency]:
    """How urgent the confirmation is of each unit right below that gives one, by code."""
    at = figures.as_of or at
    return {row.code: figures.hours.sign_off_urgency(row.path, at) for row in figures.children if not row.is_reporting}


def filters(rows: Sequence[Row], *, signed: Collection[str] | None) -> list[UnitGroup]:
    """All lines first, then those with something owed; `signed` is None where nobody confirms."""
    found = [
        UnitGroup("all", _("All"), rows),
        UnitGroup("missing", _("Reports missing"), [row for row in rows if row.not_reported]),
    ]
    if signed is None:
        found.append(UnitGroup("late", _("Late"), [row for row in rows if row.late]))
    else:
        unsigned = [row for row in rows if not row.is_reporting and row.code not in signed]
        found.append(UnitGroup("unconfirmed", _("Not confirmed"), unsigned))
    return found + grouped(rows)


def chosen(found: Sequence[UnitGroup], asked: str) -> UnitGroup:
    """The one that the address asks for; all lines for anything else."""
    return next((one for one in found if one.name == asked), found[0])
