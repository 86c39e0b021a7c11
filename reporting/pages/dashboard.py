"""What the dashboard of a unit shows beside its day: the days before it, the pace, and the charts drawn from them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Q, Sum
from django.utils.translation import gettext as _

from ..figures import days_before, fields, kept, lately, pace, rollup
from ..figures.days_before import OfDay
from ..figures.query import last_by
from ..figures.rollup import DayRollup, Row
from ..models import Report, Revision, Unit
from ..text import formatting
from ..text.formatting import number, percent

SHOWN = 14  # days, the day itself included
NAMED = 5  # units without a population
READ = SHOWN + pace.MEAN_OVER  # the mean of the first day shown needs those before it


@dataclass(frozen=True)
class History:
    """The days up to one day, oldest first, as they are now or as they were known at an instant."""

    day: date
    of_days: Sequence[OfDay]
    lately: pace.Lately
    pace: pace.Pace | None
    so_far: dict[str, int | None]  # up to the day, by column, of what is counted beside the installs

    @property
    def days(self) -> list[tuple[date, Row]]:
        """The unit's own row of each day."""
        return [(of_day.day, of_day.own) for of_day in self.of_days]

    @property
    def several_words(self) -> str:
        """How much of the day's new installs is of several days."""
        return self.lately.several_words(self.day)

    @property
    def of_bases(self) -> list[str]:
        """How many of all that there are were counted so far: "households visited 46/5.200 (0,88%)"."""
        found = []
        for count in _with_base(self.of_days[-1].own):
            visited, base = self.so_far[count.column], getattr(self.of_days[-1].own, count.base)
            share = rollup.share_of(visited, base)
            if share is not None:
                figures = {"visited": number(visited), "base": number(base), "share": percent(share)}
                found.append(count.words_of_base % figures)
        return found

    @property
    def shown(self) -> list[tuple[date, Row]]:
        return self.days[-SHOWN:]

    def under_way(self, figures: DayRollup, *, at: datetime) -> date | None:
        """The day, while somebody may still report it in time and has not."""
        is_over = figures.hours.is_last_over(figures.own.path, figures.as_of or at)
        return self.day if figures.own.missing and not is_over else None

    def installs_of(self, code: str) -> list[int | None]:
        """The new installs of a unit below on each of the days shown."""
        return [of_day.installs.get(code) for of_day in self.of_days[-SHOWN:]]


def history(unit: Unit, figures: DayRollup, *, at: datetime) -> History:
    """The days of the campaign up to that of `figures`, seen at the moment that they are seen at."""
    first = figures.day - timedelta(days=READ - 1)
    days = [day for day in rollup.campaign_days(unit, figures.day)[:READ] if first <= day < figures.day]
    of_days = days_before.of(unit, figures, days[::-1])
    found = lately.of(unit, of_days, figures.as_of)
    is_over = figures.hours.is_last_over(figures.own.path, figures.as_of or at)
    return History(
        day=figures.day,
        of_days=of_days,
        lately=found,
        pace=pace.of(
            cumulative=figures.own.cumulative,
            target=figures.own.target if figures.directive else None,
            target_date=figures.directive.target_date if figures.directive else None,
            day=figures.day,
            lately=found,
            is_day_open=figures.own.missing > 0 and not is_over,
            units=figures.senders.units,
        ),
        so_far=_so_far(unit, figures),
    )


def _with_base(own: Row) -> list[fields.Count]:
    return [count for count in fields.BESIDE if count.base and getattr(own, count.base)]


def _so_far(unit: Unit, figures: DayRollup) -> dict[str, int | None]:
    """All that the unit, and those below it, have counted up to the day, where it is known how many there are.

    What a closed unit had counted goes on where its people are counted now.
    """
    counts = _with_base(figures.own)
    if not counts:
        return {}
    joined, left = lately.moved_units(unit, figures.day)
    if figures.as_of is None and not (figures.own.is_reporting or joined or left):
        return kept.so_far(unit, figures.day, counts)
    sums = {count.column: Sum(count.column) for count in counts}
    inside = Q(unit__path__startswith=unit.path) | Q(unit__in=joined)
    counted = Report.objects.filter(inside & ~Q(unit__in=left), day__lte=figures.day)
    if not unit.is_agency:
        counted = counted.filter(unit__in=Unit.objects.residents())
    if figures.as_of is None:
        return counted.aggregate(**sums)
    return last_by(Revision.objects.filter(report__in=counted), figures.as_of).aggregate(**sums)


def remarks(figures: DayRollup) -> list[str]:
    """Why there is little to see, in words: no order yet, no report yet, no population, no unit below."""
    own, words = figures.own, []
    is_superior = own.is_superior_level
    if figures.directive is None:
        words.append(_("No directive covers this day yet: no unit owes a report."))
    elif own.cumulative is None and is_superior:
        words.append(_("No report has arrived yet: shares, ranks and charts appear with the first one."))
    if own.is_reporting:
        if is_superior:
            words.append(_("No unit lies below this one: it reports for itself."))
    elif lacking := _without_population(figures):
        names = formatting.listed([row.name for row in lacking], NAMED)
        words.append(_("No share of the whole: the population is not recorded of %(names)s.") % {"names": names})
    return words


def _without_population(figures: DayRollup) -> list[Row]:
    """The units that keep the sum of the population from being known."""
    rows = [row for row in figures.by_code.values() if row.is_reporting and row.population is None]
    return sorted([row for row in rows if not row.is_agency], key=lambda row: (row.sort_key, row.code))


def compared(unit: Unit, figures: DayRollup) -> tuple[DayRollup | None, DayRollup | None]:
    """The rollups of the day before and of the week before; None for what lies before the campaign or the unit."""
    days = [figures.day - timedelta(days=back) for back in (1, 7)]
    asked = [day for day in rollup.campaign_days(unit, figures.day) if day in days]
    found = {then.day: then for then in rollup.rows_of_days(unit, asked, figures.as_of)} if asked else {}
    yesterday, week_ago = [found.get(day) for day in days]
    return yesterday, week_ago
