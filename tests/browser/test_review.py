"""The rest of the day, as four people: a missing, a late and a wrong report; entry on behalf; the day confirmed."""

import re

import pytest
from playwright.sync_api import expect

from reporting import acts
from reporting.models import Report, SignOff

from ..factories import DAY, at, make_report
from ..views.visits import status_of
from .inspection import inspect
from .steps import BOARD_PATH, DAY_BEFORE, REVIEW_PATH, follow, open_more, send, sign_in, with_history

SCREEN = "desk"


@pytest.mark.matrix  # slow: visits many pages
def test_late_report_waits_and_counts_as_late_when_taken_in(cast, open_browser, set_clock):
    with_history(cast)
    officer, district = open_browser(), open_browser()
    set_clock("2020-08-21 16:59:00")
    sign_in(officer, cast.officer)
    officer.get_by_label("Số máy cài mới").fill("88")
    open_more(officer)
    officer.get_by_label("Số hộ mới đến vận động").fill("46")
    set_clock("2020-08-21 17:05:00")
    assert send(officer).status == 422
    inspect(officer)
    assert send(officer, "GỬI BÁO CÁO TRỄ HẠN").status == 422  # a reason is required
    expect(officer.locator(".summary")).to_be_focused()
    expect(officer.locator(".choices .error")).to_have_text("Chọn một lý do.")
    expect(officer.get_by_label("Số máy cài mới")).to_have_value("88")
    inspect(officer)

    officer.get_by_label("Mất điện, mất mạng").check()
    assert send(officer, "GỬI BÁO CÁO TRỄ HẠN").status == 200
    waiting = officer.locator(".notice-waiting")
    expect(waiting).to_contain_text("Ngày 21/08/2020: chờ tiếp nhận")
    expect(waiting).to_contain_text("88 máy, số hộ mới đến vận động: 46")
    expect(officer.locator(".state-line")).to_contain_text("Chờ tiếp nhận")
    assert not Report.objects.filter(unit=cast.commune, day=DAY).exists()
    inspect(officer)

    send(officer, "Rút lại")  # once withdrawn, the figures are in the form again
    expect(officer.get_by_label("Số máy cài mới")).to_have_value("88")
    inspect(officer)
    officer.get_by_label("Khác").check()
    officer.get_by_label("Nêu cụ thể").fill("Chờ tổ dân phố số 4")
    send(officer, "GỬI BÁO CÁO TRỄ HẠN")

    set_clock("2020-08-21 17:10:00")
    sign_in(district, cast.district_clerk)
    district.get_by_role("link", name="Việc cần xử lý").first.click()
    inspect(district)
    follow(district.get_by_role("link", name="Phường Đằng Hải, 21/08/2020"))
    request = district.locator("#request-11416")
    expect(request).to_contain_text("Chờ tổ dân phố số 4")
    expect(request.get_by_role("row", name="Lũy kế")).to_have_text(re.compile(r"3\.412\s*3\.500"))
    inspect(district)
    request.get_by_label("Ý kiến").fill("Đã gọi điện")
    send(district, "Tiếp nhận")
    expect(district.locator(".notice")).to_have_text("Đã tiếp nhận: Phường Đằng Hải.")
    expect(district.locator("#unit-11416 .status").first).to_have_text("! Trễ hạn")
    expect(district.locator("#requests")).to_have_count(0)
    inspect(district)

    report = Report.objects.get(unit=cast.commune, day=DAY)
    assert (report.installs, report.received_at < at("2020-08-21 17:06")) == (88, True)
    assert status_of(cast.commune) == "late"


@pytest.mark.matrix  # slow: visits many pages
def test_wrong_figure_is_returned_by_one_act_at_a_time(cast, open_browser, set_clock):
    with_history(cast)
    make_report(cast.commune, installs=188, by=cast.officer, arrived_at=at("2020-08-21 16:40"))
    set_clock("2020-08-21 17:10:00")
    district = open_browser()
    sign_in(district, cast.district_clerk, to=REVIEW_PATH)
    row = district.locator("#unit-11416")
    row.locator("summary").first.click()
    row.locator("summary").get_by_text("Trả lại").click()
    inspect(district)
    row.locator("summary").get_by_text("Hủy báo cáo nhập nhầm").click()
    expect(row.get_by_role("button", name="Trả lại")).to_be_hidden()  # one act at a time
    row.locator("summary").get_by_text("Trả lại").click()
    assert follow(row.get_by_role("button", name="Trả lại")).status == 422
    expect(district.locator(".summary")).to_be_focused()
    expect(row.locator(".error")).to_have_text("Phải ghi lý do.")
    inspect(district)
    row.get_by_label("Nội dung cần sửa").fill("Tổ 5 báo 8, không phải 108")
    follow(row.get_by_role("button", name="Trả lại"))
    expect(row).to_contain_text("chờ sửa đến 19h00 ngày 21/08/2020")
    expect(row.locator("[data-label='Mới']")).to_have_text("188")  # it still counts
    inspect(district)
    expect(district.get_by_role("heading", name="Cần xử lý (2)")).to_be_visible()


@pytest.mark.matrix  # slow: visits many pages
def test_silent_commune_is_reminded_and_entered_by_keyboard(cast, open_browser, set_clock):
    with_history(cast)
    make_report(cast.neighbour, DAY_BEFORE, installs=7, opening=1000)
    make_report(cast.commune, installs=88, by=cast.officer)
    set_clock("2020-08-21 16:30:00")
    neighbour, district, city = open_browser(), open_browser(), open_browser()
    sign_in(district, cast.district_clerk, to=BOARD_PATH)
    expect(district.locator("#board-counts")).to_contain_text("1/2 đã báo cáo")
    expect(district.locator(".board-rows > li")).to_have_count(1)
    inspect(district)
    expect(district.locator("#reminder-words")).to_have_value(re.compile(r"^16h30 ngày 21/08: còn 1/2 .*Cát Bi.*17h00"))
    inspect(district)
    send(district, "Nhắc Phường Cát Bi")
    expect(district.locator("main > .notice")).to_have_text("Đã nhắc 1 đơn vị.")
    expect(district.locator("#row-11407")).to_contain_text("đã nhắc 1 lần")
    follow(district.get_by_role("link", name="Đã nhắc (1)"))
    inspect(district)

    sign_in(neighbour, cast.neighbour_officer)
    expect(neighbour.locator(".notices")).to_contain_text("Nhắc lúc 16h30")
    inspect(neighbour)
    sign_in(city, cast.city_clerk, to=f"/units/31/board/{DAY}/")
    inspect(city)
    city.get_by_label("Thuộc").select_option("Quận Hải An (1)")
    follow(city.get_by_role("button", name="Lọc"))
    expect(city.locator(".board-rows > li")).to_have_count(1)
    expect(city.locator("#row-11407")).to_be_visible()
    inspect(city)

    follow(district.get_by_role("link", name="Nhập thay"))
    inspect(district)
    cells = district.locator("input[data-column='installs']")
    cells.first.click()
    cells.first.press_sequentially("12")
    expect(cells.nth(1)).to_be_hidden()  # reported units are shown on request
    expect(district.locator("#changed")).to_have_text("Số dòng thay đổi: 1")
    inspect(district)
    district.keyboard.press("Enter")
    expect(district.get_by_role("button", name="LƯU")).to_be_focused()
    expect(district.locator("#row-11407")).to_contain_text(re.compile(r"đã lưu 16:3\d:\d\d"))
    expect(district.locator("#said")).to_have_text("Đã lưu 1 đơn vị: Phường Cát Bi. Tất cả đơn vị đã báo cáo.")
    inspect(district)
    district.get_by_label("Hiện cả 1 đơn vị đã gửi").check()
    cells.first.focus()
    district.keyboard.press("Enter")
    expect(cells.nth(1)).to_be_focused()
    district.keyboard.press("Shift+Enter")
    expect(cells.first).to_be_focused()
    district.goto(BOARD_PATH)
    expect(district.locator("#board-counts")).to_contain_text(re.compile(r"Đã đủ lúc 16h3\d"))
    inspect(district)
    neighbour.goto("/")
    expect(neighbour.locator(".notices")).to_contain_text("Ngày 21/08/2020: nhập thay")
    inspect(neighbour)
    report = Report.objects.get(unit=cast.neighbour, day=DAY)
    assert (report.installs, status_of(cast.neighbour), report.cumulative) == (12, "on_time", 1019)


def test_day_is_confirmed_with_one_missing_and_the_confirmation_withdrawn(cast, open_browser, set_clock):
    with_history(cast)
    make_report(cast.neighbour, DAY_BEFORE, installs=7, opening=1000)
    make_report(cast.commune, installs=88, by=cast.officer)
    set_clock("2020-08-21 16:50:00")
    district, city = open_browser(), open_browser()
    sign_in(district, cast.district_clerk, to=REVIEW_PATH)
    confirm = district.locator(".confirm")
    expect(confirm).to_contain_text("Trước hạn chỉ xác nhận được khi tất cả đơn vị đã báo cáo.")
    inspect(district)
    set_clock("2020-08-21 17:12:00")
    district.goto("/inbox/")
    inspect(district)
    follow(district.get_by_role("link", name="Thứ Sáu 21/08/2020"))

    # Somebody corrects a figure while the page is open: a figure that nobody saw is not confirmed.
    correct(cast.commune, installs=90, base_version=1, by=cast.city_clerk)
    confirm.get_by_label("Lý do").fill("Cát Bi mất điện")
    assert send(district, "Xác nhận số liệu ngày").status == 409
    expect(district.locator(".summary")).to_be_focused()
    difference = district.get_by_role("row", name="Phường Đằng Hải").first
    expect(difference).to_have_text(re.compile(r"88\s*90"))
    inspect(district)
    confirm.get_by_label("Lý do").fill("")
    assert send(district, "Xác nhận số liệu ngày").status == 422
    inspect(district)
    confirm.get_by_label("Lý do").fill("Cát Bi mất điện, không liên lạc được")
    assert send(district, "Xác nhận số liệu ngày").status == 200
    expect(district.locator(".notice p:first-child")).to_have_text("Đã xác nhận số liệu ngày.")
    expect(district.locator(".notice").get_by_role("button", name="Hoàn tác")).to_be_visible()
    expect(confirm).to_contain_text("Cát Bi mất điện, không liên lạc được")
    inspect(district)

    sign_in(city, cast.city_clerk)
    expect(city.locator("tr[data-code='306'] .signed")).to_have_text(re.compile(r"✓ 17h1\d"))
    expect(city.locator("#card-confirmation")).to_contain_text("1/2")
    inspect(city)
    city.get_by_role("link", name="Việc cần xử lý").first.click()
    expect(city.locator(".to-do li")).to_have_text([re.compile(r"^\s*Huyện Thuỷ Nguyên")])
    inspect(city)

    confirm.get_by_text("Rút xác nhận").first.click()
    inspect(district)
    confirm.get_by_label("Lý do").fill("Cát Bi vừa báo")
    follow(confirm.get_by_role("button", name="Rút xác nhận"))
    expect(confirm.locator(".records")).to_contain_text("Cát Bi vừa báo")
    inspect(district)
    district.get_by_role("link", name="Việc cần xử lý").first.click()
    expect(district.locator(".to-do")).to_contain_text("xác nhận đã rút")
    inspect(district)
    sign_off = SignOff.objects.get(unit=cast.district)
    assert (sign_off.cumulative, sign_off.withdrawal_reason) == (4509, "Cát Bi vừa báo")


def correct(unit, **act):
    acts.enter(unit=unit, day=DAY, reason="Đối chiếu", at=at("2020-08-21 17:13"), **act)
