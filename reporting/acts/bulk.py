"""`store.write_revision` for many reports in few statements, with their sign-offs. Call it inside the lock."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

from django.conf import settings
from django.db import connection
from django.db.models import QuerySet
from django.utils import translation
from django.utils.translation import gettext as _

from ..figures import fields
from ..models import Reopening, Report, SignOff, UnconfirmedReport, Unit
from . import locking
from .store import Stamp, unsealed_sign_offs

PLACE = ("unit_id", "day", "kind")
RUNNING = {"cumulative": "COALESCE(installs, 0) + adjustment"} | {
    count.so_far: f"COALESCE({count.column}, 0)" for count in fields.EXTRAS if count.so_far
}
CHANGED = (*fields.REPORTED, *RUNNING, "received_at", "version")
COLUMNS = (*PLACE, *CHANGED)
ROWS = 500  # per statement
REPORTS_SQL = """
INSERT INTO reporting_report ({columns}) VALUES {rows} ON CONFLICT (unit_id, day) DO UPDATE SET {changes}
"""
# Computes each unit's running sums again and updates those that differ, for any number of units and days.
RUNNING_SQL = """
UPDATE reporting_report SET {changes}
FROM (SELECT id, {sums} FROM reporting_report WHERE unit_id IN ({units})) AS summed
WHERE reporting_report.id = summed.id AND ({differing})
"""
SUM_SQL = "SUM({sql}) OVER (PARTITION BY unit_id ORDER BY day) AS {name}"
# Adds a revision to every report whose version is ahead of its history.
REVISIONS_SQL = """
INSERT INTO reporting_revision (
    report_id, number, {kept}, delta, kind, reason, paper_ref, source, received_at, counted_at, by_id, by_name)
SELECT r.id, r.version, {kept_of_report},
    COALESCE(r.installs, 0) + r.adjustment
        - COALESCE((SELECT SUM(v.delta) FROM reporting_revision v WHERE v.report_id = r.id), 0),
    %s, CASE WHEN {is_doubtful} THEN %s ELSE %s END, %s, %s, %s, %s, %s, %s
FROM reporting_report r
WHERE r.unit_id IN ({units})
    AND r.version > COALESCE((SELECT MAX(v.number) FROM reporting_revision v WHERE v.report_id = r.id), 0)
ORDER BY r.unit_id, r.day
"""


class Batch(NamedTuple):
    """Reports with their new versions and cumulatives, and the statements that store them."""

    reports: Sequence[Report]
    statements: list[tuple[str, list]]


def batch(reports: Sequence[Report]) -> Batch:
    """Prepare the statements, before the lock is taken."""
    return Batch(reports, [_insert(reports[start : start + ROWS]) for start in range(0, len(reports), ROWS)])


def _insert(reports: Sequence[Report]) -> tuple[str, list]:
    row = f"({', '.join(['%s'] * len(COLUMNS))})"
    by_column = {field.column: field for field in Report._meta.concrete_fields}
    fields = [by_column[column] for column in COLUMNS]
    values = [
        field.get_db_prep_save(getattr(report, field.attname), connection) for report in reports for field in fields
    ]
    statement = REPORTS_SQL.format(
        columns=", ".join(COLUMNS),
        rows=", ".join([row] * len(reports)),
        changes=", ".join(f"{column} = excluded.{column}" for column in CHANGED),
    )
    return statement, values


def write_batch(ready: Batch, stamp: Stamp, *, explanation: str = "") -> None:
    """Store reports that were checked before, and add a revision to each. Call it inside the lock.

    They count from now on, or from the newest revision of these units if its time is later. Sign-offs of the days are
    withdrawn, unless the day is sealed; reopenings and questions end. Only revisions of doubtful figures are explained.
    """
    written = list({report.unit for report in ready.reports})
    counted_at = locking.counted_from_of_all(written, stamp.now())
    units = [unit.pk for unit in written]
    listed = ", ".join(["%s"] * len(units))
    instants = [connection.ops.adapt_datetimefield_value(instant) for instant in (stamp.at, counted_at)]
    is_doubtful, doubtful = _is_doubtful(ready.reports)
    reasons = ["; ".join(filter(None, [stamp.reason, explanation])), stamp.reason]
    signed = [stamp.paper_ref, stamp.source, *instants, stamp.by and stamp.by.pk, stamp.by_name]
    stamped = [stamp.kind, *doubtful, *reasons, *signed]
    revisions = REVISIONS_SQL.format(
        kept=", ".join(fields.REPORTED),
        kept_of_report=", ".join(f"r.{column}" for column in fields.REPORTED),
        is_doubtful=is_doubtful,
        units=listed,
    )
    with connection.cursor() as cursor:
        for statement, values in ready.statements:
            cursor.execute(statement, values)
        cursor.execute(_running_sql(listed), units)
        cursor.execute(revisions, [*stamped, *units])
    _withdraw_sign_offs(ready.reports, stamp, counted_at)
    places = {(report.unit_id, report.day) for report in ready.reports if not report.is_opening}
    reopenings = Reopening.objects.in_force(counted_at).filter(unit__in=units, day__in={day for _unit, day in places})
    Reopening.objects.filter(pk__in=_keys(reopenings, places)).update(closed_at=counted_at)
    asked = UnconfirmedReport.objects.filter(unit__in=units, sent_at__lte=stamp.at)
    UnconfirmedReport.objects.filter(pk__in=_keys(asked, places)).delete()


def _keys(records: QuerySet, places: set) -> list[int]:
    return [pk for pk, *place in records.values_list("pk", "unit_id", "day") if tuple(place) in places]


def _running_sql(units: str) -> str:
    return RUNNING_SQL.format(
        changes=", ".join(f"{name} = summed.{name}" for name in RUNNING),
        sums=", ".join(SUM_SQL.format(sql=sql, name=name) for name, sql in RUNNING.items()),
        differing=" OR ".join(f"reporting_report.{name} <> summed.{name}" for name in RUNNING),
        units=units,
    )


def _is_doubtful(reports: Iterable[Report]) -> tuple[str, list]:
    """The SQL condition that a report is doubtful, and its parameters."""
    doubtful = [report for report in reports if getattr(report, "is_doubtful", False)]
    if not doubtful:
        return "1 = 0", []
    values = [(report.unit_id, connection.ops.adapt_datefield_value(report.day)) for report in doubtful]
    places = ", ".join(["(%s, %s)"] * len(values))
    return f"(r.unit_id, r.day) IN (VALUES {places})", [value for place in values for value in place]


def confirmations_ended(reports: Sequence[Report]) -> list[SignOff]:
    """The sign-offs that are withdrawn when the reports are stored, with their superiors' names on the newest day."""
    days = {(report.unit.parent_id, report.day) for report in reports if not report.is_opening}
    superiors, dates = {superior for superior, _day in days}, {day for _superior, day in days}
    sign_offs = unsealed_sign_offs({report.unit for report in reports}).filter(unit__in=superiors, day__in=dates)
    sign_offs = sign_offs.order_by("day", "unit__sort_key").defer("table")
    ended = [sign_off for sign_off in sign_offs if (sign_off.unit_id, sign_off.day) in days]
    named = Unit.objects.named(max(dates)).in_bulk({sign_off.unit_id for sign_off in ended}) if ended else {}
    for sign_off in ended:
        sign_off.unit = named[sign_off.unit_id]
    return ended


def _withdraw_sign_offs(reports: Sequence[Report], stamp: Stamp, at: datetime) -> None:
    withdrawn = confirmations_ended(reports)
    if not withdrawn:
        return
    with translation.override(settings.LANGUAGE_CODE):  # stored text is not in the writer's language
        reason = _("figures were imported (%(source)s): to be confirmed again") % {"source": stamp.source[:150]}
    SignOff.objects.filter(pk__in=[one.pk for one in withdrawn]).withdraw(reason, stamp.by, at)
