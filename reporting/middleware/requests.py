"""Middleware for every request, signed in or not."""

import logging
import re
from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.core.exceptions import BadRequest
from django.db import DataError, IntegrityError
from django.http import HttpResponse, HttpResponseForbidden, HttpResponseNotAllowed
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.deprecation import MiddlewareMixin

from .. import clock, read_cache
from ..files import spreadsheets
from ..text import addresses

log = logging.getLogger("reporting.proxies")
log_limits = logging.getLogger("reporting.limits")

OLDEST = timedelta(seconds=60)
STAMP = re.compile(r"t=([0-9]{1,11}(?:\.[0-9]{1,6})?)")
METHODS = ("GET", "HEAD", "POST")
UNUSED_FEATURES = (
    *("accelerometer", "camera", "display-capture", "geolocation", "gyroscope", "magnetometer", "microphone", "midi"),
    *("hid", "serial", "usb", "payment", "screen-wake-lock", "clipboard-read"),
)
ISOLATION = {
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",  # for answers that are not pages
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": ", ".join(
        [f"{feature}=()" for feature in UNUSED_FEATURES]
        + ["clipboard-write=(self)", "publickey-credentials-get=(self)"]  # to copy a reminder; passkeys
    ),
}


PROXY_HEADERS = ("X-Forwarded-For", "X-Request-Start")


class EdgeMiddleware(MiddlewareMixin):
    """Sets `request.arrived_at`, and headers: other sites may not read answers, pages may not use camera and others.

    Where proxies are trusted, refuses a proxy's headers from a peer that is not declared (403).
    """

    def process_request(self, request):
        request.arrived_at = arrival(request.headers.get("X-Request-Start", ""), now=clock.now())
        is_trusting = settings.TRUSTED_PROXIES or settings.TRUST_REQUEST_START
        if is_trusting and any(name in request.headers for name in PROXY_HEADERS):
            peer = request.META.get("REMOTE_ADDR", "")
            if not addresses.is_declared_proxy(peer):
                log.warning("%s sends a proxy's headers and is not in FORWARDED_ALLOW_IPS", peer)
                return HttpResponseForbidden("not a proxy of this site\n", content_type="text/plain; charset=utf-8")
        return None

    def process_response(self, request, response):
        for name, value in ISOLATION.items():
            response.headers.setdefault(name, value)
        return response


def arrival(stamp: str = "", *, now: datetime) -> datetime:
    """Returns when a request arrived: by a trusted proxy's `stamp`, else `now`, when its body is read.

    With TRUST_REQUEST_START a `stamp` is "t=<seconds.milliseconds>"; one in the future or over a minute old is ignored.
    """
    match = STAMP.fullmatch(stamp.strip()) if settings.TRUST_REQUEST_START else None
    moment = datetime.fromtimestamp(float(match[1]), tz=UTC) + clock.offset() if match else now
    return moment if now - OLDEST <= moment <= now else now


class KnownRequestsMiddleware(MiddlewareMixin):
    """Refuses unknown methods (405), too long bodies before they are read (413), and NUL in the path or a cookie (400).

    Logs once if a proxy is not declared: then all people seem to have one address.
    """

    has_logged = False

    def process_request(self, request):
        if not self.has_logged and not settings.TRUSTED_PROXIES and "HTTP_X_FORWARDED_FOR" in request.META:
            self.has_logged = True
            log.warning("X-Forwarded-For arrives and TRUSTED_PROXIES is 0: all people seem to come from one address")
        if request.method not in METHODS:
            return HttpResponseNotAllowed(METHODS)
        length = request.META.get("CONTENT_LENGTH") or ""
        if length.isdecimal() and (len(length) > 19 or int(length) > settings.BODY_LONGEST):
            return HttpResponse(str(spreadsheets.too_large()), status=413, content_type="text/plain; charset=utf-8")
        if any("\x00" in text for text in (request.path_info, *request.COOKIES.values())):
            raise BadRequest("NUL in the request")
        return None


class LimitsMiddleware(MiddlewareMixin):
    """Shows a page for a value that the database (400) or a constraint (409) refuses.

    Acts handle this themselves (`acts.locking.act_transaction`); this is for other pages.
    """

    def process_exception(self, request, exception):
        is_sent = request.method == "POST"
        if isinstance(exception, DataError | OverflowError) or (is_sent and isinstance(exception, IntegrityError)):
            log_limits.warning("%s %s met a limit of the database: %s", request.method, request.path, exception)
            status = 409 if is_sent and isinstance(exception, IntegrityError) else 400
            return HttpResponse(render_to_string("limits.html", {"is_sent": is_sent}), status=status)
        return None

    def process_response(self, request, response):
        """Shows a page for a 405: browsers show an empty one as an error."""
        if request.method != "GET" or response.status_code != 405:
            return response
        page = render(request, "405.html", {"inbox_count": None}, status=405)
        page.headers["Allow"] = response.headers["Allow"]
        return page


def read_once(get_response):
    """Caches reads during a request (`read_cache`). A write clears the cache."""

    def middleware(request):
        with read_cache.cached_reads():
            return get_response(request)

    return middleware


def language(get_response):
    """Sets the language: Vietnamese unless the person chose another. The browser's preference is ignored."""

    def middleware(request):
        chosen = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME)
        language = chosen if chosen in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE
        request.LANGUAGE_CODE = language
        with translation.override(language):
            response = get_response(request)
        response.headers.setdefault("Content-Language", language)
        return response

    return middleware
