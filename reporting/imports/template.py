"""The template of an import: a workbook with the units filled in, notes in the head, and cells that Excel checks."""

import io
from collections.abc import Mapping, Sequence
from datetime import date

from django.utils.translation import gettext as _
from openpyxl import Workbook
from openpyxl.comments import Comment
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation

from .. import deadline
from ..files.workbook_style import FORMATS, NUMBER_FORMAT, describe, put, put_heads, put_line, set_up, with_styles
from ..models.units import named_line
from ..text import parsing
from . import Kind
from .columns import CUMULATIVE, DAILY, Column
from .plan import Sent

HEAD_ROW = 4
SPARE_ROWS = 50  # of a template for new units
TEXT_FORMAT = "@"  # Excel keeps a leading 0
DAYS = ("day", "effective_on")  # Excel may read them as dates


def template(kind: Kind, sent: Sent, *, days: Sequence[date] = (), mode: str = "") -> bytes:
    """An .xlsx with a line for each unit of the person. Reports have a column for each day."""
    lines = _lines(kind, sent, days, mode)
    columns = [column for column in kind.columns if column.in_template]
    if kind.has_days:
        columns = [column for column in columns if column.key not in ("day", DAILY, CUMULATIVE)]
    columns += [Column(str(day), day, "", is_number=True) for day in days]
    book = with_styles(Workbook())
    office = named_line(tuple(sent.by.unit.codes), deadline.reporting_day(sent.at), None)[sent.by.unit.code]
    describe(book, title=str(kind.title), author=office.full_name, words=str(kind.about))
    sheet = book.active
    sheet.title = str(kind.title)[:31]
    put(sheet.cell(1, 1), str(kind.title), "heading")
    put(sheet.cell(2, 1), str(kind.about), "plain")
    put(sheet.cell(3, 1), _("Fill in the cells below the head. What is left empty is not imported."), "plain")
    put_heads(sheet, HEAD_ROW, [column.title if column.title in days else str(column.title) for column in columns])
    sheet.row_dimensions[HEAD_ROW].height = 48
    for row, known in enumerate(lines, start=HEAD_ROW + 1):
        put_line(sheet, row, [known.get(column.key) for column in columns], first=1)
    last = HEAD_ROW + len(lines) + (0 if kind.scope else SPARE_ROWS)
    for number, column in enumerate(columns, start=1):
        _guide(sheet, column, number, last)
    set_up(sheet, [_width(column, lines) for column in columns], head=(HEAD_ROW, HEAD_ROW))
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def _lines(kind: Kind, sent: Sent, days: Sequence[date], mode: str) -> list[Mapping[str, str | int | None]]:
    """The known values of each unit by column key, by district, with agencies last."""
    if kind.known is not None:
        return kind.known(sent)
    if kind.scope is None:
        return []
    directory = kind.scope(sent, set(days) or {deadline.reporting_day(sent.at)})
    lines = []
    for unit in sorted(directory.by_code.values(), key=lambda unit: (unit.is_agency, unit.path)):
        above = directory.superiors.get(unit.codes[-2]) if len(unit.codes) > 1 else None
        district = above.full_name if above else None
        lines.append({"code": unit.code, "name": unit.full_name, "district": district, "mode": mode})
    return lines


def _width(column: Column, lines: Sequence[Mapping[str, str | int | None]]) -> float:
    """Wide enough for the values that are filled in."""
    longest = max((len(str(line.get(column.key) or "")) for line in lines), default=0)
    return min(max(longest + 2, 14 if column.is_number else 16), 36)


def _guide(sheet, column: Column, number: int, last: int) -> None:
    """Add the note of the head, and the check below it."""
    head, below, check = sheet.cell(HEAD_ROW, number), range(HEAD_ROW + 1, last + 1), None
    if isinstance(column.title, date):
        head.number_format = FORMATS["day"]
    if column.note:
        head.comment = Comment(str(column.note), "Bluezone", width=260, height=90)
    if column.choices:
        listed = ",".join(choice for choice in column.choices if "," not in choice)
        check = DataValidation(type="list", formula1=f'"{listed}"', allow_blank=True, showErrorMessage=False)
    if column.is_number:
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
    if column.key not in DAYS:
        for row in below:
            sheet.cell(row, number).number_format = NUMBER_FORMAT if column.is_number else TEXT_FORMAT
    if check and below:
        letters = get_column_letter(number)
        check.add(f"{letters}{below[0]}:{letters}{below[-1]}")
        sheet.add_data_validation(check)
