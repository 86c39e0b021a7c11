"""The real units with a made-up history, written in bulk: the same figures every time, the days counted from today."""

import random
from datetime import date, datetime, time, timedelta
from pathlib import Path

from django.contrib.auth.hashers import make_password
from django.db import connection

import reporting
from reporting.figures import rollup, sealed_table
from reporting.hours import deadline
from reporting.imports.kinds.units import import_units
from reporting.models import Directive, Report, Revision, Seal, SignOff, Unit, User

SEED = 60
DATA = Path(reporting.__file__).parent / "data"
PASSWORD = "an-office-password"
REPORTED, REPORTED_TODAY = 0.96, 0.85
BATCH = 5000
DAYS_AT_ONCE = 10


def fill(*, days: int, today: date) -> None:
    """Fill the default database with `days` full days before today, and today as it stands shortly before the hour."""
    first = today - timedelta(days=days)
    recorded_at = at(first - timedelta(days=1))
    for name in ("haiphong-2020-units.csv", "haiphong-agencies.csv"):
        import_units((DATA / name).read_bytes(), now=lambda: recorded_at)
    Directive.objects.create(
        number="1/CV",
        issuer="UBND",
        title="Bluezone",
        issued_on=recorded_at.date(),
        effective_from=first,
        recorded_at=recorded_at,
    )
    password = make_password(PASSWORD)
    people = [User(username=unit.code, unit=unit, password=password) for unit in Unit.objects.all()]
    User.objects.bulk_create(people)
    units = [unit for unit in Unit.objects.order_by("code") if not unit.children.exists()]
    chances = {unit.code: random.Random(f"{SEED}-{unit.code}") for unit in units}
    reports = [_opening(unit, first, chances[unit.code]) for unit in units]
    totals = {report.unit_id: report.installs for report in reports}
    visited = dict.fromkeys(totals, 0)
    for back in range(days, -1, -1):  # day by day, as a database is filled in real life
        day = today - timedelta(days=back)
        for unit in units:
            chance = chances[unit.code]
            if chance.random() < (REPORTED if back else REPORTED_TODAY):
                installs = chance.randint(0, 12)
                totals[unit.pk] += installs
                visited[unit.pk] += installs // 2
                reports.append(
                    Report(
                        unit=unit,
                        day=day,
                        installs=installs,
                        households_visited=installs // 2,
                        cumulative=totals[unit.pk],
                        households_so_far=visited[unit.pk],
                        received_at=at(day),
                    )
                )
        if len(reports) >= BATCH or not back:
            _store(reports)
            reports = []
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE")  # what its autovacuum would have done by now


def fix(*, days: int, today: date) -> None:
    """Confirm and seal the days gone by but the last; nothing was changed later, so the figures of now are those."""
    city, districts = Unit.objects.get(parent=None), list(Unit.objects.filter(level=Unit.Level.DISTRICT))
    clerks = {user.unit_id: user for user in User.objects.all()}
    gone_by = [today - timedelta(days=back) for back in range(days, 1, -1)]
    for start in range(0, len(gone_by), DAYS_AT_ONCE):
        sign_offs, seals = [], []
        for figures in rollup.rows_of_days(city, gone_by[start : start + DAYS_AT_ONCE]):
            for unit in districts:
                if not figures.by_code[unit.code].is_reporting:
                    below = figures.within(unit.code)
                    sign_offs.append(_fixed(SignOff, unit, below, time(17, 20), clerks[unit.pk]))
                    sign_offs[-1].cumulative = below.own.cumulative or 0
            seals.append(_fixed(Seal, city, figures, time(17, 40), None))
        SignOff.objects.bulk_create(sign_offs)
        Seal.objects.bulk_create(seals)


def _fixed(model, unit: Unit, figures: rollup.DayRollup, hour: time, by: User | None):
    table = sealed_table.table(figures)
    at = datetime.combine(figures.day, hour, tzinfo=deadline.ZONE)
    return model(unit=unit, day=figures.day, at=at, by=by, table=table, digest=sealed_table.digest(table))


def _opening(unit: Unit, first: date, chance: random.Random) -> Report:
    day = first - timedelta(days=1)
    installs = chance.randint(20, 60)
    return Report(unit=unit, day=day, kind="opening", installs=installs, cumulative=installs, received_at=at(first))


def _store(reports: list[Report]) -> None:
    Report.objects.bulk_create(reports)
    Revision.objects.bulk_create(
        Revision(
            report=report,
            number=1,
            installs=report.installs,
            households_visited=report.households_visited,
            delta=report.installs,
            kind="opening" if report.is_opening else "own",
            received_at=report.received_at,
            counted_at=report.received_at,
            by_name="made up",
        )
        for report in reports
    )


def at(day: date, hour: int = 10) -> datetime:
    return datetime.combine(day, time(hour), tzinfo=deadline.ZONE)
