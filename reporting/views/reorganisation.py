from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy

from ..forms.reorganisation import ReorganisationForm
from ..hours import deadline
from ..imports.kinds import mergers
from ..models import AccessRecord, Reorganisation
from ..people import kept_through_sign_in
from .campaign import say_recorded, sealing_unit, shown_or_saved
from .confirmation import recently_confirmed
from .guards import form_view

SHOWN = 30  # of the newest


@form_view
@recently_confirmed(gettext_lazy("Mergers, splits and renames"))
def reorganise(request):
    """Mergers, splits and renames: a first POST shows what will happen, the second of the same records it."""
    top = sealing_unit(request)
    sent = (request.POST, request.FILES) if request.method == "POST" else ()
    form = ReorganisationForm(*sent, by=request.user, at=request.arrived_at)
    kept_through_sign_in.fill(form, kept_through_sign_in.take(request))
    recorded, status = shown_or_saved(form)
    if recorded:
        AccessRecord.objects.note(AccessRecord.Kind.UNIT_CHANGED, request=request, detail=str(recorded))
        say_recorded(request, recorded)
        return redirect("reporting:reorganise")
    context = {
        "unit": top,
        "form": form,
        "recorded": Reorganisation.objects.select_related("by", "withdrawn_by")[:SHOWN],
        "today": deadline.reporting_day(request.arrived_at),
        "made_up": mergers.MADE_UP,
    }
    return render(request, "reporting/reorganise.html", context, status=status)
