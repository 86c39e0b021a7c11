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

from .. import factories as f, sheets
from .test_imports import REPORTS, sent

D19, D20 = date(2020, 8, 19), date(2020, 8, 20)
TWO = {("11416", D20): 5, ("11407", D20): 7}
BOTH = {**TWO, ("11416", D19): 3, ("11407", D19): 4}
ROWS = (["Phường Đằng Hải", 5], ["Phường Cát Bi", 7])
OF_BOTH = (["Đằng Hải", 3, 5], ["Cát Bi", 4, 7])
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
    yield from texts()
    yield from doubtful()


def heads():
    for head in (
        *("Số lượt cài đặt trong ngày", "Số máy cài đặt mới", "Số cài mới", "SỐ MÁY CÀI MỚI", "Mới", "Phát sinh"),
        *("So may cai moi trong ngay", "Cài mới trong ngày (máy)", "Số cài đặt mới", "New installs"),
        *(
            "Số lượng cài đặt mới",
            "Số người cài ứng dụng Bluezone mới trong ngày",
            "Số máy cài thêm",
            "Tăng trong ngày",
        ),
        *("Số thuê bao cài mới", "Cài thêm hôm nay"),
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
    yield of_a_day("row of numbers", rows=[["(1)", "(2)"], *ROWS])
    yield of_a_day("row A B 1", "STT", *HEAD, rows=[["A", "B", "1"], *NUMBERED])
    yield of_a_day("signed", below=SIGNED)
    yield of_a_day("signed with place", below=[[], PLACE, *SIGNED])
    yield of_a_day("notes below", below=[["Ghi chú: số liệu tạm tính"]])
    yield of_a_day("total", below=[["Tổng cộng", 12]])
    yield of_a_day("group rows", "TT", *HEAD, rows=[["I", "Quận Hải An", 12], *NUMBERED])
    yield of_a_day("group without a unit", "TT", *HEAD, rows=[["A", "Khối phường"], *NUMBERED])
    yield of_a_day("whole city", below=[["Toàn thành phố", 12]])
    yield of_a_day("letterhead", above=[["UBND QUẬN HẢI AN", "CỘNG HÒA"], PLACE, TITLE, []])
    yield of_a_day("hidden row", hidden_rows=[4])
    rows = [[unit, 9000, installs, "x"] for unit, installs in ROWS]
    yield of_a_day("share and people", "Đơn vị", "Dân số", "Số cài mới", "Ghi chú", rows=rows)
    rows = [["Phường Đằng Hải", "5 máy", "0912 345 678"], [*HEAD, "Số ĐT"], ["Cát Bi", "7 máy", None]]
    yield of_a_day("head again, counted, telephone", *HEAD, "Số ĐT", rows=rows)
    usual = ["TT", "Tên xã, thị trấn", "Dân số", "Chỉ tiêu giao (60%)", "Số đã cài đến hôm trước"]
    usual += ["Số cài mới trong ngày", "Tổng số đã cài đến nay", "Tỷ lệ so với chỉ tiêu (%)"]
    rows = [["(1)", "(2)", "(3)", "(4)", "(5)", "(6)", "(7)=(5)+(6)", "(8)=(7)/(4)"]]
    rows += [[n, unit, 9000, 5400, 100, installs, 100 + installs, 1.9] for n, unit, installs in NUMBERED]
    letter = [["(Kèm theo Báo cáo số 215 ngày 21/8/2020; số liệu tính đến 17h00 ngày 20/8/2020)"], []]
    yield of_a_day("usual form", *usual, rows=rows, above=letter)
    rows = [
        ["Đơn vị", "Ngày 19/08/2020", None, "Ngày 20/08/2020", None],
        [None, "Mới", "Lũy kế", "Mới", "Lũy kế"],
        ["Đằng Hải", 3, 103, 5, 108],
        ["Cát Bi", 4, 104, 7, 111],
    ]
    yield office("two head rows", *rows, recorded=BOTH, merged=["A1:A2", "B1:C1", "D1:E1"])
    of_groups = ["TT", "Phường", "Cán bộ, công chức", None, "Nhân dân"]
    for parts in (("Tổng hôm nay", "Tăng trong ngày"), ("Cài mới", "Lũy kế"), ("Tăng trong ngày", "Tổng đến nay")):
        labels = [f"“{group} – {part}”" for group in of_groups[2::2] for part in parts]
        rows = [of_groups, [None, None, *parts, *parts], [1, "Đằng Hải", 508, 44, 654, 22], [2, "Cát Bi", 6, 7, 8, 9]]
        asked = f"{', '.join(labels)}. Nếu các cột là từng phần"
        yield office(f"groups {parts[0]}, {parts[1]}", TITLE, *rows, merged=["C2:D2", "E2:F2"], asked=asked)
    rows = [["Quận Hải An"], *NUMBERED]
    yield of_a_day("title of a group over the row", "TT", *HEAD, "Ghi chú", rows=rows, merged=["A3:D3"])
    rows = [["Đằng Hải", 5, 105, "Đúng hạn"], ["Cát Bi", None, 107, "Chưa báo cáo"]]
    yield of_a_day("status", *HEAD, "Lũy kế", "Tình trạng", rows=rows, recorded={("11416", D20): 5})


def days():
    for head in ("Lũy kế đến ngày 19/08/2020", "Số cài mới tháng 8", "Số cài mới đến 18/08/2020"):
        yield office(head, TITLE, ["Đơn vị", head], *ROWS, asked=head)  # not the title's day
    for name, first, second in (
        ("as dates", D19, D20),
        ("as numbers", 44062, 44063),
        ("without a year", "19/8", "20/8"),
        ("with an hour", "19/08/2020 17:00", "20/08/2020 17:00"),
        ("in words", "Ngày 19/08/2020", "Ngày 20/08/2020"),
        ("of two digits", "19/08/20", "20/08/20"),
        ("with dots", "19.8.2020", "20.8.2020"),
        ("year first", "2020-08-19", "2020-08-20"),
    ):
        heads = ["Đơn vị", first, second]
        yield office(f"days {name}", heads, *OF_BOTH, recorded=BOTH, choices={"mode": "daily"})
    yield office("days with mode", ["Đơn vị", "Mới 19/08/2020", "Mới, ngày: 20/08/2020"], *OF_BOTH, recorded=BOTH)
    yield office("days without mode", ["Đơn vị", D19, D20], *OF_BOTH, asked="“mới”")
    for title in (
        *("Báo cáo ngày 20 tháng 8 năm 2020", "Số liệu tính đến 17h00 ngày 20/8/2020", "Ngày báo cáo: 20/8/2020"),
        *("(Tính đến 17h00 ngày 20/8/2020)", "(Từ 17h00 ngày 19/8/2020 đến 17h00 ngày 20/8/2020)"),
    ):
        yield of_a_day(f"title {title[:12]}", above=[[title]])
    heads = ["Đơn vị", "Số cài mới ngày 20/8", "Lũy kế đến 20/8"]
    yield office("two heads of a day", heads, ["Đằng Hải", 5, 105], ["Cát Bi", 7, 107], recorded=TWO)
    yield of_a_day("numbered names", rows=[["1. P. Đằng Hải", 5], ["2. Phường Cát Bi", 7]])
    yield of_a_day("below its district", "Đơn vị", "SL cài mới", rows=[["P. Đằng Hải, quận Hải An", 5], ROWS[1]])
    heads = ["Đơn vị", "Tổng số máy đã cài đến 17h ngày 20/8/2020"]
    until = ["Đơn vị", "Lũy kế đến hết 20/8/2020"]
    yield office("day of the whole head", until, ["Đằng Hải", 105], ["Cát Bi", 107], recorded=TWO)
    rows = [["Đơn vị", "Ngày 20/8", None], [None, "Số thuê bao cài mới", "Số hộ đã tuyên truyền"]]
    rows += [["Đằng Hải", 5, 105], ["Cát Bi", 7, 107]]
    for chosen, recorded, asked in (
        *(("2020-08-20 daily", TWO, ""), ("daily", None, "ghi vào ngày 19/08/2020")),
        ("2020-08-19 daily", None, "ghi vào ngày 19/08/2020"),
    ):
        choices = {"sheets": {"Số liệu": {"1": "name", "2": chosen, "3": "-"}}, "day": "2020-08-19"}
        yield office(f"{chosen} below a day", *rows, merged=["B1:C1"], recorded=recorded, choices=choices, asked=asked)
    choices = {"sheets": {"Số liệu": {"1": "name", "2": "daily"}}}
    yield of_a_day("compared with another day", "Đơn vị", "Tăng so với hôm qua (19/8)", choices=choices)
    yield office("a week's title", ["Tuần từ ngày 14 đến ngày 20/8/2020"], HEAD, *ROWS, asked="ngày nào")
    rows = [["Đằng Hải", 5], ["HUYỆN AN LÃO, HUYỆN THUỶ NGUYÊN"], ["Cát Bi", 7]]
    yield of_a_day("title of two districts", rows=rows)
    choices = {"sheets": {"Số liệu": {"1": "name", "2": "cumulative"}}}
    rows = [["Đằng Hải", 105], ["Cát Bi", 107]]
    yield of_a_day("first day in the head", "Đơn vị", "Lũy kế từ 17/8/2020", rows=rows, choices=choices)
    yield office("day in the head", heads, ["Đằng Hải", 105], ["Cát Bi", 107], recorded=TWO)
    yield of_a_day("day in the next cell", above=[["Ngày báo cáo:", D20]])
    yield office("title against the head", ["LŨY KẾ ĐẾN NGÀY 20/08/2020"], HEAD, *ROWS, asked="“Số cài mới”")
    province = ["Tỉnh, thành phố", "Quận, huyện", "Phường, xã", "Số cài mới"]
    rows = [["Thành phố Hải Phòng", "Quận Hải An", *row] for row in ROWS]
    yield office("province beside the commune", TITLE, province, *rows, recorded=TWO)
    yield office("day of a letter", ["(Kèm theo Công văn số 5 ngày 20/08/2020)"], HEAD, *ROWS, asked="ngày nào")
    rows = [["Đơn vị", "Số máy cài mới", None], [None, "Android", "iOS"], ["Đằng Hải", 3, 2], ["Cát Bi", 4, 3]]
    yield office("two kinds of phones", TITLE, *rows, merged=["B2:C2"], asked="Số máy cài mới – iOS")
    rows = [["Đơn vị", "Số máy cài mới", None, None], [None, "Nam", "Nữ", "Cộng"], ["Đằng Hải", 3, 2, 5]]
    yield office("parts and their sum", TITLE, *rows, ["Cát Bi", 4, 3, 7], merged=["B2:D2"], recorded=TWO)
    for head in ("Tổng số", "Lũy kế cài mới", "Tổng số cài mới"):
        yield office(f"unclear {head}", TITLE, ["Đơn vị", head], *ROWS, asked=head)
    yield office("no day", HEAD, *ROWS, asked="ngày nào")
    yield office("day beside", HEAD, *ROWS, recorded=TWO, choices={"day": "2020-08-20"})
    between = ["Từ ngày 19/08/2020 đến ngày 20/08/2020"]
    yield office("two days in the title", between, HEAD, *ROWS, asked="ngày nào")
    rows = [[*row, 9000] for row in ROWS]
    yield office("population head with a day is no day", TITLE, [*HEAD, "Thuê bao 01/04/2019"], *rows, asked="Thuê bao")
    month, heads = ["SỐ LIỆU THÁNG 8 NĂM 2020"], [[*HEAD, None], [None, 19, 20]]
    yield office("days of a month", month, *heads, *OF_BOTH, merged=["A2:A3", "B2:C2"], recorded=BOTH)
    yield office("days of no month", *heads, *OF_BOTH, asked="ngày nào")
    head = ["Đơn vị", "Ngày 19", "Ngày 20"]
    rows = [[*head, "Tổng tháng"], ["Đằng Hải", 3, 5, 8], ["Cát Bi", 4, 7, 11]]
    yield office("days of a month and their sum", month, *rows, recorded=BOTH, choices={"mode": "daily"})
    title = "SỐ MÁY CÀI MỚI{} THÁNG 8 NĂM 2020"
    yield office("mode in the title", [title.format("")], head, *OF_BOTH, recorded=BOTH)
    yield office("two modes in the title", [title.format(" VÀ LŨY KẾ")], head, *OF_BOTH, asked="“mới”")
    rows = [["Đơn vị", "Lũy kế hôm trước", "Theo ngày", None], [None, None, "19/8", "20/8"], ["Đằng Hải", 100, 3, 5]]
    yield office("mode of another column", *rows, merged=["C1:D1"], asked="“mới”")
    rows = [["Đơn vị", "Mới 19/8", "Mới 20/8", "Cộng"], ["Đằng Hải", 3, 5, 8]]
    yield office("sum of the days", *rows, ["Cát Bi", 4, 7, 11], recorded=BOTH)
    data = sheets.csv(*rows, ["Cát Bi", 4, 7, 11])
    yield OfficeFile("sum of the days in CSV", data, BOTH)
    yield office("no sum of the days", *rows, ["Cát Bi", 4, 7, 12], asked="“Cộng”")
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
    for name, rows, asked in (
        ("Tổng hợp", [TITLE, HEAD, ["Quận Hải An", 12]], ""),
        ("Hướng dẫn", [["Điền vào trang trước"]], ""),
        ("Phụ lục", [["Ngày", "Số cài mới"], ["20/08/2020", 5]], "Phụ lục"),
        ("Bảng số", [["Nhóm", "Giá trị"], ["a", 5], ["b", 7]], "Bảng số"),
    ):
        yield of_a_day(f"sheet {name} beside", sheets={name: rows}, asked=asked, recorded=None if asked else TWO)

    other = {"Cát Bi": [LOG[1], ["19/8", 4], ["20/8", 7]]}
    yield office("logs of a unit each", *LOG, sheets=other, asked="chọn đơn vị đó")
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
        yield office(name, *rows, recorded=recorded, refused="" if day else "Từ dòng 4 ")
    rows = [["Xã", "Số hộ", None, "Xã", "Số hộ"], ["Đằng Hải", 3, None, "Cát Bi", 4]]
    yield office("side by side", *rows, kind="base-figures", refused="hai bảng đặt cạnh nhau")
    turned = [["THÁNG 8/2020"], [], ["Ngày", "Đằng Hải", "Cát Bi", "Tổng"], [D19, 3, 4, 7]]
    yield office("turned, by unit", *turned, refused="Dòng 3 của")
    for first, second in ((D19, D20), ("19/8", "20/8")):
        turned = [["Nội dung", first, second], ["Số lượt tải", 300, 400]]
        yield office(f"turned, by day {first}", *turned, kind="official-figures", refused="Chuyển vị")


def texts():
    lines = [["Đơn vị", "Ngày", "Số cài mới"], ["Đằng Hải", "20/08/2020", 5], ["Cát Bi", "20/08/2020", 7]]
    for separator in ",;\t":
        yield OfficeFile(f"csv {ord(separator)}", sheets.csv(*lines, separator=separator), TWO)


def doubtful():
    for name, value in (("column", 3), ("formulas", "=1+2")):
        rows = [[*row, value] for row in ROWS]
        yield office(f"unknown {name}", TITLE, [*HEAD, "Máy chủ"], *rows, asked="Máy chủ")
    yield office("nearly a name", TITLE, HEAD, ["Phường Đằng Hãy", 5], refused="Có phải là Phường Đằng Hải")
    yield office("comma", TITLE, HEAD, ["Đằng Hải", "1,234"], refused="1,234")
    words = [["Đằng Hải", 5], ["Cát Bi", "không"], ["Núi Đèo", "N/A"]]
    yield of_a_day("words for nothing", rows=words, recorded={("11416", D20): 5})
    for total in (13, 0):
        yield office(f"total {total}", TITLE, HEAD, *ROWS, ["Tổng cộng", total], refused=f"dòng cộng ghi {total}")
    still = [["Đằng Hải", 105], ["Cát Bi", 100]]
    yield of_a_day("still", "Đơn vị", "Lũy kế", rows=still, recorded={("11416", D20): 5})
    bases = {"kind": "base-figures"}
    for share in ("% dân số", "Dân số (%)", "Điện thoại thông minh (%)"):
        yield office(share, ["Đơn vị", share], ["Cát Bi", 5], asked="thiếu: Dân số.", **bases)
    for share in ("Mới 20/8 (%)", "Cài mới (%)"):
        yield office(share, TITLE, ["Đơn vị", share], ["Cát Bi", 5], asked="thiếu: Số máy cài mới")
    yield office("no people", ["Đơn vị", "Số hộ"], ["Cát Bi", 4000], asked="thiếu: Dân số.", **bases)
    for first, second in (("Dân số 2018", "Dân số 2019"), ("Dân số", "Dân số (nữ)")):
        rows = [["Đơn vị", first, second], ["Đằng Hải", 40, 20], ["Cát Bi", 30, 10]]
        yield office(f"{first} and {second}", *rows, asked=f"“{first}”, “{second}”", **bases)
    yield from of_the_ministry()


def of_the_ministry():
    """The form says 21 August; a file that says otherwise is asked about."""
    none, of_20, of_21 = "Cục Tin học hóa", "đến ngày 20/08/2020", "đến ngày 21/08/2020"
    for title, head, asked in (
        (none, "Lượt tải", ""),
        (f"Tính {of_21}", f"Lượt tải {of_21}", ""),
        (none, f"Lượt tải {of_20}", f"“Lượt tải {of_20}”"),
        (f"Tính {of_20}", "Lượt tải", "ngày nào"),
    ):
        rows, recorded = [[title], ["Đơn vị", head], ["P. Cát Bi", 4000]], {("11407", f.DAY): 4000}
        yield office(f"{head} below {title}", *rows, recorded=recorded, asked=asked, kind="official-figures")
    choices = {"sheets": {"Số liệu": {"1": "name", "2": "downloads"}}, "day": "2020-08-20"}
    recorded = {("11407", D20): 4000}
    yield office("day chosen", *rows, recorded=recorded, choices=choices, kind="official-figures")
    rows = [["Đơn vị", "20/8/2020", None, "21/8/2020"], [None, *["Lượt tải", "Thiết bị hoạt động"] * 2]]
    rows += [["P. Cát Bi", 4000, 2000, 4100, 2100]]
    for order, recorded, asked in ((2, None, "“20/8/2020 – Lượt tải” là số"), (4, {("11407", f.DAY): 4100}, "")):
        columns = {"1": "name", **dict.fromkeys("2345", "-"), str(order): "downloads"}
        beside = {"merged": ["B1:C1", "D1:E1"], "choices": {"sheets": {"Số liệu": columns}}}
        yield office(
            f"day above column {order}", *rows, **beside, recorded=recorded, asked=asked, kind="official-figures"
        )
    lines = [["Cát Bi", date.fromordinal(D20.toordinal() - n), 9000 - n] for n in range(63)]
    head = ["Đơn vị", "Ngày", "Lượt tải"]
    yield office("too many days", head, *lines, refused="62 ngày", kind="official-figures")


def table_for(kind, data, choices=None):
    book = imports.open_book(data, "tệp")
    beside = {"day": f.DAY} if kind == "official-figures" else {}
    return imports.table_of(imports.KINDS[kind], book, near=f.DAY, choices=choices, **beside)


@pytest.mark.parametrize(
    ("kind", "rows", "beside", "offered"),
    [
        ("reports", LOG, {"Cát Bi": LOG[1:]}, ["11416", "11407"]),  # of the title, of the sheet's name
        ("reports", LOG[1:], {}, [""]),  # a city reports nothing itself
        ("official-figures", [["Ngày", "Số lượt tải"], [D19, 5], [D20, 7]], {}, ["31"]),
    ],
)
def test_unit_is_offered_for_a_sheet_that_has_no_column_of_units(kind, rows, beside, offered, cast):
    table = table_for(kind, sheets.workbook(*rows, sheets=beside))
    directory = imports.directory_of(imports.KINDS[kind], table, sent(cast.city_clerk))
    assert [imports.unit_of_sheet(part, directory, cast.city) for part in table.sheets] == offered


def test_no_unit_is_asked_for_if_another_sheet_names_units(cast):
    table = table_for("reports", sheets.workbook(TITLE, HEAD, *ROWS))
    assert imports.directory_of(REPORTS, table, sent(cast.city_clerk)) is None


def outcome(file: OfficeFile, by):
    """What is asked, what is recorded, and the words of what is refused."""
    kind = imports.KINDS[file.kind]
    try:
        table = table_for(file.kind, file.data, file.choices)
        imports.refuse_turned(table, imports.directory_of(kind, table, sent(by)), f.DAY)
    except Unreadable as unreadable:
        return "", None, str(unreadable)
    if imports.problems(table):
        return " ".join(imports.problems(table)), None, ""
    plan = imports.preview(kind, table, sent(by))
    value = attrgetter("installs" if kind is REPORTS else "value")
    recorded = {(one.unit.code, one.day): value(one) for one in plan.writes}
    return "", recorded, " ".join(row.words for row in plan.errors)


def test_every_office_file_comes_to_what_it_must(cast, subtests):
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
    rows = [title.split("|"), TITLE, HEAD, ["Minh Tân", 5], [other, 7]]
    with translation.override("vi"):
        _asked, written, refused = outcome(office("", *rows), cast.city_clerk)
    if recorded is None:
        assert refused.startswith("“Minh Tân” có thể là ")
    else:
        assert ({code: n for (code, _day), n in written.items()}, refused) == (recorded, "")


def test_commune_named_like_its_district_is_meant_in_the_files_of_that_district(cast):
    for code, district in (("1", cast.other_district), ("2", cast.district)):
        unit = f.make_unit(code, parent=district, name="Hải An", kind="xã", population=5000)
        f.make_report(unit, f.FIRST_DAY, 0, opening=100, covers_from=None)
    rows = [["UBND QUẬN HẢI AN"], TITLE, HEAD, ["Hải An", 5], ["Tổng cộng", 5]]
    assert outcome(office("", *rows), cast.city_clerk) == ("", {("2", D20): 5}, "")


@pytest.mark.parametrize("above", [[], ["UBND QUẬN HẢI AN"]])
def test_line_of_a_district_is_not_taken_for_its_commune_of_the_same_name(above, cast):
    unit = f.make_unit("2", parent=cast.district, name="Hải An", kind="xã", population=5000)
    f.make_report(unit, f.FIRST_DAY, 0, opening=100, covers_from=None)
    rows = [above, TITLE, HEAD, ["Hải An", 5], ["Xã Hải An", "-"]]
    with translation.override("vi"):
        _asked, _written, refused = outcome(office("", *rows), cast.city_clerk)
    both = "Xã Hải An (Quận Hải An, 2), Quận Hải An (Thành phố Hải Phòng, 306)"
    assert refused == f"“Hải An” có thể là {both}: ghi rõ mã hoặc đơn vị cấp trên."


def test_head_of_districts_tells_which_unit_of_a_name_is_meant(cast):
    f.make_unit("2", parent=cast.other_district, name="Hải An", kind="xã")
    rows = [["Quận, huyện", "Lượt tải"], ["Hải An", 4000], ["Thành phố Hải Phòng", 9000]]
    recorded = {("306", f.DAY): 4000, ("31", f.DAY): 9000}
    assert outcome(office("", *rows, kind="official-figures"), cast.city_clerk) == ("", recorded, "")


def test_commune_of_another_group_is_not_taken_for_the_district_of_its_name(cast):
    f.make_unit("2", parent=cast.district, name="Hải An", kind="xã", population=5000)
    rows = [TITLE, HEAD, ["Huyện Thuỷ Nguyên"], ["Hải An", 5], ["Núi Đèo", "-"]]
    with translation.override("vi"):
        _asked, _written, refused = outcome(office("", *rows), cast.city_clerk)
    assert refused == "Không có đơn vị nào tên “Hải An”."


def test_every_line_of_heads_is_of_a_column_or_level():
    """A word for a column that no import has would be read by nobody."""
    known = {f"{kind.name}.{column.key}" for kind in imports.KINDS.values() for column in kind.columns}
    known |= {name.partition(".")[2] for name in known} | {f"level.{level}" for level in Level} | {"-", *LINES}
    assert (HEADS.keys() - known, "so dien thoai truc" in HEADS["phone"]) == (set(), True)
