"""The shares beside lines of sums in an import of reports: compared with those that the figures of their units make.

A printed paper says a share for every district and for the whole; each is that of the units the line adds up, of the
residents alone or with the agencies, up to the day that the file reaches.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import replace
from datetime import date

from ...models import Unit
from .. import share
from ..columns import SHARE
from ..layout import SheetLine, Table
from ..plan import BadCell, Row, day
from ..unit_lines import SumLine

Figures = Callable[[Unit, date], tuple[int, int | None]]  # the total of a unit up to a day, and its people


def asked(
    rows: list[Row], lines: Iterable[SumLine], table: Table, days: Collection[date], of: Figures
) -> list[SumLine]:
    """Puts the question to the row of each line of sums whose share is not that of its units; returns these lines."""
    found = []
    for line in lines:
        words = _difference(line, _day(line.line, table, days), of)
        place = next((number for number, row in enumerate(rows) if row is line.told), None)
        if words and place is not None:
            rows[place] = replace(line.told, asked=(words,))
            found.append(line)
    return found


def _day(line: SheetLine, table: Table, days: Collection[date]) -> date | None:
    shown = [column.day for column in table.days if column.key in line.cells]
    try:
        return max(shown, default=None) or day(line.cells.get("day")) or max(days, default=None)
    except BadCell:
        return None


def _difference(line: SumLine, on: date | None, of: Figures) -> str:
    cell = line.line.cells.get(SHARE.key)
    if cell is None or on is None:
        return ""
    said = []
    for units in line.possible:
        open_units = [unit for unit in units if unit.is_open_on(on)]
        streams = [[unit for unit in open_units if unit.is_agency is agency] for agency in (False, True)]
        for some in (*filter(None, streams), open_units):
            totals = [of(unit, on) for unit in some]
            people = [population for _total, population in totals]
            population = None if None in people else sum(people)
            said.append(share.difference(cell, sum(total for total, _population in totals), population))
    return "" if not said or "" in said else said[0]
