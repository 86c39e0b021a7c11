"""The deadline of a day below a unit, and the hours that its count runs over, in words."""

from datetime import datetime
from typing import cast

from django.utils.translation import gettext as _

from ..text import formatting
from .rollup import DayRollup, Row

NAMED = 6  # units in brackets at most


def before_words(hour: str) -> str:
    """The words for a deadline, "before 17h00": the only place that has them."""
    return _("before %(hour)s") % {"hour": hour}


def hours_words(figures: DayRollup) -> str:
    """Words like "before 17h00 (Quận Hải An before 18h00)"; empty on a day without an order.

    Units whose deadline differs from that of their superior are named in brackets.
    """
    if figures.hours.order is None:
        return ""

    def words_of(row: Row) -> str:
        return before_words(formatting.hour(cast(datetime, figures.hours.closes_at(row.path))))

    own, others = words_of(figures.own), []
    for row in sorted(figures.by_code.values(), key=lambda row: row.path):
        parent = figures.parent_of(row)
        if row.code != figures.unit_code and parent and words_of(row) != words_of(parent):
            others.append(f"{row.name} {words_of(row)}")
    return f"{own} ({formatting.listed(others, NAMED)})" if others else own


def span_words(figures: DayRollup) -> str:
    """The hours of the day's count: words like "from 17h00 of the day before to 15h00 of the day"."""
    hours, path = figures.hours, figures.own.path
    ends = {"start": formatting.hour(hours.counts_from(path)), "end": formatting.hour(hours.ordered_for(path))}
    return _("from %(start)s of the day before to %(end)s of the day") % ends
