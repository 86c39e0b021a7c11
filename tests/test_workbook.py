"""The day's Excel file, opened again."""

import io
from datetime import date
from decimal import Decimal

import pytest
from django.utils import translation
from openpyxl import load_workbook

from reporting.rollup import DayRollup, roll_up
from reporting.workbook import day_workbook, roman

from .factories import DAY, at, make_day_rollup, make_figure

UNTIL = at("2020-08-21 17:00")
REPORTED = {"installs": 88, "households": 46, "cumulative": 3500, "population": 19748}


@pytest.fixture(autouse=True)
def _vietnamese():
    with translation.override("vi"):
        yield


def reopened(figures, until=UNTIL):
    return load_workbook(io.BytesIO(day_workbook(figures, until=until)))


def values(sheet, row):
    return [cell.value for cell in sheet[row]]


def column(sheet, head):
    """The cells below a head of the table, by the number of their row."""
    (position,) = [cell.column for cell in sheet[5] if cell.value == head]
    return {row: sheet.cell(row, position) for row in range(6, sheet.max_row + 1)}


@pytest.fixture
def city():
    """Two districts, one of them an island that counts for itself; an agency; a commune that never reported."""
    return make_day_rollup(
        make_figure("31/", name="Thành phố Hải Phòng"),
        make_figure("31/306/", name="Quận Hải An", phone="0225 000 0306"),
        make_figure("31/306/11416/", name="Phường Đằng Hải", **REPORTED),
        make_figure("31/306/11407/", name="Phường Cát Bi", population=14350, phone="0225 000 1407"),
        make_figure(
            "31/318/", name="Huyện Bạch Long Vĩ", cumulative=100, population=624, carried_from=date(2020, 8, 19)
        ),
        make_figure("31/SYT/", level="agency", name="Sở Y tế", installs=0, cumulative=5000, population=7420),
    )


def test_workbook_of_a_city_has_its_sheets(city):
    assert reopened(city).sheetnames == [
        "Tổng hợp quận, huyện",
        "Chi tiết xã, phường",
        "Sở, ban, ngành",
        "Chưa báo cáo",
    ]


def test_workbook_of_a_district_and_of_a_commune_have_theirs():
    district = make_day_rollup(make_figure("306/"), make_figure("306/11416/", **REPORTED))
    commune = make_day_rollup(make_figure("11416/", **REPORTED))
    assert reopened(district).sheetnames == ["Xã, phường, thị trấn", "Chưa báo cáo"]
    assert reopened(commune).sheetnames == ["Số liệu đơn vị", "Chưa báo cáo"]


def test_head_says_whose_figures_they_are_and_of_which_moment(city):
    for sheet in reopened(city).worksheets:
        assert [sheet.cell(row, 1).value for row in (1, 3)] == [
            "Thành phố Hải Phòng",
            "Ngày báo cáo 21/08/2020, tính đến 17h00 ngày 21/08/2020",
        ]


def test_table_of_a_city_is_its_rows_and_their_total(city):
    sheet = reopened(city).worksheets[0]
    assert values(sheet, 5) == [
        "STT",
        "Đơn vị",
        "Phải báo cáo",
        "Đã báo cáo",
        "Đúng hạn",
        "Trễ hạn",
        "Giữ lũy kế",
        "Số máy cài mới",
        "Điều chỉnh",
        "Lũy kế",
        "Dân số",
        "Tỷ lệ trên dân số",
        "Chỉ tiêu",
        "Còn thiếu",
        "Số hộ mới",
    ]
    assert [values(sheet, row) for row in (6, 7, 8)] == [
        [1, "Huyện Bạch Long Vĩ", 1, 0, 0, 0, 1, None, 0, 100, 624, 0.1602, 375, 275, None],
        [2, "Quận Hải An", 2, 1, 1, 0, 0, 88, 0, 3500, 34098, 0.1026, 20459, 16959, 46],
        [None, "Tổng cộng", 3, 1, 1, 0, 1, 88, 0, 3600, 34722, 0.1036, 20834, 17234, 46],
    ]


def test_communes_stand_numbered_below_their_district(city):
    sheet = reopened(city).worksheets[1]
    assert [tuple(values(sheet, row)[:2]) for row in range(6, 12)] == [
        ("I", "Huyện Bạch Long Vĩ"),
        (1, "Huyện Bạch Long Vĩ"),
        ("II", "Quận Hải An"),
        (2, "Phường Cát Bi"),
        (3, "Phường Đằng Hải"),
        (None, "Tổng cộng"),
    ]
    assert [column(sheet, "Lũy kế")[row].value for row in range(6, 12)] == [100, 100, 3500, None, 3500, 3600]


def test_agencies_stand_on_their_own_sheet_with_their_own_words(city):
    sheet = reopened(city).worksheets[2]
    heads = values(sheet, 5)
    assert (heads[1], heads[10:]) == (
        "Cơ quan, đơn vị",
        ["CBCCVC, NLĐ", "Tỷ lệ trên số CBCCVC, NLĐ", "Chỉ tiêu", "Còn thiếu"],
    )
    assert [values(sheet, row) for row in (6, 7)] == [
        [1, "Sở Y tế", 1, 1, 1, 0, 0, 0, 0, 5000, 7420, 0.6738, 4452, 0],
        [None, "Tổng cộng", 1, 1, 1, 0, 0, 0, 0, 5000, 7420, 0.6738, 4452, 0],
    ]


def test_missing_are_named_with_superior_telephone_and_last_day(city):
    sheet = reopened(city).worksheets[3]
    assert [values(sheet, row) for row in (6, 7)] == [
        [1, "Huyện Bạch Long Vĩ", "Thành phố Hải Phòng", None, at("2020-08-19").replace(tzinfo=None), 100],
        [2, "Phường Cát Bi", "Quận Hải An", "0225 000 1407", None, None],
    ]
    assert sheet["E6"].number_format == "dd/mm/yyyy"


def test_missing_unit_that_only_opened_says_so():
    figures = make_day_rollup(make_figure("31/", cumulative=5, carried_from=date(2020, 8, 5), carries_opening=True))
    assert values(reopened(figures).worksheets[-1], 6) == [1, "Đơn vị 31", None, None, "trước đợt", 5]


def test_nobody_missing_is_said():
    sheet = reopened(make_day_rollup(make_figure("31/", **REPORTED))).worksheets[-1]
    assert values(sheet, 6)[:2] == [None, "Tất cả các đơn vị đã báo cáo."]


def test_nothing_known_is_an_empty_cell_and_zero_is_zero():
    figures = make_day_rollup(make_figure("31/"), make_figure("31/1/", installs=0, cumulative=0), make_figure("31/2/"))
    sheet = reopened(figures).worksheets[0]
    assert [values(sheet, row)[7:] for row in (6, 7)] == [
        [0, 0, 0, None, None, None, None, None],
        [None, 0, None, None, None, None, None, None],
    ]


def test_share_is_a_cut_ratio_with_a_format():
    sheet = reopened(make_day_rollup(make_figure("31/", population=100_000, cumulative=59_996))).worksheets[0]
    cell = column(sheet, "Tỷ lệ trên dân số")[6]
    assert (cell.value, cell.data_type, cell.number_format) == (0.5999, "n", "0.00%")


def test_numbers_are_numbers_with_a_format(city):
    cell = column(reopened(city).worksheets[0], "Lũy kế")[7]
    assert (cell.value, cell.data_type, cell.number_format) == (3500, "n", "#,##0")


@pytest.mark.parametrize(
    "name", ['=HYPERLINK("http://x","y")', "=1+1", "+1", "-1", "@SUM(A1)", "#REF!", "1234", "=" * 3]
)
def test_name_that_looks_like_a_formula_is_text(name):
    sheet = reopened(make_day_rollup(make_figure("31/", name=name))).worksheets[0]
    assert [(sheet[place].value, sheet[place].data_type) for place in ("A1", "B6")] == [(name, "s")] * 2


@pytest.mark.parametrize("unwanted", ["\x00", "\x07", "\x0b", "\x1f", "\ufffe", "\uffff", "\ud800"])
def test_characters_that_spoil_a_workbook_are_left_out(unwanted):
    sheet = reopened(make_day_rollup(make_figure("31/", name=f"Hải{unwanted} An"))).worksheets[0]
    assert [sheet["A1"].value, sheet["B6"].value] == ["Hải An", "Hải An"]


def test_check_line_sums_the_numbered_lines_and_compares_with_the_total(city):
    by_district, by_commune, agencies, _ = reopened(city).worksheets
    for sheet, last in ((by_district, 7), (by_commune, 10), (agencies, 6)):
        total = last + 1
        assert [sheet.cell(row, 2).value for row in (total + 1, total + 2)] == ["Kiểm tra: SUM", "Kiểm tra: chênh lệch"]
        summed = [cell.column_letter for cell in sheet[total + 1] if str(cell.value).startswith("=")]
        assert summed == list("CDEFGHIJKO" if sheet is not agencies else "CDEFGHIJK")
        for letter in summed:
            assert sheet[f"{letter}{total + 1}"].value == f'=SUMIF($A$6:$A${last},">0",{letter}6:{letter}{last})'
            assert sheet[f"{letter}{total + 2}"].value == f"={letter}{total + 1}-{letter}{total}"


def test_check_line_has_no_difference_from_a_total_that_is_not_known():
    figures = make_day_rollup(make_figure("31/"), make_figure("31/1/", population=5), make_figure("31/2/"))
    population = column(reopened(figures).worksheets[0], "Dân số")
    assert [population[row].value for row in (8, 9, 10)] == [None, '=SUMIF($A$6:$A$7,">0",K6:K7)', None]


def test_note_says_that_share_and_target_are_the_units_own(city):
    sheet = reopened(city).worksheets[0]
    words = "Chỉ tiêu, còn thiếu và tỷ lệ ở dòng tổng cộng tính theo dân số của chính đơn vị, không phải tổng các dòng."
    assert sheet.cell(12, 2).value == words


def test_sheets_print_on_a4_landscape_with_a_frozen_head(city):
    for sheet in reopened(city).worksheets:
        assert sheet.freeze_panes == "C6"
        assert (sheet.page_setup.paperSize, sheet.page_setup.orientation) == (9, "landscape")
        assert (sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight) == (1, 0)
        assert sheet.sheet_properties.pageSetUpPr.fitToPage is True
        assert sheet.print_title_rows == "$5:$5"
        assert sheet.oddFooter.center.text == "&P / &N"


def test_level_above_the_city_gets_its_cities_and_no_agency_among_them():
    figures = [
        make_figure("VN/", level="country", name="Việt Nam"),
        make_figure("VN/31/", level="city"),
        make_figure("VN/31/306/", level="district", **REPORTED),
        make_figure("VN/31/SYT/", level="agency", installs=1, cumulative=5, population=9),
    ]
    by_code, agency_total = roll_up(figures, root="VN/", target_share=Decimal("0.6"))
    sheet = reopened(DayRollup(DAY, None, "VN", by_code, agency_total)).worksheets[1]
    assert [values(sheet, row)[0] for row in (6, 7, 8)] == ["I", 1, None]
    assert column(sheet, "Lũy kế")[8].value == 3500


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (1, "I"),
        (3, "III"),
        (4, "IV"),
        (5, "V"),
        (9, "IX"),
        (14, "XIV"),
        (15, "XV"),
        (29, "XXIX"),
        (40, "XL"),
        (63, "LXIII"),
        (98, "XCVIII"),
        (104, "CIV"),
    ],
)
def test_roman_numbers(number, text):
    assert roman(number) == text
