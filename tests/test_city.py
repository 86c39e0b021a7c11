"""The demonstration on the real units: the city is the sum of its parts, to the digit, whoever adds up."""

import io
import shutil
import subprocess
from datetime import date, datetime, timedelta

import pytest
from django.db import connection, transaction
from django.db.models import Count
from django.utils import translation
from openpyxl import load_workbook

from reporting import canonical, changes, comparison, deadline, demo, rollup, verification
from reporting.models import ExplanationRequest, Metric, Report, Revision, Seal, SignOff, Unit, User
from reporting.workbook import day_workbook, roman

pytestmark = pytest.mark.django_db

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
    assert sum(day.own.missing > 0 for day in before) > 10
    assert (last.own.late, sum(day.own.late for day in before) > 20) == (0, True)
    assert Report.objects.filter(kind="daily", installs=0).count() > 10
    assert [row.code for row in last.missing if row.code == demo.NEWCOMER_REPORTS] == [demo.NEWCOMER_REPORTS]
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


def until(figures):
    return deadline.figures_until(figures.day, at=demo.NEWCOMER_ARRIVES)


def workbook_of(figures):
    with translation.override("vi"):
        return day_workbook(figures, until=until(figures))


def printed(number, row, name=None, *, is_agency=False):
    """A line of the workbook as it should be: what is not known is empty, the share a ratio."""
    line = [number, name or row.name, row.expected, row.reported, row.on_time, row.late, row.carried_forward]
    line += [row.installs, row.adjustment, row.cumulative, row.population]
    line += [None if row.share is None else float(row.share), row.target, row.missing_to_target]
    return line if is_agency else [*line, row.households]


def tables(figures):
    """The lines of the first three sheets, their totals last."""
    by_district = [printed(number, row) for number, row in enumerate(figures.children, start=1)]
    by_commune, number = [], 0
    for position, district in enumerate(figures.children, start=1):
        by_commune.append(printed(roman(position), district))
        for row in figures.below(district.code) or [district]:
            number += 1
            by_commune.append(printed(number, row))
    agencies = [printed(number, row, is_agency=True) for number, row in enumerate(figures.agencies, start=1)]
    total = printed(None, figures.own, "Tổng cộng")
    agency_total = printed(None, figures.agency_total, "Tổng cộng", is_agency=True)
    return [[*by_district, total], [*by_commune, total], [*agencies, agency_total]]


def test_workbook_is_the_rows_cell_by_cell(figures):
    *sheets, missing = load_workbook(io.BytesIO(workbook_of(figures))).worksheets
    for sheet, lines in zip(sheets, tables(figures), strict=True):
        assert [[cell.value for cell in row] for row in sheet.iter_rows(min_row=6, max_row=5 + len(lines))] == lines
    lines = [[cell.value for cell in row] for row in missing.iter_rows(min_row=6)]
    assert lines == [
        [number, row.name, figures.parent_of(row).name, row.phone, last_reported(row), row.cumulative]
        for number, row in enumerate(figures.missing, start=1)
    ]
    assert len(lines) == figures.own.missing + figures.agency_total.missing > 0


def last_reported(row):
    if row.carries_opening:
        return "trước đợt"
    return row.carried_from and datetime.combine(row.carried_from, datetime.min.time())


def check_lines(sheet, lines):
    """The rows of the sum and of the difference below a table."""
    return [list(sheet[5 + len(lines) + offset]) for offset in (1, 2)]


def test_check_formulas_span_all_lines_of_their_table(figures):
    *sheets, _ = load_workbook(io.BytesIO(workbook_of(figures))).worksheets
    for sheet, lines in zip(sheets, tables(figures), strict=True):
        last, total = 4 + len(lines), 5 + len(lines)
        for summed, difference in zip(*check_lines(sheet, lines), strict=True):
            letter = summed.column_letter
            if letter in "CDEFGHIJKO":
                assert summed.value == f'=SUMIF($A$6:$A${last},">0",{letter}6:{letter}{last})'
                assert difference.value == f"={letter}{total + 1}-{letter}{total}"


@pytest.mark.office
def test_check_formulas_give_no_difference_when_recalculated(city, tmp_path):
    """LibreOffice opens the files of the three days, calculates and saves: each sum is the total printed."""
    if shutil.which("soffice") is None:
        pytest.skip("no LibreOffice on this machine: apt-get install libreoffice-calc")
    rollups = rollup.rows_of_days(city, DAYS)
    for figures in rollups:
        (tmp_path / f"{figures.day}.xlsx").write_bytes(workbook_of(figures))
    profile, calculated = (tmp_path / "profile").as_uri(), tmp_path / "calculated"
    command = ["soffice", f"-env:UserInstallation={profile}", "--headless", "--convert-to", "xlsx"]
    files = [str(path) for path in sorted(tmp_path.glob("*.xlsx"))]
    subprocess.run([*command, "--outdir", str(calculated), *files], check=True, capture_output=True, timeout=120)
    for figures in rollups:
        *sheets, _ = load_workbook(calculated / f"{figures.day}.xlsx", data_only=True).worksheets
        for sheet, lines in zip(sheets, tables(figures), strict=True):
            sums, differences = ([cell.value for cell in row] for row in check_lines(sheet, lines))
            totals = [0 if value is None else value for value in lines[-1]]
            summed = [position for position in range(2, len(totals)) if position not in (11, 12, 13)]
            assert [sums[position] for position in summed] == [totals[position] for position in summed]
            assert [differences[position] for position in summed] == [0] * len(summed)


def test_days_gone_by_are_sealed_and_their_seals_come_out_again(city):
    days = [demo.FIRST_DAY + timedelta(days=number) for number in range(15)]
    seals = list(Seal.objects.order_by("day"))
    assert [seal.day for seal in seals] == days
    assert [canonical.check(seal, city).is_right for seal in seals] == [True] * len(days)


def test_something_has_changed_since_the_seals_and_every_cause_adds_up(city):
    differences = []
    for seal in Seal.objects.all():
        found = changes.changes(city, rollup.rows(city, seal.day), seal)
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
    assert list(marked.values()) == [[], [demo.CLAIMS_MORE], [demo.CLAIMS_MORE]]
    asked = ExplanationRequest.objects.get()
    assert (asked.unit.code, asked.day, asked.is_answered()) == (demo.CLAIMS_MORE, demo.CLAIMS_MORE_FROM, True)


def test_everything_agrees_when_it_is_verified(city):
    """Reports and history, cumulatives, now and as-of, confirmations and seals, on the real units."""
    problems = {name: list(check(lambda done, total: None)) for name, (_title, check) in verification.CHECKS.items()}
    assert problems == {name: [] for name in verification.CHECKS}
