"""The figures of every unit of a tree on some days, before any sum: as they are now or as they were at an instant."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import ROUND_CEILING, Decimal
from typing import Any, NamedTuple

from django.db import connection
from django.db.models import Exists, OuterRef, Q, QuerySet

from ..days.status import DayStatus, day_status
from ..deadline import DayHours
from ..models import Directive, Report, Revision, Unit
from ..models.levels import OfALevel
from ..models.units import full_name
from ..text import names
from . import fields

DEFAULT_TARGET_SHARE = Directive._meta.get_field("target_share").default  # without an order
SHARE_PLACES = 4  # shares are cut to hundredths of a percent, never rounded up to a target


@dataclass(slots=True, kw_only=True)  # frozen, they would take twice as long to make
class Row(fields.Summed, OfALevel):
    """A unit's figures of a day: first from its own reports, then rolled up; pages, charts and workbooks print it.

    None is a count without a report, a cumulative without any report, or a base figure that one of the parts lacks. Day
    and source of the population are empty if they differ between parts.
    """

    unit_id: int
    code: str
    level: str
    path: str
    name: str
    sort_key: str
    kind: str = ""
    short_name: str = ""  # without the kind
    phone: str = ""
    opened_on: date | None = None
    is_open: bool = True
    successor_id: int | None = None
    split_from_id: int | None = None
    handed_over: int = 0  # the part of that unit's cumulative that it got; 0 before it opens
    is_owed: bool = True  # a report of the day is due from the unit if it reports for itself
    population_on: date | None = None  # the day that the population is of
    population_source: str = ""
    # Of a unit that reports for itself:
    status: DayStatus | None = None  # of the day
    received_at: datetime | None = None  # arrival of the day's report
    version: int = 0  # of the day's report: corrected, if more than 1
    carried_from: date | None = None  # the last day reported, when the day itself is not
    carries_opening: bool = False  # that last report is the opening report
    # Once rolled up:
    target_share: Decimal = DEFAULT_TARGET_SHARE
    is_reporting: bool = False
    expected: int = 0  # units that owe a report
    reported: int = 0  # of these, how many sent it
    on_time: int = 0  # of those who sent it; one that was excused is neither on time nor late
    late: int = 0
    waiting: int = 0  # of those who have not: their late report is not yet decided
    excused: int = 0  # of those who have not: they do not count as missing
    carried_forward: int = 0  # units counted with an earlier cumulative

    @property
    def not_reported(self) -> int:
        """Units that owe a report and have none: not due yet, waiting, missing or excused."""
        return self.expected - self.reported

    @property
    def reported_excused(self) -> int:
        """Reports that are neither on time nor late, because their units were excused."""
        return self.reported - self.on_time - self.late

    @property
    def share(self) -> Decimal | None:
        """Cumulative over population, cut to four places: 59.996% is 0.5999."""
        return share_of(self.cumulative, self.population)

    @property
    def smartphone_share(self) -> Decimal | None:
        """Cumulative over the people who use a smartphone."""
        return share_of(self.cumulative, self.smartphone_users)

    @property
    def target(self) -> int | None:
        """Installs that reach the target share of the row's own population, rounded up."""
        if not self.population:
            return None
        return int((self.population * self.target_share).to_integral_value(ROUND_CEILING))

    @property
    def missing_to_target(self) -> int | None:
        """Installs still needed, never below 0: the whole target for a unit that never reported."""
        if self.target is None:
            return None
        return max(self.target - (self.cumulative or 0), 0)

    @property
    def is_target_reached(self) -> bool:
        return self.missing_to_target == 0


def share_of(cumulative: int | None, population: int | None) -> Decimal | None:
    """Cumulative over population, cut to four places; None if one of them is unknown."""
    cut = cut_share(cumulative, population)
    return None if cut is None else Decimal(cut).scaleb(-SHARE_PLACES)


def cut_share(cumulative: int | None, population: int | None) -> int | None:
    """`share_of` in hundredths of a percent, a whole number."""
    return cumulative * 10**SHARE_PLACES // population if cumulative is not None and population else None


# Names and base figures are intervals, each in force until the next begins: joined once, not probed for each unit and
# day. The newest report before the day is one probe of the index (unit, day). Units closed with a successor are read
# wherever they are, because what they counted goes on under the successor; so are both sides of a split. UNION adds
# them to the tree: with OR, PostgreSQL would expect half of all units in it, and read all their reports.
FIGURES_SQL = """
WITH days (number, day) AS {planned}(VALUES {days}),
tree AS (
    SELECT * FROM reporting_unit WHERE path LIKE %(root)s
    UNION SELECT * FROM reporting_unit WHERE successor_id IS NOT NULL OR split_from_id IS NOT NULL
    UNION SELECT * FROM reporting_unit WHERE id IN (
        SELECT split_from_id FROM reporting_unit WHERE split_from_id IS NOT NULL)),
names AS (
    SELECT unit_id, kind, name, effective_on,
        LEAD(effective_on) OVER (PARTITION BY unit_id ORDER BY effective_on, id) AS until
    FROM reporting_unitname WHERE {known}{within}),
bases AS (
    SELECT unit_id, effective_on, source, {base_columns},
        LEAD(effective_on) OVER (PARTITION BY unit_id ORDER BY effective_on, id) AS until
    FROM reporting_basefigure WHERE {known}{within}){sums}
SELECT
    days.number, u.id, u.code, u.level, u.path, u.sort_key, u.phone,
    u.opened_on, u.closed_on, u.successor_id, u.split_from_id, u.handed_over, n.kind, n.name, b.effective_on, b.source,
    {arrived}.received_at, {version}, {last_day}, {last_kind},
    EXISTS (SELECT 1 FROM reporting_laterequest q WHERE q.unit_id = u.id AND q.day = days.day
        AND q.installs IS NOT NULL{waiting}),
    {of_day}, {running}, {bases}
FROM tree u
CROSS JOIN days
LEFT JOIN names n ON n.unit_id = u.id AND n.effective_on <= days.day AND (n.until IS NULL OR n.until > days.day)
LEFT JOIN bases b ON b.unit_id = u.id AND b.effective_on <= days.day AND (b.until IS NULL OR b.until > days.day)
LEFT JOIN {reports} today ON today.unit_id = u.id AND today.day = days.day AND today.kind = 'daily'
{joins}{is_known}
"""
IN_TREE = "unit_id IN (SELECT id FROM tree)"
# A country's reports of the day are read at once. MATERIALIZED hides the day while PostgreSQL plans. Otherwise, for a
# new day that its statistics lack, it would expect one report, and then compare each unit with all reports.
OF_COUNTRY = {
    "planned": "MATERIALIZED ",
    "reports": "(SELECT r.* FROM days d JOIN reporting_report r ON r.day = d.day)",
}
LAST_REPORTED = """(SELECT {column} FROM reporting_report WHERE today.installs IS NULL AND unit_id = u.id
        AND day <= days.day AND installs IS NOT NULL ORDER BY day DESC LIMIT 1)"""
LAST = """COALESCE(today.{column}, (
        SELECT {column} FROM reporting_report WHERE unit_id = u.id AND day <= days.day ORDER BY day DESC LIMIT 1))"""
NOW = {
    "sums": "",
    "arrived": "today",
    "version": "today.version",
    "running": ", ".join(LAST.format(column=one.column) for one in fields.RUNNING),
    "last_day": LAST_REPORTED.format(column="day"),
    "last_kind": LAST_REPORTED.format(column="kind"),
    "joins": "",
    "known": "withdrawn_at IS NULL",
    "waiting": " AND q.withdrawn_at IS NULL AND q.decided_at IS NULL",
    "is_known": "",
}
# As of an instant: the sum of the changes that counted by then, each report's last revision and arrival by then, names
# and base figures recorded and not withdrawn by then. A unit is known from its first name on.
AS_OF = {
    "arrived": "arrived",
    "version": "revised.number",
    "running": ", ".join(f"counted.{one.column}" for one in fields.RUNNING),
    "last_day": "reported.day",
    "last_kind": "reported.kind",
    "joins": """
LEFT JOIN counted ON counted.number = days.number AND counted.unit_id = u.id
LEFT JOIN reporting_revision revised ON revised.id = (
    SELECT id FROM reporting_revision WHERE report_id = today.id AND counted_at <= %(as_of)s
    ORDER BY number DESC LIMIT 1)
LEFT JOIN reporting_revision arrived ON arrived.id = (
    SELECT v.id FROM reporting_revision v
    WHERE v.report_id = today.id AND v.counted_at <= %(as_of)s AND v.installs IS NOT NULL
        AND v.number > COALESCE((
            SELECT MAX(w.number) FROM reporting_revision w WHERE w.report_id = today.id AND w.counted_at <= %(as_of)s
                AND w.installs IS NULL AND (w.kind = 'own_void' OR v.kind NOT IN ('own', 'late'))), 0)
    ORDER BY v.number LIMIT 1)
LEFT JOIN reporting_report reported ON reported.id = (
    SELECT r.id FROM reporting_report r WHERE r.unit_id = u.id AND r.day <= days.day AND (
        SELECT v.installs FROM reporting_revision v WHERE v.report_id = r.id AND v.counted_at <= %(as_of)s
        ORDER BY v.number DESC LIMIT 1) IS NOT NULL
    ORDER BY r.day DESC LIMIT 1)
""",
    "known": "recorded_at <= %(as_of)s AND (withdrawn_at IS NULL OR withdrawn_at > %(as_of)s)",
    "waiting": """ AND q.received_at <= %(as_of)s AND (q.withdrawn_at IS NULL OR q.withdrawn_at > %(as_of)s)
        AND (q.decided_at IS NULL OR q.decided_at > %(as_of)s)""",
    "is_known": """
WHERE EXISTS (SELECT 1 FROM reporting_unitname WHERE unit_id = u.id AND recorded_at <= %(as_of)s)""",
}
# `moved` reads the changes once for all days: up to the first day in one sum, later ones day by day. This is one pass
# over the revisions. Without MATERIALIZED, PostgreSQL would sum them again for each unit if it expects few reports.
COUNTED = """,
moved (unit_id, day, {columns}) AS MATERIALIZED (
    SELECT r.unit_id, CASE WHEN r.day <= (SELECT MIN(day) FROM days) THEN (SELECT MIN(day) FROM days) ELSE r.day END,
        {sums}
    FROM reporting_revision v JOIN reporting_report r ON r.id = v.report_id{before}
    WHERE v.counted_at <= %(as_of)s AND r.day <= (SELECT MAX(day) FROM days){within}
    GROUP BY 1, 2),
counted (number, unit_id, {columns}) AS MATERIALIZED (
    SELECT days.number, moved.unit_id, {totals}
    FROM days JOIN moved ON moved.day <= days.day
    GROUP BY 1, 2)"""


def figures(
    unit: Unit, days: Sequence[date], as_of: datetime | None = None, *, at: datetime, hours: Mapping[date, DayHours]
) -> dict[date, list[Row]]:
    """The figures by day of every unit at or below `unit`, and of units elsewhere that may count there.

    `as_of` leaves out what counted or was recorded later; None is no bound. `hours` are those of each day; the status
    of the day is judged at `at`.
    """
    is_postgresql = connection.vendor == "postgresql"
    value = "(%(number_{0})s, CAST(%(day_{0})s AS date))" if is_postgresql else "(%(number_{0})s, %(day_{0})s)"
    parameters: dict[str, Any] = {"root": f"{unit.path}%"}
    if as_of is not None:
        parameters["as_of"] = connection.ops.adapt_datetimefield_value(as_of)
    for number, day in enumerate(days):
        parameters |= {f"number_{number}": number, f"day_{number}": day.isoformat()}
    parts = NOW if as_of is None else AS_OF | {"sums": _counted(unit)}
    parts = {"planned": "", "reports": "reporting_report", **parts, **(OF_COUNTRY if unit.is_country else {})}
    statement = FIGURES_SQL.format(
        **parts,
        within=f" AND {IN_TREE}" if unit.parent_id else "",
        of_day=fields.columns(fields.OF_DAY, "today" if as_of is None else "revised"),
        bases=fields.columns(fields.BASES, "b"),
        base_columns=", ".join(one.column for one in fields.BASES),
        days=", ".join(value.format(number) for number in range(len(days))),
    )
    found: dict[date, list[Row]] = {day: [] for day in days}
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        for number, *record in cursor:
            day = days[number]
            found[day].append(_figure(record, day, hours[day], at))
    return found


def _counted(unit: Unit) -> str:
    """The SQL of the sums that counted by the instant, by unit and day."""
    sums = {"cumulative": "v.delta"}
    sums |= {
        one.so_far: f"COALESCE(v.{one.column}, 0) - COALESCE(p.{one.column}, 0)" for one in fields.EXTRAS if one.so_far
    }
    before = """
    LEFT JOIN reporting_revision p ON p.report_id = v.report_id AND v.number > 1 AND p.number = v.number - 1"""
    return COUNTED.format(
        columns=", ".join(sums),
        sums=", ".join(f"SUM({one})" for one in sums.values()),
        totals=", ".join(f"CAST(SUM(moved.{name}) AS bigint)" for name in sums),
        before=before if fields.SO_FAR else "",
        within=f" AND r.{IN_TREE}" if unit.parent_id else "",
    )


def _figure(record: Sequence, day: date, hours: DayHours, at: datetime) -> Row:
    (
        unit_id, code, level, path, sort_key, phone, opened_on, closed_on, successor_id,
        split_from_id, handed_over, kind, name, population_on, population_source, received_at, version, last_day,
        last_kind, is_waiting, *numbers,
    ) = record  # fmt: skip
    by_name = dict(zip(fields.NAMES, numbers, strict=True))
    is_reported = by_name["installs"] is not None
    received_at = _instant(received_at) if is_reported else None
    is_carried = not is_reported and last_day is not None
    if not is_reported and last_day is None and not by_name["cumulative"]:
        by_name["cumulative"] = None  # the opening report was undone: the unit has never reported
    return Row(
        unit_id=unit_id,
        code=code,
        level=level,
        path=path,
        name=full_name(kind or "", name or code),  # that of the day, maybe not the newest
        kind=kind or "",
        short_name=name or code,
        sort_key=names.sort_key(name) if name else sort_key,  # the stored one is the newest name's
        phone=phone,
        opened_on=opened_on,
        is_open=(opened_on is None or opened_on <= day) and (closed_on is None or day < closed_on),
        successor_id=successor_id if closed_on is not None and closed_on <= day else None,
        split_from_id=split_from_id,
        # A unit whose reorganisation was withdrawn before it opened got nothing.
        handed_over=handed_over if opened_on and opened_on <= day and opened_on != closed_on else 0,
        is_owed=hours.is_due(path),
        status=day_status(hours, path, received_at=received_at, is_waiting=bool(is_waiting), at=at),
        population_on=population_on,
        population_source=population_source or "",
        received_at=received_at,
        version=version or 0,
        carried_from=last_day if is_carried else None,
        carries_opening=is_carried and last_kind == "opening",
        **by_name,
    )


def _instant(moment: datetime | None) -> datetime | None:
    """An aware instant: SQLite stores UTC without a zone."""
    return moment.replace(tzinfo=UTC) if moment is not None and moment.tzinfo is None else moment


class ReportRows(NamedTuple):
    """Rows that hold a report's figures: reports, or as of an instant revisions; `prefix` leads to the report."""

    rows: QuerySet
    prefix: str


def report_rows(condition: Q, as_of: datetime | None) -> ReportRows:
    """The reports that meet the condition on their own columns, as they are now or were at `as_of`."""
    reports = Report.objects.filter(condition).order_by()
    if as_of is None:
        return ReportRows(reports, "")
    return ReportRows(last_by(Revision.objects.filter(report__in=reports), as_of).order_by(), "report__")


def spans(condition: Q, as_of: datetime | None = None) -> list[tuple[str, date, date, int]]:
    """The reports of several days that meet the condition: unit's code, first day, own day, installs."""
    stored = report_rows(condition & Q(kind=Report.Kind.DAILY), as_of)
    several = stored.rows.filter(covers_from__isnull=False, installs__isnull=False)
    several = several.order_by(f"{stored.prefix}day", f"{stored.prefix}unit__code")
    return list(several.values_list(f"{stored.prefix}unit__code", "covers_from", f"{stored.prefix}day", "installs"))


class Covering(NamedTuple):
    """A report of several days: the first of them, and its own."""

    first: date
    day: date


def covered_on(top: Unit, day: date, as_of: datetime | None = None) -> dict[str, Covering]:
    """The first later report that covers the day, by code of the units at or below `top`."""
    later = spans(Q(unit__path__startswith=top.path, day__gt=day), as_of)
    return {code: Covering(first, until) for code, first, until, _installs in reversed(later) if first <= day}


def covered_days(unit: Unit, days: Collection[date], as_of: datetime | None = None) -> dict[date, date]:
    """For each day that a later report of the unit covers: the day of the first such report."""
    later = spans(Q(unit=unit, day__gt=min(days)), as_of) if days else []
    return {day: until for _code, first, until, _installs in reversed(later) for day in days if first <= day < until}


def last_by(revisions: QuerySet[Revision], as_of: datetime) -> QuerySet[Revision]:
    """Each report's last revision that counted by the instant."""
    later = Revision.objects.filter(report=OuterRef("report"), number__gt=OuterRef("number"), counted_at__lte=as_of)
    return revisions.filter(~Exists(later), counted_at__lte=as_of)
