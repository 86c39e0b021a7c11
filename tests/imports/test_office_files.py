"""Files as offices make them, and what must come of each: recorded, asked about or refused; none is misread.

What comes of a file is "what is recorded" (unit, day and figure of each new report), what is asked about, or the words
of an error. Units: Đằng Hải (11416) and Cát Bi (11407) of Quận Hải An, Núi Đèo (11470) of Huyện Thuỷ Nguyên.
"""

from contextlib import nullcontext
from dataclasses import dataclass
from datetime import date

import pytest
from django.utils import translation

from reporting import imports
from reporting.acts.reorganisation_draft import COLUMNS as LINES
from reporting.files.cells import Unreadable
from reporting.imports.columns import HEADS
from reporting.models import Unit
from reporting.models.levels import Level

from .. import factories as f, sheets
from .test_imports import REPORTS, sent

D19, D20 = date(2020, 8, 19), date(2020, 8, 20)
TWO = {("11416", D20): 5, ("11407", D20): 7}
BOTH = {**TWO, ("11416", D19): 3, ("11407", D19): 4}
ROWS = (["Phường Đằng Hải", 5], ["Phường Cát Bi", 7])
TITLE = ["BÁO CÁO CÀI ĐẶT BLUEZONE NGÀY 20/08/2020"]
PLACE = [None, "Hải Phòng, ngày 21 tháng 8 năm 2020"]
SIGNED = (
    *([], ["NGƯỜI LẬP BIỂU", "THỦ TRƯỞNG ĐƠN VỊ"], ["(Ký, họ tên)", "(Ký, đóng dấu)"], []),
    ["Nguyễn Văn An", "Trần Thị Bé"],
)
NUMBERED = [[number, *row] for number, row in enumerate(ROWS, start=1)]


@dataclass
class OfficeFile:
    name: str
    data: bytes
    recorded: dict | None = None  # by code and day the installs
    asked: str = ""  # in what is said about the columns
    refused: str = ""  # in the words of a cell
    choices: dict | None = None


def of_a_day(name, *heads, rows=ROWS, above=(TITLE,), below=(), recorded=TWO, **beside):
    return OfficeFile(name, sheets.workbook(*above, list(heads), *rows, *below, **beside), recorded)


def all_files():
    yield from heads()
    yield from layouts()
    yield from days()
    yield from several_sheets()
    yield from texts()
    yield from doubtful()


def heads():
    for head in (
        *("Số lượt cài đặt trong ngày", "Số máy cài đặt mới", "Số cài mới", "SỐ MÁY CÀI MỚI", "Mới", "Phát sinh"),
        *("So may cai moi trong ngay", "Cài mới trong ngày (máy)", "Số cài đặt mới", "New installs"),
        *("Số lượng cài đặt mới", "Số người cài ứng dụng Bluezone mới trong ngày"),
    ):
        yield of_a_day(f"head {head}", "Đơn vị", head)
    for unit in (
        *("Tên xã, phường, thị trấn", "Xã/phường/thị trấn", "Đơn vị báo cáo", "TÊN ĐƠN VỊ", "Phường, xã", "Địa phương"),
        *("Tên phường", "Tên cơ quan, đơn vị"),
    ):
        yield of_a_day(f"unit {unit.replace('/', ' ')}", unit, "Số cài mới")
    for superior in ("Tên huyện", "Huyện/thị xã/thành phố", "Quận/Huyện", "Đơn vị cấp trên"):
        rows = [["Hải An", "Đằng Hải", 5], ["Q. Hải An", "Cát Bi", 7]]
        yield of_a_day(f"superior {superior.replace('/', ' ')}", superior, "Tên xã", "Số cài mới", rows=rows)
    merged = [["Hải An", "Đằng Hải", 5], [None, "Cát Bi", 7]]
    yield of_a_day("superior merged", "Quận/Huyện", "Tên xã", "Số cài mới", rows=merged, merged=["A3:A4"])


def layouts():
    numbered = [["(1)", "(2)"], *ROWS]
    yield of_a_day("row of numbers", "Đơn vị", "Số cài mới", rows=numbered)
    yield of_a_day("row A B 1", "STT", "Đơn vị", "Số cài mới", rows=[["A", "B", "1"], *NUMBERED])
    yield of_a_day("signed", "Đơn vị", "Số cài mới", below=SIGNED)
    yield of_a_day("signed with place", "Đơn vị", "Số cài mới", below=[[], PLACE, *SIGNED])
    yield of_a_day("notes below", "Đơn vị", "Số cài mới", below=[["Ghi chú: số liệu tạm tính"]])
    yield of_a_day("total", "Đơn vị", "Số cài mới", below=[["Tổng cộng", 12]])
    yield of_a_day("group rows", "TT", "Đơn vị", "Số cài mới", rows=[["I", "Quận Hải An", 12], *NUMBERED])
    yield of_a_day("group without a unit", "TT", "Đơn vị", "Số cài mới", rows=[["A", "Khối phường"], *NUMBERED])
    yield of_a_day("whole city", "Đơn vị", "Số cài mới", below=[["Toàn thành phố", 12]])
    yield of_a_day("letterhead", "Đơn vị", "Số cài mới", above=[["UBND QUẬN HẢI AN", "CỘNG HÒA"], PLACE, TITLE, []])
    yield of_a_day("hidden row", "Đơn vị", "Số cài mới", hidden_rows=[4])
    yield of_a_day(
        "share and people", "Đơn vị", "Dân số", "Số cài mới", "Ghi chú", rows=[[r[0], 9000, r[1], "x"] for r in ROWS]
    )
    rows = [["Phường Đằng Hải", "5 máy", "0912 345 678"], ["Đơn vị", "Số cài mới", "Số ĐT"], ["Cát Bi", "7 máy", None]]
    yield of_a_day("head again, counted, telephone", "Đơn vị", "Số cài mới", "Số ĐT", rows=rows)
    usual = [
        "TT",
        "Tên xã, thị trấn",
        "Dân số",
        "Chỉ tiêu giao (60%)",
        "Số đã cài đến hôm trước",
        "Số cài mới trong ngày",
    ]
    usual += ["Tổng số đã cài đến nay", "Tỷ lệ so với chỉ tiêu (%)"]
    rows = [["(1)", "(2)", "(3)", "(4)", "(5)", "(6)", "(7)=(5)+(6)", "(8)=(7)/(4)"]]
    rows += [[n, unit, 9000, 5400, 100, installs, 100 + installs, 1.9] for n, unit, installs in NUMBERED]
    letter = [["(Kèm theo Báo cáo số 215 ngày 21/8/2020; số liệu tính đến 17h00 ngày 20/8/2020)"], []]
    yield of_a_day("usual form", *usual, rows=rows, above=letter)
    yield OfficeFile(
        "two head rows",
        sheets.workbook(
            ["Đơn vị", "Ngày 19/08/2020", None, "Ngày 20/08/2020", None],
            [None, "Mới", "Lũy kế", "Mới", "Lũy kế"],
            ["Đằng Hải", 3, 103, 5, 108],
            ["Cát Bi", 4, 104, 7, 111],
            merged=["A1:A2", "B1:C1", "D1:E1"],
        ),
        BOTH,
    )
    yield OfficeFile(
        "status",
        sheets.workbook(TITLE, ["Đơn vị", "Số cài mới", "Lũy kế", "Tình trạng"], ["Đằng Hải", 5, 105, "Đúng hạn"],
                        ["Cát Bi", None, 100, "Chưa báo cáo"]),
        {("11416", D20): 5},
    )  # fmt: skip


def days():
    for head in ("Lũy kế đến ngày 19/08/2020", "Số cài mới tháng 8", "Số cài mới đến 18/08/2020", "Mới 20/8 (%)"):
        yield OfficeFile(head, sheets.workbook(TITLE, ["Đơn vị", head], *ROWS), asked=head)  # not the title's day
    for name, first, second in (
        ("as dates", D19, D20),
        ("as numbers", 44062, 44063),
        ("without a year", "19/8", "20/8"),
        ("with an hour", "19/08/2020 17:00", "20/08/2020 17:00"),
        ("in words", "Ngày 19/08/2020", "Ngày 20/08/2020"),
        ("of two digits", "19/08/20", "20/08/20"),
        ("with dots", "19.8.2020", "20.8.2020"),
        ("year first", "2020-08-19", "2020-08-20"),
        ("with mode", "Mới 19/08/2020", "Mới, ngày: 20/08/2020"),
    ):
        data = sheets.workbook(["Đơn vị", first, second], ["Đằng Hải", 3, 5], ["Cát Bi", 4, 7])
        yield OfficeFile(f"days {name}", data, BOTH, choices=None if name == "with mode" else {"mode": "daily"})
        if name == "as dates":
            yield OfficeFile("days without mode", data, asked="“mới”")
    for title in (
        *("Báo cáo ngày 20 tháng 8 năm 2020", "Số liệu tính đến 17h00 ngày 20/8/2020", "Ngày báo cáo: 20/8/2020"),
        "(Tính đến 17h00 ngày 20/8/2020)",
    ):
        yield of_a_day(f"title {title[:12]}", "Đơn vị", "Số cài mới", above=[[title]])
    eve = ["(Từ 17h00 ngày 19/8/2020 đến 17h00 ngày 20/8/2020)"]
    yield OfficeFile("from the eve", sheets.workbook(eve, ["Đơn vị", "Số cài mới"], *ROWS), TWO)
    heads = ["Đơn vị", "Số cài mới ngày 20/8", "Lũy kế đến 20/8"]
    yield OfficeFile("two heads of a day", sheets.workbook(heads, ["Đằng Hải", 5, 105], ["Cát Bi", 7, 107]), TWO)
    yield of_a_day("numbered names", "Đơn vị", "Số cài mới", rows=[["1. P. Đằng Hải", 5], ["2. Phường Cát Bi", 7]])
    yield of_a_day("below its district", "Đơn vị", "SL cài mới", rows=[["P. Đằng Hải, quận Hải An", 5], ROWS[1]])
    in_head = ["Đơn vị", "Tổng số máy đã cài đến 17h ngày 20/8/2020"]
    yield OfficeFile("day in the head", sheets.workbook(in_head, ["Đằng Hải", 105], ["Cát Bi", 107]), TWO)
    letter = [["(Kèm theo Công văn số 5 ngày 20/08/2020)"]]
    yield OfficeFile("day of a letter", sheets.workbook(*letter, ["Đơn vị", "Số cài mới"], *ROWS), asked="ngày nào")
    split = [["Đơn vị", "Số máy cài mới", None], [None, "Android", "iOS"], ["Đằng Hải", 3, 2], ["Cát Bi", 4, 3]]
    yield OfficeFile(
        "two kinds of phones", sheets.workbook(TITLE, *split, merged=["B2:C2"]), asked="Số máy cài mới – iOS"
    )
    split = [["Đơn vị", "Số máy cài mới", None, None], [None, "Nam", "Nữ", "Cộng"], ["Đằng Hải", 3, 2, 5]]
    yield OfficeFile("parts and their sum", sheets.workbook(TITLE, *split, ["Cát Bi", 4, 3, 7], merged=["B2:D2"]), TWO)
    for head in ("Tổng số", "Lũy kế cài mới", "Tổng số cài mới"):
        yield OfficeFile(f"unclear {head}", sheets.workbook(TITLE, ["Đơn vị", head], *ROWS), asked=head)
    yield OfficeFile("no day", sheets.workbook(["Đơn vị", "Số cài mới"], *ROWS), asked="ngày nào")
    yield OfficeFile("day beside", sheets.workbook(["Đơn vị", "Số cài mới"], *ROWS), TWO, choices={"day": "2020-08-20"})
    yield OfficeFile(
        "two days in the title",
        sheets.workbook(["Từ ngày 19/08/2020 đến ngày 20/08/2020"], ["Đơn vị", "Số cài mới"], *ROWS),
        asked="ngày nào",
    )
    yield OfficeFile(
        "population head with a day is no day",
        sheets.workbook(TITLE, ["Đơn vị", "Số cài mới", "Thuê bao 01/04/2019"], *[[*row, 9000] for row in ROWS]),
        asked="Thuê bao",
    )
    month, below = ["SỐ LIỆU THÁNG 8 NĂM 2020"], (["Đằng Hải", 3, 5], ["Cát Bi", 4, 7])
    heads = [["Đơn vị", "Số cài mới", None], [None, 19, 20]]
    yield OfficeFile("days of a month", sheets.workbook(month, *heads, *below, merged=["A2:A3", "B2:C2"]), BOTH)
    heads = ["Đơn vị", "Ngày 19", "Ngày 20", "Tổng tháng"]
    data = sheets.workbook(month, heads, ["Đằng Hải", 3, 5, 8], ["Cát Bi", 4, 7, 11])
    yield OfficeFile("days of a month and their sum", data, BOTH, choices={"mode": "daily"})
    heads = ["Đơn vị", "Ngày 19", "Ngày 20"]
    for title, recorded, asked in (
        ("SỐ MÁY CÀI MỚI THÁNG 8 NĂM 2020", BOTH, ""),
        ("SỐ MÁY CÀI MỚI VÀ LŨY KẾ THÁNG 8 NĂM 2020", None, "“mới”"),
    ):
        yield OfficeFile(f"mode in {title}", sheets.workbook([title], heads, *below), recorded, asked)
    two = [["Đơn vị", "Lũy kế hôm trước", "Theo ngày", None], [None, None, "19/8", "20/8"], ["Đằng Hải", 100, 3, 5]]
    yield OfficeFile("mode of another column", sheets.workbook(*two, merged=["C1:D1"]), asked="“mới”")
    heads = [["Đơn vị", "Số cài mới", None], [None, 19, 20]]
    yield OfficeFile("days of no month", sheets.workbook(heads[0], [None, 19, 20], *below), asked="ngày nào")
    for name, total, asked in (("sum", 11, ""), ("no sum", 12, "“Cộng”")):
        rows = [["Đơn vị", "Mới 19/8", "Mới 20/8", "Cộng"], ["Đằng Hải", 3, 5, 8], ["Cát Bi", 4, 7, total]]
        yield OfficeFile(f"{name} of the days", sheets.workbook(*rows), None if asked else BOTH, asked)
    lines = [
        ["Đằng Hải", "19/8", 3],
        ["Đằng Hải", D20, 5],
        ["Cát Bi", "19-08-2020", 4],
        ["Cát Bi", "2020-08-20", 7],
    ]
    yield OfficeFile("a line a day", sheets.workbook(["Đơn vị", "Ngày báo cáo", "Số cài mới"], *lines), BOTH)


def several_sheets():
    head = ["Đơn vị", "Số cài mới"]
    yield OfficeFile(
        "a sheet a unit",
        sheets.workbook(TITLE, head, ROWS[0], title="Đằng Hải", sheets={"Cát Bi": [TITLE, head, ROWS[1]]}),
        TWO,
    )
    yield OfficeFile(
        "a sheet a day",
        sheets.workbook(
            ["Ngày 19/08/2020"], head, ["Đằng Hải", 3], ["Cát Bi", 4], title="19", sheets={"20": [TITLE, head, *ROWS]}
        ),
        BOTH,
    )
    yield OfficeFile(
        "summary beside",
        sheets.workbook(TITLE, head, *ROWS, title="Chi tiết", sheets={"Tổng hợp": [TITLE, head, ["Quận Hải An", 12]]}),
        TWO,
    )
    days = sheets.workbook(head, ["Đằng Hải", 3], ["Cát Bi", 4], title="19-8", sheets={"Ngày 20.8": [head, *ROWS]})
    yield OfficeFile("sheets named after days", days, BOTH)
    part = {"Phụ lục": [["Ngày", "Số cài mới"], ["20/08/2020", 5]]}
    yield OfficeFile("sheet without units", sheets.workbook(TITLE, head, *ROWS, sheets=part), asked="Phụ lục")
    guide = {"Hướng dẫn": [["Điền vào trang trước"]]}
    yield of_a_day("guide", "Đơn vị", "Số cài mới", sheets=guide)
    unknown = {"Phụ lục": [["Nhóm", "Giá trị"], ["a", 5], ["b", 7]]}
    yield OfficeFile("sheet of numbers", sheets.workbook(TITLE, head, *ROWS, sheets=unknown), asked="Phụ lục")


def texts():
    lines = [["Đơn vị", "Ngày", "Số cài mới"], ["Đằng Hải", "20/08/2020", 5], ["Cát Bi", "20/08/2020", 7]]
    for separator in ",;\t":
        yield OfficeFile(f"csv {ord(separator)}", sheets.csv(*lines, separator=separator), TWO)


def doubtful():
    unknown = sheets.workbook(TITLE, ["Đơn vị", "Số cài mới", "Máy chủ"], *[[*row, 3] for row in ROWS])
    yield OfficeFile("unknown column", unknown, asked="Máy chủ")
    formulas = sheets.workbook(TITLE, ["Đơn vị", "Số cài mới", "Máy chủ"], *[[*row, "=1+2"] for row in ROWS])
    yield OfficeFile("unknown formulas", formulas, asked="Máy chủ")
    yield OfficeFile(
        "nearly a name",
        sheets.workbook(TITLE, ["Đơn vị", "Số cài mới"], ["Phường Đằng Hãy", 5]),
        refused="Có phải là Phường Đằng Hải",
    )
    yield OfficeFile("comma", sheets.workbook(TITLE, ["Đơn vị", "Số cài mới"], ["Đằng Hải", "1,234"]), refused="1,234")
    words = [["Đằng Hải", 5], ["Cát Bi", "không"], ["Núi Đèo", "N/A"]]
    yield of_a_day("words for nothing", "Đơn vị", "Số cài mới", rows=words, recorded={("11416", D20): 5})
    wrong = sheets.workbook(TITLE, ["Đơn vị", "Số cài mới"], *ROWS, ["Tổng cộng", 13])
    yield OfficeFile("wrong total", wrong, refused="dòng cộng ghi 13")
    yield of_a_day("still", "Đơn vị", "Lũy kế", rows=[["Đằng Hải", 105], ["Cát Bi", 100]], recorded={("11416", D20): 5})


def table_for(kind, data, choices=None):
    book = imports.open_book(data, "tệp")
    return imports.table_of(imports.KINDS[kind], book, near=f.DAY, choices=choices)


LOG = (["SỔ THEO DÕI BLUEZONE PHƯỜNG ĐẰNG HẢI"], ["Ngày", "Số cài mới"], ["19/8", 3], ["20/8", 5], ["Cộng", 8])


def test_unit_of_a_sheet_without_a_column_of_units_is_chosen(cast):
    data = sheets.workbook(*LOG, sheets={"Cát Bi": [LOG[1], ["19/8", 4], ["20/8", 7]]})
    for unit in (cast.commune, cast.neighbour):
        f.make_report(unit, f.FIRST_DAY, 0, opening=100, covers_from=None)
    table = table_for("reports", data)
    with translation.override("vi"):
        assert " ".join(imports.problems(table)).count("chọn đơn vị đó") == 2
    directory = imports.directory_of(REPORTS, table, sent(cast.city_clerk))
    offered = [imports.unit_of_sheet(part, directory, cast.city) for part in table.sheets]
    assert offered == ["11416", "11407"]  # of the title, of the sheet's name
    columns = {"1": "day", "2": "daily"}
    chosen = dict.fromkeys(("Số liệu", "Cát Bi"), columns)
    units = dict(zip(chosen, offered, strict=True))
    with translation.override("vi"):
        table = table_for("reports", data, {"sheets": chosen, "units": units})
        plan = imports.preview(REPORTS, table, sent(cast.city_clerk))
    assert (imports.problems(table), plan.errors) == ([], [])
    assert {(report.unit.code, report.day): report.installs for report in plan.writes} == BOTH
    assert "Mọi dòng của trang tính này là của đơn vị đã chọn: mã 11416." in plan.notes


def test_own_unit_is_offered_for_a_sheet_that_names_none(cast):
    kind = imports.KINDS["official-figures"]
    table = table_for("official-figures", sheets.workbook(["Ngày", "Số lượt tải"], [D19, 5], [D20, 7]))
    directory = imports.directory_of(kind, table, sent(cast.city_clerk))
    assert imports.unit_of_sheet(table.sheets[0], directory, cast.city) == "31"
    [part] = (reports := table_for("reports", sheets.workbook(*LOG[1:]))).sheets
    directory = imports.directory_of(REPORTS, reports, sent(cast.city_clerk))
    assert imports.unit_of_sheet(part, directory, cast.city) == ""  # a city reports nothing itself


def test_no_unit_is_asked_for_if_another_sheet_names_units(cast):
    table = table_for("reports", sheets.workbook(TITLE, ["Đơn vị", "Số cài mới"], *ROWS))
    assert imports.directory_of(REPORTS, table, sent(cast.city_clerk)) is None


@pytest.mark.parametrize(
    ("kind", "rows", "row"),
    [
        ("reports", [["THÁNG 8/2020"], [], ["Ngày", "Đằng Hải", "Cát Bi", "Tổng"], [D19, 3, 4, 7]], 3),
        ("official-figures", [["Nội dung", D19, D20], ["Số lượt tải", 300, 400]], 1),
        ("official-figures", [["Nội dung", "19/8", "20/8"], ["Số lượt tải", 300, 400]], 1),
    ],
)
def test_turned_table_is_refused_with_what_to_do(kind, rows, row, cast):
    table = table_for(kind, sheets.workbook(*rows))
    directory = imports.directory_of(imports.KINDS[kind], table, sent(cast.city_clerk))
    with translation.override("vi"), pytest.raises(Unreadable, match=f"Dòng {row} .*Chuyển vị"):
        imports.refuse_turned(table, directory, f.DAY)


def test_two_tables_side_by_side_are_refused_with_what_to_do():
    rows = [["Xã", "Số hộ", None, "Xã", "Số hộ"], ["Đằng Hải", 3, None, "Cát Bi", 4]]
    with translation.override("vi"), pytest.raises(Unreadable, match="hai bảng đặt cạnh nhau"):
        table_for("base-figures", sheets.workbook(*rows))


def outcome(file: OfficeFile, by):
    table = imports.table_of(REPORTS, imports.open_book(file.data, "tệp"), near=f.DAY, choices=file.choices)
    if imports.problems(table):
        return " ".join(imports.problems(table)), None, []
    plan = imports.preview(REPORTS, table, sent(by))
    return "", {(report.unit.code, report.day): report.installs for report in plan.writes}, plan.errors


def test_every_office_file_comes_to_what_it_must(cast, subtests):
    for unit in (cast.commune, cast.neighbour, cast.stranger):
        f.make_report(unit, f.FIRST_DAY, 0, opening=100, covers_from=None)
    files = list(all_files())
    assert (len(files) >= 60, len({file.name for file in files})) == (True, len(files))
    for file in files:
        with subtests.test(file.name), translation.override("vi"):
            asked, recorded, errors = outcome(file, cast.city_clerk)
            words = " ".join(row.words for row in errors)
            if file.asked or file.refused:
                assert (file.asked in asked, file.refused in words, bool(asked), bool(errors)) == (
                    *(True, True, bool(file.asked), bool(file.refused)),
                )
            else:
                assert (asked, words, recorded) == ("", "", file.recorded)


def test_what_is_known_of_a_head_is_not_asked_about():
    rows = [["CỘNG HÒA", "XÃ HỘI", "CHỦ NGHĨA"], ["TT", "Tên phường", "Số người đã cài đặt"], *NUMBERED]
    table = imports.table_of(REPORTS, imports.open_book(sheets.workbook(*rows, merged=["A1:C1"]), "tệp"))
    [found] = table.sheets
    assert (found.head_row, found.columns) == (2, {1: "-", 2: "name", 3: ""})


def test_numbers_of_columns_are_not_taken_for_their_heads():
    rows = [["TT", "Đơn vị", "Dân số", "Số cài mới"], ["(1)", "(2)", "(3)", "(4)"], [1, "Đằng Hải", 9000, 5]]
    [found] = table_for("base-figures", sheets.workbook(*rows)).sheets
    assert (found.head_row, found.columns) == (1, {1: "-", 2: "name", 3: "population", 4: ""})


@pytest.mark.parametrize("merged", [["B2:C2"], []])
@pytest.mark.parametrize(
    ("kind", "head", "parts", "labels", "chosen"),
    [
        ("reports", "Số máy cài mới", ["Sáng", "Chiều"], ["Số máy cài mới – Sáng", "Số máy cài mới – Chiều"], ["", ""]),
        ("reports", "Mới 20/8", ["Android", "iOS"], ["Mới 20/8 – Android", "Mới 20/8 – iOS"], ["", ""]),
        ("reports", "Cài mới", ["Cộng", "Android"], ["Cài mới – Cộng", "Cài mới – Android"], ["daily", ""]),
        ("base-figures", "Dân số", ["Nam", "Nữ"], ["Dân số – Nam", "Dân số – Nữ"], ["", ""]),
        ("base-figures", "Dân số", ["Năm 2018", "Năm 2019"], ["Dân số – Năm 2018", "Dân số – Năm 2019"], ["", ""]),
        ("base-figures", "Dân số", ["Nam", "Tổng số"], ["Dân số – Nam", "Dân số – Tổng số"], ["-", "population"]),
    ],
)
def test_part_of_a_figure_is_never_taken_for_it(kind, head, parts, labels, chosen, merged):
    rows = [["Đơn vị", head, None], [None, *parts], ["Đằng Hải", 40, 20], ["Cát Bi", 30, 10]]
    data = sheets.workbook(TITLE, *rows, merged=merged)
    with translation.override("vi"):
        table = imports.table_of(imports.KINDS[kind], imports.open_book(data, "tệp"), near=f.DAY)
        asked = " ".join(imports.problems(table))
    [found] = table.sheets
    assert ([found.heads[n] for n in (2, 3)], [found.columns[n] for n in (2, 3)]) == (labels, chosen)
    assert all((f"“{label}”" in asked) is (meaning == "") for label, meaning in zip(labels, chosen, strict=True))
    assert ("thêm cột tổng" in asked) is (chosen == ["", ""])


SECOND_TABLES = [  # title, head, what stands before the second table, whether it is refused
    ("BÁO CÁO", ["STT", "Đơn vị", "Cài mới 18/8/2020"], ["STT", "Đơn vị", "Cài mới 19/8/2020"], True),
    ("BÁO CÁO", ["STT", "Đơn vị", "Cài mới 18/8/2020"], ["STT", "Đơn vị", "Cài mới 18/8/2020"], False),
    ("Ngày 16/8/2020", ["STT", "Đơn vị", "Số cài mới"], ["Ngày 17/8/2020"], True),
    ("Ngày 16/8/2020", ["STT", "Đơn vị", "Số cài mới"], ["Ngày 16/8/2020"], False),
    ("Ngày 16/8/2020", ["STT", "Đơn vị", "Số cài mới"], ["STT", "Đơn vị", "Lũy kế"], True),
    ("Ngày 16/8/2020", ["STT", "Đơn vị", "Số cài mới", "Ghi chú"], [2, "Cát Bi", None, "Gửi ngày 19/8/2020"], False),
]


@pytest.mark.parametrize(("title", "head", "between", "is_refused"), SECOND_TABLES)
def test_second_table_below_is_refused_if_it_is_of_another_day_or_figure(title, head, between, is_refused):
    data = sheets.workbook([title], head, [1, "Đằng Hải", 5], between, [1, "Đằng Lâm", 7], ["Lập ngày 23/8/2020"])
    with translation.override("vi"), pytest.raises(Unreadable, match="Từ dòng 4 ") if is_refused else nullcontext():
        imports.table_of(REPORTS, imports.open_book(data, "tệp"), near=f.DAY)


@pytest.mark.parametrize("heads", [("Dân số 2018", "Dân số 2019"), ("Dân số", "Dân số (nữ)")])
def test_two_columns_of_one_figure_are_both_asked_about(heads):
    data = sheets.workbook(["Đơn vị", *heads], ["Đằng Hải", 40, 20], ["Cát Bi", 30, 10])
    [found] = imports.table_of(imports.KINDS["base-figures"], imports.open_book(data, "tệp")).sheets
    assert found.columns == {1: "name", 2: "", 3: ""}


@pytest.mark.parametrize(
    ("title", "other", "recorded"),
    [
        ("UBND QUẬN HẢI AN", "Đằng Hải", {"11416": 7, "2": 5}),
        ("UBND QUẬN HẢI AN", "Núi Đèo", None),  # a line of another district: the title does not say it
        ("UBND QUẬN HẢI AN VÀ HUYỆN THỦY NGUYÊN", "Đằng Hải", None),
        ("UBND THÀNH PHỐ HẢI PHÒNG", "Đằng Hải", None),
        ("UBND QUẬN|HẢI AN", "Đằng Hải", None),  # two cells are no one name
    ],
)
def test_title_says_in_which_district_a_name_is_meant(title, other, recorded, cast):
    for code, district in (("1", cast.other_district), ("2", cast.district)):
        f.make_unit(code, parent=district, name="Minh Tân", kind="xã", population=5000)
    for unit in Unit.objects.filter(level="commune"):
        f.make_report(unit, f.FIRST_DAY, 0, opening=100, covers_from=None)
    lines = [["Minh Tân", 5], [other, 7]]
    file = OfficeFile("", sheets.workbook(title.split("|"), TITLE, ["Đơn vị", "Số cài mới"], *lines))
    with translation.override("vi"):
        _asked, written, wrong = outcome(file, cast.city_clerk)
    if recorded is None:
        assert [row.words.partition(":")[0][:21] for row in wrong] == ["“Minh Tân” có thể là "]
    else:
        assert ({code: n for (code, _day), n in written.items()}, wrong) == (recorded, [])


def test_commune_named_like_its_district_is_meant_in_the_files_of_that_district(cast):
    for code, district in (("1", cast.other_district), ("2", cast.district)):
        unit = f.make_unit(code, parent=district, name="Hải An", kind="xã", population=5000)
        f.make_report(unit, f.FIRST_DAY, 0, opening=100, covers_from=None)
    rows = [["UBND QUẬN HẢI AN"], TITLE, ["Đơn vị", "Số cài mới"], ["Hải An", 5], ["Tổng cộng", 5]]
    assert outcome(OfficeFile("", sheets.workbook(*rows)), cast.city_clerk) == ("", {("2", D20): 5}, [])


def test_every_line_of_heads_is_of_a_column_or_level():
    """A word for a column that no import has would be read by nobody."""
    known = {f"{kind.name}.{column.key}" for kind in imports.KINDS.values() for column in kind.columns}
    known |= {name.partition(".")[2] for name in known} | {f"level.{level}" for level in Level} | {"-", *LINES}
    assert (HEADS.keys() - known, "so dien thoai truc" in HEADS["phone"]) == (set(), True)
