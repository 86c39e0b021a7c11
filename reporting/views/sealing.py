from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.shortcuts import render
from django.urls import reverse

from ..days import look_back
from ..figures import rollup
from ..figures import since_seal as change_records
from ..forms.review import SealForm, SealUndoForm
from ..pages import day_to_seal
from ..people import access, kept_through_sign_in
from .asked import act_in, picked_day, refuse_look_back, unit_context, visible_unit
from .guards import form_view, post_view, read_view


@form_view
def seal(request, code, day):
    """The city's day: who has not reported or confirmed, the seals and whether they still come out; a POST seals."""
    unit = _sealing_unit(request, code, day)
    if request.method == "POST":
        return _act(request, SealForm(request.POST, unit=unit, day=day))
    refuse_look_back(request, unit, day)
    form = SealForm(unit=unit, day=day)
    kept_through_sign_in.fill(form, kept_through_sign_in.take(request))
    return _page(request, form)


@post_view
def seal_undo(request, code, day):
    """Take one's own seal of the last minutes back."""
    return _act(request, SealUndoForm(request.POST, unit=_sealing_unit(request, code, day), day=day))


def _sealing_unit(request, code, day):
    unit = visible_unit(request, code, day)
    picked_day(request, day)
    if not unit.is_sealing:
        raise Http404
    if not access.is_sealing_clerk(request.user, unit):
        raise PermissionDenied
    return unit


def _act(request, form):
    address = reverse("reporting:seal", args=[form.unit.code, form.day])
    return act_in(request, form, back_to=address, page=lambda status: _page(request, form, status))


def _page(request, form, status=200):
    unit, day = form.unit, form.day
    found = day_to_seal.on_day(unit, day, by=request.user, at=request.arrived_at)
    asking = form if isinstance(form, SealForm) else SealForm(unit=unit, day=day)
    context = {"unit": unit, "day": day, "picker": picked_day(request, day), "sealing": found}
    return render(request, "reporting/seal.html", {**context, "form": asking, "bound": form}, status=status)


@read_view
def changes(request, code, day):
    """Why a sealed day has changed since: the figure then, the figure now, and every cause."""
    unit = visible_unit(request, code, day, is_open=True)
    picked_day(request, day)
    refuse_look_back(request, unit, day)
    newest = look_back.newest_seal(unit, day)
    if newest is None:
        raise Http404("not sealed")
    found = change_records.changes(unit, rollup.rows(unit, day, at=request.arrived_at), newest)
    return render(request, "reporting/changes.html", unit_context(request, unit, day) | {"changes": found})
