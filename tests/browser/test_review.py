"""The rest of the day, as four people: a missing, a late and a wrong report; entry on behalf; the day confirmed."""

import re

import pytest
from playwright.sync_api import expect

from reporting import acts
from reporting.models import SignOff

from ..factories import DAY, at, make_report
from .inspection import inspect
from .steps import DAY_BEFORE, REVIEW_PATH, follow, send, sign_in, with_history

SCREEN = "desk"


@pytest.mark.matrix  # slow: visits many pages
def test_wrong_figure_is_returned_by_one_act_at_a_time(cast, open_browser, set_clock):
    with_history(cast)
    make_report(cast.commune, installs=188, by=cast.officer, arrived_at=at("2020-08-21 16:40"))
    set_clock("2020-08-21 17:10:00")
    district = open_browser()
    sign_in(district, cast.district_clerk, to=REVIEW_PATH)
    row = district.locator("#unit-11416")
    follow(row.get_by_role("link", name="Xử lý"))
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
    expect(district.get_by_role("heading", name="Cần kiểm tra")).to_be_visible()


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
    expect(district.get_by_role("row", name="Phường Đằng Hải").first).to_contain_text("90")
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

    sign_in(city, cast.city_clerk, to="/units/31/?state=result")
    expect(city.locator("tr[data-code='306'] .signed")).to_have_text(re.compile(r"✓ 17h1\d"))
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
