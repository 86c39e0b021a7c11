"""The whole database as one file, of one moment while reports come in; and back again, whole or not at all.

PostgreSQL by its own programs (pg_dump's custom format), SQLite by its backup interface: a plain copy of its file holds
nothing of what is still in the write-ahead log.
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

SUFFIXES = {"postgresql": ".pgdump", "sqlite": ".sqlite3.gz"}
OURS = "reporting_revision"  # a table that every database of the product has
LOCK_WAIT = "-c lock_timeout=10s"  # a server that still runs is told of, not waited for


class NotDone(Exception):
    """The message says in one line why; nothing was changed."""


def suffix() -> str:
    return SUFFIXES[connection.vendor]


@contextmanager
def snapshot() -> Iterator[Callable[[Path], None]]:
    """One moment of the database: what is read inside, and the file that the given function writes, are of it."""
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
    """Put the file (as `snapshot` wrote it) in the place of all that is in the database; `NotDone` otherwise."""
    {"postgresql": _restore_postgres, "sqlite": _restore_sqlite}[connection.vendor](path)
    connections.close_all()


def holds_reports() -> bool:
    """Whether the database has a report, and so something to lose."""
    with connection.cursor() as cursor:
        if "reporting_report" not in connection.introspection.table_names(cursor):
            return False
        cursor.execute("SELECT 1 FROM reporting_report LIMIT 1")
        return cursor.fetchone() is not None


def _copy_sqlite(path: Path) -> None:
    copied = path.with_name(f"{path.name}.copy")
    try:
        with closing(sqlite3.connect(copied)) as copy:
            connection.connection.backup(copy)
        with copied.open("rb") as plain, gzip.open(path, "wb", compresslevel=6) as packed:
            shutil.copyfileobj(plain, packed)
    finally:
        copied.unlink(missing_ok=True)


def _restore_sqlite(path: Path) -> None:
    unpacked = path.with_name(f"{path.name}.unpacked")
    try:
        try:
            with gzip.open(path) as packed, unpacked.open("wb") as plain:
                shutil.copyfileobj(packed, plain)
        except (OSError, EOFError) as error:
            raise NotDone(f"it is no whole backup of SQLite: {error}") from error
        with closing(sqlite3.connect(unpacked)) as copy:
            _check_sqlite(copy)
            connection.ensure_connection()
            try:
                copy.backup(connection.connection)
            except sqlite3.Error as error:
                raise NotDone(f"the database is in use: {error}") from error
    finally:
        unpacked.unlink(missing_ok=True)


def _check_sqlite(copy: sqlite3.Connection) -> None:
    try:
        [said] = copy.execute("PRAGMA integrity_check").fetchone()
        is_ours = copy.execute("SELECT 1 FROM sqlite_master WHERE name = ?", [OURS]).fetchone()
    except sqlite3.Error as error:
        raise NotDone(f"it is no database of SQLite: {error}") from error
    if said != "ok" or not is_ours:
        raise NotDone("it is no database of this product" if said == "ok" else f"it is damaged: {said}")


def _dump_postgres(path: Path, name: str) -> None:
    _run("pg_dump", "--format=custom", f"--snapshot={name}", "--no-owner", "--no-privileges", f"--file={path}")


def _restore_postgres(path: Path) -> None:
    """As a script in one transaction: what is there goes, and what comes is there, in the same instant."""
    if others := _other_sessions():
        raise NotDone(f"{others} other sessions are in this database: stop the server and its jobs first")
    script = path.with_name(f"{path.name}.sql")
    try:
        if f" {OURS} " not in _run("pg_restore", "--list", str(path)):
            raise NotDone("it is no database of this product")
        _run("pg_restore", "--no-owner", "--no-privileges", f"--file={script}", str(path))
        first = "DROP SCHEMA public CASCADE; CREATE SCHEMA public;"
        quietly = ["--no-psqlrc", "--quiet", "--output=/dev/null", "--set=ON_ERROR_STOP=1", "--single-transaction"]
        connection.close()
        _run("psql", *quietly, f"--command={first}", f"--file={script}")
    finally:
        script.unlink(missing_ok=True)


def _other_sessions() -> int:
    """Of the product's own role; who only looks on as another does not matter."""
    with connection.cursor() as cursor:
        cursor.execute("""
            SELECT count(*) FROM pg_stat_activity
            WHERE datname = current_database() AND usename = current_user AND pid <> pg_backend_pid()
        """)
        return cursor.fetchone()[0]


def _run(program: str, *arguments: str) -> str:
    """What a program of PostgreSQL prints, pointed at the database; `NotDone` with its last line where it fails."""
    known = {"NAME": "PGDATABASE", "HOST": "PGHOST", "PORT": "PGPORT", "USER": "PGUSER", "PASSWORD": "PGPASSWORD"}
    stated = {name: str(connection.settings_dict[key]) for key, name in known.items() if connection.settings_dict[key]}
    found = shutil.which(program)
    if not found:
        raise NotDone(f"{program} is not on this machine: apt-get install postgresql-client")
    if program == "pg_restore":
        stated = {}  # it makes a script, and asks no server
    done = subprocess.run(  # noqa: S603  # nosec B603 - a fixed program, no shell
        [found, *arguments],
        env={**os.environ, "PGOPTIONS": LOCK_WAIT, **stated},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise NotDone(f"{program}: {(done.stderr.strip() or str(done.returncode)).splitlines()[-1]}")
    return done.stdout
