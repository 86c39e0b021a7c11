"""A figure for every unit of the tree on a day, before any sum: one query, as of now or as of an instant."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime

from django.db import connection
from django.db.models import Exists, OuterRef, QuerySet

from ..hours.hours import DayHours
from ..models import Revision, Unit, map_place
from ..models.levels import OfALevel
from ..models.map_place import MapPlace
from ..models.units import IS_OPEN, full_name
from ..text import names
from . import fields


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure(fields.Summed, OfALevel):
    """One unit of the tree on one day, before any sum: the figures of `fields`, counts of the unit's own reports."""

    unit_id: int
    code: str
    level: str
    path: str
    name: str
    sort_key: str
    kind: str = ""
    short_name: str = ""  # without the kind
    phone: str = ""
    region: str = ""
    place: MapPlace | None = None
    opened_on: date | None = None
    is_open: bool = True
    successor_id: int | None = None
    is_exempt: bool = False
    population_on: date | None = None  # the day that the population speaks of
    population_source: str = ""
    is_late: bool = False
    received_at: datetime | None = None  # the day's first arrival
    version: int = 0  # of the day's report
    carried_from: date | None = None  # the last day reported, when the day itself is not
    carries_opening: bool = False  # that last report is the opening report


NUMBERED_DAY = "(%(number_{0})s, %(day_{0})s)"

# Of a unit without a report of the day, what the newest before it says is one probe of the index (unit, day) each;
# joined as a row, PostgreSQL would read all reports instead. Units closed with a successor come along from wherever
# they are, since what they counted goes on under the successor.
FIGURES_SQL = """
WITH days (number, day) AS {kept}(VALUES {days}){sums}
SELECT
    days.number, u.id, u.code, u.level, u.path, u.sort_key, u.phone, u.region, u.map_column, u.map_line,
    u.opened_on, u.closed_on, u.successor_id,
    n.kind, n.name, b.effective_on, b.source, {today}.is_late, {arrived}.received_at, {version}, {last_day},
    {last_kind}, {of_day}, {cumulative}, {bases}
FROM days
CROSS JOIN reporting_unit u
LEFT JOIN reporting_unitname n ON n.id = (
    SELECT id FROM reporting_unitname WHERE unit_id = u.id AND effective_on <= days.day{known}
    ORDER BY effective_on DESC, id DESC LIMIT 1)
LEFT JOIN reporting_basefigure b ON b.id = (
    SELECT id FROM reporting_basefigure WHERE unit_id = u.id AND effective_on <= days.day{known}
    ORDER BY effective_on DESC, id DESC LIMIT 1)
LEFT JOIN {reports} today ON today.unit_id = u.id AND today.day = days.day AND today.kind = 'daily'
{joins}
WHERE (u.path LIKE %(root)s OR u.successor_id IS NOT NULL){is_known}{only}
"""
# Of a unit and those right below it, and of those further below who have no population.
FEW = """
    AND (u.id = %(unit)s OR u.parent_id = %(unit)s OR (
        {is_open} AND u.id NOT IN (
            SELECT unit_id FROM reporting_basefigure WHERE effective_on <= %(day)s AND withdrawal_id IS NULL)
        AND NOT EXISTS (SELECT 1 FROM reporting_unit c WHERE c.parent_id = u.id AND {is_child_open})))"""
# Of a country the reports of the day are read at once, and the day is MATERIALIZED, so that PostgreSQL does not see it
# while it plans: of a day that no statistics know yet, as today there, it would expect one report and compare each of
# ten thousand units with all of them; of any day it expects as many as days have.
OF_ALL = {"kept": "", "reports": "reporting_report"}
OF_FEW = {
    "kept": "MATERIALIZED ",
    "reports": "(SELECT r.* FROM days d JOIN reporting_report r ON r.day = d.day)",
}
STANDING = " AND withdrawal_id IS NULL"
STOOD = """ AND (withdrawal_id IS NULL OR NOT EXISTS (
        SELECT 1 FROM reporting_withdrawal w WHERE w.id = withdrawal_id AND w.recorded_at <= %(as_of)s))"""
LAST_REPORTED = """(SELECT {column} FROM reporting_report WHERE today.installs IS NULL AND unit_id = u.id
        AND day <= days.day AND installs IS NOT NULL ORDER BY day DESC LIMIT 1)"""
NOW = {
    "sums": "",
    "today": "today",
    "arrived": "today",
    "version": "today.version",
    "cumulative": """COALESCE(today.cumulative, (
        SELECT cumulative FROM reporting_report WHERE unit_id = u.id AND day <= days.day ORDER BY day DESC LIMIT 1))""",
    "last_day": LAST_REPORTED.format(column="day"),
    "last_kind": LAST_REPORTED.format(column="kind"),
    "joins": "",
    "known": STANDING,
    "is_known": "",
}
# As of an instant: the sum of the changes that counted by then, of each report its last revision by then and the first
# since it was last taken back, and names and base figures as they were recorded, and not withdrawn, by then. A unit is
# known from its first name on.
AS_OF = {
    "today": "revised",
    "arrived": "arrived",
    "version": "revised.number",
    "cumulative": "counted.cumulative",
    "last_day": "reported.day",
    "last_kind": "reported.kind",
    "joins": """
LEFT JOIN counted ON counted.number = days.number AND counted.unit_id = u.id
LEFT JOIN reporting_revision revised ON revised.id = (
    SELECT id FROM reporting_revision WHERE report_id = today.id AND counted_at <= %(as_of)s
    ORDER BY number DESC LIMIT 1)
LEFT JOIN reporting_revision arrived ON arrived.id = (
    SELECT v.id FROM reporting_revision v
    WHERE v.report_id = today.id AND v.counted_at <= %(as_of)s AND v.number > COALESCE((
        SELECT MAX(w.number) FROM reporting_revision w
        WHERE w.report_id = today.id AND w.counted_at <= %(as_of)s AND w.installs IS NULL), 0)
    ORDER BY v.number LIMIT 1)
LEFT JOIN reporting_report reported ON reported.id = (
    SELECT r.id FROM reporting_report r WHERE r.unit_id = u.id AND r.day <= days.day AND (
        SELECT v.installs FROM reporting_revision v WHERE v.report_id = r.id AND v.counted_at <= %(as_of)s
        ORDER BY v.number DESC LIMIT 1) IS NOT NULL
    ORDER BY r.day DESC LIMIT 1)
""",
    "known": STOOD + " AND recorded_at <= %(as_of)s",
    "is_known": """
    AND EXISTS (SELECT 1 FROM reporting_unitname WHERE unit_id = u.id AND recorded_at <= %(as_of)s)""",
}
# The changes are read once for all the days: those up to the first of them in one sum, the others day by day. Of the
# whole tree that is one pass over the revisions, without a probe for each report; MATERIALIZED, or PostgreSQL would sum
# them anew for each unit where it expects few reports, as of tables that it last looked at while they were empty.
COUNTED = """,
moved (unit_id, day, delta) AS MATERIALIZED (
    SELECT r.unit_id, CASE WHEN r.day <= (SELECT MIN(day) FROM days) THEN (SELECT MIN(day) FROM days) ELSE r.day END,
        SUM(v.delta)
    FROM reporting_revision v JOIN reporting_report r ON r.id = v.report_id
    WHERE v.counted_at <= %(as_of)s AND r.day <= (SELECT MAX(day) FROM days){within}
    GROUP BY 1, 2),
counted (number, unit_id, cumulative) AS MATERIALIZED (
    SELECT days.number, moved.unit_id, CAST(SUM(moved.delta) AS bigint)
    FROM days JOIN moved ON moved.day <= days.day
    GROUP BY 1, 2)"""
# Of one day the sums need not be told apart by day, which costs half as much again.
COUNTED_OF_ONE_DAY = """,
counted (number, unit_id, cumulative) AS MATERIALIZED (
    SELECT (SELECT number FROM days), r.unit_id, CAST(SUM(v.delta) AS bigint)
    FROM reporting_revision v JOIN reporting_report r ON r.id = v.report_id
    WHERE v.counted_at <= %(as_of)s AND r.day <= (SELECT day FROM days){within}
    GROUP BY r.unit_id)"""
WITHIN = " AND r.unit_id IN (SELECT id FROM reporting_unit WHERE path LIKE %(root)s OR successor_id IS NOT NULL)"


def figures(
    unit: Unit,
    days: Sequence[date],
    as_of: datetime | None = None,
    *,
    hours: Mapping[date, DayHours] | None = None,
    only: str = "",
) -> dict[date, list[Figure]]:
    """For each day a figure for every unit at or below `unit`, and for every unit closed with a successor.

    `as_of` leaves out everything that counted, or was recorded, later; None is no bound. `hours` say what is exempt;
    without them nothing is, for sums that ask nobody what is due. `only`, of one day, is `FEW`.
    """
    value = "(%(number_{0})s, CAST(%(day_{0})s AS date))" if connection.vendor == "postgresql" else NUMBERED_DAY
    parameters = {"root": f"{unit.path}%", "unit": unit.pk, "day": days[0] if days else None}
    if as_of is not None:
        parameters["as_of"] = connection.ops.adapt_datetimefield_value(as_of)
    for number, day in enumerate(days):
        parameters |= {f"number_{number}": number, f"day_{number}": day.isoformat()}
    found = {day: [] for day in days}
    parts = NOW if as_of is None else AS_OF | {"sums": _counted(unit, days)}
    parts = parts | (OF_FEW if only else OF_ALL)
    parts |= {
        "of_day": fields.columns(fields.OF_DAY, parts["today"]),
        "bases": fields.columns(fields.BASES, "b"),
        "only": only.format(is_open=IS_OPEN.format("u"), is_child_open=IS_OPEN.format("c")),
        "days": ", ".join(value.format(number) for number in range(len(days))),
    }
    with connection.cursor() as cursor:
        cursor.execute(FIGURES_SQL.format(**parts), parameters)
        for record in cursor:
            day = days[record[0]]
            found[day].append(_figure(record, day, hours and hours[day]))
    return found


def _counted(unit: Unit, days: Sequence[date]) -> str:
    """What had counted by the instant, of each unit up to each of the days."""
    counted = COUNTED_OF_ONE_DAY if len(days) == 1 else COUNTED
    return counted.format(within=WITHIN if unit.ancestor_codes else "")


def _figure(record: tuple, day: date, hours: DayHours | None) -> Figure:
    (
        _number, unit_id, code, level, path, sort_key, phone, region, column, line, opened_on, closed_on, successor_id,
        kind, name, population_on, population_source, is_late, received_at, version, last_day, last_kind, *summed,
    ) = record  # fmt: skip
    said = dict(zip(fields.NAMES, summed, strict=True))
    is_reported = said["installs"] is not None
    if received_at is not None and received_at.tzinfo is None:  # SQLite keeps instants in UTC without saying so
        received_at = received_at.replace(tzinfo=UTC)
    is_carried = not is_reported and last_day is not None
    return Figure(
        unit_id=unit_id,
        code=code,
        level=level,
        path=path,
        **named(code, kind, name, sort_key),
        phone=phone,
        region=region,
        place=map_place.place(column, line),
        opened_on=opened_on,
        is_open=(opened_on is None or opened_on <= day) and (closed_on is None or day < closed_on),
        successor_id=successor_id if closed_on is not None and closed_on <= day else None,
        is_exempt=hours is not None and hours.is_exempt(path),
        population_on=population_on,
        population_source=population_source or "",
        is_late=bool(is_late),
        received_at=received_at if is_reported else None,
        version=version or 0,
        carried_from=last_day if is_carried else None,
        carries_opening=is_carried and last_kind == "opening",
        **said,
    )


def named(code: str, kind: str | None, name: str | None, sort_key: str) -> dict[str, str]:
    """What a unit is called on the day, which need not be its newest name; `sort_key` is of that one."""
    return {
        "name": full_name(kind or "", name or code),
        "kind": kind or "",
        "short_name": name or code,
        "sort_key": names.sort_key(name) if name else sort_key,
    }


def last_by(revisions: QuerySet[Revision], as_of: datetime) -> QuerySet[Revision]:
    """Of each report the last of the revisions that counted by the instant."""
    later = Revision.objects.filter(report=OuterRef("report"), number__gt=OuterRef("number"), counted_at__lte=as_of)
    return revisions.filter(~Exists(later), counted_at__lte=as_of)
