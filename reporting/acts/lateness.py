"""The hours of days have changed: what came within them is made good, what was forgiven by mistake is late again.

A report is late if its own arrival was late when it was first counted and is late by the hours as they stand. So what
arrived in time when it arrived stays so whatever is withdrawn, and what was forgiven stays so while its reason stands.
"""

from __future__ import annotations

from datetime import date, datetime

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import translation
from django.utils.translation import gettext as _

from ..clock import Now
from ..days import hours_in_force, state
from ..hours import deadline
from ..hours.hours import DayHours
from ..models import LateRequest, Report, Revision, User
from .errors import NotWritten
from .late_requests import close, take_in
from .write import Stamp, write


def judge_anew(
    *, path: str, first: date, last: date, reason: str, by: User | None, at: datetime, now: Now, takes_in: bool = True
) -> None:
    """The reports of the days from `first` to `last` of the units at and below the path ("": of all). Inside the lock.

    With `takes_in`, requests that wait and came within the hours as they stand now are reports.
    """
    found = {"day__range": (first, last), "unit__path__startswith": path}
    if takes_in:
        _take_in_arrived(LateRequest.objects.waiting().filter(**found), by, at, now)
    was_late = Revision.objects.filter(
        report=OuterRef("pk"), received_at=OuterRef("received_at"), installs__isnull=False, is_late=True
    )
    marked = Report.objects.filter(**found, kind=Report.Kind.DAILY, installs__isnull=False)
    reports = list(marked.filter(Q(is_late=True) | Exists(was_late)).select_related("unit"))
    hours = hours_in_force.of_days(sorted({report.day for report in reports}))
    stamp = Stamp(by=by, at=at, kind=Revision.Kind.CORRECTION, reason=reason, now=now)
    for report in reports:
        is_late = hours[report.day].is_late(report.unit.path, report.received_at)
        if is_late != report.is_late:
            write(report, {"is_late": is_late}, stamp)


def _take_in_arrived(requests, by: User | None, at: datetime, now: Now) -> None:
    waiting = list(requests.select_related("unit"))
    hours = hours_in_force.of_days(sorted({request.day for request in waiting}))
    for request in waiting:
        if not _came_within(request, hours[request.day]):
            continue
        day_state = state.day_state(request.unit, request.day, at=at)
        try:
            with transaction.atomic():
                take_in(request, day_state, by, now)
        except NotWritten:
            continue  # changed meanwhile: it goes on waiting for the superior
        close(request, LateRequest.Decision.ACCEPTED, _arrived_within(), by, at)


def _came_within(request: LateRequest, hours: DayHours) -> bool:
    """Whether the day was open to what arrived then, or the day's first report is excused of being late."""
    path = request.unit.path
    if deadline.is_in_time(request.received_at, closes_at=hours.open_until(path) or request.received_at):
        return True
    is_first = request.base_version == 0 and request.installs is not None
    return is_first and hours.order is not None and hours.is_excused(path)


def _arrived_within() -> str:
    with translation.override(settings.LANGUAGE_CODE):
        return _("arrived within the extended hour")
