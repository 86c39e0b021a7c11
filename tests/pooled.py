"""Behind a pool (`.ci/with-postgres --pooled`) sessions of a database go on when a test has left it: they are ended."""

from django.db.backends.postgresql.creation import DatabaseCreation

ENDS = "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = %s AND pid <> pg_backend_pid()"


def let_go(cursor, name: str) -> None:
    """Nobody may be connected to what is copied or dropped."""
    cursor.execute(ENDS, [name])


def destroyed(self, test_database_name: str, verbosity: int) -> None:
    """In the place of Django's own, which gives up where somebody is connected."""
    with self._nodb_cursor() as cursor:
        let_go(cursor, test_database_name)
        cursor.execute(f"DROP DATABASE {self.connection.ops.quote_name(test_database_name)} WITH (FORCE)")


def installed(monkeypatch) -> None:
    monkeypatch.setattr(DatabaseCreation, "_destroy_test_db", destroyed)
