"""Who is signed in: for how long, of which unit and site; what he takes away is noted, what he sees is not stored."""

from django.contrib import messages
from django.contrib.auth import logout
from django.utils.cache import add_never_cache_headers
from django.utils.http import parse_header_parameters
from django.utils.translation import gettext as _

from .. import site
from ..hours import deadline
from ..models import AccessRecord, Unit
from ..people import accounts, second_factor, sessions
from ..text import formatting


def idle(get_response):
    """The accounts of the city and of administrators are signed out when they were left alone for an hour.

    An officer's is not: it reaches one unit, and signing in again at the hour is what costs that unit its day.
    """

    def middleware(request):
        if request.user.is_authenticated and second_factor.reaches_far(request.user):
            if sessions.is_idle(request):
                logout(request)
            else:
                sessions.use(request)
        return get_response(request)

    return middleware


def successor(get_response):
    """From the day that a unit is no more its people belong to the unit in which it has ended, and are told so."""

    def middleware(request):
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
        return get_response(request)

    return middleware


def private_pages(get_response):
    """What a signed-in person sees is stored neither by the browser nor on the way, but for the emblem."""

    def middleware(request):
        response = get_response(request)
        if request.user.is_authenticated and not getattr(response, "is_kept", False):
            add_never_cache_headers(response)
        return response

    return middleware


def current_site(get_response):
    """Sets what `site.current` answers while the request is answered; nothing is read before a page asks for it."""

    def middleware(request):
        with site.holding(lambda: _site(request)):
            return get_response(request)

    return middleware


def _site(request) -> site.Site:
    day = deadline.reporting_day(request.arrived_at)
    unit = request.user.unit if request.user.is_authenticated else None
    return site.over(unit, day) if unit else site.of_the_top(day)


def downloads(get_response):
    """Whoever takes a file away is noted, whichever view has made it."""

    def middleware(request):
        response = get_response(request)
        disposition, options = parse_header_parameters(response.get("Content-Disposition", ""))
        if disposition == "attachment" and request.user.is_authenticated:  # a HEAD takes nothing, but as much work
            code = request.resolver_match.kwargs.get("code")
            AccessRecord.objects.note(
                AccessRecord.Kind.DOWNLOADED,
                request=request,
                unit=Unit.objects.filter(code=code).first() if code else None,
                detail=f"{'HEAD ' if request.method == 'HEAD' else ''}{options.get('filename', '')}",
            )
        return response

    return middleware
