"""The password again: which acts ask for it, after how long, and that nothing typed is lost on the way."""

import re
from datetime import timedelta
from html import unescape

import pytest
from django.contrib.auth.hashers import MD5PasswordHasher
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from reporting.models import AccessRecord, Reorganisation, User, WrongPasswords
from tests.factories import DAY, PASSWORD

from .test_sign_in_page import LOGIN, sign_in
from .visits import frozen

SIGNED_IN, RECENT, LATER = "2020-08-21 12:00", "2020-08-21 12:15", "2020-08-21 12:15:01"
REORGANISE, SET_UP = "/campaign/reorganise/", "/account/second-factor/set-up/"
LINES = {"source": "Nghị quyết 872", "effective_on": f"{DAY + timedelta(days=10):%d/%m/%Y}"}
MERGER = "action,code,into\r\nmerge,11416,11407\r\n"


@pytest.fixture
def clerk(cast, client):
    """The city's clerk in a browser, signed in at noon."""
    with frozen(SIGNED_IN):
        sign_in(client, "31")
    del client.cookies["device"]  # an unknown device waits sooner
    return client


def reset(cast):
    return f"/people/{cast.officer.pk}/reset/"


def is_asked(page):
    return page.templates[0].name == "reporting/confirm.html"


def carried(page):
    """The fields that the page keeps for the act."""
    form = re.search(r"<main.*</main>", page.text, re.DOTALL)[0]
    tags = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', form)
    return {name: unescape(value) for name, value in tags if name != "csrfmiddlewaretoken"}


def passwords_changed(cast):
    return User.objects.get(pk=cast.officer.pk).must_change_password


# When.


@pytest.mark.parametrize(("moment", "is_done"), [(RECENT, True), (LATER, False)])
def test_act_asks_for_the_password_after_fifteen_minutes(moment, is_done, cast, clerk):
    with frozen(moment):
        page = clerk.post(reset(cast))
    assert (is_asked(page), page.status_code) == ((False, 200) if is_done else (True, 403))
    assert passwords_changed(cast) == is_done


ASKING = [
    ("post", "/people/{officer}/reset/"),
    ("post", "/people/{officer}/second-factor/reset/"),
    ("get", REORGANISE),
    ("post", REORGANISE),
    ("get", "/campaign/directive/1/withdraw/"),
    ("post", "/campaign/directive/1/withdraw/"),
    ("get", SET_UP),
    ("post", SET_UP),
    ("post", "/account/passkeys/add/"),
    ("post", "/account/passkeys/1/remove/"),
    ("post", "/account/second-factor/off/"),
    ("get", "/imports/people/"),
    ("post", "/imports/people/"),
    ("get", "/imports/people/1/"),
    ("post", "/imports/people/1/"),
    ("post", "/people/add/"),
    ("post", "/people/{officer}/"),
    ("post", "/people/{officer}/leave/"),
    ("post", "/account/sessions/end/"),
    ("post", "/people/tokens/"),
    ("post", "/people/tokens/1/revoke/"),
]
NOT_ASKING = [
    ("get", "/people/"),
    ("get", "/people/{officer}/"),
    ("get", "/people/add/"),
    ("get", "/account/second-factor/"),
    ("get", "/account/sessions/"),
    ("get", "/imports/reports/"),
    ("post", "/imports/units/"),
    ("get", "/campaign/"),
]


@pytest.mark.parametrize(("method", "path"), ASKING)
def test_sensitive_acts_ask(method, path, cast, clerk):
    path = path.format(officer=cast.officer.pk)
    with frozen(RECENT):
        assert not any(template.name == "reporting/confirm.html" for template in getattr(clerk, method)(path).templates)
    with frozen("2020-08-21 12:31"):
        page = getattr(clerk, method)(path)
        assert (is_asked(page), page.status_code) == (True, 403)


@pytest.mark.parametrize(("method", "path"), NOT_ASKING)
def test_everyday_acts_do_not_ask(method, path, cast, clerk):
    with frozen(LATER):
        page = getattr(clerk, method)(path.format(officer=cast.officer.pk))
        assert "reporting/confirm.html" not in [template.name for template in page.templates]
        assert page.status_code in (200, 302, 422)


def test_who_is_not_signed_in_is_sent_to_the_sign_in_page(cast, client):
    """And from there to the page with the form: the form's own address only accepts POST."""
    for came_from, leads_to in (
        (None, "/"),
        ("http://testserver/people/", "/people/"),
        ("http://evil/x", "/"),
    ):
        headers = {"referer": came_from} if came_from else {}
        answer = client.post(reset(cast), {"password_again": PASSWORD}, headers=headers)
        assert answer.url == f"{LOGIN}?next={leads_to}"


# Continuing.


def test_right_password_does_the_act_and_serves_another_quarter_of_an_hour(cast, clerk):
    before = clerk.session.session_key
    with frozen("2020-08-21 13:00"):
        page = clerk.post(reset(cast), {"password_again": PASSWORD})
        assert (page.status_code, passwords_changed(cast)) == (200, True)
        assert page.templates[0].name == "reporting/slip.html"
    assert clerk.session.session_key != before
    with frozen("2020-08-21 13:15"):
        assert not is_asked(clerk.post(reset(cast)))
    with frozen("2020-08-21 13:15:01"):
        assert is_asked(clerk.post(reset(cast)))


def test_page_is_asked_for_before_its_form_and_comes_with_its_whole_address(cast, clerk):
    address = f"{SET_UP}?next=/people/%3Fq%3Dhai"
    with frozen(LATER):
        page = clerk.get(address)
        assert carried(page) == {"for_a_page": "1"}
        sent = clerk.post(address, {"for_a_page": "1", "password_again": PASSWORD})
        assert (sent.status_code, sent.url) == (302, address)
        assert clerk.get(address).text.count('<input type="hidden" name="next" value="/people/?q=hai">') == 1


@pytest.mark.parametrize("elsewhere", ["https://evil.example/", "//evil.example/", "/\\evil.example"])
def test_it_never_leads_to_another_site(elsewhere, cast, clerk):
    address = f"{SET_UP}?next={elsewhere}"
    with frozen(LATER):
        sent = clerk.post(address, {"for_a_page": "1", "password_again": PASSWORD, "next": elsewhere})
        assert sent.url.startswith(f"{SET_UP}?next=")
        assert clerk.get(sent.url).context["next"] == "/"


def test_what_was_typed_is_carried_along_and_arrives(cast, clerk):
    typed = LINES | {"table": MERGER}
    with frozen(LATER):
        page = clerk.post(REORGANISE, typed)
        assert (page.status_code, carried(page)) == (403, typed)
        page = clerk.post(REORGANISE, carried(page) | {"password_again": "wrong"})
        assert (page.status_code, carried(page)) == (422, typed)
        page = clerk.post(REORGANISE, carried(page) | {"password_again": PASSWORD})
        assert page.status_code == 200
        assert page.context["form"].sentences
        assert "password_again" not in page.context["form"].data  # the act sees no password
    assert not Reorganisation.objects.exists()


def test_of_a_file_the_page_says_that_it_is_to_be_chosen_again(cast, clerk):
    with frozen(LATER):
        page = clerk.post(REORGANISE, LINES | {"file": SimpleUploadedFile("a.csv", MERGER.encode())})
        assert carried(page) == LINES
        assert page.text.count("Sau đó cần chọn lại tệp.") == 1
        page = clerk.post(REORGANISE, LINES | {"password_again": PASSWORD})
        assert page.status_code == 422
        assert page.context["form"]["source"].value() == LINES["source"]


def test_hostile_fields_are_written_out_escaped(cast, clerk):
    hostile = {'"><img src=x onerror=alert(1)>': '"><script>alert(1)</script>'}
    with frozen(LATER):
        page = clerk.post(reset(cast), hostile)
    assert (page.text.count("<script>alert"), page.text.count("<img src=x")) == (0, 0)
    assert page.text.count("&lt;script&gt;alert(1)&lt;/script&gt;") == 1


# Wrong passwords.


def test_wrong_password_is_told_and_does_nothing(cast, clerk):
    with frozen(LATER):
        page = clerk.post(reset(cast), {"password_again": "wrong"})
        assert page.context["form"].errors["password_again"] == ["Mật khẩu không đúng."]
        empty = clerk.post(reset(cast), {"password_again": ""})
        assert [page.status_code, empty.status_code, passwords_changed(cast)] == [422, 422, False]
        assert is_asked(clerk.post(reset(cast)))


def test_five_wrong_passwords_make_wait_here_and_at_the_sign_in_page(cast, clerk):
    with frozen("2020-08-21 12:20"):
        tries = [clerk.post(reset(cast), {"password_again": "wrong", "x": "1"}) for _try in range(6)]
        assert [page.status_code for page in tries] == [422] * 5 + [429]
        assert is_asked(tries[5])
        assert carried(tries[5]) == {"x": "1"}
        assert clerk.post(reset(cast), {"password_again": PASSWORD}).status_code == 429
        assert sign_in(Client(), "31").status_code == 429
        assert (clerk.get("/inbox/").status_code, passwords_changed(cast)) == (200, False)
    with frozen("2020-08-21 12:20:03"):
        assert clerk.post(reset(cast), {"password_again": PASSWORD}).status_code == 200
    kinds = list(AccessRecord.objects.filter(about=cast.city_clerk).order_by("id").values_list("kind", flat=True))
    assert kinds == ["refused"]  # one record for the minute


@pytest.mark.parametrize("password", ["wrong", PASSWORD])
def test_every_answer_takes_one_hash(password, cast, clerk, monkeypatch):
    calls = []
    encode = MD5PasswordHasher.encode
    monkeypatch.setattr(MD5PasswordHasher, "encode", lambda *args: calls.append(args) or encode(*args))
    with frozen(LATER):
        clerk.post(SET_UP, {"password_again": password, "for_a_page": "1"})
    assert len(calls) == 1


def test_password_of_any_length_is_no_work(cast, clerk):
    with frozen(LATER):
        page = clerk.post(reset(cast), {"password_again": "x" * 100_000})
    assert (page.status_code, WrongPasswords.objects.filter(count__gt=0).count()) == (422, 0)
