"""The cells of a file, and the limits for all of them together."""

import re
from dataclasses import dataclass, field
from datetime import date

from django.utils.translation import gettext
from openpyxl.utils import get_column_letter

from ..text import formatting, parsing

MAX_ROWS, MAX_COLUMNS = 20_000, 400  # position of the furthest filled cell
LAST_LETTERED = 18_278  # ZZZ, the last column with a name
MAX_CELLS = 200_000  # filled cells in all sheets
MAX_TEXT = 2_000_000  # characters in all cells
LONGEST_TEXT = 32_767  # characters in one cell: Excel's limit

STRUCK, HIDDEN, GREYED = "struck", "hidden", "grey"  # how a row is marked

LINES_OF_DIGITS = re.compile(r"(?<=\d)[ \t]*[\r\n]\s*(?=\d)")

Value = str | int | float | date | None


def _(words: str) -> str:
    """Mark a text for translation by `Unreadable`: the separate process has no settings."""
    return words


class Unreadable(Exception):
    """Says why the file cannot be read. `words` is English; one process passes it and `values` to another."""

    def __init__(self, words: str, **values: str | int):
        super().__init__(words)
        self.words, self.values = words, values

    def __str__(self) -> str:
        shown = {key: formatting.number(v) if isinstance(v, int) else v for key, v in self.values.items()}
        return gettext(self.words) % shown if shown else gettext(self.words)


def at_most(most: int, count: int, words: str) -> None:
    """Raise `Unreadable` if the count is above `most`; `words` has the placeholder `n` for it."""
    if count > most:
        raise Unreadable(words, n=most)


TOO_MUCH_TEXT = _("The file holds more text than any table of figures.")
NOT_PLAIN = _(
    "This is not a plain Excel workbook. Open it in Excel or LibreOffice and save it as “Excel Workbook (.xlsx)” (in "
    "LibreOffice “Excel 2007-365”), without macros and without a password."
)


@dataclass(frozen=True, slots=True)
class Cell:
    """The text, number or day in one cell, or the problem with it."""

    address: str
    value: Value
    problem: str = ""  # "formula": one without a stored result; "error:#REF!"; "date": a date format without a day
    merged: str = ""  # the merged area that the cell belongs to, if it covers several rows

    @property
    def text(self) -> str:
        """The value as a code or a name: the number 11416 is the text 11416."""
        if isinstance(self.value, date):
            return f"{self.value:%d/%m/%Y}"
        return "" if self.value is None else str(self.value)


@dataclass
class Sheet:
    name: str
    is_hidden: bool = False
    rows: dict[int, dict[int, Cell]] = field(default_factory=dict)  # filled cells by row and column number
    marks: dict[int, str] = field(default_factory=dict)  # filled rows that are hidden, struck through or grey


class Guard:
    """Puts cells into sheets and enforces the limits for all sheets together."""

    def __init__(self):
        self.cells = self.characters = 0

    def keep(self, sheet: Sheet, row: int, column: int, value: Value, problem: str = "", merged: str = "") -> None:
        where = address(row, column)
        if row > MAX_ROWS or column > MAX_COLUMNS:
            words = _("Cell %(cell)s is filled, but only %(rows)s rows and %(columns)s columns are read.")
            raise Unreadable(words, cell=where[:20], rows=MAX_ROWS, columns=MAX_COLUMNS)
        self.cells += 1
        self.characters += len(value) if isinstance(value, str) else 0
        at_most(MAX_CELLS, self.cells, _("The file has more than %(n)s filled cells."))
        at_most(MAX_TEXT, self.characters, TOO_MUCH_TEXT)
        sheet.rows.setdefault(row, {})[column] = Cell(where, value, problem, merged)


def text_of(written: str) -> str:
    """The cell's text as one line. Digits on two lines stay two numbers. Raises `Unreadable`."""
    at_most(LONGEST_TEXT, len(written), TOO_MUCH_TEXT)
    return parsing.clean(LINES_OF_DIGITS.sub(" / ", written))


def address(row: int, column: int) -> str:
    """Row 10, column 2 is B10."""
    return f"{get_column_letter(min(column, LAST_LETTERED))}{row}"
