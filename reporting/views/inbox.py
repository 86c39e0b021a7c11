from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.shortcuts import render
from django.views.decorators.http import require_safe

from ..hours import deadline
from ..pages import inbox as inboxes
from ..people import access


@require_safe
@login_required
def inbox(request):
    """What waits for the person who looks."""
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
