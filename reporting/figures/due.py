"""Before which hour the reports of a day are due below a unit, and of which hours they are, in words.

Whoever has another hour stands there by name.
"""

from __future__ import annotations

from collections.abc import Callable

from django.utils.translation import gettext as _

from ..text import formatting
from .rollup import DayRollup

NAMED = 6


def hours_words(figures: DayRollup) -> str:
    """ "before 17h00", "before 17h00 (Quận Hải An before 18h00)"; empty on a day that no order covers."""
    if figures.hours.closes_at(figures.own.path) is None:
        return ""
    words = _("before %(hour)s")

    def due(path: str) -> str:
        return words % {"hour": formatting.hour(figures.hours.closes_at(path))}

    return _with_the_others(due(figures.own.path), figures, due)


def span_words(figures: DayRollup) -> str:
    """ "from 17h00 of the day before to 15h00 of the day": the hours that the day's count is of."""
    hours = figures.hours
    words = _("from %(start)s to %(end)s")

    def hours_of(path: str) -> dict[str, str]:
        return {"start": formatting.hour(hours.counts_from(path)), "end": formatting.hour(hours.ordered_for(path))}

    own = _("from %(start)s of the day before to %(end)s of the day") % hours_of(figures.own.path)
    return _with_the_others(own, figures, lambda path: words % hours_of(path))


def _with_the_others(own: str, figures: DayRollup, said: Callable[[str], str]) -> str:
    """The words of the unit, and beside them whoever below has other hours than the unit above it, `said` by path."""
    others = []
    for row in sorted(figures.by_code.values(), key=lambda row: row.path):
        parent = figures.parent_of(row)
        if row.code != figures.unit_code and parent and said(row.path) != said(parent.path):
            others.append(f"{row.name} {said(row.path)}")
    return f"{own} ({formatting.listed(others, NAMED)})" if others else own
