"""The map is arranged by its numbers, with the keyboard alone and without script."""

from reporting.models import Unit
from reporting.models.map_place import MapPlace

from .steps import sign_in

ADDRESS = "/units/31/map/"


def test_map_is_arranged_with_the_keyboard_without_script(cast, open_browser):
    page = open_browser(java_script_enabled=False)
    sign_in(page, cast.city_clerk, to=ADDRESS)
    page.locator("#id_column-318").focus()
    for key in ("5", "Tab", "3", "Tab", "4", "Tab", "1", "Tab", "2", "Tab", "1"):
        page.keyboard.press(key)
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert {unit.code: unit.place for unit in Unit.objects.filter(parent__code="31").residents()} == {
        "306": MapPlace(4, 1),
        "311": MapPlace(2, 1),
        "318": MapPlace(5, 3),
    }
