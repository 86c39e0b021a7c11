"""Point-in-time recovery with the shipped settings: between two reports, or after the last."""

import os
import shutil
import subprocess
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from .. import served
from ..clusters import PROGRAMS, cluster
from ..factories import DAY, at
from .test_backup import manage

pytestmark = [pytest.mark.matrix, pytest.mark.skipif(not PROGRAMS, reason="apt-get install postgresql")]
SHIPPED = served.ROOT / "deploy" / "archive"
DAILY = f"""
    SELECT u.code, r.installs FROM reporting_report r JOIN reporting_unit u ON u.id = r.unit_id
    WHERE r.kind = 'daily' AND r.day = '{DAY}' AND u.code IN ('C00', 'C01', 'C02') ORDER BY u.code
"""


@pytest.fixture
def archived():
    """A PostgreSQL that archives its log with the shipped settings, and the operator's command; its own user may read
    both."""
    with cluster() as postgres:
        command = shutil.copy(SHIPPED / "wal-archive", postgres.folder)
        text = (SHIPPED / "bluezone-archive.conf").read_text()
        assert "/opt/bluezone-report/deploy/archive/wal-archive" in text
        settings = text.replace("/opt/bluezone-report/deploy/archive/wal-archive", command)
        with (postgres.data / "postgresql.conf").open("a") as file:
            file.write(settings)
        postgres.environment["WAL_ARCHIVE"] = str(postgres.folder / "archive")
        postgres.environment |= {"PGHOST": str(postgres.folder), "PGUSER": "postgres"}
        postgres.stop("fast")
        postgres.start()
        yield postgres


def wal_archive(postgres, *arguments):
    return postgres.run(str(postgres.folder / "wal-archive"), *arguments)


def started_at_its_end(postgres, database):
    """Started, after it has applied the archived log."""
    postgres.start()
    ends_at = time.monotonic() + served.PATIENCE
    while database.rows("SELECT pg_is_in_recovery()") == [(True,)]:
        assert time.monotonic() < ends_at
        time.sleep(0.1)


def test_back_to_the_instant_between_two_reports(archived, tmp_path):
    """After a crash to the last report; then to an instant between two reports; `verify` checks the result."""
    database = served.filled(archived.url)
    wal_archive(archived, "base")
    with served.server(database, clock=at("2020-08-21 10:00"), log=tmp_path / "log") as server:
        assert server.report("C00", 30).status == 302
        time.sleep(1.1)
        between = datetime.now(UTC)
        time.sleep(1.1)
        assert server.report("C01", 31).status == 302
        database.change("SELECT pg_switch_wal()")
        assert server.report("C02", 32).status == 302
        archived.kill()

    wal_archive(archived, "to", "latest", archived.data)
    started_at_its_end(archived, database)
    assert database.rows(DAILY) == [("C00", 30), ("C01", 31), ("C02", 32)]
    with pytest.raises(subprocess.CalledProcessError):  # refused while the server runs
        wal_archive(archived, "to", between.isoformat(), archived.data)

    archived.stop("fast")
    wal_archive(archived, "to", between.isoformat(), archived.data)
    started_at_its_end(archived, database)
    assert database.rows(DAILY) == [("C00", 30)]
    assert manage(database, "verify").returncode == 0
    with served.server(database, clock=at("2020-08-21 10:10"), log=tmp_path / "log") as server:
        assert server.report("C01", 33).status == 302
    assert len(list(archived.folder.glob("data.before-*"))) == 2  # nothing was deleted


def test_two_copies_are_kept_and_the_log_that_leads_on_from_them(archived):
    kept = []
    for _ in range(3):
        wal_archive(archived, "base")
        kept.append([names(archived.folder / "archive" / part) for part in ("base", "wal")])
        time.sleep(1.1)  # a copy is named after its second
    [(first, its_log), (two, _), (last, there)] = kept
    assert (len(first), len(two), len(last), last & first) == (1, 2, 2, set())
    assert there
    assert its_log.isdisjoint(there)


def names(folder):
    """The names of the copies, or of the complete pieces of the log, without the note beside each copy."""
    return {path.name for path in folder.iterdir() if ".backup." not in path.name}


def test_piece_is_taken_once_and_another_under_its_name_is_refused(tmp_path):
    """PostgreSQL archives a piece again after a crash; a second server writing to the same folder is a mistake."""

    def kept(text):
        (tmp_path / "piece").write_text(text)
        command = [SHIPPED / "wal-archive", "keep", tmp_path / "piece", "000000010000000000000001"]
        environment = {**os.environ, "WAL_ARCHIVE": str(tmp_path / "archive")}
        return subprocess.run(command, env=environment, check=False).returncode == 0

    assert [kept("one"), kept("one"), kept("another"), kept("one")] == [True, True, False, True]
    assert [path.name for path in Path(tmp_path / "archive" / "wal").iterdir()] == ["000000010000000000000001.gz"]
