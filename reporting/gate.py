"""Who gets a thread of a worker, and who gets a turn at expensive work.

A worker sorts each request by its head before a thread takes it (`bluezone_report/server.py`): `place_of` names its
lane, and `Queue` says which request is next. Requests that exceed a share wait outside the threads, or get 429.

Of each kind of expensive work only a few pieces run at once on this machine, and one piece per person. A client without
a turn tries later. A turn is a file lock in a folder that all workers share (GATE_FOLDER); it ends with its process.
"""

import fcntl
import hashlib
import math
import os
import re
import tempfile
import time
from collections import Counter, deque
from collections.abc import Collection, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache, lru_cache
from pathlib import Path
from threading import BoundedSemaphore
from typing import Any, NamedTuple

from django.conf import settings
from django.core import signing
from django.utils.crypto import constant_time_compare, get_random_string, salted_hmac

from . import clock

# Lanes.


@dataclass(frozen=True)
class Lane:
    """Requests that share threads. A lane's threads may also be used by the lanes above it in `LANES`, not below."""

    name: str
    threads: int  # of a worker's six; those of the lanes below it count too
    near_the_hour: int  # the same in the half hour before a deadline
    each: int  # requests of one person, or strangers' of one address, at once in a worker
    waiting: int  # and how many of them wait; the others get 429


REPORTS = Lane("form, report, receipt, entry; sign-in on a known device", 6, 6, each=1, waiting=20)
PAGES = Lane("other pages of signed-in people", 4, 3, each=2, waiting=50)
STRANGERS = Lane("everything without a session, also the API", 2, 2, each=1, waiting=100)
LANES = (REPORTS, PAGES, STRANGERS)
UNIT_AND_DAY = 2  # requests about one unit's day in the first lane, at once in a worker
RESERVED_FOR = timedelta(minutes=30)  # before a deadline

OF_A_DAY = re.compile(r"/units/([^/]+)/(?:report|reports|late|entry)/([0-9-]+)/")
SIGN_IN = "/accounts/login/"
SECURE = "__Host-"  # begins the names of cookies on a site with https


class Place(NamedTuple):
    """Where a request waits: requests of one browser in their order, those of others in turns."""

    lane: Lane
    who: str  # a person, a known device, or a stranger's address
    browser: str = ""
    unit_and_day: tuple[str, ...] = ()


def place_of(method: str, path: str, cookies: Mapping[str, str], address: str | None) -> Place:
    session, cookie = (cookies.get(SECURE + name) or cookies.get(name, "") for name in ("sessionid", "device"))
    person, device = person_of(session), device_of(cookie)
    if person and (match := OF_A_DAY.match(path)):
        return Place(REPORTS, f"person {person}", unit_and_day=match.groups())
    if person:
        return Place(PAGES, f"person {person}")
    if path.startswith(SIGN_IN) and device.get("people"):
        return Place(REPORTS, f"device {device['name']}")
    return Place(STRANGERS, f"address {address}", device.get("name") or f"none, {method}")  # to see a page is cheap


class Queue:
    """The requests of a worker that wait for a thread."""

    def __init__(self) -> None:
        self._waiting: dict[Lane, dict[str, dict[str, deque[tuple[Place, Any]]]]] = {lane: {} for lane in LANES}
        self._lengths: Counter[tuple[Lane, str]] = Counter()
        self._running: Counter[Any] = Counter()  # by lane, by lane and person, by unit and day

    def add(self, place: Place, request: Any) -> bool:
        """Adds a request; False if too many of the same person or address wait already."""
        if self._lengths[place[:2]] >= place.lane.waiting:
            return False
        self._lengths[place[:2]] += 1
        self._waiting[place.lane].setdefault(place.who, {}).setdefault(place.browser, deque()).append((place, request))
        return True

    def take(self) -> tuple[Place, Any] | None:
        """Takes the next request that may run now. A lane without a running request is served first."""
        for lane in sorted(LANES, key=lambda one: self._running[one] > 0):
            if any(map(self._is_full, LANES[: LANES.index(lane) + 1])):
                continue
            for who in list(self._waiting[lane]):
                if taken := self._next_of(lane, who):
                    self._count(taken[0], 1)
                    return taken
        return None

    def end(self, place: Place) -> None:
        self._count(place, -1)

    def _is_full(self, lane: Lane) -> bool:
        threads = lane.near_the_hour if is_near_the_hour() else lane.threads
        return sum(self._running[one] for one in LANES[LANES.index(lane) :]) >= threads

    def _next_of(self, lane: Lane, who: str) -> tuple[Place, Any] | None:
        if self._running[lane, who] >= lane.each:
            return None
        browsers = self._waiting[lane][who]
        browser, requests = next(iter(browsers.items()))
        if self._running[requests[0][0].unit_and_day] >= UNIT_AND_DAY:
            return None
        taken = requests.popleft()
        self._lengths[lane, who] -= 1
        _to_the_end(browsers, browser)
        if self._lengths[lane, who] != 1:  # if one is left, a second press, it comes next
            _to_the_end(self._waiting[lane], who)
        return taken

    def _count(self, place: Place, change: int) -> None:
        for what in (place.lane, place[:2], *([place.unit_and_day] if place.unit_and_day else [])):
            self._running[what] += change
            if not self._running[what]:
                del self._running[what]


def _to_the_end(waiting: dict[str, Any], key: str) -> None:
    """The others go first now; a key for which nothing waits is dropped."""
    if rest := waiting.pop(key):
        waiting[key] = rest


_deadlines: Collection[datetime] = ()  # of today


def set_deadlines(deadlines: Collection[datetime]) -> None:
    global _deadlines
    _deadlines = deadlines


def is_near_the_hour() -> bool:
    now = clock.now()
    return any(hour - RESERVED_FOR <= now <= hour for hour in _deadlines)


# A session key names its person, signed, so that a worker knows the person without the database.

SECRET, TAG = 22, 10  # characters


def session_key(person: object) -> str:
    """A new key of 113 random bits for a session of this person."""
    secret = get_random_string(SECRET, "abcdefghijklmnopqrstuvwxyz0123456789")
    return f"{secret}{_tag(secret, str(person))}{person}"


@lru_cache(maxsize=4096)
def person_of(key: str) -> str:
    """The person to whom the server once gave this session key; "" if it did not. The session may have ended."""
    secret, tag, person = key[:SECRET], key[SECRET : SECRET + TAG], key[SECRET + TAG :]
    return person if person and constant_time_compare(tag, _tag(secret, person)) else ""


def _tag(secret: str, person: str) -> str:
    return salted_hmac("session of a person", f"{secret} {person}", algorithm="sha256").hexdigest()[:TAG]


DEVICE_SERVES = timedelta(days=365)


@lru_cache(maxsize=4096)
def device_of(cookie: str) -> dict[str, Any]:
    """The `name` of a browser, and the marks of the `people` who have signed in with it; empty if it is not ours."""
    try:
        return signing.loads(cookie, salt="device with marks", max_age=DEVICE_SERVES)
    except signing.BadSignature:
        return {}


# Turns.

CORES = len(os.sched_getaffinity(0))
PATIENCE = 5  # seconds that a thread waits for a turn
POLL = 0.02  # seconds


@dataclass(eq=False)
class TryLater(Exception):
    """Nothing was done; the client may try again in `seconds`."""

    seconds: int


class Busy(TryLater):
    """No room is left to wait for a turn."""


@dataclass(frozen=True)
class Work:
    """A kind of expensive work: at most `at_once` run in all processes; two threads of each do it or wait for it."""

    name: str
    at_once: int
    back_in: int  # seconds
    places: BoundedSemaphore = field(default_factory=lambda: BoundedSemaphore(2))


HASH = Work("hash", at_once=max(2, CORES), back_in=2, places=BoundedSemaphore(REPORTS.threads))  # lanes limit it
FILE = Work("file", at_once=max(1, CORES // 2), back_in=5)
IMPORT = Work("import", at_once=2, back_in=10)
GRID = Work("grid", at_once=100, back_in=1, places=BoundedSemaphore(100))  # nobody waits for another at the hour
LOOK_BACK = Work("look-back", at_once=max(2, CORES), back_in=1, places=BoundedSemaphore(PAGES.threads))

# A person or a known device, "" for a stranger; None outside a request, where work waits without limit.
_asker: ContextVar[str | None] = ContextVar("asker", default=None)
_has_turns: ContextVar[frozenset[str]] = ContextVar("has_turns", default=frozenset())  # names of the kinds of work


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
        _wait(locks, work, work.at_once, math.inf)
        return
    if not work.places.acquire(blocking=False):
        raise Busy(work.back_in)
    locks.callback(work.places.release)
    if asker and not _try_lock(locks, f"{work.name}-of-{hashlib.sha256(asker.encode()).hexdigest()[:32]}"):
        raise Busy(work.back_in)
    _wait(locks, work, work.at_once if asker else max(1, work.at_once - 1), PATIENCE)  # strangers leave one turn


def _wait(locks: ExitStack, work: Work, turns: int, patience: float) -> None:
    waited = 0.0
    while not any(_try_lock(locks, f"{work.name}-{number}") for number in range(turns)):
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
