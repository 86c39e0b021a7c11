"""Files that people send: how each cell is read, and how every hostile or mistaken file is refused in words."""

import io
import warnings
import zipfile
from datetime import date

import pytest
from django.utils import translation

from reporting.files import cells as kept_cells, spreadsheets, xlsx
from reporting.files.spreadsheets import Cell, Unreadable, read_book

from .. import sheets
from ..factories import at
from ..some import some
from .hostile import MB, PLAIN, changed, merged, with_cells


def cells(data, name="a.xlsx"):
    return {cell.address: cell.value for row in read_book(data, name).sheets[0].rows.values() for cell in row.values()}


def refusal(data, name="a.xlsx"):
    with translation.override("vi"), pytest.raises(Unreadable) as refused:
        read_book(data, name)
    return str(refused.value)


def row(number, *cells):
    return f'<row r="{number}">{"".join(cells)}</row>'


def cell(address, value=1, kind="n"):
    return f'<c r="{address}" t="{kind}"><v>{value}</v></c>'


def with_rows(*rows):
    return with_cells("".join(rows))


# What is read.

DAY = date(2020, 8, 5)
DAYS = [DAY, at("2020-08-06 17:05").replace(tzinfo=None)]
READ = {
    "texts and numbers": (
        sheets.workbook(["  Đằng \u00a0 Hải\n", 88, 1.5, True, None, 0]),
        {"A1": "Đằng Hải", "B1": 88, "C1": 1.5, "D1": "TRUE", "F1": 0},
    ),
    "days": (sheets.workbook(DAYS), {"A1": DAY, "B1": date(2020, 8, 6)}),
    "day of the 1904 calendar": (sheets.workbook([DAY], is_1904=True), {"A1": DAY}),
    "accents apart": (sheets.workbook(["Thu\u0309y"]), {"A1": "Thủy"}),
    "far cell that holds nothing": (
        with_rows(row(1, cell("A1")), row(1048576, '<c r="XFD1048576" s="0"/>')),
        {"A1": 1},
    ),
    "whole sheet merged": (with_rows(row(1, cell("A1")), merged("A1:XFD1048576", 1)), {"A1": 1}),
}


@pytest.mark.parametrize("name", READ)
def test_cells_come_as_they_are(name):
    data, expected = READ[name]
    assert cells(data) == expected


def test_merged_cells_show_their_text_in_each_and_say_so_over_rows():
    data = sheets.workbook(["a", None, "b"], ["c", "x"], [None, "y"], merged=["A1:B1", "A2:A3"])
    rows = read_book(data, "a.xlsx").sheets[0].rows
    assert rows[3][1] == Cell("A3", "c", "", "A2:A3")
    assert [(cell.value, cell.merged) for cell in rows[1].values()] == [("a", ""), ("a", ""), ("b", "")]
    assert [(cell.value, cell.merged) for cell in rows[2].values()] == [("c", "A2:A3"), ("x", "")]


def test_hidden_rows_are_read_and_named():
    sheet = read_book(sheets.workbook(["a"], ["b"], ["c"], hidden_rows=[2]), "a.xlsx").sheets[0]
    assert (sheet.rows[2][1].value, sheet.marks) == ("b", {2: "hidden"})


def test_formula_has_the_value_that_excel_stored():
    formula = '<c r="A1"><f>1+1</f><v>2</v></c><c r="B1"><f>1+1</f></c><c r="C1" t="e"><f>1/0</f><v>#DIV/0!</v></c>'
    sheet = read_book(with_rows(row(1, formula)), "a.xlsx").sheets[0]
    assert list(sheet.rows[1].values()) == [
        Cell("A1", 2),
        Cell("B1", None, "formula"),
        Cell("C1", None, "error:#DIV/0!"),
    ]


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_title_above_a_csv_table_does_not_say_what_parts_it(separator):
    """Decimal commas below it, or commas in a name, do not decide either."""
    title = ["Biểu 1: xã, phường, thị trấn; ngày 20/08, 17h00"]
    data = sheets.csv(title, [], ["Đơn vị", "Lũy kế"], ["Cát Bi", 88], ["Sở Y tế", 9], separator=separator)
    read = cells(data, "a.csv")
    assert (read["A4"], read["B5"]) == ("Cát Bi", "9")
    shares = sheets.csv(["Đơn vị", "Tỷ lệ"], ["Nông nghiệp, thủy sản", "11,61%"], separator=";")
    assert cells(shares, "a.csv")["B2"] == "11,61%"


# What is refused.


def part(size):
    return b" " * size


def archived(*names) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive, warnings.catch_warnings(action="ignore"):  # of a name twice
        for name in names:
            archive.writestr(name, "x")
    return stream.getvalue()


def added(name, content="x"):
    return sheets.repacked(PLAIN, added={name: content})


ENTITIES = '<!DOCTYPE w [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
BOMB = with_cells(" " * (65 * MB))
NOT_PLAIN = (
    "Tệp không phải là tệp Excel (.xlsx) thông thường. Mở bằng Excel hoặc LibreOffice và lưu lại dạng “Excel "
    "Workbook (.xlsx)” (trong LibreOffice: “Excel 2007-365”), không có macro, không đặt mật khẩu."
)
NO_TABLE = (
    "Tệp không phải là Excel (.xlsx) hay CSV dạng UTF-8. Trong Excel: chọn “Save As” (Lưu thành), rồi “Excel Workbook "
    "(.xlsx)” hoặc “CSV UTF-8”. Trong LibreOffice: “Lưu thành”, rồi “Excel 2007-365 (.xlsx)”."
)
BEYOND = "Ô {} có nội dung, nằm ngoài phạm vi 20.000 dòng và 400 cột được đọc."

REFUSALS = {  # by what is said
    "Tệp rỗng.": {"empty": lambda: b"  "},
    "Tệp lớn hơn 5 MB.": {"too large": lambda: part(5 * MB + 1)},
    NOT_PLAIN: {
        "old Excel": lambda: OLE + part(600),
        "web page": lambda: b"<html><table><tr><td>1",
        "spoilt": lambda: PLAIN.replace(b"xl/workbook.xml", b"xl/workbook.xmx"),
        "macros": lambda: added("xl/vbaProject.bin"),
        "OpenDocument": lambda: archived("mimetype", "content.xml"),
    },
    NO_TABLE: {
        "renamed exe": lambda: b"MZ\x90\x00" + part(600),
        "PDF": lambda: b"%PDF-1.7\n" + part(60),
        "control character": lambda: b"a;b\n1\x0712;5\n",
    },
    "Tệp Excel bị hỏng, không đọc được.": {
        "cut off": lambda: PLAIN[:-200],
        "no XML": lambda: changed(sheet="<worksheet><"),
        "text that is not there": lambda: with_rows(row(1, cell("A1", 99, "s"))),
        "no address": lambda: with_rows(row(1, cell("ABCD99999999"))),
    },
    "Tệp Excel có hơn 500 thành phần.": {
        "60,000 members": lambda: sheets.repacked(PLAIN, added={f"{n}": "" for n in range(60_000)})[: 5 * MB],
    },
    "Tệp giải nén ra lớn hơn 64 MB.": {
        "zip bomb": lambda: BOMB,
        "zip bomb beside": lambda: added("docProps/a.xml", part(65 * MB)),
    },
    "Tệp Excel khai báo thực thể XML, điều mà Excel không bao giờ làm: không đọc tệp này.": {
        "entity bomb": lambda: changed(sheet=f"{ENTITIES}<worksheet>&b;</worksheet>"),
    },
    BEYOND.format("XFD1048576"): {"far cell": lambda: with_rows(row(1048576, cell("XFD1048576")))},
    BEYOND.format("OK1"): {"far column": lambda: with_rows(row(1, cell("OK1")))},
    BEYOND.format("A20001"): {
        "100,000 rows": lambda: with_rows(*(row(n, cell(f"A{n}")) for n in range(1, 100_001))),
    },
    "Tệp có hơn 200.000 ô có nội dung.": {
        "too many cells": lambda: with_rows(*(row(n, "<c><v>1</v></c>" * 300) for n in range(1, 700))),
    },
    "Tệp chứa nhiều chữ hơn mức của một bảng số liệu.": {
        "one long text in many cells": lambda: with_rows(
            *(row(n, cell(f"A{n}", "x" * 30_000, "str")) for n in range(1, 80))
        ),
    },
}
BAD = {name: (make, words) for words, makers in REFUSALS.items() for name, make in makers.items()}
DEAR = {"too many cells", "one long text in many cells", "60,000 members", "100,000 rows", "zip bomb beside"}


@pytest.mark.parametrize("name", some(BAD, [name for name in BAD if name not in DEAR]))
def test_bad_file_is_refused_with_words(name):
    make, words = BAD[name]
    assert refusal(make()) == words


@pytest.mark.parametrize(
    ("limit", "value"),
    [
        ("MAX_BYTES", len(PLAIN)),
        ("MAX_MEMBERS", len(zipfile.ZipFile(io.BytesIO(PLAIN)).namelist())),
        ("MAX_UNZIPPED", sum(part.file_size for part in zipfile.ZipFile(io.BytesIO(PLAIN)).infolist())),
        *(("MAX_SHEETS", 1), ("MAX_ROWS", 1), ("MAX_COLUMNS", 2), ("MAX_CELLS", 2), ("MAX_TEXT", len("Đơn vị"))),
    ],
    ids=lambda value: value if isinstance(value, str) else "",  # the file's size differs each time
)
def test_limit_is_the_last_that_is_read(limit, value, monkeypatch):
    owner = next(module for module in (kept_cells, xlsx, spreadsheets) if hasattr(module, limit))
    monkeypatch.setattr(owner, limit, value)
    assert read_book(PLAIN, "a.xlsx").sheets[0].rows
    monkeypatch.setattr(owner, limit, value - 1)
    with pytest.raises(Unreadable):
        read_book(PLAIN, "a.xlsx")


def test_file_is_known_by_its_digest_and_its_name():
    book = read_book(PLAIN, "C:\\báo cáo\x00 tháng 8.xlsx")
    assert (book.name, len(book.digest)) == ("C:\\báo cáo tháng 8.xlsx", 64)


@pytest.mark.parametrize("data", ['mã;ghi chú\n1;"tốt\n2;x\n', 'mã;ghi chú\n1;"tốt" lắm\n2;x\n'])
def test_stray_quote_swallows_no_lines(data):
    with pytest.raises(Unreadable):
        read_book(data.encode(), "a.csv")
