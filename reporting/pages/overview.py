"""Parts of the result of a superior's day: the laggards, for those who only read, and the filters of the table.

Red marks only what is overdue, never before the deadline.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from django.utils.translation import gettext as _

from .. import deadline
from ..deadline import Urgency
from ..figures import statements
from ..figures.pace import Pace
from ..figures.rollup import DayRollup, Row
from ..figures.statements import Statement, Subject
from ..models import Seal
from ..text import formatting, unit_kinds

LAGGARDS = 3
MOST_NAMES = 2  # missing units of each


# Units behind.


@dataclass(frozen=True, slots=True)
class Laggard:
    """One of the units farthest from the target."""

    row: Row
    name: str
    rates: Statement | None
    factor: Statement | None
    urgency: Urgency | None  # of its most urgent missing report
    missing: str  # names of the units below that have not reported; may be empty
    said: tuple[Statement, ...]  # the statements of the message
    message: str  # ready to send


def laggards(
    figures: DayRollup,
    paces: dict[str, Pace | None],
    missing_urgencies: dict[str, Urgency],
    *,
    at: datetime,
    seal: Seal | None = None,
) -> list[Laggard]:
    """The children farthest from the target, lowest first."""
    is_today = figures.day == deadline.reporting_day(at)
    return [
        _laggard(about, figures, missing_urgencies.get(about.row.code), is_today=is_today)
        for about in slowest(figures, paces, seal=seal)
    ]


def slowest(figures: DayRollup, paces: dict[str, Pace | None], *, seal: Seal | None) -> list[Subject]:
    behind = [row for row in figures.children if row.share is not None and not row.is_target_reached]
    behind.sort(key=lambda row: (row.share, row.sort_key))
    about = [statements.subject(figures, row, pace=paces[row.code], seal=seal) for row in behind[:LAGGARDS]]
    return [one for one in about if one.pace]


def _laggard(about: Subject, figures: DayRollup, urgency: Urgency | None, *, is_today: bool) -> Laggard:
    row = about.row
    owing = [one for one in figures.lowest if one.not_reported and not one.waiting and one is not row]
    below = sorted((one for one in owing if one.path.startswith(row.path)), key=lambda one: (one.sort_key, one.code))
    missing = formatting.listed([one.short_name for one in below], MOST_NAMES)
    rates, factor = statements.rates(about), statements.factor(about)
    said = tuple(filter(None, [statements.standing(about), rates]))
    words = [statements.sentences(*map(str, said))]
    if missing:
        words.append(_("Not reported: %(names)s.") % {"names": missing})
    if is_today and row.not_reported > row.waiting:
        closes_at = formatting.hour(figures.hours.last_closes_at(row.path))
        is_over = urgency is Urgency.OVERDUE
        words.append(_("Please send now.") if is_over else _("Please send before %(hour)s.") % {"hour": closes_at})
    return Laggard(row, unit_kinds.bare_name(row.name), rates, factor, urgency, missing, said, " ".join(words))


def _most_urgent(urgencies: Sequence[Urgency]) -> Urgency | None:
    return max(urgencies, key=list(Urgency).index, default=None)


# The units below.


def missing_urgencies(figures: DayRollup, *, at: datetime) -> dict[str, Urgency]:
    """The urgency of missing reports, by the code of each unit that has any at or below it."""
    at = figures.as_of or at
    urgencies: dict[str, Urgency] = {}
    for row in figures.lowest:
        if not row.not_reported:
            continue
        urgency = figures.hours.urgency(row.path, at)
        for code in reversed(row.path.strip("/").split("/")):
            known = urgencies.get(code)
            if known is not None and _most_urgent([known, urgency]) is known:  # so the units above have it too
                break
            urgencies[code] = urgency
    return urgencies


def confirmation_urgencies(figures: DayRollup, *, seal: Seal | None, at: datetime) -> dict[str, Urgency]:
    """The urgency of the confirmation of each child that owes one, by code; `LATER` once it is sealed."""
    at = figures.as_of or at
    if seal:
        return dict.fromkeys((row.code for row in figures.confirming), Urgency.LATER)
    return {row.code: figures.hours.sign_off_urgency(row.path, at) for row in figures.confirming}


class Filter(NamedTuple):
    """Some rows of the table, with the name that the address uses."""

    name: str
    label: str
    rows: Sequence[Row]


def unit_filters(figures: DayRollup, *, signed: Collection[str] | None) -> list[Filter]:
    """The filters of the table: all, then what is missing. `signed` is None if nobody confirms."""
    rows = figures.children
    filters = [
        Filter("all", _("All"), rows),
        Filter("missing", _("Reports missing"), [row for row in rows if row.not_reported]),
    ]
    if signed is None:
        filters.append(Filter("late", _("Late"), [row for row in rows if row.late]))
    else:
        filters.append(Filter("unconfirmed", _("Not confirmed"), figures.unconfirmed(signed)))
    return filters
