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
from reporting.exports.workbook.day import day_workbook
from reporting.figures import comparison, rollup, sealed_table, since_seal, verification
from reporting.hours import deadline
from reporting.models import ExplanationRequest, Metric, Report, Revision, Seal, SignOff, Unit, User

pytestmark = [pytest.mark.django_db, pytest.mark.matrix]  # a fortnight of 233 units takes its time to make

DAYS = [demo.FIRST_DAY, date(2020, 8, 15), demo.NEWCOMER_ARRIVES.date()]
SUMS = ("installs", "adjustment", "cumulative", "households", "population")

# Plain sums over the tables, a district and its communes by their keys: nothing of the product's query.
OF_THE_DAY = """
    SELECT d.code, SUM(r.installs), SUM(r.adjustment), SUM(r.households_visited), COUNT(*)
    FROM reporting_report r
    JOIN reporting_unit u ON u.id = r.unit_id
    JOIN reporting_unit d ON d.level = 'district' AND (d.id = u.id OR d.id = u.parent_id)
    WHERE r.day = %s AND r.kind = 'daily'
    GROUP BY d.code
"""
UP_TO_THE_DAY = """
    SELECT d.code, SUM(r.installs + r.adjustment)
    FROM reporting_report r
    JOIN reporting_unit u ON u.id = r.unit_id
    JOIN reporting_unit d ON d.level = 'district' AND (d.id = u.id OR d.id = u.parent_id)
    WHERE r.day <= %s
    GROUP BY d.code
"""
PEOPLE = """
    SELECT d.code, SUM(b.population)
    FROM reporting_basefigure b
    JOIN reporting_unit u ON u.id = b.unit_id
    JOIN reporting_unit d ON d.level = 'district' AND (d.id = u.id OR d.id = u.parent_id)
    GROUP BY d.code
"""
OF_THE_CITY = """
    SELECT SUM(CASE WHEN r.day = %s AND r.kind = 'daily' THEN r.installs END), SUM(r.installs + r.adjustment)
    FROM reporting_report r JOIN reporting_unit u ON u.id = r.unit_id
    WHERE r.day <= %s AND (u.level = 'agency') = %s
"""
BY_HISTORY = """
    SELECT SUM(v.delta)
    FROM reporting_revision v
    JOIN reporting_report r ON r.id = v.report_id
    JOIN reporting_unit u ON u.id = r.unit_id
    WHERE r.day <= %s AND u.level <> 'agency'
"""


@pytest.fixture(scope="module")
def city(django_db_setup, django_db_blocker):
    """The city of the demonstration, built once for this file and rolled back after it."""
    with django_db_blocker.unblock(), transaction.atomic():
        demo.build(until=demo.NEWCOMER_ARRIVES)
        if connection.vendor == "postgresql":
            connection.cursor().execute("ANALYZE")  # as autovacuum does in time: the plans of a look back want it
        yield Unit.objects.get(parent=None)
        transaction.set_rollback(True)


@pytest.fixture(params=DAYS, ids=str)
def figures(request, city):
    """The rollup of one of three days: the first, one in the middle, the last, still under way."""
    return rollup.rows(city, request.param)


def sql(statement, *parameters):
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return cursor.fetchall()


def sums(row):
    return [getattr(row, name) for name in SUMS]


def added(rows):
    return [sum(getattr(row, name) or 0 for row in rows) for name in SUMS]


def residents(figures):
    return [row for row in figures.by_code.values() if row.is_reporting and row.level != "agency"]


def test_demo_has_the_real_units_and_an_account_for_each(city):
    levels = dict(Unit.objects.order_by().values_list("level").annotate(Count("pk")))
    assert levels == {"city": 1, "district": 15, "commune": 217, "agency": 13}
    accounts = set(User.objects.values_list("username", "unit__code", "is_viewer", "is_superuser"))
    own = {(code, code, False, False) for code in Unit.objects.values_list("code", flat=True)}
    assert accounts == own | {("lanhdao", "31", True, False), ("admin", None, False, True)}
    assert all(user.check_password(demo.PASSWORD) for user in User.objects.filter(username__in=["31", "admin"]))


def test_city_is_the_sum_of_its_districts_and_of_its_reporting_units(figures):
    assert len(figures.children) == 15
    assert len(residents(figures)) == 218
    assert sums(figures.own) == added(figures.children) == added(residents(figures))
    assert figures.own.population == 2_028_514
    counts = ("expected", "reported", "on_time", "late", "carried_forward")
    for rows in (figures.children, residents(figures)):
        assert [getattr(figures.own, name) for name in counts] == [
            sum(getattr(row, name) for row in rows) for name in counts
        ]


def test_districts_equal_a_plain_sum_over_the_tables(figures):
    day = figures.day.isoformat()
    of_the_day = {row[0]: row[1:] for row in sql(OF_THE_DAY, day)}
    up_to_the_day, people = dict(sql(UP_TO_THE_DAY, day)), dict(sql(PEOPLE))
    assert {row.code: sums(row) for row in figures.children} == {
        code: [installs, adjustment, up_to_the_day[code], households, people[code]]
        for code, (installs, adjustment, households, _) in of_the_day.items()
    }
    assert {row.code: row.reported for row in figures.children} == {code: row[3] for code, row in of_the_day.items()}


def test_city_and_agencies_equal_a_plain_sum_over_the_tables(figures):
    day = figures.day.isoformat()
    for row, is_agency in ((figures.own, False), (figures.agency_total, True)):
        assert sql(OF_THE_CITY, day, day, is_agency) == [(row.installs, row.cumulative)]
    assert sql(BY_HISTORY, day) == [(figures.own.cumulative,)]


def test_every_unit_has_its_running_sum_and_an_opening_report_before_the_first(city):
    reports = list(Report.objects.order_by("unit_id", "day"))
    running, before = 0, None
    for report in reports:
        is_first = report.unit_id != before
        running = report.contribution if is_first else running + report.contribution
        assert (report.cumulative, report.is_opening) == (running, is_first)
        before = report.unit_id
    parents = Unit.objects.exclude(children=None).values("pk")
    reporting = set(Unit.objects.exclude(pk__in=parents).values_list("pk", flat=True))
    assert {report.unit_id for report in reports} == reporting
    assert {report.day for report in reports if report.is_opening} == {demo.FIRST_DAY - timedelta(days=1)}


def test_campaign_is_plausible(city):
    days = [demo.FIRST_DAY + timedelta(days=number) for number in range(16)]
    *before, last = rollup.rows_of_days(city, days)
    assert 0.83 < last.own.reported / last.own.expected < 0.87
    assert all(day.own.reported / day.own.expected > 0.9 for day in before)
    assert sum(day.own.not_reported > 0 for day in before) > 10
    assert (last.own.late, sum(day.own.late for day in before) > 20) == (0, True)
    assert Report.objects.filter(kind="daily", installs=0).count() > 10
    assert [row.code for row in last.not_reported if row.code == demo.HAI_PHONG.newcomer] == [demo.HAI_PHONG.newcomer]
    shares = [day.own.share for day in [*before, last]]
    assert shares == sorted(shares)
    assert 0.05 < min(row.share for row in last.children) < max(row.share for row in last.children) < 0.37
    assert 0 < last.agency_total.reported <= last.agency_total.expected == 13


def test_what_arrived_late_was_taken_in_and_nothing_is_after_the_beginning(city):
    assert demo.newest_instant() < demo.NEWCOMER_ARRIVES
    daily = Revision.objects.filter(report__kind="daily")
    arrivals = daily.values_list("report__day", "received_at", "kind")
    late = {kind for day, at, kind in arrivals if not deadline.is_in_time(at, closes_at=deadline.closes_at(day))}
    assert late == {"late", "correction", "adjustment"}
    assert daily.filter(number=2).count() > 50


def test_districts_confirmed_every_day_that_is_over(city):
    days = SignOff.objects.standing().values_list("day").annotate(count=Count("pk"))
    assert dict(days) == {demo.FIRST_DAY + timedelta(days=number): 14 for number in range(15)}


def workbook_of(city, figures):
    with translation.override("vi"):
        return day_workbook(printed_day.printed_annex(city, figures, at=demo.NEWCOMER_ARRIVES))


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


def test_one_district_claims_more_than_the_ministry_counts_and_has_explained_it(city):
    marked = {}
    for day in (date(2020, 8, 17), demo.CLAIMS_MORE_FROM, date(2020, 8, 20)):
        figures = rollup.rows(city, day)
        lines = comparison.on_day(city, day, Metric.DOWNLOADS, figures=figures).lines
        assert all(line.official.day == day for line in lines)
        marked[day] = [line.code for line in lines if line.is_marked]
    assert list(marked.values()) == [[], [demo.HAI_PHONG.claims_more], [demo.HAI_PHONG.claims_more]]
    asked = ExplanationRequest.objects.get()
    assert (asked.unit.code, asked.day, asked.is_answered()) == (
        demo.HAI_PHONG.claims_more,
        demo.CLAIMS_MORE_FROM,
        True,
    )


def test_everything_agrees_when_it_is_verified(city):
    """Reports and history, cumulatives, now and as-of, confirmations and seals, on the real units."""
    problems = {name: list(check()) for name, (_title, check) in verification.CHECKS.items()}
    assert problems == {name: [] for name in verification.CHECKS}
