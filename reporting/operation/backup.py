"""Backs up PostgreSQL, as it is at one moment, to a file with its ledger and digests; restores all or nothing."""

import hashlib
import os
import shutil
import subprocess  # nosec B404
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.core.management.base import CommandError
from django.db import connection, connections
from django.db.backends.postgresql.client import DatabaseClient

from .. import clock
from ..figures import ledger

NAMED = "bluezone-{moment}"
MOMENT = "%Y%m%dT%H%M%SZ"
LEDGER, DIGEST = ".ledger", ".sha256"
KEPT_AT_LEAST = 3  # at any age
OURS = "reporting_revision"  # a table that every database of the product has
UNOWNED = ("--no-owner", "--no-privileges")
LOCK_WAIT = "-c lock_timeout=10s"  # fails instead of waiting for a running server


class BackupFailed(CommandError):
    """Nothing was changed; the message says why in one line, and is what a command prints."""


@dataclass(frozen=True)
class Backup:
    path: Path
    size: int  # bytes
    digest: str  # SHA-256 of the file, encrypted or not
    rows: int  # in its ledger


def take_backup(folder: Path, *, key: str = "") -> Backup:
    """Write a backup with its ledger and digests into the folder. Raises `BackupFailed`; then no backup is there.

    `key` is a recipient of age ("age1..."). Only the owner can read the files.
    """
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with tempfile.TemporaryDirectory(dir=folder, prefix=".unfinished-") as unfinished, _snapshot() as snapshot:
        name = NAMED.format(moment=clock.machine().astimezone(UTC).strftime(MOMENT))
        path = Path(unfinished) / f"{name}.pgdump"
        ledger_path, digests = path.with_name(path.name + LEDGER), path.with_name(path.name + DIGEST)
        tables, _days = ledger.write(ledger_path, clock.now())
        _run("pg_dump", "--format=custom", f"--snapshot={snapshot}", *UNOWNED, f"--file={path}")
        file = path
        if key:
            file = path.with_name(f"{path.name}.age")
            _run_age("--recipient", key, "--output", str(file), str(path))
        digest, size = digest_of(file), file.stat().st_size
        digests.write_text(f"{digest}  {file.name}\n{digest_of(ledger_path)}  {ledger_path.name}\n", encoding="utf-8")
        for made in (ledger_path, digests, file):  # the backup last: it shows that all are there
            _copy_into(made, folder)
    return Backup(folder / file.name, size, digest, sum(count for _table, count, _digest in tables))


def copy_backup(path: Path, place: Path) -> None:
    """Copy a backup and the two files beside it into a second folder."""
    for file in (*_files_beside(path), path):
        _copy_into(file, place)


def delete_old(folder: Path, *, older_than: timedelta, now: datetime) -> list[str]:
    """Delete the backups older than that, but never the last three; returns their names."""
    backups = sorted(path for path in folder.glob(NAMED.format(moment="*Z.*")) if path.suffix not in (LEDGER, DIGEST))
    old = [path for path in backups[:-KEPT_AT_LEAST] if now - _moment(path) > older_than]
    for path in old:
        for file in (path, *_files_beside(path)):
            file.unlink(missing_ok=True)
    return [path.name for path in old]


@contextmanager
def opened(path: Path, *, identity: str = "") -> Iterator[tuple[Path, Path]]:
    """Yields the decrypted file for `restore` and its ledger; raises `BackupFailed` if a digest differs."""
    ledger_path, digests = _files_beside(path)
    try:
        stated = dict(reversed(line.split("  ", 1)) for line in digests.read_text(encoding="utf-8").splitlines())
        for file in (path, ledger_path):
            if stated.get(file.name) != digest_of(file):
                raise BackupFailed(f"{file.name} does not match its digest: the file was cut off or changed")
    except (OSError, ValueError) as error:
        raise BackupFailed(f"its digest or ledger cannot be read: {error}") from error
    # /tmp may be in memory, and the unpacked file is ten times as large.
    with tempfile.TemporaryDirectory(prefix=".restore-", dir=settings.STATE_FOLDER or path.parent) as folder:
        file = Path(folder) / path.name.removesuffix(".age")
        if path.suffix == ".age":
            _run_age("--decrypt", "--identity", identity, "--output", str(file), str(path))
        else:
            shutil.copyfile(path, file)
        yield file, ledger_path


def proof_of(path: Path) -> str:
    """What `restore` prints after it has restored and verified this backup: nobody needs it but `close_campaign`."""
    return hashlib.sha256(f"restored and verified {digest_of(path)}".encode()).hexdigest()[:16]


def _files_beside(path: Path) -> tuple[Path, Path]:
    """The ledger and digests of a backup; their names lack the suffix .age."""
    plain = path.name.removesuffix(".age")
    return path.with_name(plain + LEDGER), path.with_name(plain + DIGEST)


def digest_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _copy_into(file: Path, place: Path) -> None:
    place.mkdir(parents=True, exist_ok=True, mode=0o700)
    unfinished = place / f".{file.name}.new"
    shutil.copyfile(file, unfinished)
    unfinished.chmod(0o600)
    unfinished.replace(place / file.name)


def _moment(path: Path) -> datetime:
    return datetime.strptime(path.name.partition("-")[2].partition(".")[0], MOMENT).replace(tzinfo=UTC)


def _run_age(*arguments: str) -> None:
    program = shutil.which("age")
    if not program:
        raise BackupFailed("age is not on this machine: apt-get install age")
    done = subprocess.run([program, *arguments], capture_output=True, text=True, check=False)  # noqa: S603  # nosec B603
    if done.returncode:
        raise BackupFailed((done.stderr.splitlines() or [f"age: {done.returncode}"])[0])  # the rest is general advice


# The dump.


@contextmanager
def _snapshot() -> Iterator[str]:
    """Yields the name of a snapshot: pg_dump with this name sees the same moment as the queries in the block."""
    if connection.vendor != "postgresql":
        raise BackupFailed("only PostgreSQL is backed up: stop the server and copy the files of SQLite")
    with connection.cursor() as cursor:
        cursor.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        try:
            cursor.execute("SELECT pg_export_snapshot()")
            [name] = cursor.fetchone()
            yield name
        finally:
            cursor.execute("ROLLBACK")


def restore(path: Path) -> None:
    """Replace everything in the database by the file from `opened`, in one transaction; raises `BackupFailed`."""
    _refuse_others()
    if f" {OURS} " not in _run("pg_restore", "--list", str(path)):
        raise BackupFailed("it is no database of this product")
    script = path.with_name(f"{path.name}.sql")
    _run("pg_restore", *UNOWNED, f"--file={script}", str(path))
    quietly = ["--no-psqlrc", "--quiet", "--output=/dev/null", "--set=ON_ERROR_STOP=1", "--single-transaction"]
    connections.close_all()
    _run("psql", *quietly, f"--command={EMPTY}", f"--file={script}")


EMPTY = "DROP SCHEMA public CASCADE; CREATE SCHEMA public;"


def _refuse_others() -> None:
    with connection.cursor() as cursor:  # other roles only read: their sessions do not matter
        cursor.execute("""
            SELECT count(*) FROM pg_stat_activity
            WHERE datname = current_database() AND usename = current_user AND pid <> pg_backend_pid()
        """)
        [others] = cursor.fetchone()
    if others:
        raise BackupFailed(f"{others} other sessions are in this database: stop the server and its jobs first")


def destroy_database() -> str:
    """Deletes everything in the database; returns its name. Raises `BackupFailed` if others use it."""
    _refuse_others()
    with connection.cursor() as cursor:
        cursor.execute(EMPTY)
    connections.close_all()
    return f"{connection.vendor}: {connection.settings_dict['NAME']}"


def _run(program: str, *arguments: str) -> str:
    """Returns what a PostgreSQL program prints; raises `BackupFailed` with its last error line."""
    command, env = [program, *arguments], None
    if program != "pg_restore":  # it writes a script and needs no server
        command, env = DatabaseClient.settings_to_cmd_args_env(connection.settings_dict, arguments)
    path = shutil.which(program)
    if not path:
        raise BackupFailed(f"{program} is not on this machine: apt-get install postgresql-client")
    done = subprocess.run(  # noqa: S603  # nosec B603 - a fixed program, no shell
        [path, *command[1:]],
        env={**os.environ, "PGOPTIONS": LOCK_WAIT, **(env or {})},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise BackupFailed(f"{program}: {(done.stderr.strip() or str(done.returncode)).splitlines()[-1]}")
    return done.stdout
