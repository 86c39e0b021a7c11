"""Offline: the form still opens and keeps what is typed, and the real form sends it when back online."""

import pytest
from playwright.sync_api import expect

from reporting.models import Report

from ..factories import DAY, make_report
from .inspection import check_accessibility, check_appearance
from .steps import REPORT_PATH, eventually, sign_in, sign_in_by_hand, wait_for_form, with_history

READY = "navigator.serviceWorker.ready.then((found) => new Promise((done) => { const wait = () => \
found.active && found.active.state === 'activated' ? done(true) : setTimeout(wait, 50); wait(); }))"


@pytest.fixture(autouse=True)
def _line_may_be_cut(expected_complaints):
    expected_complaints += ["Failed to load resource: net::ERR_", "The FetchEvent for"]


@pytest.fixture
def phone(cast, open_browser, screen):
    """An officer's phone that has opened the form once, so the worker is installed."""
    with_history(cast)
    page = open_browser(own=True, service_workers="allow")
    sign_in(page, cast.officer)
    assert page.evaluate(READY)
    wait_for_form(page)
    return page


def test_form_opens_offline_and_is_sent_when_back_online(cast, phone):
    phone.context.set_offline(True)
    phone.goto("/")
    expect(phone.get_by_role("heading", name="Phường Đằng Hải")).to_be_visible()
    expect(phone.locator(".state-line")).to_contain_text("Mất kết nối 21/08/2020")
    phone.get_by_label("Số máy cài mới").fill("88")
    expect(phone.locator(".outcome")).to_have_text("lũy kế 3.412 → 3.500 · 17,27% → 17,72%")
    check_appearance(phone)
    phone.get_by_role("button", name="GỬI KHI CÓ MẠNG").click()
    expect(phone.locator(".outbox")).to_contain_text("88 · Phường Đằng Hải, 21/08/2020 · đã lưu trên máy, chưa gửi")
    expect(phone.get_by_text("Phiếu tiếp nhận", exact=True)).to_have_count(0)
    check_accessibility(phone)
    assert not Report.objects.filter(unit=cast.commune, day=DAY).exists()

    phone.context.set_offline(False)
    expect(phone.get_by_role("heading", name="Phiếu tiếp nhận")).to_be_visible()
    assert Report.objects.get(unit=cast.commune, day=DAY).installs == 88
    expect(phone.get_by_role("heading", name="Phiếu tiếp nhận")).to_be_focused()  # the device forgets the press


@pytest.mark.matrix  # slow: visits many pages
def test_report_that_came_meanwhile_is_not_overwritten(cast, phone):
    phone.context.set_offline(True)
    phone.goto(REPORT_PATH)
    phone.get_by_label("Số máy cài mới").fill("88")
    phone.get_by_role("button", name="GỬI KHI CÓ MẠNG").click()
    expect(phone.locator(".outbox")).to_be_focused()
    make_report(cast.commune, installs=70, by=cast.officer)
    phone.context.set_offline(False)
    expect(phone.locator(".outbox")).to_contain_text("Báo cáo đã thay đổi sau khi mở biểu mẫu này")
    assert Report.objects.get(unit=cast.commune, day=DAY).installs == 70


def test_offline_page_names_nobody_after_the_session_has_ended(cast, phone):
    """Whether its time has passed, a page has asked for the sign-in, or another person has signed in."""
    phone.context.set_offline(True)
    phone.goto("/")
    phone.get_by_label("Số máy cài mới").fill("77")
    phone.evaluate("outbox.all().then((all) => Promise.all(all.map((one) => outbox.put({ ...one, ends: 1 }))))")
    phone.goto("/")
    assert_nothing_is_said(phone)

    phone.context.set_offline(False)
    phone.goto(REPORT_PATH)  # the server still has the session
    phone.context.clear_cookies(name="sessionid")
    phone.goto(REPORT_PATH)
    eventually(phone, lambda: phone.evaluate("outbox.all().then((all) => all.filter((one) => 'said' in one))"), [])
    phone.context.set_offline(True)
    phone.goto("/offline/")
    assert_nothing_is_said(phone)


def assert_nothing_is_said(phone):
    expect(phone.get_by_role("heading", name="Mất kết nối")).to_be_visible()
    expect(phone.get_by_text("Đằng Hải")).to_have_count(0)
    expect(phone.get_by_label("Số máy cài mới")).to_have_count(0)


def test_figure_of_an_ended_session_is_asked_about_and_not_sent_by_itself(cast, phone):
    """Also what a stranger typed and sent on the device meanwhile: nobody sends in another person's name."""
    phone.context.set_offline(True)
    phone.goto("/")
    phone.get_by_label("Số máy cài mới").fill("77")
    phone.get_by_role("button", name="GỬI KHI CÓ MẠNG").click()
    expect(phone.locator(".outbox")).to_be_focused()
    phone.context.clear_cookies(name="sessionid")
    phone.goto("about:blank")
    phone.context.set_offline(False)
    sign_in_by_hand(phone, cast.officer, to=REPORT_PATH)
    expect(phone.locator(".outbox")).to_contain_text(f"chưa gửi. Gửi báo cáo của {cast.officer.display_name}?")
    check_appearance(phone)
    check_accessibility(phone)
    assert not Report.objects.filter(unit=cast.commune, day=DAY).exists()
    phone.locator(".outbox").get_by_role("button", name="Gửi", exact=True).click()
    expect(phone.get_by_role("heading", name="Phiếu tiếp nhận")).to_be_visible()
    assert Report.objects.get(unit=cast.commune, day=DAY).installs == 77
