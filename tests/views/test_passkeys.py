"""Passkeys: who may add one, what opens with it, what does not, and how it ends."""

import json

import pytest
from django.core.management import call_command
from django.test import Client
from django_otp.plugins.otp_totp.models import default_key

from reporting.models import AccessRecord, Passkey, User
from reporting.people import second_factor
from tests.authenticator import Phone
from tests.factories import DAY, PASSWORD, at

from .test_second_factor import code_of
from .test_sign_in_page import LOGIN, is_signed_in, sign_in
from .visits import frozen

ADD, USE, DEVICES = "/account/passkeys/add/", "/accounts/login/passkey/", "/account/sessions/"
FORM = f"/units/11416/report/{DAY}/"
VERIFY, SET_UP = "/account/second-factor/verify/", "/account/second-factor/set-up/"


def asked(client, path=USE):
    answer = client.get(path)
    assert answer.status_code == 200
    return json.loads(answer.content)


def add(client, phone, **wrong):
    return client.post(ADD, {"passkey": phone.added(asked(client, ADD), **wrong), "next": DEVICES})


def use(client, phone, to="", **wrong):
    return client.post(USE, {"passkey": phone.signed(asked(client), **wrong), "next": to})


def kinds():
    return list(
        AccessRecord.objects.filter(kind__contains="passkey").order_by("id").values_list("kind", "by__username")
    )


@pytest.fixture
def noon():
    with frozen("2020-08-21 12:00") as clock:
        yield clock


@pytest.fixture
def phone(cast, client, noon):
    """The officer's phone: signed in with the password, then one press, then signed out."""
    sign_in(client)
    phone = Phone()
    assert add(client, phone).url == DEVICES
    client.post("/accounts/logout/")
    noon.shift(60)
    return phone


def test_passkey_opens_the_form_without_a_password_or_a_hash(phone, client, monkeypatch):
    monkeypatch.setattr("django.contrib.auth.hashers.PBKDF2PasswordHasher.encode", None)
    page = client.get(LOGIN).text
    assert page.index("data-passkey") < page.index('name="password"')
    assert "data-passkey" in Client().get(LOGIN).text.partition('name="password"')[2]
    assert use(client, phone, FORM).url == FORM
    assert client.get(FORM).status_code == 200
    assert kinds() == [("passkey_added", "11416"), ("passkey_used", "11416")]
    passkey = Passkey.objects.get()
    assert (passkey.sign_count, passkey.used_at, passkey.person.username) == (2, at("2020-08-21 12:01"), "11416")


def test_figures_typed_before_the_sign_in_come_back(phone, client):
    typed = {"typed_by": "11416", "installs": "88"}
    client.post(USE, {"passkey": phone.signed(asked(client)), "next": FORM, **typed})
    assert 'value="88"' in client.get(FORM).text


def test_answer_works_once_and_only_for_ten_minutes(phone, client, noon):
    answer = phone.signed(asked(client))
    assert client.post(USE, {"passkey": answer}).status_code == 302
    assert Client().post(USE, {"passkey": answer}).status_code == 403
    late = phone.signed(asked(Client()))
    noon.shift(601)
    assert Client().post(USE, {"passkey": late}).status_code == 403


@pytest.mark.parametrize("wrong", [{"is_verified": False}, {"count": 1}], ids=["no finger", "a copy of the key"])
def test_device_must_have_checked_the_person(wrong, phone, client):
    assert use(client, phone, **wrong).status_code == 403
    assert not is_signed_in(client)


@pytest.mark.parametrize(
    "answer", ["", "{}", "[]", "null", "[" * 9_000, '{"id": 1, "response": {"clientDataJSON": "e30"}}', "x" * 30_000]
)
def test_what_is_no_answer_is_refused(answer, phone, client):
    page = client.post(USE, {"passkey": answer})
    assert (page.status_code, page.text.count("Chưa nhận được máy này")) == (403, 2)
    assert AccessRecord.objects.filter(kind="refused").count() == 1


def test_another_key_site_or_question_opens_nothing(phone, client):
    copy = Phone(phone.key_id)  # knows the name of the key, not the key
    assert use(client, copy, count=9).status_code == 403
    phone.origin = "https://evil.example"
    assert use(client, phone).status_code == 403
    phone.origin = "http://testserver"
    sign_in(client)
    to_add = asked(client, ADD)
    assert Client().post(USE, {"passkey": phone.signed(to_add | {"rpId": "testserver"})}).status_code == 403


def test_stolen_session_adds_none_without_the_password(cast, client, noon):
    sign_in(client)
    noon.shift(901)
    thief = Phone()
    page = add(client, thief)
    assert (page.status_code, Passkey.objects.count()) == (403, 0)
    assert 'name="passkey" value="{&quot;id' in page.text  # sent together with the password
    carried = {"passkey": thief.added(asked(client, ADD))}
    assert client.post(ADD, {**carried, "password_again": "wrong"}).status_code == 422
    assert client.post(ADD, {**carried, "password_again": ""}).status_code == 422
    assert Passkey.objects.count() == 0
    assert client.post(ADD, {**carried, "password_again": PASSWORD}).status_code == 302
    assert Passkey.objects.count() == 1


def test_important_act_takes_the_passkey_instead_of_the_password(phone, client, noon):
    use(client, phone)
    noon.shift(901)
    passkey = Passkey.objects.get()
    remove = f"/account/passkeys/{passkey.pk}/remove/"
    page = client.post(remove)
    assert (page.status_code, page.text.count("data-passkey")) == (403, 1)
    strange = Phone(b"another").signed(asked(client))
    assert client.post(remove, {"password_again": "", "passkey_again": strange}).status_code == 422
    assert client.post(remove, {"password_again": "", "passkey_again": phone.signed(asked(client))}).url == DEVICES
    assert not Passkey.objects.exists()


def test_two_people_on_one_phone_each_have_theirs(phone, cast, client, noon):
    sign_in(client, "306")
    second = Phone(b"key-of-the-second")
    add(client, second)
    assert asked(client)["allowCredentials"] != []
    assert use(client, phone).status_code == 302  # not his own: he stays who he is
    assert [one.person.username for one in Passkey.objects.order_by("id")] == ["11416", "306"]
    client.post("/accounts/logout/")
    for who, one in (("11416", phone), ("306", second)):
        noon.shift(1)
        assert asked(client)["allowCredentials"] == []  # the phone asks whose
        use(client, one)
        assert client.get("/guide/").context["user"].username == who
        client.post("/accounts/logout/")


def test_nobody_takes_over_or_removes_anothers(phone, cast, client):
    sign_in(client, "306")
    add(client, Phone(phone.key_id))
    client.post(f"/account/passkeys/{Passkey.objects.get().pk}/remove/")
    assert Passkey.objects.get().person == cast.officer


def test_lost_phone_is_removed_from_another_device(phone, client):
    desk = Client()
    sign_in(desk)
    assert desk.get(DEVICES).text.count("/remove/") == 1
    assert desk.post(f"/account/passkeys/{Passkey.objects.get().pk}/remove/").url == DEVICES
    assert use(client, phone).status_code == 403
    assert kinds()[-1] == ("passkey_removed", "11416")


@pytest.mark.parametrize("way", ["superior", "command", "closed"])
def test_superiors_reset_and_the_command_remove_it(way, phone, cast, client):
    superior = Client()
    superior.force_login(cast.district_clerk)
    if way == "command":
        call_command("reset_account", "11416")
    else:
        act = "reset" if way == "superior" else "leave"
        superior.post(f"/people/{cast.officer.pk}/{act}/")
    assert use(client, phone).status_code == 403
    assert Passkey.objects.exists() == (way == "closed")  # opening it again is a reset


def test_it_is_the_second_factor_instead_of_the_code(cast, client, noon):
    key, phone = default_key(), Phone()
    second_factor.set_up(cast.city_clerk, key=key, code=code_of(key), at=at("2020-08-21 12:00"))
    noon.shift(60)
    sign_in(client, "31")
    assert client.get(ADD).url.startswith(VERIFY)  # the password alone adds none
    assert client.post(ADD, {"passkey": "{}"}).status_code == 302
    client.post(VERIFY, {"code": code_of(key, "2020-08-21 12:01")})
    add(client, phone)
    client.post("/accounts/logout/")
    noon.shift(60)
    use(client, phone)
    assert is_signed_in(client)
    with_password = Client()
    sign_in(with_password, "31")
    noon.shift(1)
    assert with_password.get(VERIFY).text.count("data-passkey") == 1
    assert use(with_password, phone, "/people/").url == "/people/"
    assert is_signed_in(with_password)
    assert second_factor.remove(User.objects.get(username="31"))
    assert (is_signed_in(client), Passkey.objects.count()) == (False, 0)


def test_where_one_is_demanded_the_first_passkey_is_it(cast, client, settings, noon):
    settings.SECOND_FACTOR_REQUIRED = True
    sign_in(client, "31")
    assert client.get("/inbox/").url == f"{SET_UP}?next=/inbox/"
    assert client.get(SET_UP).text.count("data-passkey") == 1
    phone = Phone()
    add(client, phone)
    assert client.get("/inbox/").status_code == 200
    thief = Client()
    sign_in(thief, "31")
    assert thief.get("/inbox/").url == f"{VERIFY}?next=/inbox/"
    client.post(f"/account/passkeys/{Passkey.objects.get().pk}/remove/")
    assert User.objects.get(username="31").second_factor_at is None
