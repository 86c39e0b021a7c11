"""What comes before any page: the code of the second factor, then the change of a one-time password."""

from datetime import datetime, timedelta

from django.contrib.auth.views import redirect_to_login
from django.urls import reverse
from django.utils.deprecation import MiddlewareMixin

from ..days import state
from ..hours import deadline
from ..models import User
from ..people import access, kept_through_sign_in, provider, second_factor

# Open to anybody, of nobody.
ALWAYS = {
    "logout",
    "set_language",
    "reporting:healthz",
    "reporting:guide",
    "reporting:guide_of",
    "reporting:offline",
    "reporting:worker",
    "reporting:icon",
    "reporting:manifest",
    "reporting:emblem",
}


class FirstStepsMiddleware(MiddlewareMixin):
    """Who has a second factor gives its code before anything else, and who must have one sets it up. Then a one-time
    password is changed; but it never stands between an officer and the hour.

    Figures that were sent meanwhile wait in the session and are back in the form afterwards.
    """

    def process_view(self, request, view, args, kwargs):
        person = request.user
        if person.is_authenticated and request.session.get(provider.FACTOR):
            person.otp_device = provider.FACTOR  # as good as one of ours
        if second_factor.owes_code(person):
            return _led_away(request, "reporting:second_factor_verify")
        if second_factor.must_set_up(person):
            return _led_away(request, "reporting:second_factor_set_up")
        if not person.is_authenticated or not person.must_change_password:
            return None
        is_at_work = request.resolver_match.view_name in NEAR_THE_HOUR
        if is_at_work and is_near_the_hour(person, request.arrived_at):
            return None
        return _led_away(request, "password_change")


def _led_away(request, to: str):
    """To the page that comes first, and afterwards on to the one that was asked for; None for what is always open."""
    page = request.resolver_match.view_name
    if page == to or page in ALWAYS or "api" in request.resolver_match.namespaces:  # a token opens that, no session
        return None
    shown_on = kept_through_sign_in.page_of(request)
    kept_through_sign_in.keep(request, shown_on)
    if request.method in ("GET", "HEAD") or page in kept_through_sign_in.PAGES:
        return redirect_to_login(request.get_full_path(), reverse(to))
    return redirect_to_login("/" if shown_on == request.path else shown_on, reverse(to))


NEAR_THE_HOUR = {"reporting:home", "reporting:unit", "reporting:report", "reporting:report_detail"}
REPORTS_FIRST = timedelta(minutes=30)  # before the hour


def is_near_the_hour(user: User, at: datetime) -> bool:
    """Whether a day that the person reports closes within half an hour."""
    states = state.day_states(list(access.reportable_units(user)), deadline.reporting_day(at), at=at).values()
    return any(found.is_open and found.open_until - at <= REPORTS_FIRST for found in states)
