"""The styles of workbooks: Times New Roman, borders, A4 landscape; how values are written into cells."""

import math
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.utils.timezone import localtime
from openpyxl import Workbook
from openpyxl.cell import Cell
from openpyxl.styles import Alignment, Border, Font, NamedStyle, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.page import PageMargins
from openpyxl.worksheet.worksheet import Worksheet

from ...text.characters import printable

FONT = "Times New Roman"
NUMBER_FORMAT = "#,##0"
THIN = Side(style="thin", color="808080")
BORDER = Border(left=THIN, right=THIN, top=THIN, bottom=THIN)
HEAD_FILL = PatternFill("solid", fgColor="F3D9D6")
GROUP_FILL = PatternFill("solid", fgColor="F2F2F2")
ROMAN = (("C", 100), ("XC", 90), ("L", 50), ("XL", 40), ("X", 10), ("IX", 9), ("V", 5), ("IV", 4), ("I", 1))
NARROWEST, WIDEST = 22, 48  # of the column of names
PER_LETTER = 1.05  # generous width of one letter of Times New Roman 11, in Excel's unit
LETTER = 0.92  # the average width in a long text
LINE_HEIGHT = 15.0
A4 = 9  # Excel's number for this paper size

# Kinds of cells in a table. Each has styles for plain, group and total lines, and one without a border.
FORMATS = {
    "text": "General",
    "number": NUMBER_FORMAT,
    "share": "0.00%",
    "day": "dd/mm/yyyy",
    "moment": "hh:mm dd/mm/yyyy",
}
LINES = {"line": (False, None), "group": (True, GROUP_FILL), "total": (True, HEAD_FILL)}
# Texts outside the tables: font and alignment.
WORDS: dict[str, tuple[dict[str, Any], str]] = {
    "plain": ({}, "left"),
    "heading": ({"size": 14, "bold": True}, "left"),
    "note": ({"italic": True}, "left"),
    "printed": ({"size": 9, "italic": True}, "left"),
    "title": ({"size": 14, "bold": True}, "center"),
    "as of": ({"italic": True}, "center"),
    "managing": ({"size": 12}, "center"),
    "issuing": ({"size": 12, "bold": True}, "center"),
    "motto": ({"size": 13, "bold": True, "underline": "single"}, "center"),
    "signed": ({"size": 12, "bold": True}, "center"),
    "signing": ({"italic": True}, "center"),
}
LEFT_UNWRAPPED = {"plain", "heading", "printed"}


def with_styles(book: Workbook) -> Workbook:
    """Add the named styles. `book.drawn` holds each in the form that cells store."""
    book.drawn = {}
    for kind, number_format in FORMATS.items():
        _add(book, kind, border=None, number_format=number_format)
        for line, (is_bold, fill) in LINES.items():
            _add(book, f"{kind} {line}", bold=is_bold, fill=fill, number_format=number_format, wrap=kind == "text")
            _add(book, f"{kind} {line} centred", bold=is_bold, fill=fill, number_format=number_format, at="center")
    _add(book, "head", bold=True, fill=HEAD_FILL, at="center", wrap=True)
    _add(book, "note text", at="left", wrap=True)
    _add(book, "note name", bold=True, at="left", wrap=True)
    for name, (font, at) in WORDS.items():
        _add(book, name, at=at, wrap=name not in LEFT_UNWRAPPED, border=None, **font)
    return book


def _add(
    book: Workbook,
    name: str,
    *,
    fill: PatternFill | None = None,
    border: Border | None = BORDER,
    number_format: str = "General",
    at: str | None = None,
    wrap: bool = False,
    **font: object,
) -> None:
    style = NamedStyle(name, number_format=number_format)
    style.font = Font(**{"name": FONT, "size": 11, "bold": False, "italic": False, **font})
    style.alignment = Alignment(horizontal=at, vertical="center", wrap_text=wrap)
    if fill:
        style.fill = fill
    if border:
        style.border = border
    book.add_named_style(style)
    book.drawn[name] = style.as_tuple()


def put(cell: Cell, value: object, style: str) -> Cell:
    """Set the value and style of a cell. Text that begins with = stays text; times lose their zone."""
    if isinstance(value, str):
        cell.value = printable(value)
        cell.data_type = "s"
    elif isinstance(value, datetime):
        cell.value = localtime(value).replace(tzinfo=None)
    else:
        cell.value = value
    # Like `cell.style = style`, but does not search all names. Cells share the style object.
    cell._style = cell.parent.parent.drawn[style]
    return cell


def describe(book: Workbook, *, title: str, author: str, words: str) -> None:
    """Set the title, author and description of the file."""
    book.properties.title, book.properties.creator = printable(title), printable(author)
    book.properties.description = words


def put_heads(sheet: Worksheet, row_number: int, heads: Sequence[str], *, first: int = 1) -> None:
    """Write the heads of a table, from column `first`."""
    for position, head in enumerate(heads, start=first):
        put(sheet.cell(row_number, position), head, "head")


def put_line(sheet: Worksheet, row_number: int, values: Iterable[object], *, first: int, style: str = "line") -> None:
    """Write a line, from column `first`."""
    for position, value in enumerate(values, start=first):
        put(sheet.cell(row_number, position), value, f"{kind_of(value)} {style}")


def kind_of(value: object) -> str:
    """The key in `FORMATS` for the type of the value."""
    if isinstance(value, datetime):
        return "moment"
    if isinstance(value, date):
        return "day"
    if isinstance(value, Decimal):
        return "share"
    return "number" if isinstance(value, int) else "text"


def roman(number: int) -> str:
    text = ""
    for sign, value in ROMAN:
        while number >= value:
            text, number = text + sign, number - value
    return text


def width_of(texts: Sequence[str]) -> float:
    """A column wide enough for the longest text."""
    return min(max([NARROWEST, *(len(text) * PER_LETTER + 2 for text in texts)]), WIDEST)


def height_of(text: str, width: float) -> float:
    """The height of a wrapped text: Excel does not adjust the height of merged cells."""
    room = max(width / LETTER - 1, 1)
    lines = sum(max(1, math.ceil(len(line) / room)) for line in text.split("\n"))
    return min(lines * LINE_HEIGHT + 2, 409)


def set_up(sheet: Worksheet, widths: Sequence[float], *, head: tuple[int, int] | None = None) -> None:
    """Set A4 landscape, one page wide; head rows are frozen and repeated on every page.

    Pages after the first have a page number at the top: decree 30/2020/NĐ-CP, annex I.
    """
    for position, width in enumerate(widths, start=1):
        sheet.column_dimensions[get_column_letter(position)].width = width
    if head:
        first, last = head
        sheet.freeze_panes = f"C{last + 1}"
        sheet.print_title_rows = f"{first}:{last}"
    sheet.page_setup.paperSize = A4
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.fitToWidth = 1
    sheet.page_setup.fitToHeight = 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    sheet.print_options.horizontalCentered = True
    sheet.page_margins = PageMargins(left=0.6, right=0.5, top=0.7, bottom=0.75, header=0.3, footer=0.35)
    sheet.HeaderFooter.differentFirst = True
    sheet.oddHeader.center.text, sheet.oddHeader.center.size = "&P", 13
