"""What an act of the set-up will do, before it is done: it is done, looked at, and never kept."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.db import transaction
from django.db.models import QuerySet

from ..days import hours_in_force
from ..figures import discipline
from ..models import LateRequest, Report, Unit


@dataclass(frozen=True, kw_only=True)
class Stand:
    """How a day stands for the units at and below one, or for all."""

    units: frozenset[str]  # by name, those that report for themselves
    due: int  # units that owe a report
    excused: int  # of those, whom nobody may call late or missing
    lapsed: int  # units that owe none because they were exempt when their hour passed
    late: int  # reports that are late
    waiting: int  # requests that wait
    closes_at: datetime | None  # the hour of the unit itself
    target_share: Decimal | None  # by the order in force


@dataclass(frozen=True, kw_only=True)
class Foreseen:
    """The day before and after the act."""

    day: date
    before: Stand
    after: Stand
    reports: int  # sent of the day, and going on to count
    is_of_all_later_days: bool = False  # an order, not a day


def foresee(act: Callable[[], object], *, unit: Unit, day: date, is_of_all_later_days: bool = False) -> Foreseen:
    """What `act` would make of the day for `unit` and all below it. Raises what the act raises."""
    with transaction.atomic():
        before = _stand(unit, day)
        act()
        after = _stand(unit, day)
        reports = _reports(unit, day).count()
        transaction.set_rollback(True)
    return Foreseen(day=day, before=before, after=after, reports=reports, is_of_all_later_days=is_of_all_later_days)


def _stand(unit: Unit, day: date) -> Stand:
    hours, units = hours_in_force.of_day(day), discipline.reporting(Unit.objects.below(unit).named(day), day)
    paths = [found.path for found in units]
    due = [path for path in paths if hours.is_due(path)]
    return Stand(
        units=frozenset(found.full_name for found in units),
        due=len(due),
        excused=sum(hours.is_excused(path) for path in due),
        lapsed=sum(map(hours.was_exempt_at_the_hour, paths)),
        late=sum(hours.is_late(*arrived) for arrived in _reports(unit, day).values_list("unit__path", "received_at")),
        waiting=LateRequest.objects.waiting().filter(day=day, unit__path__startswith=unit.path).count(),
        closes_at=hours.closes_at(unit.path),
        target_share=hours.order.target_share if hours.order else None,
    )


def _reports(unit: Unit, day: date) -> QuerySet[Report]:
    return Report.objects.filter(
        day=day, kind=Report.Kind.DAILY, installs__isnull=False, unit__path__startswith=unit.path
    )
