"""Units are found by typing: in the header by its shortcut key, and in forms with a choice of many units."""

import pytest
from playwright.sync_api import expect

from ..factories import make_unit
from .devices import SCREENS
from .inspection import check_accessibility, inspect
from .steps import follow, sign_in


@pytest.mark.matrix  # slow: visits many pages
def test_unit_search_opens_from_any_page(cast, open_browser):
    page = open_browser(screen=SCREENS["phone"])
    sign_in(page, cast.city_clerk, to="/units/306/ranking/")
    follow(page.get_by_role("navigation", name="Các trang chính").get_by_role("link", name="Tìm", exact=True))
    page.get_by_role("main").get_by_role("searchbox").fill("hai")
    follow(page.get_by_role("main").get_by_role("button", name="Tìm"))
    inspect(page)
    follow(page.get_by_role("link", name="Phường Đằng Hải"))
    expect(page.get_by_role("heading", name="Phường Đằng Hải")).to_be_visible()

    desk = open_browser(screen=SCREENS["desk"])
    sign_in(desk, cast.city_clerk, to="/units/306/")
    desk.keyboard.press("/")
    expect(desk.locator("#head-search")).to_be_focused()
    desk.keyboard.type("hai")
    expect(desk.locator(".search li a")).to_have_text(
        ["Quận Hải An", "Thành phố Hải Phòng", "Phường Đằng Hải", "Phường Cát Bi"]
    )
    desk.keyboard.press("Tab")
    expect(desk.get_by_role("link", name="Quận Hải An").last).to_be_focused()
    desk.keyboard.press("/")
    desk.keyboard.type("nui deo")
    with desk.expect_navigation():
        desk.keyboard.press("Enter")
    expect(desk.get_by_role("heading", name="Thị trấn Núi Đèo")).to_be_visible()


def test_one_of_many_units_is_chosen_by_typing(cast, page):
    for number in range(12):
        make_unit(f"3{number:04d}", parent=cast.other_district, name=f"An {number}", kind="xã")
    sign_in(page, cast.city_clerk, to="/people/add/")
    field = page.get_by_role("combobox", name="Đơn vị")
    field.fill("hai an dang")
    expect(page.get_by_role("option")).to_have_text(["Phường Đằng Hải · Quận Hải An"])
    check_accessibility(page)
    field.press("Enter")
    expect(field).to_have_value("Phường Đằng Hải")
    assert page.locator("select[name=unit]").input_value() == str(cast.commune.pk)
    field.fill("nowhere")
    field.press("Tab")  # a text that is no unit is refused
    expect(field).to_have_value("")
    assert page.locator("select[name=unit]").input_value() == ""
    field.fill("thuy nguyen")
    expect(page.get_by_role("option").first).to_have_text("Huyện Thuỷ Nguyên")
    field.press("ArrowDown")
    field.press("ArrowUp")
    page.get_by_role("option").first.click()
    assert page.locator("select[name=unit]").input_value() == str(cast.other_district.pk)
