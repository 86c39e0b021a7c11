"""systemd understands the shipped units, and they may do little on the machine."""

import os
import re
import shutil
import subprocess

import pytest

from .served import ROOT

UNITS = ROOT / "deploy" / "systemd"
ARCHIVE = ROOT / "deploy" / "archive"
WITNESS = ROOT / "deploy" / "witness"
EXPOSED_AT_MOST = 20  # exposure in tenths, at most a hundred
pytestmark = pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="apt-get install systemd")


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    """The units where the installation puts them, each with its sandbox; this folder stands for /opt."""
    folder = tmp_path_factory.mktemp("systemd")
    units = [path for path in UNITS.iterdir() if path.name != "postgresql.conf"]
    for path in (*units, *(path for place in (ARCHIVE, WITNESS) for path in place.glob("*.[st]*er*"))):
        text = path.read_text().replace("/opt/bluezone-report", str(ROOT))
        text = text.replace("/usr/sbin/nft", "/bin/true")  # a package for servers
        inside = ["bluezone-report.service.d", "bluezone-report-.service.d"] if path.name == "sandbox.conf" else ["."]
        for place in inside:
            (folder / place).mkdir(exist_ok=True)
            (folder / place / path.name).write_text(text)
    return folder


def analyzed(folder, *arguments):
    command = ["systemd-analyze", *arguments]
    environment = {**os.environ, "SYSTEMD_UNIT_PATH": f"{folder}:", "SYSTEMD_COLORS": "0"}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60)
    return done.returncode, done.stdout + done.stderr


def test_units_are_understood(installed):
    units = sorted(installed.glob("*.*e*"))
    assert [unit.suffix for unit in units].count(".timer") == len(list(UNITS.glob("*.timer"))) + 3 > 5
    files = [unit for unit in units if unit.is_file()]
    assert analyzed(installed, "verify", "--man=no", "--recursive-errors=no", *files) == (0, "")


def test_every_timer_has_its_job_and_every_job_tells_of_its_failure(installed):
    timers = {path.stem for path in UNITS.glob("*.timer")}
    jobs = {path.stem for path in UNITS.glob("bluezone-report-*.service")}
    assert timers == jobs
    for path in UNITS.glob("bluezone-report*.service"):
        assert "OnFailure=bluezone-failed@%n.service" in path.read_text()


def test_container_runs_the_jobs_of_the_timers_at_their_hours():
    loop = (ROOT / "deploy" / "jobs").read_text()
    for timer in UNITS.glob("*.timer"):
        at = re.search(r"OnCalendar=.* (\d\d:\d\d) Asia", timer.read_text())
        job = re.search(r"manage\.py (.*)", timer.with_suffix(".service").read_text())[1]
        assert (f"{at[1]}) run {job} &" if at else f"run {job}") in loop


def test_night_is_that_of_hai_phong_whatever_the_machine_takes_for_it():
    times = re.findall(r"^OnCalendar=(.*-\*.*)$", "".join(path.read_text() for path in timers_shipped()), re.MULTILINE)
    assert len(times) == 5  # backup, verify, sessions, the copy of PostgreSQL's data, the witness's restore
    assert all(time.endswith(" Asia/Ho_Chi_Minh") for time in times)


def timers_shipped():
    return [*UNITS.glob("*.timer"), *ARCHIVE.glob("*.timer"), *WITNESS.glob("*.timer")]


@pytest.mark.parametrize("unit", ["bluezone-report", "bluezone-report-seal", "bluezone-archive"])
def test_what_a_unit_may_do_is_little(unit, installed):
    path = installed / f"{unit}.service"
    code, said = analyzed(installed, "security", "--offline=true", f"--threshold={EXPOSED_AT_MOST}", "--no-pager", path)
    assert (code, "Overall exposure level" in said) == (0, True), said


def test_every_variable_of_the_example_is_explained():
    example = (ROOT / "deploy" / "env.example").read_text()
    explained = (ROOT / "docs" / "operating.md").read_text()
    for name in re.findall(r"^#?([A-Z_]+)=", example, re.MULTILINE):
        assert f"`{name}`" in explained
