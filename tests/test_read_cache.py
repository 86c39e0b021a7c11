"""Cached reads are not repeated until something is written, and start again inside a transaction."""

import pytest
from django.db import transaction

from reporting import read_cache
from reporting.acts import locking
from reporting.models import Unit
from reporting.models.units import moved_units

from . import factories as f

pytestmark = pytest.mark.sql


def test_whatever_is_written_is_seen(cast):
    with read_cache.cached_reads():
        assert moved_units().closed == []
        cast.neighbour.close(on=f.DAY, into=cast.commune)
        assert moved_units().closed == [(cast.neighbour.pk, f.DAY, cast.commune.pk)]
        Unit.objects.filter(pk=cast.neighbour.pk).update(closed_on=None, successor=None)
        assert moved_units().closed == []


def test_what_is_undone_is_not_kept(cast):
    with read_cache.cached_reads():
        assert moved_units().closed == []
        with transaction.atomic():
            cast.neighbour.close(on=f.DAY, into=cast.commune)
            assert len(moved_units().closed) == 1
            transaction.set_rollback(True)
        assert moved_units().closed == []


def test_inside_the_lock_everything_is_read_anew(cast, django_assert_num_queries):
    with read_cache.cached_reads():
        moved_units()
        with locking.locked(cast.commune):
            with django_assert_num_queries(1):
                moved_units()
                moved_units()
            locking.lock(cast.commune)
            with django_assert_num_queries(1):
                moved_units()
