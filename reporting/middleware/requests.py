"""What is done for every request, whoever sends it.

What is no request of ours is refused before it costs anything, and nothing of this host is for other sites.
"""

import logging

from django.conf import settings
from django.core.exceptions import BadRequest
from django.db import DataError, IntegrityError
from django.http import HttpResponse, HttpResponseNotAllowed
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.deprecation import MiddlewareMixin

from .. import reading
from ..files import spreadsheets

log = logging.getLogger("reporting.proxies")
log_limits = logging.getLogger("reporting.limits")

METHODS = ("GET", "HEAD", "POST")
UNUSED_FEATURES = (
    *("accelerometer", "camera", "display-capture", "geolocation", "gyroscope", "magnetometer", "microphone", "midi"),
    *("hid", "serial", "usb", "payment", "publickey-credentials-get", "screen-wake-lock", "clipboard-read"),
)
ISOLATION = {
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": ", ".join(
        [f"{feature}=()" for feature in UNUSED_FEATURES] + ["clipboard-write=(self)"]  # the board's reminder
    ),
}


def isolation(get_response):
    """Nothing of this host is for other sites to read, and no page uses a device of the phone."""

    def middleware(request):
        response = get_response(request)
        for name, value in ISOLATION.items():
            response.headers.setdefault(name, value)
        return response

    return middleware


def known_requests(get_response):
    """A page is asked for, or sent to: no other method. A body beyond all that is sent here is not even read: Django
    would write it to the disk whole, whoever sent it. One that is not so long is read, and its form says what is too
    large. No path or cookie holds a NUL, which one database takes and the other fails on: 400.
    """

    def middleware(request):
        if request.method not in METHODS:
            return HttpResponseNotAllowed(METHODS)
        length = request.META.get("CONTENT_LENGTH") or ""
        if length.isdecimal() and (len(length) > 19 or int(length) > settings.BODY_LONGEST):
            return HttpResponse(str(spreadsheets.too_large()), status=413, content_type="text/plain; charset=utf-8")
        if any("\x00" in text for text in (request.path_info, *request.COOKIES.values())):
            raise BadRequest("NUL in the request")
        return get_response(request)

    return middleware


class LimitsMiddleware(MiddlewareMixin):
    """What no column of the database holds, or its constraints refuse, is said in words: 400, or 409 for what was sent.

    The acts say it themselves (`acts.locking.whole`); this is for every other page, the administrator's among them.
    """

    def process_exception(self, request, exception):
        is_sent = request.method == "POST"
        if isinstance(exception, DataError | OverflowError) or (is_sent and isinstance(exception, IntegrityError)):
            log_limits.warning("%s %s met a limit of the database: %s", request.method, request.path, exception)
            status = 409 if is_sent and isinstance(exception, IntegrityError) else 400
            return HttpResponse(render_to_string("limits.html", {"is_sent": is_sent}), status=status)
        return None


def forms_alone(get_response):
    """Where only a form leads, who opens the address by itself is told so: a browser shows an empty 405 as broken."""

    def middleware(request):
        response = get_response(request)
        if request.method != "GET" or response.status_code != 405:
            return response
        page = render(request, "405.html", {"inbox_count": None}, status=405)
        page.headers["Allow"] = response.headers["Allow"]
        return page

    return middleware


def undeclared_proxy(get_response):
    """A proxy that nobody has declared is told of in the log, once: it makes all people come from one address."""
    logged = []

    def middleware(request):
        if not logged and not settings.TRUSTED_PROXIES and "HTTP_X_FORWARDED_FOR" in request.META:
            logged.append(True)
            log.warning("X-Forwarded-For arrives and TRUSTED_PROXIES is 0: all people seem to come from one address")
        return get_response(request)

    return middleware


def read_once(get_response):
    """What is read once for a request: see `reading`. What is written in it is seen by what follows."""

    def middleware(request):
        with reading.together():
            return get_response(request)

    return middleware


def language(get_response):
    """Vietnamese, unless the person chose otherwise: what the browser prefers says nothing about an office."""

    def middleware(request):
        chosen = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME)
        language = chosen if chosen in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE
        request.LANGUAGE_CODE = language
        with translation.override(language):
            response = get_response(request)
        response.headers.setdefault("Content-Language", language)
        return response

    return middleware
