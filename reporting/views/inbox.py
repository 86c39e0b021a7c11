from django.core.exceptions import PermissionDenied
from django.shortcuts import render

from .. import deadline
from ..pages import inbox as inboxes
from ..people import access
from .guards import read_view


@read_view
def inbox(request):
    """The page of what waits for the person."""
    if not inboxes.can_act(request.user):
        raise PermissionDenied
    today = deadline.reporting_day(request.arrived_at)
    unit = access.visible_units(request.user).named(today).get(pk=request.user.unit_id)
    context = {
        "unit": unit,
        "today": today,
        "inbox": inboxes.inbox(request.user, at=request.arrived_at),
        "trail": access.trail(request.user, unit, today),
    }
    return render(request, "reporting/inbox.html", context)
