"""The day's Excel file, from the same rows as the page. Knows nothing of HTTP and asks no database.

Numbers are numbers, shares are ratios (cut as on the page) with a format, what is not known is an empty cell, and text
that begins with "=" stays text.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from openpyxl import Workbook
from openpyxl.cell import Cell
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.page import PageMargins
from openpyxl.worksheet.worksheet import Worksheet

from . import formatting
from .models import Seal, Unit
from .rollup import DayRollup, Row

FONT = "Times New Roman"
NUMBER_FORMAT = "#,##0"
SHARE_FORMAT = "0.00%"
THIN = Side(style="thin", color="808080")
BORDER = Border(left=THIN, right=THIN, top=THIN, bottom=THIN)
HEAD_FILL = PatternFill("solid", fgColor="F3D9D6")
GROUP_FILL = PatternFill("solid", fgColor="F2F2F2")
ROMAN = (("C", 100), ("XC", 90), ("L", 50), ("XL", 40), ("X", 10), ("IX", 9), ("V", 5), ("IV", 4), ("I", 1))
NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")  # one would spoil the whole file
FIRST_TABLE_ROW = 5  # above it: the unit, the title, what the figures speak of


@dataclass(frozen=True)
class Column:
    head: str
    width: float
    value: Callable[[Row], object]
    format: str = "General"
    is_sum: bool = False  # the total is the sum of the lines: the check line proves it


@dataclass(frozen=True)
class Line:
    """One row of a sheet: `number` is the STT of a unit that counts in the sums, a text elsewhere."""

    number: int | str
    row: Row
    is_bold: bool = False


@dataclass(frozen=True, kw_only=True)
class Heading:
    """What stands above every table: of which moment the figures speak, how they are seen, when they were printed."""

    until: datetime
    printed_at: datetime
    as_of: datetime | None = None
    seal: Seal | None = None

    @property
    def look(self) -> str:
        """How the figures are seen; empty for now."""
        if self.seal:
            words = _("Sealed at %(moment)s, check code %(code)s")
            return words % {"moment": formatting.moment(self.seal.at), "code": self.seal.short_digest}
        if self.as_of:
            words = _("As known at %(moment)s, not the figures of now")
            return words % {"moment": formatting.moment(self.as_of)}
        return ""


def day_workbook(
    figures: DayRollup, *, until: datetime, printed_at: datetime | None = None, seal: Seal | None = None
) -> bytes:
    """The .xlsx of one day below one unit, its figures speaking of the moment `until`.

    The same figures give the same cells, but for the line that says when it was printed. `seal` is the one whose
    figures these are.

    The city gets its districts, its communes grouped by district, its agencies apart, and who is missing; a district
    its communes and who is missing; a reporting unit its own line.
    """
    book = Workbook()
    book.remove(book.active)
    own = figures.own
    heading = Heading(until=until, printed_at=printed_at or until, as_of=figures.as_of, seal=seal)
    if own.is_reporting:
        is_agency = own.level == Unit.Level.AGENCY
        columns = _agency_columns() if is_agency else _columns(_("Unit"))
        _table_sheet(book, _("Own figures"), figures, heading, columns, [Line(1, own)], own)
    else:
        lines = [Line(number, row) for number, row in enumerate(figures.children, start=1)]
        is_leaves = all(row.is_reporting for row in figures.children)
        title = _("Communes") if is_leaves else _("Districts")
        _table_sheet(book, title, figures, heading, _columns(_("Unit")), lines, own)
        if not is_leaves:
            _table_sheet(book, _("By commune"), figures, heading, _columns(_("Unit")), _grouped_lines(figures), own)
    if figures.agencies:
        lines = [Line(number, row) for number, row in enumerate(figures.agencies, start=1)]
        _table_sheet(book, _("Agencies"), figures, heading, _agency_columns(), lines, figures.agency_total)
    _missing_sheet(book, figures, heading)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def _columns(first: str) -> list[Column]:
    return [
        Column(first, 25, lambda row: row.name),
        Column(_("Owed"), 7, lambda row: row.expected, NUMBER_FORMAT, is_sum=True),
        Column(_("Reported"), 8, lambda row: row.reported, NUMBER_FORMAT, is_sum=True),
        Column(_("On time"), 7, lambda row: row.on_time, NUMBER_FORMAT, is_sum=True),
        Column(_("Late"), 7, lambda row: row.late, NUMBER_FORMAT, is_sum=True),
        Column(_("Carried forward"), 8, lambda row: row.carried_forward, NUMBER_FORMAT, is_sum=True),
        Column(_("New installs"), 9, lambda row: row.installs, NUMBER_FORMAT, is_sum=True),
        Column(_("Adjusted"), 9, lambda row: row.adjustment, NUMBER_FORMAT, is_sum=True),
        Column(_("Cumulative"), 10, lambda row: row.cumulative, NUMBER_FORMAT, is_sum=True),
        Column(_("Population"), 11, lambda row: row.population, NUMBER_FORMAT, is_sum=True),
        Column(_("Share of population"), 10, lambda row: row.share, SHARE_FORMAT),
        Column(_("Target"), 11, lambda row: row.target, NUMBER_FORMAT),
        Column(_("Still missing"), 10, lambda row: row.missing_to_target, NUMBER_FORMAT),
        Column(_("Households visited"), 8, lambda row: row.households, NUMBER_FORMAT, is_sum=True),
    ]


def _agency_columns() -> list[Column]:
    renamed = {_("Population"): _("Staff"), _("Share of population"): _("Share of staff")}
    columns = [column for column in _columns(_("Agency")) if column.head != _("Households visited")]
    return [Column(renamed.get(c.head, c.head), c.width, c.value, c.format, c.is_sum) for c in columns]


def _grouped_lines(figures: DayRollup) -> list[Line]:
    """Each district with its sum as a group, its communes numbered below; a district without communes counts itself."""
    lines, number = [], 0
    for position, district in enumerate(figures.children, start=1):
        communes = [row for row in figures.below(district.code) if row.level != Unit.Level.AGENCY]
        lines.append(Line(roman(position), district, is_bold=True))
        for row in communes or [district]:
            number += 1
            lines.append(Line(number, row))
    return lines


def roman(number: int) -> str:
    text = ""
    for sign, value in ROMAN:
        while number >= value:
            text, number = text + sign, number - value
    return text


def _table_sheet(
    book: Workbook,
    title: str,
    figures: DayRollup,
    heading: Heading,
    columns: Sequence[Column],
    lines: Sequence[Line],
    total: Row,
) -> None:
    sheet = book.create_sheet(title)
    width = len(columns) + 1
    _head(sheet, figures, heading, width, _("Installs of the Bluezone application"))
    _put(sheet.cell(FIRST_TABLE_ROW, 1), _("No."), is_bold=True, fill=HEAD_FILL, align="center")
    for position, column in enumerate(columns, start=2):
        _put(sheet.cell(FIRST_TABLE_ROW, position), column.head, is_bold=True, fill=HEAD_FILL, align="center")
    row_number = FIRST_TABLE_ROW
    for line in lines:
        row_number += 1
        _line(sheet, row_number, columns, line, GROUP_FILL if line.is_bold else None)
    first, last = FIRST_TABLE_ROW + 1, row_number
    total_number = row_number + 1
    _line(sheet, total_number, columns, Line("", total, is_bold=True), HEAD_FILL)
    _put(sheet.cell(total_number, 2), _("Total"), is_bold=True, fill=HEAD_FILL)
    _check_lines(sheet, columns, first, last, total_number)
    _put(
        sheet.cell(total_number + 4, 2),
        _("Target, still missing and share of the total line are the unit's own, not the sum of the lines."),
        has_border=False,
    )
    _set_up(sheet, width, [5, *[column.width for column in columns]])


def _line(sheet: Worksheet, row_number: int, columns: Sequence[Column], line: Line, fill: PatternFill | None) -> None:
    _put(sheet.cell(row_number, 1), line.number, is_bold=line.is_bold, fill=fill, align="center")
    for position, column in enumerate(columns, start=2):
        _put(
            sheet.cell(row_number, position),
            column.value(line.row),
            number_format=column.format,
            is_bold=line.is_bold,
            fill=fill,
        )


def _check_lines(sheet: Worksheet, columns: Sequence[Column], first: int, last: int, total: int) -> None:
    """SUM of the numbered lines by Excel itself, and its difference from the total printed above: 0 everywhere."""
    _put(sheet.cell(total + 1, 2), _("Check: SUM"), has_border=False, is_italic=True)
    _put(sheet.cell(total + 2, 2), _("Check: difference"), has_border=False, is_italic=True)
    for position, column in enumerate(columns, start=2):
        if column.is_sum:
            letter = get_column_letter(position)
            formulas = [f'=SUMIF($A${first}:$A${last},">0",{letter}{first}:{letter}{last})']
            if sheet.cell(total, position).value is not None:  # nothing differs from a total that is not known
                formulas.append(f"={letter}{total + 1}-{letter}{total}")
            for offset, formula in enumerate(formulas, start=1):
                cell = sheet.cell(total + offset, position, formula)
                cell.number_format = NUMBER_FORMAT
                cell.font = Font(name=FONT, size=10, italic=True)


def _missing_sheet(book: Workbook, figures: DayRollup, heading: Heading) -> None:
    sheet = book.create_sheet(_("Not reported"))
    columns = {
        _("Unit"): lambda row: row.name,
        _("Superior"): lambda row: parent.name if (parent := figures.parent_of(row)) else "",
        _("Telephone"): lambda row: row.phone,
        _("Last reported"): lambda row: _("before the campaign") if row.carries_opening else row.carried_from,
        _("Cumulative carried"): lambda row: row.cumulative,
    }
    if figures.as_of:  # whom to ring belongs to now
        del columns[_("Telephone")]
    width = len(columns) + 1
    _head(sheet, figures, heading, width, _("Units that have not reported"))
    for position, head in enumerate([_("No."), *columns], start=1):
        _put(sheet.cell(FIRST_TABLE_ROW, position), head, is_bold=True, fill=HEAD_FILL, align="center")
    for number, row in enumerate(figures.missing, start=1):
        _put(sheet.cell(FIRST_TABLE_ROW + number, 1), number, number_format=NUMBER_FORMAT, align="center")
        for position, value_of in enumerate(columns.values(), start=2):
            value = value_of(row)
            number_format = NUMBER_FORMAT if isinstance(value, int) else "dd/mm/yyyy"
            _put(sheet.cell(FIRST_TABLE_ROW + number, position), value, number_format=number_format)
    if not figures.missing:
        _put(sheet.cell(FIRST_TABLE_ROW + 1, 2), _("All units have reported."), has_border=False)
    _set_up(sheet, width, [6, 32, 32, *[18] * (width - 3)])


def _head(sheet: Worksheet, figures: DayRollup, heading: Heading, width: int, title: str) -> None:
    _put(sheet.cell(1, 1), figures.own.name, has_border=False, is_bold=True)
    _put(sheet.cell(2, 1), title, has_border=False, is_bold=True, size=14)
    words = _("Reporting day %(day)s, figures up to %(moment)s") % {
        "day": formatting.day(figures.day),
        "moment": formatting.moment(heading.until),
    }
    _put(sheet.cell(3, 1), f"{words}. {heading.look}" if heading.look else words, has_border=False, is_italic=True)
    printed = _("Printed at %(moment)s") % {"moment": formatting.moment(heading.printed_at)}
    _put(sheet.cell(4, 1), printed, has_border=False, is_italic=True, size=9)
    for row_number in (1, 2, 3, 4):
        sheet.merge_cells(start_row=row_number, start_column=1, end_row=row_number, end_column=width)


def _put(
    cell: Cell,
    value: object,
    *,
    number_format: str = "General",
    is_bold: bool = False,
    is_italic: bool = False,
    size: int = 11,
    fill: PatternFill | None = None,
    align: str | None = None,
    has_border: bool = True,
) -> None:
    if isinstance(value, str):
        cell.value = NOT_IN_XML.sub("", value)
        cell.data_type = "s"  # text that begins with "=" is text
    elif isinstance(value, datetime):
        cell.value = localtime(value).replace(tzinfo=None)  # Excel knows no zones
    else:
        cell.value = value
    cell.number_format = number_format
    cell.font = Font(name=FONT, size=size, bold=is_bold, italic=is_italic)
    is_text = isinstance(value, str)
    cell.alignment = Alignment(horizontal=align, vertical="center", wrap_text=is_text and has_border)
    if has_border:
        cell.border = BORDER
    if fill:
        cell.fill = fill


def _set_up(sheet: Worksheet, width: int, widths: Sequence[float]) -> None:
    """Frozen head, A4 landscape, one page wide, the head repeated, pages numbered."""
    for position, column_width in enumerate(widths, start=1):
        sheet.column_dimensions[get_column_letter(position)].width = column_width
    sheet.freeze_panes = sheet.cell(FIRST_TABLE_ROW + 1, 3)
    sheet.page_setup.paperSize = sheet.PAPERSIZE_A4
    sheet.page_setup.orientation = sheet.ORIENTATION_LANDSCAPE
    sheet.page_setup.fitToWidth = 1
    sheet.page_setup.fitToHeight = 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    sheet.print_title_rows = f"{FIRST_TABLE_ROW}:{FIRST_TABLE_ROW}"
    sheet.print_options.horizontalCentered = True
    sheet.page_margins = PageMargins(left=0.5, right=0.4, top=0.6, bottom=0.6)
    sheet.oddFooter.center.text = "&P / &N"
