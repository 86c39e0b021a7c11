"""Questions about figures that are usually mistakes: in a report or a new population."""

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from django.utils.translation import gettext as _, gettext_lazy, ngettext

from ..text.formatting import number
from .rules import KnownDay, SentFigures, day_installs, total_before
from .standings import Standing

SMALL_TOTAL = 50  # LIKE_A_TOTAL and TENFOLD are asked only above this number
SMALL_NUMBER = 10  # UNUSUAL is asked only above this number, however low the mean
UNUSUAL = 5  # times the mean
TENFOLD = 10  # times what was counted before


class Doubt(StrEnum):
    LIKE_A_TOTAL = "like_a_total"  # the day's number looks like the total
    TENFOLD = "tenfold"  # ten times an earlier number, or more: maybe a digit too many
    TOTAL_ABOVE_PEOPLE = "total_above_people"
    UNUSUAL = "unusual"  # many times the mean of the last reported days
    FAR = "far"  # differs from the population in force by over a fifth
    BELOW_INSTALLS = "below_installs"


# A report.


def questions(
    known: KnownDay, figures: SentFigures, *, mean: float | None, mean_days: int, days: int = 1, is_total: bool = False
) -> dict[Doubt, str]:
    """The doubts about the figures of a report, each with its question.

    `mean` is the installs a day over the last `mean_days` reported days, or None. The figures cover `days` days.
    `is_total` says that the person gave the total, alone or beside the day's number.
    """
    installs, before, people = day_installs(known, figures), total_before(known, figures), known.population
    total, found = before + installs + known.adjustment, {}
    about = {"installs": number(installs), "before": number(before), "total": number(total)}
    if not is_total and installs > SMALL_TOTAL and before > 0 and installs * 5 >= before * 4:
        found[Doubt.LIKE_A_TOTAL] = _(
            "%(installs)s is close to or above the %(before)s installed so far: is it the total, not the day's?"
        )
    if is_total and mean is None and before > SMALL_TOTAL and total >= before * TENFOLD:
        found[Doubt.TENFOLD] = _(
            "The total of %(total)s is ten times the %(before)s installed so far, or more: a digit too many?"
        )
    if people is not None and total > people:
        found[Doubt.TOTAL_ABOVE_PEOPLE] = (
            _("The total of %(total)s would be more than the %(population)s staff of the unit.")
            if known.counts_staff
            else _("The total of %(total)s would be more than the %(population)s people of the unit.")
        )
    asked = {doubt: words % {**about, "population": number(people)} for doubt, words in found.items()}
    if unusual := _unusual(installs, number(installs), mean, mean_days, days):
        asked[Doubt.UNUSUAL] = unusual
    return asked


def questions_of_a_form(known: Standing, day: date, figures: SentFigures) -> dict[Doubt, str]:
    """The `questions` that a form asks about figures sent for `day`."""
    days, is_total = (day - (figures.covers_from or day)).days + 1, figures.cumulative is not None
    return questions(known, figures, mean=known.mean, mean_days=known.mean_days, days=days, is_total=is_total)


def _unusual(installs: int, value: str, mean: float | None, mean_days: int, days: int = 1) -> str:
    if mean is None or installs <= SMALL_NUMBER or installs <= mean * UNUSUAL * days:
        return ""
    words = ngettext(
        "%(value)s is more than five times the mean of the %(days)s day reported before (%(mean)s a day).",
        "%(value)s is more than five times the mean of the %(days)s days reported before (%(mean)s a day).",
        mean_days,
    )
    return words % {"value": value, "days": number(mean_days), "mean": number(round(mean))}


def usual_at_most(known: KnownDay, *, mean: float | None) -> int | None:
    """The largest number of one day that raises no question; None if there is nothing to compare with.

    A page uses it while somebody types; `questions` decides.
    """
    before = known.before + known.merged_sum
    bounds = [max(SMALL_NUMBER, int(mean * UNUSUAL))] if mean is not None else []
    if known.population:
        bounds.append(known.population - before - known.adjustment)
    if before > 0:
        bounds.append(max(SMALL_TOTAL, -(-before * 4 // 5) - 1))
    return max(min(bounds), 0) if bounds else None


# A population.


WORDS = {
    Doubt.FAR: gettext_lazy(
        "The population would be %(population)s instead of %(other)s, a difference of more than a fifth. Is it right?"
    ),
    Doubt.BELOW_INSTALLS: gettext_lazy(
        "A population of %(population)s is less than the %(other)s installed so far. Is it right?"
    ),
}


@dataclass(frozen=True, slots=True)
class Doubtful:
    """A doubt about `value`, which was compared with `other`."""

    doubt: Doubt
    other: int
    value: int | None = field(default=None, compare=False)  # the doubtful figure

    @property
    def question(self) -> str:
        return WORDS[self.doubt] % {"population": number(self.value), "other": number(self.other)}


def population_doubts(population: int, *, before: int | None, cumulative: int | None) -> list[Doubtful]:
    """The doubts about a population; `before` is the one in force, `cumulative` what the unit counts now."""
    found = []
    if before is not None and abs(population - before) * 5 > before:
        found.append(Doubtful(Doubt.FAR, before, value=population))
    if cumulative is not None and population < cumulative:
        found.append(Doubtful(Doubt.BELOW_INSTALLS, cumulative, value=population))
    return found
