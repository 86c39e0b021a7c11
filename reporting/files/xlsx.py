"""The cells of an Excel workbook, streamed once, part by part: nothing that the file says of its own size is believed.

No entity is ever declared, and only cells that hold something are kept. (openpyxl's streaming reader knows neither
merged nor hidden cells; its full one makes a cell for each of the 17 thousand million of a merged sheet.)
"""

import io
import math
import posixpath
import zipfile
import zlib
from datetime import datetime
from xml.sax import SAXException  # nosec B406
from xml.sax.handler import ContentHandler  # nosec B406

from defusedxml import DefusedXmlException
from defusedxml.sax import make_parser  # the parser; of the library's own only the names above are taken
from openpyxl.styles.numbers import BUILTIN_FORMATS, is_date_format
from openpyxl.utils import get_column_letter, range_boundaries
from openpyxl.utils.datetime import CALENDAR_MAC_1904, CALENDAR_WINDOWS_1900, from_excel

from ..text import parsing
from .cells import MAX_COLUMNS, Cell, Guard, Sheet, Unreadable, Value, _, address, at_most, position, text_of

MAX_MEMBERS = 500  # parts of a workbook
MAX_UNZIPPED = 64 * 1024 * 1024  # of all parts together
MAX_SHEETS = 50
MAX_MERGED = 10_000  # areas
MAX_FORMATS, MAX_STYLES = 1_000, 70_000  # of numbers, of cells; Excel itself holds 64,000 styles
LONGEST_FORMAT = 255  # characters; Excel writes no longer one
MAX_SPANS = 16_384  # of columns: as many as there are columns
LONGEST_NUMBER = 400  # characters of a value that is a number
CHUNK = 64 * 1024
FED = 1024 * 1024  # bytes: what is not whole yet, as a value of many megabytes, is read again with each chunk

ZIP, EMPTY_ZIP = b"PK\x03\x04", b"PK\x05\x06"
ZIP_ENTRY = b"PK\x01\x02"
PLAIN = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
DAMAGED = _("The workbook is damaged and cannot be read.")
MACROS = _("The workbook holds macros. Save it as “Excel Workbook (.xlsx)”, without macros.")
WORKBOOK, CONTENT_TYPES = "xl/workbook.xml", "[Content_Types].xml"


def read_sheets(data: bytes) -> list[Sheet]:
    at_most(MAX_MEMBERS, data.count(ZIP_ENTRY), _("The workbook has more than %(n)s parts."))  # each is one at least
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            _check(archive)
            return _Workbook(archive).sheets()
    except DefusedXmlException as error:
        raise Unreadable(_("The workbook declares entities of XML, as no Excel does: it is not read.")) from error
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, EOFError, SAXException, LookupError, ValueError) as e:
        raise Unreadable(DAMAGED) from e


def _check(archive: zipfile.ZipFile) -> None:
    """What kind of file it is, and how large in truth: every part is unpacked once, and counted."""
    parts = archive.infolist()
    names = {part.filename for part in parts}
    if len(names) != len(parts):
        raise Unreadable(DAMAGED)
    if any(part.flag_bits & 1 for part in parts):
        raise Unreadable(_("The workbook is locked with a password. Save it without one."))
    if any(part.compress_type not in PLAIN for part in parts):
        raise Unreadable(_("The workbook is packed in an unusual way. Open it in Excel and save it anew."))
    size = 0
    for part in parts:
        with archive.open(part) as stream:
            chunk = stream.read(CHUNK)
            if chunk.startswith(ZIP):
                raise Unreadable(_("The file holds another archive: %(name)s."), name=part.filename[:100])
            if part.filename == CONTENT_TYPES and b"macroEnabled" in chunk:
                raise Unreadable(MACROS)
            while chunk:
                size += len(chunk)
                if size > MAX_UNZIPPED:
                    raise Unreadable(_("Unpacked the file is larger than %(n)s MB."), n=MAX_UNZIPPED // 1024**2)
                chunk = stream.read(CHUNK)
    if any(name.lower().endswith("vbaproject.bin") or name.startswith("xl/macrosheets/") for name in names):
        raise Unreadable(MACROS)
    if "xl/workbook.bin" in names:
        raise Unreadable(_("This is a binary workbook (.xlsb). Save it as “Excel Workbook (.xlsx)”."))
    if "mimetype" in names:
        raise Unreadable(_("This is an OpenDocument file. Save it as “Excel Workbook (.xlsx)”."))
    if WORKBOOK not in names:
        raise Unreadable(_("This is not an Excel workbook (.xlsx)."))


class _Workbook:
    """The parts of a workbook that hold its cells."""

    def __init__(self, archive: zipfile.ZipFile):
        self.archive, self.guard = archive, Guard()
        self.names, self.parsed = set(archive.namelist()), set()

    def sheets(self) -> list[Sheet]:
        book = self.parse(WORKBOOK, _BookPart())
        targets = self.parse("xl/_rels/workbook.xml.rels", _RelationsPart()).targets
        texts = self._of_type(targets, "sharedStrings", _TextsPart()).texts
        styles = self._of_type(targets, "styles", _StylesPart())
        by_id = {key: path for key, (_kind, path) in targets.items()}
        found = []
        for name, key, is_hidden in book.sheets:
            part = _SheetPart(texts, styles.dates, book.epoch, self.guard)
            if by_id.get(key) in self.names:  # a sheet that is only a chart has no cells
                self.parse(by_id[key], part)
            found.append(part.sheet(name, is_hidden))
        return found

    def _of_type(self, targets: dict, kind: str, part):
        for found, path in targets.values():
            if found == kind and path in self.names:
                return self.parse(path, part)
        return part

    def parse(self, path: str, part):
        if path in self.parsed:
            raise ValueError("no two sheets share a part")
        self.parsed.add(path)
        parser = make_parser()
        parser.forbid_dtd = True
        part.guard = self.guard
        parser.setContentHandler(part)
        with self.archive.open(path) as stream:
            while chunk := stream.read(FED):
                parser.feed(chunk)
        parser.close()
        return part


class _Part(ContentHandler):
    """Names of elements and attributes come without their prefixes."""

    guard: Guard
    texts_in: tuple[str, ...] = ()  # the elements whose text is kept

    def __init__(self):
        super().__init__()
        self.pieces: list[str] = []
        self.is_read = self.is_phonetic = False

    def startElement(self, name, attrs):
        self.guard.count_element()
        name = name.rpartition(":")[2]
        if name in self.texts_in:
            self.is_read = not self.is_phonetic
        elif name == "rPh":  # how to pronounce a text: no part of it
            self.is_phonetic = True
        self.start(name, attrs)

    def characters(self, content):
        self.guard.count_piece()
        if self.is_read:
            self.pieces.append(content)

    def endElement(self, name):
        name = name.rpartition(":")[2]
        if name in self.texts_in:
            self.is_read = False
        elif name == "rPh":
            self.is_phonetic = False
        self.end(name)

    def start(self, name: str, attrs) -> None:
        pass

    def end(self, name: str) -> None:
        pass

    def text(self) -> str:
        """What was kept since the last time, checked before it is used."""
        text = self.guard.in_one_cell("".join(self.pieces))
        self.pieces = []
        return text


class _BookPart(_Part):
    def __init__(self):
        super().__init__()
        self.sheets: list[tuple[str, str, bool]] = []
        self.epoch = CALENDAR_WINDOWS_1900

    def start(self, name, attrs):
        if name == "sheet":
            key = next((attrs[key] for key in attrs.getNames() if key.endswith(":id")), "")
            self.sheets.append((parsing.clean(attrs.get("name", "")), key, attrs.get("state", "visible") != "visible"))
            at_most(MAX_SHEETS, len(self.sheets), _("The workbook has more than %(n)s sheets."))
        elif name == "workbookPr" and attrs.get("date1904", "0") in ("1", "true"):
            self.epoch = CALENDAR_MAC_1904


class _RelationsPart(_Part):
    def __init__(self):
        super().__init__()
        self.targets: dict[str, tuple[str, str]] = {}  # by id: the kind, and the path in the archive

    def start(self, name, attrs):
        if name == "Relationship" and attrs.get("TargetMode") != "External":
            path = posixpath.normpath(posixpath.join("/xl", attrs["Target"])).lstrip("/")
            self.targets[attrs["Id"]] = (posixpath.basename(attrs["Type"]), path)


class _TextsPart(_Part):
    """The shared texts."""

    texts_in = ("t",)

    def __init__(self):
        super().__init__()
        self.texts: list[str] = []

    def end(self, name):
        if name == "si":
            self.texts.append(text_of(self.text()))


class _StylesPart(_Part):
    """Which styles show a number as a day."""

    def __init__(self):
        super().__init__()
        self.shows_days = {number: is_date_format(code) for number, code in BUILTIN_FORMATS.items()}
        self.shows_days |= dict.fromkeys(range(27, 37), True)  # days, in Excel of other languages
        self.own = 0
        self.dates: list[bool] = []
        self.is_of_cells = False

    def start(self, name, attrs):
        if name == "numFmt":
            self._read_format(int(attrs["numFmtId"]), attrs.get("formatCode", ""))
        elif name == "cellXfs":
            self.is_of_cells = True
        elif name == "xf" and self.is_of_cells:
            self.dates.append(self.shows_days.get(int(attrs.get("numFmtId", "0")), False))
            at_most(MAX_STYLES, len(self.dates), _("The workbook has more than %(n)s styles."))

    def _read_format(self, number: int, code: str) -> None:
        """Looked at once, and only what Excel may have written: the library takes time by the square of its length."""
        self.own += 1
        if self.own > MAX_FORMATS or len(code) > LONGEST_FORMAT:
            raise Unreadable(_("The workbook has formats of numbers that Excel does not write."))
        if not 27 <= number <= 36:
            self.shows_days[number] = is_date_format(code)

    def end(self, name):
        if name == "cellXfs":
            self.is_of_cells = False


class _SheetPart(_Part):
    texts_in = ("v", "t")

    def __init__(self, texts: list[str], dates: list[bool], epoch: datetime, guard: Guard):
        super().__init__()
        self.texts, self.dates, self.epoch, self.guard = texts, dates, epoch, guard
        self.rows: dict[int, dict[int, Cell]] = {}
        self.hidden: list[int] = []
        self.hidden_columns: set[int] = set()
        self.spans = 0
        self.merges: list[tuple[int, int, int, int]] = []
        self.row = self.column = 0
        self.kind = self.style = ""
        self.has_formula = False

    def start(self, name, attrs):
        match name:
            case "c":
                self._start_cell(attrs)
            case "f":
                self.has_formula = True
            case "row":
                self.row = int(attrs["r"]) if "r" in attrs else self.row + 1
                self.column = 0
                if attrs.get("hidden", "0") in ("1", "true"):
                    self.hidden.append(self.row)
            case "col":
                self.spans += 1
                at_most(MAX_SPANS, self.spans, _("The workbook has more than %(n)s spans of columns."))
                if attrs.get("hidden", "0") in ("1", "true"):
                    first, last = max(int(attrs["min"]), 1), min(int(attrs["max"]), MAX_COLUMNS)
                    self.hidden_columns.update(range(first, last + 1))
            case "mergeCell":
                self.merges.append(range_boundaries(attrs["ref"]))
                at_most(MAX_MERGED, len(self.merges), _("The workbook has more than %(n)s merged areas."))

    def _start_cell(self, attrs):
        if "r" in attrs:
            self.row, self.column = position(attrs["r"])
        else:
            self.column += 1
        self.kind, self.style = attrs.get("t", "n"), attrs.get("s", "")
        self.pieces, self.has_formula = [], False

    def end(self, name):
        if name == "c":
            value, problem = self._value(self.text())
            if value not in (None, "") or problem:
                cell = Cell(address(self.row, self.column), value, problem)
                self.rows.setdefault(self.row, {})[self.column] = self.guard.let_in(cell)

    def _value(self, text: str) -> tuple[Value, str]:
        if not text:
            return None, "formula" if self.has_formula else ""
        match self.kind:
            case "s":
                return self.texts[int(text)], ""
            case "str" | "inlineStr":
                return text_of(text), ""
            case "e":
                return None, f"error:{text[:20]}"
            case "b":
                return "FALSE" if text.strip() in ("0", "false") else "TRUE", ""
            case "d":
                return datetime.fromisoformat(text).date(), ""
        if len(text) > LONGEST_NUMBER:
            raise ValueError("no number is as long")
        number = float(text)
        if self.style.isdecimal() and int(self.style) < len(self.dates) and self.dates[int(self.style)]:
            return self._day(number)
        if not math.isfinite(number):
            return None, f"error:{text[:20]}"
        return (int(number) if number.is_integer() and abs(number) < 1e15 else number), ""

    def _day(self, number: float) -> tuple[Value, str]:
        try:
            moment = from_excel(number, self.epoch)
        except (OverflowError, ValueError):
            return None, "date"
        return (moment.date(), "") if isinstance(moment, datetime) else (None, "date")

    def sheet(self, name: str, is_hidden: bool) -> Sheet:
        self._spread()
        columns = {column for cells in self.rows.values() for column in cells}
        hidden = sorted(columns & self.hidden_columns)
        return Sheet(
            name=name,
            is_hidden=is_hidden,
            rows={row: dict(sorted(cells.items())) for row, cells in sorted(self.rows.items())},
            hidden_rows=[row for row in self.hidden if row in self.rows],
            hidden_columns=[get_column_letter(column) for column in hidden],
        )

    def _spread(self) -> None:
        """What a merged area shows stands in each of its cells; beyond the last filled row and column nothing."""
        last_row = max(self.rows, default=0)
        last_column = max((column for cells in self.rows.values() for column in cells), default=0)
        for left, top, right, bottom in self.merges:
            shown = self.rows.get(top, {}).get(left)
            if shown is None:
                continue
            area = f"{address(top, left)}:{address(bottom, right)}" if bottom > top else ""
            for row in range(top, min(bottom, last_row) + 1):
                for column in range(left, min(right, last_column) + 1):
                    cell = Cell(address(row, column), shown.value, shown.problem, area)
                    self.rows.setdefault(row, {})[column] = self.guard.let_in(cell)
