"""Our figures beside the ministry's, for the same unit, day and metric. Only where we claim more is marked.

At the end, what is doubtful about a figure of the ministry.

People also install by themselves, so the ministry may well count more than a unit has reported.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import NamedTuple

from django.db.models import Window
from django.db.models.functions import RowNumber
from django.utils.translation import gettext as _

from ..figures import rollup
from ..figures.rollup import DayRollup, Row
from ..models import Directive, Metric, OfficialFigure, Unit
from ..text import formatting

SHOWN = 21  # days of both series
TENFOLD, SMALL = 10, 50  # times the figure before; asked only if that is above 50
RUNNING_TOTALS = (Metric.DOWNLOADS, Metric.ACCOUNTS)  # these never fall; devices in use may
DEFAULT_THRESHOLD = Directive._meta.get_field("official_threshold").default


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """One unit's own cumulative and the ministry's count, both of the day of the ministry's figure."""

    code: str
    name: str
    metric: str
    claimed: int | None  # None: nothing had been reported
    official: OfficialFigure | None  # the newest on or before the day looked at
    threshold: Decimal  # of the order in force on the day compared

    @property
    def difference(self) -> int | None:
        if self.claimed is None or self.official is None:
            return None
        return self.claimed - self.official.value

    @property
    def difference_share(self) -> Decimal | None:
        """The difference as a share of the ministry's figure; None if that is unknown or 0."""
        if self.difference is None or self.official is None or not self.official.value:
            return None
        return Decimal(self.difference) / self.official.value

    @property
    def difference_words(self) -> str:
        """The difference: "+200 (+20,00%)"; without the share if it is unknown."""
        difference, share = formatting.signed(self.difference), self.difference_share
        return difference if share is None else f"{difference} ({formatting.signed_percent(share)})"

    @property
    def is_marked(self) -> bool:
        """Whether the unit claims more than the ministry counts by more than the threshold, without rounding."""
        if self.difference is None or self.official is None:
            return False
        return self.difference > self.threshold * self.official.value


class SeriesPoint(NamedTuple):
    """One day of both series."""

    day: date
    claimed: int | None
    official: OfficialFigure | None  # of that day


@dataclass(frozen=True, slots=True, kw_only=True)
class DayComparison:
    """A unit's day in one metric: the units right below, itself, and the weeks before."""

    unit: Unit
    day: date
    metric: str
    own: Comparison
    below: list[Comparison]
    series: list[SeriesPoint]

    @property
    def lines(self) -> list[Comparison]:
        """The units below, the marked ones first; then the unit itself."""
        return [*sorted(self.below, key=lambda line: not line.is_marked), self.own]

    @property
    def source(self) -> OfficialFigure | None:
        """Any of the figures if all share day, moment and source; else None."""
        figures = [line.official for line in self.lines if line.official]
        return figures[0] if len({(f.day, f.counted_at, f.source) for f in figures}) == 1 else None


def day_comparison(unit: Unit, figures: DayRollup, metric: str | None = None) -> DayComparison:
    """The comparison of a unit on the day of its rollup, and as of its instant, in a fixed number of queries.

    `metric` defaults to the newest.
    """
    rows, day, as_of = [*figures.children, figures.own], figures.day, figures.as_of
    found = newest_figures(rows, day, as_of)
    metric = metric or _newest_metric(found)
    of_metric = {code: figure for (code, counted), figure in found.items() if counted == metric}
    first = day - timedelta(days=SHOWN - 1)
    shown = [then for then in rollup.campaign_days(unit, day) if then >= first]
    rollups = _rollups(unit, figures, {*shown, *(figure.day for figure in of_metric.values())})
    lines = [compare(row, of_metric.get(row.code), metric, rollups) for row in rows]
    return DayComparison(
        unit=unit,
        day=day,
        metric=metric,
        own=lines[-1],
        below=lines[:-1],
        series=_series(unit, metric, shown[::-1], rollups, as_of),
    )


def _rollups(unit: Unit, figures: DayRollup, days: set[date]) -> dict[date, DayRollup]:
    """The rows of the unit and of those right below by day, those of `figures` too."""
    paths = {row.path for row in [*figures.children, figures.own]}
    before = rollup.rows_of_days(unit, sorted(days - {figures.day}), figures.as_of, only=paths.__contains__)
    return {then.day: then for then in [*before, figures]}


def compare(
    row: Row,
    official: OfficialFigure | None,
    metric: str,
    rollups: Mapping[date, DayRollup],
) -> Comparison:
    """Compare the ministry's figure with ours of that day; if the ministry has none, use our figure from the row."""
    then = rollups.get(official.day) if official else None
    row_then = (then.by_code.get(row.code) if then else None) if official else row
    return Comparison(
        code=row.code,
        name=row.name,
        metric=metric,
        claimed=row_then.cumulative if row_then else None,
        official=official,
        threshold=then.order.official_threshold if then and then.order else DEFAULT_THRESHOLD,
    )


def newest_figures(
    rows: Collection[Row], day: date, as_of: datetime | None = None, *, since: date = date.min
) -> dict[tuple[str, str], OfficialFigure]:
    """The ministry's newest figure from `since` up to the day, by code and metric; the last recorded of a day."""
    codes = {row.unit_id: row.code for row in rows}
    known = OfficialFigure.objects.known(as_of).filter(unit__in=codes, day__range=(since, day)).order_by()
    place = Window(RowNumber(), partition_by=["unit", "metric"], order_by=["-day", "-recorded_at", "-id"])
    return {(codes[figure.unit_id], figure.metric): figure for figure in known.annotate(place=place).filter(place=1)}


def _newest_metric(found: Mapping[tuple[str, str], OfficialFigure]) -> str:
    """The metric with the newest day; the first in `Metric` if several have it."""
    days = {metric: max((f.day for (_, m), f in found.items() if m == metric), default=date.min) for metric in Metric}
    return max(Metric, key=lambda metric: days[metric]).value


def _series(
    unit: Unit, metric: str, days: Collection[date], rollups: Mapping[date, DayRollup], as_of: datetime | None
) -> list[SeriesPoint]:
    official = figures_by_day([unit], as_of)[unit.pk, metric]
    own = {day: rollups[day].by_code.get(unit.code) for day in days}
    return [
        SeriesPoint(day=day, claimed=row.cumulative if row else None, official=official.get(day))
        for day, row in own.items()
    ]


def figures_by_day(
    units: Collection[Unit], as_of: datetime | None = None
) -> dict[tuple[int, str], dict[date, OfficialFigure]]:
    """The ministry's last recorded figure of each day, by unit and metric, then by day."""
    found: dict[tuple[int, str], dict[date, OfficialFigure]] = defaultdict(dict)
    recorded = OfficialFigure.objects.known(as_of).filter(unit__in=units)
    for figure in recorded.order_by("recorded_at", "id"):
        found[figure.unit_id, figure.metric][figure.day] = figure
    return found


def doubts(row: OfficialFigure) -> list[str]:
    """The questions about a figure, compared with those of other days; a value that is in force raises none."""
    known = figures_by_day([row.unit])[row.unit.pk, row.metric]
    values = {day: figure.value for day, figure in known.items()}
    return [*figure_doubts(row.value, row.day, row.metric, values).values()] if values.get(row.day) != row.value else []


def figure_doubts(value: int, day: date, metric: str, known: Mapping[date, int]) -> dict[str, str]:
    """The doubts about a figure of the day, compared with those of other days, each with its question."""
    before = max((other for other in known if other < day), default=None)
    after = min((other for other in known if other > day), default=None)
    said, found = formatting.number(value), {}
    for other, is_falling in ((after, after and value > known[after]), (before, before and value < known[before])):
        if metric in RUNNING_TOTALS and other and is_falling:
            words = _("%(value)s does not fit the %(other)s of %(day)s: this count never falls.")
            about = {"value": said, "other": formatting.number(known[other]), "day": formatting.day(other)}
            found["falling"] = words % about
    if before and known[before] > SMALL and value >= known[before] * TENFOLD:
        words = _("%(value)s is ten times the %(other)s of %(day)s, or more: a digit too many?")
        about = {"value": said, "other": formatting.number(known[before]), "day": formatting.day(before)}
        found["tenfold"] = words % about
    return found
