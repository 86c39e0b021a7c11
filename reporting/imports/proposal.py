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
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from ..files.cells import Cell, Sheet, Unreadable
from ..files.spreadsheets import Book
from ..text import formatting, names
from .columns import CODE, DATED, Kind, columns_by_head, key_of
from .layout import (
    BY_HEADS,
    BY_LINES,
    OF_A_DAY,
    SKIP,
    WITH,
    SheetLayout,
    day_of_column,
    day_of_head,
    days_named,
    heads_of,
    is_number,
    texts,
)

HEAD_WITHIN = 15  # rows from the first filled row
MOST_COLUMNS = 500  # of all sheets that the clerk is asked about
DIGITS = re.compile(r"\d+")
MEASURE = re.compile(r"\bdon vi tinh\b|\bdvt\b|\b(?:nghin|ngan|trieu)\b")
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
    by_head = columns_by_head(kind)
    titles = {name: column.key for column in kind.columns for name in column.names if "_" in name}
    titles |= {column.key: column.key for column in kind.columns}
    titles |= {title: column.key for column in kind.columns for title in _in_both_languages(column.title)}
    titles |= dict.fromkeys(_in_both_languages(CODE.title), CODE.key)
    rows = [*sheet.rows][:HEAD_WITHIN]
    is_template = any(
        [*texts(sheet.rows[row]).values()] == [title] for row in rows[:1] for title in _in_both_languages(kind.title)
    )
    for row in rows:
        heads = texts(sheet.rows[row])
        said = {*heads.values()}
        if said >= OF_DAYS_CSV:
            columns = {n: {"unit": "code", "unit_name": "name"}.get(head, head) for n, head in heads.items()}
        elif any(said >= marks for marks in OF_EXPORTS):
            columns = {n: by_head.get(key_of(head), SKIP) for n, head in heads.items()}
        elif is_template or row == rows[0]:
            days = {n for n in heads if kind.is_of_reports and day_of_head(sheet.rows[row][n], near)}
            columns = {n: DATED if n in days else titles.get(head, "") for n, head in heads.items()}
            if "" in columns.values() or "code" not in columns.values():
                continue
        else:
            continue
        known = {column.key for column in kind.columns} | {DATED}
        columns = {str(n): key if key in known else SKIP for n, key in columns.items()}
        day = BY_HEADS if DATED in columns.values() else BY_LINES if "day" in columns.values() else ""
        return SheetLayout(row, columns, day=day, measure=1, opening=WITH)
    return None


def _in_both_languages(title: str | Promise) -> Iterator[str]:
    for language in ("vi", "en"):
        with translation.override(language):
            yield str(title)


# Layouts that an office has confirmed.


def layout_to_keep(sheet: Sheet, layout: SheetLayout) -> dict[str, Any]:
    """The layout as the office remembers it: with the texts that must be the same again, but for their numbers."""
    day = layout.day if layout.day in (BY_HEADS, BY_LINES) else ""
    marks = _marks(sheet, layout.head)
    meanings = [sorted({layout.columns.get(str(n), SKIP) for n in run}) for run in _runs(sheet, layout.head)]
    return {**asdict(replace(layout, columns={}, day=day)), "marks": marks, "meanings": meanings}


def known_layouts(kept: Iterable[Mapping[str, Any]], book: Book) -> dict[str, dict]:
    """The remembered layouts of the sheets, by name; empty unless every filled sheet has one."""
    found = {sheet.name: _known(sheet, kept) for sheet in book.sheets if sheet.rows}
    return found if all(found.values()) and any(layout["is_read"] for layout in found.values()) else {}


def _known(sheet: Sheet, kept: Iterable[Mapping[str, Any]]) -> dict | None:
    for one in (one for one in kept if one["head"]):  # a table without a head is asked about each time
        is_clear = all(len(meanings) == 1 for meanings in one["meanings"])
        if is_clear and one["marks"] == _marks(sheet, one["head"]):
            columns = zip(_runs(sheet, one["head"]), one["meanings"], strict=True)
            layout = {key: value for key, value in one.items() if key not in ("marks", "meanings")}
            return {**layout, "columns": {str(n): meaning for run, [meaning] in columns for n in run}}
    return None


def _plain(text: str) -> str:
    return " ".join(DIGITS.sub("", names.fold(text)).split())


def _marks(sheet: Sheet, head: int) -> list:
    """The texts of the sheet's name, of the rows above the head and of the heads, without numbers."""
    rows = [[*texts(sheet.rows[row]).values()] for row in sheet.rows if row < head]
    rows = [[sheet.name], *rows, [heads_of(sheet, head).get(run[0], "") for run in _runs(sheet, head)]]
    return [[text for text, _same in groupby(map(_plain, row))] for row in rows]


def _runs(sheet: Sheet, head: int) -> list[list[int]]:
    """The columns: neighbours whose heads differ in numbers alone, such as one for each day, are one run."""
    heads = heads_of(sheet, head)
    numbers = range(min(heads, default=1), max(heads, default=0) + 1)
    return [[*run] for _head, run in groupby(numbers, lambda n: _plain(heads.get(n, "")))]


# What is offered.


def proposals(kind: Kind, book: Book, near: date) -> dict[str, SheetLayout]:
    """A layout for each sheet with a table, from the words of its head; what these do not say is left open."""
    by_head = columns_by_head(kind)
    offered = {sheet.name: _proposal(kind, sheet, by_head, near) for sheet in book.sheets if sheet.rows}
    if sum(len(layout.columns) for layout in offered.values()) > MOST_COLUMNS:
        raise Unreadable(_("The sheets have more than %(n)s columns together. Split the file.") % {"n": MOST_COLUMNS})
    return offered


def _proposal(kind: Kind, sheet: Sheet, by_head: Mapping[str, str], near: date) -> SheetLayout:
    """Its head is the row of which the most columns are known."""
    rows = list(sheet.rows)[:HEAD_WITHIN]
    first = sheet.rows[rows[0]]
    offers = [SheetLayout(row, offered_columns(kind, sheet, row, by_head, near)) for row in rows]
    best = max(offers, key=lambda one: len({*one.columns.values()} - {"", DATED}))
    if not any(best.columns.values()) and is_number([*first.values()][-1]):  # a table without a head
        labels = [n for n, cell in first.items() if not is_number(cell)]
        return SheetLayout(columns={str(n): "name" for n in labels[:1]}, measure=1)
    best.day = BY_LINES if "day" in best.columns.values() else ""
    above = " ".join(text for row in rows if row <= best.head for text in texts(sheet.rows[row]).values())
    best.measure = 0 if MEASURE.search(names.fold(above)) and not kind.hands_out else 1
    return best


def offered_columns(kind: Kind, sheet: Sheet, head: int, by_head: Mapping[str, str], near: date) -> dict[str, str]:
    """The meaning of each column by number, from its head alone; none if another column says the same."""
    columns: dict[str, str] = {}
    for n, text in heads_of(sheet, head).items():
        cell = sheet.rows.get(head, {}).get(n, Cell("", None))
        is_day = day_of_head(cell, near) is not None
        keys = [key.removeprefix(prefix) for key in map(key_of, (cell.text, text)) for prefix in ("", "ten ")]
        meaning = next((by_head[key] for key in keys if key in by_head), "")
        if not meaning and is_day and kind.is_of_reports and key_of(cell.text) in ("", "ngay", "so lieu"):
            meaning = DATED
        columns[str(n)] = "" if is_number(cell) and not is_day else meaning  # a number is no head
    for meaning in {*columns.values()} - {"", SKIP, DATED}:
        same = [n for n, other in columns.items() if other == meaning]
        is_of_days = meaning in OF_A_DAY and all(day_of_column(sheet, head, int(n), near) for n in same)
        if len(same) > 1 and not is_of_days:
            columns |= dict.fromkeys(same, "")
    return columns


def offered_days(sheet: Sheet, layout: SheetLayout, book: Book, near: date) -> Iterator[tuple[str, str]]:
    """The days that the sheet, its name and the file's name write: each with where it stands."""
    cells = [cell for row, cells in sheet.rows.items() if row <= layout.head for cell in cells.values()]
    cells += [Cell(f"“{text}”", text) for text in (sheet.name, book.name.rpartition(".")[0])]
    said: dict[date, list[str]] = {}
    for cell in cells:
        for day in [cell.value] if isinstance(cell.value, date) else days_named(cell.text, near):
            said.setdefault(day, []).append(cell.address)
    for day, where in said.items():
        yield day.isoformat(), f"{formatting.day(day)} ({', '.join(dict.fromkeys(where))})"
