"""Steps that people take on the pages, each written once."""

from contextlib import suppress
from datetime import date

from django.test import Client
from django.urls import reverse
from playwright.sync_api import Error

from ..factories import DAY, PASSWORD, make_report
from .devices import PATIENCE

DAY_BEFORE = date(2020, 8, 20)
REPORT_PATH = f"/units/11416/report/{DAY}/"
REVIEW_PATH = f"/units/306/review/{DAY}/"
BOARD_PATH = f"/units/306/board/{DAY}/"
ENTRY_PATH = f"/units/306/entry/{DAY}/"
PASTE = """(element, text) => {
  const clipboardData = new DataTransfer();
  clipboardData.setData("text/plain", text);
  element.dispatchEvent(new ClipboardEvent("paste", { clipboardData, bubbles: true, cancelable: true }));
}"""


# The form's script has taken over the button; of a form online the device then knows the unit, and the clock runs.
FORM_IS_READY = """async () => outbox.received.length === 1 && (
  !document.querySelector("[data-worker]") || (await outbox.all()).some(({ said }) => said !== undefined))"""


def eventually(page, look, wanted):
    """Look until it is as wanted; what cannot be seen while the page is left or loaded is looked at again."""
    seen = None
    for _time in range(PATIENCE // 50):
        with suppress(Error):
            if (seen := look()) == wanted:
                return
        page.wait_for_timeout(50)
    assert seen == wanted


def wait_for_form(page):
    eventually(page, lambda: page.evaluate(FORM_IS_READY), True)


def sign_in(page, user, *, to="/"):
    """Sign in without the form; `sign_in_by_hand` fills in the form."""
    give_session(page, user)
    return page.goto(to)


def give_session(page, user):
    """Give the browser the cookies of a sign-in, and remove those of anybody else."""
    client = Client()
    answer = client.post(reverse("login"), {"username": user.username, "password": PASSWORD})
    assert answer.status_code == 302, "the password was not taken"
    page.context.clear_cookies(name="sessionid")
    page.context.add_cookies([_cookie(name, morsel) for name, morsel in client.cookies.items()])


def _cookie(name, morsel):
    kept = {"path": morsel["path"], "httpOnly": bool(morsel["httponly"]), "sameSite": morsel["samesite"]}
    return {"name": name, "value": morsel.value, "domain": "localhost", **kept}


def sign_in_by_hand(page, user, *, to="/"):
    page.goto(to)
    page.get_by_label("Tên đăng nhập").fill(user.username)
    page.get_by_label("Mật khẩu").fill(PASSWORD)
    send(page, "Đăng nhập")


def send(page, button="GỬI BÁO CÁO"):
    """Press the button; returns the response of the POST, or of the page that it leads to."""
    return follow(page.get_by_role("button", name=button, exact=True))


def follow(element):
    """Click what leads to another page; returns its response once it has loaded."""
    with element.page.expect_navigation() as navigation:
        element.click()
    return navigation.value


def open_more(page):
    """Open the folded fields beside the figure."""
    folded = page.locator("form.report > .other-way:not([open]) > summary")
    if folded.count():
        folded.click()


def with_history(cast):
    """The officer's commune as in the office's example: 3.412 installs up to the day before."""
    make_report(cast.commune, DAY_BEFORE, installs=88, opening=3324, by=cast.officer)


def paste(cell, text):
    """Paste cells as a spreadsheet puts them on the clipboard."""
    cell.evaluate(PASTE, text)
