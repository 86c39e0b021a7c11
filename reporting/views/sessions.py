from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from ..models import AccessRecord
from ..people import sessions
from .confirmation import recently_confirmed
from .guards import post_view, read_view


@read_view
def session_list(request):
    """The devices that the person is signed in on."""
    return render(request, "reporting/session_list.html", {"sessions": sessions.own(request)})


@post_view
@recently_confirmed(gettext_lazy("Sign out on other devices"))
def session_end(request):
    """End one of them, or all but this one."""
    ended = sessions.end(request, request.POST.get("session", ""))
    if ended:
        AccessRecord.objects.note(AccessRecord.Kind.SIGNED_OUT, request=request, detail=_("on another device"))
    words = ngettext("%(n)s device has been signed out.", "%(n)s devices have been signed out.", ended)
    messages.success(request, words % {"n": ended})
    return redirect("reporting:session_list")
