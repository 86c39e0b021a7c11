"""The deadline is exact: in time means that the request reached the server strictly before 17:00:00 in Hai Phong."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
REPORT_DEADLINE = time(17, 0)  # a directive may set another
SIGNOFF_DEADLINE = time(17, 30)
CORRECTION_DAYS = 7
CORRECTION_DAYS_AT_MOST = 366  # a year: what is older is history


def reporting_day(at: datetime) -> date:
    """The Hai Phong calendar day of an instant."""
    return at.astimezone(ZONE).date()


def closes_at(day: date, hour: time = REPORT_DEADLINE) -> datetime:
    """The first instant that is too late for `day`."""
    return datetime.combine(day, hour, tzinfo=ZONE)


def is_in_time(at: datetime, *, closes_at: datetime | None) -> bool:
    """16:59:59.999 is in time, 17:00:00.000 is late. Without a deadline nothing is late."""
    return closes_at is None or at < closes_at


def end_of_corrections(day: date, correction_days: int = CORRECTION_DAYS) -> datetime:
    """The first instant at which `day` is more than `correction_days` calendar days back."""
    correction_days = min(correction_days, CORRECTION_DAYS_AT_MOST)
    return datetime.combine(day + timedelta(days=correction_days + 1), time.min, tzinfo=ZONE)
