from functools import partial

from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404, render
from django.urls import reverse

from ..days.look_back import LookBack
from ..figures import rollup
from ..models import Metric
from ..people import access, kept_through_sign_in
from ..views.guards import post_view, read_view
from ..views.parameters import look_back, picked_day, save_and_redirect, unit_context
from .figures import day_comparison
from .forms import OfficialFigureForm


@read_view
def official(request, code, day):
    """Our figures beside the ministry's ("Đối chiếu với Cục Tin học hóa")."""
    unit = _unit(request, code, day)
    return _page(request, unit, day, look=look_back(request, unit, day))


@post_view
def official_record(request, code, day):
    """Enter one figure of the ministry."""
    unit = _unit(request, code, day)
    if not access.is_sealing_clerk(request.user, request.user.unit):
        raise PermissionDenied
    form = OfficialFigureForm(request.POST, unit=unit, day=day, units=_compared(unit, day), at=request.arrived_at)
    address, metric = reverse("reporting:official", args=[code, day]), request.POST.get("metric")
    page = partial(_page, request, unit, day, metric=metric, bound=form)
    return save_and_redirect(request, form, back_to=f"{address}?show={metric}", page=page)


def _unit(request, code, day):
    """The unit of the address, on a day of the campaign; 404 for an agency, which the ministry does not count."""
    units = access.visible_units(request.user).residents()
    unit = get_object_or_404(units.open_on(day).named(day), code=code)
    picked_day(request, day)
    return unit


def _compared(unit, day):
    """The units right below, without agencies, and the unit itself, in the order of the page."""
    below = unit.children.open_on(day).residents().named(day)
    return [*below.order_by("sort_key", "code"), unit]


def _page(request, unit, day, *, look=None, metric=None, bound=None, status=200):
    look = look or LookBack(day)
    context = unit_context(request, unit, day, look) | {"picker": picked_day(request, day)}
    figures = rollup.rows(unit, day, look.as_of, at=request.arrived_at)
    if unit.code not in figures.by_code:  # the unit was not known at that moment
        return render(request, "reporting/unit_closed.html", context)
    metric_shown = metric or request.GET.get("show")
    chosen = metric_shown if metric_shown in Metric.values else None
    compared = day_comparison(unit, figures, chosen)
    typed = kept_through_sign_in.take_typed(request)
    context |= {
        "figures": figures,
        "comparison": compared,
        "metrics": Metric.choices,
    }
    if look.as_of is None and access.is_sealing_clerk(request.user, request.user.unit):
        own = {"unit": unit, "day": day, "units": _compared(unit, day), "at": request.arrived_at}
        context["record"] = bound or OfficialFigureForm(**own, metric=compared.metric)
        if typed.get("act") == "official_record":
            kept_through_sign_in.fill_form(context["record"], typed)
    return render(request, "reporting/ministry/official.html", context, status=status)
