"""The sums that the database keeps of each superior's days are those of the reports."""

from __future__ import annotations

from collections.abc import Iterator

from django.db import connection
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _

from ... import kept_sums
from ...models import DaySum, Unit
from ...text import formatting
from .progress import Progress

AT_ONCE = 50  # superiors
# Rows that are kept and are not those of the reports, or that are those of the reports and are not kept.
DIFFERING_SQL = """
SELECT DISTINCT code, day FROM (
    SELECT * FROM (SELECT {columns} FROM {table} WHERE superior_id IN ({units}) EXCEPT {summed}) AS only_kept
    UNION ALL
    SELECT * FROM ({summed} EXCEPT SELECT {columns} FROM {table} WHERE superior_id IN ({units})) AS not_kept
) AS differing JOIN reporting_unit ON reporting_unit.id = superior_id
ORDER BY day, code
"""


def sums(progress: Progress) -> Iterator[str]:
    """Every sum that is kept of a superior's day is that of the reports right below it."""
    superiors = Unit.objects.filter(children__isnull=False).values_list("pk", flat=True)
    units = sorted({*superiors, *DaySum.objects.order_by().values_list("superior_id", flat=True).distinct()})
    for start in range(0, len(units), AT_ONCE):
        some = units[start : start + AT_ONCE]
        for code, day in _differing(some):
            yield _("%(unit)s on %(day)s: the sums that are kept are not those of the reports") % {
                "unit": code,
                "day": formatting.day(day),
            }
        progress(start + len(some), len(units))


def _differing(units: list[int]) -> list[tuple]:
    listed = ", ".join(["%s"] * len(units))
    statement = DIFFERING_SQL.format(
        columns=", ".join(kept_sums.columns()),
        table=kept_sums.TABLE,
        units=listed,
        summed=kept_sums.summed(f"u.parent_id IN ({listed})"),
    )
    with connection.cursor() as cursor:
        cursor.execute(statement, units * 4)
        found = cursor.fetchall()
    return [(code, parse_date(day) if isinstance(day, str) else day) for code, day in found]
