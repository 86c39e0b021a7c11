"""Sheets with an Excel table, which people can sort, filter and pivot; the workbook of many days."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import IO

from django.utils.translation import gettext as _, pgettext
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.table import Table, TableColumn, TableStyleInfo

from ...days.status import DayStatus
from ...figures import ranges
from ...figures.rollup import DayRollup, Row
from ...files.workbook_style import FONT, NUMBER_FORMAT, describe, kind_of, put, set_up, with_styles
from ...text import status_marks
from ...text.characters import printable
from .. import stamp, tidy
from ..stamp import Range

DATA_TABLE = "Du_lieu"  # the name of the data table in formulas and pivots
WIDE_COLUMNS = ("unit_name", "superior_name", "as_of", "received_at")
# Some columns are left out, because a year has many rows; the data package has all columns.
LEFT_OUT = ("population_on", "population_source", "received_at", "seal")
COLUMNS = [column for column in tidy.COLUMNS if column.name not in LEFT_OUT]
NOT_IN_SUMS = ("level", "superior", "is_agency", "status", "is_carried_forward", "carried_from")
SUM_COLUMNS = [column for column in COLUMNS if column.name not in NOT_IN_SUMS]


class TableSheet:
    """A sheet with one Excel table called `name`; also works in a write-only book."""

    def __init__(self, book: Workbook, title: str, name: str, columns: Sequence[tidy.Column], more: Sequence[str] = ()):
        self.sheet, self.name, self.columns, self.rows = book.create_sheet(title), name, columns, 1
        self.heads = [*(str(column.label) for column in columns), *more]
        widths = [28 if column.name in WIDE_COLUMNS else 14 for column in columns] + [14] * len(more)
        set_up(self.sheet, widths, head=(1, 1))
        self.sheet.append([put(WriteOnlyCell(self.sheet), head, "head") for head in self.heads])

    def add(self, line: tidy.Line, *more: object) -> None:
        values = [tidy.for_people(column, column.value(line)) for column in self.columns]
        self.sheet.append(list(map(self._cell, [*values, *more])))
        self.rows += 1

    def finish(self) -> None:
        table = Table(displayName=self.name, ref=f"A1:{get_column_letter(len(self.heads))}{max(self.rows, 2)}")
        table._initialise_columns()  # also sets the filter; in a write-only book openpyxl cannot read the heads
        table.tableColumns = [TableColumn(id=number, name=head) for number, head in enumerate(self.heads, start=1)]
        table.tableStyleInfo = TableStyleInfo(name="TableStyleLight1", showRowStripes=True)
        self.sheet.tables.add(table)

    def _cell(self, value: object) -> object:
        """The plain value, which is fastest, or a styled cell if Excel would misread it. The table draws borders."""
        if isinstance(value, date | Decimal):
            return put(WriteOnlyCell(self.sheet), value, kind_of(value))
        if isinstance(value, str):
            text = printable(value)
            return put(WriteOnlyCell(self.sheet), text, "text") if text[:1] in ("=", "#") else text or None
        return value


def data_sheet(book: Workbook, columns: Sequence[tidy.Column], more: Sequence[str] = ()) -> TableSheet:
    """The data sheet: a line per reporting unit and day, with codes."""
    return TableSheet(book, pgettext("sheet", "Data"), DATA_TABLE, columns, more)


def range_workbook(shown: Range, file: IO[bytes]) -> None:
    """Write the days row by row: the sums of the unit and of the units below it, and every reporting unit."""
    book = with_styles(Workbook(write_only=True))
    _print_plain_cells(book)
    unit, words = shown.unit.full_name, stamp.description(shown.look, at=shown.at)
    about = f"{unit}. {shown.days_and_moment}"
    describe(book, title=about, author=unit, words=words)
    statuses = [status_marks.status_words(status) for status in DayStatus]
    sums, data = {}, None
    for figures, lines in tidy.days(shown):
        for name, title, row, is_agency in _sums(figures):
            if name not in sums:
                sums[name] = TableSheet(book, title, name, SUM_COLUMNS, statuses)
            line = replace(lines[0], record=row, superior=figures.parent_of(row))
            sums[name].add(line, *ranges.unit_counts(figures, row, agencies=is_agency).values())
        data = data or data_sheet(book, COLUMNS)
        for line in lines:
            data.add(line)
    for sheet in (*sums.values(), data or data_sheet(book, COLUMNS)):
        sheet.sheet.oddHeader.left.text = printable(about).replace("&", "&&")  # & starts a code in headers
        sheet.finish()
    book.save(file)


def _print_plain_cells(book: Workbook) -> None:
    """Make our font and number format the default: a cell without a style needs half the space of a styled cell.

    openpyxl has no public way to do so. The default is the style "Normal" and the first of all cell styles.
    """
    normal = book._named_styles["Normal"]
    normal.font = Font(name=FONT, size=11)
    normal.number_format = NUMBER_FORMAT
    book._cell_styles[0] = normal.as_tuple()


def _sums(figures: DayRollup) -> Iterator[tuple[str, str, Row, bool]]:
    """The day's rows of the sheets of sums, each with name and title of its sheet, and whether it sums agencies."""
    own = figures.own
    yield "Theo_ngay", _("By day"), own, own.is_agency
    for row in ranges.row_groups(figures):
        yield "Theo_cap_tren", _("By day and superior"), row, False
    if figures.agency_total and not own.is_agency:
        yield "So_nganh", _("Agencies by day"), figures.agency_total, True
