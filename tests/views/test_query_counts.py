"""How many queries a page runs: a request reads nothing twice."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from reporting import acts
from tests.prepared import prepared
from tests.some import some

from .. import factories as f
from . import routes
from .visits import frozen, signed_in

pytestmark = pytest.mark.sql

NOON = "2020-08-21 12:00"
OF_A_TRANSACTION = re.compile(r"SAVEPOINT|RELEASE|ROLLBACK|BEGIN|COMMIT")
DAY = f.DAY.isoformat()
# By page the person and the address. Nothing waits, as at the deadline.
PAGES = {
    "form": ("officer", f"/units/11416/report/{DAY}/"),
    "a commune's home": ("officer", "/units/11416/"),
    "a district": ("district_clerk", "/units/306/"),
    "a district's board": ("district_clerk", f"/units/306/board/{DAY}/"),
    "the city": ("city_clerk", "/units/31/"),
    "the city's board": ("city_clerk", f"/units/31/board/{DAY}/"),
}
OWN = {"officer": "11416", "district_clerk": "306", "city_clerk": "31"}  # by person the unit whose pages he opens


@prepared
def reported(cast):
    for back in range(1, 10):
        for unit in (cast.commune, cast.neighbour, cast.stranger, cast.island, cast.agency):
            f.make_report(unit, f.DAY - timedelta(days=back), installs=back, opening=100)
    f.make_report(cast.neighbour, installs=7)
    return cast


def queries_of(client, address, data=None, moment=NOON):
    with frozen(moment), CaptureQueriesContext(connection) as captured:
        response = client.post(address, data) if data else client.get(address)
    return response, [query["sql"] for query in captured if not OF_A_TRANSACTION.match(query["sql"])]


def grow(cast, numbers):
    """A third of the new communes have reported with a difficulty, a third wait with a request, a third have sent
    nothing."""
    for number in numbers:
        unit = f.make_unit(f"2{number:04d}", parent=cast.district, name=f"Số {number}", population=9000)
        officer = f.make_user(unit.code, unit, phone="0912 000 001")
        f.make_exempt_day(unit, f.DAY + timedelta(days=1))
        f.make_access_record(officer)
        if number % 3 == 0:
            f.make_report(unit, installs=number, note="Khó khăn", hour=f.time(11))
        elif number % 3 == 1:
            f.make_late_request(unit, officer, f.DAY - timedelta(days=1), opening=0)


def counts(client, code):
    """The number of queries of each page and file that the person may open, by route."""
    found = {}
    for name, held in routes.names().items():
        if name.startswith("reporting:") and {"code", "day", "first", "last"} >= set(held):
            for day in (f.DAY, f.DAY - timedelta(days=1))[: 2 if "day" in held else 1]:
                address = routes.address(name, code=code, day=day, first=f.DAY - timedelta(days=1))
                page, queries = queries_of(client, address)
                if page.status_code == 200:
                    found[name.removeprefix("reporting:"), day] = len(queries)
    return found


@pytest.mark.parametrize("person", some(OWN, ["district_clerk"]))
def test_no_query_count_grows_with_the_units(person, reported):
    grow(reported, range(12))
    few = counts(signed_in(getattr(reported, person)), OWN[person])
    grow(reported, range(12, 30))
    assert counts(signed_in(getattr(reported, person)), OWN[person]) == few
    assert {"unit", "discipline", "workbook", "inbox"} <= {name for name, _day in few}


@pytest.mark.parametrize(
    ("person", "address", "most", "once_sealed"),  # a sealed day opens with its result
    [
        ("district_clerk", "/units/306/?state=report", 16, 17),
        ("district_clerk", "/units/306/?state=confirm", 16, 19),
        ("district_clerk", "/units/306/?state=result", 16, 16),
        ("city_clerk", "/units/31/?state=report", 17, 17),
        ("city_clerk", "/units/31/?state=confirm", 17, 17),
        ("city_clerk", "/units/31/?state=result", 17, 17),
    ],
)
def test_page_of_a_superiors_day_asks_little_also_once_it_is_sealed(person, address, most, once_sealed, reported):
    client = signed_in(getattr(reported, person))
    queries_of(client, address)
    page, queries = queries_of(client, address)
    assert (page.status_code, len(queries) <= most) == (200, True), queries
    f.make_seal(reported.city, reported.city_clerk)
    page, queries = queries_of(client, address, moment="2020-08-21 18:00")
    assert (page.status_code, len(queries) <= once_sealed) == (200, True), queries


def test_no_page_runs_a_query_twice(reported):
    for person, address in PAGES.values():
        client = signed_in(getattr(reported, person))
        queries_of(client, address)
        queries = queries_of(client, address)[1]
        assert len(set(queries)) == len(queries), [query for query in queries if queries.count(query) > 1]


def test_query_count_of_a_receipt_does_not_grow_with_its_steps(reported):
    client, address = signed_in(reported.neighbour_officer), reverse("reporting:report_detail", args=["11407", f.DAY])
    queries_of(client, address)
    few = len(queries_of(client, address)[1])
    for number in range(2, 7):
        revise(reported, number)
    assert len(queries_of(client, address)[1]) == few


def revise(cast, number):
    moment = f.at("2020-08-21 11:00")
    stamp = f.stamp(cast.district_clerk, moment)
    acts.enter(unit=cast.neighbour, day=f.DAY, installs=number, reason="Đếm lại", base_version=number - 1, **stamp)
