"""Trouble with the machine: its disk fills, or its clock jumps at the deadline."""

import resource
import time

import pytest
from django.db import connection

from .. import served
from ..factories import at

pytestmark = pytest.mark.matrix


@pytest.fixture
def database(tmp_path):
    with served.database(tmp_path, vendor=connection.vendor) as database:
        yield database


def test_full_disk_is_said_and_is_over_by_itself(tmp_path):
    """No process of the server can write to a file, neither to the database's nor to the log's."""
    with (
        served.database(tmp_path, vendor="sqlite") as database,
        served.server(database, clock=at("2020-08-21 10:00"), log=tmp_path / "log") as server,
    ):
        assert server.report("C00", 30).status == 302
        before = database.history()
        while len(server.workers()) < 2:
            time.sleep(0.05)
        processes = {server.process.pid, *server.workers()}
        for pid in processes:
            resource.prlimit(pid, resource.RLIMIT_FSIZE, (1, resource.RLIM_INFINITY))
        full = [server.report(code, 31) for code in ("C01", "C02", "C03")]
        page = server.get("/units/C00/", by="C00")
        meanwhile = database.history()
        for pid in processes:
            resource.prlimit(pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
        again = [server.report(code, 31) for code in ("C01", "C02", "C03")]
        assert {server.process.pid, *server.workers()} == processes  # no process has ended because of it

    assert [answer.status for answer in full] == [503] * 3
    assert all('name="installs" value="31"' in answer.body for answer in full)
    assert (page.status, meanwhile) == (200, before)
    assert [answer.status for answer in again] == [302] * 3
    assert [row for row in database.history() if row[0] in ("C01", "C02", "C03")] == [
        (code, 1, 31) for code in ("C01", "C02", "C03")
    ]


def test_clock_that_jumps_at_the_deadline_decides_alone_and_reorders_no_history(database, tmp_path):
    """The clock goes back ninety seconds over the deadline, then forward again; it alone decides who is on time."""
    step = tmp_path / "step"
    step.write_text("0")
    stepping = {"DJANGO_SETTINGS_MODULE": "tests.stepped_settings", "STEPPED_BY": str(step)}
    with served.server(database, clock=at("2020-08-21 17:00:10"), log=tmp_path / "log", **stepping) as server:
        late = server.report("C00", 30)
        step.write_text("-90")
        in_time = server.report("C01", 31)
        edited = server.report("C01", 32, base_version=1)
        step.write_text("0")
        late_again = server.report("C02", 33)
        same_again = server.report("C01", 32, base_version=2)

    assert [answer.status for answer in (late, late_again)] == [422] * 2
    assert [answer.status for answer in (in_time, edited, same_again)] == [302] * 3
    rows = [row for row in database.rows(served.HISTORY) if row[0] in ("C00", "C01", "C02")]
    assert [row[:3] for row in rows] == [("C01", 1, 31), ("C01", 2, 32)]
    assert {str(row[3])[:15] for row in rows} == {"2020-08-21 09:5"}  # before the deadline
    assert rows[0][4] <= rows[1][4]
