"""The template of an import: the units filled in, what goes where as notes in the head, the cells that Excel checks."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from datetime import date

from django.utils.translation import gettext as _
from openpyxl import Workbook
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from ..hours import deadline
from ..text import parsing
from ..text.characters import printable
from . import Kind
from .columns import Column
from .plan import Sent

FONT = "Times New Roman"
HEAD_ROW = 4
SPARE_ROWS = 50  # of a template for what is not known yet
HEAD_FILL = PatternFill("solid", fgColor="F3D9D6")
THIN = Side(style="thin", color="808080")
BORDER = Border(left=THIN, right=THIN, top=THIN, bottom=THIN)
DAY_FORMAT, NUMBER_FORMAT, TEXT_FORMAT = "dd/mm/yyyy", "#,##0", "@"
DAY_WIDTH = 12


def template(kind: Kind, sent: Sent, *, days: Sequence[date] = (), mode: str = "") -> bytes:
    """An .xlsx to be filled in: a line for each unit of the person's, and for reports a column for each day."""
    lines = _lines(kind, sent, days, mode)
    columns = [column for column in kind.columns if not column.is_only_compared]
    if kind.has_days:
        columns = [column for column in columns if column.key not in ("day", "daily", "cumulative")]
    book = Workbook()
    sheet = book.active
    sheet.title = str(kind.title)[:31]
    _write(sheet.cell(1, 1), str(kind.title), is_bold=True, size=14)
    _write(sheet.cell(2, 1), str(kind.about))
    _write(sheet.cell(3, 1), _("Fill in the cells below the head. What is left empty is not imported."))
    _head(sheet, columns, days)
    for offset, known in enumerate(lines, start=1):
        values = [known.get(column.key) for column in columns] + [None] * len(days)
        for number, value in enumerate(values, start=1):
            _write(sheet.cell(HEAD_ROW + offset, number), value, has_border=True)
    last = HEAD_ROW + len(lines) + (0 if kind.scope else SPARE_ROWS)
    for number, column in enumerate(columns, start=1):
        _guide(sheet, column, number, last)
    if days:
        _whole_numbers(sheet, len(columns) + 1, len(columns) + len(days), last)
    sheet.freeze_panes = sheet.cell(HEAD_ROW + 1, 3)
    sheet.page_setup.paperSize = sheet.PAPERSIZE_A4
    sheet.page_setup.orientation = sheet.ORIENTATION_LANDSCAPE
    sheet.page_setup.fitToHeight = 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    sheet.print_title_rows = f"{HEAD_ROW}:{HEAD_ROW}"
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def _head(sheet: Worksheet, columns: Sequence[Column], days: Sequence[date]) -> None:
    heads = [str(column.title) for column in columns] + list(days)
    widths = [column.width for column in columns] + [DAY_WIDTH] * len(days)
    for number, (head, width) in enumerate(zip(heads, widths, strict=True), start=1):
        cell = sheet.cell(HEAD_ROW, number)
        _write(cell, head, is_bold=True, has_border=True)
        cell.fill = HEAD_FILL
        cell.alignment = Alignment(horizontal="center", vertical="center", wrap_text=True)
        if isinstance(head, date):
            cell.number_format = DAY_FORMAT
        sheet.column_dimensions[get_column_letter(number)].width = width
    sheet.row_dimensions[HEAD_ROW].height = 48


def _lines(kind: Kind, sent: Sent, days: Sequence[date], mode: str) -> list[Mapping[str, str | int | None]]:
    """What is known of each unit by the keys of the columns: district by district, agencies last."""
    if kind.known is not None:
        return kind.known(sent)
    if kind.scope is None:
        return []
    units, directory = kind.scope(sent, set(days) or {deadline.reporting_day(sent.at)})
    lines = []
    for unit in sorted(units, key=lambda unit: (unit.is_agency, unit.path)):
        above = directory.superiors.get(unit.codes[-2]) if len(unit.codes) > 1 else None
        district = above.full_name if above else None
        lines.append({"code": unit.code, "name": unit.full_name, "district": district, "mode": mode})
    return lines


def _guide(sheet, column: Column, number: int, last: int) -> None:
    """The note at the head, and what Excel lets in below it."""
    if column.note:
        sheet.cell(HEAD_ROW, number).comment = Comment(str(column.note), "Bluezone", width=260, height=90)
    if column.choices:
        listed = ",".join(choice for choice in column.choices if "," not in choice)
        check = DataValidation(type="list", formula1=f'"{listed}"', allow_blank=True, showErrorMessage=False)
        check.add(_below(number, number, last))
        sheet.add_data_validation(check)
    if column.is_number:
        _whole_numbers(sheet, number, number, last)
    if column.is_text:
        for row in range(HEAD_ROW + 1, last + 1):
            sheet.cell(row, number).number_format = TEXT_FORMAT


def _whole_numbers(sheet, first: int, until: int, last: int) -> None:
    check = DataValidation(
        type="whole",
        operator="between",
        formula1="0",
        formula2=str(10**parsing.MAX_DIGITS - 1),
        allow_blank=True,
        showErrorMessage=True,
        errorTitle=_("Whole number"),
        error=_("Enter a whole number in digits; leave the cell empty if nothing was reported."),
    )
    check.add(_below(first, until, last))
    sheet.add_data_validation(check)
    for row in range(HEAD_ROW + 1, last + 1):
        for number in range(first, until + 1):
            sheet.cell(row, number).number_format = NUMBER_FORMAT


def _below(first: int, until: int, last: int) -> str:
    return f"{get_column_letter(first)}{HEAD_ROW + 1}:{get_column_letter(until)}{last}"


def _write(cell, value, *, is_bold: bool = False, size: int = 11, has_border: bool = False) -> None:
    cell.value = printable(value) if isinstance(value, str) else value
    if isinstance(value, str):
        cell.data_type = "s"  # a name that begins with "=" is text
    cell.font = Font(name=FONT, size=size, bold=is_bold)
    if has_border:
        cell.border = BORDER
