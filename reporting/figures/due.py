"""Before which hour the reports of a day are due below a unit, and of which hours they are, in words.

Whoever has another hour stands there by name.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from django.utils.translation import gettext as _

from ..text import formatting
from .rollup import DayRollup, Row

NAMED = 6


def hours_words(figures: DayRollup) -> str:
    """ "before 17h00", "before 17h00 (Quận Hải An before 18h00)"; empty on a day that no order covers."""
    if figures.hours.closes_at(figures.own.path) is None:
        return ""
    words = _("before %(hour)s")

    def due(path: str) -> str:
        return words % {"hour": formatting.hour(figures.hours.closes_at(path))}

    others = [f"{row.name} {due(row.path)}" for row in _others(figures, figures.hours.closes_at)]
    own = due(figures.own.path)
    return f"{own} ({formatting.listed(others, NAMED)})" if others else own


def span_words(figures: DayRollup) -> str:
    """ "from 17h00 of the day before to 15h00 of the day": the hours that the day's count is of."""
    hours = figures.hours

    def span(path: str) -> dict[str, str]:
        return {"start": formatting.hour(hours.counts_from(path)), "end": formatting.hour(hours.ordered_for(path))}

    words = _("from %(start)s to %(end)s")
    others = [f"{row.name} {words % span(row.path)}" for row in _others(figures, span)]
    own = _("from %(start)s of the day before to %(end)s of the day") % span(figures.own.path)
    return f"{own} ({formatting.listed(others, NAMED)})" if others else own


def _others(figures: DayRollup, of: Callable[[str], object]) -> Iterator[Row]:
    """The units below whose hour, `of` their path, is not that of the unit above them."""
    for row in sorted(figures.by_code.values(), key=lambda row: row.path):
        parent = figures.parent_of(row)
        if row.code != figures.unit_code and parent and of(row.path) != of(parent.path):
            yield row
