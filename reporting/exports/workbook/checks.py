"""Excel itself adds up what is printed: the sums of each table beside its total line, on a sheet of their own.

Under the table stands what came of it in one line: that all agrees, or which columns do not.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _
from openpyxl import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from .head import FIRST_ROW, Heading, form_head
from .style import put, put_heads, set_up

WIDTHS = (5, 30, 48, 18, 18, 14)
DIFFERENCE = "F"


@dataclass(frozen=True)
class Check:
    """One line: what is added up and what it has to be, as formulas; `has_total` unless the total is not known."""

    column: str
    added: str
    total: str
    has_total: bool = True


@dataclass(frozen=True)
class Checked:
    """The checks of one table, and the cell of its sheet that says what came of them."""

    sheet: Worksheet
    checks: Sequence[Check]
    cell: str


def reference(sheet: Worksheet, cells: str) -> str:
    """The cells of a sheet as a formula names them from another sheet."""
    title = sheet.title.replace("'", "''")
    return f"'{title}'!{cells}"


def checks_sheet(book: Workbook, heading: Heading, tables: Sequence[Checked]) -> None:
    """A line for each column of each table, and at each table the sentence on its lines."""
    sheet = book.create_sheet(_("Check"))
    form_head(sheet, heading, _("Check of the sums"), WIDTHS)
    heads = [_("No."), _("Table"), _("Column"), _("Sum of the lines"), _("Total line"), _("Difference")]
    put_heads(sheet, FIRST_ROW, heads)
    row = FIRST_ROW + 1
    for table in tables:
        first = row
        for check in table.checks:
            put(sheet.cell(row, 1), row - FIRST_ROW, "number line centred")
            put(sheet.cell(row, 2), table.sheet.title, "text line")
            put(sheet.cell(row, 3), check.column, "text line")
            difference = f"=D{row}-E{row}" if check.has_total else None  # from what is not known nothing differs
            for letter, formula in (("D", f"={check.added}"), ("E", f"={check.total}"), (DIFFERENCE, difference)):
                sheet[f"{letter}{row}"] = formula
                sheet[f"{letter}{row}"].style = "number line"
            if not check.has_total:
                sheet[f"E{row}"] = None
            row += 1
        table.sheet[table.cell] = _said(sheet, table.checks, first)
        table.sheet[table.cell].style = "check words"
    set_up(sheet, WIDTHS, head=(FIRST_ROW, FIRST_ROW))


def _said(sheet: Worksheet, checks: Sequence[Check], first: int) -> str:
    """A formula: that the table agrees, or the columns that differ."""
    differences = reference(sheet, f"{DIFFERENCE}{first}:{DIFFERENCE}{first + len(checks) - 1}")
    named = "&".join(
        f'IF({reference(sheet, f"{DIFFERENCE}{first + place}")}<>0,{_text("; " + check.column)},"")'
        for place, check in enumerate(checks)
    )
    agrees, differs = _text(_("Check: agrees")), _text(_("Check: does not agree, see the sheet “Check”"))
    return f"=IF(SUMPRODUCT(ABS({differences}))=0,{agrees},{differs}&{named})"


def _text(words: str) -> str:
    """A text of our own inside a formula."""
    doubled = words.replace('"', '""')
    return f'"{doubled}"'
