"""Files as offices make them, and what must come of each: recorded, asked about or refused; none is misread.

What comes of a file is "what is recorded" (unit, day and figure of each new report), what is asked about, or the words
of an error. Units: Đằng Hải (11416) and Cát Bi (11407) of Quận Hải An, Núi Đèo (11470) of Huyện Thuỷ Nguyên.
"""

from dataclasses import dataclass
from datetime import date
from operator import attrgetter

import pytest
from django.utils import translation

from reporting import imports
from reporting.files.cells import Unreadable
from reporting.imports.columns import HEADS
from reporting.models import Unit
from reporting.models.levels import Level
from reporting.reorganisation.draft import COLUMNS as LINES

from .. import clerk, factories as f, sheets
from .test_imports import REPORTS, sent

D19, D20 = date(2020, 8, 19), date(2020, 8, 20)
TWO = {("11416", D20): 5, ("11407", D20): 7}
BOTH = {**TWO, ("11416", D19): 3, ("11407", D19): 4}
ROWS = (["Phường Đằng Hải", 5], ["Phường Cát Bi", 7])
OF_BOTH = (["Đằng Hải", 3, 5], ["Cát Bi", 4, 7])
OF_20, UNSAID = {"day": "2020-08-20"}, {"day": ""}  # what the clerk says
TITLE = ["BÁO CÁO CÀI ĐẶT BLUEZONE NGÀY 20/08/2020"]
HEAD = ["Đơn vị", "Số cài mới"]
PLACE = [None, "Hải Phòng, ngày 21 tháng 8 năm 2020"]
SIGNED = (
    *([], ["NGƯỜI LẬP BIỂU", "THỦ TRƯỞNG ĐƠN VỊ"], ["(Ký, họ tên)", "(Ký, đóng dấu)"], []),
    ["Nguyễn Văn An", "Trần Thị Bé"],
)
LOG = (["SỔ THEO DÕI BLUEZONE PHƯỜNG ĐẰNG HẢI"], ["Ngày", "Số cài mới"], ["19/8", 3], ["20/8", 5], ["Cộng", 8])
NUMBERED = [[number, *row] for number, row in enumerate(ROWS, start=1)]


@dataclass
class OfficeFile:
    name: str
    data: bytes
    recorded: dict | None = None  # by code and day the installs
    asked: str = ""  # in what is said about the columns
    refused: str = ""  # in the words of a cell, or of the whole file
    choices: dict | None = None
    kind: str = "reports"


def office(name, *rows, recorded=None, asked="", refused="", choices=None, kind="reports", **beside):
    return OfficeFile(name, sheets.workbook(*rows, **beside), recorded, asked, refused, choices, kind)


def of_a_day(name, *heads, rows=ROWS, above=(TITLE,), below=(), recorded=TWO, **beside):
    return office(name, *above, heads or HEAD, *rows, *below, recorded=recorded, **beside)


def all_files():
    yield from heads()
    yield from layouts()
    yield from days()
    yield from several_sheets()
    yield from several_tables()
    yield from doubtful()


def heads():
    """Any word of `import-heads.txt` is offered as its column; here are some with accents, capitals and brackets."""
    for unit, head in (
        *(
            ("Đơn vị", "Số lượt cài đặt trong ngày"),
            ("Tên xã, phường, thị trấn", "SỐ MÁY CÀI MỚI"),
            ("Phường, xã", "Mới"),
        ),
        *(("TÊN ĐƠN VỊ", "So may cai moi trong ngay"), ("Địa phương", "Cài mới trong ngày (máy)")),
    ):
        yield of_a_day(f"head {head}", unit, head)
    rows = [["Hải An", "Đằng Hải", 5], ["Q. Hải An", "Cát Bi", 7]]
    yield of_a_day("superior", "Quận/Huyện", "Tên xã", "Số cài mới", rows=rows)
    merged = [["Hải An", "Đằng Hải", 5], [None, "Cát Bi", 7]]
    yield of_a_day("superior merged", "Quận/Huyện", "Tên xã", "Số cài mới", rows=merged, merged=["A3:A4"])


def layouts():
    yield of_a_day("row of numbers", rows=[["(1)", "(2)"], *ROWS])
    yield of_a_day("signed with place", below=[[], PLACE, *SIGNED])
    yield of_a_day("total", below=[["Tổng cộng", 12]])
    yield of_a_day("group rows", "TT", *HEAD, rows=[["I", "Quận Hải An", 12], *NUMBERED])
    yield of_a_day("letterhead", above=[["UBND QUẬN HẢI AN", "CỘNG HÒA"], PLACE, TITLE, []], choices=OF_20)
    rows = [[unit, 9000, installs, "x"] for unit, installs in ROWS]
    yield of_a_day("share and people", "Đơn vị", "Dân số", "Số cài mới", "Ghi chú", rows=rows)
    rows = [["Phường Đằng Hải", "5 máy", "0912 345 678"], [*HEAD, "Số ĐT"], ["Cát Bi", "7 máy", None]]
    yield of_a_day("head again, counted, telephone", *HEAD, "Số ĐT", rows=rows)
    usual = ["TT", "Tên xã, thị trấn", "Dân số", "Chỉ tiêu giao (60%)", "Số đã cài đến hôm trước"]
    usual += ["Số cài mới trong ngày", "Tổng số đã cài đến nay", "Tỷ lệ so với chỉ tiêu (%)"]
    rows = [["(1)", "(2)", "(3)", "(4)", "(5)", "(6)", "(7)=(5)+(6)", "(8)=(7)/(4)"]]
    rows += [[n, unit, 9000, 5400, 100, installs, 100 + installs, 1.9] for n, unit, installs in NUMBERED]
    letter = [["(Kèm theo Báo cáo số 215 ngày 21/8/2020; số liệu tính đến 17h00 ngày 20/8/2020)"], []]
    yield of_a_day("usual form", *usual, rows=rows, above=letter, choices=OF_20)
    rows = [
        ["Đơn vị", "Ngày 19/08/2020", None, "Ngày 20/08/2020", None],
        [None, "Mới", "Lũy kế", "Mới", "Lũy kế"],
        ["Đằng Hải", 3, 103, 5, 108],
        ["Cát Bi", 4, 104, 7, 111],
    ]
    yield office("two head rows", *rows, recorded=BOTH, merged=["A1:A2", "B1:C1", "D1:E1"])
    of_groups = ["TT", "Phường", "Cán bộ, công chức", None, "Nhân dân"]
    rows = [of_groups, [None, None, *["Cài mới", "Lũy kế"] * 2], [1, "Đằng Hải", 508, 44, 654, 22]]
    yield office("columns of groups", TITLE, *rows, merged=["C2:D2", "E2:F2"], asked="thiếu cột")
    rows = [["Quận Hải An"], *NUMBERED]
    yield of_a_day("title of a group over the row", "TT", *HEAD, "Ghi chú", rows=rows, merged=["A3:D3"])
    rows = [["Đằng Hải", 5, 105, "Đúng hạn"], ["Cát Bi", None, 107, "Chưa báo cáo"]]
    yield of_a_day("status", *HEAD, "Lũy kế", "Tình trạng", rows=rows, recorded={("11416", D20): 5})


def days():
    head = ["Đơn vị", "Lũy kế đến ngày 19/08/2020"]
    yield office("a day in head and title", TITLE, head, *ROWS, choices=UNSAID, asked="day: ")  # none is taken
    for name, first, second in (
        ("as dates", D19, D20),
        ("without a year", "19/8", "20/8"),
        ("with an hour", "19/08/2020 17:00", "20/08/2020 17:00"),
        ("of two digits", "19/08/20", "20/08/20"),
        ("year first", "2020-08-19", "2020-08-20"),
    ):
        heads = ["Đơn vị", first, second]
        yield office(f"days {name}", heads, *OF_BOTH, recorded=BOTH, choices={"mode": "daily"})
    yield office("days with mode", ["Đơn vị", "Mới 19/08/2020", "Mới, ngày: 20/08/2020"], *OF_BOTH, recorded=BOTH)
    yield office("days without mode", ["Đơn vị", D19, D20], *OF_BOTH, asked="“mới”")
    heads = ["Đơn vị", "Số cài mới ngày 20/8", "Lũy kế đến 20/8"]
    yield office("two heads of a day", heads, ["Đằng Hải", 5, 105], ["Cát Bi", 7, 107], recorded=TWO)
    yield of_a_day("numbered names", rows=[["1. P. Đằng Hải", 5], ["2. Phường Cát Bi", 7]])
    yield of_a_day("below its district", "Đơn vị", "SL cài mới", rows=[["P. Đằng Hải, quận Hải An", 5], ROWS[1]])
    heads = ["Đơn vị", "Tổng số máy đã cài đến 17h ngày 20/8/2020"]
    rows = [["Đằng Hải", 5], ["HUYỆN AN LÃO, HUYỆN THUỶ NGUYÊN"], ["Cát Bi", 7]]
    yield of_a_day("title of two districts", rows=rows)
    yield office("day in the head", heads, ["Đằng Hải", 105], ["Cát Bi", 107], recorded=TWO)
    yield of_a_day("day in the next cell", above=[["Ngày báo cáo:", D20]])
    yield office("title against the head", ["LŨY KẾ ĐẾN NGÀY 20/08/2020"], HEAD, *ROWS, recorded=TWO)
    province = ["Tỉnh, thành phố", "Quận, huyện", "Phường, xã", "Số cài mới"]
    rows = [["Thành phố Hải Phòng", "Quận Hải An", *row] for row in ROWS]
    yield office("province beside the commune", TITLE, province, *rows, recorded=TWO)
    rows = [["Đơn vị", "Số máy cài mới", None], [None, "Android", "iOS"], ["Đằng Hải", 3, 2], ["Cát Bi", 4, 3]]
    yield office("two kinds of phones", TITLE, *rows, merged=["B2:C2"], asked="thiếu cột")
    rows = [[*row, 9000] for row in ROWS]
    yield office("population head with a day is no day", TITLE, [*HEAD, "Thuê bao 01/04/2019"], *rows, asked="Thuê bao")
    yield office("unclear total", TITLE, ["Đơn vị", "Tổng số"], *ROWS, asked="Tổng số")
    yield office("no day", HEAD, *ROWS, asked="day: ")
    yield office("day beside", HEAD, *ROWS, recorded=TWO, choices={"day": "2020-08-20"})
    rows = [["Đơn vị", "Lũy kế hôm trước", "Theo ngày", None], [None, None, "19/8", "20/8"], ["Đằng Hải", 100, 3, 5]]
    yield office("mode of another column", *rows, merged=["C1:D1"], asked="thiếu cột")
    rows = [["Đơn vị", "Mới 19/8", "Mới 20/8", "Cộng"], ["Đằng Hải", 3, 5, 8]]
    yield office("sum of the days unsaid", *rows, ["Cát Bi", 4, 7, 11], asked="“Cộng”")
    lines = [["Đằng Hải", "19/8", 3], ["Đằng Hải", D20, 5], ["Cát Bi", "19-08-2020", 4], ["Cát Bi", "2020-08-20", 7]]
    yield office("a line a day", ["Đơn vị", "Ngày báo cáo", "Số cài mới"], *lines, recorded=BOTH)


def several_sheets():
    cat_bi = {"Cát Bi": [TITLE, HEAD, ROWS[1]]}
    yield office("a sheet a unit", TITLE, HEAD, ROWS[0], title="Đằng Hải", sheets=cat_bi, recorded=TWO)
    of_19 = [HEAD, ["Đằng Hải", 3], ["Cát Bi", 4]]
    of_20 = {"20": [TITLE, HEAD, *ROWS]}
    yield office("a sheet a day", ["Ngày 19/08/2020"], *of_19, title="19", sheets=of_20, recorded=BOTH)
    of_20 = {"Ngày 20.8": [HEAD, *ROWS]}
    yield office("sheets named after days", *of_19, title="19-8", sheets=of_20, recorded=BOTH)
    for name, rows in (
        ("Tổng hợp", [TITLE, HEAD, ["Quận Hải An", 12]]),
        ("Phụ lục", [["Ngày", "Số cài mới"], ["20/08/2020", 5]]),
    ):
        yield of_a_day(f"sheet {name} beside", sheets={name: rows})

    other = {"Cát Bi": [LOG[1], ["19/8", 4], ["20/8", 7]]}
    yield office("logs of a unit each", *LOG, sheets=other, asked="thiếu cột: Mã đơn vị")
    columns, units = {"1": "day", "2": "daily"}, {"Số liệu": "11416", "Cát Bi": "11407"}
    choices = {"sheets": dict.fromkeys(units, columns), "units": units}
    yield office("logs of chosen units", *LOG, sheets=other, choices=choices, recorded=BOTH)


def several_tables():
    """A second table below is refused if it is of another day or figure; tables side by side, or turned, always are."""
    head, of_18, of_16 = ["STT", *HEAD], ["STT", "Đơn vị", "Cài mới 18/8/2020"], ["Ngày 16/8/2020"]
    first, second = [1, "Đằng Hải", 5], [1, "Cát Bi", 7]
    for name, title, top, between, day in (
        ("the same head again", ["BÁO CÁO"], of_18, of_18, date(2020, 8, 18)),
        ("another day in the head", ["BÁO CÁO"], of_18, ["STT", "Đơn vị", "Cài mới 19/8/2020"], None),
        ("the same title again", of_16, head, of_16, date(2020, 8, 16)),
        ("another title", of_16, head, ["Ngày 17/8/2020"], None),
        ("another figure", of_16, head, ["STT", "Đơn vị", "Lũy kế"], None),
        ("a day in a note", of_16, [*head, "Ghi chú"], [2, "Núi Đèo", None, "Gửi ngày 19/8/2020"], date(2020, 8, 16)),
    ):
        rows = [title, top, first, between, second, ["Lập ngày 23/8/2020"]]
        recorded = {("11416", day): 5, ("11407", day): 7}
        yield office(name, *rows, recorded=recorded, asked="" if day else "Từ dòng 4 ")
    rows = [["Xã", "Mới", None, "Xã", "Mới"], ["Đằng Hải", 3, None, "Cát Bi", 4]]
    yield office("side by side", *rows, asked="“Mới”, “Mới”")
    turned = [["THÁNG 8/2020"], [], ["Ngày", "Đằng Hải", "Cát Bi", "Tổng"], [D19, 3, 4, 7]]
    yield office("turned, by unit", *turned, asked="thiếu cột: ")


def doubtful():
    for name, value in (("column", 3), ("formulas", "=1+2")):
        rows = [[*row, value] for row in ROWS]
        yield office(f"unknown {name}", TITLE, [*HEAD, "Máy chủ"], *rows, asked="Máy chủ")
    yield office("nearly a name", TITLE, HEAD, ["Phường Đằng Hãy", 5], refused="Có phải là Phường Đằng Hải")
    yield office("comma", TITLE, HEAD, ["Đằng Hải", "1,234"], refused="1,234")
    words = [["Đằng Hải", 5], ["Cát Bi", "không"], ["Núi Đèo", "N/A"]]
    yield of_a_day("words for nothing", rows=words, recorded={("11416", D20): 5})
    for total in (13, 0):
        yield office(f"total {total}", TITLE, HEAD, *ROWS, ["Tổng cộng", total], recorded=TWO)  # said, not refused
    still = [["Đằng Hải", 105], ["Cát Bi", 100]]
    yield of_a_day("still", "Đơn vị", "Lũy kế", rows=still, recorded={("11416", D20): 5})
    yield office("share of a day", TITLE, ["Đơn vị", "Mới 20/8 (%)"], ["Cát Bi", 5], asked="thiếu cột: Số máy cài mới")


def table_for(file):
    choices = file.choices or {}
    given = {name: choices[name] for name in ("head", "mode", "day", "measure", "sheets", "skip") if name in choices}
    book = imports.open_book(file.data, "tệp.xlsx")
    layouts = clerk.said(imports.KINDS[file.kind], book, **given)
    for name, code in choices.get("units", {}).items():
        layouts[name]["unit"] = code
    return imports.table_of(imports.KINDS[file.kind], book, layouts, near=f.DAY)


def outcome(file: OfficeFile, by):
    """What is asked, what is recorded, and the words of what is refused."""
    kind = imports.KINDS[file.kind]
    try:
        table = table_for(file)
    except Unreadable as unreadable:
        return "", None, str(unreadable)
    if table.questions:
        return " ".join(f"{question.field}: {question.words}" for question in table.questions), None, ""
    plan = imports.preview(kind, table, sent(by))
    value = attrgetter("installs" if kind is REPORTS else "value")
    recorded = {(one.unit.code, one.day): value(one) for one in plan.writes}
    return "", recorded, " ".join(row.words for row in plan.errors)


def test_every_office_file_comes_to_what_it_must(cast, subtests):
    """Each is read as the clerk confirms it, asks once more, or is refused with a way on."""
    for unit in (cast.commune, cast.neighbour, cast.stranger):
        f.make_report(unit, f.FIRST_DAY, 0, opening=100, covers_from=None)
    files = list(all_files())
    assert (len(files) >= 60, len({file.name for file in files})) == (True, len(files))
    for file in files:
        with subtests.test(file.name), translation.override("vi"):
            asked, recorded, refused = outcome(file, cast.city_clerk)
            if file.asked or file.refused:
                assert (file.asked in asked, file.refused in refused) == (True, True), (asked, refused)
                assert (bool(asked), bool(refused)) == (bool(file.asked), bool(file.refused))
            else:
                assert (asked, refused, recorded) == ("", "", file.recorded)


@pytest.mark.parametrize(
    ("said", "other", "recorded"),
    [
        ("306", "Đằng Hải", {("2", D20): 5, ("11416", D20): 7}),
        ("306", "Núi Đèo", "Không có đơn vị nào tên “Núi Đèo”."),  # a line of another district
        ("", "Đằng Hải", "“Minh Tân” có thể là "),  # the title alone does not say it
    ],
)
def test_clerk_says_in_which_district_a_name_is_meant(said, other, recorded, cast):
    for code, district in (("1", cast.other_district), ("2", cast.district)):
        f.make_unit(code, parent=district, name="Minh Tân", kind="xã", population=5000)
    for unit in Unit.objects.filter(level="commune"):
        f.make_report(unit, f.FIRST_DAY, 0, opening=100, covers_from=None)
    rows = [["UBND QUẬN HẢI AN"], TITLE, HEAD, ["Minh Tân", 5], [other, 7]]
    with translation.override("vi"):
        file = office("", *rows, choices={"units": {"Số liệu": said}})
        _asked, written, refused = outcome(file, cast.city_clerk)
    assert refused.startswith(recorded) if isinstance(recorded, str) else (written, refused) == (recorded, "")


@pytest.mark.parametrize("above", [[], ["UBND QUẬN HẢI AN"]])
def test_line_of_a_district_is_not_taken_for_its_commune_of_the_same_name(above, cast):
    unit = f.make_unit("2", parent=cast.district, name="Hải An", kind="xã", population=5000)
    f.make_report(unit, f.FIRST_DAY, 0, opening=100, covers_from=None)
    rows = [above, TITLE, HEAD, ["Hải An", 5], ["Xã Hải An", "-"]]
    with translation.override("vi"):
        _asked, _written, refused = outcome(office("", *rows), cast.city_clerk)
    both = "Xã Hải An (Quận Hải An, 2), Quận Hải An (Thành phố Hải Phòng, 306)"
    assert refused == f"“Hải An” có thể là {both}: ghi rõ mã hoặc đơn vị cấp trên."


def test_commune_of_another_group_is_not_taken_for_the_district_of_its_name(cast):
    f.make_unit("2", parent=cast.district, name="Hải An", kind="xã", population=5000)
    rows = [TITLE, HEAD, ["Huyện Thuỷ Nguyên"], ["Hải An", 5], ["Núi Đèo", "-"]]
    with translation.override("vi"):
        _asked, _written, refused = outcome(office("", *rows), cast.city_clerk)
    assert refused == "Không có đơn vị nào tên “Hải An”. Có phải là Xã Hải An (Quận Hải An, 2)?"


def test_every_line_of_heads_is_of_a_column_or_level():
    """A word for a column that no import has would be read by nobody."""
    known = {f"{kind.name}.{column.key}" for kind in imports.KINDS.values() for column in kind.columns}
    known |= {name.partition(".")[2] for name in known} | {f"level.{level}" for level in Level} | {"-", *LINES}
    assert (HEADS.keys() - known, "so dien thoai truc" in HEADS["phone"]) == (set(), True)
