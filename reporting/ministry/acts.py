"""Records the ministry's figures, which only the city does."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from .. import clock, site
from ..acts import Refusal, locking
from ..clock import Now
from ..days.look_back import day_start
from ..models import OfficialFigure, Unit, User
from ..people import access


class NotYours(Refusal):
    """The person is not a clerk of the sealing unit."""

    @property
    def message(self) -> str:
        return _("Only the %(top)s can record the ministry’s figures.") % {"top": site.current().top}


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
        added = []
        for row in rows:
            known = OfficialFigure.objects.filter(unit=row.unit, day=row.day, metric=row.metric).first()  # the last
            if known is None or known.content != row.content:
                row.recorded_at, row.by = known_at, by
                row.save(force_insert=True)
                added.append(row)
        return added


def _check(row: OfficialFigure, top: Unit, at: datetime) -> None:
    if row.unit.is_agency or not row.unit.path.startswith(top.path):
        raise Refusal(_("The ministry counts the phones of a place, not those of an agency."))
    if not row.source.strip():
        raise Refusal(_("The source is required."), field="source")
    if row.counted_at > at:
        raise Refusal(_("Only past events can be recorded."), field="hour")
    if row.counted_at < day_start(row.day):
        raise Refusal(_("The day had not begun at this moment."), field="hour")
