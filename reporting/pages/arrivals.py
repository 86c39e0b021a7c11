"""How many reports had arrived at this hour of the day before."""

from datetime import date, datetime, timedelta

from django.utils.translation import gettext as _

from ..days.look_back import day_start
from ..models import Report, Unit
from ..text import formatting

A_DAY = timedelta(days=1)


def words_of_the_day_before(unit: Unit, day: date, *, of_agencies: bool, at: datetime) -> str:
    """How many reports below the unit the day before had by the same hour, in words; empty if that day has none.

    Counts agencies or the other units, never both. A report on an exempt day counts too.
    """
    then = min(at, day_start(day + A_DAY)) - A_DAY
    reports = Report.objects.filter(unit__path__startswith=unit.path, day=day - A_DAY, kind=Report.Kind.DAILY)
    of_these = reports.filter if of_agencies else reports.exclude
    counted = of_these(unit__level=Unit.Level.AGENCY).filter(installs__isnull=False)
    received = list(counted.order_by().values_list("received_at", flat=True))
    if not received:
        return ""
    by_then = sum(moment <= then for moment in received)
    return _("%(then)s at this hour yesterday") % {"then": formatting.number(by_then)}
