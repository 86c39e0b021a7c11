"""One file with all that people really send, cell by cell beside what is said of it, in Vietnamese."""

from datetime import date

import pytest
from django.utils import translation

from reporting import imports

from .. import clerk, factories as f, sheets
from .test_imports import CHANGED, ERROR, LEFT_OUT, NEW, REPORTS, UNCHANGED, planned, sent

HEAD = ["TT", "Mã đơn vị", "Xã, phường", "Quận, huyện", "Ngày báo cáo", "Số máy cài mới", "Lũy kế", "Ghi chú"]
FIRST_ROW = 6  # below three lines of title and an empty one
LATE = "tính là trễ hạn"
TWO_OF_A_NAME = (
    "“Tân Dân” có thể là Xã Tân Dân (Quận Hải An, 11900), Xã Tân Dân (Huyện Thuỷ Nguyên, 11901):"
    " ghi rõ mã hoặc đơn vị cấp trên."
)
DECIMAL = "1,234 không phải số nguyên. Nếu Excel hiểu dấu chấm là dấu thập phân thì gõ lại, bỏ dấu chấm."
TO_COME = "Chưa đến ngày 22/08/2020: báo cáo của một ngày được gửi từ 00h00 ngày đó."
BEFORE = "Ngày 30/07/2020 trước đợt; đợt bắt đầu từ ngày 06/08/2020."
NOT_STORED = "Công thức chưa có kết quả lưu sẵn: mở tệp bằng Excel rồi lưu lại."
IS_A_SUM = "Dòng cộng: bỏ qua."


def of_unit(code, day, *figures):
    """The cells of columns B to G; a number for a day is one of August."""
    return code, None, None, date(2020, 8, day) if isinstance(day, int) else day, *figures


def named(name, superior, day, *figures):
    return None, name, superior, date(2020, 8, day), *figures


# The cells of a line, and then: the cell that is spoken of, what happens, the figure after, the words.
LINES = {
    "plain": (("11416", "Đằng Hải", "Hải An", date(2020, 8, 7), 5), "F", NEW, "5", f"dòng bị ẩn; {LATE}"),
    "code as a number": (of_unit(11407, 7, 5), "F", NEW, "5", LATE),
    "number as text": (named("Phường Đằng Hải", None, 8, "1.234"), "F", NEW, "1.234", LATE),
    "other letters": (named("đằng hải", "Q. HẢI AN", 10, "88"), "F", NEW, "88", LATE),
    "day as text": (of_unit("11416", "11/08/2020", 6), "F", NEW, "6", LATE),
    "day without zeros": (of_unit("11416", "12/8/2020", 6), "F", NEW, "6", LATE),
    "old spelling": (named("Xã Hoà Bình", "Thủy Nguyên", 7, 3), "F", NEW, "3", LATE),
    "new spelling": (named("Hòa Bình", "Huyện Thuỷ Nguyên", 8, 3), "F", NEW, "3", LATE),
    "without accents": (named("TT. NUI DEO", "Thuy Nguyen", 7, 4), "F", NEW, "4", LATE),
    "name that is in two districts": (named("Tân Dân", None, 7, 4), "C", ERROR, "", TWO_OF_A_NAME),
    "the same within its district": (named("Tân Dân", "Thuỷ Nguyên", 7, 4), "F", NEW, "4", LATE),
    "name like a word for sums": (named("Cộng Hiền", None, 7, 2), "F", NEW, "2", LATE),
    "cumulative": (of_unit("11470", 8, None, "24"), "G", NEW, "5", f"lũy kế 24; {LATE}"),
    "both that agree": (of_unit("11470", 9, 5, 29), "F", NEW, "5", LATE),
    "both that differ": (
        *(of_unit("11470", 10, 5, 35), "G", ERROR, "35"),
        "Theo lũy kế thì số cài mới là 6, dòng này ghi 5.",
    ),
    "decimal that Excel made of 1.234": (of_unit("11416", 13, 1.234), "F", ERROR, "", DECIMAL),
    "true": (of_unit("11416", 18, True), "F", ERROR, "", "“TRUE” không phải số nguyên."),
    "error stored by Excel": (of_unit("11416", 19, "#REF!"), "F", ERROR, "", "Excel báo lỗi ở ô này: #REF!."),
    "words": (of_unit("11416", 14, "khoảng 80"), "F", ERROR, "", "“khoảng 80” không phải số nguyên."),
    "less than zero": (of_unit("11416", 15, -3), "F", ERROR, "", "-3 nhỏ hơn 0."),
    "day instead of a number": (
        *(of_unit("11416", 16, date(2020, 8, 5)), "F", ERROR, ""),
        "05/08/2020 là ngày.",
    ),
    "dash where nothing was reported": (of_unit("11416", 17, "-"), None, None, None, None),
    "word where nothing was reported": (
        *(of_unit("11407", 14, "x"), "F", LEFT_OUT, ""),
        "“x” không phải là số liệu: bỏ qua ô này.",
    ),
    "no such day": (of_unit("11416", "31/02/2020", 5), "F", ERROR, "", "“31/02/2020” không phải ngày dạng 05/08/2020."),
    "before the campaign": (of_unit("11416", date(2020, 7, 30), 5), "F", ERROR, "5", BEFORE),
    "still to come": (of_unit("11416", 22, 5), "F", ERROR, "5", TO_COME),
    "more than the people": (
        *(of_unit("11470", 11, 5001), "F", ERROR, "5.001"),
        "Lớn hơn dân số của đơn vị (5.000). Kiểm tra lại.",
    ),
    "unknown code": (of_unit("99999", 7, 5), "B", ERROR, "", "Không có đơn vị nào mang mã “99999”."),
    "code of another unit": (
        *(("11416", "Cát Bi", None, date(2020, 8, 18), 5), "B", ERROR, ""),
        "Mã 11416 là của Phường Đằng Hải (Quận Hải An, 11416), không phải của “Cát Bi”.",
    ),
    "code of another district": (
        *(("11416", "Đằng Hải", "Thuỷ Nguyên", date(2020, 8, 18), 5), "B", ERROR, ""),
        "Mã 11416 là của Phường Đằng Hải (Quận Hải An, 11416), không phải của “Huyện Thuỷ Nguyên”.",
    ),
    "day of long ago": (
        of_unit("11416", "20/08/0020", 5),
        "F",
        ERROR,
        "",
        "“20/08/0020” không phải ngày dạng 05/08/2020.",
    ),
    "unit and day twice": (
        *(of_unit("11416", 7, 6), "F", ERROR, "6"),
        "Số liệu của đơn vị và ngày này đã có ở ô F6.",
    ),
    "no unit": (of_unit(None, 7, 6), "C", ERROR, "", "Dòng này không ghi đơn vị nào."),
    "reported already, the same": (of_unit("11416", 20, 9), "F", UNCHANGED, "9", ""),
    "reported already, another": (of_unit("11407", 20, 10), "F", CHANGED, "10", ""),
    "formula without a result": (of_unit("11407", 8, "=1/0"), "F", ERROR, "", NOT_STORED),
    "line of a district": ((None, "Quận Hải An"), "C", LEFT_OUT, "", IS_A_SUM),
    "merged over lines": (
        *(of_unit("11407", 12, 7), "F", ERROR, ""),
        "Các ô gộp F{row}:F{next} ghi một nội dung cho nhiều dòng.",
    ),
    "below the merged cell": (
        *(of_unit("11407", 13), "F", ERROR, ""),
        "Các ô gộp F{above}:F{row} ghi một nội dung cho nhiều dòng.",
    ),
}


@pytest.fixture
def people(cast):
    """Units of one name in two districts, and each unit's first report."""
    communes = [cast.commune, cast.neighbour, cast.stranger]
    for code, name in (("11900", "Tân Dân"), ("11901", "Tân Dân"), ("11902", "Hòa Bình"), ("11903", "Cộng Hiền")):
        parent = cast.district if code == "11900" else cast.other_district
        communes.append(f.make_unit(code, parent=parent, name=name, kind="xã", population=9000))
    for unit in communes:
        f.make_report(unit, f.FIRST_DAY, 5, opening=10)
    for unit in (cast.commune, cast.neighbour):
        f.make_report(unit, date(2020, 8, 20), 9)
    return cast


def dirty_file():
    rows = [["UBND THÀNH PHỐ HẢI PHÒNG"], ["BÁO CÁO CÀI ĐẶT BLUEZONE"], ["Tháng 8 năm 2020"], [], HEAD]
    rows += [[number, *line[0]] for number, line in enumerate(LINES.values(), start=1)]
    places = {name: FIRST_ROW + number for number, name in enumerate(LINES)}
    merged = f"F{places['merged over lines']}:F{places['below the merged cell']}"
    rows += [[], [None, None, None, None, None, None, None, "Người lập biểu"]]
    about = {"merged": ["A1:H1", merged], "hidden_rows": [places["plain"]]}
    return sheets.workbook(*rows, title="Tháng 8", sheets={"Hướng dẫn": [["Điền vào trang trước"]]}, **about)


def expected():
    for row, (_cells, column, outcome, after, words) in enumerate(LINES.values(), start=FIRST_ROW):
        if column:
            yield f"{column}{row}", outcome, after, words.format(row=row, next=row + 1, above=row - 1)


def test_every_dirty_cell_has_its_outcome(people):
    with translation.override("vi"):
        table, _source = clerk.read_table(REPORTS, dirty_file(), "tháng 8.xlsx")
        plan = imports.preview(REPORTS, table, sent(people.city_clerk))
    assert [(row.address, row.outcome, row.after, row.words) for row in plan.rows] == [*expected()]
    assert plan.consents == {
        "overwrite": "Ghi đè 1 số liệu đã có, 0 do chính đơn vị gửi",
        "marked": "Vẫn ghi các dòng bị gạch ngang, bị ẩn hoặc tô xám: 6",
        "doubts": "1 số liệu bất thường: đã kiểm tra, số liệu đúng",
    }
    assert plan.notes == [
        "Đã đọc: trang tính “Tháng 8”, tiêu đề ở dòng 5.",
        "Các cột không đọc: TT, Ghi chú.",
        "Không đọc: các trang tính Hướng dẫn.",
    ]


def test_numbers_without_a_head_are_asked_about(cast):
    book = imports.open_book(sheets.workbook(["Đơn vị", "06/08/2020 mới"], ["Cát Bi", 2, 77]), "a.xlsx")
    assert [question.field for question in clerk.table_of(REPORTS, book).questions] == ["columns"]


def test_district_without_communes_is_found_below_the_communes_of_another(people):
    f.make_report(people.island, f.FIRST_DAY, 5, opening=10)
    rows = [["Quận Hải An", 4], ["Tân Dân", 4], ["Huyện Bạch Long Vĩ", 3], ["Toàn thành phố", 7]]
    plan = planned([["Ngày 07/08/2020"], ["Đơn vị", "Số máy cài mới"], *rows], people.city_clerk)
    assert (plan.errors, {report.unit.code: report.installs for report in plan.writes}) == ([], {"11900": 4, "318": 3})
