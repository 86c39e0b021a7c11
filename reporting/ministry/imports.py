"""Imports of the ministry's own figures: a line for each unit, a column for each metric."""

from dataclasses import replace
from datetime import date, datetime

from django.utils.translation import gettext as _, gettext_lazy

from .. import deadline
from ..imports.columns import DAY, HEADS, PROVINCE, UNIT, Column, Kind, Number
from ..imports.kinds.figures import OF_THE_FILE, units_of
from ..imports.layout import Table
from ..imports.plan import LineReader, Made, Plan, RowOutcome, Sent, day, rows_of, state_of, unchanged
from ..imports.unit_lines import Directory, resolve
from ..models import Metric, OfficialFigure
from ..people import access
from ..text import formatting
from .acts import record_official
from .figures import doubts, figures_by_day


def _plan(table: Table, sent: Sent) -> Plan:
    still_stands = unchanged(state_of)
    readers, rows = resolve(table, _places(sent, table.all_days or {deadline.reporting_day(sent.at)}), has_groups=False)
    first, writes = {}, []
    counts = [(one, count) for one in readers for count in _read_counts(one, sent)]
    for reader, count in counts:
        about = {"what": _what(reader, count), "after": count.value}
        reader.refuse_twice(first, (count.unit.pk, count.day, count.metric), count.metric, **about)
    counts = [(reader, count) for reader, count in counts if not reader.is_refused]
    figures = [count for _reader, count in counts]
    known, doubtful = figures_by_day({count.unit for count in figures}), doubts(figures)
    for (reader, count), questions in zip(counts, doubtful, strict=True):
        before = known[count.unit.pk, count.metric].get(count.day)
        outcome = RowOutcome.between(before and before.content, count.content)
        words = _("as of %(moment)s, %(source)s")
        words %= {"moment": formatting.moment(count.counted_at), "source": count.source}
        shown = (before and before.value, count.value, words)
        reader.tell(count.metric, outcome, *shown, what=_what(reader, count), asked=questions)
        if outcome != RowOutcome.UNCHANGED:
            count.explanation = sent.explanation if questions else ""
            writes.append(count)
    return Plan(rows + rows_of(readers), writes, still_stands)


def _write(writes: list, sent: Sent, *, now: datetime) -> Made:
    """Record the figures. A wrong one is superseded by a later record, not undone."""
    record_official(top=access.top_of(sent.by), rows=writes, by=sent.by, at=sent.at, now=lambda: now)
    return Made([])


def _places(sent: Sent, days: set[date]) -> Directory:
    """All units except agencies, superiors included: the ministry counts the phones in a place."""
    return Directory.of_units(units_of(sent, days), lambda unit, _is_superior: not unit.is_agency)


def _read_counts(reader: LineReader, sent: Sent) -> list[OfficialFigure]:
    """The figures of a line, counted at the usual deadline; an empty list if the line is refused."""
    values = reader.figures()
    of_day = reader.take(day, "day")
    if of_day is None:
        reader.refuse("day", _("The line names no day."))
    elif of_day > deadline.reporting_day(sent.at):
        reader.refuse("day", _("%(day)s is in the future.") % {"day": formatting.day(of_day)})
    source = reader.source(sent.options["source"], is_needed=True)
    if reader.is_refused:
        return []
    counted_at = min(deadline.closes_at(of_day, deadline.REPORT_DEADLINE), sent.at)
    return [
        OfficialFigure(unit=reader.unit, day=of_day, metric=key, counted_at=counted_at, value=value, source=source)
        for key, value in values.items()
        if value is not None
    ]


def _what(reader: LineReader, count: OfficialFigure) -> str:
    return f"{reader.line.title(count.metric)}, {formatting.day(count.day)}"


KIND = Kind(
    "official-figures",
    gettext_lazy("Figures of the ministry"),
    gettext_lazy("Downloads, accounts and active devices as the ministry counts them, beside our own figures."),
    (
        *UNIT,
        Column(PROVINCE, gettext_lazy("Province"), in_template=False),
        replace(DAY, heads=HEADS["official-figures.day"]),
        Number(str(Metric.DOWNLOADS), gettext_lazy("Downloads")),
        Number(str(Metric.ACCOUNTS), gettext_lazy("Accounts with a phone number")),
        Number(str(Metric.DEVICES), gettext_lazy("Active devices")),
        OF_THE_FILE,
    ),
    _plan,
    _write,
    scope=_places,
    options=("source",),
    needs=(("code", "name", "district", PROVINCE),),
)
