"""The campaign in one folder: every day's workbook as it was sealed, the sealed tables, and the proofs."""

import io
import subprocess
from datetime import timedelta

import openpyxl
import pytest
from django.core.management import CommandError, call_command

from reporting import acts
from reporting.figures import sealed_table

from ..factories import DAY, at, make_cast, make_report, stamp
from ..views.visits import frozen

NIGHT = "2020-08-21 20:00"


def archive(folder, **options):
    out = io.StringIO()
    with frozen(NIGHT):
        call_command("archive", folder, stdout=out, **options)
    return out.getvalue()


@pytest.mark.matrix  # slow
@pytest.mark.django_db(transaction=True)
def test_archive_holds_every_day_and_what_proves_it(transactional_db, tmp_path):
    cast = make_cast()
    make_report(cast.commune, DAY - timedelta(days=1), installs=20, opening=500)
    make_report(cast.commune, installs=30)
    seal = acts.seal(unit=cast.city, day=DAY, reason="Sớm", **stamp(cast.city_clerk, at("2020-08-21 17:40")))
    entered = {"installs": 31, "reason": "Đếm lại", "base_version": 1}
    acts.enter(unit=cast.commune, day=DAY, **entered, **stamp(cast.district_clerk, at("2020-08-21 18:00")))

    folder = tmp_path / "archive"
    assert "16 days of" in archive(folder)

    names = {path.name for path in folder.iterdir()}
    assert {f"bluezone-31-2020-08-{day:02}.xlsx" for day in range(6, 21)} < names
    assert {"bluezone-31-2020-08-06-2020-08-21.xlsx", "bluezone-31-2020-08-06-2020-08-21.csv"} < names
    [table] = folder.glob("ban-chot-31-2020-08-21-*.txt")
    assert sealed_table.digest(table.read_text()) == seal.digest
    sheet = openpyxl.load_workbook(folder / "bluezone-31-2020-08-21-chot.xlsx").worksheets[0]
    cells = {cell for row in sheet.iter_rows(values_only=True) for cell in row}
    assert (550 in cells, 551 in cells) == (True, False)  # as sealed, not as corrected
    checked = subprocess.run(["sha256sum", "--check", "--quiet", "SHA256SUMS"], cwd=folder, check=False)
    assert checked.returncode == 0
    assert list(folder.glob("bluezone-*Z.*.ledger")) != []
    with pytest.raises(CommandError, match="is there already"):
        archive(folder)


def test_archive_of_no_city_or_no_campaign_is_refused(db, tmp_path):
    with pytest.raises(CommandError, match="no such city"):
        archive(tmp_path / "archive")
    assert list(tmp_path.iterdir()) == []
