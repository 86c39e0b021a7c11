"""What is known of a unit before it reports a day: its sum, its mean, the days that it missed."""

from collections import Counter, defaultdict
from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date, timedelta
from fractions import Fraction
from operator import attrgetter

from django.db import connection

from .. import read_cache
from ..days import hours_in_force
from ..days.status import END_OF_TIME
from ..models import IncludedDays, LateRequest, Report, Unit
from . import fields, rules
from .missed import MissedDay, days_between, days_to_include, missed_days
from .rates import Span, mean_and_days
from .succession import Succession, first_day, included_by_successors, missing_before

REPORTED_DAYS = 7  # a mean covers this many
# What is stored of some units around a day: one index probe each, in one statement for all.
OF_UNIT = "FROM reporting_report WHERE unit_id = u.id"
COVERING = f"{OF_UNIT} AND day > %s AND (covers_from <= %s OR holds_from <= %s) AND installs IS NOT NULL ORDER BY day"
REPORTED = f"{OF_UNIT} AND day < %s AND installs IS NOT NULL ORDER BY day DESC"
ASKED = """FROM reporting_laterequest WHERE unit_id = u.id AND day < %s AND installs IS NOT NULL
    AND withdrawn_at IS NULL AND decided_at IS NULL ORDER BY day DESC"""
COVERED = ("day", "installs")
# One subquery each: with joins, PostgreSQL would read all reports.
AROUND = {
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
AROUND_SQL = "SELECT u.id, {places} FROM reporting_unit u WHERE u.id IN ({units})"
PLACES_OF_DAY = sum(place.count("%s") for place in AROUND.values())
# Each unit's last n reported days.
LATELY_SQL = """
SELECT r.unit_id, r.day, r.covers_from, r.installs
FROM reporting_unit u JOIN reporting_report r ON r.unit_id = u.id AND r.day < %s AND r.day >= COALESCE((
    SELECT day FROM reporting_report
    WHERE unit_id = u.id AND kind = 'daily' AND day < %s AND installs IS NOT NULL
    ORDER BY day DESC LIMIT 1 OFFSET %s), %s)
WHERE u.id IN ({units}) AND r.kind = 'daily' AND r.installs IS NOT NULL
ORDER BY r.day DESC
"""


@dataclass(frozen=True, kw_only=True)
class StoredDay(rules.KnownDay):
    """What is stored of a unit around a day, as the rules need it for the page and the write."""

    report: Report | None  # the day's own
    so_far: dict[str, int]  # the unit's own running sums up to the day before, by column
    covered_since: date | None  # the first earlier day that a later report covers
    reported: rules.EarlierReport | None  # the last earlier day with a report

    @property
    def cumulative_before(self) -> int:
        """The total up to the day before, with what merged units brought."""
        return self.before + self.merged_sum

    @property
    def version(self) -> int:
        return self.report.version if self.report else 0

    @property
    def is_reported(self) -> bool:
        return self.report is not None and self.report.installs is not None


@dataclass(frozen=True, kw_only=True)
class Standing(StoredDay):
    """What the form shows and asks of a unit before it reports a day."""

    mean: float | None  # installs a day over the last seven reported days, None without any
    mean_days: int  # of the mean: more than seven if a report covers several
    missed: list[MissedDay]  # the days since the last report, oldest first; none if it never reported
    missed_before: list[date]  # those that a number of the day may include

    @property
    def missed_apart(self) -> list[date]:
        """The missed days that a number of the day cannot include."""
        return [one.day for one in self.missed if one.is_missed and one.day not in self.missed_before]


def gap(reported: date | None, day: date, first_day: date | None = None) -> date | None:
    """The first of the days between the last `reported` one and `day`, exempt or not: a total of `day` covers them.

    For a unit that never reported it is the `first_day` asked for. None if there is no such day.
    """
    first = first_day if reported is None else reported + timedelta(days=1)
    return first if first and first < day else None


def stored_day(unit: Unit, day: date, *, says_a_total: bool = True) -> StoredDay:
    """What is stored now of the unit around `day`: all that an act needs.

    If a total is sent, all earlier reports are read too, to find the days that it holds.
    """
    found, start = _stored_of(unit, day), hours_in_force.campaign_start()
    if not says_a_total or start is None:
        return found
    parts = Succession().members([unit], day)
    return replace(found, missing_from=missing_before(unit, day, parts, start))


@read_cache.cached
def _stored_of(unit: Unit, day: date) -> StoredDay:
    return _stored([unit], day, Succession())[unit.pk]


def standing_of(unit: Unit, day: date) -> Standing:
    """The unit's present standing on `day`."""
    return standings_of([unit], day)[unit.pk]


def standings_of(units: Collection[Unit], day: date) -> dict[int, Standing]:
    """The standings of several units, by primary key, in a fixed number of queries."""
    succession = Succession()
    found = _stored(units, day, succession)
    means = _means(succession.members(units, day), day)
    missed = _missed(units, day, found)
    return {
        pk: Standing(
            **vars(record),
            mean=None if mean is None else float(mean),
            mean_days=mean_days,
            missed=missed[pk],
            missed_before=days_to_include(missed[pk], day),
        )
        for pk, record in found.items()
        for mean, mean_days in [means.get(pk, (None, 0))]
    }


def _stored(units: Collection[Unit], day: date, succession: Succession) -> dict[int, StoredDay]:
    """`StoredDay` by primary key."""
    start = hours_in_force.campaign_start()
    parts = succession.members(units, day)
    reports = Report.objects.filter(unit__in=units)
    of_the_day = reports.order_by().filter(day=day)
    opened = reports.order_by().filter(kind=Report.Kind.OPENING)
    reports = of_the_day.union(opened).order_by()  # each by its own index
    openings: dict[int, Report] = {}
    of_day: dict[int, Report] = {}
    by_key = {unit.pk: unit for unit in units}
    for report in reports:
        report.unit = by_key[report.unit_id]
        (openings if report.is_opening else of_day)[report.unit_id] = report
    found = _around(parts, day)
    sums = succession.stored_sums(by_key)
    lowest = {pk: succession.lowest(pk, day, sums) for pk in by_key if succession.family(pk)}
    brought, waiting_of_parts = _of_parts(parts, found)
    closed = [unit.pk for unit in units if unit.pk in succession.steps and unit.is_open_on(day)]
    ended = included_by_successors(closed, day, succession) if closed else {}

    def of_unit(unit: Unit) -> StoredDay:
        pk, own, report, opening = unit.pk, found[unit.pk], of_day.get(unit.pk), openings.get(unit.pk)
        so_far = {one.column: own[f"before_{one.column}"] or 0 for one in fields.RUNNING}
        reported, waiting = _alone(own, "last"), _alone(own, "asked", is_waiting=True)
        last = max(filter(None, (reported, waiting)), key=attrgetter("day"), default=None)
        return StoredDay(
            before=so_far["cumulative"],
            merged_sum=brought[pk] + succession.handed_over(pk, day),
            population=own["population"],
            counts_staff=unit.is_agency,
            installs=report.installs if report else None,
            adjustment=report.adjustment if report else 0,
            opening=opening.installs if opening else None,
            lowest_later=lowest.get(pk, own["lowest_later"]),
            highest_later=own["highest_later"],
            covered_by=_covering(own, day) or ended.get(pk),
            included=report.included if report else IncludedDays(),
            last=last,
            waiting=waiting or waiting_of_parts.get(pk),
            gap=gap(reported.day if reported else None, day, first_day(unit, start)),
            report=report,
            so_far=so_far,
            covered_since=own["covered_since"],
            reported=reported,
        )

    return {unit.pk: of_unit(unit) for unit in units}


def _around(units: Collection[int], day: date) -> dict[int, dict]:
    """The columns of `AROUND` by unit; None for what does not exist."""
    if not units:
        return {}
    places = ", ".join(f"(SELECT {place} LIMIT 1)" for place in AROUND.values())
    statement = AROUND_SQL.format(places=places, units=", ".join(["%s"] * len(units)))
    with connection.cursor() as cursor:
        cursor.execute(statement, [*[day] * PLACES_OF_DAY, *units])
        return {unit: dict(zip(AROUND, found, strict=True)) for unit, *found in cursor}


def _of_parts(parts: dict[int, int], found: dict) -> tuple[Counter[int], dict[int, rules.EarlierReport]]:
    """What closed units brought to their successors, and the last waiting day of each successor."""
    brought: Counter[int] = Counter()
    waiting: dict[int, rules.EarlierReport] = {}
    for part, unit in parts.items():
        if part != unit:
            brought[unit] += found[part]["before_cumulative"] or 0
            if asked := _alone(found[part], "asked", is_waiting=True):
                waiting[unit] = replace(asked, name=Unit.objects.named(asked.day).get(pk=part).full_name)
    return brought, waiting


def _covering(found: dict, day: date) -> rules.LaterReport | None:
    if found["covering_day"] is None:
        return None
    return rules.LaterReport(
        day=found["covering_day"],
        installs=found["covering_installs"],
    )


def _alone(found: dict, prefix: str, *, is_waiting: bool = False) -> rules.EarlierReport | None:
    if found[f"{prefix}_day"] is None:
        return None
    return rules.EarlierReport(day=found[f"{prefix}_day"], installs=found[f"{prefix}_installs"], is_waiting=is_waiting)


def _missed(units: Collection[Unit], day: date, found: dict[int, StoredDay]) -> dict[int, list[MissedDay]]:
    """The days since each unit's last report and before `day`, while it was open; judged as if all were over.

    A unit that never reported has missed none: its first report includes all.
    """
    days = {
        unit.pk: [one for one in days_between(last.day, day) if unit.is_open_on(one)]
        for unit in units
        if (last := found[unit.pk].reported or found[unit.pk].last)
    }
    hours = hours_in_force.hours_of_days(sorted(set().union(*days.values())))
    asking = [pk for pk, record in found.items() if record.last and record.last.is_waiting]
    requests = LateRequest.objects.waiting().filter(unit__in=asking, installs__isnull=False, day__lt=day)
    waiting = set(requests.values_list("unit_id", "day")) if asking else set()
    return {
        unit.pk: missed_days(
            unit.path,
            days.get(unit.pk, ()),
            hours=hours,
            waiting=[asked for pk, asked in waiting if pk == unit.pk],
            included=[one for one in days.get(unit.pk, ()) if (since := found[unit.pk].covered_since) and since <= one],
            at=END_OF_TIME,
        )
        for unit in units
    }


def _means(parts: dict[int, int], day: date) -> dict[int, tuple[Fraction | None, int]]:
    """`mean_and_days` of each unit's last reported days; `parts` says whose reports count for which unit."""
    if not parts:
        return {}
    found = defaultdict(list)
    with connection.cursor() as cursor:
        statement = LATELY_SQL.format(units=", ".join(["%s"] * len(parts)))
        cursor.execute(statement, [day, day, REPORTED_DAYS - 1, date.min, *parts])
        for part, reported_day, covers_from, count in cursor:
            found[parts[part]].append(Span(covers_from or reported_day, reported_day, count))
    return {unit: mean_and_days(reports) for unit, reports in found.items()}
