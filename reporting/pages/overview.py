"""Parts of a superior's day: the slowest units, for those who only read, and how urgent the rest of the table is.

Red marks only what is overdue, never before the deadline.
"""

from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction

from django.utils.translation import gettext as _

from .. import deadline
from ..deadline import Urgency, urgency_of
from ..figures import statements
from ..figures.hours_in_words import before_words
from ..figures.rollup import DayRollup, Row
from ..figures.statements import Statement, Subject
from ..models import Seal
from ..text import formatting, unit_kinds
from . import trends
from .trends import Trend

LAGGARDS = 3
MOST_NAMES = 2  # missing units of each


# Units behind.


@dataclass(frozen=True, slots=True)
class Laggard:
    """One of the units that are farthest behind the pace they need."""

    row: Row
    name: str
    provisional: Statement | None  # what stands beside its share
    rates: Statement | None
    said: tuple[Statement, ...]  # the statements of the message
    message: str  # ready to send


def laggards(history: Trend, *, at: datetime) -> list[Laggard]:
    return [_laggard(about, history.figures, at) for about in slowest(history, at=at)]


def slowest(history: Trend, *, at: datetime) -> list[Subject]:
    """The children whose pace is the smallest part of what they need; without paces those with the lowest shares.

    None that is ahead of the whole: nobody is urged who does better than the others.
    """
    figures, paces, whole = history.figures, trends.paces(history, at=at), _progress(history.subject)

    def order(about: Subject) -> tuple:
        own = _progress(about)
        return (own if own is not None else whole or 0, about.row.share or 0)

    behind = [row for row in figures.children if row.share is not None and not row.is_target_reached]
    about = [statements.subject(figures, row, pace=paces[row.code], seal=history.seal) for row in behind]
    slow = [one for one in about if one.pace and order(one) < order(history.subject)]
    return sorted(slow, key=lambda one: (order(one), one.row.sort_key))[:LAGGARDS]


def _progress(about: Subject) -> Fraction | None:
    """The present pace over the one that is needed; None if either is not known."""
    pace = about.pace
    return pace.mean / pace.needed_per_day if pace and pace.mean is not None and pace.needed_per_day else None


def _laggard(about: Subject, figures: DayRollup, at: datetime) -> Laggard:
    row = about.row
    owing = [one for one in figures.lowest if one.not_reported and not one.waiting and one is not row]
    below = sorted((one for one in owing if one.path.startswith(row.path)), key=lambda one: (one.sort_key, one.code))
    rates = statements.rates(about)
    said = tuple(filter(None, [statements.standing(about), rates]))
    words = [statements.sentences(*map(str, said))]
    if below:
        names = formatting.listed([one.short_name for one in below], MOST_NAMES)
        words.append(_("Not reported: %(names)s.") % {"names": names})
    if figures.day == deadline.reporting_day(at) and row.not_reported > row.waiting:
        before = before_words(formatting.hour(figures.hours.last_closes_at(row.path)))
        is_over = figures.hours.is_last_over(row.path, at)
        words.append(_("Please send now.") if is_over else _("Please send %(before)s.") % {"before": before})
    return Laggard(row, unit_kinds.bare_name(row.name), about.provisional, rates, said, " ".join(words))


# The units below.


def missing_urgencies(figures: DayRollup, *, at: datetime) -> dict[str, Urgency]:
    """The urgency of the most urgent missing report at or below each unit that misses any, by code."""
    order, urgencies = list(Urgency).index, dict[str, Urgency]()
    for row in figures.lowest:
        if row.not_reported:
            urgency = figures.hours.urgency(row.path, figures.as_of or at)
            for code in row.path.strip("/").split("/"):
                urgencies[code] = max(urgencies.get(code, urgency), urgency, key=order)
    return urgencies


def confirmation_urgencies(figures: DayRollup, *, seal: Seal | None, at: datetime) -> dict[str, Urgency]:
    """The urgency of the confirmation of each child that owes one, by code; `LATER` once it is sealed."""
    at = figures.as_of or at
    if seal:
        return dict.fromkeys((row.code for row in figures.confirming), Urgency.LATER)
    return {row.code: urgency_of(figures.hours.signs_off_at(row.path), at) for row in figures.confirming}
