"""Reads the filled cells of an Excel workbook as a stream, without trust in the sizes that the file states.

(openpyxl's streaming reader ignores merged and hidden cells; its full reader would create all 17 billion cells of a
sheet that is merged as a whole.)
"""

import io
import math
import posixpath
import re
import zipfile
import zlib
from collections.abc import Iterator
from datetime import datetime
from xml.etree.ElementTree import Element, ParseError, TreeBuilder  # nosec B405

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import DefusedXMLParser
from openpyxl.styles.numbers import BUILTIN_FORMATS
from openpyxl.utils import range_boundaries
from openpyxl.utils.datetime import CALENDAR_MAC_1904, CALENDAR_WINDOWS_1900, from_excel

from ..text import parsing
from .cells import (
    GREYED,
    HIDDEN,
    NOT_PLAIN,
    STRUCK,
    Guard,
    Sheet,
    Unreadable,
    Value,
    _,
    address,
    at_most,
    position,
    text_of,
)

MAX_MEMBERS = 500  # parts of a workbook
MAX_UNZIPPED = 64 * 1024 * 1024  # of all parts together
MAX_SHEETS = 50
MAX_DEPTH = 100  # of nested elements; Excel needs ten
CHUNK = 1024 * 1024  # bytes; the parser starts an unfinished element again with each chunk

ZIP, EMPTY_ZIP = b"PK\x03\x04", b"PK\x05\x06"
ZIP_ENTRY = b"PK\x01\x02"
PLAIN = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
DAMAGED = _("The workbook is damaged and cannot be read.")
WORKBOOK, CONTENT_TYPES = "xl/workbook.xml", "[Content_Types].xml"
MACROS = re.compile(r"vbaproject\.bin$|^xl/macrosheets/", re.IGNORECASE)
TRUE = ("1", "true")
GREY = re.compile("(?!FFFFFF|000000)([0-9A-F]{2})\\1\\1", re.IGNORECASE)
# What shows no day in a number format: quoted texts, colours and conditions (but "[h]" is hours), escaped letters.
NO_DAY = re.compile(r'"[^"]*"|\[(?![hmsHMS]+\])[^][]*\]|[\\_].')
DATE_LETTER = re.compile("[dmyhs]", re.IGNORECASE)
FORMATS = BUILTIN_FORMATS | dict.fromkeys(range(27, 37), "d")  # those of other languages are days


def read_sheets(data: bytes) -> list[Sheet]:
    at_most(MAX_MEMBERS, data.count(ZIP_ENTRY), _("The workbook has more than %(n)s parts."))
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            _check(archive)
            return _sheets(archive)
    except DefusedXmlException as error:
        raise Unreadable(_("The workbook declares XML entities, which Excel never does. It was not read.")) from error
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, EOFError, ParseError, LookupError, ValueError) as e:
        raise Unreadable(DAMAGED) from e


def _check(archive: zipfile.ZipFile) -> None:
    """Check the kind of file and the stated sizes; unpacking stops at those sizes. Raises `Unreadable`."""
    parts = archive.infolist()
    names = {part.filename for part in parts}
    if len(names) != len(parts):
        raise Unreadable(DAMAGED)
    if WORKBOOK not in names or any(part.flag_bits & 1 or part.compress_type not in PLAIN for part in parts):
        raise Unreadable(NOT_PLAIN)
    if sum(part.file_size for part in parts) > MAX_UNZIPPED:
        raise Unreadable(_("Unpacked, the file is larger than %(n)s MB."), n=MAX_UNZIPPED // 1024**2)
    for part in parts:
        with archive.open(part) as stream:
            start = stream.read(CHUNK if part.filename == CONTENT_TYPES else len(ZIP))
        if start.startswith(ZIP):
            raise Unreadable(_("The file holds another archive: %(name)s."), name=part.filename[:100])
        if b"macroEnabled" in start or MACROS.search(part.filename):
            raise Unreadable(NOT_PLAIN)


def _sheets(archive: zipfile.ZipFile) -> list[Sheet]:
    names, paths, kinds = set(archive.namelist()), {}, {}
    for link in _elements(archive, "xl/_rels/workbook.xml.rels", "Relationship"):
        path = posixpath.normpath(posixpath.join("/xl", link.attrib["Target"])).lstrip("/")
        if link.get("TargetMode") != "External" and path in names:
            paths[link.attrib["Id"]] = path
            kinds.setdefault(posixpath.basename(link.attrib["Type"]), path)
    cells, sheets, parts = _Cells(), [], []
    for one in _elements(archive, WORKBOOK, "workbookPr", "sheet"):
        if one.tag == "sheet":
            sheets.append(Sheet(parsing.clean(one.get("name", "")), one.get("state", "visible") != "visible"))
            parts.append(paths.get(one.get("id")))  # None if the sheet is only a chart
            at_most(MAX_SHEETS, len(sheets), _("The workbook has more than %(n)s sheets."))
        elif one.get("date1904") in TRUE:
            cells.epoch = CALENDAR_MAC_1904
    used = [path for path in (*parts, kinds.get("sharedStrings"), kinds.get("styles")) if path]
    if len(set(used)) != len(used):
        raise ValueError("two of them share a part")
    if "sharedStrings" in kinds:
        cells.texts = [_text(one) for one in _elements(archive, kinds["sharedStrings"], "si")]
    if "styles" in kinds:
        cells.date_styles, cells.marks = _styles(archive, kinds["styles"])
    for sheet, path in zip(sheets, parts, strict=True):
        if path:
            cells.fill(sheet, _elements(archive, path, "row", "mergeCell"))
    return sheets


def _elements(archive: zipfile.ZipFile, path: str, *names: str) -> Iterator[Element]:
    """Yield the complete elements with these names. Nothing else is kept in memory."""
    target = _Target(names)
    parser = DefusedXMLParser(target=target, forbid_dtd=True)
    with archive.open(path) as stream:
        while chunk := stream.read(CHUNK):
            parser.feed(chunk)
            yield from target.elements
            target.elements.clear()
    parser.close()


class _Target:
    """Collects elements for the parser; their names and attributes have no namespaces."""

    def __init__(self, names: tuple[str, ...]):
        self.names, self.elements = names, []
        self.builder, self.depth = TreeBuilder(), 0

    def start(self, name: str, attributes: dict[str, str]) -> None:
        name = name.rpartition("}")[2]
        if self.depth or name in self.names:
            self.depth += 1
            if self.depth > MAX_DEPTH:
                raise Unreadable(DAMAGED)
            self.builder.start(name, {key.rpartition("}")[2]: value for key, value in attributes.items()})

    def data(self, text: str) -> None:
        if self.depth:
            self.builder.data(text)

    def end(self, name: str) -> None:
        if self.depth:
            self.builder.end(name.rpartition("}")[2])
            self.depth -= 1
            if not self.depth:
                self.elements.append(self.builder.close())
                self.builder = TreeBuilder()


def _text(element: Element) -> str:
    """The text of a shared string or of a cell, without phonetic hints."""
    parts = [part for child in element if child.tag != "rPh" for part in child.iter("t")]
    return text_of("".join(part.text or "" for part in parts))


def _styles(archive: zipfile.ZipFile, path: str) -> tuple[set[str], dict[str, str]]:
    """The numbers of the cell styles that show a number as a day, and of those that strike or grey a cell."""
    codes, styles, looks = dict(FORMATS), [], {"fonts": [], "fills": []}
    for element in _elements(archive, path, "numFmt", "fonts", "fills", "cellXfs"):
        if element.tag == "numFmt":
            codes[int(element.attrib["numFmtId"])] = element.get("formatCode", "")
        elif element.tag in looks:
            looks[element.tag] = [_look(child) for child in element]
        else:
            styles = list(element.iter("xf"))
    days = {number for number, code in codes.items() if DATE_LETTER.search(NO_DAY.sub("", code.partition(";")[0]))}
    days = {str(style) for style, xf in enumerate(styles) if int(xf.get("numFmtId", "0")) in days}
    marks = {}
    for style, xf in enumerate(styles):
        looked = [looks[f"{name}s"][int(xf.get(f"{name}Id", "0"))] for name in ("font", "fill") if looks[f"{name}s"]]
        marks[str(style)] = max(looked, default="")  # "struck" before "grey"
    return days, marks


def _look(element: Element) -> str:
    """Whether a font strikes its text through, or a font or fill is grey."""
    strike, pattern = element.find("strike"), element.find("patternFill")
    if strike is not None and strike.get("val") not in ("0", "false"):
        return STRUCK
    if pattern is not None and pattern.get("patternType") != "solid":
        return ""
    colour = (element if pattern is None else pattern).find("color" if pattern is None else "fgColor")
    if colour is None:
        return ""
    rgb = colour.get("rgb", "")[-6:]
    is_grey = bool(GREY.fullmatch(rgb)) or (colour.get("theme") in ("0", "1") and float(colour.get("tint", "0")) != 0)
    return GREYED if is_grey else ""


class _Cells:
    """Reads the cells of all sheets of a workbook."""

    def __init__(self):
        self.texts: list[str] = []
        self.date_styles: set[str] = set()
        self.marks: dict[str, str] = {}  # by style
        self.epoch = CALENDAR_WINDOWS_1900
        self.guard = Guard()

    def fill(self, sheet: Sheet, elements: Iterator[Element]) -> None:
        row, marks, merged = 0, {}, []
        for element in elements:
            if element.tag == "mergeCell":
                merged.append(range_boundaries(element.attrib["ref"]))
                continue
            row, column = int(element.get("r", row + 1)), 0
            looks = set()
            for cell in element:
                row, column = position(cell.attrib["r"]) if "r" in cell.attrib else (row, column + 1)
                value, problem = self._value(cell)
                if value not in (None, "") or problem:
                    self.guard.keep(sheet, row, column, value, problem)
                    looks.add(self.marks.get(cell.get("s", "0"), ""))
            if STRUCK in looks or looks == {GREYED}:
                marks[row] = max(looks)
            if element.get("hidden") in TRUE:
                marks[row] = HIDDEN
        self._spread(sheet, merged)
        sheet.rows = {row: dict(sorted(cells.items())) for row, cells in sorted(sheet.rows.items())}
        sheet.marks = {row: mark for row, mark in marks.items() if row in sheet.rows}

    def _value(self, cell: Element) -> tuple[Value, str]:
        """The value of a cell and the problem with it."""
        kind, written, inline = cell.get("t", "n"), cell.findtext("v"), cell.find("is")
        if inline is not None:
            return _text(inline), ""
        if not written:
            return None, "" if cell.find("f") is None else "formula"
        if kind in ("n", "s") and ("_" in written or not written.isascii()):  # Python reads 1_5 and ١٥ as 15
            raise ValueError("no number of Excel")
        match kind:
            case "s":
                return self.texts[int(written)], ""
            case "str" | "inlineStr":
                return text_of(written), ""
            case "e":
                return None, f"error:{written[:20]}"
            case "b":
                return "FALSE" if written.strip() in ("0", "false") else "TRUE", ""
            case "d":
                return datetime.fromisoformat(written).date(), ""
        number = float(written)
        if cell.get("s") in self.date_styles:
            try:
                moment = from_excel(number, self.epoch)
            except (OverflowError, ValueError):
                moment = None
            return (moment.date(), "") if isinstance(moment, datetime) else (None, "date")
        if not math.isfinite(number):
            return None, f"error:{written[:20]}"
        return (int(number) if number.is_integer() and abs(number) < 1e15 else number), ""

    def _spread(self, sheet: Sheet, merged: list[tuple[int, int, int, int]]) -> None:
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
                    self.guard.keep(sheet, row, column, shown.value, shown.problem, area)
