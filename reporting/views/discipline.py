from django.contrib.auth.decorators import login_required
from django.shortcuts import render
from django.views.decorators.http import require_safe

from .. import charts, tables
from ..figures import discipline as records
from ..forms import RangeForm
from ..people import access
from .asked import visible_unit
from .filters import arranged
from .look_back import look_back


@require_safe
@login_required
def discipline(request, code):
    """The lateness record of a unit and of the units right below it, over a range of days."""
    form = RangeForm(request.GET, at=request.arrived_at)
    is_valid = form.is_valid()
    last = form.cleaned_data["to"] if is_valid else form.today
    unit = visible_unit(request, code, last)
    context = {"unit": unit, "day": last, "form": form, "trail": access.trail(request.user, unit, last)}
    if not is_valid:
        return render(request, "reporting/discipline.html", context, status=422)
    look, refusal = look_back(request, unit, form.cleaned_data["from"])
    if refusal:
        return refusal
    context["look"] = look
    found = records.of(unit, form.days, at=request.arrived_at, as_of=look.as_of)
    span = {"first": form.cleaned_data["from"], "last": last}
    context["calendar"] = charts.discipline_calendar([found.own] if found.own else found.below)
    if found.below:
        context["table"] = arranged(request, tables.DisciplineTable(found.below, total=found.total, **span))
    if found.agencies:
        agencies = tables.DisciplineTable(found.agencies, total=found.agency_total, prefix="agencies-", **span)
        context["agency_table"] = arranged(request, agencies)
    return render(request, "reporting/discipline.html", context | {"found": found, **span})
