"""What a supervisor asks: answered before the host is looked at, and before anything else can fail."""

import hmac
import time

from django.conf import settings
from django.db import Error
from django.http import HttpResponse, HttpResponseNotAllowed, HttpResponseNotFound
from prometheus_client import CONTENT_TYPE_LATEST

from ..operation import metrics, readiness
from ..text.addresses import client_address

TEXT = "text/plain; charset=utf-8"
THIS_MACHINE = ("127.0.0.1", "::1")


def health(get_response):
    """`/livez`: a thread of this process answers. `/readyz` and `/metrics`, for who may know: how it stands."""
    answers = {"/livez": livez, "/readyz": readyz, "/metrics": figures}

    def middleware(request):
        answer = answers.get(request.path_info)
        if answer is None:
            return get_response(request)
        if request.method not in ("GET", "HEAD"):
            return HttpResponseNotAllowed(["GET", "HEAD"])
        return answer(request)

    return middleware


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


def figures(request):
    if not may_know(request):
        return HttpResponseNotFound(content_type=TEXT)
    try:
        return HttpResponse(metrics.page(), content_type=CONTENT_TYPE_LATEST)
    except Error:
        return HttpResponse("database does not answer\n", status=503, content_type=TEXT)


def request_metrics(get_response):
    """Every request is counted, with the view that answered it: what a stranger makes up is no name of one."""

    def middleware(request):
        began = time.perf_counter()
        response = get_response(request)
        match = request.resolver_match
        metrics.count_answer(
            view=match.view_name if match else "none",
            method=request.method,
            status=response.status_code,
            seconds=time.perf_counter() - began,
        )
        return response

    return middleware


def may_know(request) -> bool:
    """Whether who asks is on this machine, past every proxy, or has the token (METRICS_TOKEN)."""
    given = request.headers.get("Authorization", "").removeprefix("Bearer ").encode()
    if settings.METRICS_TOKEN and hmac.compare_digest(given, settings.METRICS_TOKEN.encode()):
        return True
    if "X-Forwarded-For" in request.headers and not settings.TRUSTED_PROXIES:
        return False  # a proxy that nobody has declared: everybody would be on this machine
    return client_address(request) in THIS_MACHINE
