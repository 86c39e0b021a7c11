"""The second factor: who must give a code, what a code opens and how often, and how a lost phone is replaced."""

import re
from base64 import b32decode
from functools import partial
from html import unescape

import pytest
import segno
from django.test import Client
from django_otp.oath import TOTP
from django_otp.plugins.otp_totp.models import TOTPDevice, default_key

from reporting.models import AccessRecord, User
from reporting.people import second_factor
from tests.factories import DAY, PASSWORD, at, make_user
from tests.test_https import setting
from tests.threads import at_once, kinds

from . import routes
from .test_sign_in_page import LOGIN, is_signed_in, sign_in
from .visits import frozen

NOON = "2020-08-21 12:00"
ISSUER = "Bluezone%20H%E1%BA%A3i%20Ph%C3%B2ng"  # of the top unit
STATE, SET_UP, VERIFY, OFF = [f"/account/second-factor/{step}" for step in ("", "set-up/", "verify/", "off/")]
FORM = f"/units/11416/report/{DAY}/"
NEW = "tám con chim sẻ nâu"


def code_of(key, moment=NOON):
    """The code on the phone with the key at the moment."""
    totp = TOTP(bytes.fromhex(key))
    totp.time = at(moment).timestamp()
    return f"{totp.token():06}"


def wrong_for(key):
    """Six digits that are wrong at every step near 12:01."""
    right = {code_of(key, f"2020-08-21 {step}") for step in ("12:00:00", "12:00:30", "12:01:00", "12:01:30")}
    return next(code for code in ("000000", "111111", "222222", "333333", "444444") if code not in right)


def give_factor(user):
    """The user sets one up at noon; returns its key."""
    key = default_key()
    with frozen(NOON):
        second_factor.set_up(user, key=key, code=code_of(key), at=at(NOON))
    return key


def reset_of(person):
    return f"/people/{person.pk}/second-factor/reset/"


def details(**about):
    records = AccessRecord.objects.filter(kind=AccessRecord.Kind.SECOND_FACTOR, **about)
    return list(records.order_by("id").values_list("detail", flat=True))


@pytest.fixture
def guarded(cast):
    """The city's clerk with a second factor since noon."""
    cast.key = give_factor(cast.city_clerk)
    return cast


@pytest.fixture
def owing(guarded, client):
    """His browser at 12:01, after the password."""
    with frozen("2020-08-21 12:01"):
        sign_in(client, "31")
        yield client


# Before the code.


OF_NOBODY = (
    "/guide/",
    "/guide/officer/",
    "/offline/",
    "/service-worker.js",
    "/favicon.ico",
    "/manifest.webmanifest",
)  # for all


def test_nothing_but_the_code_is_open_before_it(owing):
    pages = [routes.address(name) for name in routes.names() if name not in ("logout", "set_language")]
    for path in set(pages) - {VERIFY, "/healthz", "/accounts/login/passkey/", *OF_NOBODY}:
        for method in ("get", "post"):
            answer = getattr(owing, method)(path)
            assert (path, answer.status_code, answer.headers.get("Location", "").split("?")[0]) == (path, 302, VERIFY)
    assert [owing.get(path).status_code for path in (VERIFY, "/healthz")] == [200, 200]
    assert owing.post("/language/", {"language": "en"}).headers["Location"] == "/"
    assert owing.post("/accounts/logout/").headers["Location"] == LOGIN


def test_page_of_the_code_tells_nothing_of_the_office(owing):
    words = ("Thành phố Hải Phòng", "/units/", "/inbox/", 'class="menu"')
    for page in (owing.get(VERIFY), owing.get("/nothing/")):
        assert [word for word in words if word in page.text] == []


def test_right_code_opens_what_was_asked_for_and_the_session_is_another(guarded, owing):
    asked = owing.get("/people/?q=hai")
    assert asked.url == f"{VERIFY}?next=/people/%3Fq%3Dhai"
    page = owing.get(asked.url)
    assert page.text.count('<input type="hidden" name="next" value="/people/?q=hai">') == 1
    before = owing.session.session_key
    code = code_of(guarded.key, "2020-08-21 12:01")
    sent = owing.post(VERIFY, {"code": f"{code[:3]} {code[3:]}", "next": "/people/?q=hai"})
    assert (sent.status_code, sent.url) == (302, "/people/?q=hai")
    assert is_signed_in(owing)
    assert owing.session.session_key != before
    assert owing.get(VERIFY).url == "/"
    assert details(about=guarded.city_clerk) == ["đúng mã"]


@pytest.mark.parametrize("elsewhere", ["https://evil.example/", "//evil.example/", "javascript:alert(1)", ""])
def test_code_never_leads_to_another_site(elsewhere, guarded, owing):
    sent = owing.post(VERIFY, {"code": code_of(guarded.key, "2020-08-21 12:01"), "next": elsewhere})
    assert (sent.status_code, sent.url) == (302, "/")


# Which code is accepted.


@pytest.mark.parametrize(
    ("phone", "is_taken"),
    [("12:00:29", False), ("12:00:30", True), ("12:01:00", True), ("12:01:30", True), ("12:02:00", False)],
)
def test_phones_clock_may_be_one_step_early_or_late(phone, is_taken, guarded, owing):
    page = owing.post(VERIFY, {"code": code_of(guarded.key, f"2020-08-21 {phone}")})
    assert (page.status_code, is_signed_in(owing)) == ((302, True) if is_taken else (422, False))


def test_late_phone_gets_no_later(guarded, client):
    for moment, phone, is_taken in [("12:10", "12:09:30", True), ("12:20", "12:19:00", False)]:
        with frozen(f"2020-08-21 {moment}"):
            sign_in(client, "31")
            client.post(VERIFY, {"code": code_of(guarded.key, f"2020-08-21 {phone}")})
            assert is_signed_in(client) == is_taken
            client.post("/accounts/logout/")


def test_code_serves_once(guarded, owing):
    typed = {"code": code_of(guarded.key, "2020-08-21 12:01")}
    owing.post(VERIFY, typed)
    thief = Client()
    sign_in(thief, "31")
    page = thief.post(VERIFY, typed)
    assert (page.status_code, is_signed_in(thief)) == (422, False)
    assert page.context["form"].errors["code"] == ["Mã không đúng hoặc đã được dùng: chờ mã tiếp theo."]


def test_code_of_the_set_up_opens_nothing(guarded, client):
    with frozen(NOON):
        sign_in(client, "31")
        assert client.post(VERIFY, {"code": code_of(guarded.key)}).status_code == 422


@pytest.mark.parametrize(
    "code", ["", "12345", "1234567", "abcdef", "-12345", "１２３４５６", "12345\x00", "0x1234", "1.2e45"]
)
def test_what_is_no_code_is_told_so_and_costs_nothing(code, guarded, owing):
    assert owing.post(VERIFY, {"code": code}).status_code == 422
    assert owing.post(VERIFY, {"code": code_of(guarded.key, "2020-08-21 12:01")}).status_code == 302
    assert details() == ["đúng mã"]


def test_code_of_another_person_opens_nothing(guarded, owing):
    key = give_factor(guarded.admin)
    with frozen("2020-08-21 12:01"):
        assert owing.post(VERIFY, {"code": code_of(key, "2020-08-21 12:01")}).status_code == 422


def test_wrong_codes_make_wait_twice_as_long_each_time(guarded, client):
    wrong = {"code": wrong_for(guarded.key)}
    steps = [("12:01:00", 422), ("12:01:00.9", 429), ("12:01:01", 422), ("12:01:02.9", 429), ("12:01:03", 422)]
    steps += [("12:01:06", 429), ("12:01:07", 422)]
    with frozen("2020-08-21 12:00:59"):
        sign_in(client, "31")
    for moment, status in steps:
        with frozen(f"2020-08-21 {moment}"):
            assert (moment, client.post(VERIFY, wrong).status_code) == (moment, status)
    with frozen("2020-08-21 12:01:14"):
        page = client.post(VERIFY, {"code": code_of(guarded.key, "2020-08-21 12:01:14")})
        assert page.status_code == 429
        assert "12:01:15 21/08/2020" in page.context["form"].errors["code"][0]
    with frozen("2020-08-21 12:01:15"):
        assert client.post(VERIFY, {"code": code_of(guarded.key, "2020-08-21 12:01:15")}).status_code == 302
    assert details() == ["sai mã"] * 4 + ["đúng mã"]


@pytest.mark.sql
@pytest.mark.django_db(transaction=True)
def test_same_code_at_the_same_moment_opens_once(guarded):
    for number in (1, 2, 3):
        minute = f"2020-08-21 12:{number:02}"
        TOTPDevice.objects.update(throttling_failure_count=0)
        with frozen(minute):
            answers = at_once(*[partial(tried, guarded.city_clerk, code_of(guarded.key, minute))] * 2)
        assert set(kinds(answers)) <= {"TOTPDevice", "CodeError"}
        assert kinds(answers).count("TOTPDevice") == 1


def tried(person, code):
    try:
        return second_factor.use_code(person, code)
    except second_factor.CodeError as refusal:
        return refusal


# Setting it up.


def key_of(page):
    """The key as the page writes it, in hexadecimal digits."""
    letters = unescape(re.search(r'<code class="key" id="key">([^<]+)</code>', page.text)[1]).replace(" ", "")
    return b32decode(letters + "=" * (-len(letters) % 8)).hex()


@pytest.fixture
def setting_up(cast, client):
    with frozen(NOON):
        client.force_login(cast.city_clerk)
        yield client


def test_set_up_with_the_key_of_the_page(cast, setting_up, caplog):
    elsewhere = Client()
    elsewhere.force_login(cast.city_clerk)
    page = setting_up.get(SET_UP)
    key = key_of(page)
    assert key_of(setting_up.get(SET_UP)) == key  # reloading shows the same
    assert len(key) == 40
    assert TOTPDevice.objects.count() == 0
    assert setting_up.post(SET_UP, {"code": code_of(key)}).url == "/"
    assert (is_signed_in(setting_up), is_signed_in(elsewhere)) == (True, False)
    assert User.objects.get(pk=cast.city_clerk.pk).second_factor_at == at(NOON)
    assert key not in f"{dict(setting_up.session)} {list(AccessRecord.objects.values())} {caplog.text}"
    assert details(about=cast.city_clerk, by=cast.city_clerk) == ["đã bật"]
    assert setting_up.post(SET_UP, {"code": code_of(key)}).url == STATE  # sent again
    assert setting_up.get(SET_UP).url == STATE


def test_picture_holds_the_key_and_the_account(cast, setting_up):
    page = setting_up.get(SET_UP)
    letters = page.context["letters"].replace(" ", "")
    address = f"otpauth://totp/{ISSUER}%3A31?secret={letters}&algorithm=SHA1&digits=6&period=30"
    drawn = segno.make(f"{address}&issuer={ISSUER}", error="m")
    assert page.context["picture"] == drawn.svg_data_uri(scale=4, border=4, light="#fff", dark="#000")
    assert page.text.count('<img class="slip-code" src="data:image/svg+xml') == 1


@pytest.mark.parametrize(("code", "status"), [("000000", 422), ("", 422), ("abc", 422)])
def test_set_up_with_a_code_that_does_not_fit_sets_up_nothing(code, status, cast, setting_up):
    key = key_of(setting_up.get(SET_UP))
    assert code != code_of(key)
    page = setting_up.post(SET_UP, {"code": code})
    assert (page.status_code, key_of(page), TOTPDevice.objects.count()) == (status, key, 0)
    assert (User.objects.get(pk=cast.city_clerk.pk).second_factor_at, details()) == (None, [])


def test_session_from_before_the_set_up_does_not_come_to_life_again(cast, client):
    with frozen(NOON):
        elsewhere = Client()
        elsewhere.force_login(cast.city_clerk)
        give_factor(cast.city_clerk)
        second_factor.remove(User.objects.get(pk=cast.city_clerk.pk))
        assert not is_signed_in(elsewhere)


@pytest.mark.parametrize("username", ["11416", "306", "318", "SYT"])
def test_anybody_sets_up_a_second_factor(username, cast, client):
    with frozen(NOON):
        sign_in(client, username)
        page = client.get(SET_UP)
        assert client.post(SET_UP, {"code": code_of(key_of(page))}).status_code == 302
        again = Client()
        sign_in(again, username)
        assert again.get("/inbox/").url == f"{VERIFY}?next=/inbox/"


def test_superior_sees_who_has_one(cast, client):
    pages = {}
    with frozen(NOON):
        client.force_login(cast.district_clerk)
        for moment in ("before", "after"):
            pages[moment] = [client.get(path).text for path in (f"/people/{cast.officer.pk}/", "/people/")]
            give_factor(cast.officer)
    one, many = (page.count("Đã bật lúc") for page in pages["after"])
    assert (one, many) == (1, 0)
    assert [page.count("xác thực hai lớp</span>") for page in pages["after"]] == [0, 1]
    assert pages["before"][0].count("Chưa bật") == 1


def test_who_has_moved_keeps_it_and_may_switch_it_off(guarded, client):
    User.objects.filter(pk=guarded.city_clerk.pk).update(unit=guarded.district)
    with frozen("2020-08-21 12:01"):
        sign_in(client, "31")
        assert client.get("/inbox/").url.startswith(VERIFY)
        client.post(VERIFY, {"code": code_of(guarded.key, "2020-08-21 12:01")})
        assert client.get(STATE).status_code == 200
    with frozen("2020-08-21 12:02"):
        client.post(OFF, {"code": code_of(guarded.key, "2020-08-21 12:02")})
        assert "Chưa bật" in client.get(STATE).text


@pytest.mark.parametrize(
    ("person", "path", "is_offered"),
    [
        ("city_clerk", "/units/31/", True),
        ("leader", "/units/31/", True),
        ("admin", "/units/31/", True),
        ("city_clerk", "/units/306/", False),
        ("district_clerk", "/units/306/", False),
    ],
)
def test_second_factor_is_offered_on_the_home_page_of_the_citys_accounts(person, path, is_offered, cast, client):
    with frozen(NOON):
        client.force_login(getattr(cast, person))
        assert ("Bật xác thực hai lớp</a>" in client.get(path).text) == is_offered


def test_demonstration_offers_none_on_its_first_page(cast, client, settings):
    settings.DEMO = True
    with frozen(NOON):
        client.force_login(cast.city_clerk)
        assert "Bật xác thực hai lớp" not in client.get("/units/31/").text


# Compulsory.


@pytest.mark.parametrize("username", ["31", "lanhdao", "admin"])
def test_where_it_is_compulsory_it_is_set_up_first(username, cast, client, settings):
    settings.SECOND_FACTOR_REQUIRED = True
    with frozen(NOON):
        sign_in(client, username)
        asked = client.get("/units/31/")
        assert asked.url == f"{SET_UP}?next=/units/31/"
        page = client.get(asked.url)
        sent = client.post(SET_UP, {"code": code_of(key_of(page)), "next": "/units/31/"})
        assert sent.url == "/units/31/"
        assert client.get("/units/31/").status_code == 200


@pytest.mark.matrix  # two processes
@pytest.mark.parametrize(("environment", "is_required"), [({}, "False"), ({"SECOND_FACTOR_REQUIRED": "1"}, "True")])
def test_environment_makes_it_compulsory(environment, is_required):
    assert setting("SECOND_FACTOR_REQUIRED", SECRET_KEY="x", **environment) == is_required


@pytest.mark.parametrize(("of_all", "status"), [(False, 200), (True, 302)])
def test_of_an_officer_it_is_demanded_only_where_it_is_of_all(of_all, status, cast, client, settings):
    settings.SECOND_FACTOR_REQUIRED, settings.SECOND_FACTOR_REQUIRED_OF_ALL = True, of_all
    with frozen(NOON):
        sign_in(client)
        page = client.get(FORM)
        assert (page.status_code, page.headers.get("Location", "").startswith(SET_UP)) == (status, of_all)


def test_first_password_is_changed_before_the_second_factor_is_set_up(cast, client, settings):
    settings.SECOND_FACTOR_REQUIRED = True
    User.objects.filter(pk=cast.city_clerk.pk).update(must_change_password=True)
    with frozen(NOON):
        sign_in(client, "31")
        asked = client.get("/inbox/")
        assert asked.url == "/accounts/password_change/?next=/inbox/"
        assert client.get(asked.url).status_code == 200
        typed = {"old_password": PASSWORD, "new_password1": NEW, "new_password2": NEW, "next": "/inbox/"}
        assert client.post(asked.url, typed).url == "/inbox/"
        assert client.get("/inbox/").url == f"{SET_UP}?next=/inbox/"


def test_code_comes_before_the_change_of_a_first_password(guarded, client):
    User.objects.filter(pk=guarded.city_clerk.pk).update(must_change_password=True)
    with frozen("2020-08-21 12:01"):
        sign_in(client, "31")
        asked = client.get("/inbox/")
        assert asked.url == f"{VERIFY}?next=/inbox/"
        assert client.get(asked.url).status_code == 200
        sent = client.post(VERIFY, {"code": code_of(guarded.key, "2020-08-21 12:01"), "next": "/inbox/"})
        assert client.get(sent.url).url == "/accounts/password_change/?next=/inbox/"
        assert client.get("/accounts/password_change/").status_code == 200


# Switching it off, and a lost one.


def test_switching_off_ends_the_other_sessions_and_the_password_is_enough(guarded, owing):
    owing.post(VERIFY, {"code": code_of(guarded.key, "2020-08-21 12:01")})
    elsewhere = Client()
    with frozen("2020-08-21 12:02"):
        sign_in(elsewhere, "31")
        elsewhere.post(VERIFY, {"code": code_of(guarded.key, "2020-08-21 12:02")})
        assert is_signed_in(elsewhere)
        for typed in ({}, {"code": wrong_for(guarded.key)}):
            assert owing.post(OFF, typed).status_code == 422
    with frozen("2020-08-21 12:03"):
        assert owing.post(OFF, {"code": code_of(guarded.key, "2020-08-21 12:03")}).url == STATE
        assert (is_signed_in(owing), is_signed_in(elsewhere)) == (True, False)
        sign_in(elsewhere, "31")
        assert is_signed_in(elsewhere)
    assert TOTPDevice.objects.count() == 0
    assert details() == ["đúng mã", "đúng mã", "sai mã", "đúng mã", "đã tắt"]


def test_colleague_at_the_city_resets_a_lost_one(guarded, owing):
    colleague = make_user("31-2", guarded.city)
    owing.post(VERIFY, {"code": code_of(guarded.key, "2020-08-21 12:01")})
    other = Client()
    other.force_login(colleague)
    page = other.get(f"/people/{guarded.city_clerk.pk}/")
    assert page.text.count(f'action="{reset_of(guarded.city_clerk)}"') == 1
    assert other.post(reset_of(guarded.city_clerk)).url == f"/people/{guarded.city_clerk.pk}/"
    assert not is_signed_in(owing)
    sign_in(owing, "31")
    assert is_signed_in(owing)
    assert details(by=colleague, about=guarded.city_clerk) == ["đặt lại"]
    assert other.get(f"/people/{guarded.city_clerk.pk}/").text.count("second-factor") == 1  # the menu's
    other.post(reset_of(guarded.city_clerk))
    assert len(details(by=colleague)) == 1


def test_administrator_resets_those_of_others(guarded, client):
    with frozen("2020-08-21 12:01"):
        client.force_login(guarded.admin)
        give_factor(guarded.leader)
        for person in (guarded.city_clerk, guarded.leader):
            assert client.post(reset_of(person)).url == f"/people/{person.pk}/"
        assert client.post(reset_of(guarded.admin)).status_code == 404
    assert TOTPDevice.objects.count() == 0
    assert details(by=guarded.admin) == ["đặt lại", "đặt lại"]


def test_device_that_was_taken_away_by_other_means_closes_the_account(guarded, owing):
    """It fails closed: no device fits, and nothing opens until the reset."""
    TOTPDevice.objects.all().delete()
    assert owing.post(VERIFY, {"code": code_of(guarded.key, "2020-08-21 12:01")}).status_code == 422
    assert not is_signed_in(owing)
    assert second_factor.remove(User.objects.get(pk=guarded.city_clerk.pk))
