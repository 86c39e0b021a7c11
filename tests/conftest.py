"""Fixtures for every test: the cast, the campaign, and a flush that the append-only triggers allow."""

import gc
import os
import shutil
import time
from contextlib import ExitStack
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import connection, connections, transaction
from django.test import Client, TransactionTestCase

from bluezone_report import settings as production
from reporting import triggers

from . import factories
from .prepared import VALUES, Stage, commits, prepared

# Tests of queries, locks, constraints and dates run on both databases. A page, a form or a file shows the same on both.
# Constraints, triggers and races differ most: they are in every run on both.
ROOMS_OF_SQL = {"models", "days", "figures", "people", "acts", "ministry", "reorganisation"}
LONGEST = "test_every_route.py"
# Slow ones: on PostgreSQL only in the full matrix.
ONCE = {f"test_{name}.py" for name in ("matrix", "same_refusals", "verification", "tampering", "adding_a_figure")}


@pytest.hookimpl(tryfirst=True)  # before `-m` selects
def pytest_collection_modifyitems(items):
    """Marks what uses SQL; puts Chromium's tests last, because their event loop stays in its thread.

    Among these the longest comes first, so that nobody waits for it alone at the end.
    """
    for item in items:
        room = item.path.relative_to(Path(__file__).parent).parts[0]
        is_of_a_race = "races" in item.path.name
        is_of_sql = (room in ROOMS_OF_SQL and item.path.name not in ONCE) or is_of_a_race
        if is_of_sql and uses_the_database(item):
            item.add_marker(pytest.mark.sql)
        if item.get_closest_marker("sql") and room != "models" and not is_of_a_race and not commits(item):
            item.add_marker(pytest.mark.query)
    if connection.vendor == "sqlite":
        items[:] = [item for item in items if not item.get_closest_marker("postgresql")]
    items.sort(key=lambda item: (item.get_closest_marker("browser") is not None, item.path.name != LONGEST))


def pytest_collection_finish():
    """Imported modules stay, so the garbage collector need not visit them again (a tenth of the CPU)."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


def uses_the_database(item) -> bool:
    return item.get_closest_marker("django_db") is not None or not {"db", "transactional_db"}.isdisjoint(
        item.fixturenames
    )


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    """With CI set no test may be skipped: a skip is a failure."""
    outcome = yield
    report = outcome.get_result()
    if report.skipped and os.environ.get("CI") and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"skipped in CI: {report.longrepr}"


@pytest.fixture(scope="session")
def django_db_keepdb(django_db_keepdb):
    """Whether the database exists already: a copy of MIGRATED gets only the missing migrations, and may stay."""
    return django_db_keepdb or is_a_copy()


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings):
    """The name is that of this process."""
    if is_a_copy():
        shutil.copyfile(os.environ["MIGRATED"], connections["default"].settings_dict["TEST"]["NAME"])


def is_a_copy() -> bool:
    return "MIGRATED" in os.environ and connections["default"].vendor == "sqlite"


@pytest.fixture(autouse=True)
def turns_end_with_the_next_request(monkeypatch):
    """A server closes a file that nobody reads further; the test client waits for its last byte, and would keep its
    turn."""
    kept, send = [], Client.request

    def ending(self, **asked):
        while kept:
            kept.pop()()
        response = send(self, **asked)
        kept.extend(c for c in response._resource_closers if isinstance(getattr(c, "__self__", None), ExitStack))
        return response

    monkeypatch.setattr(Client, "request", ending)
    yield
    while kept:
        kept.pop()()


@pytest.fixture(scope="session", autouse=True)
def _committed_is_taken_away():
    """A transaction test ends with an empty database, although its triggers refuse every delete.

    Django's own flush truncates each table and makes the permissions again: a third of a second on PostgreSQL.
    """

    def teardown(self):
        for database in self._databases_names(include_mirrors=False):
            _empty(connections[database])

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", teardown)
        yield


def _empty(connection):
    """Deletes all rows except those that the migrations make: content types and permissions."""
    tables = set(connection.introspection.django_table_names(only_existing=True, include_views=False))
    tables -= {"django_content_type", "auth_permission"}
    with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET LOCAL session_replication_role = replica")  # without triggers and key checks
        else:
            triggers.remove()
        for table in sorted(tables):
            cursor.execute(f'DELETE FROM "{table}"')
        triggers.install(using=connection.alias)


@pytest.fixture(scope="session")
def _stages(django_db_setup, django_db_blocker):
    yield
    with django_db_blocker.unblock():
        Stage.drop_all()


@pytest.hookimpl(hookwrapper=True)
def pytest_fixture_setup(fixturedef, request):
    """Before pytest-django opens a test's transaction: choose its database."""
    stage = Stage.of(request.node) if fixturedef.argname == "_django_db_helper" else None
    if stage:
        request.getfixturevalue("_stages")
        with request.getfixturevalue("django_db_blocker").unblock():
            request.node.stash[VALUES] = stage.open()
        fixturedef.addfinalizer(stage.close)
    yield


@prepared
def cast():
    """A small city with its people: see `factories.make_cast`."""
    return factories.make_cast()


@pytest.fixture
def collected(settings, tmp_path):
    """The folder of the static files as production collects, joins and names them."""
    settings.STORAGES = {**settings.STORAGES, "staticfiles": production.STORAGES["staticfiles"]}
    settings.STATIC_ROOT = tmp_path / "static"
    call_command("collectstatic", interactive=False, verbosity=0)
    return settings.STATIC_ROOT


@pytest.fixture
def elsewhere(monkeypatch):
    """A machine in California: the deadline is still Hai Phong's."""
    monkeypatch.setenv("TZ", "America/Los_Angeles")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()
