"""Reads the filled cells of an Excel workbook by openpyxl's parser, row by row.

(openpyxl's sheets cannot be used: the streaming ones ignore merged and hidden cells, the full ones would create all 17
billion cells of a sheet that is merged as a whole.)
"""

import io
import math
import re
import zipfile
from datetime import date, datetime

from defusedxml import DefusedXmlException
from openpyxl import Workbook
from openpyxl.reader.excel import ExcelReader
from openpyxl.styles.colors import Color
from openpyxl.styles.stylesheet import apply_stylesheet
from openpyxl.worksheet._reader import FORMULA_TAG, WorkSheetParser

from ..text import parsing
from .cells import GREYED, HIDDEN, NOT_PLAIN, STRUCK, Guard, Sheet, Unreadable, Value, _, address, at_most, text_of

MAX_MEMBERS = 500  # parts of a workbook
MAX_UNZIPPED = 64 * 1024 * 1024  # of all parts together
MAX_SHEETS = 50

ZIP, EMPTY_ZIP = b"PK\x03\x04", b"PK\x05\x06"
ZIP_ENTRY = b"PK\x01\x02"
DAMAGED = _("The workbook is damaged and cannot be read.")
MACROS = re.compile(r"vbaproject\.bin$|^xl/macrosheets/", re.IGNORECASE)
GREY = re.compile("(?!FFFFFF|000000)([0-9A-F]{2})\\1\\1", re.IGNORECASE)


def read_sheets(data: bytes) -> list[Sheet]:
    """Raises `Unreadable`."""
    at_most(MAX_MEMBERS, data.count(ZIP_ENTRY), _("The workbook has more than %(n)s parts."))
    try:
        reader = ExcelReader(io.BytesIO(data), read_only=True, data_only=True, keep_links=False)
        _check(reader.archive)
        return _sheets(reader)
    except (Unreadable, MemoryError):
        raise
    except DefusedXmlException as error:
        raise Unreadable(_("The workbook declares XML entities, which Excel never does. It was not read.")) from error
    except Exception as error:  # zipfile, expat and openpyxl have many for what is not as Excel writes it
        raise Unreadable(DAMAGED) from error


def _check(archive: zipfile.ZipFile) -> None:
    """Check the kind of file and the stated sizes; unpacking stops at those sizes. Raises `Unreadable`."""
    names = archive.namelist()
    if "xl/workbook.xml" not in names or any(map(MACROS.search, names)):
        raise Unreadable(NOT_PLAIN)
    if sum(part.file_size for part in archive.infolist()) > MAX_UNZIPPED:
        raise Unreadable(_("Unpacked, the file is larger than %(n)s MB."), n=MAX_UNZIPPED // 1024**2)


def _sheets(reader: ExcelReader) -> list[Sheet]:
    reader.read_manifest()
    reader.read_strings()
    reader.read_workbook()
    apply_stylesheet(reader.archive, reader.wb)
    sheets, guard = [], Guard()
    for stated, relation in reader.parser.find_sheets():
        at_most(MAX_SHEETS, len(sheets) + 1, _("The workbook has more than %(n)s sheets."))
        sheets.append(Sheet(parsing.clean(stated.name), stated.state != "visible"))
        if "chartsheet" not in relation.Type:
            with reader.archive.open(relation.target) as source:
                _fill(sheets[-1], _Parser(source, reader), guard)
    return sheets


class _Parser(WorkSheetParser):
    """Also tells a formula without a stored result from an empty cell."""

    def __init__(self, source: io.BufferedIOBase, reader: ExcelReader):
        self.book: Workbook = reader.wb
        formats = self.book._date_formats, self.book._timedelta_formats
        super().__init__(source, reader.shared_strings, True, self.book.epoch, *formats)

    def parse_cell(self, element) -> dict:
        cell = super().parse_cell(element)
        if cell["value"] is None and element.find(FORMULA_TAG) is not None:
            cell["data_type"] = "f"
        return cell


def _fill(sheet: Sheet, parser: _Parser, guard: Guard) -> None:
    for row, cells in parser.parse():
        looks = set()
        for cell in cells:
            value, problem = _value(cell["value"], cell["data_type"])
            if value not in (None, "") or problem:
                guard.keep(sheet, cell["row"], cell["column"], value, problem)
                looks.add(_look(parser.book, cell["style_id"]))
        if STRUCK in looks or looks == {GREYED}:
            sheet.marks[row] = max(looks)
        if looks and parser.row_dimensions.get(str(row), {}).get("hidden") in ("1", "true"):
            sheet.marks[row] = HIDDEN
    _spread(sheet, [area.bounds for area in parser.merged_cells.mergeCell] if parser.merged_cells else [], guard)
    sheet.rows = {row: dict(sorted(cells.items())) for row, cells in sorted(sheet.rows.items())}


def _value(value: object, kind: str) -> tuple[Value, str]:
    """The value of a cell and the problem with it."""
    match value:
        case None:
            return None, "formula" if kind == "f" else ""
        case str():
            return (None, f"error:{value[:20]}") if kind == "e" else (text_of(value), "")
        case bool():
            return str(value).upper(), ""
        case datetime():
            return value.date(), ""
        case date() | int():
            return value, ""
        case float() if math.isfinite(value):
            return (int(value) if value.is_integer() and abs(value) < 1e15 else value), ""
    return None, "date"  # an hour, a number without end


def _look(book: Workbook, style: int) -> str:
    """Whether the style strikes a text through, or its font or fill is grey."""
    looks = book._cell_styles[style]
    font, fill = book._fonts[looks.fontId], book._fills[looks.fillId]
    is_grey = _is_grey(font.color) or (fill.fill_type == "solid" and _is_grey(fill.fgColor))
    return STRUCK if font.strike else GREYED if is_grey else ""


def _is_grey(colour: Color | None) -> bool:
    if colour is None or colour.type != "rgb":
        return colour is not None and colour.type == "theme" and colour.theme in (0, 1) and colour.tint != 0
    return bool(GREY.fullmatch(colour.rgb[-6:]))


def _spread(sheet: Sheet, merged: list[tuple[int, int, int, int]], guard: Guard) -> None:
    """Put the value of a merged area into each of its cells, up to the last filled row and column."""
    last_row = max(sheet.rows, default=0)
    last_column = max((column for cells in sheet.rows.values() for column in cells), default=0)
    for left, top, right, bottom in merged:
        shown = sheet.rows.get(top, {}).get(left)
        if shown is None:
            continue
        area = f"{address(top, left)}:{address(bottom, right)}" if bottom > top else ""
        for row in range(top, min(bottom, last_row) + 1):
            for column in range(left, min(right, last_column) + 1):
                guard.keep(sheet, row, column, shown.value, shown.problem, area)
