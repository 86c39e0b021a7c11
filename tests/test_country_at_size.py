"""A country as the benchmark makes it, of one province with 168 communes: few rows, the same sums."""

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.db import connection

from reporting.figures import rollup, verification
from reporting.models import Report, Unit, User

from . import factories as f
from .bench import country
from .figures.whole import differing_of
from .views.visits import look

COMPARED = "each with every one of them"


@pytest.fixture
def nation(db):
    country.fill(days=3, today=f.DAY, cities=1)
    return {code: Unit.objects.get(code=code) for code in (country.TOP, "1", "1-1", "1-1-1")}


def test_country_of_a_province(nation):
    assert Unit.objects.count() == 1 + 1 + 11 + 168
    assert Report.objects.count() > 4 * 168
    assert [words for _name, check in verification.CHECKS.values() for words in check(lambda *_: None)] == []
    assert [found for unit in nation.values() for found in differing_of(unit, f.DAY)] == []
    assert len(rollup.rows(nation["VN"], f.DAY).by_code) == Unit.objects.count()
    page = look(User.objects.get(username="VN"), "unit", "VN", moment="2020-08-21 16:00")
    assert 2 < page.text.count("<tr") < 50


@pytest.mark.sql
def test_units_report_is_found_by_the_unit_on_a_day_that_no_statistics_know(nation):
    """PostgreSQL expects one row of such a day. By the day alone each of 10,600 units would read the reports of all."""
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
        if connection.vendor == "postgresql":
            cursor.execute("SET LOCAL enable_seqscan = off")  # as with more rows than these
    noon = f"{f.DAY + timedelta(days=1)} 12:00"
    lookups = []
    for code, unit in nation.items():
        asked = []
        with connection.execute_wrapper(noting(asked)):
            assert look(User.objects.get(username=code), "unit", unit.code, moment=noon).status_code == 200
        found = [lookup for statement in asked for lookup in lookups_of_one_unit(*statement)]
        lookups += [lookup for lookup in found if lookup != COMPARED or unit.is_country]  # below, units are few
    assert sum("unit_id" in lookup for lookup in lookups) > 10
    assert [lookup for lookup in lookups if "unit_id" not in lookup] == []


def noting(statements):
    def note(execute, sql, params, many, context):
        if "reporting_report" in sql and sql.lstrip().startswith(("SELECT", "WITH")):
            statements.append((sql, params))
        return execute(sql, params, many, context)

    return note


def lookups_of_one_unit(sql, params) -> Iterator[str]:
    """By which columns of an index a statement looks for a unit's reports, again for each of its units."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute(f"EXPLAIN QUERY PLAN {sql}", params)
            yield from _of_sqlite(cursor.fetchall())
        else:
            cursor.execute(f"EXPLAIN (FORMAT JSON) {sql}", params)
            [[[plan]]] = cursor.fetchall()
            yield from _of_postgresql(plan["Plan"])


def _of_sqlite(steps) -> Iterator[str]:
    above = {step: (parent, words) for step, parent, _unused, words in steps}
    for step, (_parent, words) in above.items():
        columns = re.search(r"USING.* INDEX (?:report_|sqlite_autoindex_reporting_report_)\w* (.*)", words)
        while step in above and not above[step][1].startswith("CORRELATED"):
            step = above[step][0]
        if columns and (step in above or "LEFT-JOIN" in words):
            yield columns[1]


def _of_postgresql(node) -> Iterator[str]:
    for part in node.get("Plans", []):
        yield from _of_postgresql(part)
    condition = node.get("Index Cond", "")
    if node.get("Relation Name") == "reporting_report" and "unit_id = " in condition + node.get("Filter", ""):
        yield condition
    if re.search(r"\b(today|t)\.unit_id", node.get("Join Filter", "")):
        yield COMPARED
