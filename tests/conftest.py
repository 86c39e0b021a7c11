"""What every test may use: the cast, the campaign, and a flush that the append-only triggers let through."""

import os

import pytest
from django.test import TransactionTestCase

from reporting import triggers

from . import factories


def pytest_collection_modifyitems(items):
    """Chromium's tests need an event loop in their thread and go last."""
    items.sort(key=lambda item: item.get_closest_marker("browser") is not None)


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    """With CI set nothing may be skipped: a skip is a failure."""
    outcome = yield
    report = outcome.get_result()
    if report.skipped and os.environ.get("CI") and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"skipped in CI: {report.longrepr}"


@pytest.fixture(scope="session", autouse=True)
def _flush_lifts_the_triggers():
    """A transaction test ends with a flush, which deletes or truncates: the one thing the triggers must let through."""
    flush = TransactionTestCase._fixture_teardown

    def teardown(self):
        for database in self._databases_names(include_mirrors=False):
            triggers.remove(using=database)
        flush(self)
        for database in self._databases_names(include_mirrors=False):
            triggers.install(using=database)

    TransactionTestCase._fixture_teardown = teardown
    yield
    TransactionTestCase._fixture_teardown = flush


@pytest.fixture
def cast(db):
    """A small city with its people: see `factories.make_cast`."""
    return factories.make_cast()
