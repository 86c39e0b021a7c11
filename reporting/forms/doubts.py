"""Numbers that cannot be, and numbers that are usually a mistake: asked about before they are taken."""

from __future__ import annotations

from datetime import date

from django.utils.translation import gettext as _

from ..acts import questions as asked
from ..figures.rules import Doubt, Figures
from ..figures.standings import Standing
from ..text.formatting import number, signed


def questions(standing: Standing, figures: Figures, *, day: date, is_total: bool = False) -> dict[Doubt, str]:
    """What is asked before the figures of the day are taken; `is_total` when a cumulative was typed."""
    days = (day - (figures.covers_from or day)).days + 1
    return asked.questions(standing.known, figures, mean=standing.mean, days=days, is_total=is_total)


def unusual_adjustment(adjustment: int, mean: float) -> str:
    words = _("%(adjustment)s is more than five times the usual %(mean)s a day of the last reported days.")
    return words % {"adjustment": signed(adjustment), "mean": number(round(mean))}


def same_as_returned() -> str:
    return _("These are the very figures that were returned. If they are right, send them all the same and explain.")
