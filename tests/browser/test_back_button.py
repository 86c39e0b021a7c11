"""The back button: the page is shown as it is now, and not shown after its person has signed out."""

import pytest
from playwright.sync_api import expect

from ..factories import make_report
from .steps import sign_in, with_history

HOME = "/units/306/?state=result"


@pytest.mark.matrix  # slow: visits many pages
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
    expect(page.locator("#table .pinned-row")).to_contain_text("4.321")
