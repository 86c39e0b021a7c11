"""Of which hours the number of a day is, as its officer is asked for it."""

from __future__ import annotations

from django.utils.translation import gettext as _

from ..hours.hours import DayHours


def words(hours: DayHours, path: str) -> str:
    """From the unit's hour of the day before to that of the day: no hour is counted twice, and none by nobody."""
    start, end = hours.counts_from(path), hours.ordered_for(path)
    return _("From %(start)s on %(day_before)s to %(hour)s on %(day)s. If there are none, enter 0.") % {
        "start": f"{start:%Hh%M}",
        "day_before": f"{start:%d/%m}",
        "hour": f"{end:%Hh%M}",
        "day": f"{end:%d/%m}",
    }
