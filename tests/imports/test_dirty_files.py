"""One file with all that people really send, cell by cell beside what is said of it, in Vietnamese."""

from datetime import date

import pytest
from django.utils import translation

from reporting import imports
from reporting.imports import KINDS, Sent

from .. import factories as f, sheets
from .test_imports import EVENING, planned

HEAD = ["TT", "Mã đơn vị", "Xã, phường", "Quận, huyện", "Ngày báo cáo", "Số máy cài mới", "Lũy kế", "Ghi chú"]
FIRST_ROW = 6  # below three lines of title and an empty one
NEW, ERROR, LEFT_OUT, CHANGED, UNCHANGED = "new", "error", "left_out", "changed", "unchanged"
LATE = "tính là trễ hạn"

# What stands in the columns B to G, and then: the cell that is spoken of, what happens, the figure after, the words.
LINES = {
    "plain": (("11416", "Đằng Hải", "Hải An", date(2020, 8, 7), 5, None), "F", NEW, "5", LATE),
    "code as a number": ((11407, None, None, date(2020, 8, 7), 5, None), "F", NEW, "5", LATE),
    "number as text": ((None, "Phường Đằng Hải", None, date(2020, 8, 8), "1.234", None), "F", NEW, "1.234", LATE),
    "other letters": ((None, "đằng hải", "Q. HẢI AN", date(2020, 8, 10), "88", None), "F", NEW, "88", LATE),
    "day as text": (("11416", None, None, "11/08/2020", 6, None), "F", NEW, "6", LATE),
    "day without zeros": (("11416", None, None, "12/8/2020", 6, None), "F", NEW, "6", LATE),
    "old spelling": ((None, "Xã Hoà Bình", "Thủy Nguyên", date(2020, 8, 7), 3, None), "F", NEW, "3", LATE),
    "new spelling": ((None, "Hòa Bình", "Huyện Thuỷ Nguyên", date(2020, 8, 8), 3, None), "F", NEW, "3", LATE),
    "without accents": ((None, "TT. NUI DEO", "Thuy Nguyen", date(2020, 8, 7), 4, None), "F", NEW, "4", LATE),
    "name that is in two districts": (
        (None, "Tân Dân", None, date(2020, 8, 7), 4, None),
        *("C", ERROR, ""),
        "“Tân Dân” có thể là Xã Tân Dân (Quận Hải An, 11900), Xã Tân Dân (Huyện Thuỷ Nguyên, 11901):"
        " ghi rõ mã hoặc đơn vị cấp trên.",
    ),
    "the same within its district": ((None, "Tân Dân", "Thuỷ Nguyên", date(2020, 8, 7), 4, None), "F", NEW, "4", LATE),
    "name like a word for sums": ((None, "Cộng Hiền", None, date(2020, 8, 7), 2, None), "F", NEW, "2", LATE),
    "cumulative": (("11470", None, None, date(2020, 8, 8), None, "24"), "G", NEW, "5", f"lũy kế 24; {LATE}"),
    "both that agree": (("11470", None, None, date(2020, 8, 9), 5, 29), "F", NEW, "5", LATE),
    "both that differ": (
        ("11470", None, None, date(2020, 8, 10), 5, 35),
        *("G", ERROR, "35"),
        "Theo lũy kế thì số cài mới là 6, dòng này ghi 5.",
    ),
    "decimal that Excel made of 1.234": (
        ("11416", None, None, date(2020, 8, 13), 1.234, None),
        *("F", ERROR, ""),
        "1,234 không phải số nguyên. Nếu Excel hiểu dấu chấm là dấu thập phân thì gõ lại, bỏ dấu chấm.",
    ),
    "true": (("11416", None, None, date(2020, 8, 18), True, None), "F", ERROR, "", "“TRUE” không phải số nguyên."),
    "error stored by Excel": (
        ("11416", None, None, date(2020, 8, 19), "#REF!", None),
        *("F", ERROR, "", "Excel báo lỗi ở ô này: #REF!."),
    ),
    "words instead of a number": (
        ("11416", None, None, date(2020, 8, 14), "khoảng 80", None),
        *("F", ERROR, "", "“khoảng 80” không phải số nguyên."),
    ),
    "less than zero": (("11416", None, None, date(2020, 8, 15), -3, None), "F", ERROR, "", "-3 nhỏ hơn 0."),
    "day instead of a number": (
        ("11416", None, None, date(2020, 8, 16), date(2020, 8, 5), None),
        *("F", ERROR, "", "05/08/2020 là ngày."),
    ),
    "dash where nothing was reported": (("11416", None, None, date(2020, 8, 17), "-", None), None, None, None, None),
    "no such day": (
        ("11416", None, None, "31/02/2020", 5, None),
        *("F", ERROR, "", "“31/02/2020” không phải ngày dạng 05/08/2020."),
    ),
    "before the campaign": (
        ("11416", None, None, date(2020, 7, 30), 5, None),
        *("F", ERROR, "5", "Ngày 30/07/2020 trước đợt; đợt bắt đầu từ ngày 06/08/2020."),
    ),
    "still to come": (
        ("11416", None, None, date(2020, 8, 22), 5, None),
        *("F", ERROR, "5", "Chưa đến ngày 22/08/2020: báo cáo của một ngày được gửi từ 00h00 ngày đó."),
    ),
    "more than the people": (
        ("11470", None, None, date(2020, 8, 11), 5001, None),
        *("F", ERROR, "5.001", "Lớn hơn dân số của đơn vị (5.000). Kiểm tra lại."),
    ),
    "unknown code": (
        ("99999", None, None, date(2020, 8, 7), 5, None),
        *("B", ERROR, "", "Không có đơn vị nào mang mã “99999”."),
    ),
    "code of another unit": (
        ("11416", "Cát Bi", None, date(2020, 8, 18), 5, None),
        *("B", ERROR, "", "Mã 11416 là của Phường Đằng Hải, không phải của “Cát Bi”."),
    ),
    "unit and day twice": (
        ("11416", None, None, date(2020, 8, 7), 6, None),
        *("F", ERROR, "6", "Số liệu của đơn vị và ngày này đã có ở ô F6."),
    ),
    "no unit": ((None, None, None, date(2020, 8, 7), 6, None), "C", ERROR, "", "Dòng này không ghi đơn vị nào."),
    "reported already, the same": (("11416", None, None, date(2020, 8, 20), 9, None), "F", UNCHANGED, "9", ""),
    "reported already, another": (("11407", None, None, date(2020, 8, 20), 10, None), "F", CHANGED, "10", ""),
    "error of Excel": (
        ("11407", None, None, date(2020, 8, 8), "=1/0", None),
        *("F", ERROR, "", "Công thức chưa có kết quả lưu sẵn: mở tệp bằng Excel rồi lưu lại."),
    ),
    "line of a district": (
        (None, "Quận Hải An", None, None, None, None),
        *("C", LEFT_OUT, ""),
        "Dòng cộng: được đối chiếu, không nhập.",
    ),
    "merged over lines": (
        ("11407", None, None, date(2020, 8, 12), 7, None),
        *("F", ERROR, "", "Các ô gộp F{row}:F{next} ghi một nội dung cho nhiều dòng."),
    ),
    "below the merged cell": (
        ("11407", None, None, date(2020, 8, 13), None, None),
        *("F", ERROR, "", "Các ô gộp F{above}:F{row} ghi một nội dung cho nhiều dòng."),
    ),
}  # fmt: skip


@pytest.fixture
def people(cast):
    """Units of one name in two districts, and each unit's first report."""
    for code, parent, name, kind in (
        ("11900", cast.district, "Tân Dân", "xã"),
        ("11901", cast.other_district, "Tân Dân", "xã"),
        ("11902", cast.other_district, "Hòa Bình", "xã"),
        ("11903", cast.other_district, "Cộng Hiền", "xã"),
    ):
        f.make_report(
            f.make_unit(code, parent=parent, name=name, kind=kind, population=9000), f.FIRST_DAY, 5, opening=10
        )
    for unit in (cast.commune, cast.neighbour, cast.stranger):
        f.make_report(unit, f.FIRST_DAY, 5, opening=10)
    for unit in (cast.commune, cast.neighbour):
        f.make_report(unit, date(2020, 8, 20), 9)
    return cast


def dirty_file():
    rows = [["UBND THÀNH PHỐ HẢI PHÒNG"], ["BÁO CÁO CÀI ĐẶT BLUEZONE"], ["Tháng 8 năm 2020"], [], HEAD]
    rows += [[number, *line[0], ""] for number, line in enumerate(LINES.values(), start=1)]
    places = {name: FIRST_ROW + number for number, name in enumerate(LINES)}
    merged = f"F{places['merged over lines']}:F{places['below the merged cell']}"
    rows += [[], [None, None, None, None, None, None, None, "Người lập biểu"]]
    return sheets.workbook(
        *rows,
        title="Tháng 8",
        merged=["A1:H1", merged],
        hidden_rows=[places["plain"]],
        sheets={"Hướng dẫn": [["Điền vào trang trước"]]},
    )


def expected():
    found = []
    for number, (_cells, column, outcome, after, words) in enumerate(LINES.values()):
        row = FIRST_ROW + number
        if column:
            found.append((f"{column}{row}", outcome, after, words.format(row=row, next=row + 1, above=row - 1)))
    return found


def test_every_dirty_cell_has_its_outcome(people):
    table, _source = imports.read_table(KINDS["reports"], dirty_file(), "tháng 8.xlsx")
    with translation.override("vi"):
        plan = imports.preview(KINDS["reports"], table, Sent(by=people.city_clerk, at=EVENING, source="x"))
        said = imports.notes(table)
    got = [(row.address, row.outcome.value, row.after, row.words) for row in plan.rows]
    assert len(LINES) >= 25
    assert [pair for pair in zip(got, expected(), strict=False) if pair[0] != pair[1]] == []
    assert len(got) == len(expected())
    assert said == [
        "Đã đọc: trang tính “Tháng 8”, tiêu đề ở dòng 5.",
        "Các dòng ẩn cũng được đọc: 6.",
        "Các cột không đọc: “Ghi chú”.",
        "Không đọc: các trang tính “Hướng dẫn”.",
    ]


def test_sheet_named_after_a_district_has_units_of_it(people):
    """Two districts have a Tân Dân. A line of the whole city changes nothing."""
    rows = [["Xã", "Ngày", "Số máy cài mới"], ["Thành phố Hải Phòng", "07/08/2020", 8], ["Tân Dân", "07/08/2020", 4]]
    data = sheets.workbook(*rows, title="Q. Hải An", sheets={"Thủy Nguyên": rows})
    plan = planned(data, people.city_clerk)
    assert sorted(report.unit.code for report in plan.writes) == ["11900", "11901"]


def test_district_without_communes_is_found_below_the_communes_of_another(people):
    f.make_report(people.island, f.FIRST_DAY, 5, opening=10)
    rows = [["Quận Hải An", 4], ["Tân Dân", 4], ["Huyện Bạch Long Vĩ", 3], ["Toàn thành phố", 7]]
    data = sheets.workbook(["Ngày 07/08/2020"], ["Đơn vị", "Số máy cài mới"], *rows)
    plan = planned(data, people.city_clerk)
    assert (plan.errors, {report.unit.code: report.installs for report in plan.writes}) == ([], {"11900": 4, "318": 3})
