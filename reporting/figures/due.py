"""The deadline of a day below a unit, and the hours that its count runs over, in words."""

from django.utils.translation import gettext as _

from ..text import formatting
from .rollup import DayRollup

NAMED = 6


def hours_words(figures: DayRollup) -> str:
    """ "before 17h00", "before 17h00 (Quận Hải An before 18h00)"; empty on a day without an order.

    In brackets are units whose deadline differs from that of their superior.
    """
    hours, own = figures.hours, figures.own

    def due(path: str) -> str:
        closes_at = hours.closes_at(path)
        return _("before %(hour)s") % {"hour": formatting.hour(closes_at)} if closes_at else ""

    others = []
    for row in sorted(figures.by_code.values(), key=lambda row: row.path):
        parent = figures.parent_of(row)
        if row is not own and parent and hours.closes_at(row.path) != hours.closes_at(parent.path):
            others.append(f"{row.name} {due(row.path)}")
    return f"{due(own.path)} ({formatting.listed(others, NAMED)})" if others else due(own.path)


def span_words(figures: DayRollup) -> str:
    """ "from 17h00 of the day before to 17h00 of the day": the hours that the unit's count of the day runs over."""
    hours, path = figures.hours, figures.own.path
    ends = {"start": formatting.hour(hours.counts_from(path)), "end": formatting.hour(hours.ordered_for(path))}
    return _("from %(start)s of the day before to %(end)s of the day") % ends
