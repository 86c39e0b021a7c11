"""What an officer pressed is what is sent: the outbox on the phone, with the real service worker."""

import re
from datetime import time
from time import sleep

import pytest
from playwright.sync_api import expect

from reporting import clock
from reporting.models import Press, Report
from reporting.views import public

from ..factories import DAY, at, make_cover, make_extension, make_report
from .inspection import check_appearance
from .steps import REPORT_PATH, eventually, give_session, sign_in, sign_in_by_hand, wait_for_form, with_history

FOUND = """async () => {
  const store = await caches.open((await caches.keys())[0]);
  const pages = (await store.keys()).map(async ({ url }) => [url, await (await store.match(url)).text()]);
  const databases = (await indexedDB.databases()).map(({ name }) => name);
  return [await outbox.all(), databases, { ...localStorage }, { ...sessionStorage }, await Promise.all(pages)];
}"""
KEPT = "outbox.all()"
PATIENCE = public.PATIENCE


@pytest.fixture(autouse=True)
def _line_may_be_cut(expected_complaints):
    expected_complaints += ["Failed to load resource: net::ERR_", "The FetchEvent for"]


@pytest.fixture
def phone(cast, open_browser):
    """An officer's phone that has opened the form once, so the worker is installed."""
    with_history(cast)
    page = open_browser(own=True, service_workers="allow")
    sign_in(page, cast.officer)
    assert page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    wait_for_form(page)
    return page


def expect_kept(page, *wanted):
    """Wait until the device keeps exactly these numbers and states."""

    def kept():
        return sorted((one["number"], one["state"]) for one in page.evaluate(KEPT) if "fields" in one)

    eventually(page, kept, list(wanted))


def expect_known(page, **units):
    """Wait until the device knows these units, each with the version of its report, for the offline form."""

    def known():
        return {one["code"]: one["version"] for one in page.evaluate(KEPT) if "said" in one}

    eventually(page, known, units)


def fill_in_and_send(page, number, button="GỬI BÁO CÁO"):
    page.get_by_label("Số máy cài mới").fill(number)
    page.get_by_role("button", name=button).click()


def press(page, number, button="GỬI BÁO CÁO"):
    """Press without a line: the list of what is on the device then has the focus."""
    wait_for_form(page)
    fill_in_and_send(page, number, button)
    expect(page.locator(".outbox")).to_be_focused()


def installs():
    return list(Report.objects.filter(unit__code="11416", day=DAY).values_list("installs", flat=True))


def test_half_typed_number_is_not_sent_for_the_pressed_one(phone):
    phone.context.set_offline(True)
    press(phone, "188")
    expect_kept(phone, ("188", "waiting"))
    phone.get_by_label("Số máy cài mới").fill("1")
    expect(phone.locator(".draft [role=status]").first).to_have_text("Đã lưu trên máy, chưa gửi")
    phone.context.set_offline(False)
    expect(phone.locator(".outbox")).to_contain_text("188 · Phường Đằng Hải, 21/08/2020 · đã tiếp nhận lúc")
    assert installs() == [188]
    expect(phone.get_by_label("Số máy cài mới")).to_have_value("1")  # nothing is replaced while one types
    expect_kept(phone, ("1", "draft"), ("188", "received"))


def test_offline_form_says_what_is_recorded_and_asks_before_it_replaces_it(cast, phone):
    make_report(cast.commune, installs=80, by=cast.officer)
    make_report(cast.commune, installs=88, by=cast.officer, hour=time(11))
    phone.goto(REPORT_PATH)
    expect_known(phone, **{"11416": "2"})
    phone.context.set_offline(True)
    phone.goto("/")
    expect(phone.locator("[data-said]")).to_have_text("88 đã tiếp nhận lúc 11h00; số mới sẽ thay thế")
    press(phone, "12", "GỬI KHI CÓ MẠNG")
    phone.context.set_offline(False)
    expect(phone.locator(".outbox")).to_contain_text("Thay số 88 đã tiếp nhận lúc 11h00?")
    assert installs() == [88]
    phone.locator(".outbox").get_by_role("button", name="Gửi", exact=True).click()
    expect(phone.get_by_role("heading", name="Phiếu tiếp nhận")).to_be_focused()
    assert installs() == [12]
    expect_kept(phone)


def test_offline_hour_is_said_and_the_late_form_has_the_press_as_evidence(phone, set_clock):
    phone.context.set_offline(True)
    press(phone, "88")
    set_clock("2020-08-21 17:01:00")
    phone.context.set_offline(False)
    expect_kept(phone, ("88", "late"))
    phone.goto("/")
    phone.locator(".outbox").get_by_role("link", name="Mở").click()
    expect(phone.get_by_label("Số máy cài mới")).to_have_value("88")
    evidence = re.compile("^Đã bấm gửi lúc 15h3[5-9] trên máy, khi chưa có mạng$")
    expect(phone.locator("#id_reason")).to_have_value(evidence)
    assert installs() == []


def test_signing_out_asks_about_the_unsent_and_says_that_it_cannot_offline(cast, phone):
    phone.context.set_offline(True)
    press(phone, "188")
    sign_out(phone, "Bỏ và đăng xuất")
    expect(phone.locator(".outbox")).to_contain_text("Chưa đăng xuất được: mất kết nối.")
    expect_kept(phone, ("188", "waiting"))
    phone.context.set_offline(False)
    expect(phone.get_by_role("heading", name="Phiếu tiếp nhận")).to_be_visible()  # the session goes on


@pytest.mark.parametrize(
    ("answer", "left"),
    [
        ("Gửi rồi đăng xuất", []),
        ("Bỏ và đăng xuất", []),
        ("Giữ lại trên máy cho tôi", [("188", "waiting")]),
        ("Không đăng xuất", None),
    ],
)
def test_what_remains_on_the_device_after_signing_out(phone, answer, left):
    phone.get_by_label("Số máy cài mới").fill("188")
    phone.locator("form.report > .other-way > summary").click()
    phone.get_by_label("Khó khăn, vướng mắc").fill("Ông Hạnh 0912345678")
    phone.context.route("**/report/**", lambda route: route.abort())
    phone.get_by_role("button", name="GỬI BÁO CÁO").click()
    expect(phone.locator(".outbox")).to_contain_text("188 · Phường Đằng Hải, 21/08/2020 · đã lưu trên máy, chưa gửi")
    sign_out(phone, answer, before=phone.context.unroute_all if answer.startswith("Gửi") else None)
    if left is None:
        assert phone.url.endswith("/units/11416/")
        return
    expect(phone.get_by_label("Mật khẩu")).to_be_visible()
    expect_kept(phone, *left)
    assert installs() == ([188] if answer.startswith("Gửi") else [])
    records, databases, *storages, pages = phone.evaluate(FOUND)
    assert "0912345678" not in str(records)
    assert (databases, storages) == (["outbox"], [{}, {}])
    names = sorted(url.rpartition("/")[2] for url, _text in pages)
    assert names == ["?language=en", "?language=vi", "form.js", "reporting.css"]
    assert [word for word in ("188", "11416", "Đằng Hải", "Hạnh") if word in str(pages)] == []
    assert {one["name"] for one in phone.context.cookies()} <= {"csrftoken", "device"}
    if not left:
        assert records == [{"key": "language", "language": "vi"}]
        phone.context.set_offline(True)
        phone.goto("/")
        expect(phone.get_by_role("heading", name="Mất kết nối")).to_be_visible()
        expect(phone.get_by_text("Đằng Hải")).to_have_count(0)


def test_draft_alone_is_not_offered_to_be_sent_at_the_sign_out(phone):
    phone.get_by_label("Số máy cài mới").fill("188")
    expect(phone.locator(".draft [role=status]").first).to_have_text("Đã lưu trên máy, chưa gửi")
    phone.get_by_text("Menu", exact=True).click()
    phone.get_by_role("button", name="Đăng xuất", exact=True).click()
    expect(phone.locator("dialog.leaves button:visible")).to_have_text(
        ["Giữ lại trên máy cho tôi", "Bỏ và đăng xuất", "Không đăng xuất"]
    )


def sign_out(page, answer, *, before=None):
    """Ask to sign out and answer what the phone then asks; `before` happens between the two."""
    page.get_by_text("Menu", exact=True).click()
    page.get_by_role("button", name="Đăng xuất", exact=True).click()
    chosen = page.locator("dialog.leaves").get_by_role("button", name=answer)
    expect(chosen).to_be_visible()
    if before:
        before()
    chosen.click()


def form_at(moment, cast, open_browser, set_clock):
    """The officer's form, opened at a moment, in a browser whose clock the test moves."""
    with_history(cast)
    page = open_browser(own=True)
    page.clock.install()
    set_clock(moment)
    sign_in(page, cast.officer)
    wait_for_form(page)
    return page


def test_extension_while_the_page_is_open_keeps_the_day_open(cast, open_browser, set_clock):
    page = form_at("2020-08-21 16:58:00", cast, open_browser, set_clock)
    make_extension(cast.commune)
    set_clock("2020-08-21 17:01:00")
    page.clock.fast_forward("03:00")
    expect(page.locator(".countdown")).to_contain_text("còn 5")
    set_clock("2020-08-21 18:00:01")
    page.clock.fast_forward("59:30")
    expect(page.locator(".state-line")).to_contain_text("Chưa báo cáo")  # the page is loaded again


def test_hour_that_passes_while_the_page_loads_is_seen(cast, page, set_clock):
    def hold(route):
        while clock.now() < at("2020-08-21 17:00:00.1"):
            sleep(0.05)
        route.continue_()

    with_history(cast)
    give_session(page, cast.officer)
    page.route("**/form.js", hold, times=1)
    set_clock("2020-08-21 16:59:57")
    page.goto("/")
    expect(page.get_by_role("link", name="Gửi báo cáo trễ hạn")).to_be_visible()  # the page is loaded again


@pytest.mark.parametrize("status", [502, 503])
def test_server_that_is_away_is_no_line(phone, status):
    answer_with(phone, lambda route: route.fulfill(status=status, body="away"))


def test_silent_server_is_no_line(request, monkeypatch):
    monkeypatch.setattr(public, "PATIENCE", PATIENCE)
    answer_with(request.getfixturevalue("phone"), lambda route: None)


def answer_with(phone, answer):
    def act(route):  # what the worker asks for is no navigation
        return route.abort() if route.request.url.endswith("/state/") else answer(route)

    phone.context.route("**/units/11416/**", act)
    phone.goto("/units/11416/")
    expect(phone.get_by_role("button", name="GỬI KHI CÓ MẠNG")).to_be_visible()


def break_off(route):
    """The server takes the press, and the phone does not know."""
    route.fetch(max_redirects=0)
    route.abort("connectionreset")


def test_receipt_that_was_lost_comes_with_the_same_press(phone):
    phone.context.route(f"**{REPORT_PATH}", break_off, times=1)
    press(phone, "88")
    assert installs() == [88]
    phone.context.set_offline(True)
    phone.context.set_offline(False)
    expect(phone.get_by_role("heading", name="Phiếu tiếp nhận")).to_be_focused()
    assert Press.objects.count() == 1
    expect_kept(phone)


def test_earlier_press_that_is_received_last_replaces_no_later_one(phone, set_clock):
    phone.context.route(f"**{REPORT_PATH}", break_off, times=1)
    press(phone, "12")
    phone.context.set_offline(True)
    press(phone, "13")
    phone.context.route(f"**{REPORT_PATH}", lambda route: route.fulfill(body="?"), times=1)
    set_clock("2020-08-21 17:01:00")
    phone.context.set_offline(False)
    expect(phone.locator(".outbox")).to_contain_text("13 · Phường Đằng Hải, 21/08/2020 · Đã khóa sổ")
    phone.evaluate("dispatchEvent(new Event('online'))")
    expect(phone.get_by_role("heading", name="Phiếu tiếp nhận")).to_be_focused()
    expect_kept(phone, ("13", "late"))
    assert installs() == [12]


def test_number_that_is_pressed_again_is_the_last(phone):
    phone.context.set_offline(True)
    for number in ["12", "13", "12"]:
        press(phone, number)
    phone.context.set_offline(False)
    expect(phone.get_by_role("heading", name="Phiếu tiếp nhận")).to_be_focused()
    assert installs() == [12]


def test_press_that_waits_when_the_session_ends_says_what_to_do(phone):
    phone.context.set_offline(True)
    press(phone, "88")
    phone.context.clear_cookies(name="sessionid")
    phone.context.set_offline(False)
    expect(phone.locator(".outbox")).to_contain_text("88 · Phường Đằng Hải, 21/08/2020 · chưa gửi: mở lại trang")
    phone.locator(".outbox").get_by_role("link", name="Mở").click()
    expect(phone.get_by_label("Mật khẩu")).to_be_visible()
    expect_kept(phone, ("88", "waiting"))


def test_another_number_may_be_pressed_while_the_server_is_silent(phone):
    held = []
    phone.context.route(f"**{REPORT_PATH}", lambda route: held.append(route), times=1)
    fill_in_and_send(phone, "88")
    expect(phone.locator(".outbox")).to_contain_text("88 · Phường Đằng Hải")  # after four seconds
    fill_in_and_send(phone, "90")
    expect(phone.locator(".outbox p")).to_have_count(2)
    held[0].continue_()
    expect(phone.get_by_role("heading", name="Phiếu tiếp nhận")).to_be_visible()
    presses = Press.objects.order_by("revision__number").values_list("revision__installs", flat=True)
    eventually(phone, lambda: list(presses.all()), [88, 90])


def test_press_that_is_discarded_too_late_says_that_it_was_received(phone):
    held = []
    phone.context.route(f"**{REPORT_PATH}", lambda route: held.append(route), times=1)
    fill_in_and_send(phone, "88")
    phone.locator(".outbox").get_by_role("button", name="Bỏ").click()
    held[0].continue_()
    expect(phone.get_by_role("heading", name="Phiếu tiếp nhận")).to_be_visible()
    assert installs() == [88]


def test_second_tab_does_not_call_saved_what_the_first_has_sent(phone):
    phone.get_by_label("Số máy cài mới").fill("88")
    saved = phone.locator(".draft [role=status]").first
    expect(saved).to_have_text("Đã lưu trên máy, chưa gửi")
    other = phone.context.new_page()
    other.goto("/")
    expect(other.locator(".draft [role=status]").first).to_have_text("Đã lưu trên máy, chưa gửi")
    other.get_by_role("button", name="GỬI BÁO CÁO").click()
    expect(other.get_by_role("heading", name="Phiếu tiếp nhận")).to_be_visible()
    phone.evaluate("document.dispatchEvent(new Event('visibilitychange', { bubbles: true }))")  # it is seen again
    expect(saved).to_be_empty()
    expect(phone.locator(".outbox")).to_contain_text(re.compile("88 đã tiếp nhận lúc 15h3[5-9]"))
    phone.locator(".outbox").get_by_role("link", name="Mở").click()
    expect(phone.locator(".state-line")).not_to_contain_text("Chưa báo cáo")


def test_back_to_a_question_is_the_form_and_not_called_offline(phone):
    fill_in_and_send(phone, "3500")
    expect(phone.locator(".question")).to_be_visible()
    phone.goto("/guide/")
    phone.go_back()
    expect(phone.locator(".question")).to_be_visible()
    expect(phone.get_by_text("Mất kết nối")).to_have_count(0)


def test_answer_to_a_question_that_raises_another_one_says_so_when_it_is_sent_later(phone):
    fill_in_and_send(phone, "9000")
    phone.wait_for_url(f"**{REPORT_PATH}")
    wait_for_form(phone)
    phone.context.set_offline(True)
    phone.get_by_role("button", name="Đây là số lũy kế").click()
    expect(phone.locator(".outbox")).to_contain_text("9000 · Phường Đằng Hải, 21/08/2020 · đã lưu trên máy, chưa gửi")
    phone.context.set_offline(False)
    expect_kept(phone, ("9000", "asked"))
    expect(phone.locator(".outbox")).to_contain_text("5.588")
    phone.locator(".outbox").get_by_role("link", name="Mở").click()
    expect(phone.locator(".question")).to_contain_text("5.588")


def test_question_that_was_lost_with_the_line_comes_back_with_both_answers(phone, set_clock):
    def break_off(route):
        route.fetch(max_redirects=0)
        route.abort("connectionreset")

    set_clock("2020-08-21 16:59:00")
    phone.context.route(f"**{REPORT_PATH}", break_off, times=1)
    press(phone, "3500")
    set_clock("2020-08-21 17:02:00")
    phone.goto("/")
    expect(phone.locator(".question")).to_contain_text("3.500")
    phone.get_by_role("button", name="Đây là số lũy kế").click()
    expect(phone.get_by_role("heading", name="Phiếu tiếp nhận")).to_be_visible()
    expect(phone.locator(".receipt")).to_contain_text("Đúng hạn")
    assert installs() == [88]


def test_clock_of_the_phone_that_is_put_right_by_an_hour_closes_nothing(cast, open_browser):
    with_history(cast)
    page = open_browser(own=True)
    page.clock.install()
    sign_in(page, cast.officer)
    wait_for_form(page)
    expect(page.locator(".countdown")).to_contain_text("còn 1 giờ")
    page.clock.set_system_time(page.evaluate("Date.now()") + 2 * 60 * 60 * 1000)
    with page.expect_response("**/state/"):
        page.clock.run_for(2000)
    expect(page.locator(".countdown")).to_contain_text("còn 1 giờ")


def test_offline_form_says_at_the_hour_that_it_is_late(cast, phone):
    phone.clock.install()
    phone.context.set_offline(True)
    phone.goto("/")
    press(phone, "88", "GỬI KHI CÓ MẠNG")
    phone.clock.fast_forward("01:25:00")
    expect(phone.locator(".countdown")).to_have_text("đã quá giờ: sẽ gửi như báo cáo trễ hạn")
    expect(phone.locator(".outbox")).to_contain_text("chưa gửi; đã quá giờ: sẽ gửi như báo cáo trễ hạn")


def test_offline_form_is_not_replaced_while_one_types(phone):
    phone.context.set_offline(True)
    phone.goto("/")
    phone.get_by_label("Số máy cài mới").press_sequentially("18")
    phone.context.set_offline(False)
    expect(phone.locator(".outbox")).to_contain_text("Đã có mạng.")
    phone.get_by_label("Số máy cài mới").press_sequentially("8")
    phone.locator(".outbox").get_by_role("link", name="Mở").click()
    expect(phone.get_by_role("button", name="GỬI BÁO CÁO")).to_be_visible()
    expect(phone.get_by_label("Số máy cài mới")).to_have_value("188")


def test_page_without_a_form_goes_by_the_hour_of_the_server_too(phone):
    """Here the phone's own clock is years ahead."""
    phone.context.set_offline(True)
    press(phone, "88")
    phone.context.route("**/report/**", lambda route: route.abort())
    phone.context.set_offline(False)
    phone.goto("/guide/")
    expect(phone.locator(".outbox")).to_contain_text("88 · Phường Đằng Hải, 21/08/2020 · đã lưu trên máy, chưa gửi")


def test_home_lists_what_is_of_another_unit_or_day(cast, phone, set_clock):
    phone.get_by_label("Số máy cài mới").fill("77")
    expect(phone.locator(".draft [role=status]").first).to_have_text("Đã lưu trên máy, chưa gửi")
    set_clock("2020-08-22 08:00:00")
    sign_in(phone, cast.officer)
    line = "77 · Phường Đằng Hải, 21/08/2020 · bản nháp, chưa gửi"
    expect(phone.locator(".outbox")).to_contain_text(line)
    cast.officer.unit = cast.neighbour
    cast.officer.save()
    sign_in(phone, cast.officer)
    expect(phone.get_by_role("heading", name="Phường Cát Bi")).to_be_visible()
    expect(phone.locator(".outbox")).to_contain_text(line)
    phone.evaluate("outbox.all().then((all) => Promise.all(all.map((one) => outbox.put({ ...one, ends: 1 }))))")
    phone.goto("/")  # when late reports have ended
    expect_kept(phone)
    expect(phone.locator(".outbox")).to_be_hidden()


def test_offline_form_of_an_officer_with_a_cover_is_that_of_the_address(cast, phone):
    make_cover(cast.neighbour, cast.officer, cast.district_clerk)
    phone.goto("/units/11407/")
    expect_known(phone, **{"11407": "0", "11416": "0"})
    phone.goto("/units/11416/")
    wait_for_form(phone)
    phone.context.set_offline(True)
    for path, name in [("/units/11407/", "Phường Cát Bi"), ("/units/11416/", "Phường Đằng Hải")]:
        phone.goto(path)
        expect(phone.locator("h1[data-unit]")).to_have_text(name)
    phone.goto("/units/318/")
    expect(phone.get_by_role("heading", name="Mất kết nối")).to_be_visible()
    expect(phone.locator("[data-others] a")).to_have_text(["Phường Cát Bi", "Phường Đằng Hải"])


def test_stored_form_follows_the_release_and_the_language(phone, monkeypatch):
    phone.goto("/guide/")
    phone.get_by_role("button", name="English").click()
    expect(phone.get_by_role("heading", name="Guide")).to_be_visible()
    phone.context.set_offline(True)
    phone.goto("/")  # what it knows of the unit is in Vietnamese still
    expect(phone.get_by_role("button", name="GỬI KHI CÓ MẠNG")).to_be_visible()
    check_appearance(phone)
    phone.context.set_offline(False)
    expect(phone.get_by_role("button", name="SEND THE REPORT")).to_be_visible()
    eventually(phone, lambda: [one["language"] for one in phone.evaluate(KEPT) if "language" in one], ["en", "en"])
    [before] = phone.evaluate("caches.keys()")
    monkeypatch.setattr(public, "render_to_string", lambda name: "another release")
    phone.evaluate("navigator.serviceWorker.getRegistration().then((one) => one.update())")
    eventually(phone, lambda: phone.evaluate("caches.keys()").count(before), 0)
    phone.context.set_offline(True)
    phone.goto("/")
    expect(phone.get_by_role("button", name="SEND WHEN CONNECTED")).to_be_visible()
    check_appearance(phone, language="en")


def test_device_is_known_by_a_cookie_that_no_script_reads(cast, open_browser):
    page = open_browser(own=True)
    sign_in_by_hand(page, cast.officer)
    expect(page.locator(".countdown")).to_be_visible()
    assert [one["httpOnly"] for one in page.context.cookies() if one["name"] == "device"] == [True]
    assert "device" not in page.evaluate("document.cookie")


def test_screen_reader_hears_the_outcome_and_the_hour_and_meets_the_button_first(cast, open_browser, set_clock):
    page = form_at("2020-08-21 16:49:00", cast, open_browser, set_clock)
    field, spoken = page.get_by_label("Số máy cài mới"), page.locator("[data-spoken]")
    expect(field).to_have_attribute("aria-required", "true")
    expect(page.locator(".outcome")).to_have_role("status")
    field.press("Tab")
    expect(page.get_by_role("button", name="GỬI BÁO CÁO")).to_be_focused()
    for moment, passed, words in [
        ("16:50:30", "01:30", re.compile("^còn 9 phút")),
        ("16:59:10", "08:40", re.compile("^còn 0 phút")),
        ("17:00:01", "00:51", "Đã hết hạn báo cáo"),
    ]:
        set_clock(f"2020-08-21 {moment}")
        field.focus()
        page.clock.fast_forward(passed)
        expect(spoken).to_have_text(words)
    expect(spoken).to_have_role("status")
