"""Numbers that cannot be, and numbers that are usually a mistake: asked about before they are taken."""

from __future__ import annotations

from datetime import date

from django.utils.translation import gettext as _

from ..figures import rules
from ..figures.rules import Doubt, Figures
from ..figures.standings import Standing
from ..models import Unit
from ..text.formatting import number, signed


def questions(
    unit: Unit, standing: Standing, figures: Figures, *, day: date, is_total: bool = False
) -> dict[Doubt, str]:
    """What is asked before the figures of the day are taken; `is_total` when a cumulative was typed."""
    days = (day - (figures.covers_from or day)).days + 1
    found = rules.doubts(standing.known, figures, mean=standing.mean, days=days, is_total=is_total)
    return {doubt: _question(doubt, unit, standing, figures) for doubt in found}


def _question(doubt: Doubt, unit: Unit, standing: Standing, figures: Figures) -> str:
    known = standing.known
    installs, before = rules.day_installs(known, figures), rules.total_before(known, figures)
    match doubt:
        case Doubt.LIKE_A_TOTAL:
            words = _(
                "%(installs)s is close to or above the %(before)s installed so far: is it the total, not the day's?"
            )
            return words % {"installs": number(installs), "before": number(before)}
        case Doubt.TOTAL_ABOVE_PEOPLE:
            words = (
                _("The total of %(total)s would be more than the %(population)s staff of the unit.")
                if unit.is_agency
                else _("The total of %(total)s would be more than the %(population)s people of the unit.")
            )
            total = before + installs + rules.day_adjustment(known, figures)
            return words % {"total": number(total), "population": number(known.population)}
    words = _("%(installs)s is more than five times the usual %(mean)s a day of the last reported days.")
    return words % {"installs": number(installs), "mean": number(round(standing.mean))}


def unusual_adjustment(adjustment: int, mean: float) -> str:
    words = _("%(adjustment)s is more than five times the usual %(mean)s a day of the last reported days.")
    return words % {"adjustment": signed(adjustment), "mean": number(round(mean))}


def same_as_returned() -> str:
    return _("These are the very figures that were returned. If they are right, send them all the same and explain.")
