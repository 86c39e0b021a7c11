from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from .. import acts
from ..acts import refusals
from ..forms.campaign import CITY_FORMS
from ..models import AccessRecord, BaseFigure, Directive, Downtime, ExemptDay, Extension, Unit
from ..people import access

SHOWN = 30  # of the newest of each kind


@require_safe
@login_required
def campaign(request):
    """What the city sets: directive and hours, extensions, exempt days, downtime ("Thiết lập đợt")."""
    return _page(request, sealing_unit(request))


@require_POST
@login_required
def campaign_add(request, kind):
    """Add one of them; what is there is never changed."""
    top = sealing_unit(request)
    if kind not in CITY_FORMS:
        raise Http404
    form = CITY_FORMS[kind](request.POST, top=top, by=request.user, at=request.arrived_at)
    if form.is_valid():
        try:
            recorded = form.save()
        except acts.NotWritten as error:
            form.add_error(None, refusals.words(error))
            return _page(request, top, bound=form, status=refusals.status(error))
        AccessRecord.objects.note(
            AccessRecord.Kind.CAMPAIGN_CHANGED,
            request=request,
            unit=getattr(recorded, "unit", None),
            detail=f"{recorded._meta.verbose_name}: {recorded}",
        )
        messages.success(request, _("Recorded."))
        return redirect("reporting:campaign")
    return _page(request, top, bound=form, status=422)


def sealing_unit(request):
    """The unit that seals, for its own clerk only."""
    unit = request.user.unit
    if unit is None or not access.is_sealing_clerk(request.user, unit):
        raise PermissionDenied
    return unit


def _page(request, top, *, bound=None, status=200):
    forms = [
        bound if bound is not None and bound.name == name else form(top=top, by=request.user, at=request.arrived_at)
        for name, form in CITY_FORMS.items()
    ]
    is_below = {"unit__path__startswith": top.path}
    bases = BaseFigure.objects.filter(by__isnull=False, **is_below).order_by("-recorded_at", "-id")
    context = {
        "unit": top,
        "forms": {form.name: form for form in forms},
        "bound": bound,
        "directives": Directive.objects.all()[:SHOWN],
        "extensions": _named(Extension.objects.filter(**is_below)[:SHOWN]),
        "exempt_days": _named(ExemptDay.objects.filter(**is_below)[:SHOWN]),
        "downtimes": Downtime.objects.all()[:SHOWN],
        "bases": _named(bases[:SHOWN]),
    }
    return render(request, "reporting/campaign.html", context, status=status)


def _named(records):
    """The records with their units' names, in one more query."""
    records = list(records)
    if records:
        newest = max(getattr(record, "day", None) or record.effective_on for record in records)
        units = Unit.objects.named(newest).in_bulk({record.unit_id for record in records})
        for record in records:
            record.unit = units[record.unit_id]
    return records
