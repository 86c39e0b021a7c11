"""The end of the campaign: what is missing, an encrypted archive, its proof, and the destruction of every copy."""

import io
import shutil
import subprocess
from datetime import timedelta

import openpyxl
import pytest
from django.core.management import CommandError, call_command

from reporting import acts
from reporting.figures import sealed_table
from reporting.management.commands import restore
from reporting.models import Seal
from reporting.operation import backup

from ..factories import DAY, at, make_cast, make_report, stamp
from ..views.visits import frozen

AFTER_CORRECTIONS = "2020-08-29 10:00"


def close(moment=AFTER_CORRECTIONS, **options):
    out = io.StringIO()
    with frozen(moment):
        try:
            call_command("close_campaign", stdout=out, **options)
        except CommandError as error:
            out.write(str(error))
    return out.getvalue()


@pytest.mark.matrix  # slow
@pytest.mark.postgresql
@pytest.mark.sql
@pytest.mark.skipif(not shutil.which("age-keygen"), reason="apt-get install age")
@pytest.mark.django_db(transaction=True)
def test_campaign_ends_with_a_record_and_no_copy(transactional_db, settings, tmp_path, monkeypatch):
    settings.STATE_FOLDER, settings.BACKUP_COPY = tmp_path / "state", tmp_path / "copy"
    settings.STATE_FOLDER.mkdir()
    cast = make_cast()
    make_report(cast.commune, DAY, installs=30, opening=500)

    said = close("2020-08-22 10:00")
    assert "2020-08-21 can be corrected until 2020-08-29 00:00" in said
    assert "2020-08-21 is not sealed" in said
    assert "BACKUP_KEY is not set" in said
    keys = subprocess.run(["age-keygen"], capture_output=True, text=True, check=True)
    settings.BACKUP_KEY = keys.stderr.split()[-1]
    for back in range(15, -1, -1):
        day = DAY - timedelta(days=back)
        acts.seal(unit=cast.city, day=day, reason="Sớm", **stamp(cast.city_clerk, at("2020-08-21 20:00")))
    entered = {"installs": 31, "reason": "Đếm lại", "base_version": 1}
    acts.enter(unit=cast.commune, day=DAY, **entered, **stamp(cast.district_clerk, at("2020-08-22 18:00")))
    assert "2020-08-21 has changed since its seal" in close()
    acts.seal(unit=cast.city, day=DAY, reason="Đếm lại", **stamp(cast.city_clerk, at("2020-08-23 10:00")))

    with frozen(AFTER_CORRECTIONS):
        call_command("backup", stdout=io.StringIO())
    archive = tmp_path / "archive"
    key, settings.BACKUP_KEY = settings.BACKUP_KEY, "age1wrong"
    assert "age1wrong" in close(archive=archive)
    assert not archive.exists()
    settings.BACKUP_KEY = key
    assert "--destroy" in close(archive=archive)
    [file] = archive.glob("bluezone-*.age")
    assert not list(archive.glob("*.pgdump"))
    names = {path.name for path in archive.iterdir()}
    assert {f"bluezone-31-2020-08-{day:02}-chot.xlsx" for day in range(6, 22)} < names
    assert {"bluezone-31-2020-08-06-2020-08-29.xlsx", "bluezone-31-2020-08-06-2020-08-29.csv"} < names
    tables = [sealed_table.digest(path.read_text()) for path in sorted(archive.glob("ban-chot-31-2020-08-21-*.txt"))]
    assert tables == list(Seal.with_withdrawn.filter(day=DAY).order_by("at").values_list("digest", flat=True))
    sheet = openpyxl.load_workbook(archive / "bluezone-31-2020-08-21-chot.xlsx").worksheets[0]
    cells = {cell for row in sheet.iter_rows(values_only=True) for cell in row}
    assert (530 in cells, 531 in cells) == (False, True)  # as sealed again
    checked = subprocess.run(["sha256sum", "--check", "--quiet", "SHA256SUMS"], cwd=archive, check=False)
    assert checked.returncode == 0
    assert "is there already" in close(archive=archive)

    monkeypatch.setattr(backup, "destroy_database", lambda: "the database")
    assert "nothing was destroyed" in close(archive=archive, destroy=True, proof="guessed")
    assert list((settings.STATE_FOLDER / "backups").iterdir()) != []
    (tmp_path / "key").write_text(keys.stdout)
    monkeypatch.setattr(restore.backup, "restore", lambda dump: None)  # the database has what is in it
    out = io.StringIO()
    with frozen(AFTER_CORRECTIONS):
        call_command("restore", file, over=True, identity=str(tmp_path / "key"), stdout=out)
    proof = out.getvalue().split()[-1]
    assert "destroyed:" in close(archive=archive, destroy=True, proof=proof)
    left = [path for place in (settings.STATE_FOLDER, settings.BACKUP_COPY) for path in place.rglob("bluezone-*")]
    assert left == []
    record = (tmp_path / "archive-bien-ban.txt").read_text()
    assert backup.digest_of(file) in record
    assert "- the database" in record
    assert proof in record
