from datetime import timedelta

from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy

from .. import acts, imports
from ..forms.reorganisation import ReorganisationForm
from ..hours import deadline
from ..imports.kinds import mergers
from ..models import AccessRecord, Reorganisation
from ..people import kept_through_sign_in
from .campaign import say_recorded, sealing_unit
from .confirmation import recently_confirmed
from .guards import form_view

SHOWN = 30  # of the newest


@form_view
@recently_confirmed(gettext_lazy("Mergers, splits and renames"))
def reorganise(request):
    """Mergers, splits and renames: a first POST shows what will happen, the second of the same records it."""
    top = sealing_unit(request)
    if request.method != "POST":
        form = ReorganisationForm(by=request.user, at=request.arrived_at)
        kept_through_sign_in.fill(form, kept_through_sign_in.take(request))
        return _page(request, top, form)
    form = ReorganisationForm(request.POST, request.FILES, by=request.user, at=request.arrived_at)
    if not form.is_valid():
        return _page(request, top, form, status=acts.REFUSED)
    if not form.is_confirmed:
        form.show_plan()
        return _page(request, top, form)
    try:
        recorded = form.save()
    except acts.NotWritten as error:
        form.refuse(error)
        status = acts.CONFLICT if isinstance(error, imports.Changed) else acts.REFUSED
        return _page(request, top, form, status=status)
    AccessRecord.objects.note(AccessRecord.Kind.UNIT_CHANGED, request=request, detail=str(recorded))
    say_recorded(request, recorded)
    return redirect("reporting:reorganise")


def _page(request, top, form, *, status=200):
    recorded = Reorganisation.objects.select_related("by", "withdrawn_by")[:SHOWN]
    today = deadline.reporting_day(request.arrived_at)
    context = {
        "unit": top,
        "form": form,
        "recorded": recorded,
        "today": today,
        "made_up": mergers.MADE_UP,
        "example": mergers.example(top, today + timedelta(days=1)),
    }
    return render(request, "reporting/reorganise.html", context, status=status)
