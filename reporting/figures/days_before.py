"""The days before one day, below a unit: its own row of each, and what those right below it have installed.

The day itself has been rolled up. Of the days before it the database sums what was reported, and the cumulative is
that of the day less what was counted since. A day on which the tree, its people or what was due was another than on the
day is rolled up whole.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta

from django.db import connection

from ..days import hours_in_force
from ..hours.hours import DayHours
from ..models import Unit
from ..models.units import IS_OPEN, closed_units
from . import fields, rollup
from .pace import MEAN_OVER
from .rollup import DEFAULT_TARGET_SHARE, DayRollup, Row

# By day, and by superior or, right below the root, by unit: what was reported by those that report for themselves.
# As of an instant that is summed from the revisions; now the sums are kept but for those right below the root.
REPORTED_SQL = """
SELECT r.day, g.path, u.level = 'agency', COUNT(said.installs),
    SUM(CASE WHEN said.installs IS NOT NULL AND said.is_late THEN 1 ELSE 0 END),
    {concat}(CASE WHEN said.installs IS NOT NULL AND r.day > %(lately)s THEN u.code END, ','),
    SUM(COALESCE(said.installs, 0) + said.adjustment), {of_day}
FROM reporting_unit u
JOIN reporting_unit g ON g.id = CASE WHEN u.parent_id = %(unit)s THEN u.id ELSE u.parent_id END
JOIN reporting_report r ON r.unit_id = u.id AND r.day >= %(first)s AND r.day < %(last)s AND r.kind = 'daily'
{said}
WHERE u.path LIKE %(root)s AND {is_open} AND NOT EXISTS (
    SELECT 1 FROM reporting_unit c WHERE c.parent_id = u.id AND {is_child_open})
GROUP BY r.day, g.path, u.level = 'agency'
"""
SAID_NOW = "JOIN reporting_report said ON said.id = r.id AND u.parent_id = %(unit)s"
# Of those further below, and the codes of who has reported each of the last days.
KEPT_SQL = """
UNION ALL SELECT k.day, g.path, FALSE, SUM(k.reported), SUM(k.late), NULL,
    CAST(SUM(k.installs + k.adjustment) AS bigint), {kept_of_day}
FROM reporting_daysum k
JOIN reporting_unit s ON s.id = k.superior_id
JOIN reporting_unit g ON g.parent_id = %(unit)s AND s.path LIKE g.path || '%%'
WHERE k.day >= %(first)s AND k.day < %(last)s AND NOT k.is_agency AND s.path LIKE %(root)s
GROUP BY k.day, g.path
UNION ALL SELECT r.day, NULL, FALSE, 0, 0, {concat}(u.code, ','), 0, {nothing_of_day}
FROM reporting_report r JOIN reporting_unit u ON u.id = r.unit_id
WHERE r.day > %(lately)s AND r.day >= %(first)s AND r.day < %(last)s AND r.kind = 'daily' AND r.installs IS NOT NULL
    AND u.path LIKE %(root)s AND u.parent_id <> %(unit)s AND u.level <> 'agency'
GROUP BY r.day
"""
SAID_THEN = """JOIN reporting_revision said ON said.id = (
    SELECT id FROM reporting_revision
    WHERE report_id = r.id AND counted_at <= %(as_of)s ORDER BY number DESC LIMIT 1)"""
# The days on which a unit opened or other base figures came into force; and how many of the units that report were
# heard of for the first time on which day.
TREE_SQL = """
SELECT 'changed', opened_on, 0 FROM reporting_unit
WHERE path LIKE %(root)s AND opened_on > %(first)s AND opened_on <= %(day)s
UNION ALL SELECT 'changed', b.effective_on, 0 FROM reporting_basefigure b JOIN reporting_unit u ON u.id = b.unit_id
WHERE b.effective_on > %(first)s AND b.effective_on <= %(day)s AND u.path LIKE %(root)s
UNION ALL SELECT 'heard', heard.day, COUNT(*) FROM (
    SELECT COALESCE({opened}(
        SELECT day FROM reporting_report r WHERE unit_id = u.id{was_counted} ORDER BY day LIMIT 1)) AS day
    FROM reporting_unit u{joined}
    WHERE u.path LIKE %(root)s AND u.level <> 'agency' AND {is_open} AND NOT EXISTS (
        SELECT 1 FROM reporting_unit c WHERE c.parent_id = u.id AND {is_child_open})) heard
WHERE heard.day IS NOT NULL GROUP BY heard.day
"""
WAS_COUNTED = " AND EXISTS (SELECT 1 FROM reporting_revision WHERE report_id = r.id AND counted_at <= %(as_of)s)"
PROBED = {"opened": "NULL, ", "joined": ""}
# Who reported what there was before the campaign was heard of by then: nearly all, which PostgreSQL finds without a
# probe for each. SQLite would look through all reports of each.
OPENED = {
    "opened": "o.day, ",
    "joined": """
    LEFT JOIN reporting_report o ON o.unit_id = u.id AND o.kind = 'opening' AND o.day <= %(first)s""",
}
OPEN = {"is_open": IS_OPEN.format("u"), "is_child_open": IS_OPEN.format("c")}
CONCAT = {"sqlite": "group_concat", "postgresql": "string_agg"}


@dataclass(frozen=True)
class OfDay:
    """A day below a unit."""

    day: date
    own: Row  # named as on the last of the days
    installs: Mapping[str, int | None]  # by code, of the units right below
    reported: frozenset[str]  # the codes of who has reported, in the last days alone


def of(unit: Unit, figures: DayRollup, days: Sequence[date]) -> list[OfDay]:
    """The `days` before the day of `figures`, oldest first, on which the unit was known, and that day last.

    They are seen at the moment at which `figures` are. The number of queries depends on neither units nor days.
    """
    tree = _Tree() if figures.own.is_reporting or not days else _Tree.read(unit, figures, days[0])
    summed = [day for day in days if tree.is_like_the_day(day)]
    whole = [day for day in days if day not in summed]
    found = {then.day: _rolled_up(then) for then in _whole(unit, whole, figures.as_of)}
    found |= {of_day.day: of_day for of_day in _summed(unit, figures, summed, tree)}
    return [found[day] for day in days if day in found] + [_rolled_up(figures)]


def _whole(unit: Unit, days: Sequence[date], as_of: datetime | None) -> list[DayRollup]:
    rollups = rollup.rows_of_days(unit, days, as_of) if days else []
    return [then for then in rollups if unit.code in then.by_code]


def _rolled_up(figures: DayRollup) -> OfDay:
    return OfDay(
        day=figures.day,
        own=figures.own,
        installs={code: row.installs for code, row in figures.by_code.items()},
        reported=figures.senders.reported,
    )


@dataclass(frozen=True)
class _Tree:
    """How the tree of the day came about."""

    since: date = date.max  # it and its people are as on the day
    heard: Mapping[date, int] = field(default_factory=dict)  # units whose first figures are of that day
    hours: Mapping[date, DayHours] = field(default_factory=dict)
    path: str = ""

    @classmethod
    def read(cls, unit: Unit, figures: DayRollup, first: date) -> _Tree:
        since = [closed_on for _unit, closed_on, _heir in closed_units() if first < closed_on <= figures.day]
        heard, is_now = {}, figures.as_of is None
        opened = OPENED if is_now and connection.vendor == "postgresql" else PROBED
        with connection.cursor() as cursor:
            asked = _asked(unit, figures) | {"first": first}
            cursor.execute(TREE_SQL.format(was_counted="" if is_now else WAS_COUNTED, **opened, **OPEN), asked)
            for what, day, number in cursor:
                if what == "changed":
                    since.append(day)
                else:
                    heard[day] = number
        days = [first + timedelta(days=number) for number in range((figures.day - first).days)]
        return cls(max(since, default=first), heard, hours_in_force.of_days(days, figures.as_of), unit.path)

    def is_like_the_day(self, day: date) -> bool:
        """Whether it differs from the day in what was reported, and in nothing else: everybody owed a report."""
        return day >= self.since and not any(
            one.path.startswith(self.path) or self.path.startswith(one.path)
            for one in (*self.hours[day].exempted, *self.hours[day].lapsed)
        )

    def known(self, day: date) -> int:
        """Units that have figures by the day."""
        return sum(number for first, number in self.heard.items() if first <= day)


@dataclass
class _Sums:
    """What was reported of a day."""

    reported: int = 0
    late: int = 0
    codes: list[str] = field(default_factory=list)
    counted: int = 0  # into the cumulative
    of_day: list[Sequence[int | None]] = field(default_factory=list)  # in the order of `fields.OF_DAY`
    installs: dict[str, int | None] = field(default_factory=dict)  # by code of the units right below

    def add(self, below: str, reported: int, late: int, codes: str | None, counted: int, *of_day: int | None) -> None:
        self.reported += reported
        self.late += late
        self.codes += codes.split(",") if codes else []
        self.counted += counted
        self.of_day.append(of_day)
        self.installs[below] = fields.known([self.installs.get(below), of_day[0]])

    @property
    def counts(self) -> dict[str, int | None]:
        """By name what is counted of the day."""
        columns = zip(*self.of_day, strict=True) if self.of_day else [[one.nothing] for one in fields.OF_DAY]
        return {one.name: one.sum(column) for one, column in zip(fields.OF_DAY, columns, strict=True)}


def _summed(unit: Unit, figures: DayRollup, days: Sequence[date], tree: _Tree) -> Iterator[OfDay]:
    """The newest first."""
    if not days:
        return
    sums = _reported(unit, figures, days[0])
    own, units = figures.own, figures.senders.units
    counted_since, day = (own.installs or 0) + own.adjustment, figures.day - timedelta(days=1)
    while day >= days[0]:
        of_day = sums[day]
        if day in days:
            known = tree.known(day)
            cumulative = own.cumulative - counted_since if known else None
            row = _row(own, of_day, tree.hours[day], units=units, known=known, cumulative=cumulative)
            yield OfDay(day, row, of_day.installs, frozenset(of_day.codes))
        counted_since += of_day.counted
        day -= timedelta(days=1)


def _row(own: Row, sums: _Sums, hours: DayHours, *, units: int, known: int, cumulative: int | None) -> Row:
    is_due = hours.order is not None
    return replace(
        own,
        target_share=hours.order.target_share if is_due else DEFAULT_TARGET_SHARE,
        expected=units if is_due else 0,
        reported=sums.reported if is_due else 0,
        late=sums.late if is_due else 0,
        on_time=sums.reported - sums.late if is_due else 0,
        carried_forward=known - sums.reported,
        cumulative=cumulative,
        **sums.counts,
    )


def _asked(unit: Unit, figures: DayRollup) -> dict:
    asked = {"root": f"{unit.path}%", "unit": unit.pk, "day": figures.day}
    if figures.as_of is not None:
        asked["as_of"] = connection.ops.adapt_datetimefield_value(figures.as_of)
    return asked


def _reported(unit: Unit, figures: DayRollup, first: date) -> dict[date, _Sums]:
    """From the first day up to that of the figures."""
    statement = REPORTED_SQL + KEPT_SQL if figures.as_of is None else REPORTED_SQL
    statement = statement.format(
        concat=CONCAT[connection.vendor],
        of_day=", ".join(f"SUM({fields.columns([one], 'said')})" for one in fields.OF_DAY),
        kept_of_day=", ".join(map(_kept, fields.OF_DAY)),
        nothing_of_day=", ".join(["NULL" if one.nothing is None else f"{one.nothing}" for one in fields.OF_DAY]),
        said=SAID_NOW if figures.as_of is None else SAID_THEN,
        **OPEN,
    )
    lately = figures.day - timedelta(days=MEAN_OVER + 1)
    found = defaultdict(_Sums)
    with connection.cursor() as cursor:
        cursor.execute(statement, _asked(unit, figures) | {"first": first, "last": figures.day, "lately": lately})
        for day, path, is_agency, *summed in cursor:
            below = path.removeprefix(unit.path).split("/") if path else [""]
            if not is_agency:
                found[day].add(below[0], *summed)
            elif len(below) == 2:  # right below the unit
                found[day].installs[below[0]] = summed[4]
    return found


def _kept(one: fields.Field) -> str:
    """What is kept of a day, missing where nobody has said it."""
    summed = f"CAST(SUM(k.{one.column}) AS bigint)"
    if one.nothing is not None:
        return summed
    said = "reported" if one is fields.INSTALLS else f"{one.column}_said"
    return f"CASE WHEN SUM(k.{said}) > 0 THEN {summed} END"
