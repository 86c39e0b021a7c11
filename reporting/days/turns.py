"""The moments of a day at which pages change although nobody wrote anything: midnight, every hour and what is near it.

Which of them have passed is all that a page has of the clock, but for the minute that it prints. Whatever compares a
moment with the clock in `hours`, `days` and `pages` does it by an hour of a record and by one of `BEFORE_AND_AFTER`.
"""

from __future__ import annotations

from bisect import bisect_right
from datetime import UTC, date, datetime, time, timedelta

from django.db import models
from django.db.models.expressions import RawSQL

from ..hours import deadline
from ..hours.hours import LAST_HOUR, SEAL_AFTER

REPORTS_FIRST = timedelta(minutes=30)  # before the hour a first password waits
BEFORE_AND_AFTER = (-LAST_HOUR, -REPORTS_FIRST, timedelta(0), SEAL_AFTER)
STILL_TO_COME = timedelta(days=2)  # of what was granted: a moment before that is past for every page
# All hours that are recorded, and the moments until which something was granted, as one text of words "kind seconds".
HOURS_SQL = """(
    SELECT {join} FROM (
        SELECT DISTINCT 'report' AS kind, {report} AS seconds FROM reporting_directive
        UNION SELECT 'signoff', {signoff} FROM reporting_directive
        UNION SELECT 'asked', {hour} FROM reporting_askedhour WHERE hour IS NOT NULL
        UNION SELECT 'unit', {report} FROM reporting_unithour
        UNION SELECT 'extended', {until} FROM reporting_extension WHERE until > %s
        UNION SELECT 'granted', {until} FROM reporting_reopening WHERE closed_at IS NULL AND until > %s
    ) AS recorded
)"""
WRITTEN = {  # by vendor: how the words are joined, an hour of the day and a moment in seconds
    "postgresql": (
        "string_agg(kind || ' ' || seconds, ' ')",
        "CAST(extract(epoch FROM {}) AS bigint)",
        "CAST(extract(epoch FROM {}) AS bigint)",
    ),
    "sqlite": (
        "group_concat(kind || ' ' || seconds, ' ')",
        "CAST(strftime('%%s', '1970-01-01 ' || {}) AS integer)",
        "CAST(strftime('%%s', {}) AS integer)",
    ),
}


def recorded(vendor: str, at: datetime) -> RawSQL:
    """The hours that are recorded, for a query that reads something else too; read again by `passed`."""
    join, hour, moment = WRITTEN[vendor]
    text = HOURS_SQL.format(
        join=join,
        report=hour.format("report_deadline"),
        signoff=hour.format("signoff_deadline"),
        hour=hour.format("hour"),
        until=moment.format("until"),
    )
    since = f"{(at - STILL_TO_COME).astimezone(UTC):%Y-%m-%d %H:%M:%S}+00"
    return RawSQL(text, (since, since), output_field=models.TextField())  # noqa: S611  # nosec B611


def passed(hours: str | None, at: datetime) -> tuple[date, int]:
    """The day, and how many of its moments have passed at `at`; `hours` as `recorded` has them."""
    day = deadline.reporting_day(at)
    return day, bisect_right(_moments(hours, day), at)


def _moments(hours: str | None, day: date) -> list[datetime]:
    midnight = datetime.combine(day, time.min, tzinfo=deadline.ZONE)
    found = _found(hours, midnight)
    orders, sign_offs = found["report"], found["signoff"]
    later = [*found["unit"], *found["extended"]]
    # A later hour moves the hour of the confirmation along.
    moved = [hour + (sign_off - order) for hour in later for sign_off in sign_offs for order in orders]
    hours_of_day = {*orders, *sign_offs, *later, *moved, *found["asked"], *found["granted"]}
    near = {hour + apart for hour in hours_of_day for apart in BEFORE_AND_AFTER}
    clock = {midnight + timedelta(hours=hour, microseconds=1) for hour in range(25)}  # the columns of the arrivals
    return sorted(near | clock)


def _found(hours: str | None, midnight: datetime) -> dict[str, list[datetime]]:
    usual = {"report": deadline.REPORT_DEADLINE, "signoff": deadline.SIGNOFF_DEADLINE}
    found = {kind: [datetime.combine(midnight, hour, tzinfo=deadline.ZONE)] for kind, hour in usual.items()}
    found |= {kind: [] for kind in ("asked", "unit", "extended", "granted")}
    words = (hours or "").split()
    for kind, seconds in zip(words[::2], words[1::2], strict=True):
        if kind in ("extended", "granted"):
            found[kind].append(datetime.fromtimestamp(int(seconds), deadline.ZONE))
        else:
            found[kind].append(midnight + timedelta(seconds=int(seconds)))
    return found
