"""Many figures in one short transaction, by the rules of `submissions.write`: reports, revisions, cumulatives."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db import connection
from django.db.models import Exists, Max, OuterRef
from django.utils import translation
from django.utils.translation import gettext as _

from . import submissions
from .models import Report, Revision, Seal, SignOff, Unit, User

# The running sum of each unit again, where it differs: one statement for any number of units and days.
CUMULATIVES_SQL = """
UPDATE reporting_report SET cumulative = summed.total
FROM (
    SELECT id, SUM(COALESCE(installs, 0) + adjustment) OVER (PARTITION BY unit_id ORDER BY day) AS total
    FROM reporting_report WHERE unit_id IN ({units})
) AS summed
WHERE reporting_report.id = summed.id AND reporting_report.cumulative <> summed.total
"""


@dataclass(frozen=True, slots=True)
class Change:
    """A report as it will stand, its version and cumulative already moved on; `delta` is what it adds to them."""

    report: Report
    delta: int


def known_from(units: Sequence[Unit], now: datetime) -> datetime:
    """From when figures count that are written now, inside the lock: after every table fixed and every step before."""
    counted = Revision.objects.filter(report__unit__in=units).aggregate(at=Max("counted_at"))["at"]
    known = submissions.known_from(now)
    return max(known, counted) if counted else known


def write(changes: Sequence[Change], *, by: User | None, source: str, reason: str, at: datetime, now: datetime) -> None:
    """Store the reports and add a revision of kind import to each. Inside the lock; the changes were checked before.

    A sign-off that stands over a day is withdrawn, unless the day is sealed.
    """
    units = list({change.report.unit for change in changes})
    counted_at = known_from(units, now)
    reports = Report.objects.bulk_create(
        [change.report for change in changes],
        update_conflicts=True,
        unique_fields=["unit", "day"],
        update_fields=[
            "installs",
            "adjustment",
            "covers_from",
            "households_visited",
            "note",
            "cumulative",
            "received_at",
            "is_late",
            "version",
        ],
    )
    placeholders = ", ".join(["%s"] * len(units))
    with connection.cursor() as cursor:
        cursor.execute(CUMULATIVES_SQL.format(units=placeholders), [unit.pk for unit in units])
    Revision.objects.bulk_create(
        Revision(
            report=report,
            number=report.version,
            installs=report.installs,
            adjustment=report.adjustment,
            covers_from=report.covers_from,
            households_visited=report.households_visited,
            note=report.note,
            is_late=report.is_late,
            delta=change.delta,
            kind=Revision.Kind.IMPORT,
            reason=reason,
            source=source,
            received_at=at,
            counted_at=counted_at,
            by=by,
            by_name=by.display_name if by else source,
        )
        for report, change in zip(reports, changes, strict=True)
    )
    _withdraw_sign_offs(changes, by, source, counted_at)


def _withdraw_sign_offs(changes: Sequence[Change], by: User | None, source: str, at: datetime) -> None:
    touched = {(change.report.unit.parent_id, change.report.day) for change in changes if not change.report.is_opening}
    sealed = Seal.objects.filter(day=OuterRef("day"))
    standing = SignOff.objects.standing().filter(
        ~Exists(sealed), unit__in={unit for unit, _day in touched}, day__in={day for _unit, day in touched}
    )
    withdrawn = [pk for pk, *place in standing.values_list("pk", "unit_id", "day") if tuple(place) in touched]
    if not withdrawn:
        return
    with translation.override(settings.LANGUAGE_CODE):  # kept as written, whatever the writer reads
        reason = _("figures were imported (%(source)s): to be confirmed again") % {"source": source[:150]}
    SignOff.objects.filter(pk__in=withdrawn).update(withdrawn_at=at, withdrawn_by=by, withdrawal_reason=reason)
