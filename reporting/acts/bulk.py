"""Many figures in one short transaction, by the rules of `write.write`: reports, revisions, cumulatives."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.conf import settings
from django.db import connection
from django.db.models import Exists, Max, OuterRef
from django.utils import translation
from django.utils.translation import gettext as _

from ..models import Report, Revision, Seal, SignOff, Unit, User
from . import locking

COLUMNS = (
    *("unit_id", "day", "kind", "installs", "adjustment", "covers_from", "households_visited", "note"),
    *("cumulative", "received_at", "is_late", "version"),
)
CHANGED = [column for column in COLUMNS if column not in ("unit_id", "day", "kind")]
ROWS = 500  # of one statement
REPORTS_SQL = """
INSERT INTO reporting_report ({columns}) VALUES {rows} ON CONFLICT (unit_id, day) DO UPDATE SET {changes}
"""
# The running sum of each unit again, where it differs: one statement for any number of units and days.
CUMULATIVES_SQL = """
UPDATE reporting_report SET cumulative = summed.total
FROM (
    SELECT id, SUM(COALESCE(installs, 0) + adjustment) OVER (PARTITION BY unit_id ORDER BY day) AS total
    FROM reporting_report WHERE unit_id IN ({units})
) AS summed
WHERE reporting_report.id = summed.id AND reporting_report.cumulative <> summed.total
"""
# A revision of every report that is a version ahead of its history.
REVISIONS_SQL = """
INSERT INTO reporting_revision (
    report_id, number, installs, adjustment, covers_from, households_visited, note, is_late, delta,
    kind, reason, paper_ref, source, received_at, counted_at, by_id, by_name)
SELECT r.id, r.version, r.installs, r.adjustment, r.covers_from, r.households_visited, r.note, r.is_late,
    COALESCE(r.installs, 0) + r.adjustment
        - COALESCE((SELECT SUM(v.delta) FROM reporting_revision v WHERE v.report_id = r.id), 0),
    %s, %s, '', %s, %s, %s, %s, %s
FROM reporting_report r
WHERE r.unit_id IN ({units})
    AND r.version > COALESCE((SELECT MAX(v.number) FROM reporting_revision v WHERE v.report_id = r.id), 0)
ORDER BY r.unit_id, r.day
"""


@dataclass(frozen=True)
class Batch:
    """Reports as they will stand, their versions and cumulatives moved on, made ready to be written at one go."""

    units: list[Unit]
    days: set[tuple[int | None, date]]  # superior and day of the daily reports: whose confirmations end
    statements: list[tuple[str, list]]


def batch(reports: Sequence[Report]) -> Batch:
    """Everything that can be done before the lock is taken."""
    return Batch(
        units=list({report.unit for report in reports}),
        days={(report.unit.parent_id, report.day) for report in reports if not report.is_opening},
        statements=[_insert(reports[start : start + ROWS]) for start in range(0, len(reports), ROWS)],
    )


def _insert(reports: Sequence[Report]) -> tuple[str, list]:
    row = f"({', '.join(['%s'] * len(COLUMNS))})"
    fields = [Report._meta.get_field(column.removesuffix("_id")) for column in COLUMNS]
    values = [
        field.get_db_prep_save(getattr(report, field.attname), connection) for report in reports for field in fields
    ]
    statement = REPORTS_SQL.format(
        columns=", ".join(COLUMNS),
        rows=", ".join([row] * len(reports)),
        changes=", ".join(f"{column} = excluded.{column}" for column in CHANGED),
    )
    return statement, values


def known_from(units: Sequence[Unit], now: datetime) -> datetime:
    """From when figures count that are written now, inside the lock: after every table fixed and every step before."""
    counted = Revision.objects.filter(report__unit__in=units).aggregate(at=Max("counted_at"))["at"]
    known = locking.known_from(now)
    return max(known, counted) if counted else known


def write(ready: Batch, *, by: User | None, source: str, reason: str, at: datetime, now: datetime) -> None:
    """Store the reports and add a revision of kind import to each. Inside the lock; the reports were checked before.

    A sign-off that stands over a day is withdrawn, unless the day is sealed.
    """
    counted_at = known_from(ready.units, now)
    units = [unit.pk for unit in ready.units]
    listed = ", ".join(["%s"] * len(units))
    instants = [connection.ops.adapt_datetimefield_value(instant) for instant in (at, counted_at)]
    stamp = [Revision.Kind.IMPORT.value, reason, source, *instants]
    with connection.cursor() as cursor:
        for statement, values in ready.statements:
            cursor.execute(statement, values)
        cursor.execute(CUMULATIVES_SQL.format(units=listed), units)
        person = [by.pk, by.display_name] if by else [None, source]
        cursor.execute(REVISIONS_SQL.format(units=listed), [*stamp, *person, *units])
    _withdraw_sign_offs(ready, by, source, counted_at)


def _withdraw_sign_offs(ready: Batch, by: User | None, source: str, at: datetime) -> None:
    sealed = Seal.objects.filter(day=OuterRef("day"))
    standing = SignOff.objects.standing().filter(
        ~Exists(sealed), unit__in={unit for unit, _day in ready.days}, day__in={day for _unit, day in ready.days}
    )
    withdrawn = [pk for pk, *place in standing.values_list("pk", "unit_id", "day") if tuple(place) in ready.days]
    if not withdrawn:
        return
    with translation.override(settings.LANGUAGE_CODE):  # kept as written, whatever the writer reads
        reason = _("figures were imported (%(source)s): to be confirmed again") % {"source": source[:150]}
    SignOff.objects.filter(pk__in=withdrawn).update(withdrawn_at=at, withdrawn_by=by, withdrawal_reason=reason)
