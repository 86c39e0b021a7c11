"""The ministry's own figures: a line for a unit, a column for each of the things that it counts."""

from __future__ import annotations

from collections.abc import Sequence
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
from ...text.formatting import moment
from .. import share
from ..columns import DAY, POPULATION, SHARE, SOURCE, UNIT, Column, Kind
from ..layout import SheetLine, Table
from ..named_units import Directory
from ..plan import LineReader, Plan, RowOutcome, Sent, day, state_of, unchanged
from ..unit_lines import resolve

COLUMNS = (
    *UNIT,
    replace(DAY, heads=f"{DAY.heads}; tinh den ngay", note=gettext_lazy("Left empty: the day given beside the file.")),
    Column(
        str(Metric.DOWNLOADS),
        gettext_lazy("Downloads"),
        "luot tai; so luot tai; luot tai ve; so luot tai ve; luot cai dat; so luot cai dat; downloads",
        is_number=True,
        is_of_a_day=True,
    ),
    Column(
        str(Metric.ACCOUNTS),
        gettext_lazy("Accounts with a phone number"),
        "tai khoan co so dien thoai; tai khoan; so tai khoan; so tai khoan co so dien thoai;"
        "accounts with a phone number; accounts",
        is_number=True,
        is_of_a_day=True,
        width=16,
    ),
    Column(
        str(Metric.DEVICES),
        gettext_lazy("Active devices"),
        "may dang hoat dong; thiet bi dang hoat dong; thiet bi hoat dong; so thiet bi; so may hoat dong;"
        "active devices; devices",
        is_number=True,
        is_of_a_day=True,
    ),
    replace(SOURCE, note=gettext_lazy("Left empty: the source given beside the file.")),
    SHARE,
    replace(POPULATION, is_only_compared=True),
)


def plan(table: Table, sent: Sent) -> Plan:
    """What the file will do, as things stand now."""
    still_stands = unchanged(state_of)
    lines, rows = resolve(table, scope(sent, {sent.options["day"]}), has_groups=False)
    read, first = [], {}
    for line, unit in lines:
        reader = LineReader(line, unit.full_name)
        counts = _read(reader, unit, sent)
        for count in counts:
            about = {"what": _what(reader, count), "after": count.value}
            reader.refuse_twice(first, (unit.pk, count.day, count.metric), count.metric, **about)
        rows += reader.rows
        read += [] if reader.rows else [(LineReader(line, unit.full_name), count) for count in counts]
    stands, asking, writes = _standing([count for _reader, count in read]), _Asking(read, sent), []
    for reader, count in read:
        before = stands.get((count.unit.pk, count.day, count.metric))
        outcome = RowOutcome.between(before, (count.counted_at, count.value, count.source))
        asked = asking.about(reader.line, count) if outcome != RowOutcome.UNCHANGED else ()
        words = _("as of %(moment)s, %(source)s") % {"moment": moment(count.counted_at), "source": count.source}
        shown = (before and before[1], count.value, words)
        reader.tell(count.metric, outcome, *shown, what=_what(reader, count), asked=asked)
        rows += reader.rows
        if outcome != RowOutcome.UNCHANGED:
            writes.append(replace(count, explanation=sent.explanation if asked else ""))
    return Plan(rows, writes, still_stands)


def apply(writes: list, sent: Sent, *, now: datetime) -> None:
    """Write what was planned, inside the lock."""
    top = access.top_of(sent.by)
    ministry.record(top=top, rows=writes, by=sent.by, at=sent.at, now=lambda: now)


def scope(sent: Sent, days: set[date]) -> Directory:
    """All units of the population: the ministry counts the phones of a place, be it a commune, a district, the city."""
    on = max(days)
    units = list(Unit.objects.below(access.top_of(sent.by)).residents().open_on(on).named(on))
    parents = {unit.parent_id for unit in units}
    return Directory(units, [unit for unit in units if unit.pk in parents])


KIND = Kind(
    "official-figures",
    gettext_lazy("Figures of the ministry"),
    gettext_lazy("Downloads, accounts and active devices as the ministry counts them, beside our own figures."),
    COLUMNS,
    plan,
    apply,
    scope=scope,
    options=("day", "source"),
)


class _Asking:
    """What is asked of each figure: beside the figures of other days, those of the file too, and beside the people."""

    def __init__(self, read: Sequence[tuple[LineReader, ministry.Count]], sent: Sent):
        counts = [count for _reader, count in read]
        self.series = official_series.series({count.unit for count in counts})
        for count in counts:
            self.series[count.unit.pk, count.metric][count.day] = count.value
        days = sorted({count.day for count in counts})
        top = access.top_of(sent.by)
        self.figures = {figures.day: figures.by_code for figures in rollup.rows_of_days(top, days)} if days else {}
        self.compared: set[tuple[int, int]] = set()  # the lines whose share was

    def about(self, line: SheetLine, count: ministry.Count) -> tuple[str, ...]:
        row = self.figures[count.day].get(count.unit.code)
        population = row.population if row else None
        known = self.series[count.unit.pk, count.metric]
        found = official_series.doubts(count.value, count.day, count.metric, known, population=population)
        asked = [questions.of_the_ministry(count.value, one) for one in found]
        if line.place not in self.compared:  # a share is that of the first of the figures beside it
            self.compared.add(line.place)
            asked += filter(None, [share.difference(line.cells.get(SHARE.key), count.value, population)])
        return tuple(asked)


def _read(reader: LineReader, unit: Unit, sent: Sent) -> list[ministry.Count]:
    """The figures of a line; none where something is wrong with its cells."""
    values = reader.figures()
    of_day = reader.take(day, "day") or sent.options["day"]
    if of_day > deadline.reporting_day(sent.at):
        reader.refuse("day", _("%(day)s is still to come.") % {"day": written_day(of_day)})
    source = reader.source(sent.options["source"], is_needed=True)
    if reader.rows:
        return []
    counted_at = min(deadline.closes_at(of_day), sent.at)
    return [
        ministry.Count(unit=unit, day=of_day, metric=key, counted_at=counted_at, value=value, source=source)
        for key, value in values.items()
        if value is not None
    ]


def _what(reader: LineReader, count: ministry.Count) -> str:
    return f"{reader.line.title(count.metric)}, {written_day(count.day)}"


def _standing(counts: list[ministry.Count]) -> dict[tuple[int, date, str], tuple[datetime, int, str]]:
    """The last that was recorded of each unit, day and metric."""
    of_these = OfficialFigure.objects.filter(
        unit__in={count.unit.pk for count in counts}, day__in={count.day for count in counts}
    ).order_by("recorded_at", "id")
    return {(f.unit_id, f.day, f.metric): (f.counted_at, f.value, f.source) for f in of_these}
