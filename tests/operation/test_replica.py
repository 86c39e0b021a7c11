"""A replica reads along: what looks is read there, what was just written is not, and when it lags nobody notices."""

import re
import time

import pytest

from .. import served
from ..clusters import PROGRAMS, cluster
from ..factories import DAY, at
from .test_backup import manage

pytestmark = [pytest.mark.matrix, pytest.mark.skipif(not PROGRAMS, reason="apt-get install postgresql")]

RANKING, HOME, BULLETIN = "/units/306/ranking/", "/units/11416/", f"/units/31/bulletin/{DAY}/"
FILE = f"/units/31/workbook/{DAY}/{DAY}.csv"
BEHIND_AT_MOST = 4  # seconds, of the test


def figures(installs, *, base_version=0):
    return {"installs": installs, "base_version": base_version, "opening": 100, "note": "", "covers": "day_only"}


def is_within(seconds, condition):
    ends_at = time.monotonic() + seconds
    while time.monotonic() < ends_at:
        if condition():
            return True
        time.sleep(0.2)
    return condition()


@pytest.fixture
def pair(tmp_path):
    """Primary and replica, each with its database, and a server on both."""
    with cluster() as primary:
        database = served.filled(primary.url)
        with cluster(of=primary) as replica:
            copy = served.Database(replica.url, database.sessions)
            settings = {"DATABASE_REPLICA_URL": replica.url, "REPLICA_BEHIND_AT_MOST": str(BEHIND_AT_MOST)}
            log = tmp_path / "log"
            with served.server(database, clock=at("2020-08-21 10:00"), log=log, **settings) as server:
                yield primary, replica, copy, server


def sends(server, installs, *, code="C00", base_version=0):
    answer = server.post(f"/units/{code}/report/{DAY}/", figures(installs, base_version=base_version), by=code)
    assert answer.status == 302, answer.body[:2000]


def test_replica_reads_along_lags_goes_and_is_promoted(pair):
    primary, replica, copy, server = pair

    def total(by="31"):
        """The day's installs below the city, as the file has them."""
        lines = server.get(FILE, by=by).body.splitlines()
        return sum(int(line.split(";")[INSTALLS] or 0) for line in lines[1:] if line.count(";") > INSTALLS)

    head = server.get(FILE, by="31").body.splitlines()[0].split(";")
    INSTALLS = next(number for number, name in enumerate(head) if "cài mới" in name)
    before = total()
    sends(server, 37)
    assert is_within(10, lambda: total() == before + 37)
    assert copy.rows("SELECT pg_is_in_recovery()") == [(True,)]

    # Paused: what looks is of the moment before, what follows the own writing is not.
    copy.change("SELECT pg_wal_replay_pause()")
    sends(server, 53, code="C01")
    assert total() == before + 37
    assert re.search(r"\b53\b", server.get(f"/units/C01/reports/{DAY}/", by="C01").body)
    assert is_within(BEHIND_AT_MOST + 10, lambda: total() == before + 37 + 53)  # behind by too much: the primary
    copy.change("SELECT pg_wal_replay_resume()")

    # Away, and there again.
    replica.stop()
    sends(server, 19, code="C02")
    assert total() == before + 37 + 53 + 19
    assert server.get(RANKING, by="306").status == server.get(BULLETIN, by="31").status == 200
    replica.start()
    assert is_within(20, lambda: copy_has(copy, 3))
    assert total() == before + 37 + 53 + 19

    # The primary is lost: the replica takes its place with all that was acknowledged.
    primary.kill()
    replica.promote()
    assert copy_has(copy, 3)
    checked = manage(copy, "verify")
    assert (checked.returncode, checked.stderr) == (0, ""), checked.stdout


def copy_has(copy, reports):
    sent = f"SELECT count(*) FROM reporting_report WHERE day = '{DAY}' AND installs IN (37, 53, 19)"
    try:
        return copy.rows(sent) == [(reports,)]
    except Exception:  # it is starting
        return False
