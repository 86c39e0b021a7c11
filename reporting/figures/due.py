"""Before which hour the reports of a day are due below a unit, in words: whoever has another hour by name."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from django.utils.translation import gettext as _

from ..text import formatting
from .rollup import DayRollup

NAMED = 6


def hours_words(figures: DayRollup) -> str:
    """ "before 17h00", "before 17h00 (Quận Hải An before 18h00)"; empty on a day that no order covers."""
    closes_at = figures.hours.closes_at(figures.own.path)
    if closes_at is None:
        return ""
    words = _("before %(hour)s")
    others = [f"{name} {words % {'hour': formatting.hour(hour)}}" for name, hour in _others(figures)]
    own = words % {"hour": formatting.hour(closes_at)}
    return f"{own} ({formatting.listed(others, NAMED)})" if others else own


def _others(figures: DayRollup) -> Iterator[tuple[str, datetime]]:
    """The units below whose hour is not that of the unit above them, each with its hour."""
    for row in sorted(figures.by_code.values(), key=lambda row: row.path):
        parent = figures.parent_of(row)
        hour = figures.hours.closes_at(row.path)
        if row.code != figures.unit_code and parent and hour != figures.hours.closes_at(parent.path):
            yield row.name, hour
