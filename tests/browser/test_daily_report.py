"""The day of a commune's officer: reads her position, types a figure, gets a receipt."""

import re

import pytest
from playwright.sync_api import expect

from ..factories import DAY, make_report
from .inspection import inspect
from .steps import REPORT_PATH, follow, open_more, send, sign_in, sign_in_by_hand, wait_for_form, with_history


def test_commune_reports_and_district_and_city_see_it(cast, page, open_browser, screen):
    with_history(cast)
    make_report(cast.neighbour, installs=12, opening=1000)

    page.goto("/")
    inspect(page)
    sign_in_by_hand(page, cast.officer)
    expect(page.get_by_role("heading", name="Phường Đằng Hải")).to_be_visible()
    expect(page.locator(".state-line")).to_contain_text("Chưa đến hạn")
    expect(page.locator(".countdown")).to_have_text(re.compile("^còn 1 giờ 2[0-4] phút$"))
    inspect(page)

    page.get_by_label("Số máy cài mới").press_sequentially("88")
    expect(page.locator(".outcome")).to_have_text("lũy kế 3.412 → 3.500 · 17,27% → 17,72%")
    open_more(page)
    page.get_by_label("Số hộ mới đến vận động").fill("46")
    inspect(page)

    assert send(page).status == 200
    receipt = page.locator(".receipt")
    expect(receipt).to_contain_text("3.500")
    box = receipt.bounding_box()
    assert box["y"] + box["height"] <= 740, "the receipt is longer than a phone's screen"
    inspect(page)

    district = open_browser()
    sign_in(district, cast.district_clerk, to="/units/306/?state=result")
    expect(district.locator("tr[data-code='11416']")).to_contain_text("17,72%")
    inspect(district)
    city = open_browser()
    sign_in(city, cast.city_clerk, to="/units/31/?state=result")
    expect(city.locator("tr[data-code='306']")).to_contain_text("13,23%")
    inspect(city)
    follow(city.get_by_role("link", name="Hải An", exact=True).first)
    follow(city.get_by_role("link", name="Kết quả", exact=True))
    expect(city.locator("tr[data-code='11416']")).to_contain_text("17,72%")
    follow(city.get_by_role("link", name="Đằng Hải", exact=True).first)
    expect(city.locator(".state-line")).to_contain_text("Đúng hạn")
    expect(city.locator("form.report")).to_have_count(0)
    inspect(city)


def test_send_button_is_above_the_keyboard_of_a_small_phone(cast, open_browser):
    """Of 640 pixels the keyboard takes about 280."""
    with_history(cast)
    page = open_browser(screen={"width": 360, "height": 640})
    for path in ("/", REPORT_PATH):
        sign_in(page, cast.officer, to=path)
        page.get_by_label("Số máy cài mới").fill("88")
        box = page.get_by_role("button", name="GỬI BÁO CÁO").bounding_box()
        assert box["y"] + box["height"] <= 360


def test_countdown_runs_to_the_hour(cast, open_browser, set_clock):
    with_history(cast)
    page = open_browser(own=True)
    page.clock.install()
    set_clock("2020-08-21 15:35:01")
    sign_in(page, cast.officer)
    wait_for_form(page)
    countdown = page.locator(".countdown")
    expect(countdown).to_have_text("còn 1 giờ 24 phút")
    page.clock.fast_forward("01:00")
    expect(countdown).to_have_text("còn 1 giờ 23 phút")
    set_clock("2020-08-21 16:56:30")  # at five minutes before the hour, and at the hour, the page asks the server
    page.clock.fast_forward("01:20:00")
    expect(countdown).to_have_text(re.compile(r"còn 3 phút \d+ giây"))
    set_clock("2020-08-21 17:00:20")
    page.clock.fast_forward("03:30")
    expect(page.get_by_role("link", name="Gửi báo cáo trễ hạn")).to_be_visible()  # nothing was typed: loaded anew
    inspect(page)


def test_form_works_without_script(cast, open_browser):
    with_history(cast)
    page = open_browser(java_script_enabled=False)
    sign_in(page, cast.officer)
    expect(page.locator(".countdown")).to_have_text(re.compile("^còn 1 giờ 2[0-4] phút$"))
    page.get_by_label("Số máy cài mới").fill("1,5")
    assert send(page).status == 422
    expect(page.locator(".summary")).to_be_focused()
    page.get_by_label("Số máy cài mới").fill("88")
    assert send(page).status == 200
    expect(page.locator(".receipt")).to_contain_text("3.500")


def test_figure_of_a_send_that_failed_without_script_is_there_after_going_back(cast, open_browser):
    page = open_browser(java_script_enabled=False)
    sign_in(page, cast.officer, to="/units/11416/")
    page.get_by_label("Số máy cài mới").fill("88")
    page.route("**/report/**", lambda route: route.abort())
    page.get_by_role("button", name="GỬI BÁO CÁO").click()
    page.wait_for_url("chrome-error://**")
    page.go_back()
    expect(page.get_by_label("Số máy cài mới")).to_have_value("88")


@pytest.mark.matrix  # similar ones are in every run
def test_agency_reports_its_total_first(cast, page):
    make_report(cast.agency, DAY.replace(day=20), installs=40, opening=3000)
    sign_in(page, cast.focal_person)
    labels = page.locator("form.report label")
    expect(labels).to_have_text(
        ["Số người đã cài đến nay (lũy kế) (bắt buộc)", "Số người cài mới trong ngày", "Khó khăn, vướng mắc"]
    )
    expect(labels.nth(1)).to_be_hidden()
    page.get_by_label("Số người đã cài đến nay (lũy kế)").fill("3100")
    expect(page.locator(".outcome")).to_have_text("lũy kế 3.040 → 3.100 · 40,97% → 41,77%")
    inspect(page)
    open_more(page)
    inspect(page)
    send(page)
    expect(page.locator(".receipt")).to_contain_text("3.100")
    inspect(page)


def test_number_that_is_corrected_is_asked_about_no_more(cast, page):
    with_history(cast)
    sign_in(page, cast.officer)
    page.get_by_label("Số máy cài mới").fill("2.800")
    assert send(page).status == 422
    expect(page.locator(".question")).to_be_focused()
    inspect(page)
    page.locator("[name=confirm]").check()
    page.get_by_label("Số máy cài mới").fill("28")
    expect(page.locator("[name=confirm]")).not_to_be_checked()
    assert send(page).status == 200
    expect(page.locator(".receipt")).to_contain_text("3.440")
