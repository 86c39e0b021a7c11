"""Reads .xlsx and CSV files into plain cells. Limits are checked before parsing."""

from __future__ import annotations

import csv
import hashlib
import io
import itertools
import re
from dataclasses import dataclass, replace
from datetime import date

from ..text import names, parsing
from . import xlsx
from .cells import NOT_PLAIN, Cell, Guard, Sheet, Unreadable, _, text_of

MAX_BYTES = 5 * 1024 * 1024  # of the file as sent
LINES_ASKED = 30  # lines that decide the delimiter of a CSV file

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
NO_TABLE = _(
    "The file is neither an Excel workbook (.xlsx) nor a CSV file in UTF-8. In Excel: “Save As”, then “Excel Workbook "
    "(.xlsx)” or “CSV UTF-8”. In LibreOffice: “Save As”, then “Excel 2007-365 (.xlsx)”."
)
# TCVN3 (also "ABC", the encoding of the .VnTime fonts): the letter of each byte.
TCVN3 = str.maketrans(
    "¡¢£¤¥¦§¨©ª«¬\xad®µ¶·¸¹»¼½¾ÆÇÈÉÊËÌÎÏÐÑÒÓÔÕÖ×ØÜÝÞßáâãäåæçèéêëìíîïñòóôõö÷øùúûüýþ",
    "ĂÂÊÔƠƯĐăâêôơưđàảãáạằẳẵắặầẩẫấậèẻẽéẹềểễếệìỉĩíịòỏõóọồổỗốộờởỡớợùủũúụừửữứựỳỷỹýỵ",
)
TCVN3_SIGNS = frozenset("¨©ª¬\xad®µ¶·¸¹¼½¾")  # no letters in cp1258
CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")  # in no text
UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")


@dataclass(frozen=True)
class Book:
    name: str
    digest: str  # SHA-256 of the file
    sheets: list[Sheet]

    def packed(self) -> dict:
        """The book as JSON."""
        sheets = [
            {
                **vars(sheet),
                "rows": [[row, n, *_packed(one)] for row, cells in sheet.rows.items() for n, one in cells.items()],
            }
            for sheet in self.sheets
        ]
        return {**vars(self), "sheets": sheets}

    @classmethod
    def unpacked(cls, packed: dict) -> Book:
        book = cls(packed["name"], packed["digest"], [Sheet(**{**sheet, "rows": {}}) for sheet in packed["sheets"]])
        for sheet, cells in zip(book.sheets, packed["sheets"], strict=True):
            sheet.marks = {int(row): mark for row, mark in sheet.marks.items()}
            for row, column, where, value, is_day, *rest in cells["rows"]:
                value = date.fromisoformat(value) if is_day else value
                sheet.rows.setdefault(row, {})[column] = Cell(where, value, *rest)
        return book


def _packed(cell: Cell) -> list:
    is_day = isinstance(cell.value, date)
    return [cell.address, str(cell.value) if is_day else cell.value, is_day, cell.problem, cell.merged]


def read_book(data: bytes, name: str) -> Book:
    """The cells of a file. Raises `Unreadable`."""
    if len(data) > MAX_BYTES:
        raise too_large()
    if not data.strip():
        raise Unreadable(_("The file is empty."))
    is_workbook = data.startswith((xlsx.ZIP, xlsx.EMPTY_ZIP))
    sheets = _in_unicode(xlsx.read_sheets(data)) if is_workbook else [_read_csv(data)]
    return Book(parsing.clean(name)[-150:], hashlib.sha256(data).hexdigest(), sheets)


def _in_unicode(sheets: list[Sheet]) -> list[Sheet]:
    """The sheets of a workbook; if it was typed in a .VnTime font, with its texts in Unicode."""
    rows = [cells for sheet in sheets for cells in sheet.rows.values()]
    signs = {sign for cells in rows for cell in cells.values() for sign in cell.text}
    # Nearly every text in Unicode has a letter that TCVN3 does not know, such as “ạ”.
    if max(signs, default="") <= "\xff" and len(signs & TCVN3_SIGNS) > 1:
        for cells in rows:
            for column, cell in cells.items():
                if isinstance(cell.value, str):
                    cells[column] = replace(cell, value=_from_tcvn3(cell.value))
    return sheets


def _from_tcvn3(text: str) -> str:
    """The text in Unicode. The fonts for capitals, .VnTimeH, show small letters as capitals: "PHạM" is "PHẠM"."""

    def in_unicode(field: re.Match) -> str:
        written = field[0].translate(TCVN3)
        return written.upper() if re.search("[A-Z]{2}", written) and not re.search("[a-z]", written) else written

    return re.sub(r"[^\t\r\n,;]+", in_unicode, text)


def too_large() -> Unreadable:
    return Unreadable(_("The file is larger than %(n)s MB."), n=MAX_BYTES // 1024**2)


def _read_csv(data: bytes) -> Sheet:
    whole = _text(data)
    reader = csv.reader(io.StringIO(whole), delimiter=_delimiter(whole), strict=True)
    sheet, guard = Sheet("CSV"), Guard()
    try:
        for row, values in enumerate(reader, start=1):
            for column, value in enumerate(values, start=1):
                if value and (text := text_of(value)):
                    guard.keep(sheet, row, column, text)
    except csv.Error as error:
        raise Unreadable(_("Line %(line)s cannot be read."), line=str(reader.line_num)) from error
    return sheet


def _delimiter(text: str) -> str:
    """The delimiter found in most of the first lines, on a tie the more frequent: a title may have commas."""
    lines = [line for line in itertools.islice(io.StringIO(text), LINES_ASKED) if line.strip()]
    return max(",\t;", key=lambda sign: (sum(sign in line for line in lines), sum(line.count(sign) for line in lines)))


def _text(data: bytes) -> str:
    if data.startswith(OLE):  # an old workbook (.xls), or one with a password
        raise Unreadable(NOT_PLAIN)
    try:
        text = data.decode("utf-16" if data.startswith(UTF16_MARKS) else "utf-8-sig")
    except UnicodeDecodeError:
        text = _old_text(data)
    if CONTROLS.search(text) or text.startswith("%PDF-"):
        raise Unreadable(NO_TABLE)
    if text.lstrip().startswith("<"):  # a web page that is named .xls
        raise Unreadable(NOT_PLAIN)
    return text


def _old_text(data: bytes) -> str:
    """Decode a text older than Unicode: TCVN3 if it has a sign of it, otherwise cp1258."""
    text = data.decode("latin-1")
    try:
        text = _from_tcvn3(text) if TCVN3_SIGNS & set(text) else parsing.composed(data.decode("cp1258"))
    except UnicodeDecodeError as error:
        raise Unreadable(NO_TABLE) from error
    letters = [letter for letter in text if letter > "\x7f" and letter.isalpha()]
    if "\n" not in text or not letters or any(names.fold(letter) not in "aeiouyd" for letter in letters):
        raise Unreadable(NO_TABLE)
    return text
