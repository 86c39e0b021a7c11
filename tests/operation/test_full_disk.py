"""PostgreSQL's disk fills during reports: acknowledged ones are stored, others get an error, and it recovers."""

import contextlib
import os
import subprocess
import tempfile
from pathlib import Path

import pytest

from .. import served
from ..clusters import PROGRAMS, cluster
from ..factories import at

pytestmark = [
    pytest.mark.matrix,
    pytest.mark.skipif(not PROGRAMS, reason="apt-get install postgresql"),
    pytest.mark.skipif(os.getuid() != 0, reason="only root may make a disk of its own"),
]
CODES = served.SILENT + served.REPORTED
AT_MOST = 1000  # reports until a table needs another page


@contextlib.contextmanager
def small_disk():
    folder = Path(tempfile.mkdtemp(prefix="bluezone-disk-", dir="/tmp"))
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=200m,mode=755", "none", folder], check=True)
    try:
        yield folder
    finally:
        subprocess.run(["umount", folder], check=True)
        folder.rmdir()


def filled(disk: Path) -> Path:
    """A file that fills the disk."""
    path = disk / "ballast"
    with contextlib.suppress(OSError), path.open("wb", buffering=0) as file:
        while file.write(bytes(2**16)):
            pass
    return path


def test_full_disk_is_said_and_is_over_by_itself(tmp_path):
    standing = dict.fromkeys(served.SILENT, 0) | dict.fromkeys(served.REPORTED, 1)
    acknowledged = []

    def report(code, installs):
        answer = server.report(code, installs, standing[code])
        if answer.status == 302:
            standing[code] += 1
            acknowledged.append((code, standing[code], installs))
        return answer

    with small_disk() as disk, cluster(disk) as postgres:
        database = served.filled(postgres.url)
        with served.server(database, clock=at("2020-08-21 10:00"), log=tmp_path / "log") as server:
            ballast = filled(disk)
            for number in range(AT_MOST):
                code, installs = CODES[number % 20], 21 + (number // 20) % 19
                refused = report(code, installs)
                if refused.status != 302:
                    break
            page, meanwhile = server.get("/units/C00/", by="C00"), database.history()
            ballast.unlink()
            again = report(code, installs)
            rows = database.history()

    assert (refused.status, f'name="installs" value="{installs}"' in refused.body) == (503, True)
    assert (page.status, again.status) == (200, 302)
    stood = {(code, 1, served.STANDING) for code in served.REPORTED}
    assert set(meanwhile) == {*acknowledged[:-1], *stood}  # nothing of the refused report
    assert set(rows) == {*acknowledged, *stood}
