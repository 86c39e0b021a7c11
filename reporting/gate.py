"""Limits expensive work: on this machine only a few pieces of each kind run at once, and one piece per person.

It also limits how many requests of a person run at once in a process, so that others get a thread. A client without a
turn tries later. A turn is a file lock in a folder that all workers share (GATE_FOLDER); it ends with its process.
"""

import fcntl
import hashlib
import math
import os
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from threading import BoundedSemaphore, Lock

from django.conf import settings

CORES = len(os.sched_getaffinity(0))
PATIENCE = 5  # seconds that a thread waits for a turn
POLL = 0.02  # seconds
REQUESTS = 4  # of one person at once in a process, which has six threads (deploy/gunicorn.conf.py)


@dataclass(eq=False)
class TryLater(Exception):
    """Nothing was done; the client may try again in `seconds`."""

    seconds: int


class Busy(TryLater):
    """No room is left to wait for a turn."""


@dataclass(frozen=True)
class Work:
    """A kind of expensive work: at most `at_once` run in all processes, two in each, one of them for a stranger."""

    name: str
    at_once: int
    back_in: int  # seconds
    places: BoundedSemaphore = field(default_factory=lambda: BoundedSemaphore(2))
    strangers: BoundedSemaphore = field(default_factory=lambda: BoundedSemaphore(1))


HASH = Work("hash", at_once=max(2, CORES), back_in=2)
FILE = Work("file", at_once=max(1, CORES // 2), back_in=5)
IMPORT = Work("import", at_once=2, back_in=10)
GRID = Work("grid", at_once=100, back_in=1, places=BoundedSemaphore(100))  # nobody waits for another at the hour
LOOK_BACK = Work("look-back", at_once=max(2, CORES), back_in=1, places=BoundedSemaphore(REQUESTS))  # four people
PROVIDER = Work("provider", at_once=4, back_in=2)  # if it hangs, it takes two threads of a process at most

# A person or a known device, "" for a stranger; None outside a request, where work waits without limit.
_asker: ContextVar[str | None] = ContextVar("asker", default=None)
_has_turns: ContextVar[frozenset[str]] = ContextVar("has_turns", default=frozenset())  # names of the kinds of work
_running: Counter[str] = Counter()  # requests, by person
_counting = Lock()


@contextmanager
def request_of(who: str) -> Iterator[None]:
    """Counts a request of the person. Raises `Busy` if too many run already."""
    with _counting:
        if _running[who] >= REQUESTS:
            raise Busy(1)
        _running[who] += 1
    try:
        yield
    finally:
        with _counting:
            _running[who] -= 1
            if not _running[who]:
                del _running[who]


@contextmanager
def asked_by(asker: str) -> Iterator[None]:
    """Sets who asks for the work inside."""
    token = _asker.set(asker)
    try:
        yield
    finally:
        _asker.reset(token)


@contextmanager
def turn(work: Work) -> Iterator[None]:
    """Waits for a turn; a nested turn of the same work is the same one. Raises `Busy`."""
    if work.name in _has_turns.get():
        yield
        return
    with ExitStack() as locks:
        take_turn(locks, work)
        token = _has_turns.set(_has_turns.get() | {work.name})
        try:
            yield
        finally:
            _has_turns.reset(token)


def take_turn(locks: ExitStack, work: Work) -> None:
    """Waits for a turn that ends with `locks`. Raises `Busy`."""
    asker = _asker.get()
    if asker is None:
        _wait(locks, work, math.inf)
    else:
        _take_place(locks, work, asker)
        _wait(locks, work, PATIENCE)


def _take_place(locks: ExitStack, work: Work, who: str) -> None:
    places = [work.places] if who else [work.strangers, work.places]
    for place in places:
        if not place.acquire(blocking=False):
            raise Busy(work.back_in)
        locks.callback(place.release)
    if who and not _try_lock(locks, f"{work.name}-of-{hashlib.sha256(who.encode()).hexdigest()[:32]}"):
        raise Busy(work.back_in)


def _wait(locks: ExitStack, work: Work, patience: float) -> None:
    waited = 0.0
    while not any(_try_lock(locks, f"{work.name}-{number}") for number in range(work.at_once)):
        if waited > patience:
            raise Busy(work.back_in)
        time.sleep(POLL)
        waited += POLL


def _try_lock(locks: ExitStack, name: str) -> bool:
    """Locks the file of that name until `locks` ends. Returns False if it is locked already."""
    file = (_folder() / name).open("w")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.close()
        return False
    locks.callback(file.close)
    return True


@cache
def _folder() -> Path:
    return Path(settings.GATE_FOLDER or tempfile.mkdtemp(prefix="bluezone-gate-"))
