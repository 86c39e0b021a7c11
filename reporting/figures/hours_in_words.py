"""The deadline of a day below a unit, and the hours that its count runs over, in words.

Units whose hours differ from those of their superior are named in brackets.
"""

from collections.abc import Callable, Hashable
from datetime import datetime
from functools import cache

from django.utils.translation import gettext as _

from ..text import formatting
from .rollup import DayRollup

NAMED = 6  # units in brackets at most


def hours_words(figures: DayRollup) -> str:
    """Words like "before 17h00 (Quận Hải An before 18h00)"; empty on a day without an order."""
    closes_at, words = figures.hours.closes_at(figures.own.path), _("before %(hour)s")
    if closes_at is None:
        return ""

    def due(hour: datetime) -> str:
        return words % {"hour": formatting.hour(hour)}

    return _with_others(due(closes_at), figures, figures.hours.closes_at, due)


def span_words(figures: DayRollup) -> str:
    """The hours of the day's count: words like "from 17h00 of the day before to 15h00 of the day"."""
    hours, words = figures.hours, _("from %(start)s to %(end)s")

    def span(path: str) -> tuple[datetime, datetime]:
        return hours.counts_from(path), hours.ordered_for(path)

    def ends(span: tuple[datetime, datetime]) -> dict[str, str]:
        return dict(zip(("start", "end"), map(formatting.hour, span), strict=True))

    own = _("from %(start)s of the day before to %(end)s of the day") % ends(span(figures.own.path))
    return _with_others(own, figures, span, lambda found: words % ends(found))


def _with_others(own: str, figures: DayRollup, hours_of: Callable[[str], Hashable], said: Callable[..., str]) -> str:
    """The unit's words, and in brackets the units below whose hours differ from those of their superior."""
    others, words = [], cache(said)
    for row in sorted(figures.by_code.values(), key=lambda row: row.path):
        parent = figures.parent_of(row)
        if row.code != figures.unit_code and parent and words(hours_of(row.path)) != words(hours_of(parent.path)):
            others.append(f"{row.name} {words(hours_of(row.path))}")
    return f"{own} ({formatting.listed(others, NAMED)})" if others else own
