"""The day of a country, of which nobody reads ten thousand rows: summed by the database up to the cities.

It has the country's own row, those right below it and those of who has no population. They are the rows that
`rollup.rows` gives; the others are in the sums alone. As of an instant the tree is rolled up whole.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from django.db import connection
from django.utils.dateparse import parse_date

from ..days import hours_in_force
from ..hours.hours import DayHours
from ..models import Unit
from ..models.units import IS_OPEN
from . import above, fields, query, rollup
from .days_before import CONCAT
from .rollup import DayRollup, Figure, Part, Total

# Of all that report, by superior or, right below the root, by unit: how many, what they have reported, who they are.
# The cumulative of who is silent is one probe of the index; the others have it in the report of the day.
SUMS_SQL = """
SELECT g.path, MIN(CASE WHEN g.id = u.id THEN 1 ELSE 0 END), u.level = 'agency', COUNT(*),
    {concat}(CASE WHEN t.installs IS NOT NULL THEN u.code END, ','),
    {concat}(CASE WHEN {is_due} AND t.installs IS NULL THEN u.code END, ','),
    SUM(CASE WHEN {is_due} THEN 1 ELSE 0 END),
    SUM(CASE WHEN {is_due} AND t.installs IS NOT NULL THEN 1 ELSE 0 END),
    SUM(CASE WHEN {is_due} AND t.installs IS NOT NULL AND t.is_late THEN 1 ELSE 0 END),
    SUM(CASE WHEN t.installs IS NULL AND u.cumulative IS NOT NULL THEN 1 ELSE 0 END),
    MIN(b.effective_on), MAX(b.effective_on), MIN(NULLIF(b.source, '')), MAX(NULLIF(b.source, '')),
    {of_day}, SUM(COALESCE(t.cumulative, u.cumulative)), {bases}
FROM (
    SELECT u.id, u.parent_id, u.code, u.path, u.level,
        (SELECT cumulative FROM reporting_report WHERE unit_id = u.id AND day <= %(day)s ORDER BY day DESC LIMIT 1)
            AS cumulative
    FROM reporting_unit u WHERE u.path LIKE %(root)s AND {is_open} AND NOT EXISTS (
        SELECT 1 FROM reporting_unit c WHERE c.parent_id = u.id AND {is_child_open})
) AS u
JOIN reporting_unit g ON g.id = CASE WHEN u.parent_id = %(unit)s THEN u.id ELSE u.parent_id END
LEFT JOIN reporting_report t ON t.unit_id = u.id AND t.day = %(day)s AND t.kind = 'daily'
LEFT JOIN reporting_basefigure b ON b.unit_id = u.id AND b.effective_on <= %(day)s AND b.withdrawal_id IS NULL
    AND NOT EXISTS (
        SELECT 1 FROM reporting_basefigure l WHERE l.unit_id = b.unit_id AND l.withdrawal_id IS NULL
        AND l.effective_on <= %(day)s AND (l.effective_on, l.id) > (b.effective_on, b.id))
GROUP BY g.id, g.path, u.level = 'agency'
"""


def rows(unit: Unit, day: date, as_of: datetime | None = None) -> DayRollup:
    """What a page shows of `day` below a unit: of a country as it is now only a few of the rows."""
    return few(unit, day) if unit.is_country and as_of is None else rollup.rows(unit, day, as_of)


def few(unit: Unit, day: date) -> DayRollup:
    """The rollup of `day` below a superior, without the rows of most of those that report; see above."""
    hours = hours_in_force.of_day(day)
    if hours.lapsed:  # who owed nothing hangs on the hour of each
        return rollup.rows(unit, day)
    target_share = hours.order.target_share if hours.order else rollup.DEFAULT_TARGET_SHARE
    sums = list(_sums(unit, day, hours))
    if not sums:  # nothing lies below it: it reports for itself
        return rollup.rows(unit, day)
    figures = query.figures(unit, [day], hours={day: hours}, only=query.FEW)[day]
    by_path = {one.path: one for one in figures if one.is_open and one.path.startswith(unit.path)}
    totals, agency_total = _totals(unit, day, by_path, sums)
    found = {}
    for path, figure in by_path.items():
        is_reporting = _is_reporting(unit, path, sums)
        status = rollup.status_of(figure, hours.order is not None) if is_reporting else None
        if is_reporting and (figure.is_agency or not _is_right_below(unit, path)):
            totals[path].add(rollup.part_of(figure, is_due=hours.order is not None))
        found[figure.code] = totals[path].row(figure, target_share, is_reporting=is_reporting, status=status)
    own = by_path[unit.path]
    of_agencies = any(one.is_agency for one in sums)
    return DayRollup(
        day,
        hours,
        unit.code,
        found,
        agency_total.row(own, target_share, is_reporting=False, status=None) if of_agencies else None,
        apart=_apart(sums),
        owing_apart=_owing(sums),
    )


@dataclass(frozen=True)
class _Sum:
    """All that report right below a superior, or one of them right below the country itself."""

    path: str
    is_own: bool  # the latter
    is_agency: bool
    units: int
    reported: list[str]  # codes
    owing: list[str]  # paths of who owes a report and has not sent it
    part: Part
    other: tuple[date | None, str]  # what the populations speak of and their source, if they are not those of the part


def _sums(unit: Unit, day: date, hours: DayHours) -> Iterable[_Sum]:
    exempt = {f"exempt_{number}": f"{one.path}%" for number, one in enumerate(hours.exempted)}
    is_exempt = " OR ".join(f"u.path LIKE %({name})s" for name in exempt)
    statement = SUMS_SQL.format(
        concat=CONCAT[connection.vendor],
        is_due="1 = 0" if hours.order is None else f"NOT ({is_exempt})" if exempt else "1 = 1",
        of_day=", ".join(f"SUM({fields.columns([one], 't')})" for one in fields.OF_DAY),
        bases=", ".join(f"CASE WHEN COUNT(b.{b.column}) = COUNT(*) THEN SUM(b.{b.column}) END" for b in fields.BASES),
        is_open=IS_OPEN.format("u"),
        is_child_open=IS_OPEN.format("c"),
    )
    with connection.cursor() as cursor:
        cursor.execute(statement, {"root": f"{unit.path}%", "unit": unit.pk, "day": day, **exempt})
        for record in cursor:
            path, is_own, is_agency, units, reporting, silent, *counts = record
            due, sent, late, carried, first, last, source, other, *summed = counts
            numbers = (due, sent, sent - late, late, carried, *map(_number, summed))
            part = Part(numbers, _day(first), source or "")
            yield _Sum(
                path,
                bool(is_own),
                bool(is_agency),
                units,
                reporting.split(",") if reporting else [],
                [path if is_own else f"{path}{code}/" for code in silent.split(",")] if silent else [],
                part,
                (_day(last), other or ""),
            )


def _day(found: date | str | None) -> date | None:
    """SQLite says the least of several days as a text."""
    return parse_date(found) if isinstance(found, str) else found


def _number(summed) -> int | None:
    return None if summed is None else int(summed)


def _totals(
    unit: Unit, day: date, by_path: Mapping[str, Figure], sums: Iterable[_Sum]
) -> tuple[dict[str, Total], Total]:
    """By path what each row adds up but for its own report; and the sum of the agencies."""
    totals, agencies = {path: Total() for path in by_path}, Total()
    for one in sums:
        above_it = [agencies] if one.is_agency else [totals[path] for path in _above(unit, one.path) if path in totals]
        for total in above_it:
            total.add(one.part)
            total.days.add(one.other[0])
            total.sources.add(one.other[1])
    for path, is_agency, cumulative in above.ended(day):
        if not path.startswith(unit.path):
            continue
        counted_in = {path} if is_agency else {path, *_above(unit, path)}
        for total in [totals[one] for one in counted_in if one in totals] + [agencies] * is_agency:
            total.add(cumulative)
    return totals, agencies


def _above(unit: Unit, path: str) -> list[str]:
    """The paths of the country and of the unit right below it in which something at the path is counted."""
    below = path.removeprefix(unit.path).split("/")
    return [unit.path, f"{unit.path}{below[0]}/"]


def _is_reporting(unit: Unit, path: str, sums: Iterable[_Sum]) -> bool:
    """Of what lies further below there are only rows of who reports."""
    if path == unit.path:
        return False
    return not _is_right_below(unit, path) or any(one.is_own and one.path == path for one in sums)


def _is_right_below(unit: Unit, path: str) -> bool:
    return path.count("/") == unit.path.count("/") + 1


def _apart(sums: Iterable[_Sum]) -> rollup.Apart:
    own = [one for one in sums if not one.is_agency]
    return rollup.Apart(sum(one.units for one in own), frozenset(code for one in own for code in one.reported))


def _owing(sums: Iterable[_Sum]) -> dict[bool, list[str]]:
    return {agency: [path for one in sums if one.is_agency == agency for path in one.owing] for agency in (False, True)}
