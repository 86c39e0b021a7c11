"""What the lines of an import of reports say: which unit, which day, which figure, daily or cumulative."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date
from functools import partial

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ...files.cells import Cell
from ...models import Unit
from ...text.formatting import day as written_day
from ..columns import CUMULATIVE, CUMULATIVES, DAILY, DAY, INSTALLS, POPULATION, SHARE, STATUS, UNIT, Column, key_of
from ..layout import MODES, DayColumn, SheetLine, Table
from ..plan import BadCell, Row, RowOutcome, day, figure

OPENING = "opening"
COLUMNS = (
    *UNIT,
    Column(
        "mode",
        gettext_lazy("Kind of figures"),
        "loai so lieu; kieu so lieu; kind of figures; kind",
        note=gettext_lazy("“mới”: new installs of the day. “lũy kế”: all installs up to the day."),
        choices=("mới", "lũy kế"),
        width=11,
    ),
    Column(
        OPENING,
        gettext_lazy("Installed before the campaign"),
        "so may da cai truoc dot; da cai truoc dot; truoc dot; so may truoc dot; so da cai truoc dot;"
        "before the campaign; installed before the campaign",
        is_number=True,
        note=gettext_lazy("Once for each unit; 0 if there were none."),
        width=12,
    ),
    DAY,
    INSTALLS,
    CUMULATIVES,
    STATUS,
    SHARE,
    replace(POPULATION, is_only_compared=True),
)
# What a table says of a unit that sent nothing that counts; folded.
NOT_REPORTED = {
    *("not due yet", "waiting to be taken in", "not reported", "excused", "exempt", "missing"),
    *("chua den han", "cho tiep nhan", "chua bao cao", "khong tinh", "khong yeu cau", "khong bao cao", "chua gui"),
    *("chua gui bao cao", "chua nop", "chua co bao cao", "thieu"),
}
TITLES = {column.key: column.title for column in COLUMNS}
Placing = Callable[[SheetLine], tuple[date | None, str]]


@dataclass(frozen=True)
class Entry:
    """One figure of the file, its unit found; `day` is None of the number before the campaign."""

    address: str
    unit: Unit
    day: date | None
    mode: str
    value: int
    share: Cell | None = None  # that the line says the unit has with it

    @property
    def sheet(self) -> str:
        return self.address.rpartition("!")[0]


def days_of(table: Table) -> set[date]:
    days = {column.day for column in table.days}
    for line in table.lines:
        with suppress(BadCell):
            days.add(day(line.cells.get("day")))
    return days - {None}


def titles_of(table: Table) -> dict[str, str | Promise]:
    return TITLES | {column.key: written_day(column.day) for column in table.days}


def entries_of(table: Table, lines: list[tuple[SheetLine, Unit]]) -> tuple[list[Entry], list[Row]]:
    """The figures of each line, with what they are."""
    entries, rows = [], []
    for line, unit in lines:
        if key_of(line.text(STATUS.key)) in NOT_REPORTED:
            rows += _not_reported(line, unit)
            continue
        for key, about, read, share in _figures(table, line):
            try:
                value = figure(line.cells[key])
                if value is not None:
                    entries.append(Entry(line.where(key), unit, *read(line), value, share))
            except BadCell as error:
                rows.append(Row(line.where(key), unit.full_name, about, RowOutcome.ERROR, words=str(error)))
    return entries, rows


def _not_reported(line: SheetLine, unit: Unit) -> list[Row]:
    """The line of a silent unit: its cumulative is carried forward. New installs beside it are a contradiction."""
    said = {"status": line.text(STATUS.key)}
    try:
        has_installs = bool(figure(line.cells.get(DAILY)))
    except BadCell:
        has_installs = True
    if has_installs:
        words = _("The line says “%(status)s” and names new installs.") % said
        return [Row(line.where(DAILY), unit.full_name, line.text("day"), RowOutcome.ERROR, words=words)]
    words = _("“%(status)s”: the line is no report, and is left out.") % said
    return [Row(line.where(STATUS.key), unit.full_name, line.text("day"), RowOutcome.LEFT_OUT, words=words)]


def _figures(table: Table, line: SheetLine) -> Iterator[tuple[str, str, Placing, Cell | None]]:
    """The columns with a figure of the line: what it is about, how its day and mode are read, the share beside it."""
    share = line.cells.get(SHARE.key)
    if OPENING in line.cells:
        yield OPENING, str(TITLES[OPENING]), lambda _line: (None, OPENING), None
    newest = max((column.day for column in table.days if column.key in line.cells), default=None)
    for column in table.days:  # a column for each day
        if column.key in line.cells:
            read = partial(_of_a_column, column)
            yield column.key, written_day(column.day), read, share if column.day == newest else None
    for mode in (DAILY, CUMULATIVE):  # a line for each unit and day; new installs, cumulative, or both
        if mode in line.cells:
            yield mode, line.text("day"), partial(_of_a_line, mode), share


def _of_a_column(column: DayColumn, line: SheetLine) -> tuple[date, str]:
    return column.day, column.mode or _mode(line)


def _of_a_line(mode: str, line: SheetLine) -> tuple[date, str]:
    of_day = day(line.cells.get("day"))
    if of_day is None:
        raise BadCell(_("The line names no day."))
    return of_day, mode


def _mode(line: SheetLine) -> str:
    text = line.text("mode")
    if not text:
        raise BadCell(_("Nothing says whether the figure is of the day (“mới”) or cumulative (“lũy kế”)."))
    mode = MODES.get(key_of(text))
    if mode is None:
        raise BadCell(_("“%(text)s” is neither “mới” nor “lũy kế”.") % {"text": text[:40]})
    return mode


def once(entries: list[Entry]) -> tuple[list[Entry], list[Row]]:
    """A unit and day stands once in a file; its daily and its cumulative figure may stand beside each other."""
    first, kept, rows = {}, [], []
    for entry in entries:
        other = first.setdefault((entry.unit.pk, entry.day, entry.mode), entry)
        if other is entry:
            kept.append(entry)
        elif entry.value != other.value or entry.sheet == other.sheet:
            words = _("The figure of this unit and day stands in %(cell)s already.") % {"cell": other.address}
            rows.append(Row(entry.address, entry.unit.full_name, what(entry), RowOutcome.ERROR, words=words))
    return kept, rows


def what(entry: Entry) -> str:
    return written_day(entry.day) if entry.day else str(TITLES[OPENING])
