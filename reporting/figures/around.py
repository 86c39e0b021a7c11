"""What stands before and after a day of some units: a probe of an index for each, in one statement for all."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from django.db import connection

from . import fields

OF_UNIT = "FROM reporting_report WHERE unit_id = u.id"
COVERING = f"{OF_UNIT} AND day > %s AND (covers_from <= %s OR holds_from <= %s) AND installs IS NOT NULL ORDER BY day"
REPORTED = f"{OF_UNIT} AND day < %s AND installs IS NOT NULL ORDER BY day DESC"
ASKED = """FROM reporting_laterequest WHERE unit_id = u.id AND day < %s AND installs IS NOT NULL
    AND withdrawn_at IS NULL AND decided_at IS NULL ORDER BY day DESC"""
COVERED = ("day", "covers_from", "holds_from", "installs", "version")
# By name: joined as rows, PostgreSQL would read all reports.
BESIDE = {
    **{f"before_{one.column}": f"{one.column} {OF_UNIT} AND day < %s ORDER BY day DESC" for one in fields.RUNNING},
    "population": """population FROM reporting_basefigure WHERE unit_id = u.id AND effective_on <= %s
        AND withdrawn_at IS NULL ORDER BY effective_on DESC, id DESC""",
    "lowest_later": f"cumulative {OF_UNIT} AND day > %s ORDER BY cumulative",
    "highest_later": f"cumulative {OF_UNIT} AND day > %s ORDER BY cumulative DESC",
    "covered_since": f"covers_from {OF_UNIT} AND day > %s AND covers_from < %s ORDER BY covers_from",
    **{f"covering_{name}": f"{name} {COVERING}" for name in COVERED},
    **{f"last_{name}": f"{name} {REPORTED}" for name in ("day", "installs")},
    **{f"asked_{name}": f"{name} {ASKED}" for name in ("day", "installs")},
}
BESIDE_SQL = "SELECT u.id, {places} FROM reporting_unit u WHERE u.id IN ({units})"
PLACES_OF_DAY = sum(place.count("%s") for place in BESIDE.values())
# The last reported days of each unit: from the n-th newest on.
LATELY_SQL = """
SELECT r.unit_id, r.day, r.covers_from, r.installs
FROM reporting_unit u JOIN reporting_report r ON r.unit_id = u.id AND r.day < %s AND r.day >= COALESCE((
    SELECT day FROM reporting_report
    WHERE unit_id = u.id AND kind = 'daily' AND day < %s AND installs IS NOT NULL
    ORDER BY day DESC LIMIT 1 OFFSET %s), %s)
WHERE u.id IN ({units}) AND r.kind = 'daily' AND r.installs IS NOT NULL
ORDER BY r.day DESC
"""


def beside(units: Collection[int], day: date) -> dict[int, dict]:
    """By unit the places of `BESIDE`, None for what is not there."""
    if not units:
        return {}
    places = ", ".join(f"(SELECT {place} LIMIT 1)" for place in BESIDE.values())
    statement = BESIDE_SQL.format(places=places, units=", ".join(["%s"] * len(units)))
    with connection.cursor() as cursor:
        cursor.execute(statement, [*[day] * PLACES_OF_DAY, *units])
        return {unit: dict(zip(BESIDE, found, strict=True)) for unit, *found in cursor}


def lately(units: Collection[int], day: date, days: int) -> list[tuple[int, date, date | None, int]]:
    """Unit, day, the first day that it covers, and installs of each unit's last `days` reports before the day."""
    if not units:
        return []
    with connection.cursor() as cursor:
        statement = LATELY_SQL.format(units=", ".join(["%s"] * len(units)))
        cursor.execute(statement, [day, day, days - 1, date.min, *units])
        return cursor.fetchall()
