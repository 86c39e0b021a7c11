"""The task that people are timed by, on a slow connection and by hand: typed key by key, with a look before a press."""

import time
from contextlib import contextmanager

import pytest
from playwright.sync_api import expect

from reporting.models import Report

from ..factories import DAY, PASSWORD
from .devices import SCREENS
from .steps import with_history

pytestmark = pytest.mark.matrix

SLOW = {"offline": False, "latency": 400, "downloadThroughput": 50_000, "uploadThroughput": 25_000}  # of a weak 3G
KEY, LOOK = 120, 1000  # milliseconds between keys, and before a press


@contextmanager
def within(seconds):
    started = time.monotonic()
    yield
    taken = time.monotonic() - started
    assert taken <= seconds, f"{taken:.1f} s"
    print(f"{taken:.1f} s of {seconds}")


def on_a_slow_line(page):
    page.context.new_cdp_session(page).send("Network.emulateNetworkConditions", SLOW)


def press(element):
    element.page.wait_for_timeout(LOOK)
    element.click()


def type_into(element, text):
    element.click()
    element.press_sequentially(text, delay=KEY)


def test_report_is_sent_within_20_seconds_of_signing_in(cast, open_browser, set_clock):
    set_clock("2020-08-21 16:41:00")
    with_history(cast)
    page = open_browser(screen=SCREENS["phone"], own=True)
    on_a_slow_line(page)
    page.goto("/")
    type_into(page.get_by_label("Tên đăng nhập"), cast.officer.username)
    type_into(page.get_by_label("Mật khẩu"), PASSWORD)
    with within(20):
        press(page.get_by_role("button", name="Đăng nhập"))
        type_into(page.get_by_label("Số máy cài mới"), "88")
        press(page.get_by_role("button", name="GỬI BÁO CÁO"))
        expect(page.locator(".receipt")).to_contain_text("Đúng hạn")
    assert Report.objects.get(unit=cast.commune, day=DAY).installs == 88
