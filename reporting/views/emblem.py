from django.contrib import messages
from django.db.models import Exists, OuterRef
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from ..acts import REFUSED
from ..forms.office import EmblemForm, record_emblem
from ..models import Emblem
from .campaign import note_change, sealing_unit
from .guards import form_view

SERVED = {"Cache-Control": "public, max-age=31536000, immutable"}  # its address is its digest


@require_safe
def emblem(request, digest):
    """The picture itself, of nobody: the sign-in page shows it. One that was taken away is there no longer."""
    later = Emblem.objects.filter(unit=OuterRef("unit"), id__gt=OuterRef("id"))
    found = Emblem.objects.filter(~Exists(later), digest=digest).exclude(digest="").first()
    if found is None:
        raise Http404
    response = HttpResponse(bytes(found.content), content_type="image/png", headers=SERVED)
    response.is_kept = True
    return response


@form_view
def emblem_set(request):
    """Put a picture beside the office's name, or take it away."""
    top, form, status = sealing_unit(request), EmblemForm(), 200
    if request.method == "POST":
        if "remove" in request.POST:
            return _recorded(request, record_emblem(top=top, by=request.user))
        form, status = EmblemForm(request.POST, request.FILES), REFUSED
        if form.is_valid():
            return _recorded(request, form.save(top=top, by=request.user))
    digest = Emblem.objects.filter(unit=top).values_list("digest", flat=True).first()
    return render(request, "reporting/emblem.html", {"unit": top, "form": form, "digest": digest}, status=status)


def _recorded(request, recorded):
    note_change(request, recorded, f"{recorded._meta.verbose_name}: {recorded}")
    messages.success(request, _("Recorded."))
    return redirect("reporting:emblem_set")
