"""A country with a made-up history: units in bulk, reports and revisions by one INSERT ... SELECT each.

63 provinces and cities, 713 districts and 10,600 communes at full size. The same figures every time, counted from the
numbers of unit and day, so that both databases make the same country.
"""

import contextlib
from collections.abc import Iterator
from datetime import date, datetime, timedelta

from django.contrib.auth.hashers import make_password
from django.db import connection

from reporting.models import BaseFigure, Directive, Unit, UnitName, User
from reporting.text import names

from .data import PASSWORD, at

CITIES, DISTRICTS, COMMUNES = 63, 713, 10_600
TOP = "VN"
Level = Unit.Level

DAYS_SQL = "CREATE TEMPORARY TABLE days (number integer, day date, in_time {instant}, late {instant})"
INSTANTS = {"postgresql": "timestamp with time zone", "sqlite": "datetime"}
# Of 25 reports one is missing, of the last day three of twenty; a late one among fifty.
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
    WHERE u.level = 'commune' AND (days.number = 0
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

# Those that no constraint needs.
INDEXES_SQL = """
SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid) FROM pg_index
WHERE indrelid IN ('reporting_report'::regclass, 'reporting_revision'::regclass)
    AND NOT EXISTS (SELECT 1 FROM pg_constraint WHERE conindid = indexrelid)
"""


def fill(*, days: int, today: date, cities: int = CITIES) -> None:
    """Fill the default database with `days` full days before today, and today as it stands shortly before the hour.

    `cities` of the country's 63 make a small one, of as many districts and communes each.
    """
    first = today - timedelta(days=days)
    _units(cities, at(first - timedelta(days=1)))
    Directive.objects.create(
        number="1/CV",
        issuer="UBND",
        title="Bluezone",
        issued_on=first,
        effective_from=first,
        recorded_at=at(first - timedelta(days=1)),
    )
    password = make_password(PASSWORD)
    some = Unit.objects.filter(code__in=[TOP, "1", "1-1", "1-1-1", "1-1-2"])
    User.objects.bulk_create(User(username=unit.code, unit=unit, password=password) for unit in some)
    with connection.cursor() as cursor:
        _write_days(cursor, first, days)
        with _in_bulk(cursor):
            cursor.execute(REPORTS_SQL, [days + 1])
            cursor.execute(REVISIONS_SQL)
        cursor.execute("DROP TABLE days")
        if connection.vendor == "postgresql":  # what its autovacuum would have done by now
            cursor.execute("ANALYZE" if connection.in_atomic_block else "VACUUM ANALYZE")
            _forget(cursor, today)


def _forget(cursor, day: date) -> None:
    """To the statistics the day has not begun, as any day while it is reported: they are made when a tenth is new."""
    cursor.execute("SET session_replication_role = replica")
    cursor.execute("CREATE TEMPORARY TABLE of_the_day AS SELECT * FROM reporting_report WHERE day = %s", [day])
    cursor.execute("DELETE FROM reporting_report WHERE day = %s", [day])
    cursor.execute("ANALYZE reporting_report")
    cursor.execute("INSERT INTO reporting_report SELECT * FROM of_the_day")
    cursor.execute("DROP TABLE of_the_day")
    cursor.execute("SET session_replication_role = origin")


@contextlib.contextmanager
def _in_bulk(cursor) -> Iterator[None]:
    """On PostgreSQL millions of rows at once: neither foreign keys nor triggers look at each of them, and indexes
    are made of all of them together."""
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
    """Numbered from that of the opening report, 0."""
    cursor.execute(DAYS_SQL.format(instant=INSTANTS[connection.vendor]))
    for number in range(days + 2):
        day = first + timedelta(days=number - 1)
        in_time, late = (
            connection.ops.adapt_datetimefield_value(at(day if number else first, hour)) for hour in (10, 18)
        )
        cursor.execute("INSERT INTO days VALUES (%s, %s, %s, %s)", [number, day, in_time, late])


def _units(cities: int, at: datetime) -> None:
    """Level by level, evenly spread: what lies below a unit has its code with a number behind it."""
    above = _level(Level.COUNTRY, [(TOP, None)], "", at)
    above = _level(Level.CITY, [(str(number + 1), above[0]) for number in range(cities)], "tỉnh", at)
    above = _level(Level.DISTRICT, _spread(above, DISTRICTS * cities // CITIES), "huyện", at)
    units = _level(Level.COMMUNE, _spread(above, COMMUNES * cities // CITIES), "xã", at)
    BaseFigure.objects.bulk_create(
        BaseFigure(
            unit=unit,
            effective_on=at.date(),
            population=4000 + unit.pk * 37 % 9000,
            smartphone_users=2000 + unit.pk * 17 % 2000,
            households=900 + unit.pk % 900,
            source="made up",
            recorded_at=at,
        )
        for unit in units
    )


def _spread(above: list[Unit], count: int) -> list[tuple[str, Unit]]:
    parents = [above[number * len(above) // count] for number in range(count)]
    numbers = dict.fromkeys(parents, 0)
    found = []
    for parent in parents:
        numbers[parent] += 1
        found.append((f"{parent.code}-{numbers[parent]}", parent))
    return found


def _level(level: str, places: list[tuple[str, Unit | None]], kind: str, at: datetime) -> list[Unit]:
    made = []
    for code, parent in places:
        name = f"{Level(level).label} {code}"
        made.append(
            Unit(
                code=code,
                level=level,
                parent=parent,
                path=f"{parent.path if parent else ''}{code}/",
                sort_key=names.sort_key(name),
                name_folded=names.fold(name),
            )
        )
    units = Unit.objects.bulk_create(made)
    UnitName.objects.bulk_create(
        UnitName(unit=unit, name=f"{Level(level).label} {unit.code}", kind=kind, effective_on=at.date(), recorded_at=at)
        for unit in units
    )
    return units
