"""Backup and restore: taken in a rush, refused if incomplete, and never over newer reports without consent."""

import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Event

import pytest

from reporting.operation import backup

from .. import served
from ..factories import at

REVISIONS = """
    SELECT u.code, r.day, r.kind, v.number, v.installs, v.delta FROM reporting_revision v
    JOIN reporting_report r ON r.id = v.report_id JOIN reporting_unit u ON u.id = r.unit_id
    ORDER BY u.code, r.day, v.number
"""
LINES = served.SILENT[:4]
pytestmark = [
    pytest.mark.matrix,  # slow
    pytest.mark.postgresql,
    pytest.mark.sql,
]


@pytest.fixture(scope="module")
def database(tmp_path_factory):
    with served.database(tmp_path_factory.mktemp("saved"), vendor="postgresql") as database:
        yield database


@pytest.fixture
def empty(tmp_path):
    """A database without tables, as on another machine."""
    with served.empty(tmp_path, vendor="postgresql") as database:
        yield database


def manage(database, *arguments, **settings):
    environment = {**served.environment(database.url), **settings}
    command = [sys.executable, "manage.py", *map(str, arguments)]
    return subprocess.run(
        command, cwd=served.ROOT, env=environment, capture_output=True, text=True, timeout=served.PATIENCE
    )


def back_up(database, folder, **settings):
    done = manage(database, "backup", folder, **settings)
    assert done.returncode == 0, done.stderr
    return folder / done.stdout.splitlines()[-2].partition(": ")[0].rpartition("/")[2]


def test_backup_of_a_rush_holds_every_receipt_given_before_it(database, empty, tmp_path):
    """Four clients keep reporting; the restored copy is of one moment and passes `verify`."""
    receipts = []  # (when it was given, code, number)
    is_taken = Event()

    def line(code):
        for number in range(200):
            if is_taken.is_set() and number >= 12:
                break
            assert server.report(code, 21 + number, number).status == 302
            receipts.append((datetime.now(UTC), code, number + 1))

    with served.server(database, clock=at("2020-08-21 10:00"), log=tmp_path / "log") as server:
        with ThreadPoolExecutor(4) as pool:
            going = [pool.submit(line, code) for code in LINES]
            while len(receipts) < 6:
                assert not any(one.done() and one.exception() for one in going)
            began = datetime.now(UTC)
            file = back_up(database, tmp_path / "backups")
            assert not any(one.done() for one in going)
            is_taken.set()
        for one in going:
            one.result()
    restored = manage(empty, "restore", file)

    assert (restored.returncode, restored.stderr) == (0, "")
    there, all_of_it = empty.rows(REVISIONS), database.rows(REVISIONS)
    assert len(there) == len(set(there)) < len(all_of_it)
    assert set(there) < set(all_of_it)
    for moment, code, number in receipts:
        if moment < began:
            assert [row[3] for row in there if row[0] == code and row[3] == number and row[2] == "daily"] == [number]


def test_report_newer_than_the_backup_is_lost_only_with_consent(database, tmp_path):
    before = database.rows(REVISIONS)
    file = back_up(database, tmp_path / "backups")
    assert manage(database, "restore", file).returncode == 0  # nothing is lost
    with served.server(database, clock=at("2020-08-21 10:00"), log=tmp_path / "log") as server:
        assert server.report("C09", 17).status == 302
        served_meanwhile = manage(database, "restore", file, "--over")
        assert (served_meanwhile.returncode, "stop the server" in served_meanwhile.stderr) == (1, True)
    after = database.rows(REVISIONS)
    refused = manage(database, "restore", file)
    assert (refused.returncode, "--over says that they may be" in refused.stderr) == (1, True)
    assert database.rows(REVISIONS) == after != before
    assert manage(database, "restore", file, "--over").returncode == 0
    assert database.rows(REVISIONS) == before


def test_file_that_is_not_whole_or_not_ours_changes_nothing(database, empty, tmp_path):
    file = back_up(database, tmp_path / "backups")
    digests = file.with_name(f"{file.name}.sha256")
    whole, said = file.read_bytes(), digests.read_text()
    ledger_line = said.splitlines()[1]

    def refusal():
        done = manage(empty, "restore", file)
        assert (done.returncode, "nothing was restored" in done.stderr) == (1, True)
        return done.stderr

    file.write_bytes(whole[: len(whole) // 2])
    assert "cut off or changed" in refusal()
    digests.write_text(f"{backup.digest_of(file)}  {file.name}\n{ledger_line}\n")  # cut off before its size was checked
    refusal()
    file.write_bytes(b"PK\x03\x04 a workbook")
    digests.write_text(f"{backup.digest_of(file)}  {file.name}\n{ledger_line}\n")
    refusal()
    file.write_bytes(whole)
    digests.unlink()
    assert "cannot be read" in refusal()
    digests.write_text(said)
    file.with_name(f"{file.name}.ledger").write_text("bluezone-ledger 1\n")
    assert "cut off or changed" in refusal()
    assert not empty.tables()


def test_restored_database_has_every_row_and_its_ledger_names_missing_ones(database, empty, tmp_path):
    file = back_up(database, tmp_path / "backups")
    ledger = file.with_name(f"{file.name}.ledger")
    assert manage(empty, "restore", file).returncode == 0
    assert empty.rows(REVISIONS) == database.rows(REVISIONS) != []
    assert manage(empty, "verify", "--against", ledger).returncode == 0  # the triggers are there too
    empty.change("ALTER TABLE reporting_basefigure DISABLE TRIGGER USER")
    empty.change("DELETE FROM reporting_basefigure WHERE id = (SELECT max(id) FROM reporting_basefigure)")
    found = manage(empty, "verify", "--against", ledger)
    assert (found.returncode, "reporting_basefigure" in found.stdout) == (1, True)


def test_backups_are_kept_by_age_and_in_a_second_place(database, tmp_path):
    here, there = tmp_path / "here", tmp_path / "there"
    here.mkdir()
    for day in (1, 2, 3, 30):
        name = f"bluezone-202008{day:02}T013000Z.pgdump"
        for beside in ("", ".ledger", ".sha256"):
            (here / (name + beside)).write_text("")
    now = datetime(2020, 8, 31, 12, tzinfo=UTC)
    assert backup.delete_old(here, older_than=timedelta(days=7), now=now) == ["bluezone-20200801T013000Z.pgdump"]
    assert len(list(here.iterdir())) == 9
    file = back_up(database, here, BACKUP_COPY=str(there))
    assert {path.name for path in there.iterdir()} == {f"{file.name}{beside}" for beside in ("", ".ledger", ".sha256")}
    assert file.read_bytes() == (there / file.name).read_bytes()
    assert {path.stat().st_mode & 0o777 for path in there.iterdir()} == {0o600}
    assert [path for path in here.iterdir() if path.name.startswith(".")] == []


@pytest.mark.skipif(not shutil.which("age"), reason="apt-get install age")
def test_backup_encrypted_to_age_is_read_by_its_key_alone(database, empty, tmp_path):
    recipients = []
    for name in ("own", "strange"):
        made = subprocess.run(["age-keygen", "-o", tmp_path / name], capture_output=True, text=True, check=True)
        recipients.append(made.stderr.split()[-1])
    file = back_up(database, tmp_path / "backups", BACKUP_KEY=recipients[0])
    assert (file.suffix, file.read_bytes()[:20]) == (".age", b"age-encryption.org/v")
    refused = manage(empty, "restore", file, "--identity", tmp_path / "strange")
    assert (refused.returncode, "no identity matched" in refused.stderr) == (1, True)
    assert empty.tables() == []
    assert manage(empty, "restore", file, "--identity", tmp_path / "own").returncode == 0
    assert empty.rows(REVISIONS) == database.rows(REVISIONS)


def test_backup_that_fails_is_told_of_and_leaves_nothing(database, tmp_path):
    (tmp_path / "state").mkdir()
    (tmp_path / "file").write_text("")
    settings = {"STATE_DIRECTORY": str(tmp_path / "state")}
    failed = manage(database, "backup", tmp_path / "file", **settings)
    assert (failed.returncode, "no backup was made" in failed.stderr) == (1, True)
    noted, kept = tmp_path / "state" / "backup.json", tmp_path / "state" / "backups"
    assert '"is_well": false' in noted.read_text()
    failed = manage(database, "backup", BACKUP_COPY=str(tmp_path / "file"), **settings)
    assert (failed.returncode, "was not copied" in failed.stderr) == (1, True)
    assert '"is_well": false' in noted.read_text()
    assert len(list(kept.glob("bluezone-*.sha256"))) == 1  # the backup itself is complete
    assert manage(database, "backup", **settings).returncode == 0
    assert '"is_well": true' in noted.read_text()
