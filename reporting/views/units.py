from django.contrib.auth.decorators import login_required
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_safe
from django_tables2 import RequestConfig

from .. import access, acts, days, deadline, inbox, review, rollup, tables
from ..acts import Act
from ..forms import DayForm, ReportForm

DAYS_SHOWN = 14


@require_safe
@login_required
def home(request):
    unit = access.home_unit(request.user)
    if unit is None:
        raise Http404
    return redirect("reporting:unit", code=unit.code)


@require_safe
@login_required
def unit(request, code):
    """The dashboard of any unit: its own row, its children, who is missing; for a reporting unit, its days."""
    picker = DayForm(request.GET, at=request.arrived_at)
    if not picker.is_valid():
        raise Http404("no such day")
    day = picker.cleaned_data["day"]
    unit = get_object_or_404(access.visible_units(request.user).named(day), code=code)
    context = {"unit": unit, "day": day, "picker": picker, "trail": access.trail(request.user, unit, day)}
    if not unit.is_open_on(day):
        return render(request, "reporting/unit_closed.html", context)
    figures = rollup.rows(unit, day)
    context |= {
        "figures": figures,
        "above": rollup.above(unit, day),
        "until": deadline.figures_until(day, figures.report_deadline, at=request.arrived_at),
    }
    if figures.own.is_reporting:
        return _reporting_unit(request, context)
    return _parent_unit(request, context)


def _reporting_unit(request, context):
    unit, day = context["unit"], context["day"]
    context["lines"] = days.lines(unit, rollup.campaign_days(unit, day)[:DAYS_SHOWN], at=request.arrived_at)
    context["notices"] = inbox.notices(unit, at=request.arrived_at)
    context["can_report"] = access.can_report(request.user, unit)
    if context["can_report"]:
        context["form"] = ReportForm(unit=unit, day=day, at=request.arrived_at, user=request.user)
    return render(request, "reporting/unit_reporting.html", context)


def _parent_unit(request, context):
    figures, day = context["figures"], context["day"]
    configure = RequestConfig(request, paginate=False).configure
    context["confirmed"] = confirmed = review.confirmed(figures)
    signed = confirmed.sign_offs if confirmed.expected else None
    returned = inbox.returned_codes(context["unit"], day, at=request.arrived_at)
    context["table"] = configure(
        tables.UnitTable(figures.children, total=figures.own, day=day, signed=signed, returned=returned)
    )
    context["difficulties"] = review.difficulties(figures)
    context["can_review"] = acts.has(access.role_below(request.user, context["unit"]), Act.DECIDE)
    has_reporting = any(row.is_reporting for row in [*figures.children, *figures.agencies])
    role = access.role_below(request.user, context["unit"])
    context["can_enter"] = has_reporting and acts.has(role, Act.ENTER)
    if figures.agencies:
        agencies = tables.AgencyTable(
            figures.agencies, total=figures.agency_total, day=day, returned=returned, prefix="agencies-"
        )
        context["agency_table"] = configure(agencies)
    return render(request, "reporting/unit.html", context)
