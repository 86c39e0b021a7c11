"""Signing in: who has to wait, what is recorded, and that a one-time password never makes a report late."""

import pytest
from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.hashers import MD5PasswordHasher
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.test import Client

from reporting import gate
from reporting.models import AccessRecord, ExemptDay, Report, Session, User
from reporting.people import wrong_passwords
from tests.factories import DAY, PASSWORD, at, make_extension, make_report, make_user, reorganise

from .test_sign_in_page import LOGIN, is_signed_in, sign_in
from .visits import frozen, markup

pytestmark = pytest.mark.sql

OFFICE, ELSEWHERE = "203.0.113.7", "198.51.100.9"
NEW = "tám con chim sẻ nâu"
FORM = f"/units/11416/report/{DAY}/"


def attempt(username="11416", password=PASSWORD, *, address=OFFICE, agent="A", **headers):
    """One try in a new browser; returns the status."""
    return sign_in_from(username, password, address=address, agent=agent, **headers).status_code


def sign_in_from(username, password, *, address=OFFICE, agent="A", **headers):
    client = Client(REMOTE_ADDR=address, headers={"user-agent": agent, **headers})
    return client.post(LOGIN, {"username": username, "password": password})


# Waiting after wrong passwords.


def tries(times, *, address=OFFICE, **fields):
    return [attempt(password="wrong", address=address, **fields) for _try in range(times)]


def test_five_wrong_passwords_make_the_person_wait_at_that_address_and_nobody_else(cast):
    with frozen("2020-08-21 12:00"):
        assert tries(30) == [200] * 5 + [429] * 25
        assert attempt() == 429  # himself, there, with the right one
        assert attempt("11407") == 302  # a colleague with the same address
        assert attempt(address=ELSEWHERE) == 302  # himself, from another address
    with frozen("2020-08-21 12:00:02"):
        assert attempt() == 302


def test_clock_that_was_set_back_makes_nobody_wait(cast):
    for moment in ("2020-08-21 12:40", "2020-08-21 12:00"):
        with frozen(moment):
            assert attempt() == 302


def test_wait_is_twice_as_long_each_time_and_a_minute_at_most(cast):
    with frozen("2020-08-21 12:00"):
        tries(5)
    second = 0
    for wait in (2, 4, 8, 16, 32, 60, 60):
        with frozen(f"2020-08-21 12:0{(second + wait - 0.1) // 60:.0f}:{(second + wait - 0.1) % 60:04.1f}"):
            page = sign_in_from("11416", "wrong")
            assert (page.status_code, page["Retry-After"], page.context["wait"]) == (429, "1", 1)
        second += wait
        with frozen(f"2020-08-21 12:0{second // 60}:{second % 60:02}"):
            assert attempt(password="wrong") == 200


def test_many_at_once_are_counted_before_they_are_tried(cast, monkeypatch):
    statuses, waiting = [], list(range(8))

    def meanwhile(*args, **options):
        if waiting:
            waiting.pop()
            statuses.append(attempt(password="wrong"))

    monkeypatch.setattr(ModelBackend, "authenticate", meanwhile)
    with frozen("2020-08-21 12:00"):
        attempt(password="wrong")
    # The sixth try waits: the five before it count although none has been answered yet.
    assert sorted(statuses) == [200, 200, 200, 200, 429]


def test_wrong_passwords_are_forgotten_after_a_quarter_of_an_hour(cast):
    with frozen("2020-08-21 12:00"):
        tries(5)
    with frozen("2020-08-21 12:15"):
        assert tries(6) == [200] * 5 + [429]


def test_right_password_forgets_the_wrong_ones(cast):
    words = ["wrong"] * 5 + [PASSWORD]
    with frozen("2020-08-21 12:00"):
        first = [attempt(password=word) for word in words[1:]]
        assert first + [attempt(password=word) for word in words[1:]] == ([200] * 4 + [302]) * 2


@pytest.mark.parametrize("forwarded", [ELSEWHERE, f"{ELSEWHERE}, {OFFICE}", "nonsense"])
def test_header_of_a_stranger_changes_nothing(forwarded, cast):
    with frozen("2020-08-21 12:00"):
        found = [attempt(password="wrong", **{"x-forwarded-for": f"10.0.0.{n}"}) for n in range(6)]
        assert found == [200] * 5 + [429]
        assert attempt(**{"x-forwarded-for": forwarded}) == 429


def test_addresses_of_one_subscriber_are_one(cast):
    with frozen("2020-08-21 12:00"):
        found = [attempt(password="wrong", address=f"2001:db8:1:2::{n}") for n in range(1, 7)]
        assert found == [200] * 5 + [429]
        assert attempt(address="2001:db8:1:2:ffff::1") == 429
        assert attempt(address="2001:db8:1:3::1") == 302


# Many wrong ones from one address.


def browser(address=OFFICE, moment="2020-08-21 08:00"):
    """A browser that has opened the sign-in page."""
    client = Client(REMOTE_ADDR=address)
    with frozen(moment):
        client.get(LOGIN)
    return client


def guess_names(most):
    """Wrong passwords for as many names, each in a new browser."""
    for number in range(most):
        sign_in(browser(), f"name{number}", "wrong")


def guess_one_name(most):
    return [sign_in(browser(), password="wrong").status_code for _number in range(most)]


FREE_OF_A_NAME, FREE_OF_ALL = wrong_passwords.FREE_AT_AN_ADDRESS


@pytest.mark.matrix
def test_whoever_fails_without_a_browsers_name_delays_nobody_beside_him(cast):
    """A program without cookies, or one that keeps its own: his name in other browsers, and other names."""
    with frozen("2020-08-21 16:40"):
        program = browser()
        assert [sign_in(program, password="wrong").status_code for _try in range(30)] == [200] * 5 + [429] * 25
        assert tries(30) == [200] * 5 + [429] * 25
        for number in range(30):
            attempt(f"name{number}", "wrong")
        assert sign_in(browser()).status_code == 302
        assert sign_in(browser(), "11407").status_code == 302


def test_address_with_many_wrong_passwords_is_slowed_and_locks_nobody_out(cast):
    with frozen("2020-08-21 16:40"):
        guess_names(FREE_OF_ALL)
        first, mine = browser(), browser()
        assert sign_in(first, "11407", "wrong").status_code == 200
        page = sign_in(mine)
        assert (page.status_code, page["Retry-After"]) == (429, "3")
        assert sign_in(browser(ELSEWHERE)).status_code == 302
    with frozen("2020-08-21 16:40:03"):
        assert sign_in(mine).status_code == 302


def test_place_of_a_browser_is_served_before_newcomers_and_once(cast):
    with frozen("2020-08-21 16:40"):
        assert guess_one_name(FREE_OF_A_NAME + 1) == [200] * (FREE_OF_A_NAME + 1)
        mine = browser()
        assert sign_in(mine)["Retry-After"] == "3"
        assert guess_one_name(3) == [429] * 3  # they come after him
        assert sign_in(mine)["Retry-After"] == "3"  # asking again changes nothing
    with frozen("2020-08-21 16:40:03"):
        assert guess_one_name(2) == [429] * 2
        assert sign_in(mine, password="wrong").status_code == 200
        assert sign_in(mine).status_code == 429
        assert sign_in(mine, "11407").status_code == 302  # the name was crowded, not the address


def test_place_is_nobody_elses(cast):
    with frozen("2020-08-21 16:40"):
        guess_one_name(FREE_OF_A_NAME + 1)
        assert sign_in(browser())["Retry-After"] == "3"
    with frozen("2020-08-21 16:40:02"):
        assert [sign_in(browser())["Retry-After"] for _try in range(2)] == ["4", "7"]


@pytest.mark.matrix
@pytest.mark.parametrize(
    ("addresses", "free"),
    [
        ([f"203.0.113.{n}" for n in range(60)], FREE_OF_A_NAME * wrong_passwords.WIDER),
        ([f"2001:db8:1:{n:x}00::1" for n in range(60)], FREE_OF_A_NAME * wrong_passwords.WIDER**2),
    ],
)
def test_wider_network_is_slowed_too(addresses, free, cast):
    """A /24, and for IPv6 a /48 in which each try has another /56."""
    count = free + 2
    with frozen("2020-08-21 16:40"):
        said = [sign_in(browser(addresses[n % 60]), password="wrong").status_code for n in range(count)]
    assert said == [200] * (free + 1) + [429]


@pytest.mark.matrix
def test_known_device_does_not_wait_for_wrong_passwords_of_others(cast):
    mine = Client(REMOTE_ADDR=OFFICE)
    with frozen("2020-08-21 08:00"):
        assert sign_in(mine).status_code == 302
        mine.post("/accounts/logout/")
    with frozen("2020-08-21 16:40"):
        guess_names(FREE_OF_ALL + 1)
        assert [sign_in(client).status_code for client in (browser(), mine)] == [429, 302]
        assert sign_in(browser(), "11407").status_code == 429  # a colleague on a new device
        mine.post("/accounts/logout/")
        assert sign_in(mine, "11407", "wrong").status_code == 429  # and another person on this device


def test_known_device_has_ten_more_tries_and_then_waits_as_any_other(cast, client):
    with frozen("2020-08-21 12:00"):
        sign_in(client)
        client.post("/accounts/logout/")
        assert [sign_in(client, password="wrong").status_code for _try in range(16)] == [200] * 15 + [429]


def test_signing_in_does_not_clear_another_persons_wrong_passwords_on_the_device(cast, client):
    with frozen("2020-08-21 12:00"):
        said = []
        for username in ("11407", "11416", "11416"):
            sign_in(client, username)
            client.post("/accounts/logout/")
            said += [sign_in(client, "11407", "wrong").status_code for _try in range(8)]
    assert said == [200] * 15 + [429] * 9


def test_device_cookie_names_nobody(cast):
    people = []
    for client in (Client(), Client()):
        assert sign_in(client).status_code == 302
        people += gate.device_of(client.cookies["device"].value)["people"]
    assert (len(people), len(set(people))) == (2, 2)  # one person on two devices, by two marks
    assert str(cast.officer.pk) not in people


def test_forged_device_cookie_gives_no_more_tries(cast, client):
    client.cookies["device"] = "made:up:by-a-stranger"
    with frozen("2020-08-21 12:00"):
        # The first try counts with those of browsers without a name; then the browser has its own.
        assert [sign_in(client, password="wrong").status_code for _try in range(7)] == [200] * 6 + [429]


# What is recorded of guesses.


@pytest.mark.matrix
def test_guesses_leave_one_record_by_account_and_minute(cast):
    with frozen("2020-08-21 16:40"):
        guess_names(60)
        for username in ("31", "admin", "11416") * 7:
            attempt(username, "wrong")
        records = AccessRecord.objects.order_by("pk").values_list("kind", "by_name", "about__username")
        assert list(records.all()) == [
            ("refused", "name0", None),  # unknown names: one record for the address
            ("refused", "31", "31"),
            ("refused", "admin", "admin"),
            ("refused", "11416", "11416"),
        ]
    with frozen("2020-08-21 16:41"):
        attempt("31", "wrong")
        assert records.count() == 5


def test_nothing_else_is_kept_for_strangers(cast):
    tries(7)
    Client().get(LOGIN)
    Client().post(FORM, {"installs": "88", "typed_by": "11416"})
    assert Session.objects.count() == 0


def test_session_that_has_ended_is_cleared_by_the_next_sign_in(cast, client):
    for moment, username in (("2020-08-20 08:00", "11416"), ("2020-08-21 08:00", "11407")):
        with frozen(moment):
            sign_in(Client(), username)
    assert Session.objects.count() == 1


# What the page says meanwhile.


def test_page_says_how_long_and_whom_to_ring(cast, client):
    with frozen("2020-08-21 12:00"):
        pages = [sign_in(Client(), password="wrong") for _try in range(6)]
    assert "lần tiếp theo được thử sau 2 giây" in pages[5].text
    for page in (pages[0], pages[5]):
        assert "Gần 17h00? Gọi đơn vị cấp trên để được nhập thay" in page.text
        assert 'Quận Hải An: <a href="tel:02250000306">' in markup(page)
    client.cookies["django_language"] = "en"
    assert "Close to 17:00?" in client.get("/accounts/login/").text


@pytest.mark.parametrize("is_full", [True, False])
def test_page_that_makes_wait_keeps_the_figures_and_not_the_password(is_full, cast):
    typed = {"typed_by": "11416", "installs": "88", "base_version": "0", "opening": "0"}
    with frozen("2020-08-21 12:00"):
        if is_full:
            for _place in range(gate.REPORTS.threads):
                assert gate.HASH.places.acquire(blocking=False)
        else:
            tries(5, address="127.0.0.1")
        page = sign_in(Client(), next=FORM, **typed)
        if is_full:
            gate.HASH.places.release(gate.REPORTS.threads)
    assert page.status_code == 429
    assert page.text.count('<input type="hidden" name="installs" value="88">') == 2  # with a password, with a passkey
    assert page.text.count(f'<input type="hidden" name="next" value="{FORM}">') == 2
    assert PASSWORD not in page.text
    assert ("Nhiều người đang đăng nhập cùng lúc" in page.text) == is_full
    assert AccessRecord.objects.count() == (0 if is_full else 1)


# The same words and the same work for everybody.


@pytest.fixture
def hashed(monkeypatch):
    calls = []
    encode = MD5PasswordHasher.encode
    monkeypatch.setattr(MD5PasswordHasher, "encode", lambda *args: calls.append(args) or encode(*args))
    return calls


def answer(username, password):
    page = sign_in_from(username, password, agent=username)
    return page.status_code, page.context["form"].non_field_errors()


@pytest.mark.parametrize("username", ["nobody", "gone", "barred", "over"])
def test_every_refusal_takes_one_hash_and_says_the_same(username, cast, hashed):
    make_user("gone", cast.commune, is_active=False)
    make_user("over", cast.commune, password_expires_at=at("2020-08-20 12:00"))
    barred = make_user("barred", cast.commune)
    barred.set_unusable_password()
    barred.save()
    known = answer("11416", "wrong")
    hashed.clear()
    assert answer(username, "wrong") == known
    assert len(hashed) == 1


def test_known_name_takes_one_hash_for_a_wrong_password_and_for_the_right_one(cast, hashed):
    make_user("else", cast.commune)
    hashed.clear()
    answer("11416", "wrong")
    assert len(hashed) == 1
    assert attempt() == 302
    assert len(hashed) == 2


# The session: see test_sessions.py too.


def test_merger_of_the_unit_signs_nobody_out(cast):
    devices = [Client(), Client()]
    with frozen("2020-08-20 20:00"):
        for device in devices:
            sign_in(device)
    reorganise("action,code,into\nmerge,11416,11407\n", effective_on=DAY, at=at("2020-08-20 21:00"))
    with frozen("2020-08-21 00:00"):
        assert [is_signed_in(device) for device in devices for _again in range(2)] == [True] * 4
    assert User.objects.get(pk=cast.officer.pk).unit == cast.neighbour


def test_first_and_last_time_are_kept(cast):
    for moment in ("2020-08-20 08:00", "2020-08-21 09:00"):
        with frozen(moment):
            attempt()
    officer = User.objects.get(pk=cast.officer.pk)
    assert (officer.first_signed_in_at, officer.last_signed_in_at) == (at("2020-08-20 08:00"), at("2020-08-21 09:00"))


# The one-time password.


@pytest.fixture
def newcomer(cast):
    """The officer with a one-time password that ends on the 25th at noon."""
    ends = at("2020-08-25 12:00")
    User.objects.filter(pk=cast.officer.pk).update(must_change_password=True, password_expires_at=ends)
    return User.objects.get(pk=cast.officer.pk)


@pytest.mark.parametrize(("moment", "is_in"), [("11:59:59", True), ("12:00:00", False)])
def test_one_time_password_dies_at_its_end_and_only_its_holder_is_told(moment, is_in, newcomer, client):
    with frozen(f"2020-08-25 {moment}"):
        page = sign_in(client)
        assert must_change_first_password(client) == is_in
        if not is_in:
            assert page.context["form"].non_field_errors() == [
                "Mật khẩu dùng một lần này đã hết hạn lúc 12h00 ngày 25/08/2020. Đề nghị đơn vị cấp trên cấp mật khẩu "
                "mới."
            ]
            assert "hết hạn" not in sign_in(client, password="wrong").text


def must_change_first_password(client):
    return client.get("/inbox/").url.startswith("/accounts/password_change/")


def test_first_password_is_changed_before_anything_else_and_then_all_is_open(newcomer, client):
    with frozen("2020-08-21 12:00"):
        sign_in(client)
        asked = client.get(FORM)
        assert asked.url == f"/accounts/password_change/?next={FORM}"
        assert client.get(asked.url).text.count(f'<input type="hidden" name="next" value="{FORM}">') == 1
        typed = {"old_password": PASSWORD, "new_password1": NEW, "new_password2": NEW, "next": FORM}
        assert client.post("/accounts/password_change/", typed).url == FORM
        assert client.get(FORM).status_code == 200
    officer = User.objects.get(pk=newcomer.pk)
    assert (officer.must_change_password, officer.password_expires_at, officer.check_password(NEW)) == (
        False,
        None,
        True,
    )


def test_one_time_password_is_asked_again_only_after_fifteen_minutes(newcomer, client):
    chosen = {"new_password1": NEW, "new_password2": NEW}
    with frozen("2020-08-21 12:00"):
        sign_in(client)
        assert list(client.get("/accounts/password_change/").context["form"].fields) == list(chosen)
    with frozen("2020-08-21 12:16"):
        page = client.post("/accounts/password_change/", chosen)
        assert list(page.context["form"].errors) == ["old_password"]
    with frozen("2020-08-21 12:14"):
        assert client.post("/accounts/password_change/", chosen).status_code == 302
    assert User.objects.get(pk=newcomer.pk).check_password(NEW)


def test_same_password_again_is_no_change(newcomer, client):
    with frozen("2020-08-21 12:00"):
        sign_in(client)
        typed = {"old_password": PASSWORD, "new_password1": PASSWORD, "new_password2": PASSWORD}
        page = client.post("/accounts/password_change/", typed)
        assert list(page.context["form"].errors) == ["new_password1"]
        assert must_change_first_password(client)


@pytest.mark.parametrize(
    ("moment", "status"), [("16:29:59", 302), ("16:30:00", 200), ("16:59:59", 200), ("17:00:00", 302)]
)
def test_first_password_waits_in_the_half_hour_before_the_hour(moment, status, newcomer, client):
    with frozen(f"2020-08-21 {moment}"):
        sign_in(client)
        assert client.get(FORM).status_code == status


def test_officer_with_a_first_password_reports_at_the_last_minute(newcomer, client):
    with frozen("2020-08-21 16:58"):
        sign_in(client)
        assert client.get("/").url == "/units/11416/"
        assert client.get("/units/11416/").text.count("/accounts/password_change/") == 2  # the menu's, and the notice's
        sent = client.post(FORM, {"installs": "88", "opening": "0", "base_version": "0"})
        assert sent.url == f"/units/11416/reports/{DAY}/"
        assert client.get(sent.url).status_code == 200
        assert client.get("/inbox/").status_code == 302
    assert Report.objects.get(unit=newcomer.unit, day=DAY).installs == 88


def test_extension_moves_the_half_hour_in_which_a_first_password_may_stay(newcomer, client, cast):
    make_extension(cast.commune)  # until 18h00
    with frozen("2020-08-21 16:40"):
        sign_in(client)
        assert client.get(FORM).status_code == 302
    with frozen("2020-08-21 17:40"):
        assert client.get(FORM).status_code == 200


def test_report_with_a_one_time_password_says_who_gave_it_and_when(cast, client):
    superior, city = Client(), Client()
    with frozen("2020-08-21 16:20"):
        superior.force_login(cast.district_clerk)
        city.force_login(cast.city_clerk)
        password = superior.post(f"/people/{cast.officer.pk}/reset/").context["slip"].password
    with frozen("2020-08-21 16:40"):
        sign_in(client, password=password)
        typed = {"installs": "88", "opening": "0", "base_version": "0"}
        receipt = client.post(FORM, typed, follow=True)
    said = f"gửi bằng mật khẩu dùng một lần do {cast.district_clerk.display_name} cấp lúc 16:20:00 21/08/2020"
    assert Report.objects.get(kind="daily").revisions.get().reason == said
    assert said in receipt.text
    with frozen("2020-08-21 17:05"):
        assert said in superior.get(f"/units/306/review/{DAY}/").text
        assert said in city.get(f"/units/31/seal/{DAY}/").text


def test_figures_that_missed_the_deadline_with_a_one_time_password_go_to_the_late_form(newcomer, client, cast):
    make_report(cast.neighbour)
    with frozen("2020-08-21 16:59:59"):
        sign_in(client)
    with frozen("2020-08-21 17:00:01"):
        client.post(FORM, {"typed_by": "11416", "installs": "88", "opening": "0", "base_version": "0"})
        typed = {"old_password": PASSWORD, "new_password1": NEW, "new_password2": NEW, "next": FORM}
        client.post("/accounts/password_change/", typed)
        assert client.get(FORM).context["form"]["installs"].value() == "88"


def test_act_with_a_first_password_is_not_done(cast, client):
    User.objects.filter(pk=cast.city_clerk.pk).update(must_change_password=True)
    with frozen("2020-08-21 16:45"):
        sign_in(client, "31")
        sent = client.post("/campaign/exempt/", {"exempt-unit": cast.city.pk, "exempt-day": "02/09/2020"})
    assert sent.url == "/accounts/password_change/?next=/campaign/"
    assert not ExemptDay.objects.exists()


# Passwords.


@pytest.mark.parametrize(
    "password",
    [
        "matkhau123",
        "MẬT KHẨU mới 1",
        "m4tkh4u2020",
        "HaiPhong-Bluezone",
        "bluezone.haian",
        "Covid-19-2020",
        "hoaphuongdo15",
        "maatjkhaaur1",
        "ubndphuong2020",
    ],
)
def test_password_of_common_words_is_refused(password, cast, client):
    sign_in(client)
    typed = {"old_password": PASSWORD, "new_password1": password, "new_password2": password}
    errors = client.post("/accounts/password_change/", typed).context["form"].errors.as_data()
    assert "password_of_local_words" in [error.code for error in errors["new_password2"]]


@pytest.mark.parametrize(
    ("password", "code"),
    [
        ("11416@2020!", "password_too_little_left"),
        ("11416-11416-1", "password_too_little_left"),
        ("!!!!!!!!!!", "password_too_little_left"),
        ("2020-08-21", "password_too_little_left"),
        ("1141621082020a", "password_too_little_left"),
        ("0912 345.678xy", "password_too_little_left"),
        ("9128374650192", "password_too_little_left"),
        ("114.16bluezone", "password_of_local_words"),
        ("superman-0912345678", "password_too_common"),
    ],
)
def test_what_is_left_of_a_password_is_judged(password, code, cast):
    cast.officer.phone = "0912 345 678"
    with pytest.raises(ValidationError) as refused:
        validate_password(password, cast.officer)
    assert code in [error.code for error in refused.value.error_list]


@pytest.mark.parametrize("password", [NEW, "haiphong va 7 con meo", "Xuôi dòng Cấm 41", "bluezone của Hà ở cầu Rào"])
def test_password_with_a_word_of_ones_own_is_taken(password, cast, client):
    sign_in(client)
    typed = {"old_password": PASSWORD, "new_password1": password, "new_password2": password}
    assert client.post("/accounts/password_change/", typed).status_code == 302
