"""The sums that the database keeps of each superior's days (`models.DaySum`), added up below a unit."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from django.db import connection

from ..models import Unit
from .fields import Count

SO_FAR_SQL = """
SELECT {sums} FROM (
    SELECT {kept} FROM reporting_unit s JOIN reporting_daysum k ON k.id = (
        SELECT id FROM reporting_daysum WHERE superior_id = s.id AND NOT is_agency AND day <= %(day)s
        ORDER BY day DESC LIMIT 1)
    WHERE s.path LIKE %(root)s AND s.level NOT IN ('commune', 'agency')
    UNION ALL SELECT {own} FROM reporting_report r WHERE r.unit_id = %(unit)s AND r.day <= %(day)s
) AS so_far
"""


def so_far(unit: Unit, day: date, counts: Sequence[Count]) -> dict[str, int | None]:
    """By column what the residents' units at or below a superior have counted up to the day, closed ones too."""
    names = [count.column for count in counts]
    statement = SO_FAR_SQL.format(
        sums=", ".join(f"SUM({name}), SUM({name}_said)" for name in names),
        kept=", ".join(f"k.{name}_so_far AS {name}, k.{name}_ever_said AS {name}_said" for name in names),
        own=", ".join(f"SUM(r.{name}), COUNT(r.{name})" for name in names),
    )
    with connection.cursor() as cursor:
        cursor.execute(statement, {"root": f"{unit.path}%", "unit": unit.pk, "day": day})
        found = iter(cursor.fetchone())
    return {name: int(summed) if said else None for name, summed, said in zip(names, found, found, strict=True)}
