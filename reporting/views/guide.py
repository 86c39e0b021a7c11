from django.http import Http404
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from ..pages import guide as guides
from .guards import post_view


@require_safe
def guide(request, role=None):
    """The steps of one's own work, or of another role's; open to who has not signed in yet."""
    shown = guides.GUIDES.get(role) if role else guides.of(request.user)
    if shown is None:
        raise Http404
    context = {"guide": shown, "guides": guides.GUIDES.values(), "language": get_language()}
    return render(request, "reporting/guide.html", context)


@post_view
def hints_close(request):
    """The hints of a first visit are gone for good."""
    request.user.hints_closed = True
    request.user.save(update_fields=["hints_closed"])
    return redirect("reporting:home")
