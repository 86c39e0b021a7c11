"""A clerk downloads the template, fills it in with Excel, uploads it, checks the preview, and records it."""

from datetime import timedelta

import pytest
from playwright.sync_api import expect

from reporting.models import Report

from .. import sheets
from ..factories import DAY, make_report
from .inspection import inspect
from .steps import follow, send, sign_in

SCREEN = "desk"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
BEFORE = DAY - timedelta(days=1)


def choose(page, data, name="bao-cao.xlsx"):
    page.get_by_label("Tệp (.xlsx hoặc .csv)").set_input_files({"name": name, "mimeType": XLSX, "buffer": data})


@pytest.mark.matrix  # slow: visits many pages
def test_district_imports_from_its_template(cast, page):
    make_report(cast.commune, BEFORE, 9, opening=100)
    sign_in(page, cast.district_clerk)
    page.get_by_text("Menu", exact=True).click()
    follow(page.get_by_role("link", name="Nhập từ Excel"))
    inspect(page)
    follow(page.get_by_role("link", name="Báo cáo những ngày trước"))
    inspect(page)
    with page.expect_download() as download:
        page.get_by_role("link", name="Tải biểu mẫu").click()
    template = download.value.path().read_bytes()

    choose(page, sheets.filled(template, {"E5": 40, "G5": "1.234", "F5": "năm", "G6": 10}))
    page.get_by_label("Lý do").fill("Báo cáo giấy")
    assert send(page, "Xem trước").status == 200
    inspect(page)
    expect(page.get_by_text("“năm” không phải số nguyên.")).to_be_visible()
    expect(page.get_by_role("button", name="GHI", exact=False)).to_have_count(0)

    follow(page.get_by_role("link", name="Gửi tệp khác"))
    choose(page, sheets.filled(template, {"E5": 40, "G5": "1.234", "F5": 5, "G6": 10}))
    page.get_by_label("Lý do").fill("Báo cáo giấy")
    send(page, "Xem trước")
    inspect(page)
    expect(page.locator("table.imported tbody tr")).to_have_count(1)  # questions are shown first
    expect(page.get_by_text("1.234 gần bằng hoặc lớn hơn lũy kế đã có (40)")).to_be_visible()
    follow(page.get_by_role("link", name="Mới (3)"))
    inspect(page)
    assert send(page, "GHI 4 SỐ LIỆU").status == 422
    inspect(page)
    page.get_by_label("Đã kiểm tra, số liệu đúng").check()
    page.get_by_label("Giải trình").fill("Đã gọi phường")
    page.get_by_label("Ghi đè 1 số liệu đã có").check()
    send(page, "GHI 4 SỐ LIỆU")
    expect(page.get_by_role("status")).to_have_text("Đã ghi: 4 số liệu.")
    found = Report.objects.filter(day__gte=BEFORE).order_by("unit__code", "day")
    assert list(found.values_list("unit__code", "installs", "cumulative")) == [
        ("11407", 1234, 1274),
        ("11407", 5, 1279),
        ("11416", 10, 110),
    ]
    inspect(page)


@pytest.mark.matrix  # slow: visits many pages
def test_clerk_says_what_an_office_file_is_and_undoes_it(cast, page):
    make_report(cast.commune, BEFORE, 9, opening=100)
    make_report(cast.neighbour, BEFORE, 9, opening=100)
    rows = [["BÁO CÁO BLUEZONE NGÀY 21/08/2020"], ["TT", "Phường", "Cài mới", "Máy chủ"]]
    rows += [[1, "Đằng Hải", 5, 3], [2, "Cát Bi", 7, 4], ["", "Tổng cộng", 12, 7]]
    sign_in(page, cast.district_clerk)
    page.goto(page.url.partition("/units/")[0] + "/imports/reports/")
    choose(page, sheets.workbook(*rows))
    page.get_by_label("Lý do").fill("Báo cáo giấy")
    send(page, "Xem trước")
    inspect(page)
    assert send(page, "Xem trước").status == 422
    inspect(page)
    page.get_by_label("21/08/2020 (A1)").check()
    page.get_by_label("Cột D").select_option("-")
    send(page, "Xem trước")
    inspect(page)
    send(page, "GHI 2 SỐ LIỆU")
    expect(page.get_by_role("status")).to_have_text("Đã ghi: 2 số liệu.")
    inspect(page)
    follow(page.get_by_role("link", name="Hoàn tác tệp này"))
    inspect(page)
    page.get_by_label("Lý do hoàn tác").fill("Nhầm ngày")
    send(page, "HOÀN TÁC TỆP NÀY")
    assert Report.objects.filter(day=DAY, installs__isnull=False).count() == 0
    inspect(page)
