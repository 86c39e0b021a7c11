"""Whose session it is: left alone for an hour, or of a unit that has gone into another; and that no page is stored."""

from django.contrib import messages
from django.contrib.auth import logout
from django.utils.cache import add_never_cache_headers
from django.utils.translation import gettext as _

from ..hours import deadline
from ..models import AccessRecord, Unit
from ..people import accounts, second_factor, sessions
from ..text import formatting


class IdleMiddleware:
    """The accounts of the city and of administrators are signed out when they were left alone for an hour.

    An officer's is not: it reaches one unit, and signing in again at the hour is what costs that unit its day.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        if request.user.is_authenticated and second_factor.reaches_far(request.user):
            if sessions.is_idle(request):
                logout(request)
            else:
                sessions.use(request)
        return self.get_response(request)


class SuccessorMiddleware:
    """From the day that a unit is no more its people belong to the unit in which it has ended, and are told so."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        if request.user.is_authenticated:
            request.user.acts_on, request.user.holds = deadline.reporting_day(request.arrived_at), None
            today = request.user.acts_on
            closed = accounts.follow(request.user, today)
            if closed:
                units = Unit.objects.named(today).in_bulk([closed.pk, request.user.unit_id])
                words = _("%(unit)s went into %(successor)s on %(day)s. This account now belongs to %(successor)s.") % {
                    "unit": units[closed.pk].full_name,
                    "successor": units[request.user.unit_id].full_name,
                    "day": formatting.day(closed.closed_on),
                }
                messages.info(request, words)
                kind, moved = AccessRecord.Kind.PERSON_CHANGED, f"{closed.code} → {request.user.unit.code}"
                AccessRecord.objects.note(kind, request=request, about=request.user, detail=moved)
        return self.get_response(request)


class PrivatePagesMiddleware:
    """What a signed-in person sees is stored neither by the browser nor on the way, but for the emblem."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        response = self.get_response(request)
        if request.user.is_authenticated and not getattr(response, "is_kept", False):
            add_never_cache_headers(response)
        return response
