import pytest
from django.conf import settings
from django.db import InterfaceError, OperationalError, connection
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder


def test_healthz_is_well_with_every_migration_applied(client, db):
    response = client.get("/healthz")
    assert (response.status_code, response.text) == (200, f"ok\n{settings.RELEASE}\n")
    assert response.headers["Content-Type"] == "text/plain; charset=utf-8"


@pytest.mark.parametrize("app", ["sessions", "reporting"])
def test_healthz_is_ill_while_a_migration_is_not_applied(app, client, db):
    newest = MigrationLoader(None).disk_migrations[MigrationLoader(None).graph.leaf_nodes(app)[0]]
    for app_label, name in newest.replaces or [(app, newest.name)]:
        MigrationRecorder(connection).record_unapplied(app_label, name)
    response = client.get("/healthz")
    assert (response.status_code, response.text) == (503, "migrations are not applied\n")


@pytest.mark.parametrize("error", [OperationalError, InterfaceError])
def test_healthz_is_ill_while_the_database_is_away(error, client, db, monkeypatch):
    def away(self):
        raise error("connection refused")

    with monkeypatch.context() as patch:
        patch.setattr(BaseDatabaseWrapper, "ensure_connection", away)
        response = client.get("/healthz")
    assert (response.status_code, response.text) == (503, "database does not answer\n")
