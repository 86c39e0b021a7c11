"""What a file may be: our own, a layout that the office has confirmed, or what the clerk is offered to confirm.

Our own files name every column in our own words, and so need no answer. Days in titles, names of sheets and of the file
are offered, never taken.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, replace
from datetime import date
from itertools import groupby
from typing import Any

from django.utils import translation
from django.utils.translation import gettext as _, gettext_lazy

from ..files.cells import Cell, Sheet, Unreadable
from ..files.spreadsheets import Book
from ..text import formatting, names
from .columns import CODE, DATED, Kind, columns_by_head, key_of
from .layout import (
    BY_HEADS,
    BY_LINES,
    SKIP,
    WITH,
    SheetLayout,
    as_day,
    day_of_column,
    day_of_head,
    days_named,
    heads_of,
    is_number,
    texts,
)

HEAD_WITHIN = 15  # rows from the first filled row
MOST_COLUMNS = 500  # of all sheets that the clerk is asked about
NOT_OURS = gettext_lazy("This is none of our own files: use the page “Import from Excel”, which asks what it is.")
DIGITS = re.compile(r"\d+")
MEASURE = re.compile(r"\bdon vi tinh\b|\bdvt\b|\b(?:nghin|ngan|trieu)\b")
MONTH_IN_A_TEXT = re.compile(r"\bthang (\d{1,2})(?:/| nam )(\d{4})")
# Heads of the tables that the product writes for programs; for offices, as CSV and on the data sheets of workbooks.
OF_DAYS_CSV = {"day", "unit", "unit_name", "as_of"}
OF_EXPORTS = (
    {"Lũy kế", "Số liệu tại thời điểm"},
    {"Cumulative", "Figures as of"},
)


def own_layouts(kind: Kind, book: Book, near: date) -> dict[str, dict]:
    """How the sheets of one of our own files are read, by name; empty if it is none."""
    found = {sheet.name: _own(kind, sheet, near) for sheet in book.sheets}
    return {name: asdict(layout) for name, layout in found.items() if layout}


def _own(kind: Kind, sheet: Sheet, near: date) -> SheetLayout | None:
    rows = [*sheet.rows]
    for row in rows[:HEAD_WITHIN]:
        heads = texts(sheet.rows[row])
        said = {*heads.values()}
        by_head = columns_by_head(kind)
        if said >= OF_DAYS_CSV:
            columns = {n: {"unit": "code", "unit_name": "name"}.get(head, head) for n, head in heads.items()}
        elif any(said >= marks for marks in OF_EXPORTS):
            columns = {n: by_head.get(key_of(head), SKIP) for n, head in heads.items()}
        elif row == rows[0] or _is_title_of(kind, sheet.rows[rows[0]]):
            own = _own_titles(kind)
            days = {n for n in heads if kind.is_of_reports and day_of_head(sheet.rows[row][n], near)}
            columns = {n: DATED if n in days else own.get(head, "") for n, head in heads.items()}
            if "" in columns.values() or "code" not in columns.values():
                continue
        else:
            continue
        known = {column.key for column in kind.columns} | {DATED}
        columns = {str(n): key if key in known else SKIP for n, key in columns.items()}
        day = BY_HEADS if DATED in columns.values() else BY_LINES if "day" in columns.values() else ""
        return SheetLayout(row, columns, day=day, measure=1, opening=WITH)
    return None


def _own_titles(kind: Kind) -> dict[str, str]:
    """The keys of the columns by their titles in both languages, and by themselves."""
    titles = {name: column.key for column in kind.columns for name in column.names if "_" in name}
    titles |= {column.key: column.key for column in kind.columns}
    for language in ("vi", "en"):
        with translation.override(language):
            titles |= {str(column.title): column.key for column in kind.columns}
            titles[str(CODE.title)] = CODE.key
    return titles


def _is_title_of(kind: Kind, cells: Mapping[int, Cell]) -> bool:
    """Whether it is the first row of the template of this kind."""
    for language in ("vi", "en"):
        with translation.override(language):
            if [*texts(cells).values()] == [str(kind.title)]:
                return True
    return False


# Layouts that an office has confirmed.


def layout_to_keep(sheet: Sheet, layout: SheetLayout, near: date) -> dict[str, Any]:
    """The layout as the office remembers it: with the texts that must be the same again, but for their numbers."""
    day = layout.day if layout.day in (BY_HEADS, BY_LINES) else ""
    meanings = [
        [plain, meaning]
        for plain, columns in _runs(sheet, layout.head, near)
        for meaning in dict.fromkeys(layout.columns.get(str(n), SKIP) for n in columns)
    ]
    return {**asdict(replace(layout, columns={}, day=day)), **_marks(sheet, layout.head), "meanings": meanings}


def known_layouts(kept: Iterable[Mapping[str, Any]], book: Book, near: date) -> dict[str, dict]:
    """The remembered layouts of the sheets, by name; empty unless every filled sheet has one."""
    found = {sheet.name: _known(sheet, kept, near) for sheet in book.sheets if sheet.rows}
    return found if all(found.values()) and any(layout["is_read"] for layout in found.values()) else {}


def _known(sheet: Sheet, kept: Iterable[Mapping[str, Any]], near: date) -> dict | None:
    for one in (one for one in kept if one["head"]):  # a table without a head is asked about each time
        marks, runs = _marks(sheet, one["head"]), _runs(sheet, one["head"], near)
        is_same = [plain for plain, _columns in runs] == [plain for plain, _meaning in one["meanings"]]
        if is_same and all(one[key] == marks[key] for key in marks):
            layout = {key: value for key, value in one.items() if key not in (*marks, "meanings")}
            pairs = zip(runs, one["meanings"], strict=True)
            return {**layout, "columns": {str(n): meaning for (_p, columns), (_q, meaning) in pairs for n in columns}}
    return None


def _plain(text: str) -> str:
    return " ".join(DIGITS.sub("", names.fold(text)).split())


def _marks(sheet: Sheet, head: int) -> dict[str, Any]:
    """The texts of the sheet's name and of the rows above the head, without numbers."""
    above = [
        [text for text, _same in groupby(map(_plain, texts(sheet.rows[row]).values()))]
        for row in sheet.rows
        if row < head
    ]
    return {"tab": _plain(sheet.name), "above": above}


def _runs(sheet: Sheet, head: int, near: date) -> list[tuple[str, list[int]]]:
    """The heads without numbers, each with its columns: neighbours of a day each are one run, which may grow."""
    cells, heads = sheet.rows.get(head, {}), heads_of(sheet, head)

    def run(n: int) -> tuple[str, int]:
        return _plain(heads.get(n, "")), 0 if _is_day(cells.get(n), near) else n

    numbers = range(min(heads, default=1), max(heads, default=0) + 1)
    return [(plain, [*columns]) for (plain, _place), columns in groupby(numbers, run)]


def _is_day(cell: Cell | None, near: date) -> bool:
    """Whether the head names one day."""
    return cell is not None and day_of_head(cell, near) is not None


# What is offered.


def proposals(kind: Kind, book: Book, near: date) -> dict[str, SheetLayout]:
    """A layout for each sheet with a table, from the words of its head; what these do not say is left open."""
    by_head = columns_by_head(kind)
    offered = {sheet.name: _proposal(kind, sheet, by_head, near) for sheet in book.sheets if sheet.rows}
    if sum(len(layout.columns) for layout in offered.values()) > MOST_COLUMNS:
        raise Unreadable(_("The sheets have more than %(n)s columns together. Split the file.") % {"n": MOST_COLUMNS})
    return offered


def _proposal(kind: Kind, sheet: Sheet, by_head: Mapping[str, str], near: date) -> SheetLayout:
    rows = list(sheet.rows)[:HEAD_WITHIN]
    offers = [SheetLayout(row, offered_columns(kind, sheet, row, by_head, near)) for row in rows]
    best = max(offers, key=lambda one: _score(kind, sheet, one))
    if not any(_score(kind, sheet, best)) and is_number([*sheet.rows[rows[0]].values()][-1]):
        labels = [n for n, cell in sheet.rows[rows[0]].items() if not is_number(cell)]
        return SheetLayout(columns={str(n): "name" for n in labels[:1]}, measure=1)  # a table without a head
    meanings = {*best.columns.values()}
    best.day = BY_LINES if "day" in meanings else ""
    measures = " ".join(
        names.fold(text) for row in rows if row <= best.head for text in texts(sheet.rows[row]).values()
    )
    best.measure = 0 if MEASURE.search(measures) else 1
    return best


def _score(kind: Kind, sheet: Sheet, offer: SheetLayout) -> tuple[int, int, int]:
    """How many of its columns a head names; a row that names only a day is a title."""
    own = texts(sheet.rows[offer.head])
    known = [meaning for n, meaning in offer.columns.items() if meaning and int(n) in own]
    needed = sum(bool({*known} & {*group}) for group in kind.needs)
    has_numbers = any(is_number(cell) and not isinstance(cell.value, float) for cell in sheet.rows[offer.head].values())
    labels = 0 if has_numbers else len({*heads_of(sheet, offer.head).values()})
    return needed, len(known) if {*known} - {DATED} else 0, labels


def offered_columns(kind: Kind, sheet: Sheet, head: int, by_head: Mapping[str, str], near: date) -> dict[str, str]:
    """The meaning of each column by number, from its head alone; none if another column says the same."""
    columns: dict[str, str] = {}
    for n, text in heads_of(sheet, head).items():
        cell = sheet.rows.get(head, {}).get(n, Cell("", None))
        is_day = _is_day(cell, near)
        keys = [key.removeprefix(prefix) for key in map(key_of, (cell.text, text)) for prefix in ("", "ten ")]
        meaning = next((by_head[key] for key in keys if key in by_head), "")
        if not meaning and is_day and kind.is_of_reports and key_of(cell.text) in ("", "ngay", "so lieu"):
            meaning = DATED
        columns[str(n)] = "" if is_number(cell) and not is_day else meaning  # a number is no head
    if not {"code", "name"} & {*columns.values()}:  # "Quận, huyện" is the unit if nothing else is
        columns = {n: "name" if meaning == "district" else meaning for n, meaning in columns.items()}
    figures = kind.of_a_day - {DATED}
    days = {n: day_of_column(sheet, head, int(n), near) for n in columns}
    for meaning in {*columns.values()} - {"", SKIP, DATED}:
        same = [n for n, other in columns.items() if other == meaning]
        if len(same) > 1 and not (meaning in figures and all(days[n] for n in same)):
            columns |= dict.fromkeys(same, "")
    return columns


def offered_days(sheet: Sheet, layout: SheetLayout, book: Book, near: date) -> Iterator[tuple[str, str]]:
    """The days and months that the sheet, its name and the file's name write: each with where it stands."""
    places = [
        (cell.address, cell) for row, cells in sheet.rows.items() if row <= layout.head for cell in cells.values()
    ]
    places += [(f"“{text}”", Cell("", text)) for text in (sheet.name, book.name.rpartition(".")[0])]
    said: dict[str, list[str]] = {}
    for where, cell in places:
        days = [cell.value] if isinstance(cell.value, date) else days_named(cell.text, near)
        months = MONTH_IN_A_TEXT.findall(names.fold(cell.text[:200]))
        for value in [day.isoformat() for day in days] + [f"{year}-{int(month):02}" for month, year in months]:
            said.setdefault(value, []).append(where)
    for value, where in said.items():
        day = as_day(value)
        words = formatting.day(day.day) if day else f"{value[5:]}/{value[:4]}"
        if day or any(
            key_of(text).removeprefix("ngay") == "" for text in texts(sheet.rows.get(layout.head, {})).values()
        ):
            yield value, f"{words} ({', '.join(dict.fromkeys(where))})"
