"""Pages that the browser keeps: asked for each time, right to the minute, and gone when their person has signed out."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from playwright.sync_api import expect

from reporting.views import unchanged

from ..factories import make_report
from .steps import sign_in, with_history

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

HOME = "/units/306/"


@pytest.mark.matrix  # like others that are in every run
def test_kept_page_is_asked_for_and_shows_the_minute_of_now(cast, open_browser, set_clock, monkeypatch):
    """Twelve minutes pass by every clock: that of the server, of its heads, and of the device."""
    monkeypatch.setattr(unchanged, "TOLD", tuple(name for name in unchanged.TOLD if name != "DEMO_OFFSET"))
    with_history(cast)
    page = open_browser(own=True)
    page.clock.install()
    set_clock("2020-08-21 15:36:20")
    sign_in(page, cast.district_clerk, to=HOME)
    page.goto(HOME)  # now the server knows that there is a script
    statuses = []  # as the server has them: the browser says 200 of what it kept

    def noted(response, tag, kept=unchanged._kept):
        statuses.append(response.status_code)
        return kept(response, tag)

    monkeypatch.setattr(unchanged, "_kept", noted)
    set_clock("2020-08-21 15:48:40")
    page.clock.fast_forward("12:20")
    later = format_datetime(datetime.now(UTC) + timedelta(minutes=12, seconds=20), usegmt=True)
    monkeypatch.setattr("wsgiref.handlers.format_date_time", lambda _moment: later)
    page.goto(HOME)
    assert statuses == [304]
    expect(page.locator("[data-minute]").first).to_contain_text("15h48")
    expect(page.locator(".strip-clock")).to_have_text("còn 1 giờ 11 phút")
    make_report(cast.commune, installs=4321)
    page.goto(HOME)
    assert statuses == [304, 200]
    expect(page.get_by_text("4.321").first).to_be_visible()


@pytest.mark.matrix  # a walk of many pages
def test_back_button_shows_no_page_of_who_has_signed_out(cast, page):
    with_history(cast)
    sign_in(page, cast.district_clerk)
    page.goto(HOME)
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
    sign_in(page, cast.district_clerk)
    page.goto(HOME)
    page.goto("/units/306/ranking/")
    make_report(cast.commune, installs=4321)
    page.go_back()
    expect(page.get_by_text("4.321").first).to_be_visible()
