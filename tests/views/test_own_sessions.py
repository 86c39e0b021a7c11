"""People see the devices on which they are signed in, and can sign them out."""

import re

import pytest
from django.test import Client

from reporting.models import AccessRecord, Session
from reporting.people.sessions import SessionStore
from tests.factories import PASSWORD

from .test_sign_in_page import is_signed_in, sign_in
from .visits import frozen

pytestmark = pytest.mark.sql

LIST, END = "/account/sessions/", "/account/sessions/end/"
PHONE = "Mozilla/5.0 (Linux; Android 10; SM-A105F) AppleWebKit/537.36 Chrome/84.0 Mobile Safari/537.36"
DESK = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 coc_coc_browser/87.0 Chrome/81.0 Safari/537.36"


def device(agent, username="11416", *, address="203.0.113.7", moment="2020-08-21 08:00"):
    client = Client(REMOTE_ADDR=address, headers={"user-agent": agent})
    with frozen(moment):
        assert sign_in(client, username).status_code == 302
    return client


@pytest.fixture
def devices(cast):
    """The officer's phone and desktop, and a colleague's phone."""
    phone = device(PHONE)
    return phone, device(DESK, address="198.51.100.9", moment="2020-08-21 08:10"), device(PHONE, "11407")


def shown(client, moment="2020-08-21 08:12"):
    with frozen(moment):
        return client.get(LIST)


def names(page):
    return re.findall('name="session" value="([0-9a-f]{40})"', page.text)


def test_own_devices_are_shown_and_nobody_elses(devices):
    page = shown(devices[0])
    assert [(one.browser, one.address, one.is_this) for one in page.context["sessions"]] == [
        ("Chrome, Android", "203.0.113.7", True),
        ("Cốc Cốc, Windows", "198.51.100.9", False),
    ]
    assert "08:10:00 21/08/2020" in page.text
    assert [client for client in devices if client.cookies["sessionid"].value in page.text] == []


def test_key_of_a_session_stands_nowhere_in_the_database(devices):
    keys = [client.cookies["sessionid"].value for client in devices]
    kept = str(list(Session.objects.values()))
    assert [key for key in keys if key in kept] == []
    thief = Client()
    for stored in Session.objects.values_list("session_key", flat=True):
        thief.cookies["sessionid"] = stored
        assert not is_signed_in(thief)


def test_one_is_signed_out_and_the_others_go_on(devices):
    phone = devices[0]
    (name,) = names(shown(phone))
    with frozen("2020-08-21 08:12"):
        assert phone.post(END, {"session": name}).url == LIST
        assert [is_signed_in(client) for client in devices] == [True, False, True]
    record = AccessRecord.objects.latest("pk")
    assert (record.kind, record.by.username, record.detail) == ("signed_out", "11416", "trên thiết bị khác")


def test_all_others_are_signed_out_at_once(devices):
    tablet = device("something else")
    with frozen("2020-08-21 08:12"):
        tablet.post(END)
        assert [is_signed_in(client) for client in (tablet, *devices)] == [True, False, False, True]


def test_session_of_another_person_is_not_ones_own_to_end(devices):
    phone, _desk, colleague = devices
    other = device(PHONE, "11407")
    (name,) = names(shown(other))
    with frozen("2020-08-21 08:12"):
        phone.post(END, {"session": name})
        assert is_signed_in(colleague)


def test_session_that_has_ended_is_not_shown(devices):
    phone = devices[0]
    with frozen("2020-08-21 08:12"):
        new = "tám con chim sẻ nâu"
        phone.post("/accounts/password_change/", {"old_password": PASSWORD, "new_password1": new, "new_password2": new})
    assert [one.is_this for one in shown(phone).context["sessions"]] == [True]


def test_session_used_least_recently_ends_with_the_thirty_first(cast):
    with frozen("2020-08-21 07:00"):
        other = Client()
        sign_in(other, "11407")
    first, *others = [device("", moment=f"2020-08-21 08:{minute:02}") for minute in range(30)]
    with frozen("2020-08-21 09:00"):
        first.get(LIST)  # used again: now the second is the oldest
    thirty_first = device("", moment="2020-08-21 09:01")
    with frozen("2020-08-21 09:01"):
        assert [is_signed_in(one) for one in (first, others[0], others[1], thirty_first, other)] == [
            *(True, False, True, True, True),
        ]


def test_list_decodes_only_the_persons_sessions(devices, monkeypatch):
    decoded, decode = [], SessionStore.decode
    monkeypatch.setattr(SessionStore, "decode", lambda store, data: decoded.append(data) or decode(store, data))
    assert len(shown(devices[0]).context["sessions"]) == 2
    colleagues = Session.objects.get(person__username="11407").session_data
    assert (colleagues in decoded, len(set(decoded))) == (False, 2)
