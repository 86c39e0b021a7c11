"""Backups: a file named by its moment, ledger and digests beside it; encrypted, copied, deleted by age."""

import hashlib
import shutil
import subprocess  # nosec B404
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from django.conf import settings

from .. import clock
from ..figures.verification import ledger
from . import dumps
from .dumps import NotDone

NAMED = "bluezone-{moment}"
MOMENT = "%Y%m%dT%H%M%SZ"
LEDGER, DIGEST = ".ledger", ".sha256"
KEPT_AT_LEAST = 3  # however old


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
    with tempfile.TemporaryDirectory(dir=folder, prefix=".unfinished-") as unfinished, dumps.snapshot() as dump:
        at = clock.machine()
        path = Path(unfinished) / (NAMED.format(moment=at.astimezone(UTC).strftime(MOMENT)) + dumps.suffix())
        beside, digests = path.with_name(path.name + LEDGER), path.with_name(path.name + DIGEST)
        tables, _days = ledger.counted(ledger.write(beside, ledger.lines(clock.now())))
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
    """The file for `dumps.restore`, decrypted, and its ledger; `NotDone` if a file has not the digest beside it."""
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
