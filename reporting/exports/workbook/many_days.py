"""Sheets with an Excel table, which people can sort, filter and pivot; the workbook of many days."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import date
from decimal import Decimal
from operator import attrgetter
from typing import IO

from django.utils.functional import Promise
from django.utils.translation import gettext as _, gettext_lazy, pgettext
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet._write_only import WriteOnlyWorksheet
from openpyxl.worksheet.table import Table, TableColumn, TableStyleInfo

from ...figures import fields, ranges
from ...figures.rollup import Row
from ...text import formatting
from ...text.characters import printable
from .. import stamp, tidy
from ..stamp import Range
from .style import FONT, NUMBER_FORMAT, describe, kind_of, put, set_up, with_styles

DATA_TABLE = "Du_lieu"  # the name of the data table in formulas and pivots
WIDE_COLUMNS = ("unit_name", "superior_name", "as_of", "received_at")
# Some columns are left out, because a year has many rows; the API has all columns.
LEFT_OUT = ("population_on", "population_source", "received_at", "seal")
COLUMNS = [column for column in tidy.COLUMNS if column.name not in LEFT_OUT]
EXPECTED = attrgetter("expected")
Group = tuple[str, list[Row]]  # a name, and the rows of one unit by day
SUMS: tuple[
    tuple[str | Promise, Callable[[list[Row]], object]], ...
] = (  # counts are summed, the rest is the last day's
    *((one.label, lambda rows, one=one: one.sum([getattr(row, one.name) for row in rows])) for one in fields.OF_DAY),
    (fields.CUMULATIVE.label, lambda rows: rows[-1].cumulative),
    (gettext_lazy("Population or staff"), lambda rows: rows[-1].population),
    (gettext_lazy("Share"), lambda rows: rows[-1].share),
    # Empty if no report was due, or if sealed days were asked for and none is sealed
    (gettext_lazy("Reported"), lambda rows: sum(row.reported for row in rows) if any(map(EXPECTED, rows)) else None),
    (gettext_lazy("Expected"), lambda rows: sum(map(EXPECTED, rows)) or None),
)


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
    """Write a summary to print, and a sheet with a line per reporting unit and day."""
    book = with_styles(Workbook(write_only=True))
    _print_plain_cells(book)
    about = f"{shown.unit.full_name}. {shown.days_and_moment}"
    describe(book, title=about, author=shown.unit.full_name, words=stamp.description(shown.look, at=shown.at))
    summary, data = book.create_sheet(_("Summary")), data_sheet(book, COLUMNS)
    days, groups = [], defaultdict(list)
    for figures, lines in tidy.days(shown):
        days.append((formatting.day(figures.day), [figures.own]))
        for row in (*ranges.row_groups(figures), figures.own):
            groups[row.code].append(row)
        if figures.agency_total and not figures.own.is_agency:
            groups[""].append(figures.agency_total)
        for line in lines:
            data.add(line)
    data.sheet.oddHeader.left.text = printable(about).replace("&", "&&")  # & starts a code in headers
    data.finish()
    whole = sorted(groups.items(), key=lambda group: (group[0] == "", group[0] == shown.unit.code))
    _summary(summary, about, days, [(rows[-1].name if code else _("Agencies"), rows) for code, rows in whole])
    book.save(file)


def _summary(sheet: WriteOnlyWorksheet, about: str, days: Sequence[Group], units: Sequence[Group]) -> None:
    """The days of the unit, then all days of each unit below it, of itself, and of the agencies."""
    set_up(sheet, [30, *[12] * len(SUMS)])
    sheet.append([put(WriteOnlyCell(sheet), _("Installs of the Bluezone application"), "heading")])
    sheet.append([put(WriteOnlyCell(sheet), about, "plain")])
    for title, lines in ((_("By day"), days), (_("All days"), units)):
        sheet.append([])
        sheet.append([put(WriteOnlyCell(sheet), str(head), "head") for head in (title, *(one for one, _sum in SUMS))])
        for name, rows in lines:
            values = [name, *(of_all(rows) for _head, of_all in SUMS)]
            sheet.append([put(WriteOnlyCell(sheet), value, f"{kind_of(value)} line") for value in values])


def _print_plain_cells(book: Workbook) -> None:
    """Make our font and number format the default: a cell without a style needs half the space of a styled cell.

    openpyxl has no public way to do so. The default is the style "Normal" and the first of all cell styles.
    """
    normal = book._named_styles["Normal"]
    normal.font = Font(name=FONT, size=11)
    normal.number_format = NUMBER_FORMAT
    book._cell_styles[0] = normal.as_tuple()
