"""Which rows an act locks: also those of successors elsewhere, always in one order."""

from datetime import timedelta

from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from reporting.acts import locking
from reporting.models import Unit

from ..factories import DAY

AFTER = DAY + timedelta(days=1)


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
