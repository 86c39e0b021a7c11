"""What happens to a machine: its disk fills, its clock is stepped at the hour."""

import resource

import pytest
from django.db import connection

from .. import served
from ..factories import DAY, at

pytestmark = pytest.mark.matrix
DAILY = f"""
    SELECT u.code, v.number, v.installs, v.received_at, v.counted_at FROM reporting_revision v
    JOIN reporting_report r ON r.id = v.report_id JOIN reporting_unit u ON u.id = r.unit_id
    WHERE r.kind = 'daily' AND r.day = '{DAY}' ORDER BY u.code, v.number
"""


@pytest.fixture
def database(tmp_path):
    with served.database(tmp_path, vendor=connection.vendor) as database:
        yield database


def report(server, code, installs, base_version=0):
    fields = {"installs": installs, "base_version": base_version, "opening": 100, "covers": "day_only", "note": ""}
    return server.post(f"/units/{code}/report/{DAY}/", fields, by=code)


def test_full_disk_is_said_and_is_over_by_itself(tmp_path):
    """No process of the server may write a byte into a file, neither of the database nor of the log."""
    with (
        served.database(tmp_path, vendor="sqlite") as database,
        served.server(database, clock=at("2020-08-21 10:00"), log=tmp_path / "log") as server,
    ):
        assert report(server, "C00", 30).status == 302
        before = database.rows(DAILY)
        processes = {server.process.pid, *server.workers()}
        for pid in processes:
            resource.prlimit(pid, resource.RLIMIT_FSIZE, (1, resource.RLIM_INFINITY))
        full = [report(server, code, 31) for code in ("C01", "C02", "C03")]
        page = server.get("/units/C00/", by="C00")
        meanwhile = database.rows(DAILY)
        for pid in processes:
            resource.prlimit(pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
        again = [report(server, code, 31) for code in ("C01", "C02", "C03")]
        assert {server.process.pid, *server.workers()} == processes  # nobody has died of it

    assert [answer.status for answer in full] == [503] * 3
    assert all('name="installs" value="31"' in answer.body for answer in full)
    assert (page.status, meanwhile) == (200, before)
    assert [answer.status for answer in again] == [302] * 3
    assert [row[:3] for row in database.rows(DAILY) if row[0] in ("C01", "C02", "C03")] == [
        (code, 1, 31) for code in ("C01", "C02", "C03")
    ]


def test_clock_that_is_stepped_at_the_hour_decides_by_itself_and_turns_no_history_round(database, tmp_path):
    """Ninety seconds back over the hour, and on again: who arrives by the clock before it is in time."""
    step = tmp_path / "step"
    step.write_text("0")
    stepping = {"DJANGO_SETTINGS_MODULE": "tests.stepped_settings", "STEPPED_BY": str(step)}
    with served.server(database, clock=at("2020-08-21 17:00:10"), log=tmp_path / "log", **stepping) as server:
        late = report(server, "C00", 30)
        step.write_text("-90")
        in_time = report(server, "C01", 31)
        edited = report(server, "C01", 32, base_version=1)
        step.write_text("0")
        late_again = report(server, "C02", 33)
        same_again = report(server, "C01", 32, base_version=2)

    assert [answer.status for answer in (late, late_again)] == [422] * 2
    assert [answer.status for answer in (in_time, edited, same_again)] == [302] * 3
    rows = [row for row in database.rows(DAILY) if row[0] in ("C00", "C01", "C02")]
    assert [row[:3] for row in rows] == [("C01", 1, 31), ("C01", 2, 32)]
    assert {str(row[3])[:15] for row in rows} == {"2020-08-21 09:5"}  # before the hour
    assert rows[0][4] <= rows[1][4]
