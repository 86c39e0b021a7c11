from functools import partial

from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.shortcuts import get_object_or_404, render
from django.urls import reverse

from ..days.look_back import LookBack
from ..figures import rollup
from ..models import ExplanationRequest, Metric
from ..people import access, kept_through_sign_in
from ..views.guards import post_view, read_view
from ..views.parameters import look_back, picked_day, posted_record, save_and_redirect, unit_context
from . import acts
from .figures import day_comparison
from .forms import AnswerForm, AskForm, OfficialFigureForm


@read_view
def official(request, code, day):
    """Our figures beside the ministry's ("Đối chiếu với Cục Tin học hóa")."""
    unit = _unit(request, code, day)
    return _page(request, unit, day, look=look_back(request, unit, day))


@post_view
def official_record(request, code, day):
    """Enter one figure of the ministry."""
    unit = _unit_for_city_clerk(request, code, day)
    form = OfficialFigureForm(request.POST, unit=unit, day=day, units=_compared(unit, day), at=request.arrived_at)
    return _act(request, form, request.POST.get("metric"))


@post_view
def official_ask(request, code, day):
    """Ask why a unit reports more than the ministry counts."""
    unit = _unit_for_city_clerk(request, code, day)
    below = posted_record(_compared(unit, day), "code", request.POST.get("unit"))
    metric = request.POST.get("metric")
    if not below.is_under_seal or metric not in Metric.values:
        raise Http404
    return _act(request, AskForm(request.POST, unit=unit, day=day, asked=below, metric=metric), metric)


@post_view
def official_answer(request, code, day):
    """Answer the city's question to the unit, or to one right below it."""
    unit = _unit(request, code, day)
    compared = _compared(unit, day)
    if not any(acts.may_answer(request.user, asked) for asked in compared):
        raise PermissionDenied
    asked_of = ExplanationRequest.objects.filter(unit__in=compared).select_related("unit")
    explanation = posted_record(asked_of, "pk", request.POST.get("request"))
    explanation.unit = next(asked for asked in compared if asked.pk == explanation.unit_id)
    return _act(request, AnswerForm(request.POST, unit=unit, day=day, explanation=explanation), explanation.metric)


def _unit(request, code, day):
    """The unit of the address, on a day of the campaign; 404 for an agency, which the ministry does not count."""
    units = access.visible_units(request.user).residents()
    unit = get_object_or_404(units.open_on(day).named(day), code=code)
    picked_day(request, day)
    return unit


def _unit_for_city_clerk(request, code, day):
    unit = _unit(request, code, day)
    if not _is_city_clerk(request.user):
        raise PermissionDenied
    return unit


def _is_city_clerk(user):
    return user.unit_id is not None and access.is_sealing_clerk(user, user.unit)


def _compared(unit, day):
    """The units right below, without agencies, and the unit itself, in the order of the page."""
    below = unit.children.open_on(day).residents().named(day)
    return [*below.order_by("sort_key", "code"), unit]


def _act(request, form, metric):
    address = reverse("reporting:official", args=[form.unit.code, form.day])
    page = partial(_page, request, form.unit, form.day, metric=metric, bound=form)
    return save_and_redirect(request, form, back_to=f"{address}?show={metric}", page=page)


def _page(request, unit, day, *, look=None, metric=None, bound=None, status=200):
    look = look or LookBack(day)
    context = unit_context(request, unit, day, look) | {"picker": picked_day(request, day)}
    figures = rollup.rows(unit, day, look.as_of, at=request.arrived_at)
    if unit.code not in figures.by_code:  # the unit was not known at that moment
        return render(request, "reporting/unit_closed.html", context)
    metric_shown = metric or request.GET.get("show")
    chosen = metric_shown if metric_shown in Metric.values else None
    compared = day_comparison(unit, figures, chosen)
    units = _compared(unit, day)
    is_writable, typed = look.as_of is None, kept_through_sign_in.take_typed(request)
    context |= {
        "figures": figures,
        "comparison": compared,
        "metrics": Metric.choices,
        "metric_words": Metric(compared.metric).label,
        "until": figures.until(request.arrived_at),
        "series": [point for point in reversed(compared.series) if point.official],
        "lines": _lines(request, compared, units if is_writable else [], bound, typed),
        "bound": bound,
    }
    if is_writable and _is_city_clerk(request.user):
        own = {"unit": unit, "day": day, "units": units, "at": request.arrived_at, "metric": compared.metric}
        context["record"] = bound if isinstance(bound, OfficialFigureForm) else OfficialFigureForm(**own)
        if typed.get("act") == "official_record":
            kept_through_sign_in.fill_form(context["record"], typed)
    return render(request, "reporting/ministry/official.html", context, status=status)


def _lines(request, compared, units, bound, typed):
    """A line for each comparison, the unit itself last, with a form to ask or to answer."""
    by_code = {unit.code: unit for unit in units}
    lines = []
    for line in compared.lines:
        asked = by_code.get(line.code)
        is_bound = bound is not None and bound.code == line.code
        form = bound if is_bound else asked and _form(request, compared, line, asked)
        if form and typed.get("unit") == line.code:
            kept_through_sign_in.fill_form(form, typed)
        lines.append((line, form))
    return lines


def _form(request, compared, line, asked):
    page = {"unit": compared.unit, "day": compared.day}
    waiting = next((request for request in line.explanations if request.answered_at is None), None)
    if waiting:
        return AnswerForm(**page, explanation=waiting) if acts.may_answer(request.user, asked) else None
    if line.is_marked and asked.is_under_seal and _is_city_clerk(request.user):
        return AskForm(**page, asked=asked, metric=compared.metric)
    return None
