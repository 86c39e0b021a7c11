"""What an officer pressed is what is sent: the outbox on the phone, with the real service worker."""

import pytest
from playwright.sync_api import expect

from reporting.models import Press, Report

from ..factories import DAY, make_extension, make_report
from .steps import REPORT_PATH, sign_in, with_history

READY = "navigator.serviceWorker.ready.then(() => true)"
KEPT = "outbox.all()"


@pytest.fixture(autouse=True)
def _line_may_be_cut(expected_complaints):
    expected_complaints += ["Failed to load resource: net::ERR_", "The FetchEvent for"]


@pytest.fixture
def phone(cast, open_browser):
    """An officer's phone that has opened the form once, so the worker is installed."""
    with_history(cast)
    page = open_browser(own=True, service_workers="allow")
    sign_in(page, cast.officer)
    assert page.evaluate(READY)
    return page


def kept(page):
    """Number and state of what the device keeps."""
    return sorted((one["number"], one["state"]) for one in page.evaluate(KEPT) if "fields" in one)


def press(page, number, button="GỬI BÁO CÁO"):
    page.get_by_label("Số máy cài mới").fill(number)
    page.get_by_role("button", name=button).click()
    expect(page.locator(".outbox")).to_be_visible()


def installs():
    return list(Report.objects.filter(unit__code="11416", day=DAY).values_list("installs", flat=True))


def test_half_typed_number_is_not_sent_for_the_pressed_one(phone):
    phone.context.set_offline(True)
    press(phone, "188")
    assert kept(phone) == [("188", "waiting")]
    phone.get_by_label("Số máy cài mới").fill("1")
    expect(phone.locator(".draft [role=status]").first).to_have_text("Đã lưu trên máy, chưa gửi")
    phone.context.set_offline(False)
    expect(phone.locator(".outbox")).to_contain_text("188 · Phường Đằng Hải, 21/08/2020 · đã tiếp nhận lúc")
    assert installs() == [188]
    expect(phone.get_by_label("Số máy cài mới")).to_have_value("1")  # nothing is replaced while one types
    assert kept(phone) == [("1", "draft"), ("188", "received")]


def test_offline_form_says_what_is_recorded_and_asks_before_it_replaces_it(cast, phone):
    make_report(cast.commune, installs=88, by=cast.officer)
    phone.goto(REPORT_PATH)
    phone.wait_for_timeout(300)
    phone.context.set_offline(True)
    phone.goto("/")
    expect(phone.locator("[data-said]")).to_have_text("88 đã tiếp nhận lúc 10h00; số mới sẽ thay thế")
    press(phone, "12", "GỬI KHI CÓ MẠNG")
    phone.context.set_offline(False)
    expect(phone.locator(".outbox")).to_contain_text("Thay số 88 đã tiếp nhận lúc 10h00?")
    assert installs() == [88]
    phone.locator(".outbox").get_by_role("button", name="Gửi", exact=True).click()
    expect(phone.get_by_role("heading", name="Phiếu tiếp nhận")).to_be_focused()
    assert (installs(), kept(phone)) == ([12], [])


def test_offline_hour_is_said_and_the_late_form_has_the_press_as_evidence(phone, set_clock):
    phone.context.set_offline(True)
    press(phone, "88")
    set_clock("2020-08-21 17:01:00")
    phone.context.set_offline(False)
    expect(phone.locator(".outbox, .summary").first).to_contain_text("88")
    phone.wait_for_function(f"{KEPT}.then((all) => all.some((one) => one.state === 'late'))")
    phone.goto("/")
    phone.locator(".outbox").get_by_role("link", name="Mở").click()
    expect(phone.get_by_label("Số máy cài mới")).to_have_value("88")
    expect(phone.get_by_label("Nêu cụ thể")).to_have_value("Đã bấm gửi lúc 15h35 trên máy, khi chưa có mạng")
    assert installs() == []


def test_signing_out_asks_about_the_unsent_and_says_that_it_cannot_offline(cast, phone):
    phone.context.set_offline(True)
    press(phone, "188")
    sign_out(phone, "Bỏ và đăng xuất")
    expect(phone.locator(".outbox")).to_contain_text("Chưa đăng xuất được: mất kết nối.")
    assert kept(phone) == [("188", "waiting")]
    phone.context.set_offline(False)
    phone.goto("/units/11416/")
    expect(phone.get_by_label("Số máy cài mới")).to_be_visible()


@pytest.mark.parametrize(
    ("answer", "left", "stored"),
    [("Bỏ và đăng xuất", [], []), ("Giữ lại trên máy cho tôi", [("188", "draft")], []), ("Không đăng xuất", None, [])],
)
def test_what_remains_on_the_device_after_signing_out(phone, answer, left, stored):
    phone.get_by_label("Số máy cài mới").fill("188")
    phone.locator("form.report > .other-way > summary").click()
    phone.get_by_label("Khó khăn, vướng mắc").fill("Ông Hà 0912345678")
    expect(phone.locator(".draft [role=status]").first).to_have_text("Đã lưu trên máy, chưa gửi")
    sign_out(phone, answer)
    if left is None:
        assert phone.url.endswith("/units/11416/")
        return
    expect(phone.get_by_label("Mật khẩu")).to_be_visible()
    phone.wait_for_timeout(300)
    assert (kept(phone), installs()) == (left, stored)
    text = phone.evaluate("outbox.all().then((all) => JSON.stringify([all, {...localStorage}]))")
    assert "0912345678" not in text
    if not left:
        assert text == '[[{"key":"language","language":"vi"}],{}]'


def sign_out(page, answer):
    page.get_by_text("Menu", exact=True).click()
    page.get_by_role("button", name="Đăng xuất", exact=True).click()
    page.locator("dialog.leaves").get_by_role("button", name=answer).click()
    page.wait_for_timeout(500)


def test_extension_while_the_page_is_open_keeps_the_day_open(cast, open_browser, set_clock):
    with_history(cast)
    page = open_browser(own=True)
    page.clock.install()
    set_clock("2020-08-21 16:58:00")
    sign_in(page, cast.officer)
    make_extension(cast.commune)
    set_clock("2020-08-21 17:01:00")
    page.clock.fast_forward("03:00")
    expect(page.locator(".countdown")).to_contain_text("còn 5")
    set_clock("2020-08-21 18:00:01")
    page.clock.fast_forward("59:30")
    expect(page.locator(".state-line")).to_contain_text("Chưa báo cáo")  # the page is loaded again


@pytest.mark.parametrize("status", [502, 503, None])
def test_server_that_is_away_or_silent_is_no_line(phone, status):
    def answer(route):
        if status:
            route.fulfill(status=status, body="away")

    phone.context.route("**/units/11416/", answer)
    phone.goto("/units/11416/")
    expect(phone.get_by_role("button", name="GỬI KHI CÓ MẠNG")).to_be_visible()


def test_receipt_that_was_lost_comes_with_the_same_press(phone):
    def break_off(route):
        route.fetch(max_redirects=0)
        route.abort("connectionreset")

    phone.context.route(f"**{REPORT_PATH}", break_off, times=1)
    press(phone, "88")
    assert installs() == [88]
    phone.context.set_offline(True)
    phone.context.set_offline(False)
    expect(phone.get_by_role("heading", name="Phiếu tiếp nhận")).to_be_focused()
    assert (Press.objects.count(), kept(phone)) == (1, [])
