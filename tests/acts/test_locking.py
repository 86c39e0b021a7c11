"""Which rows an act locks, and when its record counts from: later than every table fixed without it."""

from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from reporting.acts import locking
from reporting.models import Unit

from ..factories import DAY, at, make_report, make_seal, make_sign_off

BEFORE, AFTER = DAY - timedelta(days=1), DAY + timedelta(days=1)
NOON, SIGNED, SEALED = at("2020-08-21 12:00"), at("2020-08-21 17:20"), at("2020-08-21 17:40")
NEXT = timedelta(microseconds=1)


def end(unit, into, on=DAY):
    unit.close(on=on, into=into)
    return Unit.objects.get(pk=unit.pk)


def keys(*units):
    return {unit.pk for unit in units}


def locked(lock):
    """The keys of the rows that `lock` locks, read from its SELECT FOR UPDATE."""
    with transaction.atomic(), CaptureQueriesContext(connection) as queries:
        lock()
    found = queries[-1]["sql"]
    assert found.endswith("FOR NO KEY UPDATE") is (connection.vendor == "postgresql")
    assert 'ORDER BY "reporting_unit"."id" ASC' in found  # two acts never wait for each other
    return {int(key) for key in found.split(" IN (")[1].split(")")[0].split(", ")}


def test_superior_of_a_unit_is_the_one_above_and_of_the_top_itself(cast):
    assert locking.superiors(cast.commune) == keys(cast.district)
    assert locking.superiors(cast.district) == keys(cast.city)
    assert locking.superiors(cast.city) == keys(cast.city)


def test_superiors_of_an_ended_unit_are_its_successors_too(cast):
    first = end(cast.stranger, cast.commune)
    assert locking.superiors(first) == keys(cast.other_district, cast.district)
    end(cast.commune, cast.agency, AFTER)
    assert locking.superiors(Unit.objects.get(pk=first.pk)) == keys(cast.other_district, cast.district, cast.city)


def test_lock_of_all_takes_every_superior_at_or_below_the_top(cast):
    assert locked(lambda: locking.lock_all(cast.city)) == keys(cast.city, cast.district, cast.other_district)
    assert locked(lambda: locking.lock_all(cast.district)) == keys(cast.city, cast.district)
    assert locked(lambda: locking.lock_all(cast.island)) == keys(cast.city, cast.island)


def test_lock_of_all_takes_the_superiors_of_successors_elsewhere(cast):
    end(cast.neighbour, cast.stranger)
    assert locked(lambda: locking.lock_all(cast.district)) == keys(cast.city, cast.district, cast.other_district)


@pytest.mark.parametrize(("day", "counts"), [(BEFORE, False), (DAY, True), (AFTER, True)])
def test_figure_counts_after_all_sign_offs_and_seals_that_could_contain_it(day, counts, cast):
    make_sign_off(cast.district, cast.district_clerk, day=day)
    assert locking.counted_from(cast.commune, DAY, NOON) == (SIGNED + NEXT if counts else NOON)
    make_seal(cast.city, cast.city_clerk, day=day)
    assert locking.counted_from(cast.commune, DAY, NOON) == (SEALED + NEXT if counts else NOON)
    assert locking.counted_from(cast.commune, DAY, SEALED + 2 * NEXT) == SEALED + 2 * NEXT


def test_figure_of_an_ended_unit_counts_after_the_tables_of_its_heirs_superior(cast):
    make_sign_off(cast.district, cast.district_clerk)
    assert locking.counted_from(end(cast.stranger, cast.commune), BEFORE, NOON) == SIGNED + NEXT


@pytest.mark.parametrize(
    ("signed_at", "sealed_at", "known"),
    [
        (None, None, NOON),
        (SIGNED, None, SIGNED + NEXT),
        (None, SEALED, SEALED + NEXT),
        (SIGNED, SEALED, SEALED + NEXT),
        (at("2020-08-21 09:00"), None, NOON),
    ],
)
def test_record_is_known_after_every_table(signed_at, sealed_at, known, cast):
    if signed_at:
        make_sign_off(cast.district, cast.district_clerk, day=BEFORE, at=signed_at)
    if sealed_at:
        make_seal(cast.city, cast.city_clerk, at=sealed_at)
    assert locking.known_from(NOON) == known


def test_figures_of_many_count_after_every_step_of_theirs(cast):
    later = at("2020-08-21 15:00")
    make_report(cast.commune, installs=1, now=lambda: later)
    make_report(cast.stranger, installs=1, now=lambda: later + timedelta(hours=1))
    assert locking.counted_from_of_all([cast.commune, cast.neighbour], NOON) == later
    assert locking.counted_from_of_all([cast.neighbour], NOON) == NOON
    make_sign_off(cast.other_district, cast.other_clerk)
    assert locking.counted_from_of_all([cast.commune], NOON) == SIGNED + NEXT
