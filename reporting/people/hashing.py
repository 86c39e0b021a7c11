"""Hashing a password takes a fifth of a second of a core: so many at once in a worker, and few more wait for a turn.

A flood of sign-ins then leaves a thread to those who report; whoever finds no place is told to try again at once.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings

WAITING = 1  # beside those that are hashed: of a worker's four threads two stay with those who report

_turns = threading.BoundedSemaphore(settings.HASHES_AT_ONCE)
_places = threading.BoundedSemaphore(settings.HASHES_AT_ONCE + WAITING)


class Busy(Exception):
    """So many sign in at this moment that there is no place to wait; nothing was tried."""


@contextmanager
def turn(*, is_stranger: bool) -> Iterator[None]:
    """Wait for one's turn to hash. Raises `Busy` where too many strangers wait; who is signed in always may."""
    if is_stranger and not _places.acquire(blocking=False):
        raise Busy
    try:
        with _turns:
            yield
    finally:
        if is_stranger:
            _places.release()
