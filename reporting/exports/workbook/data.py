"""The sheet to work with: an Excel table of the tidy rows, with codes, which can be sorted, filtered and pivoted."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.utils.timezone import localtime
from django.utils.translation import pgettext
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.table import Table, TableColumn, TableStyleInfo

from ...days.status import DayStatus
from ...text import status_marks
from ...text.characters import printable
from .. import tidy
from .style import put

TABLE = "Du_lieu"  # what formulas and pivots know it by
LEFT_OUT = ("population_on", "population_source", "carried_from")  # the notes and the data package name them
COLUMNS = [column for column in tidy.COLUMNS if column.name not in LEFT_OUT]
WIDE = ("unit_name", "superior_name", "as_of", "received_at")


class DataSheet:
    """The sheet under way, in a book that is written row by row or kept whole."""

    def __init__(self, book: Workbook):
        self.sheet, self.rows = book.create_sheet(pgettext("sheet", "Data")), 1
        self.heads = [str(column.label) for column in COLUMNS]
        for position, column in enumerate(COLUMNS, start=1):
            width = 28 if column.name in WIDE else 14
            self.sheet.column_dimensions[get_column_letter(position)].width = width
        self.sheet.freeze_panes = "D2"
        self.sheet.append([put(WriteOnlyCell(self.sheet), head, "head") for head in self.heads])

    def add(self, lines: Iterable[tidy.Line]) -> None:
        for line in lines:
            self.sheet.append([self._cell(column, column.value(line)) for column in COLUMNS])
            self.rows += 1

    def finish(self) -> None:
        table = Table(displayName=TABLE, ref=f"A1:{get_column_letter(len(COLUMNS))}{max(self.rows, 2)}")
        table._initialise_columns()  # the filter too; the library sees no heads in a book written row by row
        table.tableColumns = [TableColumn(id=number, name=head) for number, head in enumerate(self.heads, start=1)]
        table.tableStyleInfo = TableStyleInfo(name="TableStyleLight1", showRowStripes=True)
        self.sheet.tables.add(table)

    def _cell(self, column: tidy.Column, value: object):
        """A plain value, which costs the least; with a style what would be read as something else without."""
        if value is None or value == "":
            return None
        if column.kind is DayStatus:
            return status_marks.status_words(value)
        if column.kind is float:
            return put(WriteOnlyCell(self.sheet), value, "share line")
        if isinstance(value, datetime):
            return localtime(value).replace(tzinfo=None, microsecond=0)
        if isinstance(value, str):
            text = printable(value)
            return put(WriteOnlyCell(self.sheet), text, "text line") if text[:1] in ("=", "#") else text
        return value
