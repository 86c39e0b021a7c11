"""Strangers at the sign-in page: what a flood costs, what it leaves behind, and that it locks out nobody else."""

import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.contrib.sessions.models import Session
from django.test import Client

from reporting.models import AccessRecord
from reporting.people import hashing, lockout
from tests.factories import DAY, PASSWORD

from .test_sign_in_page import LOGIN, sign_in
from .visits import frozen

pytestmark = pytest.mark.sql

FLOOD, OFFICE = "203.0.113.66", "203.0.113.7"
MOST, NOTED = lockout.MOST_AT_AN_ADDRESS, lockout.NOTED_AT_AN_ADDRESS


def attempt(username, password="wrong", *, address=FLOOD):
    return Client(REMOTE_ADDR=address).post(LOGIN, {"username": username, "password": password})


def test_one_address_over_many_names_is_locked_and_no_other(cast):
    with frozen("2020-08-21 16:40"):
        tries = [attempt(f"name{n}").status_code for n in range(MOST + 5)]
        assert tries == [200] * MOST + [429] * 5
        page = attempt("11416", PASSWORD)
        assert (page.status_code, page.text.count("Không ai đăng nhập được từ mạng này đến 16h55")) == (429, 1)
        assert attempt("11416", PASSWORD, address=OFFICE).status_code == 302
    with frozen("2020-08-21 16:55:01"):
        assert attempt("11416", PASSWORD).status_code == 302


@pytest.mark.matrix  # dear
def test_subscriber_is_locked_with_all_his_addresses(cast):
    with frozen("2020-08-21 16:40"):
        for n in range(MOST):
            attempt(f"name{n}", address=f"2001:db8:1:2::{n + 1:x}")
        for n in range(3):  # an address of his with each try, and still one record
            assert attempt("11416", PASSWORD, address=f"2001:db8:1:2:ffff::{n}").status_code == 429
        assert AccessRecord.objects.filter(kind=AccessRecord.Kind.ADDRESS_LOCKED).count() == 1
        assert attempt("11416", PASSWORD, address="2001:db8:1:3::1").status_code == 302


def test_locked_address_costs_no_hash(cast, monkeypatch):
    monkeypatch.setattr(lockout, "MOST_AT_AN_ADDRESS", 2)
    hashed = []
    turn = hashing.turn
    monkeypatch.setattr(hashing, "turn", lambda **how: hashed.append(how) or turn(**how))
    for n in range(5):
        attempt(f"name{n}")
    assert hashed == [{"is_stranger": True}] * 2


@pytest.mark.matrix  # dear
def test_flood_is_told_in_a_few_records(cast):
    with frozen("2020-08-21 16:40"):
        for n in range(MOST + 10):
            attempt(f"name{n}")
        records = list(AccessRecord.objects.order_by("pk").values_list("kind", "address", "detail"))
        assert records[:NOTED] == [("refused", FLOOD, "")] * NOTED
        assert records[NOTED:] == [("address_locked", FLOOD, f"{MOST} lần sai mật khẩu cho {MOST} tên")]
        attempt("11416", address=OFFICE)
        assert AccessRecord.objects.latest("pk").address == OFFICE


def test_nothing_is_kept_for_strangers(cast):
    for _try in range(7):  # two of them against a lock
        attempt("11416")
        Client().get(LOGIN)
        Client().post(f"/units/11416/report/{DAY}/", {"installs": "88", "typed_by": "11416"})
    assert Session.objects.count() == 0


def test_session_that_has_ended_is_cleared_by_the_next_sign_in(cast, client):
    with frozen("2020-08-20 08:00"):
        sign_in(client)
    with frozen("2020-08-21 08:00"):
        sign_in(Client(), "11407")
    assert Session.objects.count() == 1


# So many hashes at once.


def most_at_once(trying, *, strangers):
    """How many of those that try at the same time are within, at most; and how many find no place."""
    within, most, refused = [], [], []

    def sign_in_once(_n):
        try:
            with trying(is_stranger=strangers):
                within.append(1)
                most.append(len(within))
                time.sleep(0.02)
                within.pop()
        except hashing.Busy:
            refused.append(1)

    with ThreadPoolExecutor(12) as pool:
        list(pool.map(sign_in_once, range(12)))
    return max(most), len(refused)


def test_of_twelve_strangers_at_once_one_is_hashed_one_waits_and_the_others_are_told():
    assert most_at_once(hashing.turn, strangers=True) == (1, 10)


def test_whoever_is_signed_in_waits_for_his_turn_and_is_not_turned_away():
    assert most_at_once(hashing.turn, strangers=False) == (1, 0)


def test_control_without_turns_all_are_hashed_at_once(monkeypatch):
    monkeypatch.setattr(hashing, "_turns", hashing.threading.BoundedSemaphore(12))
    monkeypatch.setattr(hashing, "_places", hashing.threading.BoundedSemaphore(12))
    most, refused = most_at_once(hashing.turn, strangers=True)
    assert (most > 3, refused) == (True, 0)


def test_who_finds_no_place_is_told_to_try_again_and_keeps_his_figures(cast, client, monkeypatch):
    def full(**how):
        raise hashing.Busy

    with monkeypatch.context() as patch:
        patch.setattr(hashing, "turn", full)
        page = sign_in(client, next=f"/units/11416/report/{DAY}/", typed_by="11416", installs="88")
    assert (page.status_code, page.headers["Retry-After"]) == (503, "2")
    assert page.text.count('<input type="hidden" name="installs" value="88">') == 1
    assert page.text.count("Nhiều người đang đăng nhập cùng lúc") == 1
    assert page.text.count('value="11416" id="id_username"') + page.text.count('name="username" value="11416"') >= 1
    assert PASSWORD not in page.text
    assert (AccessRecord.objects.count(), Session.objects.count()) == (0, 0)
    assert sign_in(client).status_code == 302
