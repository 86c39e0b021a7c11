from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from .. import acts
from ..forms.late import LateRequestForm, WithdrawRequestForm
from ..pages import undo
from ..people import access, kept_through_sign_in
from .asked import refused, unit_context, visible_unit
from .guards import form_view, post_view


@form_view
def late_request(request, code, day):
    """Figures after the hour, for a missed day, or a correction: asked for, and counted when the superior accepts."""
    unit = _own_unit(request, code, day)
    data = request.POST if request.method == "POST" else None
    typed = kept_through_sign_in.typed(request)
    form = LateRequestForm(data, unit=unit, day=day, at=request.arrived_at, user=request.user, typed=typed)
    if typed and form.is_shown:
        kept_through_sign_in.forget(request)
    status = refused(form) if form.is_bound else 200
    if status is not None:
        return _page(request, unit, day, form, status=status)
    words = _("The request has been sent. It counts when your superior unit accepts it.")
    tags = undo.tags(reverse("reporting:late_withdraw", args=[unit.code, day]), form.saved.pk)
    messages.success(request, words, extra_tags=tags)
    return redirect(f"{reverse('reporting:unit', args=[unit.code])}?day={day.isoformat()}")


@post_view
def late_withdraw(request, code, day):
    """The officer takes his waiting request back."""
    unit = _own_unit(request, code, day)
    form = WithdrawRequestForm(request.POST)
    shown = form.cleaned_data["shown"] if form.is_valid() else None
    try:
        acts.withdraw_request(unit=unit, day=day, shown=shown, by=request.user, at=request.arrived_at)
    except acts.NotWritten as error:
        form = LateRequestForm(unit=unit, day=day, at=request.arrived_at, user=request.user)
        return _page(request, unit, day, form, status=error.status, refusal=error.words)
    messages.success(request, _("The request has been withdrawn."))
    return redirect("reporting:late_request", code=unit.code, day=day)


def _own_unit(request, code, day):
    unit = visible_unit(request, code, day)
    if not access.can_report(request.user, unit):
        raise PermissionDenied
    return unit


def _page(request, unit, day, form, *, status=200, **context):
    context |= unit_context(request, unit, day) | {"form": form, "here": form.request_words}
    return render(request, "reporting/late_request.html", context, status=status)
