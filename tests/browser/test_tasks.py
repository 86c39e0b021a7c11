"""The tasks that people are timed by, on a slow connection and by hand: typed key by key, with a look before each
press."""

import re
import time
from contextlib import contextmanager

import pytest
from playwright.sync_api import expect

from reporting import acts, clock
from reporting.models import Reminder, Report

from ..factories import DAY, PASSWORD, make_report, make_unit
from .devices import SCREENS
from .steps import DAY_BEFORE, sign_in, with_history

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


def test_five_silent_communes_are_reminded_within_30_seconds(cast, open_browser, set_clock):
    set_clock("2020-08-21 16:41:00")
    with_history(cast)
    for number in range(3):
        make_unit(f"1149{number}", parent=cast.district)
    page = open_browser(screen=SCREENS["desk"], own=True)
    on_a_slow_line(page)
    sign_in(page, cast.district_clerk)
    with within(30):
        press(page.get_by_role("link", name="Đôn đốc").first)
        press(page.get_by_role("button", name="Nhắc tất cả (5)"))
        expect(page.locator(".notice").first).to_have_text(re.compile("Đã nhắc 5 đơn vị"))
    assert Reminder.objects.filter(day=DAY).count() == 5


def test_workbook_of_yesterdays_seal_is_had_within_15_seconds(cast, open_browser, set_clock):
    make_report(cast.commune, DAY_BEFORE, installs=88, opening=3324, by=cast.officer)
    set_clock("2020-08-20 17:41:00")
    acts.seal(unit=cast.city, day=DAY_BEFORE, reason="Sớm", by=cast.city_clerk, at=clock.now())
    set_clock("2020-08-21 08:05:00")
    page = open_browser(screen=SCREENS["desk"], own=True)
    on_a_slow_line(page)
    sign_in(page, cast.city_clerk)
    with within(15):
        press(page.get_by_role("link", name="Báo cáo và tải về").first)
        link = page.get_by_role("link", name="Excel đã chốt 20/08")
        page.wait_for_timeout(LOOK)
        with page.expect_download() as download:
            link.click()
        assert download.value.suggested_filename.startswith("bluezone-31-2020-08-20")
