"""Finds the tables in sheets of any layout. Only the clerk may drop a column with numbers."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property
from itertools import islice
from typing import NamedTuple

from django.utils.translation import gettext as _
from openpyxl.utils import get_column_letter
from openpyxl.utils.datetime import from_excel

from ..files.cells import Cell, Sheet, Unreadable
from ..files.spreadsheets import Book
from ..text import formatting, names, parsing
from . import columns as heads_known
from .columns import CUMULATIVE, DAILY, LONGEST_TITLE, OF_DAYS_CSV, OPENING, Column, Kind, key_of, mode_of

MAX_DAYS = 62  # in one file; so many days of a whole city are written in a second
HEAD_WITHIN = 15  # rows from the first filled row
LONGEST_TOTAL, LONGEST_TEXT = 60, 500  # characters; longer texts are ignored
SAMPLES = 3  # example lines that are shown for a column
SKIP = "-"  # the meaning of a column that is skipped
PART_DASH = " – "  # between the head of a figure and that of its part: “Số máy cài mới – Sáng”
TOTAL = re.compile(
    r"(?:tong cong|tong so|cong|tong|total|grand total|sum)"
    r"(?: (?:quan|huyen|thanh pho|tinh|cac|toan|chung|thang|tuan|trong|\d+ ngay)\b.*)?:?"
    r"|toan (?:thanh pho|tinh|huyen|quan|thi xa|dia ban)\b.*"
)
SUM_OF = re.compile(r"(?:tong )?cong ")
FOOT = re.compile(
    r"tong (?:so|cong) ?:? ?\d+ (?:don vi|nguoi)|nguoi (?:lap|tong hop)|thu truong|noi nhan|\(?ky[,) ]|t[mlu]q?\. "
    r"|kt\. |.*, ngay .* thang .* nam"
)
NUMBERED = re.compile(r"\(?\[?(\d{1,2}|[a-z])\]?\)?(?: ?=.*)?")
AFTER_A_FIGURE = re.compile(r"\s*(?:máy|người|lượt|thiết bị|hộ)$", re.IGNORECASE)  # "242 máy"
NUMBER = re.compile(r"[\d.,\s]*\d[\d.,\s]*%?")
NO_MODE = {"", "bao cao", "so lieu"}
UNTIL = re.compile(r" ?\b(?:tinh )?den(?: het)?\b")
DAY = r"\d{4}-\d{2}-\d{2}|\d{1,2}[/.-]\d{1,2}[/.-]\d{2,4}|\d{1,2}/\d{1,2}"
HOUR = r"(?: \d{1,2}[h:]\d{0,2}(?::\d\d)?)?"
DAY_IN_A_HEAD = re.compile(r"(?:\bngay )?\b(?P<day>" + DAY + r")\b" + HOUR)
# A head that compares days, such as “Tăng so với 19/8” or “Lũy kế từ 01/8/2020”.
COMPARING = re.compile(r"\b(?:tu|so voi|so \d+|hom qua|truoc|sau|nhap|in)\b")
DAY_OR_MONTH = re.compile("(" + DAY + r")|\bthang \d|\b20\d\d$")
# Texts whose day is not the day of the figures: the day of printing, of signing, of a letter.
NO_TITLE = re.compile(r"in luc|.*, (?:\d+h\d* )?ngay \d+ thang|\((?!tinh|so lieu|cap nhat|den|ngay|tu 17)")
FROM_THE_EVE = re.compile(r"tu 17\D\d* (?:ngay )?\S+ (?=den 17)")  # a day runs from 17:00 to 17:00
OF_SEVERAL_DAYS = re.compile(r"\btu (?:ngay )?\d")  # “từ ngày 14 đến ngày 20/8/2020” is of no one day
MONTH_IN_A_TITLE = re.compile(r"thang (\d{1,2})(?:/| nam )(\d{4})")
DENYING = re.compile(r"\b(?:chua|khong)\b")  # “chưa cộng lũy kế”
MODES_IN_A_TITLE = {DAILY: re.compile(r"\bcai (?:dat )?moi\b|\bmoi cai\b"), CUMULATIVE: re.compile(r"\bluy ke\b")}
DAY_IN_A_TITLE = re.compile(r"ngay(?: bao cao)?:? (\d{1,2})(?:[/.-]| thang )(\d{1,2})(?:[/.-]| nam )(\d{4})")
EXCEL_DAYS = range(43_101, 47_484)  # 2018 to 2029: Excel's numbers of days that lost their format
# Heads of the data sheet in the product's own workbooks, which no other sheet has; in both languages.
OWN_DATA = ({"ma don vi cap tren", "so lieu tai thoi diem"}, {"code of the superior", "figures as of"})


class DayColumn(NamedTuple):
    day: date
    mode: str  # empty if the line or the file gives it

    @property
    def key(self) -> str:
        return f"{self.day.isoformat()} {self.mode}".strip()


@dataclass
class SheetLine:
    """One row below the head: its cells by the meaning of their column."""

    row: int
    cells: dict[str, Cell]
    total: str = ""  # such as "Tổng cộng"
    sheet: int = 0
    columns: Mapping[str, Column] = field(default_factory=dict)  # all columns of the kind by key, and those of days
    letters: Mapping[str, str] = field(default_factory=dict)  # by key; with several sheets, also the sheet's name

    @property
    def numbers(self) -> list[str]:
        """The keys of the columns with figures."""
        return [key for key, column in self.columns.items() if column.is_number]

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
        letters = next((self.letters[known] for known in (key, *self.cells) if known in self.letters), "")
        return f"{letters}{self.row}"


@dataclass
class SheetTable:
    """One sheet: the row of its head, and the meaning of each column by number."""

    sheet: Sheet
    kind: Kind
    head_row: int = 0
    heads: dict[int, str] = field(default_factory=dict)
    columns: dict[int, str] = field(default_factory=dict)  # "" if unknown, SKIP if not read
    is_read: bool = False
    is_chosen: bool = False  # the clerk has decided about it
    unit: str = ""  # the code of the unit that the clerk chose for all lines of a sheet without a column of units
    meanings_of_heads: dict[int, str] = field(default_factory=dict)  # of each head by itself: two may have the same

    @property
    def meanings(self) -> dict[int, str]:
        """The meanings of the columns that are read."""
        return {number: meaning for number, meaning in self.columns.items() if meaning not in ("", SKIP)}

    @property
    def lacks(self) -> list[str]:
        """The titles of the needed columns that are missing."""
        meanings = {*self.columns.values(), *(["code"] if self.unit else [])}
        if self.kind.has_days and any(map(_as_day, meanings)):
            meanings.add(DAILY)
        titles = {column.key: str(column.title) for column in self.kind.columns}
        lacking = [keys for keys in self.kind.needs if not meanings & set(keys)]
        return [" / ".join(titles[key] for key in keys if key in titles) for keys in lacking]

    @property
    def has_no_units(self) -> bool:
        """Whether no column names units, so that the clerk may choose one unit for all lines."""
        return ("code", "name") in self.kind.needs and not {"code", "name"} & set(self.columns.values())

    @property
    def is_two_tables(self) -> bool:
        """Whether two distant columns with one head name the units."""
        units = [n for n, meaning in self.meanings_of_heads.items() if meaning in ("code", "name")]
        return any(self.heads[a] == self.heads[b] and a + 2 < b for a in units for b in units)

    @property
    def is_own_data(self) -> bool:
        """Whether it is the data sheet of one of the product's workbooks."""
        return any(heads <= set(map(key_of, self.heads.values())) for heads in OWN_DATA)

    @cached_property
    def below(self) -> dict[int, dict[int, Cell]]:
        """The rows below the head, without those that only number the columns or repeat the head."""
        rows = {row: cells for row, cells in self.sheet.rows.items() if row > self.head_row and not _is_numbered(cells)}
        again = {row for row in rows if len(texts := _texts(rows[row])) > 1 and texts.items() <= self.heads.items()}
        return {row: cells for row, cells in rows.items() if row not in again}

    @cached_property
    def numeric(self) -> set[int]:
        """The columns with a number below the head."""
        return {number for cells in self.below.values() for number, cell in cells.items() if is_number(cell)}

    @property
    def unclear(self) -> list[int]:
        return [number for number in self.heads if not self.columns[number] and number in self.numeric]

    @property
    def has_figures(self) -> bool:
        figures = {column.key for column in self.kind.columns if column.is_number}
        return any(m in {"", *figures} or _as_day(m) for n, m in self.columns.items() if n in self.numeric)

    def is_sum_of_days(self, number: int) -> bool:
        """Whether the column is headed as a sum, and is the sum of the days in every row."""
        days = [n for n, m in self.columns.items() if (day := _as_day(m)) and day.mode != CUMULATIVE]
        if not days or not TOTAL.fullmatch(names.fold(self.heads[number])):
            return False
        for cells in self.below.values():
            values = [_whole(cells[n]) or 0 for n in days if n in cells]
            if number in cells and _whole(cells[number]) != sum(values):
                return False
        return True

    @cached_property
    def title_day(self) -> date | None:
        """The day named above the head, or else in it; None if several. Days of signing and printing do not count."""
        in_heads = [names.fold(head) for head in self.heads.values() if mode_of(head)]
        for texts in (texts_above(self.sheet, self.head_row), in_heads):
            titles = [part for text in texts for part in text.split("; ") if not NO_TITLE.match(part)]
            titles = [title for title in titles if not OF_SEVERAL_DAYS.search(FROM_THE_EVE.sub("", title))]
            if days := {day for title in titles for day in _days_named(title)}:
                return days.pop() if len(days) == 1 else None
        return None

    @property
    def title_mode(self) -> str:
        """Whether the titles, which stand alone in their rows, say new or cumulative figures; empty if both or none."""
        rows = [{_folded(c) for c in cells.values()} for row, cells in self.sheet.rows.items() if row < self.head_row]
        titles = [text for texts in rows if len(texts) == 1 for text in texts if not DENYING.search(text)]
        modes = {mode for mode, words in MODES_IN_A_TITLE.items() if any(map(words.search, titles))}
        return modes.pop() if len(modes) == 1 else ""

    def samples(self, number: int) -> list[str]:
        cells = [cells.get(number) for cells in islice(self.below.values(), SAMPLES)]
        return [cell.text[:60] if cell else "" for cell in cells]

    def lines(self) -> Iterator[tuple[int, dict[int, Cell]]]:
        """The rows below the head and above the signatures, which begin after the last row with a figure or code."""
        foot, meanings = max(self.below, default=0) + 1, self.meanings
        for row, cells in reversed(self.below.items()):
            if any(n in meanings and re.search(r"\d", c.text) for n, c in cells.items() if is_number(c)):
                break
            if any(FOOT.match(_folded(cell)) for cell in cells.values()):
                foot = row
        return ((row, cells) for row, cells in self.below.items() if row < foot)


@dataclass
class Table:
    """The lines of all sheets, and what the clerk must still decide."""

    sheets: list[SheetTable]
    lines: list[SheetLine]
    days: list[DayColumn]
    lacks_mode: bool = False  # whether the clerk must say if figures are new or cumulative
    lacks_day: bool = False
    misplaced: list[str] = field(default_factory=list)  # sentences on columns whose head names another day

    @property
    def used_sheets(self) -> list[SheetTable]:
        return [part for part in self.sheets if part.is_read]

    @property
    def all_days(self) -> set[date]:
        """The days of all columns and lines."""
        return {column.day for column in self.days} | {parsing.day(line.text("day")) for line in self.lines} - {None}


def clear_table_of(kind: Kind, book: Book) -> Table:
    """The table of a book that nobody is asked about. Raises `Unreadable`, also if columns are unclear."""
    table = table_of(kind, book)
    if asked := problems(table):
        raise Unreadable(" ".join(asked))
    return table


def problems(table: Table) -> list[str]:
    """Sentences on what the clerk must still decide about the columns."""
    texts = []
    for part in table.used_sheets:
        if part.lacks:
            words = _("The head of the sheet “%(sheet)s” has no column for: %(columns)s.")
            texts.append(words % {"sheet": part.sheet.name, "columns": ", ".join(part.lacks)})
        if part.has_no_units and len(part.lacks) == 1:
            words = _("Sheet “%(sheet)s” has no column of units. If all its lines are of one unit, choose the unit.")
            texts.append(words % {"sheet": part.sheet.name})
        if part.unclear:
            heads = ", ".join(f"“{part.heads[number]}”" for number in part.unclear)
            words = _("Sheet “%(sheet)s”: say what the numbers in these columns mean: %(columns)s.")
            texts.append(words % {"sheet": part.sheet.name, "columns": heads})
            if heads.count(PART_DASH) > 1:
                texts.append(_("If columns are parts of one number, only their sum is right: add it to the file."))
    for part in table.sheets:
        if part.has_figures and not (part.is_read or part.is_chosen):
            words = _("Sheet “%(sheet)s” has numbers but is not read. Confirm this, or say what its columns mean.")
            texts.append(words % {"sheet": part.sheet.name})
    if table.lacks_mode:
        texts.append(_("The file does not say if the figures are daily (“mới”) or cumulative (“lũy kế”)."))
    if table.lacks_day:
        texts.append(_("The file does not say which day the figures are for."))
    return [*texts, *table.misplaced]


def table_of(
    kind: Kind, book: Book, *, near: date | None = None, day: date | None = None, choices: Mapping | None = None
) -> Table:
    """The table of a book; `day` was given with the file. Raises `Unreadable`.

    `choices` are the clerk's: `sheets` maps the name of a sheet to the meanings of its columns by number, or to None if
    it is not read; `units` maps it to the code of a unit; `mode` and `day` apply to figures without their own.
    """
    choices = choices or {}
    reader, chosen = _Reader(kind, near, day), choices.get("sheets", {})
    sheets = [reader.locate(sheet) for sheet in sorted(book.sheets, key=lambda sheet: sheet.is_hidden)]
    for part in sheets if chosen else ():  # a sheet without a choice is left out
        columns = chosen.get(part.sheet.name)
        part.is_read, part.is_chosen = columns is not None, part.sheet.name in chosen
        part.columns |= {int(n): meaning for n, meaning in (columns or {}).items() if int(n) in part.columns}
        part.unit = choices.get("units", {}).get(part.sheet.name, "") if part.has_no_units else ""
    if not chosen and any(part.is_own_data for part in sheets):
        for part in sheets:
            part.is_read, part.is_chosen = part.is_own_data, True
    if any(part.is_read and not part.lacks for part in sheets):
        for part in sheets:
            part.is_read = part.is_read and (part.is_chosen or not part.lacks)
    if not any(part.is_read for part in sheets):
        candidates = [part for part in sheets if part.heads]
        if not candidates:
            words = _("No sheet has a head with the columns of this import within its first %(n)s rows: %(sheets)s.")
            shown = ", ".join(f"“{sheet.name}”" for sheet in book.sheets)[:300]
            raise Unreadable(words % {"n": HEAD_WITHIN, "sheets": shown})
        min(candidates, key=lambda part: len(part.lacks)).is_read = True
    for part in sheets:
        if part.is_read and part.is_two_tables:
            words = _("Sheet “%(sheet)s” has two tables side by side. Put one below the other and send it again.")
            raise Unreadable(words % {"sheet": part.sheet.name})
    table = reader.table(sheets, choices)
    if not (table.lines or problems(table)):
        raise Unreadable(_("There is no line below the head of the sheet."))
    if len(table.all_days) > MAX_DAYS:
        raise Unreadable(_("The file is about more than %(n)s days. Split it.") % {"n": MAX_DAYS})
    return table


class _Reader:
    def __init__(self, kind: Kind, near: date | None, day: date | None):
        self.kind, self.near, self.day = kind, near, day
        self.by_head = heads_known.columns_by_head(kind)
        self.figures = {column.key for column in kind.columns if column.is_number}
        self.of_a_day = self.figures - {OPENING} if "day" in {column.key for column in kind.columns} else set()

    def locate(self, sheet: Sheet) -> SheetTable:
        """Find the head: the row that names the most needed columns, together with the row above it."""
        rows = [row for row in list(sheet.rows)[:HEAD_WITHIN] if not _is_numbered(sheet.rows[row])]
        last = Counter({number: row for row, cells in sheet.rows.items() for number in cells})
        heads = [self._head(sheet, row, last) for row in rows]
        candidates = [part for part in heads if len(part.meanings) >= 2]
        if not candidates:  # the row with the most texts may be the head
            texts = [len({c.value for c in sheet.rows[row].values() if not is_number(c)}) for row in rows]
            most = max(texts, default=0)
            best = heads[texts.index(most)] if most >= 2 else SheetTable(sheet, self.kind)
            return self._with_parts(best, last) or best
        best = max(candidates, key=lambda one: (-len(one.lacks), sum(1 + (" " in m) for m in one.meanings.values())))
        below = [one for one in candidates if one.head_row == best.head_row + 1 and one.meanings == best.meanings]
        is_twice = any(n > 1 and m in self.figures for m, n in Counter(best.meanings_of_heads.values()).items())
        above = [one for one in heads if is_twice and one.head_row == best.head_row - 1 and one.meanings]
        best = next(filter(None, (self._with_parts(one, last) for one in (best, *above))), next(iter(below), best))
        for meaning in {m for m in best.meanings.values() if m in self.figures or _as_day(m)}:
            _settle_parts(best, [n for n, m in best.meanings_of_heads.items() if m == meaning], meaning)
        is_whole = len(best.lacks) <= best.has_no_units  # but for the unit, which the clerk may choose
        day = self.day or best.title_day
        for n, head in best.heads.items():
            is_until = bool(day and UNTIL.search(names.fold(head)) and _as_day(best.columns[n]))
            if (is_until or best.columns[n] in self.of_a_day) and _is_of_another_day(head, day):
                best.columns[n] = ""
        if self.kind.has_days:  # the day may be the name of the sheet
            best.title_day = best.title_day or parsing.day(sheet.name.lower().removeprefix("ngày"), near=self.near)
        best.columns |= {n: SKIP for n in best.unclear if best.is_sum_of_days(n)}
        if best.title_mode == CUMULATIVE and CUMULATIVE not in best.columns.values():  # "LŨY KẾ" above "Số cài mới"
            best.columns |= {n: "" for n, meaning in best.columns.items() if meaning == DAILY}
        best.is_read = is_whole or bool(best.unclear)
        return best

    def _with_parts(self, best: SheetTable, last: Mapping[int, int]) -> SheetTable | None:
        """The head with the row below it, if that row names parts of a figure, such as “Sáng” and “Chiều”."""
        row = best.head_row + 1
        own = _texts(best.sheet.rows.get(row, {}))
        of_texts = {n for n, m in best.meanings.items() if m not in self.figures and not _as_day(m)}
        for n, cell in best.sheet.rows.get(row, {}).items():
            if is_number(cell) or (n in of_texts and own.get(n) != best.heads[n]):
                return None  # a line, not a head
        parts, first, times = defaultdict(list), 0, Counter(own.values())
        for n in sorted({*best.heads, *own}):
            if n in best.heads and best.heads[n] != best.heads.get(first):
                first = n  # its head is also over the columns at its right that have none
            is_part = n in own and own[n] != best.heads.get(first, own[n])
            if is_part and (best.columns[first] != SKIP or times[own[n]] > 1):  # “Cán bộ, công chức” beside “Nhân dân”
                parts[first].append(n)
        parts = {first: numbers for first, numbers in parts.items() if len(numbers) > 1}
        if not parts:
            return None
        heads = {n: Cell("", best.heads[first]) for first, numbers in parts.items() for n in numbers}
        lower = self._head(best.sheet, row, last, best.sheet.rows.get(best.head_row, {}) | heads)
        for first, numbers in parts.items():
            _settle_parts(lower, numbers, best.columns[first])
            lower.heads |= {n: f"{best.heads[first]}{PART_DASH}{own[n]}" for n in numbers}
        return lower

    def _head(self, sheet: Sheet, row: int, last: Mapping[int, int], over: Mapping | None = None) -> SheetTable:
        """The sheet with this row as its head, below `over`; `last` is the last filled row of each column."""
        over = sheet.rows.get(row - 1, {}) if over is None else over
        heads = _texts({**over, **sheet.rows[row]})  # a cell without text takes the text above it
        meanings, taken, of_heads = {}, set(), {}
        of_days_csv = OF_DAYS_CSV if OF_DAYS_CSV.keys() <= set(heads.values()) else {}
        for number, head in heads.items():
            own = sheet.rows[row].get(number) or over[number]
            meaning = of_days_csv.get(head) or self._meaning(own, over.get(number))
            before = meanings.get(number - 1)
            if before == meaning == "person" and heads[number - 1] == head:  # over family name and given name
                meanings[number - 1] = before = "family"
            if before == "family" and (meaning == "person" or key_of(head) == "ten"):
                meaning, taken = "person", taken - {"person"}
            of_heads[number] = meaning
            meanings[number] = "" if meaning in taken else meaning
            taken |= {meaning} - {"", SKIP}
        named = [number for number, meaning in of_heads.items() if meaning == "name"]
        if len(named) > 1 and heads_known.PROVINCES.fullmatch(key_of(heads[named[0]])):
            meanings |= {named[0]: SKIP, named[1]: "name"}  # "Tỉnh, thành phố" beside "Phường, xã"
        if not {"code", "name"} & taken:  # "Quận, huyện" is the unit if nothing else is
            meanings = {number: "name" if m == "district" else m for number, m in meanings.items()}
        units = [number for number, meaning in meanings.items() if meaning in ("code", "name")]
        if units and self.kind.has_days:
            meanings |= _days_of_month(sheet, row)
        gaps = [n for n in range(min(heads, default=0), max(heads, default=0)) if n not in heads and last[n] <= row]
        for number, meaning in meanings.items():  # ask about columns of another table beside it
            apart = units and all(any(min(n, number) < gap < max(n, number) for gap in gaps) for n in units)
            meanings[number] = "" if apart and meaning != SKIP else meaning
        return SheetTable(sheet, self.kind, row, heads, meanings, meanings_of_heads=of_heads)

    def _meaning(self, own: Cell, over: Cell | None) -> str:
        texts = [cell.text[:LONGEST_TITLE] for cell in (own, over) if cell]
        if self.kind.has_days:
            (day, mode), (day_over, _mode) = _day_head(own, self.near), _day_head(over, self.near)
            modes = [mode_of(text) for text in texts]
            if day:
                return DayColumn(day, mode or (modes[1] if over else "")).key
            if day_over and modes[0]:
                return DayColumn(day_over, modes[0]).key
        ways = (texts[0], " ".join(reversed(texts)))
        for text in ways:
            if meaning := heads_known.column_headed(key_of(text), self.by_head):
                return meaning
        if over and not self.of_a_day and TOTAL.fullmatch(names.fold(texts[0])):  # "Tổng số" below "Dân số"
            return self._meaning(over, None)
        if heads_known.is_passed_over(texts[0]):
            return SKIP
        return next((mode for text in ways if (mode := mode_of(text)) in self.of_a_day), "")

    def _misplaced(self, part: SheetTable, given: date | None) -> Iterator[str]:
        """A sentence on each column whose head names another day than that which it would be recorded for."""
        words = _(
            "Column “%(head)s” is of %(named)s but would be recorded for %(day)s: choose that day, skip the column, or "
            "send it alone with that day."
        )
        for n, meaning in part.meanings.items():
            of_day = _as_day(meaning)
            day = of_day.day if of_day else given if meaning in self.of_a_day else None
            named = _days_of_head(part, n, day)
            if day and named and day not in named:
                yield words % {"head": part.heads[n], "named": formatting.day(named[-1]), "day": formatting.day(day)}

    def table(self, sheets: list[SheetTable], choices: Mapping) -> Table:
        days = {day for part in sheets if part.is_read for m in part.columns.values() if (day := _as_day(m))}
        table = Table(sheets, [], sorted(days))
        known = {column.key: column for column in self.kind.columns}
        known |= {day.key: Column(day.key, formatting.day(day.day), "", is_number=True) for day in table.days}
        for order, part in enumerate(table.used_sheets):
            meanings, extra = part.meanings, self._given_beside(table, part, choices)
            prefix = f"{part.sheet.name}!" if len(table.used_sheets) > 1 else ""
            letters = {meaning: f"{prefix}{get_column_letter(n)}" for n, meaning in meanings.items()}
            if not (table.lacks_day or "day" in meanings.values()):
                table.misplaced += self._misplaced(part, extra["day"].value if "day" in extra else self.day)
            other_table = 0  # the row of its title or head
            for row, cells in part.lines():
                own = {meanings[n]: cell for n, cell in cells.items() if n in meanings}
                is_text = len({cell.value for cell in own.values()}) == 1 and not any(map(is_number, own.values()))
                if is_text and not own.keys() <= {"name", "district"}:  # the title of a group, merged across the row
                    kept = "name" if "name" in own else next(iter(own))
                    own = {kept: own[kept]}
                if "day" in own and (day := parsing.day(own["day"].text, near=self.near)):
                    own["day"] = replace(own["day"], value=day)
                if other_table and any(n in meanings and is_number(cell) for n, cell in cells.items()):
                    words = _("Row %(row)s of the sheet “%(sheet)s” begins a table of another day or of other figures.")
                    words += " " + _("Send each table as a file or sheet of its own.")
                    raise Unreadable(words % {"row": other_table, "sheet": part.sheet.name})
                other_table = other_table or (row if self._heads_another_table(part, cells) else 0)
                total = _total(cells)
                if not total and not {"code", "name"} & own.keys() and "district" in own:  # “Cộng Lê Chân”
                    total = own["district"].text if SUM_OF.match(_folded(own["district"])) else ""
                if own or total:
                    table.lines.append(SheetLine(row, {**own, **extra} if own else own, total, order, known, letters))
        return table

    def _heads_another_table(self, part: SheetTable, cells: Mapping[int, Cell]) -> bool:
        """Whether a title or head below the head names another day than it, or in a column other figures."""
        texts = _texts(cells)
        of_figures = {n for n, m in part.meanings.items() if m in self.of_a_day or _as_day(m)}
        is_title, is_head = len(set(texts.values())) == 1, texts.items() & part.heads.items()
        days = {part.title_day, self.day, None} | {day.day for m in part.meanings.values() if (day := _as_day(m))}
        for n in texts if self.kind.has_days and (is_title or is_head) else ():
            named = _days_named(_folded(cells[n])) | {_day_head(cells[n], self.near)[0]}
            if (is_title or n in of_figures) and named - days:
                return True
            if n in of_figures and mode_of(texts[n]) not in ("", *part.meanings[n].split()):
                return True
        return False

    def _given_beside(self, table: Table, part: SheetTable, choices: Mapping) -> dict[str, Cell]:
        """The unit, day and mode for lines without their own. Tells the table if the clerk must give day or mode."""
        meanings, extra = set(part.meanings.values()), {"code": Cell("", part.unit)} if part.unit else {}
        if self.of_a_day & meanings and "day" not in meanings:
            days = {date.fromisoformat(choices["day"])} if choices.get("day") else {self.day, part.title_day} - {None}
            if len(days) > 1 or (self.kind.has_days and not days):
                table.lacks_day = True
            elif days and days != {self.day}:
                extra["day"] = Cell("", days.pop())
        days = filter(None, map(_as_day, meanings)) if self.kind.has_days and "mode" not in meanings else ()
        if any(not day.mode for day in days):
            mode = choices.get("mode") or part.title_mode
            table.lacks_mode |= not mode
            extra["mode"] = Cell("", mode)
        return extra


def _settle_parts(table: SheetTable, numbers: Sequence[int], meaning: str) -> None:
    """Of columns that may be parts of one figure, take the one that is headed as their sum; else ask about them."""
    sums = [n for n in numbers if TOTAL.fullmatch(names.fold(table.heads[n]))]
    has_sum = len(sums) == 1
    is_taken = has_sum or any(table.columns[n] == meaning for n in numbers)
    free = ("", meaning if is_taken else SKIP)  # ask about skipped parts, such as “Nam”, only if nothing is the whole
    asked = [n for n in numbers if table.columns[n] in free and n in table.numeric]
    if has_sum or len(asked) > 1:
        table.columns |= dict.fromkeys(asked, "")
    if has_sum:
        table.columns[sums[0]] = meaning


def _texts(cells: Mapping[int, Cell]) -> dict[int, str]:
    return {n: cell.text[:LONGEST_TITLE] for n, cell in sorted(cells.items()) if cell.text}


def _folded(cell: Cell) -> str:
    return names.fold(cell.text[:LONGEST_TITLE])


def texts_above(sheet: Sheet, head_row: int) -> list[str]:
    """The folded texts of the cells above the row; one that ends with a colon, with the text of the next cell."""
    texts: list[str] = []
    for cell in (cell for row, cells in sheet.rows.items() if row < head_row for cell in cells.values()):
        if texts and texts[-1].endswith(":"):
            texts[-1] += f" {_folded(cell)}"
        else:
            texts.append(_folded(cell))
    return texts


def _days_named(folded: str) -> set[date | None]:
    """The days that a text names in full; None for one that no calendar has. From the eve at 17:00 on is no day."""
    return {parsing.day("/".join(found)) for found in DAY_IN_A_TITLE.findall(FROM_THE_EVE.sub("", folded))}


def _as_day(meaning: str) -> DayColumn | None:
    day, _blank, mode = meaning.partition(" ")
    return DayColumn(date.fromisoformat(day), mode) if re.fullmatch(r"\d{4}-\d\d-\d\d", day) else None


def _day_head(cell: Cell | None, near: date | None) -> tuple[date | None, str]:
    """The day and mode that a head names; None and empty if it names none."""
    value = cell.value if cell else None
    if isinstance(value, date):
        return value, ""
    folded = re.sub(r"[()]| [-–] |[:,](?!\d)", " ", names.fold(str(value or "")[:LONGEST_TITLE]))
    folded = " ".join(folded.split())
    number = value if isinstance(value, int | float) else int(folded) if folded.isdecimal() else None
    if number is not None:
        return (from_excel(int(number)).date() if int(number) in EXCEL_DAYS else None), ""
    days = [match["day"] for match in DAY_IN_A_HEAD.finditer(folded)]
    rest = UNTIL.sub("", " ".join(DAY_IN_A_HEAD.sub(" ", folded).split())).strip()
    mode = mode_of(rest)
    is_of_days = mode == DAILY and UNTIL.search(folded)  # not of one day
    is_clear = (mode or rest in NO_MODE) and re.fullmatch("[a-z -]*", rest)  # not "% mới 20/8"
    if len(days) != 1 or is_of_days or not is_clear:
        return None, ""
    day = re.sub(r"^(\d{1,2}[/.-]\d{1,2}[/.-])(\d\d)$", r"\g<1>20\2", days[0])
    return parsing.day(day, near=near), mode


def _days_of_head(table: SheetTable, number: int, near: date | None) -> list[date]:
    """The days that the head of a column names, else that of the cell above it. Empty if it compares days."""
    head = names.fold(table.heads[number])
    if COMPARING.search(head):
        return []
    found = [parsing.day(match["day"], near=near) for match in DAY_IN_A_HEAD.finditer(head)]
    over = table.sheet.rows.get(table.head_row - 1, {})
    is_title = len({cell.value for cell in over.values()}) == 1
    return list(filter(None, found or [None if is_title else _day_head(over.get(number), near)[0]]))


def _is_of_another_day(head: str, day: date | None) -> bool:
    """Whether a head names a month, a year, or a day that is not the day of the title."""
    match = DAY_OR_MONTH.search(names.fold(head))
    return match is not None and (match[1] is None or parsing.day(match[1], near=day) != day)


def is_number(cell: Cell | None) -> bool:
    """Whether the cell holds a figure, as a number, as text or as a formula without a stored result."""
    if cell is None or isinstance(cell.value, date | None):
        return cell is not None and cell.problem == "formula"
    return not isinstance(cell.value, str) or bool(NUMBER.fullmatch(AFTER_A_FIGURE.sub("", cell.value)))


def _whole(cell: Cell) -> int | None:
    try:
        return parsing.whole_number(cell.text)
    except (parsing.NotANumber, parsing.TooLarge):
        return None


def _days_of_month(sheet: Sheet, row: int) -> dict[int, str]:
    """The meanings of heads like 18 or "Ngày 18", below one common head: days of the month that is named above."""
    titles = [text for text in texts_above(sheet, row) if not NO_TITLE.match(text)]
    months = {month for text in titles for month in MONTH_IN_A_TITLE.findall(text)}
    if len(months) != 1:
        return {}
    month, over = "/".join(months.pop()), sheet.rows.get(row - 1, {})
    texts = {n: _folded(cell).removeprefix("ngay ") for n, cell in sheet.rows[row].items()}
    days = {n: day for n, text in texts.items() if (day := parsing.day(f"{text}/{month}"))}
    common = {over[n].text if n in over else "" for n in days}
    if len(days) < 2 or len(common) > 1 or list(days.values()) != sorted(set(days.values())):
        return {}
    mode = mode_of(common.pop())
    return {n: DayColumn(day, mode).key for n, day in days.items()}


def _is_numbered(cells: Mapping[int, Cell]) -> bool:
    """Whether the row only numbers the columns: (1) (2) (3), perhaps after A and B."""
    marks = [NUMBERED.fullmatch(_folded(cell)) for cell in cells.values()]
    if len(marks) < 3 or not all(marks):
        return False
    numbers = [int(mark[1]) for mark in marks if mark[1].isdecimal()]
    return numbers == list(range(1, len(numbers) + 1)) or numbers == list(range(2, len(numbers) + 2))


def _total(cells: Mapping[int, Cell]) -> str:
    """The text that marks the row as a line of sums; empty if it is none."""
    texts = [cell.value for cell in cells.values() if isinstance(cell.value, str) and len(cell.value) <= LONGEST_TOTAL]
    return next((text for text in texts if TOTAL.fullmatch(names.fold(text))), "")
