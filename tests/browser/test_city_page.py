"""The city's page with all its districts on a small phone."""

from datetime import date, timedelta

import pytest
from playwright.sync_api import expect

from reporting import acts
from reporting.models import Unit

from ..bench import data
from ..factories import DAY, at, make_directive, make_official, make_report, make_user, stamp
from .inspection import check_appearance
from .steps import send, sign_in

SMALL_PHONE = {"width": 360, "height": 640}
SCREENS_AT_MOST = 7  # the map and folded parts come last
DISTRICTS = 15


@pytest.fixture
def whole_city(transactional_db):
    """The real units with a week of reports, and everything that the page may show beside the figures."""
    data.fill(days=8, today=DAY)
    make_directive(DAY - timedelta(days=7), target_date=date(2020, 9, 10))
    Unit.objects.filter(level=Unit.Level.DISTRICT).update(phone="0225 000 0001")
    silent = Unit.objects.filter(level=Unit.Level.COMMUNE).exclude(reports__day=DAY).first()
    make_report(silent, installs=1, note="Mạng yếu")
    make_official(silent.parent, 40, DAY - timedelta(days=1))
    return Unit.objects.get(parent=None)


@pytest.mark.parametrize("screen", [SMALL_PHONE], ids=["small phone"])
def test_city_is_no_longer_than_it_has_to_be_on_a_small_phone(whole_city, page, set_clock):
    clerk = make_user("clerk", whole_city)
    set_clock("2020-08-21 16:40")
    sign_in(page, clerk, to="/units/31/")
    expect(page.locator(".hints")).to_have_count(2)  # a first visit without a second factor
    heights = {"before the hour": _height(page)}
    set_clock("2020-08-21 17:10")  # within the hour after which an idle session ends
    page.reload()
    expect(page.locator("#unsigned tbody tr")).to_have_count(14)
    heights["to be sealed"] = _height(page)
    send(page, "Đã hiểu, không hiện lại")
    sealed_at = at("2020-08-21 17:15")
    acts.seal(unit=whole_city, day=DAY, reason="Sớm", **stamp(clerk, sealed_at))
    set_clock("2020-08-21 17:20")
    page.reload()
    expect(page.locator(".day-clock")).to_contain_text("Đã chốt 17h15")
    heights["sealed"] = _height(page)
    assert max(heights.values()) <= SCREENS_AT_MOST * SMALL_PHONE["height"], heights


def _height(page):
    """The height in pixels of a page with everything that it can show."""
    check_appearance(page)
    return page.evaluate("document.documentElement.scrollHeight")


def test_table_of_units_runs_under_nothing_beside_it(whole_city, page):
    sign_in(page, make_user("clerk", whole_city), to=f"/units/31/?day={DAY}&state=result")
    for width in (1024, 1280, 1366, 1600, 1920):
        page.set_viewport_size({"width": width, "height": 800})
        table, place = (page.locator(part).bounding_box() for part in ("#table table", ".units-below"))
        assert table["x"] + table["width"] <= place["x"] + place["width"] + 1, width


def test_names_of_districts_have_two_lines_on_a_tablet_and_the_bulletin_begins_at_the_left_edge(whole_city, page):
    page.set_viewport_size({"width": 768, "height": 900})
    sign_in(page, make_user("clerk", whole_city), to=f"/units/31/?day={DAY}&state=result")
    check_appearance(page)
    names = page.locator("#table tbody th a")
    assert names.count() == DISTRICTS
    assert max(names.evaluate_all("names => names.map((name) => name.offsetHeight)")) < 60
    page.set_viewport_size({"width": 1920, "height": 900})
    page.goto(f"/units/31/bulletin/{DAY}/")
    edges = {page.locator(part).bounding_box()["x"] for part in (".trail", ".sheet-actions", ".sheet")}
    assert len(edges) == 1
    assert page.locator(".sheet-message").bounding_box()["x"] > 1000  # beside the sheet
