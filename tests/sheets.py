"""Workbooks as people send them, made by openpyxl; and hostile ones, made by hand."""

import io
import zipfile
from datetime import datetime

from openpyxl import Workbook, load_workbook
from openpyxl.utils.datetime import CALENDAR_MAC_1904


def workbook(*rows, title="Số liệu", merged=(), hidden_rows=(), is_1904=False, sheets=None) -> bytes:
    """The bytes of a workbook whose first sheet holds the rows; `sheets` are further ones, by name."""
    book = Workbook()
    if is_1904:
        book.epoch = CALENDAR_MAC_1904
    sheet = book.active
    sheet.title = title
    for row in rows:
        sheet.append(list(row))
    for area in merged:
        sheet.merge_cells(area)
    for row in hidden_rows:
        sheet.row_dimensions[row].hidden = True
    for name, others in (sheets or {}).items():
        other = book.create_sheet(name)
        for row in others:
            other.append(list(row))
    return saved(book)


def saved(book) -> bytes:
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def filled(template: bytes, cells: dict) -> bytes:
    """A template with typed values."""
    book = load_workbook(io.BytesIO(template))
    for address, value in cells.items():
        book.active[address] = value
    return saved(book)


def repacked(data: bytes, *, changed=None, added=None) -> bytes:
    """The workbook with some parts changed by functions of their text, and others added."""
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            content = old.read(name)
            if changed and name in changed:
                content = changed[name](content.decode()).encode()
            new.writestr(name, content)
        for name, content in (added or {}).items():
            new.writestr(name, content)
    return stream.getvalue()


def csv(*rows, separator=";") -> bytes:
    return b"\xef\xbb\xbf" + "\r\n".join(separator.join(map(_written, row)) for row in rows).encode()


def _written(value) -> str:
    if value is None:
        return ""
    return f"{value:%d/%m/%Y}" if isinstance(value, datetime) else str(value)
