from django.shortcuts import render
from django.utils.translation import gettext as _

from .. import tables
from ..days.look_back import SEALED
from ..figures import discipline as records
from ..forms.day import RangeForm
from ..text import level_words, status_marks
from .asked import arranged, look_back, no_such_moment, unit_context, visible_unit
from .guards import read_view

CALENDAR_DAYS = 31


@read_view
def discipline(request, code):
    """The lateness record of a unit and of the units right below it, over a range of days."""
    form = RangeForm(request.GET, at=request.arrived_at)
    is_valid = form.is_valid()
    last = form.cleaned_data["to"] if is_valid else form.today
    unit = visible_unit(request, code, last)
    context = unit_context(request, unit, last) | {"form": form}
    if not is_valid:
        return render(request, "reporting/discipline.html", context, status=422)
    if request.GET.get("as_of", "").strip() == SEALED and form.cleaned_data["from"] != last:
        raise no_such_moment(
            request, unit, last, [_("Each day has a seal of its own: of several days choose a moment.")]
        )
    look = look_back(request, unit, form.cleaned_data["from"])
    context["look"] = look
    found = records.discipline(unit, form.days, at=request.arrived_at, as_of=look.as_of)
    span = {"first": form.cleaned_data["from"], "last": last}
    if not found.further:  # a sum of units has no days of its own
        context["calendar"] = _calendar(found.below)
    if found.below:
        context["table"] = arranged(request, tables.DisciplineTable(found.below, total=found.total, **span))
    if found.agencies:
        agencies = tables.DisciplineTable(found.agencies, total=found.agency_total, prefix="agencies-", **span)
        context["agency_table"] = arranged(request, agencies)
    if found.further:
        context |= _further(request, found, span)
        context["kept"] = look.kept(**{"from": span["first"].isoformat(), "to": last.isoformat()})
    return render(request, "reporting/discipline.html", context | {"found": found, **span})


def _calendar(records):
    """The records' last days, the newest first: each record with its statuses, and the statuses that occur."""
    days = sorted({day for record in records for day, _status in record.days}, reverse=True)[:CALENDAR_DAYS]
    by_day = [(record, dict(record.days)) for record in records]
    statuses = list(status_marks.STATUSES)
    occurring = {statuses_of.get(day) for _record, statuses_of in by_day for day in days}
    return {
        "days": days,
        "lines": [(record.name, [statuses_of.get(day) for day in days]) for record, statuses_of in by_day],
        "statuses": [status for status in statuses if status in occurring],
    }


def _further(request, found, span):
    """The units further down that are asked for by name, all without a name."""
    asked = request.GET.get("q", "").strip()
    listed = records.named(found.further, asked)
    table = tables.FurtherTable(listed, total=found.total, prefix="further-", **span)
    return {
        "asked": asked,
        "listed": listed,
        "called": level_words.called(found.further[0].level, [record.name for record in found.further]),
        "further_table": arranged(request, table, is_paged=True),
    }
