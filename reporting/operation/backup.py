"""Backups: the whole database of one moment in a file, ledger and digests beside it; and back, whole or not at all.

PostgreSQL by its own programs (pg_dump's custom format), SQLite by its backup interface: a plain copy of its file lacks
what is still in the write-ahead log.
"""

import gzip
import hashlib
import os
import shutil
import sqlite3
import subprocess  # nosec B404
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.db import connection, connections
from django.db.backends.postgresql.client import DatabaseClient

from .. import clock
from ..figures import ledger

NAMED = "bluezone-{moment}"
MOMENT = "%Y%m%dT%H%M%SZ"
LEDGER, DIGEST = ".ledger", ".sha256"
KEPT_AT_LEAST = 3  # however old
SUFFIXES = {"postgresql": ".pgdump", "sqlite": ".sqlite3.gz"}
OURS = "reporting_revision"  # a table that every database of the product has
LOCK_WAIT = "-c lock_timeout=10s"  # a server that still runs is an error, not waited for


class NotDone(Exception):
    """The message says in one line why; nothing was changed."""


@dataclass(frozen=True)
class Backup:
    path: Path
    size: int  # bytes
    digest: str  # SHA-256 of the file, encrypted or not
    rows: int  # of its ledger


def take(folder: Path, *, key: str = "") -> Backup:
    """Write a backup of one moment into the folder, with ledger and digests, whole or not at all; raises `NotDone`.

    `key` is a recipient of age ("age1..."). Only the owner can read the files.
    """
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with tempfile.TemporaryDirectory(dir=folder, prefix=".unfinished-") as unfinished, _snapshot() as dump:
        name = NAMED.format(moment=clock.machine().astimezone(UTC).strftime(MOMENT))
        path = Path(unfinished) / f"{name}{SUFFIXES[connection.vendor]}"
        beside, digests = path.with_name(path.name + LEDGER), path.with_name(path.name + DIGEST)
        tables, _days = ledger.write(beside, clock.now())
        dump(path)
        file = path
        if key:
            file = path.with_name(f"{path.name}.age")
            _age("--recipient", key, "--output", str(file), str(path))
        digest, size = digest_of(file), file.stat().st_size
        digests.write_text(f"{digest}  {file.name}\n{digest_of(beside)}  {beside.name}\n", encoding="utf-8")
        for made in (beside, digests, file):  # the backup last: if it is there, all of it is
            _put(made, folder)
    return Backup(folder / file.name, size, digest, sum(count for _table, count, _digest in tables))


def copy(path: Path, place: Path) -> None:
    """Copy a backup and the two files beside it into a second folder."""
    for file in (*_files_beside(path), path):
        _put(file, place)


def forget(folder: Path, *, older_than: timedelta, now: datetime) -> list[str]:
    """Delete the backups older than that, but never the last three; returns their names."""
    backups = sorted(path for path in folder.glob(NAMED.format(moment="*Z.*")) if path.suffix not in (LEDGER, DIGEST))
    old = [path for path in backups[:-KEPT_AT_LEAST] if now - _moment(path) > older_than]
    for path in old:
        for file in (path, *_files_beside(path)):
            file.unlink(missing_ok=True)
    return [path.name for path in old]


@contextmanager
def opened(path: Path, *, identity: str = "") -> Iterator[tuple[Path, Path]]:
    """The file for `restore`, decrypted, and its ledger; `NotDone` if a file has not the digest beside it."""
    beside, digests = _files_beside(path)
    try:
        stated = dict(reversed(line.split("  ", 1)) for line in digests.read_text(encoding="utf-8").splitlines())
        for file in (path, beside):
            if stated.get(file.name) != digest_of(file):
                raise NotDone(f"{file.name} is not the file of its digest: it was cut off, or changed")
    except (OSError, ValueError) as error:
        raise NotDone(f"its digest or ledger cannot be read: {error}") from error
    # Not in /tmp, which may be memory: unpacked it is ten times as large.
    with tempfile.TemporaryDirectory(prefix=".restore-", dir=settings.STATE_FOLDER or path.parent) as folder:
        file = Path(folder) / path.name.removesuffix(".age")
        if path.suffix == ".age":
            _age("--decrypt", "--identity", identity, "--output", str(file), str(path))
        else:
            shutil.copyfile(path, file)
        yield file, beside


def _files_beside(path: Path) -> tuple[Path, Path]:
    """Ledger and digests of a backup: named as it was before it was encrypted."""
    plain = path.name.removesuffix(".age")
    return path.with_name(plain + LEDGER), path.with_name(plain + DIGEST)


def digest_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _put(file: Path, place: Path) -> None:
    place.mkdir(parents=True, exist_ok=True, mode=0o700)
    unfinished = place / f".{file.name}.new"
    shutil.copyfile(file, unfinished)
    unfinished.chmod(0o600)
    unfinished.replace(place / file.name)


def _moment(path: Path) -> datetime:
    return datetime.strptime(path.name.partition("-")[2].partition(".")[0], MOMENT).replace(tzinfo=UTC)


def _age(*arguments: str) -> None:
    program = shutil.which("age")
    if not program:
        raise NotDone("age is not on this machine: apt-get install age")
    done = subprocess.run([program, *arguments], capture_output=True, text=True, check=False)  # noqa: S603  # nosec B603
    if done.returncode:
        raise NotDone((done.stderr.splitlines() or [f"age: {done.returncode}"])[0])  # it ends with where to complain


# The dump.


@contextmanager
def _snapshot() -> Iterator[Callable[[Path], None]]:
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
    """Replace everything in the database by the file that a backup holds; raises `NotDone`."""
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
            [result] = copy.execute("PRAGMA integrity_check").fetchone()
            if result != "ok" or not copy.execute("SELECT 1 FROM sqlite_master WHERE name = ?", [OURS]).fetchone():
                raise NotDone(f"it is damaged, or no database of this product: {result}")
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
