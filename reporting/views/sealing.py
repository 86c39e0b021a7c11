from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from ..acts import NotWritten
from ..days import look_back
from ..figures import rollup
from ..figures import since_seal as change_records
from ..forms.sealing import SealForm
from ..pages import day_to_seal
from ..people import access
from .asked import picked_day, visible_unit


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def seal(request, code, day):
    """The city's day: who is unconfirmed, the seals and whether they still come out; a POST seals."""
    unit = visible_unit(request, code, day)
    picker = picked_day(request, day)
    if not unit.is_sealing:
        raise Http404
    if not access.is_sealing_clerk(request.user, unit):
        raise PermissionDenied
    is_post = request.method == "POST"  # a first seal may be asked for without a single field
    form, status = SealForm(request.POST if is_post else None, unit=unit, day=day), 200
    if is_post:
        status = 422
        if form.is_valid():
            try:
                form.save(by=request.user, at=request.arrived_at)
            except NotWritten as error:
                form.refuse(error)
                status = error.status
            else:
                messages.success(request, form.done)
                return redirect("reporting:seal", code=code, day=day)
    found = day_to_seal.on_day(unit, day, at=request.arrived_at)
    context = {"unit": unit, "day": day, "picker": picker, "sealing": found, "form": form}
    return render(request, "reporting/seal.html", context, status=status)


@require_safe
@login_required
def changes(request, code, day):
    """Why a sealed day has changed since: the figure then, the figure now, and every cause."""
    unit = visible_unit(request, code, day, is_open=True)
    picked_day(request, day)
    newest = look_back.newest_seal(unit, day)
    if newest is None:
        raise Http404("not sealed")
    found = change_records.changes(unit, rollup.rows(unit, day, at=request.arrived_at), newest)
    context = {"unit": unit, "day": day, "changes": found, "trail": access.trail(request.user, unit, day)}
    return render(request, "reporting/changes.html", context)
