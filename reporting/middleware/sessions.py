"""Middleware for the signed-in person: idle sessions, a unit's successor, the site, private answers."""

from datetime import datetime, timedelta

from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.views import redirect_to_login
from django.core.cache import cache
from django.urls import reverse
from django.utils.cache import add_never_cache_headers
from django.utils.deprecation import MiddlewareMixin
from django.utils.http import parse_header_parameters
from django.utils.translation import gettext as _

from .. import deadline, site
from ..days import state
from ..models import AccessRecord, Unit, User
from ..people import access, accounts, kept_through_sign_in, second_factor, sessions
from ..text import formatting


class PersonMiddleware(MiddlewareMixin):
    """Ends idle sessions, moves people of closed units, keeps answers private."""

    def process_request(self, request):
        # Officers stay signed in: they reach one unit only, and could miss the deadline by signing in again.
        if request.user.is_authenticated and second_factor.reaches_far(request.user) and sessions.is_idle(request):
            logout(request)
        if request.user.is_authenticated:
            sessions.note_use(request)
            self._follow(request, deadline.reporting_day(request.arrived_at))

    def _follow(self, request, today):
        """Move the person of a closed unit to its successor; tell them."""
        request.user.acts_on, request.user.holds = today, None
        closed = accounts.move_to_successor(request.user, today)
        if closed:
            units = Unit.objects.named(today).in_bulk([closed.pk, request.user.unit_id])
            words = _("Since %(day)s %(unit)s is part of %(successor)s. This account now belongs to %(successor)s.") % {
                "unit": units[closed.pk].full_name,
                "successor": units[request.user.unit_id].full_name,
                "day": formatting.day(closed.closed_on),
            }
            messages.info(request, words)
            kind, moved = AccessRecord.Kind.PERSON_CHANGED, f"{closed.code} → {request.user.unit.code}"
            AccessRecord.objects.note(kind, request=request, about=request.user, detail=moved)

    def process_response(self, request, response):
        """Forbids caches to store answers for signed-in people. Records downloads."""
        if not request.user.is_authenticated:
            return response
        add_never_cache_headers(response)
        disposition, options = parse_header_parameters(response.get("Content-Disposition", ""))
        if disposition == "attachment":  # a HEAD costs the same work
            code = request.resolver_match.kwargs.get("code")
            AccessRecord.objects.note(
                AccessRecord.Kind.DOWNLOADED,
                request=request,
                unit=Unit.objects.filter(code=code).first() if code else None,
                detail=f"{'HEAD ' if request.method == 'HEAD' else ''}{options.get('filename', '')}",
            )
        return response


def current_site(get_response):
    """Sets `site.current` for the request; the first use reads it from the database."""

    def middleware(request):
        with site.use_site(lambda: _site(request)):
            return get_response(request)

    return middleware


def _site(request) -> site.Site:
    day = deadline.reporting_day(request.arrived_at)
    unit = request.user.unit if request.user.is_authenticated else None
    return site.site_of(unit, day) if unit else cache.get_or_set(f"top-site-{day}", lambda: site.top_site(day), 60)


OPEN_TO_ALL = {
    "logout",
    "passkey_sign_in",
    "set_language",
    "reporting:healthz",
    "reporting:guide",
    "reporting:guide_of",
    "reporting:offline",
    "reporting:worker",
    "reporting:icon",
    "reporting:manifest",
}


class FirstStepsMiddleware(MiddlewareMixin):
    """Sends a person to the second factor's code or set-up, then to the change of a one-time password.

    In the last half hour before the person's deadline the password can wait. A form sent before is shown again, filled.
    """

    def process_view(self, request, view, args, kwargs):
        person = request.user
        if person.is_authenticated and sessions.BY_PASSKEY in request.session:
            person.otp_device = sessions.BY_PASSKEY
        if second_factor.owes_code(person):
            return _redirect_to_step(request, "reporting:second_factor_verify")
        if second_factor.must_set_up(person) and request.resolver_match.view_name != "reporting:passkey_add":
            return _redirect_to_step(request, "reporting:second_factor_set_up")
        if not person.is_authenticated or not person.must_change_password:
            return None
        is_at_work = request.resolver_match.view_name in NEAR_THE_HOUR
        if is_at_work and is_near_the_hour(person, request.arrived_at):
            return None
        return _redirect_to_step(request, "password_change")


def _redirect_to_step(request, to: str):
    """Returns a redirect to the step, then to the page; None if the page is open to all."""
    page = request.resolver_match.view_name
    if page == to or page in OPEN_TO_ALL or "api" in request.resolver_match.namespaces:  # opened by a token
        return None
    shown_on = kept_through_sign_in.page_of(request)
    kept_through_sign_in.keep_typed(request, shown_on)
    if request.method in ("GET", "HEAD") or page in kept_through_sign_in.PAGES:
        return redirect_to_login(request.get_full_path(), reverse(to))
    return redirect_to_login("/" if shown_on == request.path else shown_on, reverse(to))


NEAR_THE_HOUR = {"reporting:home", "reporting:unit", "reporting:report", "reporting:report_detail"}
REPORTS_FIRST = timedelta(minutes=30)  # before the day closes


def is_near_the_hour(user: User, at: datetime) -> bool:
    """Whether the day closes within half an hour for a unit that the person reports for."""
    states = state.day_states(list(access.reportable_units(user)), deadline.reporting_day(at), at=at).values()
    soon = at + REPORTS_FIRST
    return any(one.is_open and not deadline.is_in_time(soon, closes_at=one.open_until) for one in states)
