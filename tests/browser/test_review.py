"""The rest of the day, as four people: the silent, the late, the wrong; entry on behalf; the day confirmed."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from reporting import acts, demo
from reporting.imports.kinds.units import import_units
from reporting.models import LateRequest, Report, Revision, SignOff, Unit

from ..factories import (
    DAY,
    RECORDED_AT,
    at,
    make_directive,
    make_late_request,
    make_reminder,
    make_reopening,
    make_report,
    make_user,
)
from ..views.visits import status_of
from .inspection import inspect
from .steps import (
    BOARD_PATH,
    DAY_BEFORE,
    ENTRY_PATH,
    REVIEW_PATH,
    follow,
    open_more,
    paste,
    send,
    sign_in,
    with_history,
)

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

WHOLE_NUMBER = "Chỉ nhập số nguyên bằng chữ số, ví dụ 1234 hoặc 1.234."
OLD_SPELLING = {"Thuỷ": "Thủy", "Hoà": "Hòa", "Hoá": "Hóa"}


@pytest.mark.matrix  # a walk of many pages
def test_late_report_waits_and_counts_as_late_when_taken_in(cast, open_browser, set_clock):
    with_history(cast)
    officer, district, city = open_browser(), open_browser(), open_browser()
    set_clock("2020-08-21 16:59:00")
    sign_in(officer, cast.officer)
    officer.get_by_label("Số máy cài mới").fill("88")
    open_more(officer)
    officer.get_by_label("Số hộ mới đến vận động").fill("46")
    set_clock("2020-08-21 17:05:00")
    assert send(officer).status == 422
    inspect(officer)
    assert send(officer, "GỬI BÁO CÁO TRỄ HẠN").status == 422  # the reason is owed
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

    send(officer, "Rút lại")  # taken back, the figures are in the form again
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

    officer.goto("/")
    expect(officer.locator(".state-line")).to_contain_text("Trễ hạn")
    expect(officer.locator(".notices")).to_contain_text("Ngày 21/08/2020: đã tiếp nhận")
    expect(officer.locator(".notices")).to_contain_text("Ý kiến: Đã gọi điện")
    expect(officer.locator(".own-line")).to_contain_text("3.500 / 19.748")
    inspect(officer)
    officer.get_by_role("link", name="Phiếu tiếp nhận").first.click()
    inspect(officer)
    sign_in(city, cast.city_clerk)
    row = city.locator("tr[data-code='306']")
    expect(row.locator("[data-label='Đã báo cáo']")).to_have_text(re.compile(r"1/2\s*! 1 trễ"))
    inspect(city)
    report = Report.objects.get(unit=cast.commune, day=DAY)
    assert (report.installs, report.received_at < at("2020-08-21 17:06")) == (88, True)
    assert status_of(cast.commune) == "late"


@pytest.mark.matrix  # a walk of many pages
def test_request_that_is_not_taken_in_comes_back_with_the_remark(cast, open_browser, set_clock):
    with_history(cast)
    make_late_request(cast.commune, cast.officer)
    make_late_request(cast.neighbour, cast.neighbour_officer, opening=500, installs=7)
    set_clock("2020-08-21 17:10:00")
    officer, district = open_browser(), open_browser()
    sign_in(district, cast.district_clerk, to=REVIEW_PATH)
    expect(district.get_by_role("button", name="Tiếp nhận tất cả (2)")).to_be_visible()
    request = district.locator("#request-11416")
    request.get_by_label("Ý kiến").fill("Số này của ngày 20/08")
    follow(request.get_by_role("button", name="Không tiếp nhận"))
    expect(district.locator("#unit-11416 .status").first).to_have_text("– Chưa báo cáo")
    inspect(district)

    sign_in(officer, cast.officer)
    expect(officer.locator(".notice-warning")).to_contain_text("Ngày 21/08/2020: không tiếp nhận")
    expect(officer.locator(".notice-warning")).to_contain_text("Ý kiến: Số này của ngày 20/08")
    inspect(officer)
    assert not Report.objects.filter(unit=cast.commune, day=DAY).exists()


@pytest.mark.matrix  # a walk of many pages
def test_wrong_figure_is_returned_and_corrected(cast, open_browser, set_clock):
    with_history(cast)
    make_report(cast.commune, installs=188, by=cast.officer, arrived_at=at("2020-08-21 16:40"))
    set_clock("2020-08-21 17:10:00")
    officer, neighbour, district = open_browser(), open_browser(), open_browser()
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
    expect(row.locator("[data-label='Mới']")).to_have_text("188")  # it goes on counting
    inspect(district)
    expect(district.get_by_role("heading", name="Cần xử lý (2)")).to_be_visible()

    sign_in(officer, cast.officer)
    expect(officer.locator(".notices")).to_contain_text("Tổ 5 báo 8, không phải 108")
    inspect(officer)
    officer.get_by_role("link", name="Việc cần xử lý").first.click()
    expect(officer.locator(".head-count")).to_have_text("1")
    inspect(officer)
    follow(officer.get_by_role("link", name="Sửa báo cáo"))
    expect(officer.locator(".notices")).to_contain_text("Tổ 5 báo 8, không phải 108")
    inspect(officer)
    officer.get_by_label("Số máy cài mới").fill("88")
    send(officer, "GỬI LẠI BÁO CÁO")
    expect(officer.locator(".receipt")).to_contain_text("Đúng hạn")  # as it was: the first report came in time
    history = officer.locator(".history li")
    expect(history).to_have_count(2)
    expect(history.first).to_contain_text("88 máy (lũy kế -100)")
    inspect(officer)

    sign_in(neighbour, cast.neighbour_officer)
    assert neighbour.goto(f"/units/11416/reports/{DAY}/").status == 404
    inspect(neighbour)
    district.goto(REVIEW_PATH)
    expect(district.locator(".usual #unit-11416")).to_be_visible()  # nothing to check any more
    expect(row.locator("[data-label='Mới']")).to_have_text("88")
    expect(row).not_to_contain_text("chờ sửa")
    inspect(district)


@pytest.mark.matrix  # a walk of many pages
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
    expect(cells.nth(1)).to_be_hidden()  # who has sent is shown where it is asked for
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


@pytest.mark.matrix  # a walk of many pages
def test_row_pasted_wrongly_is_taken_back(cast, open_browser, set_clock):
    with_history(cast)
    make_report(cast.neighbour, DAY_BEFORE, installs=7, opening=1000)
    set_clock("2020-08-21 16:40:00")
    officer, district = open_browser(), open_browser()
    sign_in(district, cast.district_clerk, to=ENTRY_PATH)
    cells = district.locator("input[data-column='installs']")
    paste(cells.first, "Cát Bi\t12\r\nĐằng Hải\t12\r\nHải Thành\t9\r\n")
    pasted = district.locator("#paste-report")
    expect(pasted).to_be_focused()
    expect(pasted.locator("li")).to_have_text(
        ["Phường Cát Bi: – → 12", "Phường Đằng Hải: – → 12", "Không có đơn vị này trong địa bàn: “Hải Thành 9”"]
    )
    inspect(district)
    district.get_by_role("button", name="Bỏ các số vừa dán").click()
    expect(cells.first).to_have_value("")
    paste(cells.first, "12\n12")
    send(district, "LƯU")
    expect(district.locator(".notice").first).to_have_text(
        "Đã lưu 2 đơn vị: Phường Cát Bi, Phường Đằng Hải. Tất cả đơn vị đã báo cáo."
    )

    district.goto(REVIEW_PATH)
    row = district.locator("#unit-11416")
    row.locator("summary").first.click()
    row.locator("summary").get_by_text("Hủy báo cáo nhập nhầm").click()
    void = row.locator("form[action$='void/']")
    void.get_by_label("Lý do").fill("Dán nhầm số của Cát Bi")
    follow(void.get_by_role("button"))
    expect(district.locator(".notice")).to_have_text("Đã hủy báo cáo nhập nhầm của Phường Đằng Hải.")
    expect(row.locator(".status").first).to_have_text("… Chưa đến hạn")
    inspect(district)

    sign_in(officer, cast.officer)
    expect(officer.locator(".state-line")).to_contain_text("Chưa báo cáo")
    expect(officer.locator(".notices")).to_contain_text("hủy báo cáo nhập nhầm")
    expect(officer.locator(".notices")).to_contain_text("Dán nhầm số của Cát Bi")
    inspect(officer)
    officer.get_by_label("Số máy cài mới").fill("88")
    send(officer, "GỬI LẠI BÁO CÁO")
    expect(officer.locator(".receipt")).to_contain_text("3.500")
    inspect(officer)
    kinds = Revision.objects.filter(report__unit=cast.commune, report__day=DAY).values_list("kind", flat=True)
    assert list(kinds) == ["on_behalf", "void", "own"]


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

    # Somebody corrects a figure while the page is open: nobody confirms what he has not seen.
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


@pytest.mark.matrix  # a walk of many pages
def test_power_cut_moves_the_hour_and_the_waiting_become_on_time(cast, open_browser, set_clock):
    with_history(cast)
    officer, neighbour, city = open_browser(), open_browser(), open_browser()
    set_clock("2020-08-21 17:05:00")
    sign_in(officer, cast.officer)
    follow(officer.locator(".closed a.button"))
    officer.get_by_label("Số máy cài mới").fill("88")
    officer.get_by_label("Mất điện, mất mạng").check()
    inspect(officer)
    send(officer, "GỬI BÁO CÁO TRỄ HẠN")
    set_clock("2020-08-21 17:20:00")
    sign_in(city, cast.city_clerk)
    city.locator(".menu summary").click()
    follow(city.get_by_role("link", name="Thiết lập").first)
    inspect(city)
    city.locator("#extension > summary").click()
    form = city.locator("form[action$='/extension/']")
    form.get_by_label("Đơn vị và các đơn vị trực thuộc").select_option(value=str(cast.district.pk))
    form.get_by_label(re.compile(r"^\s*Ngày")).fill("21/08/2020")
    form.get_by_label("Gia hạn đến").fill("16:00")
    form.get_by_label("Lý do").fill("Mất điện")
    assert follow(form.get_by_role("button")).status == 422
    expect(city.locator(".summary")).to_be_focused()
    inspect(city)
    form.get_by_label("Gia hạn đến").fill("18:00")
    follow(form.get_by_role("button"))
    expect(form.locator(".plan")).to_contain_text("Cho Quận Hải An, Thành phố Hải Phòng và các đơn vị trực thuộc.")
    follow(form.locator(".plan button"))
    expect(city.locator(".notice p:first-child")).to_have_text(
        "Đã ghi nhận. Thu hồi được từ 18h00 ngày 21/08/2020, khi không còn đơn vị nào được gửi theo mục này."
    )
    expect(city.locator(".records").first).to_have_text("Quận Hải An, 21/08/2020: đến 18h00 (Mất điện) · Thu hồi")
    inspect(city)

    officer.goto("/")
    expect(officer.locator(".state-line")).to_contain_text("Đúng hạn")
    expect(officer.locator(".state-line")).to_contain_text("Gia hạn đến 18h00 (Mất điện)")
    inspect(officer)
    sign_in(neighbour, cast.neighbour_officer)
    expect(neighbour.locator(".state-line")).to_contain_text("Gia hạn đến 18h00 (Mất điện)")
    inspect(neighbour)
    set_clock("2020-08-21 17:45:00")
    neighbour.get_by_label("Số máy đã cài trước ngày 06/08/2020").fill("1000")
    neighbour.get_by_label("Số máy cài mới").fill("7")
    send(neighbour)
    expect(neighbour.locator(".receipt")).to_contain_text("Đúng hạn")
    inspect(neighbour)
    reported = Unit.objects.filter(reports__day=DAY)
    assert {status_of(unit) for unit in reported} == {"on_time"}
    assert not LateRequest.objects.waiting().exists()


@pytest.mark.matrix  # a walk of many pages
def test_difficulties_are_passed_up_and_seen_by_the_city(cast, open_browser, set_clock):
    with_history(cast)
    make_report(cast.commune, installs=88, by=cast.officer, note="Nhiều hộ không có điện thoại thông minh")
    make_report(cast.neighbour, installs=7, opening=1000, note="Mạng yếu ở tổ 9")
    set_clock("2020-08-21 16:50:00")
    district, city = open_browser(), open_browser()
    sign_in(district, cast.district_clerk, to=REVIEW_PATH)
    send(district, "Chuyển mục đã chọn lên thành phố")
    inspect(district)
    district.get_by_label("Nhiều hộ không có điện thoại thông minh").check()
    send(district, "Chuyển mục đã chọn lên thành phố")
    expect(district.locator("#said-11416 .status")).to_have_text(re.compile(r"✓\s+đã chuyển lên thành phố lúc 16h5\d"))
    inspect(district)

    sign_in(city, cast.city_clerk)
    said = city.locator("#said")
    said.locator("summary").click()
    expect(said.locator("li")).to_have_count(1)
    expect(said).to_contain_text("Nhiều hộ không có điện thoại thông minh")
    expect(said.get_by_role("heading", level=3)).to_have_text("Quận Hải An")
    inspect(city)
    follow(city.get_by_role("link", name="Duyệt", exact=True))  # of those right below the city: the island and agencies
    expect(city.locator(".review-table tbody tr[data-code]")).to_have_count(2)
    city.locator("#unit-SYT summary").first.click()
    inspect(city)


@pytest.mark.matrix  # a walk of many pages
def test_inbox_of_each(cast, open_browser, set_clock):
    with_history(cast)
    make_report(cast.commune, installs=188, by=cast.officer)
    make_reopening(cast.commune, cast.district_clerk, is_return=True, reason="Tổ 5 báo 8")
    make_reminder(cast.neighbour, cast.district_clerk)
    make_late_request(cast.agency, cast.focal_person, opening=400)
    set_clock("2020-08-21 17:12:00")
    waiting = {}
    for person in (cast.officer, cast.neighbour_officer, cast.district_clerk, cast.city_clerk):
        page = open_browser()
        sign_in(page, person, to="/inbox/")
        inspect(page)
        waiting[person.username] = int(page.locator(".head-count").inner_text())
    assert waiting == {"11416": 1, "11407": 1, "306": 8, "31": 3}
    reader = open_browser()
    sign_in(reader, cast.leader)
    expect(reader.locator(".head-inbox")).to_have_count(0)
    officer = open_browser()
    sign_in(officer, cast.stranger_officer, to="/inbox/")
    expect(officer.locator("main .notice")).to_have_text("Không có việc nào cần xử lý.")
    inspect(officer)


@pytest.mark.matrix  # a walk of many pages
def test_missed_day_is_made_up_for(cast, page, set_clock):
    with_history(cast)
    make_report(cast.commune, DAY, installs=5, by=cast.officer)
    set_clock("2020-08-23 10:00:00")
    sign_in(page, cast.officer)  # the 22nd is missing: does the number of today hold it too?
    expect(page.get_by_role("group", name="Ngày 22/08 chưa báo cáo. Số hôm nay:")).to_be_visible()
    inspect(page)
    page.get_by_label("Số máy cài mới").fill("20")
    page.get_by_label("chỉ của hôm nay, sẽ gửi bù").check()
    send(page)
    inspect(page)
    page.goto("/")
    inspect(page)
    follow(page.locator(".make-up").first)
    inspect(page)
    page.get_by_label("Số máy cài mới").fill("9")
    page.get_by_label("Cán bộ đi cơ sở").check()
    send(page, "GỬI BÁO CÁO TRỄ HẠN")
    expect(page.locator(".notice-waiting")).to_contain_text("Ngày 22/08/2020: chờ tiếp nhận")
    inspect(page)


@pytest.mark.matrix  # a walk of many pages
def test_correction_is_asked_for(cast, page, set_clock):
    with_history(cast)
    make_report(cast.commune, installs=188, by=cast.officer)
    set_clock("2020-08-21 18:00:00")
    sign_in(page, cast.officer, to=f"/units/11416/late/{DAY}/")
    inspect(page)
    page.get_by_text("Đếm trùng trong nhiều ngày?").click()
    page.get_by_label("trừ", exact=False).first.check()
    page.get_by_label("Số trừ vào hoặc cộng vào lũy kế").fill("12")
    inspect(page)
    page.get_by_label("Đếm trùng", exact=True).check()
    send(page, "GỬI ĐỀ NGHỊ ĐIỀU CHỈNH")
    expect(page.locator(".notice-waiting")).to_contain_text("điều chỉnh lũy kế -12")
    inspect(page)


@pytest.fixture
def thuy_nguyen(db):
    """The 37 communes, each with a report of the day before; and the district's clerk."""
    import_units(Path(demo.DATA, "haiphong-2020-units.csv").read_bytes(), now=lambda: RECORDED_AT)
    make_directive()
    district = Unit.objects.get(code="311")
    communes = list(district.children.named(DAY).order_by("sort_key", "code"))
    for commune in communes:
        make_report(commune, DAY_BEFORE, installs=20, opening=300)
    return make_user("311", district), communes


@pytest.mark.matrix  # a walk of many pages
def test_grid_of_37_communes_pasted_from_excel(thuy_nguyen, page, set_clock):
    clerk, communes = thuy_nguyen
    assert len(communes) == 37
    set_clock("2020-08-21 16:30:00")
    sign_in(page, clerk, to=f"/units/311/entry/{DAY}/")
    inspect(page)
    cells = page.locator("input[data-column='installs']")
    column = [str(20 + number) for number in range(37)]
    column[4], column[11], column[30] = "1,5", "hai chục", "99.999"  # the last is more than the commune has people
    paste(cells.first, "\r\n".join(column) + "\r\n")
    expect(page.locator("#paste-report li")).to_have_count(37)
    expect(page.locator("#changed")).to_have_text("Số dòng thay đổi: 37")
    inspect(page)

    assert send(page, "LƯU").status == 422
    expect(page.get_by_role("heading", name="Đã lưu 34, còn 3 dòng có lỗi")).to_be_visible()
    expect(cells.nth(4)).to_be_focused()
    expect(cells.nth(4)).to_have_value("1,5")
    expect(page.locator(".entry-errors")).to_have_count(3)
    expect(page.locator(".entry-errors").first).to_have_text(WHOLE_NUMBER)
    expect(page.locator("tr.is-saved")).to_have_count(34)
    inspect(page)
    saved = dict(Report.objects.filter(day=DAY).values_list("unit__code", "installs"))
    good = zip(communes, column, strict=True)
    assert saved == {commune.code: int(text) for commune, text in good if re.fullmatch(r"\d+", text)}

    for place in (4, 11, 30):
        cells.nth(place).fill("21")
    page.get_by_role("button", name="LƯU").click()
    name = communes[30].full_name
    expect(page.locator("#said")).to_have_text(f"Đã lưu 1 đơn vị: {name}. Tất cả đơn vị đã báo cáo.")
    assert Report.objects.filter(day=DAY).count() == Revision.objects.filter(report__day=DAY).count() == 37


@pytest.mark.matrix
def test_grid_of_37_communes_pasted_by_names_in_old_spelling(thuy_nguyen, page, set_clock):
    clerk, communes = thuy_nguyen
    set_clock("2020-08-21 16:30:00")
    sign_in(page, clerk, to=f"/units/311/entry/{DAY}/")
    lines = []
    for number, commune in reversed(list(enumerate(communes))):
        name = commune.full_name
        for new, old in OLD_SPELLING.items():
            name = name.replace(new, old)
        lines.append((name, str(20 + number)))
    assert {name for name, _figure in lines} != {commune.full_name for commune in communes}
    lines += [("Xã Không Có", "5")]
    paste(page.locator("input[data-column='installs']").first, "\r\n".join("\t".join(line) for line in lines))
    expect(page.locator("#paste-report li.error")).to_have_text(["Không có đơn vị này trong địa bàn: “Xã Không Có 5”"])
    box = page.get_by_role("textbox", name="Dán từ Excel")
    expect(box).to_have_value("Xã Không Có\t5")
    assert send(page, "LƯU").status == 422
    expect(page.get_by_role("heading", name="Đã lưu 37, còn 1 dòng dán chưa vào bảng")).to_be_visible()
    expect(box).to_have_value("Xã Không Có\t5")
    inspect(page)
    box.fill("")
    page.get_by_role("button", name="LƯU").click()
    expect(page.locator("#said")).to_have_text("Không có gì khác với số liệu hiện có.")
    saved = dict(Report.objects.filter(day=DAY).values_list("unit__code", "installs"))
    assert saved == {commune.code: 20 + number for number, commune in enumerate(communes)}


@pytest.mark.matrix  # a walk of many pages
def test_two_columns_and_names_are_pasted_into_the_grid(thuy_nguyen, page, set_clock):
    clerk, communes = thuy_nguyen
    set_clock("2020-08-21 16:30:00")
    sign_in(page, clerk, to=f"/units/311/entry/{DAY}/")
    first = page.locator("input[data-column='installs']").first
    paste(first, "\r\n".join(f"{20 + number}\t{number}" for number in range(37)))
    expect(page.locator("#paste-report li")).to_have_count(74)
    paste(first, f"{communes[3].full_name}\t99\t98\r\n{communes[4].full_name}\t7\t8\t9")
    expect(page.locator("#paste-report li")).to_have_text(
        [
            f"{communes[3].full_name}: 23 → 99",
            f"{communes[3].full_name}, số hộ mới đến vận động: 3 → 98",
            f"Nhiều số hơn số cột cần nhập: “{communes[4].full_name} 7 8 9”",
        ]
    )
    inspect(page)
    page.get_by_role("textbox", name="Dán từ Excel").fill("")
    send(page, "LƯU")
    saved = dict(Report.objects.filter(day=DAY).values_list("installs", "households_visited"))
    assert saved == {20 + number: number for number in range(37) if number != 3} | {99: 98}


@pytest.mark.matrix  # a walk of many pages
def test_pasting_works_without_script(cast, open_browser, set_clock):
    with_history(cast)
    make_report(cast.neighbour, DAY_BEFORE, installs=7, opening=1000)
    set_clock("2020-08-21 16:30:00")
    page = open_browser(java_script_enabled=False)
    sign_in(page, cast.district_clerk, to=ENTRY_PATH)
    page.locator("#paste summary").click()
    page.get_by_role("textbox", name="Dán từ Excel").fill("11416\t88\nphuong cat bi\t12")
    send(page, "Đưa vào bảng")
    expect(page.locator("#paste-report li")).to_have_text(["Phường Cát Bi: – → 12", "Phường Đằng Hải: – → 88"])
    assert not Report.objects.filter(day=DAY).exists()
    send(page, "LƯU")
    assert dict(Report.objects.filter(day=DAY).values_list("unit__code", "installs")) == {"11416": 88, "11407": 12}


@pytest.mark.matrix  # a walk of many pages
def test_lateness_record_and_the_campaigns_page(cast, open_browser, set_clock):
    with_history(cast)
    make_report(cast.commune, installs=88, by=cast.officer)
    set_clock("2020-08-21 17:20:00")
    officer, district, city = open_browser(), open_browser(), open_browser()
    sign_in(officer, cast.officer, to="/units/11416/discipline/")
    inspect(officer)
    sign_in(district, cast.district_clerk)
    follow(district.get_by_role("link", name="Chấp hành thời hạn báo cáo"))
    inspect(district)
    district.get_by_label("Từ ngày").fill("22/08/2020")
    send(district, "Xem")
    expect(district.locator(".summary")).to_be_focused()
    inspect(district)

    sign_in(city, cast.city_clerk, to="/units/31/discipline/")
    inspect(city)
    city.goto("/campaign/")
    city.locator("#exempt > summary").click()
    exempt = city.locator("form[action$='/exempt/']")
    exempt.get_by_label(re.compile(r"^\s*Ngày")).fill("02/09/2020")
    exempt.get_by_label("Lý do").fill("Quốc khánh")
    exempt.get_by_label("Đơn vị và các đơn vị trực thuộc").select_option(value=str(cast.city.pk))
    record(exempt)
    city.locator("#downtime > summary").click()
    downtime = city.locator("form[action$='/downtime/']")
    downtime.get_by_label(re.compile(r"^\s*Ngày")).fill("21/08/2020")
    downtime.get_by_label(re.compile(r"^\s*Từ")).fill("16:30")
    downtime.get_by_label(re.compile(r"^\s*Đến")).fill("16:00")
    downtime.get_by_label("Lý do").fill("Mất điện máy chủ")
    follow(downtime.get_by_role("button"))
    expect(city.locator(".summary")).to_be_focused()
    inspect(city)
    downtime.get_by_label(re.compile(r"^\s*Đến")).fill("17:10")
    record(downtime)
    city.locator("#downtime > summary").click()
    expect(city.locator("#downtime .records")).to_contain_text("(Mất điện máy chủ)")
    city.locator("#directive > summary").click()
    expect(city.locator("#downtime .records")).to_be_hidden()  # one form at a time
    inspect(city)


def record(form):
    """What it will do is shown first; then it is done."""
    follow(form.get_by_role("button"))
    inspect(form.page)
    follow(form.locator(".plan button"))


def correct(unit, **act):
    acts.enter(unit=unit, day=DAY, reason="Đối chiếu", at=at("2020-08-21 17:13"), **act)
