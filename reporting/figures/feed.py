"""What has changed since: the reports below a unit that anything was done to, in the order in which it was done.

A revision is never changed, so the last one that a reader has seen says what he lacks. Two that are written at the
same time may become visible in the other order; what is as young as that is therefore given again with the next call,
and nothing is left out.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from ..models import Revision
from ..models.units import UnitQuerySet

SETTLED_AFTER = timedelta(minutes=2)  # no act takes longer: what was begun before that is to be seen, or failed


@dataclass(frozen=True, slots=True)
class Page:
    changed: Sequence[Revision]  # the last step of each report
    after: int  # the number to go on from
    has_more: bool


def changed(units: UnitQuerySet, after: int, *, at: datetime, most: int) -> Page:
    """The reports of the units with a revision beyond the number, at most so many revisions of them, seen at `at`.

    A report with several of them comes once. The number of the last page is one up to which everything is settled:
    asked again with it, the youngest changes come again.
    """
    later = Revision.objects.filter(pk__gt=after, report__unit__in=units).order_by("pk")
    found = list(later.select_related("report__unit")[: most + 1])
    has_more, found = len(found) > most, found[:most]
    newest = {revision.report_id: revision for revision in found}
    last = found[-1].pk if found else after
    if not has_more:
        last = min(last, max(_settled(at), after)) if found else after
    return Page(sorted(newest.values(), key=lambda revision: revision.pk), last, has_more)


def _settled(at: datetime) -> int:
    """The number of the last revision that is so old that none below it is still being written."""
    old = Revision.objects.filter(counted_at__lte=at - SETTLED_AFTER)
    return old.order_by("-pk").values_list("pk", flat=True).first() or 0
