from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from ..forms.webhooks import EndpointForm
from ..hours import deadline
from ..models import AccessRecord, Endpoint, Message, Unit
from ..outbox import endpoints
from ..people import second_factor
from .campaign import sealing_unit
from .confirmation import recently_confirmed

SHOWN = 50  # of the newest
KIND = AccessRecord.Kind.WEBHOOK


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@recently_confirmed(gettext_lazy("Tell another system"), posts_only=True)
def webhook_list(request):
    """Which other systems are told when a day is sealed, confirmed, reopened or corrected ("Báo cho hệ thống khác")."""
    top, may_give = sealing_unit(request), second_factor.is_set_up(request.user)
    data = request.POST if may_give and request.method == "POST" else None
    form = EndpointForm(data, top=top, by=request.user, at=request.arrived_at)
    if form.is_valid():
        endpoint, secret = form.save()
        _note(request, endpoint, _("told from now on: %s") % endpoint)
        return _page(request, top, form, secret=secret)
    status = 200 if request.method != "POST" else 422 if may_give else 403
    return _page(request, top, form, status=status)


@require_POST
@login_required
@recently_confirmed(gettext_lazy("Give a webhook another secret"))
def webhook_rotate(request, pk):
    """Another secret, shown once; for a day both sign."""
    top = sealing_unit(request)
    endpoint = get_object_or_404(_endpoints(top).standing(), pk=pk)
    secret = endpoints.rotate(endpoint, at=request.arrived_at)
    _note(request, endpoint, _("another secret: %s") % endpoint)
    form = EndpointForm(top=top, by=request.user, at=request.arrived_at)
    return _page(request, top, form, secret=secret)


@require_POST
@login_required
@recently_confirmed(gettext_lazy("Tell another system no more"))
def webhook_end(request, pk):
    """From now on it is told nothing."""
    endpoint = get_object_or_404(_endpoints(sealing_unit(request)), pk=pk)
    if endpoints.end(endpoint, by=request.user, at=request.arrived_at):
        _note(request, endpoint, _("told no more: %s") % endpoint)
        messages.success(request, _("It is told nothing any more."))
    return redirect("reporting:webhooks")


def _note(request, endpoint, detail):
    AccessRecord.objects.note(KIND, request=request, unit=endpoint.unit, detail=detail)


def _endpoints(top):
    return Endpoint.objects.filter(unit__path__startswith=top.path)


def _page(request, top, form, *, secret="", status=200):
    today = deadline.reporting_day(request.arrived_at)
    found = list(_endpoints(top).select_related("by")[:SHOWN])
    units = Unit.objects.named(today).in_bulk({endpoint.unit_id for endpoint in found})
    waiting = Message.objects.filter(endpoint__in=found, ended_at=None, tries__gt=0).order_by("next_try_at", "id")
    failing = {message.endpoint_id: message for message in waiting}
    for endpoint in found:
        endpoint.unit, endpoint.failing = units[endpoint.unit_id], failing.get(endpoint.pk)
    context = {
        "unit": Unit.objects.named(today).get(pk=top.pk),
        "form": form,
        "endpoints": found,
        "secret": secret,
        "may_give": second_factor.is_set_up(request.user),
    }
    return render(request, "reporting/webhooks.html", context, status=status)
