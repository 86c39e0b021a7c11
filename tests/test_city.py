"""The demonstration on the real units: the city is exactly the sum of its parts, by independent sums too."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise

import pytest
from django.db import connection, transaction
from django.db.models import Count

from reporting import demo
from reporting.deadline import ZONE
from reporting.figures import rollup, since_seal, verification
from reporting.models import Seal, Unit, User
from reporting.pages import trends

pytestmark = [pytest.mark.django_db, pytest.mark.matrix]  # a fortnight of 233 units takes long to make

DAYS = [demo.FIRST_DAY, date(2020, 8, 15), demo.NEWCOMER_ARRIVES.date()]
SUMS = ("installs", "adjustment", "cumulative", "households", "population")

# Plain sums over the tables, by the keys of a district and its communes, without the product's query.


@pytest.fixture(scope="module")
def city(django_db_setup, django_db_blocker):
    """The demonstration's city, built once for this file and rolled back after it."""
    with django_db_blocker.unblock(), transaction.atomic():
        demo.build(until=demo.NEWCOMER_ARRIVES)
        if connection.vendor == "postgresql":
            connection.cursor().execute("ANALYZE")  # as autovacuum does in time: the query plans of a look back need it
        yield Unit.objects.get(parent=None)
        transaction.set_rollback(True)


@pytest.fixture(params=DAYS, ids=str)
def figures(request, city):
    """The rollup of one of three days: the first, one in the middle, the last, which is not over."""
    return rollup.rows(city, request.param)


def sums(row):
    return [getattr(row, name) for name in SUMS]


def added(rows):
    return [sum(getattr(row, name) or 0 for row in rows) for name in SUMS]


def residents(figures):
    return [row for row in figures.by_code.values() if row.is_reporting and row.level != "agency"]


def test_demo_has_the_real_units_and_an_account_for_each(city):
    levels = dict(Unit.objects.order_by().values_list("level").annotate(Count("pk")))
    assert levels == {"city": 1, "district": 15, "commune": 217, "agency": 13}
    accounts = set(User.objects.values_list("username", "unit__code", "is_viewer", "is_superuser"))
    own = {(code, code, False, False) for code in Unit.objects.values_list("code", flat=True)}
    assert accounts == own | {("lanhdao", "31", True, False), ("admin", None, False, True)}
    assert all(user.check_password(demo.PASSWORD) for user in User.objects.filter(username__in=["31", "admin"]))


def test_city_is_the_sum_of_its_districts_and_of_its_reporting_units(figures):
    assert len(figures.children) == 15
    assert len(residents(figures)) == 218
    assert sums(figures.own) == added(figures.children) == added(residents(figures))
    assert figures.own.population == 2_028_514
    counts = ("expected", "reported", "on_time", "late", "carried_forward")
    for rows in (figures.children, residents(figures)):
        assert [getattr(figures.own, name) for name in counts] == [
            sum(getattr(row, name) for row in rows) for name in counts
        ]


def test_forecast_hardly_moves_through_a_working_day(city):
    """Every ten minutes from 07:00 to 17:30 of a whole day."""
    day = date(2020, 8, 20)
    moments = [datetime(2020, 8, 20, 7, tzinfo=ZONE) + timedelta(minutes=10 * number) for number in range(64)]
    looks = [trends.trend(city, rollup.rows(city, day, at), at=at) for at in moments]
    assert (looks[0].figures.own.reported, looks[-1].figures.own.reported > 200) == (0, True)
    shares = [look.subject.expected_share for look in looks]
    largest = max(abs(after - before) for before, after in pairwise(shares))
    print("largest move", largest * 100, "points; over the day", (max(shares) - min(shares)) * 100)
    assert largest < Decimal("0.003")


def test_something_has_changed_since_the_seals_and_every_cause_adds_up(city):
    differences = []
    for seal in Seal.objects.all():
        found = since_seal.changes(city, rollup.rows(city, seal.day), seal)
        assert all(line.is_explained for line in [found.own, *found.below, *found.agencies])
        differences.append(found.own.difference)
    assert sum(1 for difference in differences if difference) > 10


def test_everything_agrees_when_it_is_verified(city):
    """Reports and history, cumulatives, now and as-of, confirmations and seals, on the real units."""
    problems = {name: list(check()) for name, (_title, check) in verification.CHECKS.items()}
    assert problems == {name: [] for name in verification.CHECKS}
