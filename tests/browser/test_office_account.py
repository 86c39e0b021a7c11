"""An office account in Chromium: sign-in at the provider, password asked again there, unit moved, account closed,
provider away; all recorded."""

import pytest
from django.utils.translation import gettext
from playwright.sync_api import expect

from reporting.models import AccessRecord, User

from .. import office_provider
from .inspection import inspect
from .steps import send

SCREEN = "desk"
SIGN_IN, THERE = "Sign in with the office’s account", "To the office’s sign-in"


@pytest.fixture
def provider(settings, expected_complaints):
    expected_complaints.append("Failed to load resource: net::ERR_")  # its style sheet, and the provider's absence
    with office_provider.running() as provider:
        office_provider.switch_on(settings, provider.url)
        yield provider


def by_office(page, provider, sub, button=SIGN_IN):
    """Our button leads to the provider's page, and the provider's button back to us."""
    inspect(page)
    provider.knows(sub)
    page.get_by_role("button", name=gettext(button)).click()
    page.wait_for_url("**/oauth2/authorize?*")
    page.get_by_placeholder("sub").fill(sub)
    page.get_by_role("button", name="Authorize").click()
    page.wait_for_url(lambda url: provider.url not in url)


def newest():
    record = AccessRecord.objects.select_related("by", "about").latest("pk")
    return record.kind, record.by and record.by.username, record.about and record.about.username


def change_officer(page, provider, button):
    """The act asks for the password, the provider asks for it, and the act continues with what was typed."""
    assert send(page, button).status == 403
    by_office(page, provider, "office-31", THERE)
    inspect(page)
    send(page, "Tiếp tục")
    assert newest() == ("person_changed", "31", "11416")


@pytest.mark.matrix  # slow: visits many pages
def test_office_account_from_sign_in_to_closing(cast, provider, page, open_browser, set_clock):
    for person in (cast.city_clerk, cast.officer):
        User.objects.filter(pk=person.pk).update(office_identifier=f"office-{person.username}")
    officer, account = open_browser(), f"/people/{cast.officer.pk}/"
    officer.goto("/")
    by_office(officer, provider, "office-11416")
    expect(officer.get_by_role("heading", level=1)).to_contain_text("Đằng Hải")
    assert newest() == ("signed_in", "11416", None)
    page.goto(account)
    by_office(page, provider, "office-31")
    expect(page.get_by_label(gettext("identifier of the office account").capitalize())).to_have_value("office-11416")

    set_clock("2020-08-21 15:55:00")
    page.locator("select[name=unit]").select_option(str(cast.neighbour.pk))
    change_officer(page, provider, "Lưu thay đổi")
    officer.goto("/")
    by_office(officer, provider, "office-11416")
    expect(officer.get_by_role("heading", level=1)).to_contain_text("Cát Bi")

    set_clock("2020-08-21 16:15:00")
    change_officer(page, provider, "Khóa tài khoản")
    officer.goto("/")
    by_office(officer, provider, "office-11416")
    expect(officer.get_by_role("alert").first).to_contain_text(gettext("Not signed in"))
    assert newest() == ("refused", None, "11416")

    provider.process.kill()
    provider.process.wait()
    send(page, "Mở lại, cấp mật khẩu mới")
    code = page.locator("code.secret").inner_text()
    assert send(officer, gettext(SIGN_IN)).status == 503
    assert newest()[0] == "refused"
    officer.get_by_label("Tên đăng nhập").fill("11416")
    officer.get_by_label("Mật khẩu").fill(code)
    send(officer, "Đăng nhập")
    assert newest() == ("signed_in", "11416", None)
    page.get_by_text("Menu", exact=True).click()
    send(page, "Đăng xuất")
    assert newest() == ("signed_out", "31", None)
