"""Sheets to work with: Excel tables, which can be sorted, filtered and pivoted, in any kind of book."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from django.utils.translation import pgettext
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.table import Table, TableColumn, TableStyleInfo

from ...files.workbook_style import kind_of, put, set_up
from ...text.characters import printable
from .. import tidy

DATA = "Du_lieu"  # what formulas and pivots know the table of data by
WIDE = ("unit_name", "superior_name", "as_of", "received_at")


class TableSheet:
    """A sheet under way that is one table, known to formulas by `name`, in a book written row by row or kept whole."""

    def __init__(self, book: Workbook, title: str, name: str, columns: Sequence[tidy.Column], more: Sequence[str] = ()):
        self.sheet, self.name, self.columns, self.rows = book.create_sheet(title), name, columns, 1
        self.heads = [*(str(column.label) for column in columns), *more]
        widths = [28 if column.name in WIDE else 14 for column in columns] + [14] * len(more)
        set_up(self.sheet, widths, head=(1, 1))
        self.sheet.append([put(WriteOnlyCell(self.sheet), head, "head") for head in self.heads])

    def add(self, line: tidy.Line, *more: object) -> None:
        values = [tidy.for_people(column, column.value(line)) for column in self.columns]
        self.sheet.append(list(map(self._cell, [*values, *more])))
        self.rows += 1

    def finish(self) -> None:
        table = Table(displayName=self.name, ref=f"A1:{get_column_letter(len(self.heads))}{max(self.rows, 2)}")
        table._initialise_columns()  # the filter too; the library sees no heads in a book written row by row
        table.tableColumns = [TableColumn(id=number, name=head) for number, head in enumerate(self.heads, start=1)]
        table.tableStyleInfo = TableStyleInfo(name="TableStyleLight1", showRowStripes=True)
        self.sheet.tables.add(table)

    def _cell(self, value: object):
        """A plain value, which costs the least; with a style what would be read as something else without."""
        if isinstance(value, date | Decimal):
            return put(WriteOnlyCell(self.sheet), value, f"{kind_of(value)} line")
        if isinstance(value, str):
            text = printable(value)
            return put(WriteOnlyCell(self.sheet), text, "text line") if text[:1] in ("=", "#") else text or None
        return value


def data_sheet(book: Workbook, columns: Sequence[tidy.Column], more: Sequence[str] = ()) -> TableSheet:
    """For the reporting units, a line each day, with their codes."""
    return TableSheet(book, pgettext("sheet", "Data"), DATA, columns, more)
