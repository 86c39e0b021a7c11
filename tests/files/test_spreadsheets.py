"""Files that people send: how each cell is read, and how every hostile or mistaken file is refused in words."""

import io
import struct
import zipfile
from datetime import date

import pytest
from django.utils import translation

from reporting.files import cells as kept_cells, spreadsheets, xlsx
from reporting.files.spreadsheets import Cell, Unreadable, read_book

from .. import sheets
from ..factories import at
from ..some import some
from .hostile import MB, PLAIN, SHEET, merged, with_cells

TYPES = "[Content_Types].xml"


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


def test_text_numbers_and_days_come_as_they_are():
    data = sheets.workbook(
        ["  Đằng \u00a0 Hải\n", 88, 1.5, date(2020, 8, 5), at("2020-08-06 17:05").replace(tzinfo=None), True, None, 0]
    )
    assert cells(data) == {
        "A1": "Đằng Hải",
        "B1": 88,
        "C1": 1.5,
        "D1": date(2020, 8, 5),
        "E1": date(2020, 8, 6),
        "F1": "TRUE",
        "H1": 0,
    }


def test_day_of_the_1904_calendar_is_the_same_day():
    assert cells(sheets.workbook([date(2020, 8, 5)], is_1904=True)) == {"A1": date(2020, 8, 5)}


def test_accents_are_composed_whatever_the_writer_had():
    assert cells(sheets.workbook(["Thu\u0309y"])) == {"A1": "Thủy"}


def test_merged_cells_show_their_text_in_each_and_say_so_over_rows():
    sheet = read_book(sheets.workbook(["a", "b"], ["c", "x"], [None, "y"], merged=["A2:A3"]), "a.xlsx").sheets[0]
    assert sheet.rows[3][1] == Cell("A3", "c", "", "A2:A3")
    assert (sheet.rows[1][1].merged, sheet.rows[2][1].merged) == ("", "A2:A3")


def test_cells_merged_within_a_row_are_no_merged_lines():
    sheet = read_book(sheets.workbook(["a", None, "b"], merged=["A1:B1"]), "a.xlsx").sheets[0]
    assert [(cell.value, cell.merged) for cell in sheet.rows[1].values()] == [("a", ""), ("a", ""), ("b", "")]


def test_hidden_rows_are_read_and_named():
    sheet = read_book(sheets.workbook(["a"], ["b"], ["c"], hidden_rows=[2]), "a.xlsx").sheets[0]
    assert (sheet.rows[2][1].value, sheet.hidden_rows) == ("b", [2])


def test_formula_has_the_value_that_excel_stored():
    formula = '<c r="A1"><f>1+1</f><v>2</v></c><c r="B1"><f>1+1</f></c><c r="C1" t="e"><f>1/0</f><v>#DIV/0!</v></c>'
    sheet = read_book(with_rows(row(1, formula)), "a.xlsx").sheets[0]
    assert list(sheet.rows[1].values()) == [
        Cell("A1", 2),
        Cell("B1", None, "formula"),
        Cell("C1", None, "error:#DIV/0!"),
    ]


def test_cells_without_addresses_stand_one_after_the_other():
    xml = "<row><c><v>1</v></c><c><v>2</v></c></row><row><c><v>3</v></c></row>"
    assert cells(with_cells(xml)) == {"A1": 1, "B1": 2, "A2": 3}


def test_prefixes_of_another_writer_change_nothing():
    xml = (
        '<x:worksheet xmlns:x="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><x:sheetData><x:row r="1">'
        '<x:c r="A1" t="inlineStr"><x:is><x:t>Cát</x:t><x:rPh><x:t>?</x:t></x:rPh>'
        "<x:r><x:t> Bi</x:t></x:r></x:is></x:c></x:row></x:sheetData></x:worksheet>"
    )
    assert cells(sheets.repacked(PLAIN, changed={SHEET: lambda _text: xml})) == {"A1": "Cát Bi"}


def test_far_cell_that_holds_nothing_is_nobodys_concern():
    data = with_rows(row(1, cell("A1")), row(1048576, '<c r="XFD1048576" s="0"/>'))
    assert cells(data) == {"A1": 1}


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_title_above_a_csv_table_does_not_say_what_parts_it(separator):
    """Decimal commas below it, or commas in a name, do not decide either."""
    rows = [
        ["Biểu 1: xã, phường, thị trấn; ngày 20/08, 17h00"],
        [],
        ["Đơn vị", "Lũy kế"],
        ["Cát Bi", 88],
        ["Sở Y tế", 9],
    ]
    data = sheets.csv(*rows, separator=separator)
    assert cells(data, "a.csv")["A4"] == "Cát Bi"
    assert cells(data, "a.csv")["B5"] == "9"
    shares = sheets.csv(["Đơn vị", "Tỷ lệ"], ["Nông nghiệp, thủy sản", "11,61%"], separator=";")
    assert cells(shares, "a.csv")["B2"] == "11,61%"


# What is refused.


def part(size):
    return b" " * size


def overlapping_names():
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("xl/workbook.xml", "a")
        with pytest.warns(UserWarning, match="Duplicate"):
            archive.writestr("xl/workbook.xml", "b")
    return stream.getvalue()


def lying_about_sizes(data: bytes) -> bytes:
    """Every size stated in the archive's directory is set to 10 bytes."""
    found = bytearray(data)
    entry = found.find(b"PK\x01\x02")
    while entry != -1:
        found[entry + 24 : entry + 28] = struct.pack("<I", 10)
        entry = found.find(b"PK\x01\x02", entry + 4)
    return bytes(found)


def archived(*names) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name in names:
            archive.writestr(name, "x")
    return stream.getvalue()


def encrypted(data: bytes) -> bytes:
    found = bytearray(data)
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        found[found.find(mark) + offset] |= 1
    return bytes(found)


ENTITIES = '<!DOCTYPE w [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
BOMB = with_cells(" " * (65 * MB))
DAMAGED = "Tệp Excel bị hỏng, không đọc được."
NOT_PLAIN = (
    "Tệp không phải là tệp Excel (.xlsx) thông thường. Mở bằng Excel và lưu lại dạng “Excel Workbook (.xlsx)”, "
    "không có macro, không đặt mật khẩu."
)
NO_TABLE = (
    "Tệp không phải là Excel (.xlsx) hay CSV dạng UTF-8. Trong Excel: chọn “Save As” (Lưu thành), rồi “Excel Workbook "
    "(.xlsx)” hoặc “CSV UTF-8”."
)
BEYOND = "Ô {} có nội dung, nằm ngoài phạm vi 20.000 dòng và 400 cột được đọc."
ENTITY = "Tệp Excel khai báo thực thể XML, điều mà Excel không bao giờ làm: không đọc tệp này."

BAD = {
    "empty": (lambda: b"  ", "Tệp rỗng."),
    "too large": (lambda: part(5 * MB + 1), "Tệp lớn hơn 5 MB."),
    "old Excel": (lambda: OLE + part(600), NOT_PLAIN),
    "password": (lambda: OLE + part(600) + "EncryptedPackage".encode("utf-16-le"), NOT_PLAIN),
    "encrypted parts": (lambda: encrypted(PLAIN), NOT_PLAIN),
    "renamed exe": (lambda: b"MZ\x90\x00" + part(600), NO_TABLE),
    "PDF": (lambda: b"%PDF-1.7\n" + part(60), NO_TABLE),
    "web page": (lambda: b"<html><table><tr><td>1", NOT_PLAIN),
    "NUL": (lambda: b"a;b\x00", NO_TABLE),
    "cut off": (lambda: PLAIN[:-200], DAMAGED),
    "spoilt": (lambda: PLAIN.replace(b"xl/workbook.xml", b"xl/workbook.xmx"), NOT_PLAIN),
    "same name twice": (overlapping_names, DAMAGED),
    "no XML": (lambda: sheets.repacked(PLAIN, changed={SHEET: lambda _text: "<worksheet><"}), DAMAGED),
    "text that is not there": (lambda: with_rows(row(1, cell("A1", 99, "s"))), DAMAGED),
    **{f"number {n}": (lambda n=n: with_rows(row(1, cell("A1", n))), DAMAGED) for n in ("1_5", "١٥")},
    "no address": (lambda: with_rows(row(1, cell("ABCD99999999"))), DAMAGED),
    "macros": (lambda: sheets.repacked(PLAIN, added={"xl/vbaProject.bin": "x"}), NOT_PLAIN),
    "macros said": (
        lambda: sheets.repacked(
            PLAIN, changed={TYPES: lambda text: text.replace("sheet.main", "sheet.macroEnabled.main")}
        ),
        NOT_PLAIN,
    ),
    "macros of old": (lambda: sheets.repacked(PLAIN, added={"xl/macrosheets/sheet1.xml": "x"}), NOT_PLAIN),
    "binary workbook": (lambda: archived("xl/workbook.bin"), NOT_PLAIN),
    "OpenDocument": (lambda: archived("mimetype", "content.xml"), NOT_PLAIN),
    "nested zips": (
        lambda: sheets.repacked(PLAIN, added={"xl/media/a.dat": PLAIN}),
        "Trong tệp có tệp nén khác: xl/media/a.dat.",
    ),
    "60,000 members": (
        lambda: sheets.repacked(PLAIN, added={f"{n}": "" for n in range(60_000)})[: 5 * MB],
        "Tệp Excel có hơn 500 thành phần.",
    ),
    "zip bomb": (lambda: BOMB, "Tệp giải nén ra lớn hơn 64 MB."),
    "zip bomb that lies": (lambda: lying_about_sizes(BOMB), DAMAGED),
    "zip bomb beside": (
        lambda: sheets.repacked(PLAIN, added={"docProps/a.xml": part(65 * MB)}),
        "Tệp giải nén ra lớn hơn 64 MB.",
    ),
    "entity bomb": (
        lambda: sheets.repacked(PLAIN, changed={SHEET: lambda _text: f"{ENTITIES}<worksheet>&b;</worksheet>"}),
        ENTITY,
    ),
    "entity from elsewhere": (
        lambda: sheets.repacked(
            PLAIN, changed={"xl/workbook.xml": lambda text: f'<!DOCTYPE w SYSTEM "file:///etc/passwd">{text}'}
        ),
        ENTITY,
    ),
    "nested elements": (lambda: with_cells("<row>" * 101 + "</row>" * 101), DAMAGED),
    "far cell": (lambda: with_rows(row(1048576, cell("XFD1048576"))), BEYOND.format("XFD1048576")),
    "far column": (lambda: with_rows(row(1, cell("OK1"))), BEYOND.format("OK1")),
    "100,000 rows": (lambda: with_rows(*(row(n, cell(f"A{n}")) for n in range(1, 100_001))), BEYOND.format("A20001")),
    "too many cells": (
        lambda: with_rows(*(row(n, "<c><v>1</v></c>" * 300) for n in range(1, 700))),
        "Tệp có hơn 200.000 ô có nội dung.",
    ),
    "one long text in many cells": (
        lambda: with_rows(*(row(n, cell(f"A{n}", "x" * 30_000, "str")) for n in range(1, 80))),
        "Tệp chứa nhiều chữ hơn mức của một bảng số liệu.",
    ),
}


DEAR = {
    "too many cells",
    "one long text in many cells",
    "60,000 members",
    "100,000 rows",
    "zip bomb beside",
}


@pytest.mark.parametrize("name", some(BAD, [name for name in BAD if name not in DEAR]))
def test_bad_file_is_refused_with_words(name):
    make, words = BAD[name]
    assert refusal(make()) == words


def test_merged_sheet_is_read_as_its_one_cell():
    assert cells(with_rows(row(1, cell("A1")), merged("A1:XFD1048576", 1))) == {"A1": 1}


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
