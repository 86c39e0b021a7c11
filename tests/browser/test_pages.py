"""What holds for every page: language, error pages, the keyboard."""

from datetime import date

import pytest
from playwright.sync_api import expect

from reporting import acts
from reporting.figures import rollup
from reporting.models import Report

from ..factories import DAY, PASSWORD, at, make_official, make_report
from .devices import SCREENS
from .inspection import inspect, look_at
from .steps import DAY_BEFORE, REPORT_PATH, give_session, send, sign_in, sign_in_by_hand, with_history

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.mark.matrix  # a walk of many pages
def test_english_browser_gets_vietnamese_until_its_owner_chooses(cast, open_browser):
    with_history(cast)
    page = open_browser(locale="en-US")
    page.goto("/")
    inspect(page)
    sign_in_by_hand(page, cast.officer)
    inspect(page)
    page.get_by_text("Menu").click()
    page.get_by_role("button", name="English").click()
    expect(page.get_by_role("button", name="SEND THE REPORT")).to_be_visible()
    expect(page.get_by_label("New installs")).to_be_visible()
    inspect(page, language="en")
    page.get_by_text("Menu", exact=True).click()
    page.get_by_role("button", name="Tiếng Việt").click()
    expect(page.get_by_role("button", name="GỬI BÁO CÁO")).to_be_visible()
    inspect(page)


@pytest.mark.matrix  # like others that are in every run
def test_sign_in_page_explains_and_offers_the_roles_of_a_demonstration(cast, page, settings):
    settings.DEMO = True
    page.goto(REPORT_PATH)
    expect(page.get_by_text("Bản dùng thử, số liệu minh họa")).to_be_visible()
    expect(page.locator(".demo-roles button")).to_have_text(
        ["Cán bộ phường (Đằng Hải)", "Cán bộ quận (Hải An)", "Sở TT&TT"]
    )
    inspect(page)
    page.get_by_label("Tên đăng nhập").fill("11416")
    page.get_by_label("Mật khẩu").fill("wrong")
    send(page, "Đăng nhập")
    expect(page.locator(".summary")).to_be_focused()
    inspect(page)
    page.get_by_label("Mật khẩu").fill(PASSWORD)
    send(page, "Đăng nhập")
    expect(page.locator("form.report")).to_be_visible()  # the page asked for before signing in


@pytest.mark.matrix  # a walk of many pages
def test_password_is_changed_and_the_person_signs_out(cast, page):
    sign_in(page, cast.officer)
    page.get_by_text("Menu").click()
    page.get_by_role("link", name="Đổi mật khẩu").click()
    inspect(page)
    send(page, "Đổi mật khẩu")
    inspect(page)
    page.get_by_label("Mật khẩu cũ").fill(PASSWORD)
    page.get_by_label("Mật khẩu mới", exact=True).fill("12345")
    page.get_by_label("Xác nhận mật khẩu mới").fill("12345")
    send(page, "Đổi mật khẩu")
    inspect(page)
    page.get_by_label("Mật khẩu cũ").fill(PASSWORD)
    page.get_by_label("Mật khẩu mới", exact=True).fill("another-office-password")
    page.get_by_label("Xác nhận mật khẩu mới").fill("another-office-password")
    send(page, "Đổi mật khẩu")
    expect(page.get_by_role("heading", name="Đã đổi mật khẩu")).to_be_visible()
    inspect(page)
    page.get_by_text("Menu").click()
    send(page, "Đăng xuất")
    expect(page.get_by_role("heading", name="Đăng nhập")).to_be_visible()


def test_page_of_another_unit_is_not_found(cast, page):
    make_report(cast.neighbour, installs=1234)
    sign_in(page, cast.officer)
    assert page.goto(f"/units/11407/reports/{DAY}/").status == 404
    expect(page.get_by_role("heading", name="Không tìm thấy trang")).to_be_visible()
    expect(page.get_by_text("1.234")).to_have_count(0)
    inspect(page)
    page.get_by_role("link", name="Về trang tổng quan").click()
    expect(page.get_by_role("heading", name="Phường Đằng Hải")).to_be_visible()


def test_form_of_a_subordinate_unit_is_forbidden(cast, page):
    sign_in(page, cast.district_clerk)
    assert page.goto(REPORT_PATH).status == 403
    expect(page.get_by_role("heading", name="Không có quyền")).to_be_visible()
    inspect(page)


def test_lost_cookie_says_that_nothing_was_saved(cast, page):
    with_history(cast)
    sign_in(page, cast.officer, to=REPORT_PATH)
    page.context.clear_cookies(name="csrftoken")
    page.get_by_label("Số máy cài mới").fill("88")
    assert send(page).status == 403
    expect(page.get_by_role("main")).to_contain_text("chưa được lưu")
    inspect(page)
    page.get_by_role("link", name="Quay lại biểu mẫu").click()
    expect(page.locator("form.report")).to_be_visible()
    assert not Report.objects.filter(unit=cast.commune, day=DAY).exists()


def test_failure_of_the_server_is_explained(cast, page, monkeypatch):
    sign_in(page, cast.officer)

    def fail(*arguments):
        raise RuntimeError("made to fail")

    monkeypatch.setattr(rollup, "rows", fail)
    assert page.goto("/units/11416/").status == 500
    expect(page.get_by_role("heading", name="Hệ thống gặp sự cố")).to_be_visible()
    inspect(page)


@pytest.mark.matrix  # a walk of many pages
def test_parent_unit_and_closed_unit(cast, page):
    make_report(cast.agency, installs=40, opening=3000)
    make_report(cast.island, installs=0, opening=250)
    sign_in(page, cast.leader)
    inspect(page)
    page.goto("/units/31/?day=2020-08-20")
    expect(page.get_by_role("link", name="Ngày sau")).to_be_visible()
    expect(page.locator(".strip")).to_contain_text("4 chưa gửi →")
    inspect(page)
    page.get_by_role("link", name="sở, ngành 0/1").click()
    expect(page.locator("tr[data-code=SYT]")).to_be_visible()  # what the link leads to opens
    page.get_by_role("link", name="Còn thiếu 3").click()
    expect(page.locator("#table tr[data-code]")).to_have_count(3)
    page.get_by_role("link", name="Thêm cột").click()
    expect(page.locator("#table [data-label='Dân số']").first).to_be_visible()
    inspect(page)
    page.get_by_role("link", name="Tất cả", exact=True).click()
    page.get_by_role("link", name="Ngày trước").click()
    expect(page.get_by_label("Ngày báo cáo")).to_have_value("19/08/2020")
    page.get_by_label("Ngày báo cáo").fill("21/08/2020")
    page.get_by_role("button", name="Xem").click()
    page.locator("#table").get_by_role("link", name="Huyện Bạch Long Vĩ").click()
    expect(page.locator(".state-line")).to_contain_text("Đúng hạn")
    inspect(page)
    page.goto("/units/SYT/")
    inspect(page)
    page.goto("/units/31/reports/")
    inspect(page)
    type(cast.island).objects.filter(pk=cast.island.pk).update(closed_on=DAY)
    page.goto("/units/318/")
    expect(page.get_by_text("Ngày 21/08/2020 đơn vị này không tồn tại.")).to_be_visible()
    inspect(page)


def test_skip_link_leads_past_the_head(cast, page):
    sign_in(page, cast.officer)
    page.keyboard.press("Tab")
    skip = page.get_by_role("link", name="Đến nội dung chính")
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport()
    page.keyboard.press("Enter")
    expect(page.get_by_role("main")).to_be_focused()


@pytest.mark.matrix  # a walk of many pages
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
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="GỬI BÁO CÁO")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator(".receipt")).to_contain_text("3.500")
    page.keyboard.press("Tab")
    _tab_to(page, page.get_by_role("link", name="Sửa báo cáo"))


def _tab_to(page, target):
    """Press Tab until the target has the focus; each stop on the way is there to see."""
    for _ in range(30):
        page.keyboard.press("Tab")
        expect(page.locator(":focus")).to_be_in_viewport()
        if target.evaluate("(element) => element === document.activeElement"):
            return
    raise AssertionError(f"Tab does not reach {target}")


SMALL_TYPE = """() => [...document.querySelectorAll("figure.chart svg text")]
  .filter((element) => element.checkVisibility() && element.getClientRects().length)
  .map((element) => parseFloat(getComputedStyle(element).fontSize) * element.getScreenCTM().a)"""
CUT_SHORT = """() => [...document.querySelectorAll(".head-name, .main-ways a, .sheet-tables thead th")]
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


def test_narrowest_phone_shows_type_of_12_px_in_charts_and_whole_words_in_the_head(cast, page, live_server):
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
            look_at(page, language=language)
            sizes = page.evaluate(SMALL_TYPE)
            assert len(sizes) > 3, path
            assert min(sizes) >= 12, (path, min(sizes))
            assert page.evaluate(CUT_SHORT) == []


def test_paper_has_nothing_to_press_on_it(cast, page):
    for report in (cast.stranger, cast.neighbour):
        make_report(report, DAY, installs=12, opening=500, note="Mạng yếu")
    sign_in(page, cast.city_clerk, to=f"/units/31/review/{DAY}/")
    expect(page.locator("[name=pass_up], .tick input").first).to_be_visible()
    for path in (f"/units/31/review/{DAY}/", "/units/31/discipline/"):
        page.goto(path)
        page.emulate_media(media="print")
        for pressed in page.locator("main").locator("button, input, select, summary").all():
            expect(pressed).to_be_hidden()
        page.emulate_media(media="screen")


def test_workbooks_of_sealed_days_stand_one_below_the_other(cast, open_browser):
    day_before_that, called_at = date(2020, 8, 19), at("2020-08-19 17:10")
    acts.enter(unit=cast.neighbour, day=day_before_that, installs=7, opening=0, reason="Báo qua điện thoại",
               by=cast.district_clerk, at=called_at, now=lambda: called_at)  # fmt: skip
    make_report(cast.neighbour, DAY_BEFORE, installs=5)
    for day in (day_before_that, DAY_BEFORE):
        sealed_at = at(f"{day} 17:40")
        acts.seal(
            unit=cast.city,
            day=day,
            reason="Sớm",
            by=cast.city_clerk,
            at=sealed_at,
            now=lambda sealed_at=sealed_at: sealed_at,
        )
    page = open_browser(screen=SCREENS["desk"])
    sign_in(page, cast.city_clerk, to="/units/31/reports/")
    expect(page.locator(".days .status-late")).to_have_count(1)  # beside one of them
    buttons = page.get_by_role("link", name="Excel đã chốt")
    expect(buttons).to_have_count(2)
    assert len({button.bounding_box()["x"] for button in buttons.all()}) == 1
