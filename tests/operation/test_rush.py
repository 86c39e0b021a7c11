"""A rush with a backup and a killed database: every acknowledged report is there once, also after the restore."""

import contextlib
import os
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest

from .. import served
from ..clusters import PROGRAMS, cluster
from ..factories import at
from .test_backup import back_up, manage

RUSH = timedelta(seconds=int(os.environ.get("RUSH_SECONDS", "40")))  # the long one: RUSH_SECONDS=600
LINES = served.SILENT[:8]


@pytest.mark.matrix
@pytest.mark.skipif(not PROGRAMS, reason="apt-get install postgresql")
def test_every_receipt_of_a_rush_survives_a_killed_database_and_a_restore(tmp_path):
    with cluster() as postgres:
        database = served.filled(postgres.url)
        with served.server(database, clock=at("2020-08-21 10:00"), log=tmp_path / "log", LOCK_TIMEOUT="5") as server:
            ends_at = time.monotonic() + RUSH.total_seconds()
            with ThreadPoolExecutor(len(LINES)) as pool:
                lines = [pool.submit(reporting, server, code, ends_at) for code in LINES]
                time.sleep(RUSH.total_seconds() / 3)
                before_backup = datetime.now(UTC)
                file = back_up(database, tmp_path / "backups")
                time.sleep(RUSH.total_seconds() / 6)
                postgres.kill()
                time.sleep(2)
                postgres.start()
                receipts = [receipt for line in lines for receipt in line.result()]
        rows = database.history()
        with served.another(database) as elsewhere:
            restored = manage(elsewhere, "restore", file)
            assert (restored.returncode, restored.stderr) == (0, "")
            there = elsewhere.history()

    told = sum(moment < before_backup for moment, *_report in receipts)
    print(f"{len(receipts)} receipts, {told} before the backup; {len(rows)} rows, {len(there)} restored")

    acknowledged = {(code, number, installs) for _moment, code, number, installs in receipts}
    assert len(acknowledged) == len(receipts) > 8 * len(LINES)
    assert acknowledged <= set(rows)
    assert len(rows) == len({(code, number) for code, number, _installs in rows})  # none twice
    assert {(code, number, installs) for moment, code, number, installs in receipts if moment < before_backup} <= set(
        there
    )
    assert set(there) < set(rows)


def reporting(server, code, ends_at):
    """Officers report one after another, each with the stored version; (when, code, number, installs) of each receipt.

    An officer without an answer sends the same again: it counts once.
    """
    receipts = []
    while time.monotonic() < ends_at:
        version = len(receipts)
        installs = 20 + version % 15 + (version % 2) * 20  # never the same number twice in a row
        while status_of_sending(server, code, installs, version) != 302:
            time.sleep(0.2)
        receipts.append((datetime.now(UTC), code, version + 1, installs))
    return receipts


def status_of_sending(server, *figures):
    with contextlib.suppress(OSError):
        answer = server.report(*figures)
        assert answer.status in (302, 500, 503), answer.body[:2000]
        return answer.status
    return 0
