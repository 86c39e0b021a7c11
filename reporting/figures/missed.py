"""The days without a report of a unit, each with its reason: board, form and list of days choose from these.

The reason is the status of the day, so they agree with every table. Pure.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from ..days.status import DayStatus, day_status
from ..deadline import DayHours


@dataclass(frozen=True, slots=True)
class MissedDay:
    """A day without a report, on which an order was in force."""

    day: date
    reason: DayStatus  # missing, waiting, excused, exempt or not due yet
    is_owed: bool  # a report was due; a downtime may still excuse the unit
    is_included: bool  # in a later report

    @property
    def is_missed(self) -> bool:
        """Whether the unit has to make up for it: not if a late request waits or a later report includes it."""
        return self.reason is DayStatus.MISSING and not self.is_included

    @property
    def may_be_made_up(self) -> bool:
        """Whether the unit can still send it: it was due, no request waits, and no later report includes it."""
        return self.is_owed and self.reason is not DayStatus.WAITING and not self.is_included


def missed_days(
    path: str,
    days: Iterable[date],
    *,
    hours: Mapping[date, DayHours],
    waiting: Collection[date] = (),
    included: Collection[date] = (),
    at: datetime,
) -> list[MissedDay]:
    """The reasons of `days`, on which the unit has no report, seen at `at`; days without an order are left out.

    `waiting` are the days with a waiting late request, `included` those in a later report.
    """
    return [
        MissedDay(day, reason, hours[day].is_due(path), day in included)
        for day in days
        if (reason := day_status(hours[day], path, received_at=None, is_waiting=day in waiting, at=at))
    ]


def days_between(last: date, day: date) -> list[date]:
    """The days after `last` and before `day`."""
    return [last + timedelta(days=number) for number in range(1, (day - last).days)]


def days_to_include(missed: Sequence[MissedDay], day: date) -> list[date]:
    """The owed days right before `day` that its number may include, oldest first.

    Counting back from `day`, they end at a day with a waiting request, in another report, or without an order.
    """
    run: list[date] = []
    expected = day - timedelta(days=1)
    for one in reversed(missed):
        if one.day != expected or one.reason is DayStatus.WAITING or one.is_included:
            break
        run += [one.day] if one.is_owed else []
        expected -= timedelta(days=1)
    return run[::-1]
