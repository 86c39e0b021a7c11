"""Caches reads for one request. A write clears the cache, and so does taking the lock.

The cache holds what pages, forms and acts often ask and rarely changes: hours in force, closed units.
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
class _Cache:
    """The reads of one request or inside one lock."""

    connection: Any
    depth: int  # transactions open at its start: what is read deeper may be rolled back
    answers: dict[Hashable, Any] = field(default_factory=dict)

    def clear_after_writing(self, execute, sql, params, many, context):
        if not READS.match(sql):
            self.answers.clear()
        return execute(sql, params, many, context)


_current: ContextVar[_Cache | None] = ContextVar("cache", default=None)


@contextmanager
def cached_reads() -> Iterator[None]:
    """Caches the reads inside it. A nested one shares the cache, unless it is in its own transaction."""
    if request_cache() is not None:
        yield
        return
    connection = connections["default"]
    cache = _Cache(connection, _depth(connection))
    token = _current.set(cache)
    try:
        with connection.execute_wrapper(cache.clear_after_writing):
            yield
    finally:
        _current.reset(token)


def clear_cache() -> None:
    """Clears the cache, so that everything is read again under the lock."""
    if cache := _current.get():
        cache.answers.clear()


def cached(read: Callable[Asked, Answer]) -> Callable[Asked, Answer]:
    """Decorates a read: in a request, a second call with equal arguments returns the first answer. Never change it."""

    @wraps(read)
    def read_once(*args: Asked.args, **named: Asked.kwargs) -> Answer:
        answers = request_cache()
        if answers is None:
            return read(*args, **named)
        key = (read, args, tuple(named.items()))
        if key not in answers:
            answers[key] = read(*args, **named)
        return answers[key]

    return read_once


def request_cache() -> dict[Hashable, Any] | None:
    """The answers cached so far; None outside a request and in a deeper transaction."""
    cache, connection = _current.get(), connections["default"]
    is_usable = cache and cache.connection is connection and cache.depth == _depth(connection)
    return cache.answers if cache and is_usable else None


def _depth(connection) -> int:
    return len(connection.savepoint_ids) + connection.in_atomic_block
