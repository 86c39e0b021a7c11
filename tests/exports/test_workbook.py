"""The day's official workbook, opened again."""

import io
from dataclasses import replace
from datetime import date, datetime
from types import SimpleNamespace

import pytest
from django.utils import translation
from openpyxl import load_workbook
from openpyxl.utils import get_column_letter

from reporting.acts import Confirmations, Difficulty
from reporting.deadline import DayHours
from reporting.exports.workbook.day import day_workbook
from reporting.exports.workbook.style import roman
from reporting.figures import fields
from reporting.models import Directive, Seal

from ..factories import DAY, at, make_annex, make_figure
from .test_paper import OF_THE_ORDER

REPORTED = {"installs": 88, "households": 46, "cumulative": 3500, "population": 19748}
FIRST_LINE = 9
FORMULA = "=1+1"


@pytest.fixture(autouse=True)
def _vietnamese():
    with translation.override("vi"):
        yield


def reopened(annex):
    return load_workbook(io.BytesIO(day_workbook(annex)))


def values(sheet, row):
    return [cell.value for cell in sheet[row]]


def heads(sheet):
    """The heads of a table: those of the lower row, or of the upper row if a column takes both."""
    return [low or high for high, low in zip(values(sheet, 7), values(sheet, 8), strict=True)]


def column(sheet, head):
    """The cells below a head of the table, by the number of their row."""
    position = heads(sheet).index(head) + 1
    return {row: sheet.cell(row, position) for row in range(FIRST_LINE, sheet.max_row + 1)}


def texts(sheet):
    return [str(cell.value) for row in sheet for cell in row if cell.value is not None]


# Two districts, one of them an island that counts for itself; an agency; a commune that never reported.
CITY = (
    make_figure("31/", name="Thành phố Hải Phòng"),
    make_figure("31/306/", name="Quận Hải An", phone="0225 000 0306"),
    make_figure("31/306/11416/", name="Phường Đằng Hải", **REPORTED),
    make_figure("31/306/11407/", name="Phường Cát Bi", population=14350, phone="0225 000 1407"),
    make_figure("31/318/", name="Huyện Bạch Long Vĩ", cumulative=100, population=624, carried_from=date(2020, 8, 19)),
    make_figure("31/SYT/", level="agency", name="Sở Y tế", installs=0, cumulative=5000, population=7420),
)
DISTRICT = (make_figure("306/", level="district", name="Quận Hải An"), make_figure("306/11416/", **REPORTED))


def test_workbook_has_the_sheets_of_its_level():
    tables = ["Tổng hợp cấp huyện", "Chi tiết cấp xã", "Sở ban ngành"]
    commune = make_annex(make_figure("11416/", **REPORTED))
    levels = [(make_annex(*CITY), tables), (make_annex(*DISTRICT), tables[1:2]), (commune, ["Số liệu đơn vị"])]
    for annex, own in levels:
        assert reopened(annex).sheetnames == [*own, "Ghi chú", "Dữ liệu"]


def test_head_says_whose_form_it_is_and_of_which_moment():
    for sheet in reopened(make_annex(*CITY)).worksheets[:-1]:
        bodies = [sheet.cell(row, 1).value for row in (1, 2)]
        assert bodies == ["UBND THÀNH PHỐ HẢI PHÒNG", "SỞ THÔNG TIN VÀ TRUYỀN THÔNG"]
        right = [[value for value in values(sheet, row)[1:] if value] for row in (1, 2)]
        assert right == [["CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM"], ["Độc lập - Tự do - Hạnh phúc"]]
        assert sheet["A4"].value.endswith(": THÀNH PHỐ HẢI PHÒNG")
        mark = "" if sheet.title == "Sở ban ngành" else " (tạm tính, 1/3)"  # all agencies have reported
        assert sheet["A5"].value == f"Ngày báo cáo 21/08/2020, tính đến 17h00 ngày 21/08/2020{mark}"
    of_a_district = reopened(make_annex(*DISTRICT)).worksheets[0]
    assert (of_a_district["A1"].value, of_a_district["A1"].font.b) == ("ỦY BAN NHÂN DÂN QUẬN HẢI AN", True)


def test_below_every_table_stand_its_note_and_those_who_sign():
    note = "Chỉ tiêu, còn thiếu và tỷ lệ ở dòng tổng cộng tính theo dân số của chính đơn vị, không phải tổng các dòng."
    place, *signing = "Hải Phòng, ngày 21 tháng 8 năm 2020", "NGƯỜI LẬP BIỂU", "THỦ TRƯỞNG ĐƠN VỊ"
    for sheet in reopened(make_annex(*CITY)).worksheets[:3]:
        assert texts(sheet)[-5:] == [place, *signing, "(Ký, họ tên)", "(Ký, đóng dấu, họ tên)"]
        assert note in texts(sheet)


def test_table_of_a_city_is_its_rows_and_their_total():
    sheet = reopened(make_annex(*CITY)).worksheets[0]
    assert values(sheet, 7)[:15] == [
        *["STT", "Đơn vị", "Báo cáo trong ngày (đơn vị)", None, None, None],
        *["Số máy đã cài đặt", None, None, None, "So với dân số", None, None, None, "Số hộ mới"],
    ]
    assert {"A7:A8", "B7:B8", "C7:F7", "G7:J7", "K7:N7", "O7:O8"} <= {str(cells) for cells in sheet.merged_cells.ranges}
    assert heads(sheet)[2:14] == [
        *["Phải báo cáo", "Đã báo cáo", "Trễ hạn", "Dùng lũy kế trước"],
        *["Lũy kế kỳ trước", "Số máy cài mới", "Điều chỉnh", "Lũy kế"],
        *["Dân số", "Tỷ lệ trên dân số", "Chỉ tiêu", "Còn thiếu"],
    ]
    assert [values(sheet, row)[:15] for row in (9, 10, 11)] == [
        [1, "Huyện Bạch Long Vĩ", 1, 0, 0, 1, 100, None, 0, 100, 624, 0.1602, 375, 275, None],
        [2, "Quận Hải An", 2, 1, 0, 0, 3412, 88, 0, 3500, 34098, 0.1026, 20459, 16959, 46],
        [None, "Tổng cộng", 3, 1, 0, 1, 3512, 88, 0, 3600, 34722, 0.1036, 20834, 17234, 46],
    ]


def test_difficulties_stand_beside_the_figures_of_their_unit():
    rows = make_annex(*CITY).figures.by_code
    said = [Difficulty(None, rows["318"], "Sóng\r\nyếu", None), Difficulty(rows["306"], rows["11416"], FORMULA, None)]
    sheet = reopened(make_annex(*CITY, difficulties=said))["Dữ liệu"]
    column = [line[-1] for line in sheet.iter_rows()]
    assert [cell.value for cell in column] == ["Khó khăn, vướng mắc", "Sóng\nyếu", None, FORMULA, None]
    assert column[3].data_type == "s"


def notes(annex):
    """The notes by name; several of one name are together."""
    found = {}
    for name, text, *_ in reopened(annex)["Ghi chú"].iter_rows(min_row=7, values_only=True):
        found.setdefault(name, []).append(text)
    return found


def test_notes_name_numerator_and_denominators():
    counted = replace(CITY[2], population_on=date(2019, 4, 1), population_source="census-2019")
    other = replace(CITY[3], population_on=date(2020, 1, 1), population_source="Niên giám")
    figures = [*CITY[:2], counted, other, CITY[4]]
    found = notes(make_annex(*figures))
    assert found["Tử số"] == [
        "Số máy đã cài do các đơn vị báo cáo: số máy đã cài trước đợt cộng số máy cài mới và điều chỉnh "
        "của từng ngày đến hết ngày 21/08/2020."
    ]
    assert found["Dân số"] == ["34.722 người. Từng đơn vị: xem trang “Dữ liệu”."]  # of several days and sources
    of_one = notes(make_annex(*figures[:3]))["Dân số"]
    source = "nguồn: Tổng điều tra dân số và nhà ở 2019"
    assert of_one == [f"19.748 người, số liệu ngày 01/4/2019, {source}. Từng đơn vị: xem trang “Dữ liệu”."]
    assert found["Mã kiểm tra"] == [f"{'0' * 64} (SHA-256 của bảng số liệu)"]
    unknown = notes(make_annex(DISTRICT[0], make_figure("306/11416/", name="Phường Đằng Hải")))
    assert unknown["Dân số"][1:] == ["Chưa có số liệu: Phường Đằng Hải."]


def test_notes_name_the_order():
    order = Directive(**OF_THE_ORDER)
    figures = replace(make_annex(*DISTRICT).figures, hours=DayHours(day=DAY, order=order))
    found = notes(make_annex(*DISTRICT, figures=figures))
    assert found["Văn bản chỉ đạo"] == [
        "Công văn số 0805/UBND-MH ngày 05/8/2020 của UBND thành phố Hải Phòng về việc cài đặt ứng dụng Bluezone "
        "(căn cứ: 272/TB-VPCP; 30-CT/TU)."
    ]
    assert found["Giờ áp dụng trong ngày"] == ["Hạn báo cáo trong ngày: trước 17h00."]


def test_notes_name_units_with_several_days():
    row = make_annex(*CITY).figures.by_code["11416"]
    found = notes(make_annex(*CITY, of_several_days=[(row, date(2020, 8, 18))]))
    assert found["Số mới gộp nhiều ngày"] == [f"Tính từ ngày ghi trong ngoặc: {row.name} (18/08/2020)."]


def test_confirmed_stands_as_a_count_beside_the_one_total():
    sign_off = SimpleNamespace(cumulative=3500)
    sheets = reopened(make_annex(*CITY, confirmed=Confirmations(1, {"306": sign_off}))).worksheets
    assert "Đã xác nhận 1/1 quận có cấp xã (3.500 máy)." in texts(sheets[0])
    assert texts(sheets[0]).count("Tổng cộng") == 1
    own = SimpleNamespace(at=at("2020-08-21 17:22"), cumulative=3500)
    of_a_district = texts(reopened(make_annex(*DISTRICT, confirmed=Confirmations(0, {}, own))).worksheets[0])
    assert "Đơn vị đã xác nhận số liệu ngày lúc 17h22 ngày 21/08/2020 (3.500 máy)." in of_a_district
    unconfirmed = texts(reopened(make_annex(*CITY, confirmed=Confirmations(1, {}))).worksheets[0])
    assert "Đã xác nhận 0/1 quận có cấp xã (0 máy). Chưa xác nhận: Quận Hải An." in unconfirmed


def test_sealed_workbook_carries_the_code():
    seal = Seal(day=DAY, at=at("2020-08-21 17:40"), digest="1a0ffdba4425" + "0" * 52)
    annex = make_annex(*CITY, seal=seal, digest=seal.digest)
    annex = replace(annex, figures=replace(annex.figures, as_of=seal.at))
    book = reopened(annex)
    assert {row[-2] for row in book["Dữ liệu"].iter_rows(min_row=2, values_only=True)} == {seal.digest}
    for sheet in book.worksheets[:-1]:
        assert sheet["A5"].value.endswith(". Chốt lúc 17h40 ngày 21/08/2020, mã kiểm tra 1a0f fdba 4425")
    assert notes(annex)["Mã kiểm tra"] == [f"{seal.digest} (SHA-256 của bảng số liệu)"]


def test_numbers_are_numbers_with_a_format_in_times_new_roman():
    cell = column(reopened(make_annex(*CITY)).worksheets[0], "Lũy kế")[10]
    assert (cell.value, cell.data_type, cell.number_format) == (3500, "n", "#,##0")
    assert (cell.font.name, cell.border.left.style) == ("Times New Roman", "thin")


def test_total_lines_are_the_rows_of_the_rollup():
    annex = make_annex(*CITY)
    book, own, agencies = reopened(annex), annex.figures.own, annex.figures.agency_total
    totals = [("Tổng hợp cấp huyện", "J11"), ("Chi tiết cấp xã", "H16"), ("Sở ban ngành", "H10")]
    assert [book[sheet][cell].value for sheet, cell in totals] == [row.cumulative for row in (own, own, agencies)]
    unknown = make_annex(make_figure("31/"), make_figure("31/1/", population=5), make_figure("31/2/"))
    assert column(reopened(unknown).worksheets[0], "Dân số")[11].value is None


def test_sheets_print_on_a4_landscape_one_page_wide_and_can_be_filtered():
    book = reopened(make_annex(*CITY))
    for sheet in book.worksheets[:-1]:
        assert (sheet.page_setup.paperSize, sheet.page_setup.orientation) == (9, "landscape")
        assert (sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight) == (1, 0)
        assert sheet.sheet_properties.pageSetUpPr.fitToPage is True
        assert (sheet.oddHeader.center.text, sheet.HeaderFooter.differentFirst) == ("&P", True)
    filters = [sheet.auto_filter.ref for sheet in book.worksheets]
    last = get_column_letter(14 + len(fields.EXTRAS))
    assert filters == [f"A8:{last}10", None, "A8:L9", None, None]  # sorting would separate groups and sums
    assert [sheet.freeze_panes for sheet in book.worksheets] == ["C9", "C9", "C9", None, "C2"]
    heads = ["$7:$8", "$7:$8", "$7:$8", None, "$1:$1"]
    assert [sheet.print_title_rows for sheet in book.worksheets] == heads


def test_sheet_of_data_is_a_table_of_the_units_alone_with_their_codes():
    book = reopened(make_annex(*CITY))
    sheet = book["Dữ liệu"]
    [table] = sheet.tables.values()
    assert (table.displayName, table.ref, table.autoFilter.ref) == ("Du_lieu", sheet.dimensions, sheet.dimensions)
    assert [column.name for column in table.tableColumns] == [cell.value for cell in sheet[1]]
    lines = list(sheet.iter_rows(min_row=2, values_only=True))
    assert [line[1:3] for line in lines] == [
        ("318", "Huyện Bạch Long Vĩ"),
        ("11407", "Phường Cát Bi"),
        ("11416", "Phường Đằng Hải"),
        ("SYT", "Sở Y tế"),
    ]
    assert [line[4] for line in lines] == ["31", "306", "306", "31"]
    heads = [cell.value for cell in sheet[1]]
    carried = [line[heads.index("Dùng lũy kế đến ngày")] for line in lines]
    assert carried == [datetime(2020, 8, 19), None, None, None]  # noqa: DTZ001 - no zone in Excel
    assert (book.properties.creator, book.properties.title) == (
        "SỞ THÔNG TIN VÀ TRUYỀN THÔNG",
        "TỔNG HỢP CÀI ĐẶT ỨNG DỤNG BLUEZONE: Thành phố Hải Phòng, 21/08/2020",
    )
    assert book.properties.description.startswith("As of 2020-08-21T17:00:00+07:00 (Asia/Ho_Chi_Minh). Bluezone report")


def test_roman_numbers():
    numbers = {1: "I", 3: "III", 4: "IV", 9: "IX", 14: "XIV", 40: "XL", 98: "XCVIII", 104: "CIV"}
    assert {number: roman(number) for number in numbers} == numbers
