"""The whole database as one file of one moment, while reports come in; and back again, whole or not at all.

PostgreSQL by its own programs (pg_dump's custom format), SQLite by its backup interface: a plain copy of its file lacks
what is still in the write-ahead log.
"""

import gzip
import os
import shutil
import sqlite3
import subprocess  # nosec B404
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from django.db import connection, connections
from django.db.backends.postgresql.client import DatabaseClient

SUFFIXES = {"postgresql": ".pgdump", "sqlite": ".sqlite3.gz"}
OURS = "reporting_revision"  # a table that every database of the product has
LOCK_WAIT = "-c lock_timeout=10s"  # a server that still runs is an error, not waited for


class NotDone(Exception):
    """The message says in one line why; nothing was changed."""


def suffix() -> str:
    return SUFFIXES[connection.vendor]


@contextmanager
def snapshot() -> Iterator[Callable[[Path], None]]:
    """A moment of the database: queries inside the block and the file that the given function writes are of it."""
    is_sqlite = connection.vendor == "sqlite"
    with connection.cursor() as cursor:
        # Django's own transactions take the write lock on SQLite: reports would wait.
        cursor.execute("BEGIN" if is_sqlite else "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        try:
            cursor.execute(f"SELECT count(*) FROM {OURS}" if is_sqlite else "SELECT pg_export_snapshot()")  # noqa: S608  # nosec B608
            [name] = cursor.fetchone()
            yield _copy_sqlite if is_sqlite else lambda path: _dump_postgres(path, name)
        finally:
            cursor.execute("ROLLBACK")


def restore(path: Path) -> None:
    """Replace everything in the database by the file that `snapshot` wrote; raises `NotDone`."""
    {"postgresql": _restore_postgres, "sqlite": _restore_sqlite}[connection.vendor](path)
    connections.close_all()


def _copy_sqlite(path: Path) -> None:
    """Writes the copy beside the path first, whose folder is the caller's to remove."""
    copied = path.with_name(f"{path.name}.copy")
    with closing(sqlite3.connect(copied)) as copy:
        connection.connection.backup(copy)
    with copied.open("rb") as plain, gzip.open(path, "wb", compresslevel=6) as packed:
        shutil.copyfileobj(plain, packed)
    copied.unlink()


def _restore_sqlite(path: Path) -> None:
    unpacked = path.with_name(f"{path.name}.unpacked")
    try:
        with gzip.open(path) as packed, unpacked.open("wb") as plain:
            shutil.copyfileobj(packed, plain)
        with closing(sqlite3.connect(unpacked)) as copy:
            [said] = copy.execute("PRAGMA integrity_check").fetchone()
            if said != "ok" or not copy.execute("SELECT 1 FROM sqlite_master WHERE name = ?", [OURS]).fetchone():
                raise NotDone(f"it is damaged, or no database of this product: {said}")
            connection.ensure_connection()
            copy.backup(connection.connection)
    except (OSError, EOFError, sqlite3.Error) as error:
        raise NotDone(f"it is no whole backup of SQLite, or the database is in use: {error}") from error


def _dump_postgres(path: Path, name: str) -> None:
    _run("pg_dump", "--format=custom", f"--snapshot={name}", "--no-owner", "--no-privileges", f"--file={path}")


def _restore_postgres(path: Path) -> None:
    """Runs one script in one transaction, so that the old tables go in the instant in which the new ones come."""
    with connection.cursor() as cursor:  # sessions of other roles, which only look on, do not matter
        cursor.execute("""
            SELECT count(*) FROM pg_stat_activity
            WHERE datname = current_database() AND usename = current_user AND pid <> pg_backend_pid()
        """)
        [others] = cursor.fetchone()
    if others:
        raise NotDone(f"{others} other sessions are in this database: stop the server and its jobs first")
    if f" {OURS} " not in _run("pg_restore", "--list", str(path)):
        raise NotDone("it is no database of this product")
    script = path.with_name(f"{path.name}.sql")
    _run("pg_restore", "--no-owner", "--no-privileges", f"--file={script}", str(path))
    first = "DROP SCHEMA public CASCADE; CREATE SCHEMA public;"
    quietly = ["--no-psqlrc", "--quiet", "--output=/dev/null", "--set=ON_ERROR_STOP=1", "--single-transaction"]
    connection.close()
    _run("psql", *quietly, f"--command={first}", f"--file={script}")


def _run(program: str, *arguments: str) -> str:
    """What a program of PostgreSQL prints; raises `NotDone` with its last line if it fails."""
    command, env = [program, *arguments], None
    if program != "pg_restore":  # which only makes a script, and asks no server
        command, env = DatabaseClient.settings_to_cmd_args_env(connection.settings_dict, arguments)
    path = shutil.which(program)
    if not path:
        raise NotDone(f"{program} is not on this machine: apt-get install postgresql-client")
    done = subprocess.run(  # noqa: S603  # nosec B603 - a fixed program, no shell
        [path, *command[1:]],
        env={**os.environ, "PGOPTIONS": LOCK_WAIT, **(env or {})},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise NotDone(f"{program}: {(done.stderr.strip() or str(done.returncode)).splitlines()[-1]}")
    return done.stdout
