"""The interface for machines, `/api/v1/`: it reads, and answers from the same rows as pages and files.

Figures are written in one way, by the form and the acts behind it: no token writes. docs/api.md says how it is used.
"""

from functools import wraps
from hashlib import sha256

from django.conf import settings
from django.urls import path
from django.utils.cache import get_conditional_response, patch_vary_headers
from django.utils.translation import gettext_noop
from ninja import NinjaAPI
from ninja.renderers import JSONRenderer

from . import causes, days, document, problems, units
from .asked import Bearer

NAMESPACE, ROOT = "api", "/api/v1/"
VERSION = "1.0.0"


class Utf8(JSONRenderer):
    """Vietnamese names as they are written, in half the bytes."""

    json_dumps_params = {"ensure_ascii": False}


api = NinjaAPI(
    title="Bluezone report",
    version=VERSION,
    description=gettext_noop("Figures of the Bluezone campaign, read only."),
    urls_namespace=NAMESPACE,
    auth=Bearer(),
    renderer=Utf8(),
    docs_url=None,
    openapi_url=None,
)
problems.answered_by(api)
for router in (units.router, days.router, causes.router):
    api.add_router("", router)


def at_the_edge(view):
    """What holds for every answer: HEAD is a GET, an ETag says whether anything is new, nobody on the way keeps it."""

    @wraps(view)
    def answer(request, *args, **kwargs):
        if settings.SECURE_SSL_REDIRECT and not request.is_secure():
            return problems.problem("in-the-clear")  # a redirect would let the mistake go on unseen
        asked = request.method
        if asked == "HEAD":
            request.method = "GET"  # the server sends the head alone
        response = view(request, *args, **kwargs)
        request.method = asked
        if response.status_code == 405:
            return problems.problem("method-not-allowed", Allow="GET, HEAD")
        response.headers.setdefault("Cache-Control", "private, no-cache")
        patch_vary_headers(response, ["Authorization"])
        return _unless_known(request, response)

    answer.csrf_exempt = True
    return answer


def _unless_known(request, response):
    if response.streaming or response.status_code != 200:
        return response
    response.headers["ETag"] = f'"{sha256(response.content).hexdigest()[:32]}"'
    return get_conditional_response(request, etag=response.headers["ETag"], response=response)


def patterns() -> list:
    """Its addresses, the document of them, and for all others below `/api/v1/` the problem that there is nothing."""
    found = [pattern for pattern in api.urls[0] if pattern.name != "api-root"]
    for pattern in found:
        pattern.callback = at_the_edge(pattern.callback)
    openapi = at_the_edge(document.as_json(api, ROOT))
    return [*found, path("openapi.json", openapi, name="openapi"), path("<path:rest>", nothing), path("", nothing)]


@at_the_edge
def nothing(request, rest=""):
    return problems.not_found(request)


urls = (patterns(), NAMESPACE)


def description() -> document.Description:
    """What a page for people says of it."""
    return document.description(api, ROOT)
