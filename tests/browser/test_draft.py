"""A bad connection at 16:55: typed figures stay on the device until the receipt, and one tap makes one report."""

import pytest
from playwright.sync_api import expect

from reporting.models import Revision

from ..factories import DAY, PASSWORD
from .inspection import inspect
from .steps import REPORT_PATH, eventually, open_more, send, sign_in, wait_for_form, with_history

SAVED = "Đã lưu trên máy, chưa gửi"
RECEIPT_PATH = f"/units/11416/reports/{DAY}/"


@pytest.fixture(autouse=True)
def _line_may_be_cut(expected_complaints):
    expected_complaints.append("Failed to load resource: net::ERR_")


# The connection


def test_two_taps_are_one_report(cast, page):
    with_history(cast)
    sign_in(page, cast.officer)
    wait_for_form(page)
    _type(page, installs="88")
    with page.expect_navigation(url=f"**{RECEIPT_PATH}"):
        page.get_by_role("button", name="GỬI BÁO CÁO").dblclick()
    expect(page.locator(".receipt")).to_contain_text("3.500")
    assert _stored(cast) == [(88, None, "", 1)]


@pytest.mark.matrix
def test_draft_never_covers_what_the_server_says_of_the_figures(cast, page):
    with_history(cast)
    sign_in(page, cast.officer)
    page.get_by_label("Số máy cài mới").fill("1,5")
    assert send(page).status == 422
    expect(page.locator(".summary")).to_be_focused()
    expect(page.get_by_label("Số máy cài mới")).to_have_value("1,5")
    expect(page.get_by_role("button", name="Bỏ bản nháp")).to_be_hidden()
    wait_for_form(page)
    page.get_by_label("Số máy cài mới").fill("15")
    expect(page.locator(".draft [role=status]").first).to_have_text(SAVED)
    page.goto("/")
    expect(page.get_by_label("Số máy cài mới")).to_have_value("15")


def test_number_typed_while_the_draft_comes_back_replaces_it(cast, page):
    """Not joined to it: on a slow phone the field may have the focus before the script runs."""

    def focus_first(route):
        page.get_by_label("Số máy cài mới").evaluate("(field) => field.focus()")
        route.continue_()

    sign_in(page, cast.officer, to=REPORT_PATH)
    wait_for_form(page)
    page.get_by_label("Số máy cài mới").fill("88")
    expect(page.locator(".draft [role=status]").first).to_have_text(SAVED)
    page.route("**/form.js", focus_first)
    page.goto(REPORT_PATH)
    expect(page.locator(".draft [role=status]").first).to_have_text(SAVED)
    page.keyboard.type("12")
    expect(page.get_by_label("Số máy cài mới")).to_have_value("12")


# The session


@pytest.mark.matrix  # slow: visits many pages
@pytest.mark.parametrize("script", [True, False], ids=["script", "no-script"])
def test_figures_sent_after_the_session_has_ended_are_back_after_signing_in(cast, open_browser, script):
    with_history(cast)
    page = open_browser(java_script_enabled=script)
    sign_in(page, cast.officer)
    _type(page, installs="88", households="46", note="Mạng yếu\ntại thôn 3")
    page.context.clear_cookies(name="sessionid")
    assert send(page).status == 403
    expect(page.locator(".draft-note")).to_contain_text("Số liệu vừa nhập chưa gửi")
    if script:
        inspect(page)
    _type_password(page, cast.officer, "wrong")
    page.get_by_role("button", name="Đăng nhập", exact=True).click()  # with script no other page opens
    expect(page.locator(".summary:visible")).to_contain_text("Tên đăng nhập hoặc mật khẩu không đúng")
    _sign_in_here(page, cast.officer)

    assert page.url.endswith(REPORT_PATH)
    expect(page.locator("form .draft-note:visible")).to_contain_text("Đã nhập trước khi đăng nhập lại, chưa gửi.")
    expect(page.get_by_label("Số máy cài mới")).to_have_value("88")
    expect(page.get_by_label("Số hộ mới đến vận động")).to_have_value("46")
    expect(page.get_by_label("Khó khăn, vướng mắc")).to_have_value("Mạng yếu\ntại thôn 3")
    assert _stored(cast) == []  # never by itself
    if script:
        inspect(page)
    assert send(page).status == 200
    assert _stored(cast) == [(88, 46, "Mạng yếu\ntại thôn 3", 1)]
    if script:
        expect(page.get_by_role("heading", name="Phiếu tiếp nhận")).to_be_focused()  # the device forgets the press
        eventually(page, lambda: _drafts(page), [])


def _type(page, *, installs, households=None, note=None):
    page.get_by_label("Số máy cài mới").fill(installs)
    if households or note:
        open_more(page)
    if households:
        page.get_by_label("Số hộ mới đến vận động").fill(households)
    if note:
        page.get_by_label("Khó khăn, vướng mắc").fill(note)


def _sign_in_here(page, user):
    _type_password(page, user, PASSWORD)
    send(page, "Đăng nhập")


def _type_password(page, user, password):
    page.get_by_label("Tên đăng nhập").fill(user.username)
    page.get_by_label("Mật khẩu").fill(password)


def _stored(cast):
    """The day's revisions: installs, households, note, number."""
    revisions = Revision.objects.filter(report__unit=cast.commune, report__day=DAY).order_by("number")
    return list(revisions.values_list("installs", "households_visited", "note", "number"))


def _drafts(page):
    """The keys of the drafts and presses on the device."""
    return page.evaluate("outbox.all().then((all) => all.filter((one) => one.fields).map((one) => one.key))")
