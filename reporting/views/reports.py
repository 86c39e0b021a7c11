from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from .. import access, acts, days, deadline, formatting, inbox, rollup, state, submissions
from ..acts import Act
from ..forms import ReasonForm, ReportForm
from ..models import Report

DAYS_A_PAGE = 31


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def report(request, code, day):
    """The form of one day. The deadline is in its validation; the act decides again."""
    unit = get_object_or_404(access.visible_units(request.user).named(day), code=code)
    if not access.can_report(request.user, unit):
        raise PermissionDenied
    data = request.POST if request.method == "POST" else None
    form = ReportForm(data, unit=unit, day=day, at=request.arrived_at, user=request.user)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                receipt = form.save()
            except submissions.Conflict:
                form.show_conflict()
                status = 409
            except submissions.NotWritten as error:
                form.refuse(error)
            else:
                messages.success(request, _receipt_words(receipt))
                return redirect("reporting:report_detail", code=code, day=day)
    context = {
        "unit": unit,
        "day": day,
        "form": form,
        "is_conflict": status == 409,
        "notices": inbox.notices(unit, at=request.arrived_at).of(day),
        "trail": access.trail(request.user, unit, day),
    }
    if form.is_too_late and form.may_request:
        context["late_reason"] = ReasonForm(is_correction=form.has_report)
    return render(request, "reporting/report.html", context, status=status)


def _receipt_words(receipt):
    if receipt.is_repeat:
        return _("These figures were already received at %(moment)s.") % {
            "moment": formatting.exact(receipt.revision.received_at)
        }
    return _("The report has been received.")


@require_safe
@login_required
def report_detail(request, code, day):
    """The receipt of a day, its figures and its history."""
    unit = get_object_or_404(access.visible_units(request.user).named(day), code=code)
    report = get_object_or_404(Report.objects.prefetch_related("revisions"), unit=unit, day=day)
    role = access.role(request.user, unit)
    situation = state.day_state(unit, day, at=request.arrived_at).situation
    context = {
        "unit": unit,
        "day": day,
        "report": report,
        "revisions": list(report.revisions.all()),
        "row": rollup.rows(unit, day).own if unit.is_open_on(day) else None,
        "can_edit": acts.may(role, Act.SUBMIT, situation),
        "can_ask": acts.may(role, Act.REQUEST, situation),
        "trail": access.trail(request.user, unit, day),
    }
    return render(request, "reporting/report_detail.html", context)


@require_safe
@login_required
def report_list(request, code):
    """The unit's days since the campaign began, newest first."""
    today = deadline.reporting_day(request.arrived_at)
    unit = get_object_or_404(access.visible_units(request.user).named(today), code=code)
    page = Paginator(rollup.campaign_days(unit, today), DAYS_A_PAGE).get_page(request.GET.get("page"))
    context = {
        "unit": unit,
        "page": page,
        "lines": days.lines(unit, list(page), at=request.arrived_at),
        "can_report": access.can_report(request.user, unit),
        "trail": access.trail(request.user, unit, today),
    }
    return render(request, "reporting/report_list.html", context)
