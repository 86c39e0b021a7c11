"""The gate for expensive work: only so much of each kind at once on this machine, and one piece of it a person.

Also of other requests a person has only a few at once in a process, so that the rest of its threads serve the others.

Whoever finds no room comes back later.

A turn is a lock on a file in a folder that all workers share (GATE_FOLDER), so it ends with the process that holds it.
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
PATIENCE = 5  # seconds that a thread waits for its turn
POLL = 0.02  # seconds
REQUESTS = 4  # of one person at once in a process, which has six threads (deploy/gunicorn.conf.py)


@dataclass(eq=False)
class ComeBack(Exception):
    """Nothing was done; the client may come back in `seconds`."""

    seconds: int


class Busy(ComeBack):
    """There is no room to wait for a turn."""


@dataclass(frozen=True)
class Work:
    """A kind of expensive work: `at_once` in all processes; in one process that of two people, one stranger at most."""

    name: str
    at_once: int
    back_in: int  # seconds
    places: BoundedSemaphore = field(default_factory=lambda: BoundedSemaphore(2))
    strangers: BoundedSemaphore = field(default_factory=lambda: BoundedSemaphore(1))


HASH = Work("hash", at_once=max(2, CORES), back_in=2)
FILE = Work("file", at_once=max(1, CORES // 2), back_in=5)
IMPORT = Work("import", at_once=2, back_in=10)
LOOK_BACK = Work("look-back", at_once=max(2, CORES), back_in=1, places=BoundedSemaphore(REQUESTS))  # of four people
PROVIDER = Work("provider", at_once=4, back_in=2)  # one that hangs takes two threads of a process at most

# Who asks: a person or a known device, "" for a stranger; unset outside of a request, where work waits without end.
_asker: ContextVar[str | None] = ContextVar("asker", default=None)
_has_turns: ContextVar[frozenset[str]] = ContextVar("has_turns", default=frozenset())  # of which kinds of work
_running: Counter[str] = Counter()  # requests, by person
_counting = Lock()


@contextmanager
def request_of(who: str) -> Iterator[None]:
    """A request of the person runs inside. Raises `Busy` if too many of them run already."""
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
    """What is done inside is done for the asker."""
    token = _asker.set(asker)
    try:
        yield
    finally:
        _asker.reset(token)


@contextmanager
def turn(work: Work) -> Iterator[None]:
    """Wait for a turn; a turn within one of the same work is the same one. Raises `Busy`."""
    if work.name in _has_turns.get():
        yield
        return
    with ExitStack() as held:
        take_turn(held, work)
        token = _has_turns.set(_has_turns.get() | {work.name})
        try:
            yield
        finally:
            _has_turns.reset(token)


def take_turn(held: ExitStack, work: Work) -> None:
    """Wait for a turn that ends with `held`. Raises `Busy`."""
    asker = _asker.get()
    if asker is None:
        _wait(held, work, math.inf)
    else:
        _take_place(held, work, asker)
        _wait(held, work, PATIENCE)


def _take_place(held: ExitStack, work: Work, who: str) -> None:
    places = [work.places] if who else [work.strangers, work.places]
    for place in places:
        if not place.acquire(blocking=False):
            raise Busy(work.back_in)
        held.callback(place.release)
    if who and not _is_locked(held, f"{work.name}-of-{hashlib.sha256(who.encode()).hexdigest()[:32]}"):
        raise Busy(work.back_in)


def _wait(held: ExitStack, work: Work, patience: float) -> None:
    waited = 0.0
    while not any(_is_locked(held, f"{work.name}-{number}") for number in range(work.at_once)):
        if waited > patience:
            raise Busy(work.back_in)
        time.sleep(POLL)
        waited += POLL


def _is_locked(held: ExitStack, name: str) -> bool:
    """Take the lock of that name until `held` ends; False if somebody has it."""
    file = (_folder() / name).open("w")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.close()
        return False
    held.callback(file.close)
    return True


@cache
def _folder() -> Path:
    return Path(settings.GATE_FOLDER or tempfile.mkdtemp(prefix="bluezone-gate-"))
