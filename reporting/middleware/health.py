"""What a supervisor asks: answered before the host is looked at, and before anything else can fail."""

import hmac

from django.conf import settings
from django.http import HttpResponse, HttpResponseNotAllowed, HttpResponseNotFound

from ..operation import readiness
from ..text.addresses import client_address

TEXT = "text/plain; charset=utf-8"
THIS_MACHINE = ("127.0.0.1", "::1")


class HealthMiddleware:
    """`/livez`: a thread of this process answers. `/readyz`: 200 or 503, and what is behind it for who may know."""

    def __init__(self, get_response):
        self.get_response = get_response
        self.answers = {"/livez": livez, "/readyz": readyz}

    def __call__(self, request):
        answer = self.answers.get(request.path_info)
        if answer is None:
            return self.get_response(request)
        if request.method not in ("GET", "HEAD"):
            return HttpResponseNotAllowed(["GET", "HEAD"])
        return answer(request)


def livez(request):
    return HttpResponse("ok\n", content_type=TEXT)


def readyz(request):
    """How every part stands, for this machine or with the token; to anybody else not even that there is one."""
    if not may_know(request):
        return HttpResponseNotFound(content_type=TEXT)
    found = list(readiness.parts())
    lines = [f"{part.verdict.value} {part.name}: {part.detail}".removesuffix(": ") for part in found]
    status = 200 if readiness.is_ready(found) else 503
    return HttpResponse("\n".join([*lines, ""]), status=status, content_type=TEXT)


def may_know(request) -> bool:
    """Whether who asks is on this machine, past every proxy, or has the token (METRICS_TOKEN)."""
    given = request.headers.get("Authorization", "").removeprefix("Bearer ").encode()
    if settings.METRICS_TOKEN and hmac.compare_digest(given, settings.METRICS_TOKEN.encode()):
        return True
    if "X-Forwarded-For" in request.headers and not settings.TRUSTED_PROXIES:
        return False  # a proxy that nobody has declared: everybody would be on this machine
    return client_address(request) in THIS_MACHINE
