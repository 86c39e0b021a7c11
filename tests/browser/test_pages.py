"""What applies to every page: language, error pages, the keyboard, the back button, and the guide on paper."""

import re

import pytest
from playwright.sync_api import expect

from ..factories import DAY, PASSWORD, make_official, make_report
from .inspection import check_appearance
from .steps import BOARD_PATH, DAY_BEFORE, give_session, sign_in, with_history


def test_skip_link_leads_past_the_head(cast, page):
    sign_in(page, cast.officer)
    page.keyboard.press("Tab")
    skip = page.get_by_role("link", name="Đến nội dung chính")
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport()
    page.keyboard.press("Enter")
    expect(page.get_by_role("main")).to_be_focused()


@pytest.mark.parametrize(
    ("person", "path", "act"),
    [
        ("officer", "/units/11416/", "[name=installs]"),
        ("district_clerk", "/units/306/", "#remind-all"),
        ("district_clerk", BOARD_PATH, "#remind-all"),
        ("district_clerk", f"/units/306/review/{DAY_BEFORE}/", ".do .fill"),
    ],
)
def test_main_act_is_five_presses_of_tab_away_and_wide_screens_are_used(person, path, act, cast, open_browser):
    page = open_browser(screen={"width": 1920, "height": 1080})
    sign_in(page, getattr(cast, person), to=path)
    page.keyboard.press("Tab")  # the skip link
    for _ in range(5):
        page.keyboard.press("Tab")
        if page.evaluate("act => document.activeElement.matches(act)", act):
            break
    expect(page.locator(act).first).to_be_focused()
    check_appearance(page)
    assert page.locator("main").bounding_box()["width"] > 1750


@pytest.mark.matrix  # slow: visits many pages
def test_whole_report_by_keyboard(cast, page):
    with_history(cast)
    page.goto("/")
    expect(page.get_by_label("Tên đăng nhập")).to_be_focused()
    page.keyboard.type("11416")
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    installs = page.get_by_label("Số máy cài mới")
    expect(installs).to_be_visible()
    _tab_to(page, installs)
    page.keyboard.type("88")
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="GỬI BÁO CÁO")).to_be_focused()
    _tab_to(page, page.locator("form.report > .other-way > summary"))
    page.keyboard.press("Enter")
    households = page.get_by_label("Số hộ mới đến vận động")
    expect(households).to_be_visible()
    page.keyboard.press("Tab")
    expect(households).to_be_focused()
    page.keyboard.type("46")
    page.keyboard.press("Tab")
    page.keyboard.type("Mạng yếu")
    page.keyboard.press("Tab")
    expect(page.get_by_label("Số máy đã cài đến nay (lũy kế)")).to_be_focused()
    page.keyboard.type("3.500")
    page.keyboard.press("Enter")
    expect(page.locator(".receipt")).to_contain_text("3.500")
    expect(page.get_by_role("heading", name="Phiếu tiếp nhận")).to_be_focused()
    _tab_to(page, page.get_by_role("link", name="Sửa báo cáo"))


def _tab_to(page, target):
    """Press Tab until the target has the focus; each stop on the way must be visible."""
    for _ in range(30):
        page.keyboard.press("Tab")
        expect(page.locator(":focus")).to_be_in_viewport()
        if target.evaluate("(element) => element === document.activeElement"):
            return
    raise AssertionError(f"Tab does not reach {target}")


SMALL_TYPE = """() => [...document.querySelectorAll("figure.chart svg text, main td, .multiples")]
  .filter((element) => element.checkVisibility() && element.getClientRects().length)
  .map((element) => parseFloat(getComputedStyle(element).fontSize) * (element.getScreenCTM?.().a ?? 1))"""
CUT_SHORT = """() => [...document.querySelectorAll(".head-name, .head-office, .main-ways a, .sheet-tables thead th")]
  .filter((element) => element.checkVisibility())
  .filter((element) => element.scrollWidth > element.clientWidth || element.getClientRects()[0].right > innerWidth)
  .map((element) => element.outerHTML)"""
ALL_CHARTS = [
    ("city_clerk", "/units/31/"),
    ("city_clerk", f"/units/31/board/{DAY}/"),
    ("city_clerk", "/units/31/bulletin/2020-08-20/"),
    ("city_clerk", "/units/31/official/2020-08-20/"),
    ("district_clerk", "/units/306/discipline/"),
    ("officer", "/units/11416/"),
]


@pytest.mark.matrix
def test_narrowest_phone_shows_12_px_type_in_charts_and_whole_words_in_the_header(cast, page, live_server):
    with_history(cast)
    make_report(cast.neighbour, DAY_BEFORE, installs=12, opening=500)
    make_report(cast.stranger, DAY_BEFORE, installs=7, opening=400)
    make_official(cast.city, 4000, DAY_BEFORE)
    for person, path in ALL_CHARTS:
        give_session(page, getattr(cast, person))
        for language in ("en", "vi"):
            page.context.add_cookies([{"name": "django_language", "value": language, "url": live_server.url}])
            page.set_viewport_size({"width": 320, "height": 640})
            page.goto(path)
            check_appearance(page, language=language)
            sizes = page.evaluate(SMALL_TYPE)
            assert len(sizes) > 3, path
            assert min(sizes) >= 12, (path, min(sizes))
            assert page.evaluate(CUT_SHORT) == []
            page.set_viewport_size({"width": 768, "height": 1024})
            assert page.evaluate(CUT_SHORT) == []


def test_paper_has_nothing_to_press_on_it(cast, page):
    for report in (cast.stranger, cast.neighbour):
        make_report(report, DAY, installs=12, opening=500, note="Mạng yếu")
    sign_in(page, cast.city_clerk, to=f"/units/31/review/{DAY}/")
    expect(page.locator("#gaps .button").first).to_be_visible()
    for path in ("/units/31/?state=result", f"/units/31/review/{DAY}/", "/units/31/discipline/"):
        page.goto(path)
        page.emulate_media(media="print")
        # What names the moment of the figures opens a choice on the screen; on paper it is a line of text.
        for pressed in page.locator("main").locator("button, input, select, :not(.day-more) > summary").all():
            expect(pressed).to_be_hidden()
        page.emulate_media(media="screen")


def test_paper_names_the_districts_that_are_complete(cast, page):
    make_report(cast.stranger, DAY, installs=12, opening=500)
    sign_in(page, cast.city_clerk, to=f"/units/31/board/{DAY}/")
    page.emulate_media(media="print")
    expect(page.locator("#board-complete")).to_be_visible()


@pytest.mark.matrix  # slow: visits many pages
def test_guide_of_who_reports_prints_on_one_sheet_in_both_languages(cast, open_browser):
    page = open_browser(screen={"width": 1280, "height": 800})
    for language in ("vi", "en"):
        page.context.add_cookies([{"name": "django_language", "value": language, "domain": "localhost", "path": "/"}])
        page.goto("/guide/officer/")
        expect(page.locator("html")).to_have_attribute("lang", language)
        page.locator(".guide img").last.scroll_into_view_if_needed()
        page.wait_for_function("[...document.images].every((image) => image.complete && image.naturalWidth)")
        paper = page.pdf(format="A4", margin=dict.fromkeys(["top", "right", "bottom", "left"], "15mm"))
        assert len(re.findall(rb"/Type\s*/Page\b", paper)) == 1


@pytest.mark.matrix  # slow: visits many pages
def test_back_button_shows_no_page_of_who_has_signed_out(cast, page):
    with_history(cast)
    sign_in(page, cast.district_clerk, to="/units/306/?state=result")
    page.goto("/units/306/ranking/")
    page.get_by_text("Menu", exact=True).click()
    page.get_by_role("button", name="Đăng xuất").click()
    expect(page.get_by_label("Mật khẩu")).to_be_visible()
    for _times in range(2):
        page.go_back()
        expect(page.get_by_label("Mật khẩu")).to_be_visible()
        assert "Hải An" not in page.locator("main").inner_text()


def test_back_button_shows_a_page_as_it_is_now(cast, page):
    with_history(cast)
    sign_in(page, cast.district_clerk, to="/units/306/?state=result")
    page.goto("/units/306/ranking/")
    make_report(cast.commune, installs=4321)
    page.go_back()
    expect(page.locator("#table .pinned-row")).to_contain_text("4.321")
