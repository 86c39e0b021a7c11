"""What is read once for a request is not read again: until something is written, and anew inside the lock.

It is what pages, forms and acts ask again and again while it hardly ever changes: hours in force, closed units.
"""

import re
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from django.db import connections

Asked = ParamSpec("Asked")
Answer = TypeVar("Answer")
READS = re.compile(r"[\s(]*(SELECT|WITH|EXPLAIN|PRAGMA)\b", re.IGNORECASE)


@dataclass
class _Held:
    """What was read in one request, or inside one lock."""

    connection: Any
    depth: int  # of the transactions open when it began: what is read deeper may be undone
    found: dict[Hashable, Any] = field(default_factory=dict)

    def forget_after_writing(self, execute, sql, params, many, context):
        if not READS.match(sql):
            self.found.clear()
        return execute(sql, params, many, context)


_held: ContextVar[_Held | None] = ContextVar("held", default=None)


@contextmanager
def together() -> Iterator[None]:
    """What is read in it `once` is held; within another it goes on in that, but apart in a transaction of its own."""
    if request_cache() is not None:
        yield
        return
    connection = connections["default"]
    held = _Held(connection, _depth(connection))
    token = _held.set(held)
    try:
        with connection.execute_wrapper(held.forget_after_writing):
            yield
    finally:
        _held.reset(token)


def forget() -> None:
    """Clears the cache: the lock was taken, and everything is read again."""
    held = _held.get()
    if held:
        held.found.clear()


def once(read: Callable[Asked, Answer]) -> Callable[Asked, Answer]:
    """Within a request the first answer to the same arguments is given again; no caller may change it."""

    @wraps(read)
    def cached(*args: Asked.args, **named: Asked.kwargs) -> Answer:
        held = request_cache()
        if held is None:
            return read(*args, **named)
        key = (read, args, tuple(named.items()))
        if key not in held:
            held[key] = read(*args, **named)
        return held[key]

    return cached


def request_cache() -> dict[Hashable, Any] | None:
    """What is held here by what was asked; None where nothing may be."""
    held = _held.get()
    if held is None:
        return None
    connection = connections["default"]
    return held.found if held.connection is connection and held.depth == _depth(connection) else None


def _depth(connection) -> int:
    return len(connection.savepoint_ids) + connection.in_atomic_block
