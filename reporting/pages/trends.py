"""The trend of a unit: its recent days, the pace, the chart of progress, and remarks on what is missing."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _

from .. import charts
from ..charts import Chart, Multiple
from ..days.look_back import newest_seal, newest_seals
from ..days.status import END_OF_TIME
from ..figures import fields, history, pace, query, rollup, since_seal, statements
from ..figures.pace import PastDay, RecentDays, TargetDay
from ..figures.rates import NO_RATE
from ..figures.rollup import DayRollup, Row
from ..figures.statements import Statement, Subject, Verdict
from ..models import Seal, Unit
from ..text import formatting
from ..text.formatting import number, percent

DAYS_SHOWN = 14  # days, the day itself included
NAMES_SHOWN = 5  # units without a population


@dataclass(frozen=True)
class Trend:
    """The days up to one day, oldest first, and the pace over them."""

    unit: Unit
    figures: DayRollup
    recent: RecentDays
    pace: pace.Pace | None
    seal: Seal | None = None  # of the day

    @property
    def yesterday(self) -> PastDay | None:
        """The day before, summed over the units of this day; None if nothing was due then."""
        day_before = self.figures.day - timedelta(days=1)
        return next((past for past in self.recent.days if past.day == day_before), None)

    @property
    def verdict(self) -> Verdict | None:
        return statements.verdict(self.subject)

    @property
    def subject(self) -> Subject:
        is_restated = self.figures.day in self.recent.restated_on
        about: dict[str, Any] = {"pace": self.pace, "before": self.yesterday, "is_before_restated": is_restated}
        return statements.subject(self.figures, seal=self.seal, **about)

    @property
    def base_words(self) -> list[str]:
        """The other counts so far, with their base: "households visited 46/5.200 (0,88%)"."""
        sentences, own = [], self.figures.own
        for count in fields.EXTRAS:
            visited = getattr(own, count.so_far) if count.so_far else None
            share = query.share_of(visited or None, getattr(own, count.base) if count.base else None)
            if share is not None:
                about = {"visited": number(visited), "base": number(getattr(own, count.base)), "share": percent(share)}
                sentences.append(count.words_of_base % about)
        return sentences


def trend(unit: Unit, figures: DayRollup, *, at: datetime, seal: Seal | None = None) -> Trend:
    """The trend up to the day of `figures`, as known at the moment of `figures`."""
    recent = history.history(unit, figures, trend_days(unit, figures.day))
    own = pace_of(figures.own, figures, recent, at=at, then=target_day(unit, figures))
    return Trend(unit, figures, recent, own, seal)


def target_day(unit: Unit, figures: DayRollup) -> TargetDay | None:
    """What the unit had on the target date, once that is sealed or over; None if it has what that seal of now says."""
    end, own = figures.order.target_date if figures.order else None, figures.own
    if end is None or figures.day < end:
        return None
    seal = newest_seal(unit, end, figures.as_of)
    if figures.day == end and (seal is None or seal.at == figures.as_of):
        return None
    then = rollup.rows(unit, end, seal.at if seal else figures.as_of)
    row = then.by_code.get(unit.code)
    if row is None or row.target is None or (figures.day == end and row.share == own.share):
        return None
    reached_on, since = None, (figures.day - end).days
    if own.is_target_reached and not row.is_target_reached:
        days = [end + timedelta(days=later) for later in range(1, since)] if since < DAYS_SHOWN else []
        later = [*rollup.rows_of_days(unit, days, figures.as_of), figures] if days or since == 1 else []
        reached_on = next((one.day for one in later if one.own.is_target_reached), None)
    sealed_at, is_less = seal.at if seal else None, (own.cumulative or 0) < (row.cumulative or 0)
    is_asked = is_less and not own.is_country  # which has too many changes
    causes = since_seal.causes_since(figures, sealed_at or then.until(END_OF_TIME)) if is_asked else []
    is_corrected = any(one.delta < 0 for one in causes)  # what a split gave away is no correction
    return TargetDay(day=end, row=row, sealed_at=sealed_at, reached_on=reached_on, is_corrected=is_corrected)


def after_hour(history: Trend, until: datetime, moment: str) -> list[Statement]:
    """What counted after the hour up to which the figures are, or after the seal if they are not as sealed.

    Not of a country, which has too many changes.
    """
    about, figures, seal = history.subject, history.figures, history.seal
    if history.unit.is_country:
        return []
    if seal and seal.at != figures.as_of and (then := since_seal.since_seal(figures, seal)) and then.causes:
        return list(statements.since_seal(about, then))
    return statements.after_hour(about, until, since_seal.causes_since(figures, until), moment)


def earlier_seal(history: Trend) -> list[Statement]:
    """What the newest seal of an earlier day said otherwise, for the paper; empty without such a seal."""
    shown, figures = {past.day: past for past in history.recent.days[:-1]}, history.figures
    seals = newest_seals(history.unit, min(shown), max(shown), figures.as_of) if shown else {}
    if not seals.keys() & shown.keys():
        return []
    day = max(seals.keys() & shown.keys())
    row = since_seal.sealed_row(seals[day], figures.own.path)
    return statements.earlier_seal(history.subject, row, shown[day]) if row else []


def paces(history: Trend, *, at: datetime) -> dict[str, pace.Pace | None]:
    """The paces of the units right below, by code."""
    figures, recent = history.figures, history.recent
    return {row.code: pace_of(row, figures, recent, at=at) for row in figures.children}


def pace_of(
    row: Row, figures: DayRollup, recent: RecentDays, *, at: datetime, then: TargetDay | None = None
) -> pace.Pace | None:
    """The pace of a row of the figures, as of their moment. `recent` are the days of the unit of the figures."""
    directive = figures.order
    return pace.pace_of(
        cumulative=row.cumulative,
        target=row.target if directive else None,
        target_date=directive.target_date if directive else None,
        day=figures.day,
        rate=recent.rates.by_code.get(row.code, NO_RATE),
        is_hour_over=figures.hours.is_last_over(row.path, figures.as_of or at),
        then=then,
    )


def progress(history: Trend) -> Chart | None:
    """The chart of progress, or None."""
    own = history.figures.own
    return charts.progress(
        history.recent.days,
        provisional=str(history.subject.provisional or ""),
        target_share=own.target_share,
        projection=pace.project(own, history.pace, history.recent.rates),
    )


def outlook(history: Trend) -> str:
    """The picture of the shares and of the path to the target."""
    own = history.figures.own
    return charts.outlook(
        history.recent.days,
        provisional=str(history.subject.provisional or ""),
        target_share=own.target_share,
        projection=pace.project(own, history.pace, history.recent.rates),
    )


def multiples(history: Trend) -> list[Multiple]:
    """The lines of the units right below, the lowest share first."""
    figures, recent = history.figures, history.recent
    until = figures.order.target_date if figures.order else None
    about = [statements.subject(figures, row, seal=history.seal) for row in figures.children]
    provisional = {one.row.code: str(one.provisional) for one in about if one.provisional}
    return charts.multiples(figures.children, recent.days, recent.below, until=until, provisional=provisional)


def trend_days(unit: Unit, day: date) -> list[date]:
    """The days that a trend up to `day` shows, oldest first: only those on which the unit existed."""
    first = day - timedelta(days=DAYS_SHOWN - 1)
    before = [then for then in rollup.campaign_days(unit, day)[:DAYS_SHOWN] if first <= then < day]
    return [*reversed(before), day]


def remarks(figures: DayRollup) -> list[str]:
    """Why there is little to see: no directive, no report, no population, or no unit below."""
    own, words = figures.own, []
    is_superior = own.is_superior_level
    if figures.order is None:
        words.append(_("No directive covers this day yet: no report is due."))
    elif own.cumulative is None and is_superior and not (figures.agency_total and figures.agency_total.reported):
        words.append(_("No report has arrived yet: shares, ranks and charts appear with the first one."))
    if own.is_reporting:
        if is_superior:
            words.append(_("This unit has no units below it and reports for itself."))
    elif lacking := [row for row in figures.lowest if row.population is None and not row.is_agency]:
        lacking.sort(key=lambda row: (row.sort_key, row.code))
        names = formatting.listed([row.name for row in lacking], NAMES_SHOWN)
        words.append(_("No share for the whole unit: the population of %(names)s is not recorded.") % {"names": names})
    return words


def earlier_cumulatives(unit: Unit, figures: DayRollup) -> list[Mapping[str, int | None] | None]:
    """The cumulatives of the day's units one day and one week before, by code; None before the campaign."""
    days = [figures.day - timedelta(days=back) for back in (1, 7)]
    earlier = rollup.earlier(unit, figures, [day for day in rollup.campaign_days(unit, figures.day) if day in days])
    by_day = {then.day: {code: row.cumulative for code, row in then.by_code.items()} for then in earlier}
    return [by_day.get(day) for day in days]
