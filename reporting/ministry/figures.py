"""Our figures beside the ministry's, for the same unit, day and metric. Only where we claim more is marked.

People also install by themselves, so the ministry may well count more than a unit has reported.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.db.models import Window
from django.db.models.functions import RowNumber

from ..figures import rollup
from ..figures.rollup import DayRollup, Row
from ..models import Directive, Metric, OfficialFigure, Unit

DEFAULT_THRESHOLD = Directive._meta.get_field("official_threshold").default


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """One unit's own cumulative and the ministry's count, both of the day of the ministry's figure."""

    code: str
    name: str
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
    def is_marked(self) -> bool:
        """Whether the unit claims more than the ministry counts by more than the threshold, without rounding."""
        if self.difference is None or self.official is None:
            return False
        return self.difference > self.threshold * self.official.value


@dataclass(frozen=True, slots=True, kw_only=True)
class DayComparison:
    """A unit's day in one metric: the units right below, and itself."""

    metric: str
    own: Comparison
    below: list[Comparison]

    @property
    def lines(self) -> list[Comparison]:
        """The units below, the marked ones first; then the unit itself."""
        return [*sorted(self.below, key=lambda line: not line.is_marked), self.own]

    @property
    def source(self) -> OfficialFigure | None:
        """One of the figures if all have the same day, moment and source; otherwise None."""
        figures = [line.official for line in self.lines if line.official]
        return figures[0] if len({(f.day, f.counted_at, f.source) for f in figures}) == 1 else None


def day_comparison(unit: Unit, figures: DayRollup, metric: str | None = None) -> DayComparison:
    """The comparison of a unit on the day of its rollup, and as of its instant, in a fixed number of queries.

    `metric` defaults to the newest.
    """
    rows = [*figures.children, figures.own]
    found = _newest_figures(rows, figures.day, figures.as_of)
    metric = metric or _newest_metric(found)
    of_metric = {code: figure for (code, counted), figure in found.items() if counted == metric}
    rollups = _rollups(unit, figures, {figure.day for figure in of_metric.values()})
    lines = [compare(row, of_metric.get(row.code), rollups) for row in rows]
    return DayComparison(metric=metric, own=lines[-1], below=lines[:-1])


def _rollups(unit: Unit, figures: DayRollup, days: set[date]) -> dict[date, DayRollup]:
    """The rows of the unit and of those right below by day, those of `figures` too."""
    paths = {row.path for row in [*figures.children, figures.own]}
    before = rollup.rows_of_days(unit, sorted(days - {figures.day}), figures.as_of, only=paths.__contains__)
    return {then.day: then for then in [*before, figures]}


def compare(row: Row, official: OfficialFigure | None, rollups: Mapping[date, DayRollup]) -> Comparison:
    """Compare the ministry's figure with ours of that day; if the ministry has none, use our figure from the row."""
    then = rollups.get(official.day) if official else None
    row_then = (then.by_code.get(row.code) if then else None) if official else row
    return Comparison(
        code=row.code,
        name=row.name,
        claimed=row_then.cumulative if row_then else None,
        official=official,
        threshold=then.order.official_threshold if then and then.order else DEFAULT_THRESHOLD,
    )


def _newest_figures(rows: Collection[Row], day: date, as_of: datetime | None) -> dict[tuple[str, str], OfficialFigure]:
    """The ministry's newest figure up to the day, by code and metric; the last recorded of a day."""
    codes = {row.unit_id: row.code for row in rows}
    known = OfficialFigure.objects.known(as_of).filter(unit__in=codes, day__lte=day).order_by()
    place = Window(RowNumber(), partition_by=["unit", "metric"], order_by=["-day", "-recorded_at", "-id"])
    return {(codes[figure.unit_id], figure.metric): figure for figure in known.annotate(place=place).filter(place=1)}


def _newest_metric(found: Mapping[tuple[str, str], OfficialFigure]) -> str:
    """The metric with the newest day; the first in `Metric` if several have it."""
    days = {metric: max((f.day for (_, m), f in found.items() if m == metric), default=date.min) for metric in Metric}
    return max(Metric, key=lambda metric: days[metric]).value
