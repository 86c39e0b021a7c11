"""The real units with a made-up history: reports and revisions by one INSERT ... SELECT each.

The figures are computed from the numbers of unit and day, so both databases have the same. Days are counted from today.
"""

import contextlib
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from pathlib import Path

from django.contrib.auth.hashers import make_password
from django.db import connection

import reporting
from reporting import deadline
from reporting.figures import rollup, sealed_table
from reporting.imports.kinds.units import import_units
from reporting.models import Directive, Seal, SignOff, Unit, User

DATA = Path(reporting.__file__).parent / "data"
PASSWORD = "an-office-password"
DAYS_AT_ONCE = 10

DAYS_SQL = "CREATE TEMPORARY TABLE days (number integer, day date, in_time {instant}, late {instant})"
INSTANTS = {"postgresql": "timestamp with time zone", "sqlite": "datetime"}
# One report of 25 is missing, on the last day three of twenty; one of fifty is late.
REPORTS_SQL = """
INSERT INTO reporting_report (
    unit_id, day, kind, installs, adjustment, households_visited, note, cumulative, households_so_far, received_at,
    version)
SELECT unit_id, day, kind, installs, 0, households, '', SUM(installs) OVER so_far,
    COALESCE(SUM(households) OVER so_far, 0), received_at, 1
FROM (
    SELECT u.id AS unit_id, days.day,
        CASE WHEN days.number > 0 AND (u.id * 7 + days.number * 3) %% 50 = 0 THEN days.late ELSE days.in_time END
            AS received_at,
        CASE WHEN days.number = 0 THEN 'opening' ELSE 'daily' END AS kind,
        CASE WHEN days.number = 0 THEN 20 + u.id %% 41 ELSE (u.id * 31 + days.number * 17 + u.id %% 7) %% 13 END
            AS installs,
        CASE WHEN days.number = 0 THEN NULL ELSE (u.id + days.number) %% 7 END AS households
    FROM reporting_unit u CROSS JOIN days
    WHERE NOT EXISTS (SELECT 1 FROM reporting_unit part WHERE part.parent_id = u.id) AND (days.number = 0
        OR CASE WHEN days.number = %s THEN (u.id * 7 + 5) %% 20 > 2 ELSE (u.id * 7 + days.number * 11) %% 25 > 0 END)
) AS made
WINDOW so_far AS (PARTITION BY unit_id ORDER BY day)
ORDER BY day, unit_id
"""
REVISIONS_SQL = """
INSERT INTO reporting_revision (
    report_id, number, installs, adjustment, households_visited, note, delta, kind, reason, paper_ref, source,
    received_at, counted_at, by_name)
SELECT id, 1, installs, 0, households_visited, '', installs,
    CASE WHEN kind = 'opening' THEN 'opening' ELSE 'own' END, '', '', '', received_at, received_at, 'made up'
FROM reporting_report ORDER BY day, unit_id
"""
# The indexes that no constraint needs.
INDEXES_SQL = """
SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid) FROM pg_index
WHERE indrelid IN ('reporting_report'::regclass, 'reporting_revision'::regclass)
    AND NOT EXISTS (SELECT 1 FROM pg_constraint WHERE conindid = indexrelid)
"""


def fill(*, days: int, today: date) -> None:
    """Fill the default database with `days` full days before today, and today shortly before the deadline."""
    first = today - timedelta(days=days)
    recorded_at = at(first - timedelta(days=1))
    for name in ("haiphong-2020-units.csv", "haiphong-agencies.csv"):
        import_units((DATA / name).read_bytes(), now=lambda: recorded_at)
    password = make_password(PASSWORD)
    people = [User(username=unit.code, unit=unit, password=password) for unit in Unit.objects.all()]
    User.objects.bulk_create(people)
    write_history(days=days, today=today)


def write_history(*, days: int, today: date) -> None:
    """An order, and reports of every unit without units below: `days` full days, and today before the deadline."""
    first = today - timedelta(days=days)
    eve = first - timedelta(days=1)
    order = {"number": "1/CV", "issuer": "UBND", "title": "Bluezone", "issued_on": eve, "effective_from": first}
    Directive.objects.create(**order, recorded_at=at(eve))
    with connection.cursor() as cursor:
        _write_days(cursor, first, days)
        with _in_bulk(cursor):
            cursor.execute(REPORTS_SQL, [days + 1])
            cursor.execute(REVISIONS_SQL)
        cursor.execute("DROP TABLE days")
        if connection.vendor == "postgresql":  # what autovacuum would have done by now
            cursor.execute("ANALYZE" if connection.in_atomic_block else "VACUUM ANALYZE")
            _forget(cursor, today)


def _forget(cursor, day: date) -> None:
    """Statistics lack the day, as while it is reported: they are renewed once a tenth of the rows is new."""
    cursor.execute("SET session_replication_role = replica")
    cursor.execute("CREATE TEMPORARY TABLE of_the_day AS SELECT * FROM reporting_report WHERE day = %s", [day])
    cursor.execute("DELETE FROM reporting_report WHERE day = %s", [day])
    cursor.execute("ANALYZE reporting_report")
    cursor.execute("INSERT INTO reporting_report SELECT * FROM of_the_day")
    cursor.execute("DROP TABLE of_the_day")
    cursor.execute("SET session_replication_role = origin")


@contextlib.contextmanager
def _in_bulk(cursor) -> Iterator[None]:
    """On PostgreSQL millions of rows at once: without checking foreign keys and triggers row by row, and indexes are
    built afterwards."""
    if connection.vendor != "postgresql":
        yield
        return
    cursor.execute("SET statement_timeout = 0")
    cursor.execute("SET work_mem = '256MB'")
    cursor.execute("SET maintenance_work_mem = '512MB'")
    cursor.execute(INDEXES_SQL)
    indexes = dict(cursor.fetchall())
    for name in indexes:
        cursor.execute(f"DROP INDEX {name}")
    cursor.execute("SET session_replication_role = replica")
    try:
        yield
    finally:
        cursor.execute("SET session_replication_role = origin")
    for definition in indexes.values():
        cursor.execute(definition)
    for setting in ("work_mem", "maintenance_work_mem"):
        cursor.execute(f"RESET {setting}")


def _write_days(cursor, first: date, days: int) -> None:
    """Days are numbered from that of the opening report, 0."""
    cursor.execute(DAYS_SQL.format(instant=INSTANTS[connection.vendor]))
    for number in range(days + 2):
        day = first + timedelta(days=number - 1)
        of_day = day if number else first
        hours = (10, 17 if number <= days else 10)  # today nobody is late yet
        in_time, late = (connection.ops.adapt_datetimefield_value(at(of_day, hour)) for hour in hours)
        cursor.execute("INSERT INTO days VALUES (%s, %s, %s, %s)", [number, day, in_time, late])


def fix(*, days: int, today: date) -> None:
    """Confirm and seal the past days but the last. Nothing was changed later, so present figures are right."""
    city, districts = Unit.objects.get(parent=None), list(Unit.objects.filter(level=Unit.Level.DISTRICT))
    clerks = {user.unit_id: user for user in User.objects.all()}
    gone_by = [today - timedelta(days=back) for back in range(days, 1, -1)]
    for start in range(0, len(gone_by), DAYS_AT_ONCE):
        sign_offs, seals = [], []
        for figures in rollup.rows_of_days(city, gone_by[start : start + DAYS_AT_ONCE]):
            for unit in districts:
                if not figures.by_code[unit.code].is_reporting:
                    below = figures.within(unit.code)
                    sign_offs.append(_fixed(SignOff, unit, below, time(17, 20), clerks[unit.pk]))
                    sign_offs[-1].cumulative = below.own.cumulative or 0
            seals.append(_fixed(Seal, city, figures, time(17, 40), None))
        SignOff.objects.bulk_create(sign_offs)
        Seal.objects.bulk_create(seals)


def _fixed(model, unit: Unit, figures: rollup.DayRollup, hour: time, by: User | None):
    table = sealed_table.canonical_table(figures)
    at = datetime.combine(figures.day, hour, tzinfo=deadline.ZONE)
    return model(unit=unit, day=figures.day, at=at, by=by, table=table, digest=sealed_table.digest(table))


def at(day: date, hour: int = 10) -> datetime:
    return datetime.combine(day, time(hour), tzinfo=deadline.ZONE)
