"""The edge: the moment of arrival, the language, whose person it is, his first password, and that private pages are
kept by nobody."""

import re
from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import BadRequest
from django.http import HttpResponse, HttpResponseNotAllowed
from django.urls import reverse
from django.utils import translation
from django.utils.cache import add_never_cache_headers
from django.utils.http import parse_header_parameters
from django.utils.translation import gettext as _

from . import access, clock, deadline, formatting, reorganisation, second_factor, sessions, spreadsheets, state, unsent
from .models import AccessRecord, Unit, User

OLDEST_START = timedelta(seconds=60)
UNUSED_FEATURES = (
    *("accelerometer", "camera", "display-capture", "geolocation", "gyroscope", "magnetometer", "microphone", "midi"),
    *("hid", "serial", "usb", "payment", "publickey-credentials-get", "screen-wake-lock", "clipboard-read"),
)
REQUEST_START = re.compile(r"t=([0-9]{1,11}(?:\.[0-9]{1,6})?)")


class ArrivalMiddleware:
    """Sets `request.arrived_at`, the one instant that decides on time or late.

    It is the clock's reading when a thread takes the request; behind a proxy that is declared trusted
    (TRUST_REQUEST_START), the proxy's own, unless that is in the future or more than a minute back.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        request.arrived_at = arrival(request.headers.get("X-Request-Start", ""), now=clock.now())
        return self.get_response(request)


def arrival(header: str, *, now: datetime) -> datetime:
    """The proxy's "t=<seconds.milliseconds>" where it may be believed, otherwise `now`."""
    stamp = REQUEST_START.fullmatch(header.strip()) if settings.TRUST_REQUEST_START else None
    if not stamp:
        return now
    started = datetime.fromtimestamp(float(stamp[1]), tz=UTC) + clock.offset()
    return started if now - OLDEST_START <= started <= now else now


class IsolationMiddleware:
    """Nothing of this host is for other sites to read, and no page uses a device of the phone."""

    HEADERS = {
        "Cross-Origin-Resource-Policy": "same-origin",
        "Permissions-Policy": ", ".join(
            [f"{feature}=()" for feature in UNUSED_FEATURES] + ["clipboard-write=(self)"]  # the board's reminder
        ),
    }

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        response = self.get_response(request)
        for name, value in self.HEADERS.items():
            response.headers.setdefault(name, value)
        return response


class MethodsMiddleware:
    """A page is asked for, or sent to; nothing here knows another method."""

    KNOWN = ("GET", "HEAD", "POST")

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        if request.method not in self.KNOWN:
            return HttpResponseNotAllowed(self.KNOWN)
        return self.get_response(request)


class LengthMiddleware:
    """A body beyond all that is sent here is not even read: Django would write it to the disk whole, whoever sent it.

    One that is not so long is read, and its form says what is too large.
    """

    LONGEST = 20 * 1024**2  # bytes

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        length = request.META.get("CONTENT_LENGTH") or ""
        if length.isdecimal() and (len(length) > 19 or int(length) > self.LONGEST):
            return HttpResponse(spreadsheets.too_large(), status=413, content_type="text/plain; charset=utf-8")
        return self.get_response(request)


class NulMiddleware:
    """No path or cookie of ours holds a NUL, which one database takes and the other fails on: 400."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        texts = (request.path_info, *request.COOKIES.values())
        if any("\x00" in text for text in texts):
            raise BadRequest("NUL in the request")
        return self.get_response(request)


class LanguageMiddleware:
    """Vietnamese, unless the person chose otherwise: what the browser prefers says nothing about an office."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        chosen = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME)
        language = chosen if chosen in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE
        request.LANGUAGE_CODE = language
        with translation.override(language):
            response = self.get_response(request)
        response.headers.setdefault("Content-Language", language)
        return response


class IdleMiddleware:
    """The accounts of the city and of administrators are signed out when they were left alone for an hour.

    An officer's is not: it reaches one unit, and signing in again at the hour is what costs that unit its day.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        if request.user.is_authenticated and second_factor.is_for(request.user):
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
            closed = reorganisation.follow(request.user, today)
            if closed:
                units = Unit.objects.named(today).in_bulk([closed.pk, request.user.unit_id])
                words = _("%(unit)s went into %(successor)s on %(day)s. This account now belongs to %(successor)s.") % {
                    "unit": units[closed.pk].full_name,
                    "successor": units[request.user.unit_id].full_name,
                    "day": formatting.day(closed.closed_on),
                }
                messages.info(request, words)
        return self.get_response(request)


ALWAYS = {"logout", "set_language", "reporting:healthz"}


class SecondFactorMiddleware:
    """Who has a second factor gives its code before anything else, and who must have one sets it up.

    Figures that were sent meanwhile wait in the session and are back in the form afterwards.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        return self.get_response(request)

    def process_view(self, request, view, args, kwargs):
        if second_factor.owes_code(request.user):
            return _led_away(request, "reporting:second_factor_verify")
        if second_factor.must_set_up(request.user):
            return _led_away(request, "reporting:second_factor_set_up")
        return None


def _led_away(request, to: str):
    """To the page that comes first, and afterwards on to the one that was asked for; None for what is always open."""
    page = request.resolver_match.view_name
    if page == to or page in ALWAYS:
        return None
    unsent.keep(request, request.path)
    is_page = request.method in ("GET", "HEAD") or page in unsent.PAGES
    return redirect_to_login(request.get_full_path() if is_page else "/", reverse(to))


NEAR_THE_HOUR = {"reporting:home", "reporting:unit", "reporting:report", "reporting:report_detail"}
REPORTS_FIRST = timedelta(minutes=30)  # before the hour


class FirstPasswordMiddleware:
    """A one-time password is changed before anything else, but it never stands between an officer and the hour.

    Figures that were sent meanwhile wait in the session and are back in the form afterwards.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        return self.get_response(request)

    def process_view(self, request, view, args, kwargs):
        if not request.user.is_authenticated or not request.user.must_change_password:
            return None
        if second_factor.owes_code(request.user):
            return None  # first things first
        page = request.resolver_match.view_name
        if page in NEAR_THE_HOUR and is_near_the_hour(request.user, request.arrived_at):
            return None
        return _led_away(request, "password_change")


def is_near_the_hour(user: User, at: datetime) -> bool:
    """Whether a day that the person reports closes within half an hour."""
    states = state.day_states(list(access.reportable_units(user)), deadline.reporting_day(at), at=at).values()
    return any(found.is_open and found.open_until - at <= REPORTS_FIRST for found in states)


class DownloadsMiddleware:
    """Whoever takes a file away is noted, whichever view has made it."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        response = self.get_response(request)
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


class PrivatePagesMiddleware:
    """What a signed-in person sees is stored neither by the browser nor on the way."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        response = self.get_response(request)
        if request.user.is_authenticated:
            add_never_cache_headers(response)
        return response
