"""One truth: the workbook that a district or the city downloads holds the very figures of the page."""

import io
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest
from playwright.sync_api import expect

from reporting import demo
from reporting.imports.kinds.units import import_units
from reporting.models import Unit

from ..factories import DAY, RECORDED_AT, make_directive, make_report, make_user
from .inspection import inspect
from .steps import DAY_BEFORE, sign_in, with_history

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

HEAD_ROWS, FIRST_LINE = (7, 8), 9
# The page's column: the workbook's. "Đã báo cáo" of the page is both, of how many owed.
BESIDE = ["Chưa báo cáo và trễ hạn", "Biểu đồ", "Ghi chú", "Dữ liệu"]
COLUMNS = {
    "Đơn vị": "Đơn vị",
    "Cơ quan, đơn vị": "Cơ quan, đơn vị",
    "Mới": "Số máy cài mới",
    "Lũy kế": "Lũy kế",
    "Tỷ lệ": "Tỷ lệ trên dân số",
    "Tỷ lệ trên số CBCCVC, NLĐ": "Tỷ lệ trên số CBCCVC, NLĐ",
    "Dân số": "Dân số",
    "CBCCVC, NLĐ": "CBCCVC, NLĐ",
    "Chỉ tiêu": "Chỉ tiêu",
    "Còn thiếu": "Còn thiếu",
    "Số hộ mới": "Số hộ mới",
}


def test_district_downloads_what_its_page_shows(cast, page):
    with_history(cast)
    make_report(cast.commune, installs=88, households_visited=46)
    make_report(cast.neighbour, DAY_BEFORE, installs=7, opening=1000)
    sign_in(page, cast.district_clerk, to="/units/306/?sort=name&columns=all")

    book = download(page, "bluezone-306-2020-08-21.xlsx")

    assert book.sheetnames == ["Chi tiết cấp xã", *BESIDE]
    assert sheet_rows(book["Chi tiết cấp xã"]) == page_rows(page, 0)
    assert [row["Đơn vị"] for row in page_rows(page, 0)] == ["Phường Cát Bi", "Phường Đằng Hải", "Tổng cộng"]
    assert page_rows(page, 0)[1]["Lũy kế"] == 3500
    page.goto("/units/306/?only=missing")
    assert missing(book) == page.locator("#table tr[data-code] th").all_inner_texts() == ["Phường Cát Bi"]


@pytest.mark.matrix  # a walk of many pages
def test_commune_downloads_its_own_line(cast, page):
    with_history(cast)
    sign_in(page, cast.officer)
    book = download(page, "bluezone-11416-2020-08-21.xlsx")
    [own, total] = sheet_rows(book["Số liệu đơn vị"])
    assert {**total, "Đơn vị": own["Đơn vị"]} == own
    assert (own["Đơn vị"], own["Lũy kế"], own["Tỷ lệ"]) == ("Phường Đằng Hải", 3412, Decimal("0.1727"))
    expect(page.locator(".own-line")).to_contain_text("17,27%")
    expect(page.locator(".own-line")).to_contain_text("3.412 / 19.748")


@pytest.mark.matrix
def test_city_of_233_units_downloads_what_its_page_shows(db, page):
    for name in ("haiphong-2020-units.csv", "haiphong-agencies.csv"):
        import_units(Path(demo.DATA, name).read_bytes(), now=lambda: RECORDED_AT)
    make_directive()
    city = Unit.objects.get(parent=None)
    communes = Unit.objects.filter(level=Unit.Level.COMMUNE).order_by("code")
    for position, unit in enumerate([*communes[::20], Unit.objects.get(code="318"), Unit.objects.get(code="SYT")]):
        make_report(unit, DAY_BEFORE, installs=position, opening=100 + position)
        if position % 3:
            make_report(unit, installs=2 * position, households_visited=position)
    sign_in(page, make_user("31", city))

    page.goto("/units/31/?sort=name&columns=all&agencies-sort=name")
    expect(page.locator("#table tbody tr")).to_have_count(16)
    inspect(page)
    book = download(page, "bluezone-31-2020-08-21.xlsx")

    assert book.sheetnames == ["Tổng hợp cấp huyện", "Chi tiết cấp xã", "Sở ban ngành", *BESIDE]
    districts, agencies = page_rows(page, 0), page_rows(page, 1)
    assert sheet_rows(book["Tổng hợp cấp huyện"]) == districts
    assert sheet_rows(book["Sở ban ngành"]) == agencies
    assert districts[-1]["Dân số"] == 2_028_514

    group, *detail = sheet_rows(book["Chi tiết cấp xã"], until="II")
    page.locator("#table a", has_text=group["Đơn vị"]).first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text(group["Đơn vị"])
    page.goto(f"{page.url}&sort=name&columns=all")
    *communes_shown, total = page_rows(page, 0)
    assert [*communes_shown, {**total, "Đơn vị": "Cộng"}] == detail
    inspect(page)
    page.goto(f"/units/31/board/{DAY}/?rows=all")
    assert sorted(missing(book)) == sorted(page.locator(".board-name > a").all_inner_texts())


def download(page, name):
    with page.expect_download() as waiting:
        page.get_by_role("link", name="Tải về Excel").click()
    assert waiting.value.suggested_filename == name
    return openpyxl.load_workbook(io.BytesIO(Path(waiting.value.path()).read_bytes()), data_only=True)


def page_rows(page, number):
    """The rows of the page's table, as figures: 1.234 is 1234, 28,99% is 0.2899, a dash is None."""
    table = page.locator("table.overview").nth(number)
    heads = [head.strip(" ▲▼\n") for head in table.locator("thead th").all_text_contents()]
    rows = []
    for row in table.locator("tbody tr").all():
        cells = dict(zip(heads, row.locator("th, td").all_text_contents(), strict=True))
        for head in ("Xác nhận", "14 ngày"):  # how far the day has come, a picture: no figures
            cells.pop(head, None)
        said = {heads[0]: cells.pop(heads[0]).strip(), "Đã báo cáo": _state(cells.pop("Đã báo cáo"))}
        rows.append(said | {head: _figure(cell) for head, cell in cells.items()})
    return rows


def sheet_rows(sheet, *, until="Tổng cộng"):
    """The rows of a sheet down to its total line, or before the one that is named, under the page's heads."""
    upper, lower = ([cell.value for cell in sheet[row]] for row in HEAD_ROWS)
    heads = [low or high for high, low in zip(upper, lower, strict=True)]
    rows = []
    for cells in sheet.iter_rows(min_row=FIRST_LINE, values_only=True):
        line = dict(zip(heads, cells, strict=True))
        if until == cells[0]:
            return rows
        figures = {page_head: line[head] for page_head, head in COLUMNS.items() if head in line}
        figures = {k: Decimal(str(v)) if isinstance(v, float) else v for k, v in figures.items()}
        state = line.get("Tình trạng")
        reported = (line["Đã báo cáo"], line["Phải báo cáo"]) if "Phải báo cáo" in line else state and _state(state)
        rows.append({**figures, "Đã báo cáo": reported})
        if until == cells[1]:
            return rows
    raise AssertionError(f"{until} is not in the sheet")


def missing(book):
    """The names between the two groups of the sheet."""
    names = [cell.value for cell in book["Chưa báo cáo và trễ hạn"]["B"][FIRST_LINE - 1 :]]
    return names[: next(position for position, name in enumerate(names) if name.startswith("Trễ hạn"))]


def _state(text):
    """ "2/3", or the mark of one unit: (reported, owed)."""
    if "/" in text:
        reported, owed = text.split("!")[0].split("/")
        return int(reported), int(owed)
    states = {"Đúng hạn": (1, 1), "Trễ hạn": (1, 1), "Chưa báo cáo": (0, 1), "Chưa đến hạn": (0, 1)}
    return states[text.strip("✓!–… \n")]


def _figure(text):
    text = text.strip()
    if text == "–":
        return None
    if text.endswith("%"):
        return Decimal(text[:-1].replace(",", ".")) / 100
    return int(text.replace(".", ""))
