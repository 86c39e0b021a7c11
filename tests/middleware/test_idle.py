"""An idle account that reaches the whole city is signed out; an officer's is not."""

from datetime import datetime

import pytest
from django.test import Client

from reporting.models import AccessRecord
from tests.factories import DAY, at

from ..views.visits import frozen

BY_ITSELF = {"sec-fetch-dest": "empty"}


def opens(client, moment, path="/campaign/", **headers):
    """Whether the page is open at the moment."""
    with frozen(f"2020-08-21 {moment}"):
        return client.get(path, headers=headers).status_code == 200


def signed_in(person, moment="08:00:00"):
    client = Client()
    with frozen(f"2020-08-21 {moment}"):
        client.force_login(person)
    return client


@pytest.mark.parametrize(("moment", "is_open"), [("09:00:00", True), ("09:00:01", False)])
def test_account_of_the_city_that_was_left_alone_is_signed_out(moment, is_open, cast):
    client = signed_in(cast.city_clerk)
    assert opens(client, moment) == is_open
    assert opens(client, moment) == is_open  # and stays so
    ways_out = AccessRecord.objects.filter(kind="signed_out", by=cast.city_clerk)
    assert ways_out.count() == (0 if is_open else 1)


def test_account_that_is_used_stays_signed_in(cast):
    client = signed_in(cast.city_clerk)
    moments = ["08:50:00", "09:45:00", "10:40:00", "11:39:59"]
    assert [opens(client, moment) for moment in moments] == [True] * 4
    assert not opens(client, "12:41:00")


@pytest.mark.parametrize(("moment", "kept"), [("08:05:00", "08:00:00"), ("08:05:01", "08:05:01")])
def test_use_is_kept_to_five_minutes(moment, kept, cast):
    client = signed_in(cast.city_clerk)
    assert opens(client, moment)
    with frozen(f"2020-08-21 {moment}"):
        assert datetime.fromisoformat(client.session["used_at"]) == at(f"2020-08-21 {kept}")


def test_page_that_renews_itself_is_no_use(cast):
    client = signed_in(cast.city_clerk)
    board = f"/units/31/board/{DAY}/"
    assert opens(client, "08:30:00", board)
    assert opens(client, "09:20:00", board, **BY_ITSELF)
    assert not opens(client, "09:31:00", board, **BY_ITSELF)


def test_administrator_that_was_left_alone_is_signed_out(cast):
    client = signed_in(cast.admin)
    assert opens(client, "08:59:00", "/people/")
    assert not opens(client, "10:00:00", "/people/")


@pytest.mark.parametrize(("person", "path"), [("officer", "/units/11416/"), ("district_clerk", "/units/306/")])
def test_officer_stays_signed_in_until_the_hour(person, path, cast):
    client = signed_in(getattr(cast, person))
    assert opens(client, "16:55:00", path)
