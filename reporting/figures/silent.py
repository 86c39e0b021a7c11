"""Who is silent on a day below a country, and beside them only how many have reported: nobody reads ten thousand rows.

The rows are those of whoever is silent, was reminded, asked to be heard late or reports right below the country, as
`rollup.rows` gives them as far as a board shows them; of superiors there is what they are called. The others are
counted in the database.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import NamedTuple

from django.db import connection
from django.db.models import Exists, OuterRef
from django.utils.dateparse import parse_datetime

from ..days import hours_in_force
from ..hours.hours import DayHours
from ..models import Unit
from ..models.units import IS_OPEN, UnitQuerySet
from . import above, query, rollup
from .rollup import DayRollup, DayStatus, Row

REPORTING = """u.path LIKE %(root)s AND u.id <> %(unit)s AND {is_open} AND NOT EXISTS (
    SELECT 1 FROM reporting_unit c WHERE c.parent_id = u.id AND {is_child_open})"""
OF_THE_DAY = "LEFT JOIN reporting_report t ON t.unit_id = u.id AND t.day = %(day)s AND t.kind = 'daily'"
# The name in force: of all units it is found for all together, of a few by a probe for each.
SENDERS_SQL = """
SELECT u.parent_id, u.level = 'agency', n.kind, COUNT(*), COUNT(t.installs),
    MAX(CASE WHEN t.installs IS NOT NULL THEN t.received_at END)
FROM reporting_unit u
{of_the_day}
LEFT JOIN reporting_unitname n ON n.unit_id = u.id AND n.effective_on <= %(day)s AND n.withdrawal_id IS NULL
    AND NOT EXISTS (
        SELECT 1 FROM reporting_unitname l WHERE l.unit_id = n.unit_id AND l.withdrawal_id IS NULL
        AND l.effective_on <= %(day)s AND (l.effective_on, l.id) > (n.effective_on, n.id))
WHERE {reporting}
GROUP BY u.parent_id, u.level = 'agency', n.kind
"""
# What the newest reports of one that is silent say is a probe of the index (unit, day) each: see `query`.
ROWS_SQL = """
SELECT u.id, u.code, u.level, u.path, u.sort_key, u.phone, u.region, u.opened_on, n.kind, n.name,
    t.installs, t.is_late, t.received_at,
    (SELECT CAST(day AS text) || ' ' || kind FROM reporting_report WHERE t.installs IS NULL AND unit_id = u.id
        AND day <= %(day)s AND installs IS NOT NULL ORDER BY day DESC LIMIT 1),
    COALESCE(t.cumulative, (
        SELECT cumulative FROM reporting_report WHERE unit_id = u.id AND day <= %(day)s ORDER BY day DESC LIMIT 1))
FROM reporting_unit u
{of_the_day}
LEFT JOIN reporting_unitname n ON n.id = (
    SELECT id FROM reporting_unitname WHERE unit_id = u.id AND effective_on <= %(day)s AND withdrawal_id IS NULL
    ORDER BY effective_on DESC, id DESC LIMIT 1)
WHERE {reporting} AND (t.installs IS NULL OR u.parent_id = %(unit)s
    OR u.id IN (SELECT unit_id FROM reporting_reminder WHERE day = %(day)s)
    OR u.id IN (SELECT unit_id FROM reporting_laterequest WHERE day = %(day)s))
"""


class Senders(NamedTuple):
    """All of one kind, "phường", that report right below a superior; agencies apart. Each of them owes a report."""

    path: str  # of the superior
    is_agency: bool
    kind: str
    units: int
    reported: int
    last_received_at: datetime | None


@dataclass(frozen=True)
class Silent:
    figures: DayRollup
    senders: Collection[Senders]


def below(unit: Unit, day: date) -> Silent | None:
    """None where the tree is to be rolled up whole: on a day on which not all owe a report, of a unit that reports."""
    hours = hours_in_force.of_day(day)
    if hours.order is None or hours.exempted or hours.lapsed:
        return None
    superiors = _superiors(unit, day, hours)
    counted = _asked(SENDERS_SQL, unit, day)
    if unit.pk not in superiors or not {superior for superior, *_rest in counted} <= superiors.keys():
        return None
    senders = [
        Senders(superiors[superior].path, bool(is_agency), kind or "", units, sent, _instant(last))
        for superior, is_agency, kind, units, sent, last in counted
    ]
    by_code = {row.code: row for row in [*superiors.values(), *_rows(unit, day, hours)]}
    return Silent(DayRollup(day, hours, unit.code, by_code, None), senders)


def reporting(unit: Unit, day: date) -> UnitQuerySet:
    """The units below one that report on the day: the open ones with no open one below."""
    return Unit.objects.below(unit).open_on(day).exclude(pk=unit.pk).filter(~_has_below(day)).order_by()


def _has_below(day: date) -> Exists:
    return Exists(Unit.objects.filter(parent=OuterRef("pk")).open_on(day))


def _asked(sql: str, unit: Unit, day: date) -> list[tuple]:
    places = {"is_open": IS_OPEN.format("u"), "is_child_open": IS_OPEN.format("c")}
    statement = sql.format(of_the_day=OF_THE_DAY, reporting=REPORTING.format(**places))
    with connection.cursor() as cursor:
        cursor.execute(statement, {"root": f"{unit.path}%", "unit": unit.pk, "day": day})
        return cursor.fetchall()


def _instant(found: datetime | str | None) -> datetime | None:
    """SQLite keeps instants in UTC without saying so, and the last of several as a text."""
    moment = parse_datetime(found) if isinstance(found, str) else found
    return moment.replace(tzinfo=UTC) if moment and moment.tzinfo is None else moment


def _superiors(unit: Unit, day: date, hours: DayHours) -> dict[int, Row]:
    """By key the unit itself and those below it that others report to."""
    asked = ("pk", "code", "level", "path", "sort_key", "kind", "name")
    found = Unit.objects.below(unit).open_on(day).filter(_has_below(day)).named(day).order_by().values_list(*asked)
    return {one[0]: _row(hours, *one, is_reporting=False) for one in found}


def _rows(unit: Unit, day: date, hours: DayHours) -> list[Row]:
    ended = {}
    for path, _is_agency, cumulative in above.ended(day):
        ended[path] = ended.get(path, 0) + cumulative
    rows = []
    for record in _asked(ROWS_SQL, unit, day):
        (
            pk, code, level, path, sort_key, phone, region, opened_on, kind, name,
            installs, is_late, received_at, last, cumulative,
        ) = record  # fmt: skip
        is_silent = installs is None
        last_day, _space, last_kind = (last or "").partition(" ")
        said = {
            "phone": phone,
            "region": region,
            "opened_on": opened_on,
            "status": DayStatus.MISSING if is_silent else DayStatus.LATE if is_late else DayStatus.ON_TIME,
            "received_at": None if is_silent else _instant(received_at),
            "carried_from": date.fromisoformat(last_day) if last else None,
            "carries_opening": last_kind == "opening",
            "expected": 1,
            "reported": int(not is_silent),
            "installs": installs,
            "cumulative": (cumulative or 0) + ended[path] if path in ended else cumulative,
        }
        rows.append(_row(hours, pk, code, level, path, sort_key, kind, name, is_reporting=True, **said))
    return rows


NOTHING = rollup.NOTHING | {
    "phone": "",
    "opened_on": None,
    "status": None,
    "received_at": None,
    "carried_from": None,
    "carries_opening": False,
}


def _row(hours, pk, code, level, path, sort_key, kind, name, *, is_reporting, **said) -> Row:
    return Row(
        unit_id=pk,
        code=code,
        level=level,
        path=path,
        **query.named(code, kind, name, sort_key),
        target_share=hours.order.target_share,
        is_reporting=is_reporting,
        **(NOTHING | said),
    )
