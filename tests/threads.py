"""People at once: acts that start together in threads, and acts made to meet between reading and writing."""

import threading
from concurrent.futures import ThreadPoolExecutor

from django.db import DatabaseError, OperationalError, connections

from reporting.acts import Refusal

IN_VAIN = 0.3  # seconds that one waits for others whom the lock keeps out
HANGS = 15  # seconds after which one who should have come is taken for lost


def at_once(*acts):
    """The answer of each act, or the database's or the act's refusal; all start together, each in its own thread."""
    start = threading.Barrier(len(acts))

    def run(act):
        try:
            start.wait(HANGS)
            return act()
        except (Refusal, DatabaseError) as refusal:
            return refusal
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))


def meet(monkeypatch, people=2, *, after, patience):
    """Make people wait for each other once, each after the first call of one of the functions: `(owner, name), ...`."""
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
                    assert patience == IN_VAIN, "they did not meet"
            return answer

        return call_and_wait

    for owner, name in after:
        monkeypatch.setattr(owner, name, waiting(getattr(owner, name)))


def kinds(answers):
    """What each answer is, in the order of the acts."""
    return [type(answer).__name__ for answer in answers]


def is_locked_out(answers):
    """On SQLite the database itself keeps all except one out, with an error instead of an answer."""
    errors = [answer for answer in answers if isinstance(answer, OperationalError)]
    return [str(error) for error in errors] == ["database is locked"] * (len(answers) - 1)
