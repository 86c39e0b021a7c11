"""The questions about doubtful figures, the same for form, grid and import."""

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from ..figures import doubts, rules
from ..figures.doubts import Doubtful
from ..figures.rules import Doubt, Figures, Known
from ..text.formatting import day as written_day
from ..text.formatting import number, signed


def questions(
    known: Known, figures: Figures, *, mean: float | None, mean_days: int, days: int = 1, is_total: bool = False
) -> dict[Doubt, str]:
    """The doubts about the figures in words. `rules.doubts` explains the arguments; `mean` is of `mean_days`."""
    doubted = rules.doubts(known, figures, mean=mean, days=days, is_total=is_total)
    return {doubt: _question(doubt, known, figures, mean, mean_days) for doubt in doubted}


def _question(doubt: Doubt, known: Known, figures: Figures, mean: float | None, mean_days: int) -> str:
    installs, before = rules.day_installs(known, figures), rules.total_before(known, figures)
    total = before + installs + rules.day_adjustment(known, figures)
    match doubt:
        case Doubt.LIKE_A_TOTAL:
            words = _(
                "%(installs)s is close to or above the %(before)s installed so far: is it the total, not the day's?"
            )
            return words % {"installs": number(installs), "before": number(before)}
        case Doubt.TENFOLD:
            words = _("The total of %(total)s is ten times the %(before)s installed so far, or more: a digit too many?")
            return words % {"total": number(total), "before": number(before)}
        case Doubt.FIRST_TOTAL:
            words = _(
                "%(installs)s would count as new installs of the day. What was installed before the unit was made "
                "counts where its people were: is it all new?"
            )
            return words % {"installs": number(installs)}
        case Doubt.TOTAL_ABOVE_PEOPLE:
            words = (
                _("The total of %(total)s would be more than the %(population)s staff of the unit.")
                if known.counts_staff
                else _("The total of %(total)s would be more than the %(population)s people of the unit.")
            )
            return words % {"total": number(total), "population": number(known.population)}
    return _far_above(number(installs), mean or 0, mean_days)


def _far_above(value: str, mean: float, days: int) -> str:
    words = ngettext(
        "%(value)s is more than five times the mean of the %(days)s day reported before (%(mean)s a day).",
        "%(value)s is more than five times the mean of the %(days)s days reported before (%(mean)s a day).",
        days,
    )
    return words % {"value": value, "days": number(days), "mean": number(round(mean))}


def of_figures_returned() -> str:
    """The question if a returned report is sent again with the same figures."""
    return _("These are the figures that were returned. If they are right, send them again with an explanation.")


def of_an_adjustment(adjustment: int, mean: float, mean_days: int) -> str:
    """The question about an adjustment that is many times the installs of a day."""
    return _far_above(_("An adjustment of %(signed)s") % {"signed": signed(adjustment)}, mean, mean_days)


def of_a_base_figure(population: int | None, found: Doubtful) -> str:
    """The question about a doubtful population."""
    about = {"population": number(population), "other": number(found.other)}
    if found.doubt is doubts.Doubt.FAR:
        return _("A population of %(population)s instead of %(other)s: more than a fifth apart. Is it right?") % about
    if found.doubt is doubts.Doubt.FIXED_LATER:
        return _(
            "The merger of %(day)s was recorded with a population of %(other)s for %(unit)s, which does not follow "
            "this figure: record that one anew too, or explain."
        ) % {**about, "day": written_day(found.day), "unit": found.unit}
    return _("A population of %(population)s is less than the %(other)s installed so far. Is it right?") % about


def of_the_ministry(value: int, found: Doubtful) -> str:
    """The question about a doubtful figure of the ministry."""
    about = {
        "value": number(value),
        "other": number(found.other),
        "day": written_day(found.day) if found.day else "",
    }
    match found.doubt:
        case doubts.Doubt.FALLING:
            return _("%(value)s does not go with the %(other)s of %(day)s: this count does not become less.") % about
        case doubts.Doubt.TENFOLD:
            return _("%(value)s is ten times the %(other)s of %(day)s, or more: a digit too many?") % about
    return _("%(value)s is more than the %(other)s people of the unit.") % about
