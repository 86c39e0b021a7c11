"""The grid of a district at a desk: leaving a row saves it, with the same write as its button."""

import re

import pytest
from playwright.sync_api import expect

from reporting.models import Report, Revision

from ..factories import DAY, make_report
from .inspection import inspect
from .steps import DAY_BEFORE, ENTRY_PATH, paste, send, sign_in, with_history

SCREEN = "desk"
SAVED = re.compile(r"đã lưu 16:4\d:\d\d")


def installs(page, code):
    return page.locator(f"input[name='{code}-installs']")


def at_the_grid(page, cast, path=ENTRY_PATH):
    with_history(cast)
    make_report(cast.neighbour, DAY_BEFORE, installs=7, opening=1000)
    sign_in(page, cast.district_clerk, to=path)


def stored(unit):
    return Report.objects.filter(unit=unit, day=DAY).values_list("installs", "households_visited", "version").first()


def test_row_is_saved_once_it_is_left_and_says_when(cast, page, set_clock):
    set_clock("2020-08-21 16:41:00")
    at_the_grid(page, cast, f"{ENTRY_PATH}#row-11407")
    expect(installs(page, "11407")).to_be_focused()  # the row that was clicked on the board
    page.keyboard.type("12")
    page.keyboard.press("Tab")
    page.keyboard.type("5")
    assert stored(cast.neighbour) is None  # its row has not been left yet
    installs(page, "11416").click()
    expect(page.locator("#row-11407")).to_contain_text(SAVED)
    expect(page.locator("#said")).to_have_text("Đã lưu 1 · còn 1")
    expect(installs(page, "11416")).to_be_focused()
    assert stored(cast.neighbour) == (12, 5, 1)
    inspect(page)
    installs(page, "11407").fill("13")  # again, on top of what it saved itself
    installs(page, "11416").click()
    expect(page.locator("#changed")).to_have_text("")
    expect(page.get_by_role("button", name="LƯU")).to_be_hidden()  # rows save themselves
    assert stored(cast.neighbour) == (13, 5, 2)
    assert not page.evaluate("window.dispatchEvent(new Event('beforeunload', { cancelable: true })) === false")


@pytest.mark.matrix  # similar ones are in every run
def test_enter_goes_down_the_column(cast, page, set_clock):
    set_clock("2020-08-21 16:41:00")
    at_the_grid(page, cast)
    make_report(cast.commune, installs=88, by=cast.officer)
    page.reload()
    installs(page, "11407").press_sequentially("12")
    expect(page.locator("#changed")).to_have_text("Số dòng thay đổi: 1")
    page.keyboard.press("Enter")
    expect(installs(page, "11416")).to_be_focused()
    expect(page.locator("#row-11407")).to_contain_text(SAVED)
    page.keyboard.press("Enter")  # on the last row
    expect(installs(page, "11416")).not_to_be_focused()
    installs(page, "11416").focus()
    page.keyboard.press("Shift+Enter")
    expect(installs(page, "11407")).to_be_focused()


@pytest.mark.matrix  # similar ones are in every run
def test_doubt_asks_in_its_row_and_nothing_is_saved_before_the_answer(cast, page, set_clock):
    set_clock("2020-08-21 16:41:00")
    at_the_grid(page, cast)
    installs(page, "11407").fill("900")
    installs(page, "11416").fill("1")
    expect(page.locator("#row-11407 + .entry-errors .question")).to_be_visible()
    expect(page.locator("#said")).to_have_text("Chưa lưu Phường Cát Bi: xem dòng của đơn vị.")
    expect(installs(page, "11416")).to_be_focused()  # the cursor of a person who goes on typing stays
    expect(installs(page, "11416")).to_have_value("1")
    inspect(page)
    assert (stored(cast.neighbour), stored(cast.commune)) == (None, None)
    page.locator("#row-11407 + .entry-errors label.tick").click()
    expect(page.locator("#row-11407")).to_contain_text(SAVED)
    expect(page.locator("#row-11416")).to_contain_text(SAVED)
    assert (stored(cast.neighbour)[0], stored(cast.commune)[0]) == (900, 1)
    assert "xác nhận" in Revision.objects.get(report__unit=cast.neighbour, report__day=DAY).reason


@pytest.mark.matrix  # similar ones are in every run
def test_after_the_hour_a_row_waits_for_the_reason(cast, page, set_clock):
    set_clock("2020-08-21 17:40:00")
    at_the_grid(page, cast)
    installs(page, "11407").fill("12")
    installs(page, "11416").focus()
    expect(page.locator("#row-11407 + .entry-errors")).to_contain_text("phải ghi lý do")
    inspect(page)
    page.locator("#id_reason").fill("báo qua điện thoại")
    installs(page, "11416").focus()
    expect(page.locator("#row-11407")).to_contain_text("đã lưu 17:4")
    assert Revision.objects.get(report__unit=cast.neighbour, report__day=DAY).reason == "báo qua điện thoại"


def test_without_a_line_nothing_typed_is_lost(cast, page, set_clock, expected_complaints):
    expected_complaints.append("Failed to load resource: net::ERR_")
    set_clock("2020-08-21 16:41:00")
    at_the_grid(page, cast)
    page.route("**/entry/**", lambda route: route.abort())
    page.context.set_offline(True)
    installs(page, "11407").fill("12")
    installs(page, "11416").focus()
    expect(page.locator("#said")).to_have_text("Chưa lưu được: bấm LƯU. Số đã nhập vẫn còn.")
    expect(page.locator("#changed")).to_have_text("Số dòng thay đổi: 1")
    assert stored(cast.neighbour) is None
    page.unroute("**/entry/**")
    page.context.set_offline(False)  # online again: it is sent without another press
    expect(page.locator("#row-11407")).to_contain_text(SAVED, timeout=20_000)
    assert stored(cast.neighbour) == (12, None, 1)


def test_column_pasted_into_the_grid_is_looked_at_and_recorded(cast, page, set_clock):
    set_clock("2020-08-21 16:41:00")
    at_the_grid(page, cast)
    paste(page.locator("input[name='11407-households_visited']"), "12\r\n88\r\n")
    expect(page.locator("#said")).to_have_text("Chỉ cột số máy cài mới dán được cả bảng.")
    paste(installs(page, "11407"), "12\r\n88\r\n")
    expect(page.get_by_role("heading", name="Xem trước")).to_be_visible()
    expect(page.locator("table.imported tbody th")).to_have_text(["Phường Cát Bi", "Phường Đằng Hải"])
    inspect(page)
    send(page, "GHI 2 SỐ LIỆU")
    expect(page).to_have_url(re.compile(f"{ENTRY_PATH}$"))
    assert (stored(cast.neighbour), stored(cast.commune)) == ((12, None, 1), (88, None, 1))
