from django.shortcuts import render
from django.utils.translation import gettext as _

from .. import tables
from ..days.look_back import SEALED
from ..figures import discipline as records
from ..forms.day import RangeForm
from .guards import read_view
from .parameters import look_back, no_such_moment, sort_and_page, unit_context, visible_unit


@read_view
def discipline(request, code):
    """The lateness record of a unit and those right below, over a range of days."""
    form = RangeForm(request.GET, at=request.arrived_at)
    is_valid = form.is_valid()
    last = form.cleaned_data["to"] if is_valid else form.today
    unit = visible_unit(request, code, last)
    context = unit_context(request, unit, last) | {"form": form}
    if not is_valid:
        return render(request, "reporting/discipline.html", context, status=422)
    if request.GET.get("as_of", "").strip() == SEALED and form.cleaned_data["from"] != last:
        raise no_such_moment(request, unit, last, [_("Each day has its own seal: for several days, choose a moment.")])
    look = look_back(request, unit, form.cleaned_data["from"])
    context["look"] = look
    lateness = records.discipline(unit, form.days, at=request.arrived_at, as_of=look.as_of)
    span = {"first": form.cleaned_data["from"], "last": last}
    if lateness.below:
        context["table"] = sort_and_page(request, tables.DisciplineTable(lateness.below, total=lateness.total, **span))
    if lateness.agencies:
        agencies = tables.DisciplineTable(lateness.agencies, total=lateness.agency_total, prefix="agencies-", **span)
        context["agency_table"] = sort_and_page(request, agencies)
    return render(request, "reporting/discipline.html", context | {"lateness": lateness, **span})
