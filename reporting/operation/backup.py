"""Backups: named by their moment, with digest and ledger beside them; kept by age, copied elsewhere, encrypted."""

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
from ..figures import ledger
from . import dumps
from .dumps import NotDone

NAMED = "bluezone-{moment}"
MOMENT = "%Y%m%dT%H%M%SZ"
LEDGER, DIGEST = ".ledger", ".sha256"
KEPT_AT_LEAST = 3  # however old
AT_ONCE = 1024**2  # bytes


@dataclass(frozen=True)
class Taken:
    path: Path
    size: int  # bytes
    digest: str  # SHA-256 of the file as it lies there
    rows: int  # of its ledger


def take(folder: Path, *, key: str = "") -> Taken:
    """A backup in the folder, of one moment, with its ledger; whole or not at all. `NotDone` says why not.

    `key` is a recipient of age ("age1..."). What lies in the folder is for its owner alone.
    """
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with tempfile.TemporaryDirectory(dir=folder, prefix=".unfinished-") as unfinished, dumps.snapshot() as dump:
        at = clock.machine()
        path = Path(unfinished) / (NAMED.format(moment=at.astimezone(UTC).strftime(MOMENT)) + dumps.suffix())
        beside = path.with_name(path.name + LEDGER)
        tables, _days = ledger.summary(ledger.write(beside, ledger.lines(clock.now())))
        rows = sum(count for _table, count, _digest in tables)
        dump(path)
        lying = _encrypted(path, key) if key else path
        digest = digest_of(lying)
        digests = path.with_name(path.name + DIGEST)
        digests.write_text(f"{digest}  {lying.name}\n{digest_of(beside)}  {beside.name}\n", encoding="utf-8")
        for file in (beside, digests, lying):  # the backup last: where it lies, all of it does
            _put(file, folder)
    return Taken(folder / lying.name, (folder / lying.name).stat().st_size, digest, rows)


def copy(path: Path, place: Path) -> None:
    """Put a backup that was taken, with the two files beside it, into a second folder."""
    for suffix in (LEDGER, DIGEST):
        _put(path.with_name(_plain(path) + suffix), place)
    _put(path, place)


def forget(folder: Path, *, older_than: timedelta, now: datetime) -> list[str]:
    """Delete the backups older than that, never the last three; the names of those deleted."""
    lying = sorted(path for path in folder.glob(NAMED.format(moment="*Z.*")) if path.suffix not in (LEDGER, DIGEST))
    gone = [path for path in lying[:-KEPT_AT_LEAST] if now - _moment(path) > older_than]
    for path in gone:
        for name in (path.name, _plain(path) + LEDGER, _plain(path) + DIGEST):
            (folder / name).unlink(missing_ok=True)
    return [path.name for path in gone]


@contextmanager
def opened(path: Path, *, identity: str = "") -> Iterator[tuple[Path, Path | None]]:
    """The backup as `dumps.restore` takes it, and its ledger if there is one, in a folder that goes afterwards.

    `NotDone` where the file is not the one whose digest lies beside it.
    """
    plain = _plain(path)
    digests, beside = path.with_name(plain + DIGEST), path.with_name(plain + LEDGER)
    try:
        stated = dict(reversed(line.split("  ", 1)) for line in digests.read_text(encoding="utf-8").splitlines())
        for file in (path, beside):
            if stated.get(file.name) != digest_of(file):
                raise NotDone(f"{file.name} is not the file of its digest: it was cut off, or changed")
    except (OSError, ValueError) as error:
        raise NotDone(f"its digest or ledger cannot be read: {error}") from error
    # Not in /tmp, which may be memory: unpacked it is ten times as much.
    with tempfile.TemporaryDirectory(prefix=".restore-", dir=settings.STATE_FOLDER or path.parent) as folder:
        file = Path(folder) / plain
        if path.name == plain:
            shutil.copyfile(path, file)
        else:
            _age("--decrypt", "--identity", identity, "--output", str(file), str(path))
        yield file, beside


def _plain(path: Path) -> str:
    """The name that it had before it was encrypted."""
    return path.name.removesuffix(".age")


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


def _encrypted(path: Path, key: str) -> Path:
    into = path.with_name(f"{path.name}.age")
    _age("--recipient", key, "--output", str(into), str(path))
    path.unlink()
    return into


def _age(*arguments: str) -> None:
    program = shutil.which("age")
    if not program:
        raise NotDone("age is not on this machine: apt-get install age")
    done = subprocess.run([program, *arguments], capture_output=True, text=True, check=False)  # noqa: S603  # nosec B603
    if done.returncode:
        raise NotDone((done.stderr.splitlines() or [f"age: {done.returncode}"])[0])  # it ends with where to complain
