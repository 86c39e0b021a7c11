"""What has moved under a confirmation that stands: a correction of an earlier day moves every cumulative after it."""

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from ..models import Revision, SignOff, Unit


@dataclass(frozen=True)
class Moved:
    """By how much the cumulative confirmed has moved since, and by which earlier day."""

    day: date
    delta: int


def moved(unit: Unit, sign_offs: Collection[SignOff]) -> dict[int, list[Moved]]:
    """Of each of the unit's sign-offs, by key, the earlier days that have moved what it confirmed; none is left out.

    The day itself is not among them: a change of it withdraws the confirmation, or is listed beside the seal.
    """
    if not sign_offs:
        return {}
    last, since = max(sign_off.day for sign_off in sign_offs), min(sign_off.at for sign_off in sign_offs)
    changed = Revision.objects.filter(report__unit__in=_counting(unit, last), report__day__lt=last)
    changed = changed.filter(counted_at__gt=since).exclude(delta=0)
    steps = list(changed.order_by("report__day").values_list("report__day", "counted_at", "delta"))
    found = {}
    for sign_off in sign_offs:
        by_day: Counter[date] = Counter()
        for day, counted_at, delta in steps:
            if day < sign_off.day and counted_at > sign_off.at:
                by_day[day] += delta
        found[sign_off.pk] = [Moved(day, delta) for day, delta in by_day.items() if delta]
    return {pk: days for pk, days in found.items() if days}


def _counting(unit: Unit, day: date) -> set[int]:
    """Whose figures count right below the unit: its children, and the closed ones that have ended in them."""
    children = set(Unit.objects.filter(parent=unit).values_list("pk", flat=True))
    heirs = Unit.objects.heirs(day)
    joined = {closed for closed, heir in heirs.items() if heir in children}
    return joined | {child for child in children if heirs.get(child, child) in children}
