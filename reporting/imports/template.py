"""The template of an import: a workbook that already names the units."""

import io
from collections.abc import Mapping, Sequence
from copy import copy
from datetime import date

from django.utils.translation import gettext as _
from openpyxl import Workbook
from openpyxl.utils import get_column_letter

from .. import deadline
from ..exports.workbook.style import FORMATS, NUMBER_FORMAT, describe, put, put_heads, put_line, set_up, with_styles
from ..models.units import named_line
from . import Kind
from .columns import CUMULATIVE, DAILY, Column
from .plan import Sent

HEAD_ROW = 4
TEXT_FORMAT = "@"  # Excel keeps a leading 0


def template(kind: Kind, sent: Sent, *, days: Sequence[date] = ()) -> bytes:
    """An .xlsx with a line for each unit of the person. For reports it has a column for each day."""
    columns = [column for column in kind.columns if column.in_template]
    if kind.is_of_reports:
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
    for row, known in enumerate(_lines(kind, sent, days), start=HEAD_ROW + 1):
        put_line(sheet, row, [known.get(column.key) for column in columns], first=1)
    for number, column in enumerate(columns, start=1):
        if isinstance(column.title, date):
            sheet.cell(HEAD_ROW, number).number_format = FORMATS["day"]
        if column.key != "day":  # Excel may read it as a date
            written = NUMBER_FORMAT if column.is_number else TEXT_FORMAT
            sheet.column_dimensions[get_column_letter(number)].number_format = written
            for row in range(HEAD_ROW + 1, sheet.max_row + 1):
                cell = sheet.cell(row, number)
                cell._style = copy(cell._style)  # cells share the style that `put` sets
                cell.number_format = written
    set_up(sheet, [20] * len(columns), head=(HEAD_ROW, HEAD_ROW))
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def _lines(kind: Kind, sent: Sent, days: Sequence[date]) -> list[Mapping[str, str | int | None]]:
    """The known values of each unit by column key; units are sorted by district, agencies last."""
    if kind.known is not None:
        return kind.known(sent)
    directory = kind.scope(sent, set(days) or {deadline.reporting_day(sent.at)})
    lines = []
    for unit in sorted(directory.by_code.values(), key=lambda unit: (unit.is_agency, unit.path)):
        above = directory.superiors.get(unit.codes[-2]) if len(unit.codes) > 1 else None
        district = above.full_name if above else None
        lines.append({"code": unit.code, "name": unit.full_name, "district": district, "mode": "mới"})
    return lines
