"""The sums that the database keeps of a superior's day are those of the reports, whatever was done to them."""

import random
from datetime import timedelta

import pytest
from django.db import connection

from reporting import kept_sums
from reporting.figures import fields
from reporting.models import DaySum, Report, Unit

from .. import factories as f

DAYS = [f.DAY - timedelta(days=back) for back in range(6)]


def kept():
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {', '.join(kept_sums.columns())} FROM reporting_daysum ORDER BY 1, 2, 3")
        return cursor.fetchall()


def summed():
    with connection.cursor() as cursor:
        cursor.execute(f"{kept_sums.summed('1 = 1')} ORDER BY 1, 2, 3")
        return [tuple(int(v) if i > 2 else v for i, v in enumerate(row)) for row in cursor.fetchall()]


@pytest.fixture
def units(db):
    cast = f.make_cast()
    return [cast.commune, cast.neighbour, cast.stranger, cast.agency]


def do_something(chance, units):
    """One thing to a report past the product, as an act or an import might do it in its own statements."""
    unit, day = chance.choice(units), chance.choice(DAYS)
    report = Report.objects.filter(unit=unit, day=day).first()
    if report is None:
        put_in(chance, unit, day)
    else:
        change(chance, report, chance.choice(units))


def put_in(chance, unit, day):
    is_opened = Report.objects.filter(unit=unit, kind="opening").exists()
    kind = "daily" if is_opened else chance.choice(["daily", "opening"])
    Report.objects.create(
        unit=unit,
        day=day,
        kind=kind,
        installs=chance.choice([None, 0, 3, 12]),
        households_visited=chance.choice([None, 0, 5]) if kind == "daily" else None,
        adjustment=chance.choice([0, 0, -2]),
        cumulative=0,
        is_late=kind == "daily" and chance.random() < 0.3,
        received_at=f.RECORDED_AT,
    )


def change(chance, report, other):
    one = Report.objects.filter(pk=report.pk)
    free = [day for day in DAYS if not Report.objects.filter(unit=report.unit, day=day).exists()]
    is_free = report.kind == "daily" and not Report.objects.filter(unit=other, day=report.day).exists()
    match chance.randrange(6):
        case 0:
            one.delete()
        case 1 if free:
            one.update(day=chance.choice(free))
        case 2 if report.kind == "daily":
            one.update(households_visited=chance.choice([None, 0, 7]), is_late=chance.random() < 0.5)
        case 3 if is_free:
            one.update(unit=other)
        case _:
            one.update(installs=chance.choice([None, 0, 3, 12]), adjustment=chance.choice([0, 4]), cumulative=9)


@pytest.mark.parametrize("seed", range(4))
def test_sums_follow_whatever_happens_to_reports(units, seed):
    chance = random.Random(seed)
    for _step in range(60):
        do_something(chance, units)
        assert kept() == summed()
    assert DaySum.objects.exists()


def test_sums_follow_a_unit_that_is_put_elsewhere_or_into_the_other_stream(units):
    chance = random.Random(1)
    for _step in range(20):
        do_something(chance, units)
    district = f.make_unit("399", parent=Unit.objects.get(parent=None), level=Unit.Level.DISTRICT)
    Unit.objects.filter(pk=units[0].pk).update(parent=district)
    assert kept() == summed()
    assert DaySum.objects.filter(superior=district).exists()
    Unit.objects.filter(pk=units[0].pk).update(level=Unit.Level.AGENCY)
    assert kept() == summed()


def test_what_is_kept_is_what_is_counted():
    assert [count.column for count in fields.BESIDE] == list(DaySum.COUNTS)


def test_sums_are_made_anew_where_a_trigger_was_missing(units):
    kept_sums.remove()
    do_something(random.Random(2), units)
    assert kept() != summed()
    kept_sums.install()
    assert kept() == summed()
