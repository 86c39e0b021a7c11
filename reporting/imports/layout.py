"""Where things stand in a sheet that somebody laid out: the head, its columns, the lines below it, the totals.

Nothing is decided here about units or figures; what was not read is said.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from django.utils.functional import Promise
from django.utils.translation import gettext as _

from ..files.cells import Cell, Sheet, Unreadable, address
from ..files.spreadsheets import Book
from ..text import names, parsing

HEAD_WITHIN = 15  # rows, from the first that holds something
LONGEST_TITLE, LONGEST_TOTAL, LONGEST_TEXT = 200, 60, 500  # characters that are looked at
TOTAL = re.compile(
    r"(?:tong cong|tong so|cong|tong|total|grand total|sum)(?: (?:quan|huyen|thanh pho|cac|toan|chung)\b.*)?:?"
)
DAILY, CUMULATIVE = "daily", "cumulative"
# The words by which a column, or a line, says what its figures are; folded.
MODES = {
    "moi": DAILY,
    "cai moi": DAILY,
    "so moi": DAILY,
    "so may cai moi": DAILY,
    "trong ngay": DAILY,
    "moi trong ngay": DAILY,
    "daily": DAILY,
    "new": DAILY,
    "new installs": DAILY,
    "luy ke": CUMULATIVE,
    "so luy ke": CUMULATIVE,
    "cong don": CUMULATIVE,
    "cumulative": CUMULATIVE,
    "total": CUMULATIVE,
}
DAY_HEAD = re.compile(
    r"(?:(?P<before>[a-z ]*?) )?(?:ngay )?(?P<day>\d{1,2}[/.-]\d{1,2}[/.-]\d{4})(?: (?P<after>[a-z ]+))?"
)


@dataclass(frozen=True)
class Column:
    """A column that an import knows: what it is called, in a template and by other people."""

    key: str
    title: str | Promise
    names: tuple[str, ...]  # folded
    is_required: bool = False
    is_number: bool = False
    note: str | Promise = ""
    choices: tuple[str, ...] = ()
    width: float = 14
    is_text: bool = False  # in a template: Excel leaves what is typed as it is, a leading 0 too
    is_only_compared: bool = False  # with what is computed: it is never stored, and no template asks for it


@dataclass(frozen=True)
class DayColumn:
    column: int
    day: date
    mode: str  # "" where a column of its own says it, line by line


@dataclass
class SheetLine:
    """One row below the head: its cells by key of the column, of a day by the column's number as text."""

    row: int
    cells: dict[str, Cell]
    total: str = ""  # the word, on a line of sums

    def text(self, key: str) -> str:
        cell = self.cells.get(key)
        return "" if cell is None or cell.value is None else written(cell.value)[:LONGEST_TEXT]

    def where(self, key: str) -> str:
        cell = self.cells.get(key)
        return cell.address if cell else str(self.row)


@dataclass
class Table:
    """What was read of one sheet, and what of the file was left alone."""

    sheet: str
    head_row: int
    columns: dict[str, str]  # by key the column's letters
    days: list[DayColumn]
    lines: list[SheetLine]
    other_sheets: list[str] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)  # heads of columns that nobody knows
    hidden_rows: list[int] = field(default_factory=list)
    hidden_columns: list[str] = field(default_factory=list)
    is_hidden: bool = False


def written(value) -> str:
    """A cell's value as a code or a name: the number 11416 is the text 11416."""
    return f"{value:%d/%m/%Y}" if isinstance(value, date) else str(value)


def key_of(text: str) -> str:
    """A title without accents, case, marks and what stands in brackets: "Dân số (người)" is "dan so"."""
    folded = re.sub(r"\([^()]*\)", " ", names.fold(text[:LONGEST_TITLE]))
    return " ".join(re.sub(r"[^a-z0-9_ ]", " ", folded).split())


def find(book: Book, columns: Sequence[Column], *, needs_one_of: Sequence[str] = (), has_days: bool = False) -> Table:
    """The first sheet whose head has the columns that are needed, those in sight first. Raises `Unreadable`."""
    sheets = sorted(book.sheets, key=lambda sheet: sheet.is_hidden)
    lacking = None
    for sheet in sheets:
        head, missing = _head(sheet, columns, needs_one_of, has_days)
        if head is not None and not missing:
            return _table(sheet, head, columns, [other.name for other in book.sheets if other is not sheet], has_days)
        if head is not None and (lacking is None or len(missing) < len(lacking[1])):
            lacking = (sheet, missing)
    if lacking is None:
        raise Unreadable(
            _("No sheet has a head with the columns of this import within its first %(n)s rows: %(sheets)s.")
            % {"n": HEAD_WITHIN, "sheets": ", ".join(f"“{sheet.name}”" for sheet in sheets)[:300]}
        )
    raise Unreadable(
        _("The head of the sheet “%(sheet)s” lacks: %(columns)s.")
        % {"sheet": lacking[0].name, "columns": ", ".join(lacking[1])}
    )


def _head(sheet: Sheet, columns, needs_one_of, has_days) -> tuple[int | None, list[str]]:
    """The row that names most of the columns, and what it lacks."""
    best = None
    for row in list(sheet.rows)[:HEAD_WITHIN]:
        found = _matched(sheet.rows[row], columns)
        days = _days(sheet, row) if has_days else []
        lacking = [str(column.title) for column in columns if column.is_required and column.key not in found]
        if needs_one_of and not any(key in found for key in needs_one_of):
            lacking.append(" / ".join(str(column.title) for column in columns if column.key in needs_one_of))
        if has_days and not days and not {"day", DAILY, CUMULATIVE, "opening"} & found.keys():
            lacking.append(_("days"))
        score = len(found) + len(days)
        if score >= 2 and (best is None or (len(lacking), -score) < (len(best[1]), -best[2])):
            best = (row, lacking, score)
    return best[:2] if best else (None, [])


def _matched(cells: dict[int, Cell], columns: Sequence[Column]) -> dict[str, int]:
    """By key of the known columns the number of the column that is called so; the first one counts."""
    by_name = {
        name: column.key for column in columns for name in (column.key, *column.names, key_of(str(column.title)))
    }
    found = {}
    for number, cell in cells.items():
        key = by_name.get(key_of(cell.value)) or by_name.get(cell.value) if isinstance(cell.value, str) else None
        if key and key not in found:
            found[key] = number
    return found


def _days(sheet: Sheet, row: int) -> list[DayColumn]:
    found = []
    for number, cell in sheet.rows[row].items():
        day, mode = _day_head(cell)
        if day:
            found.append(DayColumn(number, day, mode or _mode_above(sheet, row, number)))
    return found


def _day_head(cell: Cell) -> tuple[date | None, str]:
    if isinstance(cell.value, date):
        return cell.value, ""
    if not isinstance(cell.value, str):
        return None, ""
    folded = " ".join(re.sub(r"[()\-–:]", " ", names.fold(cell.value[:LONGEST_TITLE])).split())
    head = DAY_HEAD.fullmatch(folded)
    if head is None:
        return parsing.day(cell.value), ""
    return parsing.day(head["day"]), MODES.get(head["after"] or head["before"] or "", "")


def _mode_above(sheet: Sheet, row: int, number: int) -> str:
    """ "Lũy kế" above the days, merged over them."""
    above = sheet.rows.get(row - 1, {}).get(number)
    return MODES.get(key_of(above.value), "") if above and isinstance(above.value, str) else ""


def _table(sheet: Sheet, head_row: int, columns: Sequence[Column], others: list[str], has_days: bool) -> Table:
    head = sheet.rows[head_row]
    found = _matched(head, columns)
    days = [day for day in (_days(sheet, head_row) if has_days else []) if day.column not in found.values()]
    kept = {number: key for key, number in found.items()} | {day.column: str(day.column) for day in days}
    table = Table(
        sheet=sheet.name,
        head_row=head_row,
        columns={key: address(1, number)[:-1] for key, number in found.items()},
        days=days,
        lines=[],
        other_sheets=others,
        unknown=[str(cell.value)[:60] for number, cell in head.items() if number not in kept and not _is_number(cell)],
        hidden_rows=[row for row in sheet.hidden_rows if row > head_row],
        hidden_columns=sheet.hidden_columns,
        is_hidden=sheet.is_hidden,
    )
    for row, cells in sheet.rows.items():
        if row <= head_row:
            continue
        line = SheetLine(row, {kept[number]: cell for number, cell in cells.items() if number in kept}, _total(cells))
        if line.cells or line.total:
            table.lines.append(line)
    return table


def _is_number(cell: Cell) -> bool:
    """ "STT" is nobody's concern, nor are the column numbers (1), (2), (3)."""
    return not isinstance(cell.value, str) or key_of(cell.value) in ("stt", "tt", "no", "so tt", "so thu tu", "")


def _total(cells: dict[int, Cell]) -> str:
    """The word of a line of sums, wherever it stands before the first figure."""
    for cell in cells.values():
        is_short = isinstance(cell.value, str) and len(cell.value) <= LONGEST_TOTAL
        if is_short and TOTAL.fullmatch(names.fold(cell.value)):
            return cell.value
    return ""


# Kept between the preview and the act.


def packed(table: Table) -> dict:
    """The table as JSON can hold it."""
    lines = [
        [line.row, line.total, {key: _packed_cell(cell) for key, cell in line.cells.items()}] for line in table.lines
    ]
    days = [[column.column, column.day.isoformat(), column.mode] for column in table.days]
    return {**vars(table), "lines": lines, "days": days}


def unpacked(kept: dict) -> Table:
    lines = [
        SheetLine(row, {key: _unpacked_cell(cell) for key, cell in cells.items()}, total)
        for row, total, cells in kept["lines"]
    ]
    days = [DayColumn(column, date.fromisoformat(day), mode) for column, day, mode in kept["days"]]
    return Table(**{**kept, "lines": lines, "days": days})


def _packed_cell(cell: Cell) -> list:
    is_day = isinstance(cell.value, date)
    return [cell.address, cell.value.isoformat() if is_day else cell.value, is_day, cell.problem, cell.merged]


def _unpacked_cell(kept: list) -> Cell:
    where, value, is_day, problem, merged = kept
    return Cell(where, date.fromisoformat(value) if is_day else value, problem, merged)
