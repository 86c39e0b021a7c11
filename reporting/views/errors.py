"""Error pages in the reader's language, each with a way on. That of a failure (500) needs no database."""

from django.http import HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.translation import gettext_lazy as _

TYPED = {  # what of a form is worth showing again, by field
    "installs": _("New installs"),
    "cumulative": _("Cumulative installs so far"),
    "opening": _("Installed before the campaign"),
    "households_visited": _("New households visited"),
    "adjust_by": _("Adjustment"),
    "reason": _("Reason"),
    "note": _("Difficulties"),
}


def permission_denied(request, exception=None):
    return render(request, "403.html", status=403)


def page_not_found(request, exception=None):
    return render(request, "404.html", status=404)


def server_error(request):
    return HttpResponse(render_to_string("500.html"), status=500)  # no request: its context would ask the database


def csrf_failure(request, reason=""):
    """What was sent was not saved: say so, show what was typed, and lead back to the page that it came from.

    It is shown as text and not put into the form: nobody can know that it was this person who typed it.
    """
    typed = [(words, request.POST[field]) for field, words in TYPED.items() if request.POST.get(field)]
    return render(request, "403_csrf.html", {"back": request.path, "typed": typed}, status=403)
