"""Concurrency: acts that start together in threads, and acts made to pause together between reading and writing."""

import threading
from concurrent.futures import ThreadPoolExecutor

from django.db import DatabaseError, OperationalError, connections

from reporting.acts import Refusal

BLOCKED = 0.3  # seconds to wait for others that the lock blocks
TIMEOUT = 15  # seconds after which a missing thread counts as lost


def at_once(*acts):
    """Starts all acts together, each in its own thread; returns each one's answer, or its refusal or database error."""
    start = threading.Barrier(len(acts))

    def run(act):
        try:
            start.wait(TIMEOUT)
            return act()
        except (Refusal, DatabaseError) as refusal:
            return refusal
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))


def pause_together(monkeypatch, people=2, *, after, patience):
    """Make threads wait for each other once, each after its first call of one of the functions `(owner, name), ...`."""
    barrier = threading.Barrier(people)
    has_waited = threading.local()

    def waiting(function):
        def call_and_wait(*args, **kwargs):
            answer = function(*args, **kwargs)
            if not hasattr(has_waited, "yes"):
                has_waited.yes = True
                try:
                    barrier.wait(patience)
                except threading.BrokenBarrierError:
                    assert patience == BLOCKED, "they did not pause together"
            return answer

        return call_and_wait

    for owner, name in after:
        monkeypatch.setattr(owner, name, waiting(getattr(owner, name)))


def kinds(answers):
    """The class name of each answer, in the order of the acts."""
    return [type(answer).__name__ for answer in answers]


def is_locked_out(answers):
    """Whether SQLite locked out all acts except one, with an error."""
    errors = [answer for answer in answers if isinstance(answer, OperationalError)]
    return [str(error) for error in errors] == ["database is locked"] * (len(answers) - 1)
