from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy

from .. import deadline
from ..models import AccessRecord, Reorganisation
from ..people import kept_through_sign_in
from ..text import formatting
from ..views.campaign import NEWEST, preview_or_save, say_recorded, sealing_unit
from ..views.guards import form_view
from ..views.sign_in import recently_confirmed
from .forms import MADE_UP, ReorganisationForm


@form_view
@recently_confirmed(gettext_lazy("Mergers, splits and renames"))
def reorganise(request):
    """Mergers, splits and renames: the first POST shows the effect, the second records them."""
    top = sealing_unit(request)
    posted = request.POST if request.method == "POST" else None
    form = ReorganisationForm(posted, by=request.user, at=request.arrived_at)
    kept_through_sign_in.fill_form(form, kept_through_sign_in.take_typed(request))
    recorded, status = preview_or_save(form)
    if recorded:
        detail = f"{recorded.source} ({formatting.day(recorded.effective_on)})"
        AccessRecord.objects.note(AccessRecord.Kind.UNIT_CHANGED, request=request, detail=detail)
        say_recorded(request, recorded)
        return redirect("reporting:reorganise")
    context = {
        "unit": top,
        "form": form,
        "recorded": Reorganisation.objects.select_related("by", "withdrawn_by")[:NEWEST],
        "today": deadline.reporting_day(request.arrived_at),
        "made_up": MADE_UP,
    }
    return render(request, "reporting/reorganisation/reorganise.html", context, status=status)
