"""A bad connection at 16:55: typed figures stay on the device until the receipt, and one tap makes one report."""

import pytest
from playwright.sync_api import expect

from reporting.models import LateRequest, Revision, Unit

from ..factories import DAY, PASSWORD, make_report, make_user
from .inspection import inspect
from .steps import REPORT_PATH, follow, open_more, send, sign_in, sign_in_by_hand, with_history

SAVED = "Đã lưu trên máy, chưa gửi"
RECEIPT_PATH = f"/units/11416/reports/{DAY}/"
OF_THE_DAY = f"draft/11416/11416/{DAY}"


@pytest.fixture(autouse=True)
def _line_may_be_cut(expected_complaints):
    expected_complaints.append("Failed to load resource: net::ERR_")


# The connection


def test_line_cut_while_typing_loses_nothing(cast, page):
    with_history(cast)
    sign_in(page, cast.officer)
    _type(page, installs="88", households="46", note="Mạng yếu\ntại thôn 3")
    expect(page.locator(".draft [role=status]")).to_have_text(SAVED)
    inspect(page)
    page.context.set_offline(True)

    page.get_by_role("button", name="GỬI BÁO CÁO").click()
    unsent = page.locator(".unsent")
    expect(unsent).to_be_focused()
    assert unsent.inner_text().split("\n")[0] == "Chưa gửi được: mất kết nối"
    expect(unsent).to_contain_text("Số liệu đã lưu trên máy.")
    expect(page.get_by_label("Số máy cài mới")).to_have_value("88")
    inspect(page)
    assert _line_is_back(page).status == 200
    expect(page.locator(".receipt")).to_contain_text("3.500")
    assert _stored(cast) == [(88, 46, "Mạng yếu\ntại thôn 3", 1)]
    assert _drafts(page) == []
    expect(page.get_by_text(SAVED)).to_have_count(1)  # hidden, so that it can be shown
    expect(page.get_by_text(SAVED)).to_be_hidden()


@pytest.mark.parametrize(
    "arrives",
    [pytest.param(False, id="before-it-arrives", marks=pytest.mark.matrix), pytest.param(True, id="before-the-answer")],
)
def test_request_that_breaks_off_half_way_is_one_report(cast, page, arrives):
    with_history(cast)
    sign_in(page, cast.officer)
    _type(page, installs="88")

    def break_off(route):
        if arrives:
            route.fetch(max_redirects=0)
        route.abort("connectionreset")

    page.route(f"**{REPORT_PATH}", break_off, times=1)
    page.get_by_role("button", name="GỬI BÁO CÁO").click()
    expect(page.locator(".unsent")).to_be_focused()
    assert len(_stored(cast)) == arrives
    assert send(page, "Gửi lại").status == 200
    expect(page.locator(".notice").last).to_contain_text("được tiếp nhận lúc" if arrives else "Đã tiếp nhận báo cáo")
    assert _stored(cast) == [(88, None, "", 1)]
    assert _drafts(page) == []


@pytest.mark.matrix
def test_draft_ends_even_if_the_answer_is_lost(cast, page):
    with_history(cast)
    sign_in(page, cast.officer)
    _type(page, installs="88")
    make_report(cast.commune, installs=88, by=cast.officer)  # it had arrived
    page.goto("/")
    expect(page.locator(".state-line")).to_contain_text("Đúng hạn")
    expect(page.get_by_text(SAVED)).to_be_hidden()
    assert _drafts(page) == []


@pytest.mark.matrix
def test_answer_that_does_not_come_is_not_waited_for_without_end(cast, open_browser):
    with_history(cast)
    page = open_browser(own=True)
    page.clock.install()
    sign_in(page, cast.officer)
    _type(page, installs="88")
    page.route(f"**{REPORT_PATH}", lambda route: None, times=1)
    page.get_by_role("button", name="GỬI BÁO CÁO").click()
    expect(page.locator(".draft [role=status]")).to_have_text("Đang gửi …")
    page.clock.fast_forward("00:31")
    expect(page.locator(".unsent")).to_contain_text("Chưa gửi được: mất kết nối")
    assert send(page, "Gửi lại").status == 200
    assert _stored(cast) == [(88, None, "", 1)]


def test_two_taps_are_one_report(cast, page):
    with_history(cast)
    sign_in(page, cast.officer)
    _type(page, installs="88")
    with page.expect_navigation(url=f"**{RECEIPT_PATH}"):
        page.get_by_role("button", name="GỬI BÁO CÁO").dblclick()
    expect(page.locator(".receipt")).to_contain_text("3.500")
    assert _stored(cast) == [(88, None, "", 1)]


@pytest.mark.matrix
def test_device_that_keeps_nothing_does_not_claim_to(cast, open_browser):
    with_history(cast)
    page = open_browser(own=True)
    page.context.add_init_script("Storage.prototype.setItem = () => { throw new Error('no room'); };")
    sign_in(page, cast.officer)
    _type(page, installs="88")
    expect(page.locator(".draft [role=status]")).to_have_text("")
    page.context.set_offline(True)
    page.get_by_role("button", name="GỬI BÁO CÁO").click()
    unsent = page.locator(".unsent")
    expect(unsent).to_contain_text("Số liệu vẫn còn trong biểu mẫu: đừng đóng trang này.")
    expect(unsent.get_by_text("Số liệu đã lưu trên máy.")).to_be_hidden()
    assert _line_is_back(page).status == 200


# The deadline


@pytest.mark.matrix  # slow: visits many pages
def test_hour_that_passes_without_a_line_is_said_and_the_figures_go_late(cast, open_browser, set_clock):
    with_history(cast)
    page = open_browser(own=True)
    page.clock.install()
    set_clock("2020-08-21 16:58:00")
    sign_in(page, cast.officer)
    _type(page, installs="88", households="46", note="Mất mạng")
    page.context.set_offline(True)
    page.get_by_role("button", name="GỬI BÁO CÁO").click()
    passed = page.get_by_text("Đã quá 17h00: bấm Gửi lại để gửi báo cáo trễ hạn.")
    expect(page.locator(".unsent")).to_be_focused()
    expect(passed).to_be_hidden()
    page.clock.fast_forward("03:00")
    expect(passed).to_be_visible()
    inspect(page)

    set_clock("2020-08-21 17:01:00")
    assert _line_is_back(page).status == 422
    expect(page.locator(".summary")).to_contain_text("Đã hết hạn")
    expect(page.get_by_label("Số máy cài mới")).to_have_value("88")
    expect(page.get_by_role("button", name="GỬI BÁO CÁO TRỄ HẠN")).to_be_visible()
    assert (_stored(cast), _drafts(page)) == ([], [OF_THE_DAY])

    page.goto("/")  # someone who only comes back now finds them in the late form
    expect(page.locator(".draft-note")).to_contain_text(SAVED)
    inspect(page)
    page.get_by_role("link", name="Gửi báo cáo trễ hạn").click()
    expect(page.locator("form .draft-note")).to_contain_text(SAVED)
    expect(page.get_by_label("Số máy cài mới")).to_have_value("88")
    expect(page.get_by_label("Khó khăn, vướng mắc")).to_have_value("Mất mạng")
    inspect(page)
    page.get_by_label("Mất điện, mất mạng").check()
    page.context.set_offline(True)
    page.get_by_role("button", name="GỬI BÁO CÁO TRỄ HẠN").click()
    expect(page.locator(".unsent")).to_be_focused()
    assert _line_is_back(page).status == 200
    expect(page.locator(".notice-waiting")).to_contain_text("88 máy")
    asked = LateRequest.objects.get()
    assert (asked.installs, asked.households_visited, asked.note) == (88, 46, "Mất mạng")
    assert _drafts(page) == []


# Whose draft it is, and how long it is kept


@pytest.mark.matrix  # slow: visits many pages
def test_draft_is_shown_to_nobody_else_on_a_shared_device(cast, page):
    with_history(cast)
    colleague = make_user("11416-2", Unit.objects.get(pk=cast.commune.pk))
    sign_in(page, cast.officer)
    _type(page, installs="88", note="Của riêng tôi")
    page.context.clear_cookies(name="sessionid")
    sign_in_by_hand(page, colleague, to=REPORT_PATH)
    expect(page.get_by_label("Số máy cài mới")).to_have_value("")
    expect(page.get_by_text(SAVED)).to_be_hidden()
    expect(page.get_by_text("Của riêng tôi")).to_have_count(0)
    _type(page, installs="7")
    assert _drafts(page) == [f"draft/11416-2/11416/{DAY}", OF_THE_DAY]

    _sign_out(page)
    assert _drafts(page) == [OF_THE_DAY]
    sign_in_by_hand(page, cast.officer, to=REPORT_PATH)
    expect(page.get_by_label("Số máy cài mới")).to_have_value("88")
    _sign_out(page)
    assert _drafts(page) == []
    sign_in_by_hand(page, cast.officer, to=REPORT_PATH)
    expect(page.get_by_label("Số máy cài mới")).to_have_value("")


@pytest.mark.matrix  # slow: visits many pages
def test_old_receipt_does_not_end_a_newer_draft(cast, page):
    with_history(cast)
    make_report(cast.commune, installs=88, by=cast.officer)
    sign_in(page, cast.officer, to=REPORT_PATH)
    page.get_by_label("Số máy cài mới").fill("96")
    for path in ("/", RECEIPT_PATH):
        page.goto(path)
        expect(page.locator(".draft-note")).to_contain_text(SAVED)
        inspect(page)
    page.get_by_role("link", name="Sửa báo cáo").click()
    expect(page.get_by_label("Số máy cài mới")).to_have_value("96")
    inspect(page)
    page.get_by_role("button", name="Bỏ bản nháp").click()
    expect(page.get_by_label("Số máy cài mới")).to_have_value("88")
    expect(page.get_by_text(SAVED)).to_be_hidden()
    assert _drafts(page) == []

    page.get_by_label("Số máy cài mới").fill("97")
    page.goto(RECEIPT_PATH)
    page.get_by_role("button", name="Bỏ bản nháp").click()
    expect(page.locator(".draft-note")).to_be_hidden()
    assert _drafts(page) == []


@pytest.mark.matrix
def test_draft_never_covers_what_the_server_says_of_the_figures(cast, page):
    with_history(cast)
    sign_in(page, cast.officer)
    page.get_by_label("Số máy cài mới").fill("1,5")
    assert send(page).status == 422
    expect(page.locator(".summary")).to_be_focused()
    expect(page.get_by_label("Số máy cài mới")).to_have_value("1,5")
    expect(page.get_by_role("button", name="Bỏ bản nháp")).to_be_hidden()
    page.get_by_label("Số máy cài mới").fill("15")
    page.goto("/")
    expect(page.get_by_label("Số máy cài mới")).to_have_value("15")


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
    words = SAVED if script else "Đã nhập trước khi đăng nhập lại, chưa gửi."
    expect(page.locator("form .draft-note:visible")).to_contain_text(words)
    expect(page.get_by_label("Số máy cài mới")).to_have_value("88")
    expect(page.get_by_label("Số hộ mới đến vận động")).to_have_value("46")
    expect(page.get_by_label("Khó khăn, vướng mắc")).to_have_value("Mạng yếu\ntại thôn 3")
    assert _stored(cast) == []  # never by itself
    if script:
        inspect(page)
    assert send(page).status == 200
    assert _stored(cast) == [(88, 46, "Mạng yếu\ntại thôn 3", 1)]
    if script:
        assert _drafts(page) == []


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


def _sign_out(page):
    page.get_by_text("Menu").click()
    follow(page.get_by_role("button", name="Đăng xuất"))


def _stored(cast):
    """The day's revisions: installs, households, note, number."""
    revisions = Revision.objects.filter(report__unit=cast.commune, report__day=DAY).order_by("number")
    return list(revisions.values_list("installs", "households_visited", "note", "number"))


def _line_is_back(page):
    """A pressed button's form is sent by itself; returns the response of the page that it leads to."""
    with page.expect_navigation() as navigation:
        page.context.set_offline(False)
    return navigation.value


def _drafts(page):
    """The drafts. The device also knows whose form was opened last, for the offline form."""
    return page.evaluate("Object.keys(localStorage).filter((key) => key !== 'last-form').sort()")
