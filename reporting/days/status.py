"""The status of a day for a reporting unit: the same on every page and in every file, message and API answer."""

from collections.abc import Iterable
from datetime import UTC, datetime
from enum import StrEnum

from ..deadline import DayHours

OWN_KINDS = ("own", "late")  # the kinds of revision that a unit sent itself, before or after its deadline
END_OF_TIME = datetime(9999, 12, 31, tzinfo=UTC)  # `at` for figures whose status nobody sees


class DayStatus(StrEnum):
    NOT_DUE_YET = "not_due_yet"
    ON_TIME = "on_time"
    LATE = "late"
    WAITING = "waiting"  # sent after the deadline, not yet decided
    MISSING = "missing"
    EXCUSED = "excused"  # neither late nor missing: there was a downtime, or nothing was due for some time
    EXEMPT = "exempt"  # nothing is due


def day_status(
    hours: DayHours, path: str, *, received_at: datetime | None, is_waiting: bool, at: datetime
) -> DayStatus | None:
    """The unit's status of the day as seen at `at`; None on a day that no directive covers. Reads no database.

    `received_at` is the arrival of the day's report, None without one; `is_waiting` says that a request waits.
    Only the arrival and the deadlines in force decide (`DayHours.is_late`), not who accepted the report or when.
    """
    if hours.order is None:
        return None
    if hours.exemption(path):
        return DayStatus.EXEMPT
    if received_at is None:
        if is_waiting:
            return DayStatus.WAITING
        if not hours.is_over(path, at):
            return DayStatus.NOT_DUE_YET
        return DayStatus.EXCUSED if hours.is_excused(path) else DayStatus.MISSING
    if hours.is_in_time(path, received_at):
        return DayStatus.ON_TIME
    return DayStatus.LATE if hours.is_late(path, received_at) else DayStatus.EXCUSED


def report_arrival(steps: Iterable[tuple[str, int | None, datetime]]) -> datetime | None:
    """When the first figures of a report arrived; None without any. `steps` are kind, installs and arrival, in order.

    After a void, the first figures that the unit sent itself decide: a superior's mistake does not make a unit late.
    Those before a void by the unit itself do not count.
    """
    arrived = own = before = None
    for kind, installs, received_at in steps:
        if installs is not None:
            if kind in OWN_KINDS:
                own = own or received_at
            if before is None:
                arrived = own or received_at
        elif kind == "own_void":
            own = None
        before = installs
    return arrived
