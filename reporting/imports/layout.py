"""How the sheets of a file are read, as somebody has said it. Nothing here decides; `proposal` only offers."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from functools import cached_property
from itertools import pairwise
from typing import Any, NamedTuple

from django.utils.translation import gettext as _
from openpyxl.utils import get_column_letter

from ..files.cells import Cell, Sheet, Unreadable
from ..files.spreadsheets import Book
from ..text import formatting, names, parsing
from .columns import CUMULATIVE, DAILY, DATED, LONGEST_TITLE, MODE, Column, Kind

MAX_DAYS = 62  # in one file; so many days of a whole city are written in a second
MONTH = 28  # days between two days that may be the same day of two months: perhaps the month was written first
LONGEST_TOTAL, LONGEST_TEXT = 60, 500  # characters; longer texts are ignored
FEW = 12  # names, days or rows that a sentence lists
LABELS = {"code", "name", "district"}  # columns that say which unit a line is of
SKIP = "-"  # the meaning of a column that is skipped
OF_A_DAY = {DAILY, CUMULATIVE, DATED}  # columns of figures of a day
BY_HEADS, BY_LINES = "heads", "lines"  # the day is in the head of each column; in each line
WITH, WITHOUT = "with", "without"  # what a cumulative says of the installs before the campaign
# The whole text of a line of sums: “Cộng Hiền” is a commune.
TOTAL = re.compile(
    r"(?:tong cong|tong so|cong|tong|total|grand total|sum)"
    r"(?: (?:khoi|quan|huyen|thanh pho|tinh|cac|toan|chung|thang|tuan|trong|\d+ ngay)\b.*)?:?"
    r"|toan (?:thanh pho|tinh|huyen|quan|thi xa|dia ban)\b.*"
)
AFTER_A_FIGURE = re.compile(r"\s*(?:máy|người|lượt|thiết bị|hộ)$", re.IGNORECASE)  # "242 máy"
NUMBER = re.compile(r"[\d.,\s]*\d[\d.,\s]*%?")
DECIMAL = re.compile(r"\d+(?:,\d+)?|\d{1,3}(?:\.\d{3})+")
DAY_IN_A_TEXT = re.compile(
    r"(?<![\d/.,-])(?:(\d{1,2}) thang (\d{1,2})(?: nam (\d{4}))?|\d{4}-\d\d-\d\d|\d{1,2}[/.-]\d{1,2}(?:[/.-]\d{2,4})?)"
    r"(?![\d/-])"
)


class DayColumn(NamedTuple):
    day: date
    mode: str  # empty if each line says it

    @property
    def key(self) -> str:
        return f"{self.day.isoformat()} {self.mode}".strip()


@dataclass
class SheetLayout:
    """How a sheet is read. Plain values, so that an office's answers are remembered as JSON."""

    head: int = 0  # its row
    columns: dict[str, str] = field(default_factory=dict)  # meaning by number: key of a column, DATED, SKIP or ""
    day: str = ""  # BY_HEADS, BY_LINES or a day; "" if nobody has said
    mode: str = ""  # of the columns DATED: DAILY or CUMULATIVE
    unit: str = ""  # the code of the unit of all lines, or of the superior of all units
    measure: int = 0  # 1 or 1000; 0 if nobody has said
    opening: str = ""  # WITH or WITHOUT
    skip: list[str] = field(default_factory=list)  # folded labels of lines that are no unit
    is_read: bool = True


@dataclass
class SheetLine:
    """One row below the head: its cells by the meaning of their column."""

    row: int
    cells: dict[str, Cell]
    total: str = ""  # such as "Tổng cộng"
    sheet: int = 0
    columns: Mapping[str, Column] = field(default_factory=dict)  # all columns of the kind by key, and those of days
    letters: Mapping[str, str] = field(default_factory=dict)  # by key; with several sheets, also the sheet's name
    within: str = ""  # the code of the superior of its unit, if somebody has said
    excludes_opening: bool = False  # its cumulatives do not count the installs before the campaign
    mark: str = ""  # struck, hidden or grey

    @property
    def numbers(self) -> list[str]:
        """The keys of the columns with figures."""
        return [key for key, column in self.columns.items() if column.is_number]

    @property
    def label(self) -> str:
        return self.text("name") or self.text("code") or self.text("district") or self.total

    def title(self, key: str) -> str:
        return str(self.columns[key].title)

    @property
    def number(self) -> int:
        """A number that is unique in the file: the row, plus a million for each earlier sheet."""
        return self.sheet * 1_000_000 + self.row

    def text(self, key: str) -> str:
        cell = self.cells.get(key)
        return cell.text[:LONGEST_TEXT] if cell else ""

    def where(self, key: str) -> str:
        """The address of the cell in the column; without such a column, of the line's first cell."""
        key = key if key in self.letters else next(filter(self.letters.__contains__, self.cells), "")
        return f"{self.letters.get(key, '')}{self.row}"


class Question(NamedTuple):
    """What somebody must still say: the field of the layout, a sentence, and the name of the sheet."""

    field: str
    words: str
    sheet: str


class SheetTable:
    """A sheet below the head that its layout names."""

    def __init__(self, sheet: Sheet, layout: SheetLayout, kind: Kind, near: date):
        self.sheet, self.layout, self.kind, self.near = sheet, layout, kind, near
        self.columns = {int(n): meaning for n, meaning in layout.columns.items()}
        self.heads = heads_of(sheet, layout.head)
        self.below = {row: cells for row, cells in sheet.rows.items() if row > layout.head}

    @property
    def meanings(self) -> set[str]:
        return {*self.columns.values()} - {"", SKIP}

    @property
    def is_wide(self) -> bool:
        """Whether each column of figures is of the day in its head."""
        return self.layout.day == BY_HEADS

    def day_of_column(self, number: int) -> date | None:
        return day_of_column(self.sheet, self.layout.head, number, self.near)

    @cached_property
    def keys(self) -> dict[int, str]:
        """The key under which the lines hold the cell of each column that is read."""
        keys = {n: meaning for n, meaning in self.columns.items() if meaning not in ("", SKIP)}
        by_line = MODE in keys.values()
        for n, meaning in keys.items() if self.is_wide else ():
            if meaning in OF_A_DAY and (day := self.day_of_column(n)):
                mode = "" if by_line else self.layout.mode if meaning == DATED else meaning
                keys[n] = DayColumn(day, mode).key
        return keys

    @cached_property
    def numeric(self) -> set[int]:
        """The columns with a number below the head."""
        return {number for cells in self.below.values() for number, cell in cells.items() if is_number(cell)}

    def questions(self) -> Iterator[Question]:
        def ask(field: str, words: str, **more: str | int) -> Question:
            return Question(field, words % {"sheet": self.sheet.name, **more}, self.sheet.name)

        layout, meanings, titles = self.layout, self.meanings, {one.key: str(one.title) for one in self.kind.columns}
        given = {*meanings, *(["code"] if layout.unit else []), *([DAILY] if DATED in meanings else [])}
        for group in self.kind.needs:
            if not given & {*group}:
                lacking = " / ".join(titles[key] for key in group)
                yield ask("columns", _("The sheet “%(sheet)s” has no column for: %(columns)s."), columns=lacking)
        if unclear := [n for n in sorted(self.numeric) if not self.columns.get(n)]:
            listed = [f"“{self.heads[n]}”" if n in self.heads else get_column_letter(n) for n in unclear]
            words = _("Sheet “%(sheet)s”: say what the numbers in these columns mean, or skip them: %(columns)s.")
            yield ask("columns", words, columns=", ".join(listed))
        keys = {*self.keys.values()}
        if len(keys) < len(self.keys):
            words = _(
                "Two columns of the sheet “%(sheet)s” cannot be the same. If they are parts of one number, add their "
                "sum to the file."
            )
            yield ask("columns", words)
        is_undated = (self.is_wide and keys & OF_A_DAY) or (layout.day == BY_LINES and "day" not in meanings)
        if is_undated or (meanings & OF_A_DAY and not layout.day):
            words = _(
                "Say which day the figures of the sheet “%(sheet)s” are for; no column or line may be without one."
            )
            yield ask("day", words)
        if DATED in meanings and not (self.is_wide and (layout.mode or MODE in meanings)):
            yield ask("mode", _("Say if the figures are daily (“mới”) or cumulative (“lũy kế”)."))
        is_total = CUMULATIVE in meanings or (DATED in meanings and layout.mode == CUMULATIVE)
        if is_total and not layout.opening:
            yield ask("opening", _("Say if the cumulative counts the installs before the campaign."))
        if row := self._other_table():
            words = _("Row %(row)s of the sheet “%(sheet)s” begins another table. Send each as a sheet of its own.")
            yield ask("head", words, row=row)
        if not layout.measure:
            yield ask("measure", _("Say what the figures count: phones or thousands."))

    def lines(self, order: int, prefix: str, known: Mapping[str, Column]) -> Iterator[SheetLine]:
        keys, layout = self.keys, self.layout
        letters = {key: f"{prefix}{get_column_letter(n)}" for n, key in keys.items()}
        has_units = bool(LABELS & self.meanings)
        extra = {} if has_units or not layout.unit else {"code": Cell("", layout.unit)}
        if len(layout.day) == len("2020-08-20"):
            extra["day"] = Cell("", date.fromisoformat(layout.day))
        about = {"within": layout.unit if has_units else "", "excludes_opening": layout.opening == WITHOUT}
        last_label = max((n for n, key in keys.items() if key in LABELS), default=len(self.heads))
        for row, cells in self.below.items():
            own = {keys[n]: cell for n, cell in cells.items() if n in keys}
            has_figure = any(is_number(cell) for key, cell in own.items() if known[key].is_number)
            if len({cell.value for cell in own.values()}) == 1 and not has_figure and "name" in own:
                own = {"name": own["name"]}  # the title of a group, merged across the row
            if "day" in own and (day := parsing.day(own["day"].text, near=self.near)):
                own["day"] = replace(own["day"], value=day)
            for key in own if layout.measure > 1 else ():
                if known[key].is_number:
                    own[key] = _multiplied(own[key], layout.measure)
            total = _total(cell for n, cell in cells.items() if n <= last_label)
            line = SheetLine(row, {**extra, **own} if own else own, total, order, known, letters, **about)
            line.mark = self.sheet.marks.get(row, "") if has_figure else ""
            if (own or line.total) and names.fold(line.label) not in layout.skip:
                yield line

    def _other_table(self) -> int:
        """The row of another table, or 0: it has another day alone or part of the head, and figures follow."""
        if not self.meanings & OF_A_DAY:
            return 0
        figures = [n for n, meaning in self.columns.items() if meaning in OF_A_DAY]
        filled = [row for row, cells in self.below.items() if any(is_number(cells.get(n)) for n in figures)]
        last = max(filled, default=0)
        head = texts(self.sheet.rows.get(self.layout.head, {}))
        for row, cells in self.below.items():
            own, values = texts(cells), {cell.text for cell in cells.values()}
            days = {f"{day}" for text in values if len(values) == 1 for day in days_named(text, self.near)}
            if row < last and (days - {self.layout.day} or (own != head and own.items() & head.items())):
                return row
        return 0


@dataclass
class Table:
    """The lines of all sheets, and what somebody must still say."""

    sheets: list[SheetTable]
    lines: list[SheetLine]
    days: list[DayColumn]
    questions: list[Question]
    others: list[str] = field(default_factory=list)  # the names of the sheets that are not read

    @property
    def all_days(self) -> set[date]:
        """The days of all columns and lines."""
        return {column.day for column in self.days} | {parsing.day(line.text("day")) for line in self.lines} - {None}

    @property
    def months_apart(self) -> list[date]:
        """The days, if two that follow each other are a month apart: perhaps the month was written first."""
        days = sorted(self.all_days)
        return days if any((after - before).days >= MONTH for before, after in pairwise(days)) else []


def table_of(kind: Kind, book: Book, layouts: Mapping[str, Any], *, near: date) -> Table:
    """The table of a book; `layouts` has those of its sheets by name. Raises `Unreadable`."""
    read = [(sheet, SheetLayout(**layouts[sheet.name])) for sheet in book.sheets if sheet.name in layouts]
    sheets = [SheetTable(sheet, layout, kind, near) for sheet, layout in read if layout.is_read]
    days = {day for part in sheets for key in part.keys.values() if (day := as_day(key))}
    known = {column.key: column for column in kind.columns}
    known |= {DATED: Column(DATED, "", is_number=True)} if kind.is_of_reports else {}
    known |= {day.key: Column(day.key, formatting.day(day.day), "", is_number=True) for day in days}
    others = [sheet.name for sheet in book.sheets if sheet.name not in {part.sheet.name for part in sheets}]
    table = Table(sheets, [], sorted(days), [], others)
    for order, part in enumerate(sheets):
        table.lines += part.lines(order, f"{part.sheet.name}!" if len(sheets) > 1 else "", known)
        table.questions += part.questions()
    if len(table.all_days) > MAX_DAYS:
        raise Unreadable(_("The file is about more than %(n)s days. Split it.") % {"n": MAX_DAYS})
    return table


def heads_of(sheet: Sheet, row: int) -> dict[int, str]:
    """The head of each column; below a common head, both: “Ngày 19/08 – Mới”. A title alone in its row is no head."""
    own, above = texts(sheet.rows.get(row, {})), texts(sheet.rows.get(row - 1, {}))
    above = above if len(set(above.values())) > 1 else {}
    heads = {n: dict.fromkeys(filter(None, (above.get(n), own.get(n)))) for n in sorted({*own, *above})}
    return {n: " – ".join(parts)[:LONGEST_TITLE] for n, parts in heads.items()}


def day_of_column(sheet: Sheet, head: int, number: int, near: date) -> date | None:
    """The day in the head of the column, or in the head above it."""
    above = sheet.rows.get(head - 1, {})
    rows = [sheet.rows.get(head, {}), above if len({*texts(above).values()}) > 1 else {}]
    return next(filter(None, (day_of_head(cells.get(number), near) for cells in rows)), None)


def texts(cells: Mapping[int, Cell]) -> dict[int, str]:
    return {n: cell.text[:LONGEST_TITLE] for n, cell in sorted(cells.items()) if cell.text}


def first_few(words: Sequence[str]) -> str:
    return ", ".join(words[:FEW]) + (" …" if len(words) > FEW else "")


def as_day(key: str) -> DayColumn | None:
    day, _blank, mode = key.partition(" ")
    return DayColumn(date.fromisoformat(day), mode) if re.fullmatch(r"\d{4}-\d\d-\d\d", day) else None


def days_named(text: str, near: date) -> list[date]:
    """The days that a text writes: 20/8, 20.08.2020, ngày 20 tháng 8 năm 2020."""
    days = []
    for match in DAY_IN_A_TEXT.finditer(names.fold(text[:LONGEST_TEXT])):
        written = "/".join(filter(None, match.groups())) or match[0]
        written = re.sub(r"^(\d{1,2}[/.-]\d{1,2}[/.-])(\d\d)$", r"\g<1>20\2", written)
        days.append(parsing.day(written, near=near))
    return list(dict.fromkeys(filter(None, days)))


def day_of_head(cell: Cell | None, near: date) -> date | None:
    """The one day that a head names."""
    if cell is None or isinstance(cell.value, date):
        return cell and cell.value
    days = days_named(cell.text, near)
    return days[0] if len(days) == 1 else None


def is_number(cell: Cell | None) -> bool:
    """Whether the cell holds a figure, as a number, as text or as a formula without a stored result."""
    if cell is None or isinstance(cell.value, date | None):
        return cell is not None and cell.problem == "formula"
    return not isinstance(cell.value, str) or bool(NUMBER.fullmatch(AFTER_A_FIGURE.sub("", cell.value)))


def _multiplied(cell: Cell, measure: int) -> Cell:
    """The cell in phones, if it counts thousands: “2,5” is 2500, “1.234” 1234000."""
    written = f"{cell.value}".replace(".", ",") if isinstance(cell.value, int | float) else str(cell.value or "")
    if not DECIMAL.fullmatch(written):
        return cell
    value = Decimal(written.replace(".", "").replace(",", ".")) * measure
    return replace(cell, value=int(value) if value == int(value) else float(value))


def _total(cells: Iterable[Cell]) -> str:
    """The text that marks the row as a line of sums; empty if it is none."""
    written = [cell.value for cell in cells if isinstance(cell.value, str)]
    return next((text for text in written if len(text) <= LONGEST_TOTAL and TOTAL.fullmatch(names.fold(text))), "")
