"""The ministry's figures, which only the city records, and the explanations that it asks for.

The city asks about a district or a commune. The district answers; a unit right below the city answers for itself.
"""

from collections.abc import Sequence
from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext as _, gettext_lazy

from .. import clock, outbox, site
from ..acts import CONFLICT, ReasonMissing, Refusal, locking
from ..clock import Now
from ..days.look_back import day_start
from ..figures import rollup
from ..models import ExplanationRequest, Message, OfficialFigure, Unit, User
from ..people import access
from ..permissions import Role
from . import figures


class NotYours(Refusal):
    """The person is not a clerk of the unit that records and asks (the sealing unit), or of the unit that answers."""

    @property
    def message(self) -> str:
        return _("Only the %(top)s can record figures and ask; only the unit that was asked can answer.") % {
            "top": site.current().top
        }


class AlreadyAsked(Refusal):
    text = gettext_lazy("An explanation has already been asked for and is not answered yet.")
    status = CONFLICT


class AlreadyAnswered(Refusal):
    text = gettext_lazy("The explanation has been given and cannot be changed.")
    status = CONFLICT


def record_official(
    *, top: Unit, rows: Sequence[OfficialFigure], by: User | None, at: datetime, now: Now = clock.now
) -> list[OfficialFigure]:
    """Add the ministry's figures, all or none, and return those that are new.

    `by` is None for a command on the server. A later record or row of a unit, day and metric supersedes earlier ones.
    Everything is checked before the lock is taken.
    Raises `NotYours` and other refusals.
    """
    if top.is_under_seal or not (by is None or access.is_sealing_clerk(by, top)):
        raise NotYours
    for row in rows:
        _check(row, top, at)
    with transaction.atomic():
        locking.lock_all(top)
        known_at = locking.known_from(now())
        known = figures.figures_by_day({row.unit for row in rows})
        added = []
        for row in rows:
            of_days = known[row.unit.pk, row.metric]
            if row.day not in of_days or of_days[row.day].content != row.content:
                of_days[row.day] = row
                row.recorded_at, row.by = known_at, by
                added.append(row)
        OfficialFigure.objects.bulk_create(added)
        for day in {figure.day for figure in added}:
            outbox.write_event(Message.Kind.EXCEEDS, top=top, cause=f"{day}/{known_at:%Y-%m-%d}", at=known_at, day=day)
        return added


def ask_why(*, unit: Unit, day: date, metric: str, question: str, by: User, now: Now = clock.now) -> ExplanationRequest:
    """Ask why the unit claims more than the ministry counts, as the page of `day` shows.

    The request stores both present figures, and the day of the ministry's figure.
    Raises `NotYours`, `ReasonMissing`, `AlreadyAsked`.
    """
    if access.role(by, unit) is not Role.CITY:
        raise NotYours
    if not question.strip():
        raise ReasonMissing
    with transaction.atomic():
        locking.lock(unit)
        line = figures.day_comparison(unit, rollup.rows(unit, day), metric).own
        official, claimed = line.official, line.claimed
        if official is None or claimed is None or not line.is_marked:
            words = _("The unit does not report more than the ministry counts, or now only within the threshold.")
            raise Refusal(words, status=CONFLICT)
        if any(request.answered_at is None for request in line.explanations):
            raise AlreadyAsked
        return ExplanationRequest.objects.create(
            unit=unit,
            day=official.day,
            metric=metric,
            claimed=claimed,
            counted=official.value,
            question=question,
            asked_at=locking.known_from(now()),
            by=by,
        )


def explain(*, request: ExplanationRequest, words: str, by: User, now: Now = clock.now) -> ExplanationRequest:
    """Store the answer, which cannot be changed. Raises `NotYours`, `ReasonMissing`, `AlreadyAnswered`."""
    if not may_answer(by, request.unit):
        raise NotYours
    if not words.strip():
        raise ReasonMissing
    with transaction.atomic():
        locking.lock(request.unit)
        answered_at = max(locking.known_from(now()), request.asked_at)
        open_ones = ExplanationRequest.objects.open().filter(pk=request.pk)
        if not open_ones.update(answer=words, answered_at=answered_at, answered_by=by):
            raise AlreadyAnswered
        request.refresh_from_db()
        return request


def may_answer(user: User, unit: Unit) -> bool:
    """Whether the user answers for the unit: a clerk of its superior; its own clerk if it is right below the city."""
    if not unit.is_under_seal:
        return False
    role = access.role(user, unit)
    return role is Role.SUPERIOR or (role is Role.OFFICER and unit.parent is not None and unit.parent.is_sealing)


def _check(row: OfficialFigure, top: Unit, at: datetime) -> None:
    if row.unit.is_agency or not row.unit.path.startswith(top.path):
        raise Refusal(_("The ministry counts the phones of a place, not those of an agency."))
    if not row.source.strip():
        raise Refusal(_("The source is required."), field="source")
    if row.counted_at > at:
        raise Refusal(_("Only past events can be recorded."), field="hour")
    if row.counted_at < day_start(row.day):
        raise Refusal(_("The day had not begun at this moment."), field="hour")
