"""The demonstration on the real units: the city is the sum of its parts, to the digit, whoever adds up."""

import re
import shutil
import subprocess
from datetime import date, timedelta

import pytest
from django.db import connection, transaction
from django.db.models import Count
from django.utils import translation

from reporting import demo
from reporting.exports import printed_day
from reporting.exports.workbook import day_workbook
from reporting.figures import rollup, sealed_table, since_seal, verification
from reporting.models import Seal, Unit, User

pytestmark = [pytest.mark.django_db, pytest.mark.matrix]  # a fortnight of 233 units takes its time to make

DAYS = [demo.FIRST_DAY, date(2020, 8, 15), demo.NEWCOMER_ARRIVES.date()]
SUMS = ("installs", "adjustment", "cumulative", "households", "population")

# Plain sums over the tables, a district and its communes by their keys: nothing of the product's query.


@pytest.fixture(scope="module")
def city(django_db_setup, django_db_blocker):
    """The city of the demonstration, built once for this file and rolled back after it."""
    with django_db_blocker.unblock(), transaction.atomic():
        demo.build(until=demo.NEWCOMER_ARRIVES)
        if connection.vendor == "postgresql":
            connection.cursor().execute("ANALYZE")  # as autovacuum does in time: the plans of a look back want it
        yield Unit.objects.get(parent=None)
        transaction.set_rollback(True)


def test_demo_has_the_real_units_and_an_account_for_each(city):
    levels = dict(Unit.objects.order_by().values_list("level").annotate(Count("pk")))
    assert levels == {"city": 1, "district": 15, "commune": 217, "agency": 13}
    accounts = set(User.objects.values_list("username", "unit__code", "is_viewer", "is_superuser"))
    own = {(code, code, False, False) for code in Unit.objects.values_list("code", flat=True)}
    assert accounts == own | {("lanhdao", "31", True, False), ("admin", None, False, True)}
    assert all(user.check_password(demo.PASSWORD) for user in User.objects.filter(username__in=["31", "admin"]))


def until(figures):
    return figures.until(demo.NEWCOMER_ARRIVES)


def workbook_of(city, figures):
    with translation.override("vi"):
        return day_workbook(printed_day.printed_annex(city, figures), until=until(figures))


@pytest.fixture(scope="module")
def office(city, tmp_path_factory):
    """LibreOffice opens the files of the three days: the pages that it prints."""
    if shutil.which("soffice") is None:
        pytest.skip("no LibreOffice on this machine: apt-get install libreoffice-calc")
    folder = tmp_path_factory.mktemp("office")
    rollups = rollup.rows_of_days(city, DAYS)
    for figures in rollups:
        (folder / f"{figures.day}.xlsx").write_bytes(workbook_of(city, figures))
    files = [str(path) for path in sorted(folder.glob("*.xlsx"))]
    command = ["soffice", f"-env:UserInstallation={(folder / 'profile').as_uri()}", "--headless"]
    command += ["--convert-to", "pdf", "--outdir", str(folder / "converted"), *files]
    subprocess.run(command, check=True, capture_output=True, timeout=240)
    return folder / "converted", rollups


@pytest.mark.office
def test_every_page_is_a4_landscape_and_no_sheet_is_wider_than_one(office):
    """A sheet that does not fit the width takes pages side by side: the sum of its columns would be on another one."""
    if shutil.which("pdfinfo") is None:
        pytest.skip("no pdfinfo on this machine: apt-get install poppler-utils")
    folder, rollups = office
    for figures in rollups:
        file = str(folder / f"{figures.day}.pdf")
        told = subprocess.run(["pdfinfo", "-l", "99", file], check=True, capture_output=True, text=True).stdout
        sizes = re.findall(r"Page +\d+ size: +([\d.]+) x ([\d.]+)", told)
        assert {(round(float(wide)), round(float(high))) for wide, high in sizes} == {(842, 595)}
        words = subprocess.run(["pdftotext", "-layout", file, "-"], check=True, capture_output=True, text=True).stdout
        pages = words.split("\f")[:-1]
        heads = [page for page in pages if "Lũy kế kỳ" in page]
        assert len(heads) == 1 + 7 + 1  # districts, communes, agencies: the head is repeated on each page
        assert all("Đơn vị" in page or "Cơ quan" in page for page in heads)
        assert [page.count("Còn thiếu") for page in heads] == [1] * len(heads)
        missing = [page for page in pages if "Báo cáo gần nhất" in page]
        assert missing
        assert all("STT" in page and "Lũy kế" in page for page in missing)


def test_days_gone_by_are_sealed_and_their_seals_come_out_again(city):
    days = [demo.FIRST_DAY + timedelta(days=number) for number in range(15)]
    seals = list(Seal.objects.order_by("day"))
    assert [seal.day for seal in seals] == days
    assert [sealed_table.check(seal, city).is_right for seal in seals] == [True] * len(days)


def test_something_has_changed_since_the_seals_and_every_cause_adds_up(city):
    differences = []
    for seal in Seal.objects.all():
        found = since_seal.changes(city, rollup.rows(city, seal.day), seal)
        assert all(line.is_explained for line in [found.own, *found.below, *found.agencies])
        differences.append(found.own.difference)
    assert sum(1 for difference in differences if difference) > 10


def test_everything_agrees_when_it_is_verified(city):
    """Reports and history, cumulatives, now and as-of, confirmations and seals, on the real units."""
    problems = {name: list(check()) for name, (_title, check) in verification.CHECKS.items()}
    assert problems == {name: [] for name in verification.CHECKS}
