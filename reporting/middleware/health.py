"""Answers health checks first: before the host is checked, and before other code can fail."""

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


class HealthMiddleware:
    """Answers `/livez`, `/readyz` and `/metrics`, and counts other requests by view, or as "none"."""

    def __init__(self, get_response):
        self.get_response = get_response
        self.answers = {"/livez": livez, "/readyz": readyz, "/metrics": metrics_page}

    def __call__(self, request):
        if answer := self.answers.get(request.path_info):
            is_read = request.method in ("GET", "HEAD")
            return answer(request) if is_read else HttpResponseNotAllowed(["GET", "HEAD"])
        began = time.perf_counter()
        response = self.get_response(request)
        match = request.resolver_match
        metrics.count_answer(
            view=match.view_name if match else "none",
            method=request.method,
            status=response.status_code,
            seconds=time.perf_counter() - began,
        )
        return response


def livez(request):
    return HttpResponse("ok\n", content_type=TEXT)


def readyz(request):
    """Returns the state of every part, or 404 without permission."""
    if not may_know(request):
        return HttpResponseNotFound(content_type=TEXT)
    parts = list(readiness.parts())
    lines = [f"{part.verdict.value} {part.name}: {part.detail}".removesuffix(": ") for part in parts]
    status = 200 if readiness.is_ready(parts) else 503
    return HttpResponse("\n".join([*lines, ""]), status=status, content_type=TEXT)


def metrics_page(request):
    if not may_know(request):
        return HttpResponseNotFound(content_type=TEXT)
    try:
        return HttpResponse(metrics.page(), content_type=CONTENT_TYPE_LATEST)
    except Error:
        return HttpResponse("database does not answer\n", status=503, content_type=TEXT)


def may_know(request) -> bool:
    """Whether the client, as the proxies report it, is this machine, or has METRICS_TOKEN."""
    given = request.headers.get("Authorization", "").removeprefix("Bearer ").encode()
    if settings.METRICS_TOKEN and hmac.compare_digest(given, settings.METRICS_TOKEN.encode()):
        return True
    if "X-Forwarded-For" in request.headers and not settings.TRUSTED_PROXIES:
        return False  # an undeclared proxy: every client would look like this machine
    return client_address(request) in THIS_MACHINE
