"""Finds in one query which kinds of records a unit's day has beside its report, such as requests.

Before the deadline there are usually none. A page that shows a kind reads its records itself.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import connection

from .. import deadline, read_cache
from ..models import Unit

NEWS_FOR = timedelta(days=3)  # how long a decision, or an entry made for the unit, is shown

RELATED_SQL = """
SELECT
    EXISTS (SELECT 1 FROM reporting_reopening WHERE unit_id = u.id AND closed_at IS NULL AND until > %(at)s),
    EXISTS (SELECT 1 FROM reporting_signoff WHERE unit_id = u.parent_id AND day = %(day)s AND withdrawn_at IS NULL),
    EXISTS (SELECT 1 FROM reporting_seal WHERE unit_id IN (
        SELECT id FROM reporting_unit WHERE code IN ({above})) AND day = %(day)s),
    EXISTS (SELECT 1 FROM reporting_unconfirmedreport WHERE unit_id = u.id AND day = %(day)s),
    EXISTS (SELECT 1 FROM reporting_reminder WHERE unit_id = u.id AND day = %(today)s),
    EXISTS (SELECT 1 FROM reporting_laterequest
        WHERE unit_id = u.id AND withdrawn_at IS NULL AND (decided_at IS NULL OR decided_at >= %(since)s)),
    EXISTS (SELECT 1 FROM reporting_revision v
        JOIN reporting_report r ON r.id = v.report_id JOIN reporting_user p ON p.id = v.by_id
        WHERE r.unit_id = u.id AND v.counted_at >= %(since)s AND (p.unit_id <> u.id OR p.unit_id IS NULL)),
    EXISTS (SELECT 1 FROM reporting_laterequest WHERE withdrawn_at IS NULL AND decided_at IS NULL),
    EXISTS (SELECT 1 FROM reporting_reopening WHERE closed_at IS NULL AND until > %(at)s),
    EXISTS (SELECT 1 FROM reporting_officialfigure),
    EXISTS (SELECT 1 FROM reporting_seal WHERE unit_id = u.id AND withdrawn_at IS NOT NULL)
FROM reporting_unit u WHERE u.id = %(unit)s
"""


@dataclass(frozen=True)
class OtherRecords:
    """Whether there is a record of each kind."""

    is_reopened: bool  # a day of the unit was reopened or returned, and its time has not ended
    is_signed: bool  # the superior has confirmed the day
    is_sealed: bool
    has_unconfirmed: bool  # figures of the day that the form asked about
    is_reminded: bool  # today
    has_request: bool  # a request waits, or was decided lately
    is_entered_by_others: bool  # someone else has lately written the unit's report
    any_request: bool  # a request of any unit waits
    any_reopened: bool  # a day of any unit is open again, or returned
    has_official: bool  # there is a ministry's figure of any unit
    has_undone_seal: bool  # the unit's seal of any day was undone


def other_records(unit: Unit, day: date, *, at: datetime) -> OtherRecords:
    """Those of the unit and the day, seen at `at`."""
    return _read(unit.pk, tuple(unit.codes), day, at)


@read_cache.cached
def _read(unit: int, codes: tuple[str, ...], day: date, at: datetime) -> OtherRecords:
    moments = {"at": at, "since": at - NEWS_FOR}
    asked: dict[str, Any] = {"unit": unit, "day": day, "today": deadline.reporting_day(at)}
    asked |= {name: connection.ops.adapt_datetimefield_value(moment) for name, moment in moments.items()}
    asked |= {f"code_{number}": code for number, code in enumerate(codes)}
    above = ", ".join(f"%(code_{number})s" for number in range(len(codes)))
    with connection.cursor() as cursor:
        cursor.execute(RELATED_SQL.format(above=above), asked)
        return OtherRecords(*map(bool, cursor.fetchone()))
