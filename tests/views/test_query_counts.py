"""How often a page asks the database: what is read once for a request is not read again."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from reporting import acts
from tests.prepared import prepared

from .. import factories as f
from .visits import frozen

pytestmark = pytest.mark.sql

NOON = "2020-08-21 12:00"
OF_A_TRANSACTION = re.compile(r"SAVEPOINT|RELEASE|ROLLBACK|BEGIN|COMMIT")
DAY = f.DAY.isoformat()
# By page the person, the address and the most that it may ask. Nothing waits, as at the hour.
PAGES = {
    "form": ("officer", f"/units/11416/report/{DAY}/", 12),
    "a commune's home": ("officer", "/units/11416/", 18),
    "a district": ("district_clerk", "/units/306/", 20),
    "a district's board": ("district_clerk", f"/units/306/board/{DAY}/", 19),
    "the city": ("city_clerk", "/units/31/", 20),
    "the city's board": ("city_clerk", f"/units/31/board/{DAY}/", 19),
}
MOST_OF_A_REPORT = 20


@prepared
def reported(cast):
    for back in range(1, 10):
        for unit in (cast.commune, cast.neighbour, cast.stranger, cast.island, cast.agency):
            f.make_report(unit, f.DAY - timedelta(days=back), installs=back, opening=100)
    f.make_report(cast.neighbour, installs=7)
    return cast


def asked(client, address, data=None):
    with frozen(NOON), CaptureQueriesContext(connection) as captured:
        response = client.post(address, data) if data else client.get(address)
    return response, [query["sql"] for query in captured if not OF_A_TRANSACTION.match(query["sql"])]


def signed_in(person):
    client = Client()
    client.force_login(person)
    return client


def test_pages_ask_no_more_than_they_may(reported):
    found = {}
    for name, (person, address, most) in PAGES.items():
        client = signed_in(getattr(reported, person))
        asked(client, address)  # of the first request a session may be written
        response, queries = asked(client, address)
        assert response.status_code == 200, name
        found[name] = (len(queries), most, queries)
    over = {name: queries for name, (count, most, queries) in found.items() if count > most}
    assert over == {}, {name: len(queries) for name, queries in over.items()}


def test_report_asks_no_more_than_it_may(reported):
    address = reverse("reporting:report", args=["11416", f.DAY])
    client = signed_in(reported.officer)
    asked(client, address)
    response, queries = asked(client, address, {"installs": "12", "base_version": "0"})
    assert response.status_code == 302
    assert len(queries) <= MOST_OF_A_REPORT, queries


def test_no_page_asks_the_very_same_twice(reported):
    for person, address, _most in PAGES.values():
        client = signed_in(getattr(reported, person))
        asked(client, address)
        queries = asked(client, address)[1]
        assert len(set(queries)) == len(queries), [query for query in queries if queries.count(query) > 1]


def test_receipt_asks_as_often_for_many_steps_as_for_one(reported):
    client, address = signed_in(reported.neighbour_officer), reverse("reporting:report_detail", args=["11407", f.DAY])
    asked(client, address)
    few = len(asked(client, address)[1])
    for number in range(2, 7):
        revise(reported, number)
    assert len(asked(client, address)[1]) == few


def revise(cast, number):
    moment = f.at("2020-08-21 11:00")
    stamp = f.stamp(cast.district_clerk, moment)
    acts.enter(unit=cast.neighbour, day=f.DAY, installs=number, reason="Đếm lại", base_version=number - 1, **stamp)
