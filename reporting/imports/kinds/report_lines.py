"""What the lines of an import of reports say: which unit, which day, which figure, daily or cumulative."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ...files.cells import Cell
from ...models import Unit
from ...text.formatting import day as written_day
from ..columns import (
    CUMULATIVE,
    CUMULATIVES,
    DAILY,
    DAY,
    INSTALLS,
    POPULATION,
    SHARE,
    STATUS,
    UNIT,
    Column,
    key_of,
)
from ..layout import MODES, SheetLine, Table
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
        try:
            days.add(day(line.cells.get("day")))
        except BadCell:
            continue
    return days - {None}


def titles_of(table: Table) -> Callable[[str], str]:
    of_days = {column.key: written_day(column.day) for column in table.days}
    return lambda key: of_days.get(key) or str(TITLES[key])


def entries_of(table: Table, lines: list[tuple[SheetLine, Unit]]) -> tuple[list[Entry], list[Row]]:
    """The figures of each line, with what they are."""
    entries, rows = [], []
    for line, unit in lines:
        if key_of(line.text(STATUS.key)) in NOT_REPORTED:
            rows += _not_reported(line, unit)
            continue
        for address, what, make in [*_opening(line, unit), *_wide(table, line, unit), *_long(table, line, unit)]:
            try:
                entry = make()
            except BadCell as error:
                rows.append(Row(address, unit.full_name, what, RowOutcome.ERROR, words=str(error)))
            else:
                if entry is not None:
                    entries.append(entry)
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


Making = tuple[str, str, Callable[[], Entry | None]]  # the cell, what it is about, and its figure


def _opening(line: SheetLine, unit: Unit) -> list[Making]:
    def make() -> Entry | None:
        value = figure(line.cells.get(OPENING))
        return None if value is None else Entry(line.where(OPENING), unit, None, OPENING, value)

    return [(line.where(OPENING), str(TITLES[OPENING]), make)] if OPENING in line.cells else []


def _wide(table: Table, line: SheetLine, unit: Unit) -> list[Making]:
    """A column for each day."""

    shown = [column for column in table.days if column.key in line.cells]
    newest = max((column.day for column in shown), default=None)

    def making(column) -> Making:
        cell = line.cells.get(column.key)
        said = line.cells.get(SHARE.key) if column.day == newest else None

        def make() -> Entry | None:
            value = figure(cell)
            if value is None:
                return None
            return Entry(cell.address, unit, column.day, column.mode or _mode(line), value, said)

        return cell.address, written_day(column.day), make

    return [making(column) for column in shown]


def _long(table: Table, line: SheetLine, unit: Unit) -> list[Making]:
    """A line for each unit and day; of a day the new installs, the cumulative, or both."""

    def making(mode: str) -> Making:
        def make() -> Entry | None:
            value = figure(line.cells.get(mode))
            if value is None:
                return None
            of_day = day(line.cells.get("day"))
            if of_day is None:
                raise BadCell(_("The line names no day."))
            return Entry(line.where(mode), unit, of_day, mode, value, line.cells.get(SHARE.key))

        return line.where(mode), line.text("day"), make

    return [making(mode) for mode in (DAILY, CUMULATIVE) if mode in line.cells]


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
