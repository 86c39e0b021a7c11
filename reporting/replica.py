"""Reading from a replica of the database (DATABASE_REPLICA_URL), where it is there and hardly behind.

Within `reading_it` everything that asks the database asks the replica, whatever way it takes: so only what writes
nothing may be done in it. What is read is of one moment, the one up to which the replica has replayed.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from functools import wraps

from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, Error, connections

from . import clock, reading

ALIAS = "replica"
WROTE = "__Host-wrote" if settings.HTTPS else "wrote"  # the cookie of who has sent something lately
LATELY = 120  # seconds: more than a replica may be behind
TRIED_AGAIN_AFTER = 10  # seconds, of one that is away: to find that out takes a connection's patience
WRITTEN = "SELECT pg_current_wal_lsn()"
REPLAYED = "SELECT pg_is_in_recovery(), pg_last_wal_replay_lsn() >= %s::pg_lsn, pg_last_xact_replay_timestamp()"


class NotThere(Exception):
    """The replica is away, behind by too much or has become a primary; or it has not what was asked for."""


class _Away:
    """Until when this process leaves the replica alone, by the clock that is never set back."""

    until = float("-inf")


def is_set_up() -> bool:
    return ALIAS in settings.DATABASES


def from_replica(view=None, *, only_then: bool = False):
    """The page or file is read from the replica; with `only_then` only as of an instant.

    It is of the moment that the replica has, and `request.arrived_at` is that one meanwhile. Who has sent something
    lately reads what he wrote, from the primary, and so does who asks for what the replica does not have yet.
    """
    if view is None:
        return lambda view: from_replica(view, only_then=only_then)

    @wraps(view)
    def answering(request, *args, **kwargs):
        is_asked = is_set_up() and (not only_then or request.GET.get("as_of"))
        if is_asked and WROTE not in request.COOKIES:
            try:
                return _answer(view, request, args, kwargs)
            except NotThere:
                pass
        return view(request, *args, **kwargs)

    answering.is_from_replica = True
    return answering


def _answer(view, request, args, kwargs):
    arrived_at = request.arrived_at
    try:
        with reading_it(arrived_at) as request.arrived_at:
            response = view(request, *args, **kwargs)
    except NotThere:
        raise
    except Exception as error:  # whatever it is, the primary says whether it is so
        raise NotThere from error
    finally:
        request.arrived_at = arrived_at
    if getattr(response, "status_code", 200) != 200:
        raise NotThere
    if getattr(response, "streaming", False):
        response.streaming_content = _streamed(response.streaming_content)
    return response


def _streamed(parts: Iterator[bytes]) -> Iterator[bytes]:
    """What is read while it is sent, read there too."""
    with _in_its_place(connections[ALIAS]):
        yield from parts


@contextmanager
def reading_it(at: datetime) -> Iterator[datetime]:
    """All that is read within is the replica's; gives the moment that it is of, `at` or before. Raises `NotThere`."""
    if not is_set_up() or clock.monotonic() < _Away.until:
        raise NotThere
    primary, replica = connections[DEFAULT_DB_ALIAS], connections[ALIAS]
    moment = _moment(primary, replica, at)
    with _in_its_place(replica), reading.together():
        yield moment


@contextmanager
def _in_its_place(replica) -> Iterator[None]:
    primary = connections[DEFAULT_DB_ALIAS]
    connections[DEFAULT_DB_ALIAS] = replica
    try:
        yield
    finally:
        connections[DEFAULT_DB_ALIAS] = primary


def _moment(primary, replica, at: datetime) -> datetime:
    """Of which moment the replica is: `at`, if it has all that had been written when it was asked."""
    with primary.cursor() as cursor:
        cursor.execute(WRITTEN)
        [written] = cursor.fetchone()
    try:
        with replica.cursor() as cursor:
            cursor.execute(REPLAYED, [written])
            is_replica, has_all, replayed_at = cursor.fetchone()
    except Error as error:
        _Away.until = clock.monotonic() + TRIED_AGAIN_AFTER
        raise NotThere from error
    if not is_replica or not (has_all or replayed_at):
        raise NotThere
    moment = at if has_all else min(at, replayed_at + clock.offset())
    if at - moment > timedelta(seconds=settings.REPLICA_BEHIND_AT_MOST):
        raise NotThere
    return moment
