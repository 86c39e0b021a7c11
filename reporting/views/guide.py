from django.http import Http404
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from ..pages import guide as guides
from .guards import post_view


@require_safe
def guide(request, role=None):
    """The steps of one's own work, or of another role's; open to who has not signed in yet."""
    role = role or guides.role_of(request.user)
    if role not in guides.TITLES:
        raise Http404
    context = {"role": role, "guide_title": guides.TITLES[role], "titles": guides.TITLES}
    return render(request, f"reporting/guide_{role}.html", context)


@post_view
def hints_close(request):
    """The hints of a first visit are gone for good."""
    request.user.hints_closed = True
    request.user.save(update_fields=["hints_closed"])
    return redirect("reporting:home")
