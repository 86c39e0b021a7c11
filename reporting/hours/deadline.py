"""The deadline is exact: a report is in time if its request arrives before 17:00:00, Hai Phong time."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
REPORT_DEADLINE = time(17, 0)  # a directive may set another
SIGNOFF_DEADLINE = time(17, 30)
CORRECTION_DAYS = 7
CORRECTION_DAYS_AT_MOST = 366  # a year, whatever is set


def reporting_day(at: datetime) -> date:
    """The Hai Phong calendar day of an instant."""
    return at.astimezone(ZONE).date()


def closes_at(day: date, hour: time = REPORT_DEADLINE) -> datetime:
    """The first instant that is too late for `day`."""
    return datetime.combine(day, hour, tzinfo=ZONE)


def is_in_time(at: datetime, *, closes_at: datetime | None) -> bool:
    """Whether `at` is before `closes_at` (17:00:00.000 is late); always without a deadline."""
    return closes_at is None or at < closes_at


def end_of_corrections(day: date, correction_days: int = CORRECTION_DAYS) -> datetime:
    """The first instant at which `day` is more than `correction_days` calendar days back."""
    correction_days = min(correction_days, CORRECTION_DAYS_AT_MOST)
    return datetime.combine(day + timedelta(days=correction_days + 1), time.min, tzinfo=ZONE)
