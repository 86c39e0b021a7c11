"""The ministry's own figures: a line for a unit, a column for each of the things that it counts."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ...acts import ministry, questions
from ...figures import official_series, rollup
from ...hours import deadline
from ...models import Metric, OfficialFigure, Unit
from ...people import access
from ...text.formatting import day as written_day
from ...text.formatting import moment, number
from .. import share
from ..columns import DAY, POPULATION, SHARE, SOURCE, UNIT, Column
from ..layout import SheetLine, Table
from ..named_units import Directory
from ..plan import LineReader, Plan, Row, RowOutcome, Sent, day, figure, state_of
from ..unit_lines import resolve

COLUMNS = (
    *UNIT,
    replace(DAY, heads=f"{DAY.heads}; tinh den ngay", note=gettext_lazy("Left empty: the day given beside the file.")),
    Column(
        str(Metric.DOWNLOADS),
        gettext_lazy("Downloads"),
        "luot tai; so luot tai; luot tai ve; so luot tai ve; luot cai dat; so luot cai dat; downloads",
        is_number=True,
    ),
    Column(
        str(Metric.ACCOUNTS),
        gettext_lazy("Accounts with a phone number"),
        "tai khoan co so dien thoai; tai khoan; so tai khoan; so tai khoan co so dien thoai;"
        "accounts with a phone number; accounts",
        is_number=True,
        width=16,
    ),
    Column(
        str(Metric.DEVICES),
        gettext_lazy("Active devices"),
        "may dang hoat dong; thiet bi dang hoat dong; thiet bi hoat dong; so thiet bi; so may hoat dong;"
        "active devices; devices",
        is_number=True,
    ),
    replace(SOURCE, note=gettext_lazy("Left empty: the source given beside the file.")),
    SHARE,
    replace(POPULATION, is_only_compared=True),
)
METRICS = tuple(str(metric) for metric in Metric)
TITLES = {column.key: column.title for column in COLUMNS}


def plan(table: Table, sent: Sent) -> Plan:
    """What the file will do, as things stand now."""
    _units, directory = scope(sent, {sent.options["day"]})
    lines, rows = resolve(table, directory, sums=[], titles=TITLES, counts=METRICS, has_groups=False)
    found = state_of([])
    counts, first = [], {}
    for line, unit in lines:
        errors, read = _read(line, unit, sent)
        for count in read:
            other = first.setdefault((unit.pk, count.day, count.metric), line)
            if other is not line:
                words = _("The unit stands in line %(line)s already.") % {"line": other.row}
                errors.append(_row(line, count, RowOutcome.ERROR, words=words))
        rows += errors
        counts += [] if errors else [(line, count) for count in read]
    stands = _standing([count for _line, count in counts])
    asking = _Asking([count for _line, count in counts], sent)
    writes = []
    for line, count in counts:
        before = stands.get((count.unit.pk, count.day, count.metric))
        said = (count.counted_at, count.value, count.source)
        outcome = RowOutcome.NEW if before is None else RowOutcome.UNCHANGED if before == said else RowOutcome.CHANGED
        asked = asking.about(line, count) if outcome is not RowOutcome.UNCHANGED else ()
        rows.append(_row(line, count, outcome, before=number(before[1]) if before else "", asked=asked))
        if outcome is not RowOutcome.UNCHANGED:
            writes.append(replace(count, explanation=sent.explanation if asked else ""))
    return Plan(sorted(rows, key=lambda row: row.place), writes, [], found)


def apply(writes: list, sent: Sent, *, now: datetime) -> None:
    """Write what was planned, inside the lock."""
    top = access.top_of(sent.by)
    ministry.record(top=top, rows=writes, by=sent.by, at=sent.at, now=lambda: now)


def scope(sent: Sent, days: set[date]) -> tuple[list[Unit], Directory]:
    """All units of the population: the ministry counts the phones of a place, be it a commune, a district, the city."""
    on = max(days)
    top = access.top_of(sent.by)
    units = list(Unit.objects.below(top).residents().open_on(on).named(on))
    parents = {unit.parent_id for unit in units}
    return units, Directory(units, [unit for unit in units if unit.pk in parents])


class _Asking:
    """What is asked of each figure: beside the figures of other days, those of the file too, and beside the people."""

    def __init__(self, counts: list[ministry.Count], sent: Sent):
        self.series = official_series.series({count.unit for count in counts})
        for count in counts:
            self.series[count.unit.pk, count.metric][count.day] = count.value
        days = sorted({count.day for count in counts})
        top = access.top_of(sent.by)
        self.figures = {figures.day: figures.by_code for figures in rollup.rows_of_days(top, days)} if days else {}
        self.compared: set[int] = set()  # the lines whose share was

    def about(self, line: SheetLine, count: ministry.Count) -> tuple[str, ...]:
        row = self.figures[count.day].get(count.unit.code)
        population = row.population if row else None
        known = self.series[count.unit.pk, count.metric]
        found = official_series.doubts(count.value, count.day, count.metric, known, population=population)
        asked = [questions.of_the_ministry(count.value, one) for one in found]
        if line.row not in self.compared:  # a share is that of the first of the figures beside it
            self.compared.add(line.row)
            asked += filter(None, [share.difference(line.cells.get(SHARE.key), count.value, population)])
        return tuple(asked)


def _read(line: SheetLine, unit: Unit, sent: Sent) -> tuple[list[Row], list[ministry.Count]]:
    """The figures of a line; or what is wrong with its cells."""
    reader = LineReader(line, unit.full_name, TITLES)
    values = {key: reader.take(figure, key) for key in METRICS}
    of_day = reader.take(day, "day") or sent.options["day"]
    if of_day > deadline.reporting_day(sent.at):
        reader.refuse("day", _("%(day)s is still to come.") % {"day": written_day(of_day)})
    source = reader.source(sent.options["source"], is_needed=True)
    if reader.rows:
        return reader.rows, []
    counted_at = min(deadline.closes_at(of_day), sent.at)
    return [], [
        ministry.Count(unit=unit, day=of_day, metric=key, counted_at=counted_at, value=value, source=source)
        for key, value in values.items()
        if value is not None
    ]


def _row(
    line: SheetLine,
    count: ministry.Count,
    outcome: RowOutcome,
    *,
    before: str = "",
    words: str = "",
    asked: tuple[str, ...] = (),
) -> Row:
    what = f"{TITLES[count.metric]}, {written_day(count.day)}"
    told = words or _("as of %(moment)s, %(source)s") % {"moment": moment(count.counted_at), "source": count.source}
    about = (line.where(count.metric), count.unit.full_name, what, outcome, before, number(count.value), told)
    return Row(*about, asked=asked)


def _standing(counts: list[ministry.Count]) -> dict[tuple[int, date, str], tuple[datetime, int, str]]:
    """The last that was recorded of each unit, day and metric."""
    of_these = OfficialFigure.objects.filter(
        unit__in={count.unit.pk for count in counts}, day__in={count.day for count in counts}
    ).order_by("recorded_at", "id")
    return {(f.unit_id, f.day, f.metric): (f.counted_at, f.value, f.source) for f in of_these}
