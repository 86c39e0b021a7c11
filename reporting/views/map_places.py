from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from ..acts import campaign
from ..acts import map_places as map_places_act
from ..forms.map_places import MapPlacesForm
from ..hours import deadline
from ..models import AccessRecord
from ..models.map_place import MOST
from .asked import refused, visible_unit
from .guards import form_view


@form_view
def map_places(request, code):
    """Where the units right below lie on the map, in numbers; for who keeps the units."""
    day = deadline.reporting_day(request.arrived_at)
    unit = visible_unit(request, code, day, is_open=True)
    if not campaign.may_set(request.user, unit):
        raise PermissionDenied
    form = MapPlacesForm(request.POST if request.method == "POST" else None, unit=unit, day=day)
    if not 0 < len(form.units) <= MOST:
        raise Http404("no map")
    status = refused(form, by=request.user) if request.method == "POST" else 200
    if status is None:
        moved = form.saved
        _note(request, form.now, moved)
        words = ngettext("%(n)s unit has another place.", "%(n)s units have another place.", len(moved))
        messages.success(request, words % {"n": len(moved)} if moved else _("Nothing has changed."))
        return redirect("reporting:map_places", code=code)
    top = request.user.unit
    context = {"unit": unit, "form": form, "others": map_places_act.with_a_map(top).named(day).order_by("path")}
    return render(request, "reporting/map_places.html", context, status=status)


def _note(request, before, moved):
    for one in moved:
        detail = _("place on the map: %(before)s → %(after)s") % {
            "before": before[one.code] or "–",
            "after": one.place or "–",
        }
        AccessRecord.objects.note(AccessRecord.Kind.UNIT_CHANGED, request=request, unit=one, detail=detail)
