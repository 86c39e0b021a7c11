"""Before which hour the reports of a day are due below a unit, and of which hours they are, in words.

Whoever has another hour stands there by name.
"""

from collections.abc import Callable, Hashable
from datetime import datetime
from functools import cache

from django.utils.translation import gettext as _

from ..text import formatting
from .rollup import DayRollup

NAMED = 6


def hours_words(figures: DayRollup) -> str:
    """ "before 17h00", "before 17h00 (Quận Hải An before 18h00)"; empty on a day that no order covers."""
    closes_at, words = figures.hours.closes_at(figures.own.path), _("before %(hour)s")
    if closes_at is None:
        return ""

    def due(hour: datetime) -> str:
        return words % {"hour": formatting.hour(hour)}

    return _with_the_others(due(closes_at), figures, figures.hours.closes_at, due)


def span_words(figures: DayRollup) -> str:
    """ "from 17h00 of the day before to 15h00 of the day": the hours that the day's count is of."""
    hours = figures.hours
    words = _("from %(start)s to %(end)s")

    def span(path: str) -> tuple[datetime, datetime]:
        return hours.counts_from(path), hours.ordered_for(path)

    def said(span: tuple[datetime, datetime]) -> dict[str, str]:
        return dict(zip(("start", "end"), map(formatting.hour, span), strict=True))

    own = _("from %(start)s of the day before to %(end)s of the day") % said(span(figures.own.path))
    return _with_the_others(own, figures, span, lambda found: words % said(found))


def _with_the_others(own: str, figures: DayRollup, of: Callable[[str], Hashable], said: Callable[..., str]) -> str:
    """The words of the unit, and beside them whoever below has other hours, `of` a path, than the unit above it."""
    others, words = [], cache(said)
    for row in sorted(figures.by_code.values(), key=lambda row: row.path):
        parent = figures.parent_of(row)
        if row.code != figures.unit_code and parent and words(of(row.path)) != words(of(parent.path)):
            others.append(f"{row.name} {words(of(row.path))}")
    return f"{own} ({formatting.listed(others, NAMED)})" if others else own
