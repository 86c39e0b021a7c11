"""Numbers that cannot be, and numbers that are usually a mistake: asked about before they are taken."""

from __future__ import annotations

from datetime import date

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from .. import acts
from ..acts import refusals
from ..figures import rules
from ..figures.rules import Doubt, Figures
from ..figures.standings import Standing
from ..models import Unit
from ..text import parsing
from ..text.formatting import number


def demand_that_still_missed(form: forms.Form, standing: Standing) -> None:
    """The answer that a number includes days before names the first of these; none may have a report by now.

    It is answered with the question what the number is, and not dropped: raises `ValidationError`.
    """
    name = form.add_prefix("covers")
    first, last = parsing.day(form.data.get(name, "")), standing.last_day
    if first and last and first <= last:
        form.data = form.data.copy()
        del form.data[name]
        raise ValidationError(refusals.words(acts.ReportedAlone(last)), code="reported_alone")


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


def same_as_returned() -> str:
    return _("These are the very figures that were returned. If they are right, send them all the same and explain.")
