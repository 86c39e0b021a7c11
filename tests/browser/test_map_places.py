"""The map is arranged with the keyboard and with the pointer; without script by its numbers."""

import pytest
from playwright.sync_api import expect

from reporting.models import Unit
from reporting.models.map_place import MapPlace

from .inspection import inspect
from .steps import send, sign_in

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
ADDRESS = "/units/31/map/"


def places():
    return {unit.code: unit.place for unit in Unit.objects.filter(parent__code="31").residents()}


@pytest.mark.matrix  # like others that are in every run
def test_units_are_moved_with_keys_and_pointer_and_the_numbers_follow(cast, page):
    sign_in(page, cast.city_clerk, to=ADDRESS)
    tile = page.get_by_role("button", name="Hải An")
    tile.focus()
    for key in ("ArrowDown", "ArrowRight", "ArrowRight", "ArrowRight"):
        page.keyboard.press(key)
    expect(tile).to_be_focused()
    at = (int(page.locator("#id_column-306").input_value()), int(page.locator("#id_line-306").input_value()))
    expect(page.locator("#map-said")).to_have_text(f"Hải An: cột {at[0]}, hàng {at[1]}")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowUp")  # past the edge: it stays
    assert page.locator("#id_line-306").input_value() == "1"
    page.get_by_role("button", name="Thuỷ Nguyên").drag_to(page.locator("#map tr").nth(2).locator("td").nth(1))
    inspect(page)
    send(page, "GHI NHẬN")
    assert places()["311"] == MapPlace(2, 3)
    assert places()["306"] == MapPlace(at[0], 1)
    assert None not in places().values()


def test_two_units_change_places(cast, page):
    sign_in(page, cast.city_clerk, to=ADDRESS)
    tiles = page.locator("#map [data-code]")
    first, second = tiles.nth(0).text_content(), tiles.nth(1).text_content()
    tiles.nth(0).drag_to(tiles.nth(1))
    expect(tiles.nth(0)).to_have_text(second)
    expect(tiles.nth(1)).to_have_text(first)


def test_map_is_arranged_without_script_by_its_numbers(cast, open_browser):
    page = open_browser(java_script_enabled=False)
    sign_in(page, cast.city_clerk, to=ADDRESS)
    expect(page.locator("#map-help")).to_be_hidden()
    page.get_by_text("Nhập cột và hàng bằng số").click()
    for code, (column, line) in {"306": ("4", "1"), "311": ("2", "1"), "318": ("5", "3")}.items():
        page.locator(f"#id_column-{code}").fill(column)
        page.locator(f"#id_line-{code}").fill(line)
    send(page, "GHI NHẬN")
    assert places() == {"306": MapPlace(4, 1), "311": MapPlace(2, 1), "318": MapPlace(5, 3)}
