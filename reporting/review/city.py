"""What the city alone does: seal a day, move its hour and make good what came within the later one, record orders."""

from __future__ import annotations

from datetime import date, datetime

from django.conf import settings
from django.db import transaction
from django.db.models import Max
from django.utils import translation
from django.utils.translation import gettext as _

from .. import access, canonical, clock, deadline, rollup, state, submissions
from ..acts import Act, Role, Situation
from ..models import (
    BaseFigure,
    Directive,
    Downtime,
    ExemptDay,
    Extension,
    LateRequest,
    Report,
    Revision,
    Seal,
    Unit,
    UnitName,
    User,
)
from ..submissions import NotWritten
from .requests import close, take_in
from .shared import BadMoment, NotAllowed, NothingChanged, Now, ReasonMissing, TooEarly, write

RECORDED = (BaseFigure, Directive, ExemptDay, Extension, UnitName)  # what a table is computed from, beside reports


def seal(*, unit: Unit, day: date, reason: str = "", by: User | None, at: datetime, now: Now = clock.now) -> Seal:
    """Fix the day's table of the unit at the top: an instant, the table, its digest. It waits for nobody.

    `by` is None for the timer. Sealing again after changes takes a reason and leaves the first seal as it is.
    Raises `NotAllowed`, `TooEarly`, `ReasonMissing`, `NothingChanged`.
    """
    with transaction.atomic():
        submissions.lock_all(unit)
        opens_at = state.sealing_opens(unit, day)
        is_due = opens_at is not None and day <= deadline.reporting_day(at)
        if not is_due or unit.parent_id is not None or not (by is None or access.is_top_clerk(by, unit)):
            raise NotAllowed(Act.SEAL, Situation.NOT_DUE)
        if at < opens_at:
            raise TooEarly(opens_at)
        previous = Seal.objects.filter(unit=unit, day=day).order_by("at").last()
        if previous and not reason.strip():
            raise ReasonMissing
        sealed_at = _after_all_that_is_known(now())
        table = canonical.table(rollup.rows(unit, day, sealed_at))
        if previous and previous.table == table:
            raise NothingChanged
        return Seal.objects.create(
            unit=unit, day=day, at=sealed_at, by=by, table=table, digest=canonical.digest(table), reason=reason
        )


def _after_all_that_is_known(now: datetime) -> datetime:
    """The clock's reading, or what is newest in the database if that is later: a clock may have been set back."""
    known = [model.objects.aggregate(at=Max("recorded_at"))["at"] for model in RECORDED]
    counted = Revision.objects.aggregate(at=Max("counted_at"))["at"]
    return max(now, *(at for at in (counted, *known) if at))


def record(added: Directive | ExemptDay | Downtime | BaseFigure, *, top: Unit, now: Now = clock.now) -> None:
    """Add what the city sets. It is known from now on, and to no table that was fixed before."""
    with transaction.atomic():
        submissions.lock_all(top)
        added.recorded_at = submissions.known_from(now())
        added.save(force_insert=True)


def extend(
    *, unit: Unit, day: date, until: datetime, reason: str, by: User, at: datetime, now: Now = clock.now
) -> Extension:
    """Move the hour of a day for a unit and all below it, before or after the fact. A reason is owed.

    Requests that wait and arrived inside the extension become reports in time, and late reports that arrived inside
    it are on time from now on. Raises `NotAllowed`, `ReasonMissing`, `BadMoment`.
    """
    with transaction.atomic():
        submissions.lock_all(unit)
        if access.role(by, unit) is not Role.CITY and not access.is_top_clerk(by, unit):
            raise NotAllowed(Act.EXTEND, Situation.NOT_DUE)
        if not reason.strip():
            raise ReasonMissing
        current = state.closing_hour(unit, day)
        if current is None or until <= current or deadline.reporting_day(until) != day:
            raise BadMoment
        known_at = submissions.known_from(now())
        extension = Extension.objects.create(
            unit=unit, day=day, until=until, reason=reason, recorded_at=known_at, by=by
        )
        _take_in_arrived(unit, day, by, at, now)
        _forgive(unit, day, reason, by, at, now)
        return extension


def _take_in_arrived(unit: Unit, day: date, by: User, at: datetime, now: Now) -> None:
    below = LateRequest.objects.waiting().filter(day=day, unit__path__startswith=unit.path)
    for waiting in below.select_related("unit"):
        day_state = state.day_state(waiting.unit, day, at=at)
        if day_state.is_late(waiting.received_at):
            continue
        try:
            with transaction.atomic():
                take_in(waiting, day_state, by, now)
        except NotWritten:
            continue  # changed meanwhile: it goes on waiting for the superior
        close(waiting, LateRequest.Decision.ACCEPTED, _arrived_within(), by, at)


def _forgive(unit: Unit, day: date, reason: str, by: User, at: datetime, now: Now) -> None:
    late = Report.objects.filter(day=day, is_late=True, unit__path__startswith=unit.path)
    for report in late.select_related("unit"):
        if not state.day_state(report.unit, day, at=at).is_late(report.received_at):
            report.is_late = False
            write(report, {}, Revision.Kind.CORRECTION, at, now, {"by": by, "reason": reason})


def _arrived_within() -> str:
    with translation.override(settings.LANGUAGE_CODE):
        return _("arrived within the extended hour")
