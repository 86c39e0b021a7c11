"""Fixtures that many tests begin with are made once per worker, in a separate database, and given to each test as new.

Making the cast takes sixty statements, and more than half of the suite starts from it. A fixture marked `@prepared`
runs once, in a copy of the database that it begins with (the empty one, or that of the prepared fixture it asks for),
and is committed there. A test that asks for it runs in that copy, inside the transaction that is rolled back after
every test, and gets its own instances. The empty database stays empty for the tests that need it, and for those that
commit (`transaction=True`): for these the fixture is made again, and they flush only their own rows.
"""

import inspect
import os
import pickle
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path

import pytest
from django.db import connections, transaction
from pytest_django.fixtures import validate_django_db

FOR_ALL = "tests.conftest"
VALUES = pytest.StashKey[dict]()


@contextmanager
def undone() -> Iterator[None]:
    """What is written inside is rolled back: for many cases in a loop that begin with the same data."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def prepared(make: Callable):
    """Replaces `pytest.fixture`, for a function that asks only for other prepared fixtures.

    What it returns is pickled: instances of models, and plain objects that hold them.
    """
    stage = Stage(make)
    Stage.by_name[make.__module__, make.__name__] = stage

    @pytest.fixture(name=make.__name__)
    def given(db, request):
        values = request.node.stash.get(VALUES, {})
        if stage.name in values:
            return values[stage.name]
        return make(**{name: request.getfixturevalue(name) for name in stage.asks_for})

    return given


class Stage:
    """A copy of the database in which a prepared fixture has been made."""

    by_name: dict[tuple[str, str], "Stage"] = {}

    def __init__(self, make: Callable):
        self.make, self.module, self.name = make, make.__module__, make.__name__
        self.asks_for = list(inspect.signature(make).parameters)
        self._connection = self._pickled = None

    @classmethod
    def of(cls, item) -> "Stage | None":
        """The stage that a test runs in: the one that includes all others that it asks for."""
        return None if commits(item) else cls._last(item.module.__name__, item.fixturenames)

    @classmethod
    def _last(cls, module: str, names) -> "Stage | None":
        found = [cls.by_name.get((module, name)) or cls.by_name.get((FOR_ALL, name)) for name in names]
        return max(filter(None, found), key=lambda stage: stage.depth, default=None)

    @property
    def before(self) -> "Stage | None":
        return self._last(self.module, self.asks_for)

    @property
    def depth(self) -> int:
        return 1 + self.before.depth if self.before else 0

    def open(self) -> dict:
        """From now on the connection leads to the copy; returns the prepared values by fixture name."""
        if self._connection is None:
            self._prepare()
        self._suite, connections["default"] = connections["default"], self._connection
        return pickle.loads(self._pickled)

    def close(self) -> None:
        connections["default"] = self._suite

    def _prepare(self) -> None:
        values = {}
        if self.before:
            values = self.before.open()
            self.before.close()
        begins_with = self.before._connection if self.before else connections["default"]
        of_module = sha256(self.module.encode()).hexdigest()[:8]  # PostgreSQL's names have 63 letters at most
        self._connection = _copy(begins_with, f"{of_module}_{self.name}")
        self._pickled = pickle.dumps(values)
        self.open()
        try:
            values[self.name] = self.make(**{name: values[name] for name in self.asks_for})
        finally:
            self.close()
        self._pickled = pickle.dumps(values)

    @classmethod
    def drop_all(cls) -> None:
        """Not on a server that will be deleted anyway: dropping a database takes half a second."""
        for stage in cls.by_name.values():
            if stage._connection is not None:
                stage._connection.close()
                if "GOES_AFTERWARDS" not in os.environ:
                    _drop(stage._connection)
                stage._connection = None


def commits(item) -> bool:
    """Whether the test works outside a transaction that would be rolled back."""
    marker = item.get_closest_marker("django_db")
    fixtures = {"transactional_db", "live_server"} & set(item.fixturenames)
    return bool(fixtures or (marker and validate_django_db(marker)[0]))


def _copy(source, name: str):
    """A connection to a copy of the database of `source`."""
    of = source.settings_dict["NAME"]
    if source.vendor == "sqlite":
        copy = f"{connections.settings['default']['NAME']}-{name}"
        _remove_files(copy)
        with source.cursor() as cursor:
            cursor.execute("VACUUM INTO %s", [copy])
    else:
        copy = f"{connections.settings['default']['NAME']}_{name}"
        source.close()  # PostgreSQL copies only a database without connections
        with source._nodb_cursor() as cursor:
            cursor.execute(f'DROP DATABASE IF EXISTS "{copy}"')
            cursor.execute(f'CREATE DATABASE "{copy}" TEMPLATE "{of}"')
    return type(source)({**source.settings_dict, "NAME": copy}, source.alias)


def _drop(connection) -> None:
    name = connection.settings_dict["NAME"]
    if connection.vendor == "sqlite":
        _remove_files(name)
    else:
        with connection._nodb_cursor() as cursor:
            cursor.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


def _remove_files(name: str) -> None:
    for end in ("", "-wal", "-shm"):
        Path(f"{name}{end}").unlink(missing_ok=True)
