"""The interface for machines, `/api/v1/`: it reads, and answers from the same rows as pages and files.

Figures are written in one way, by the form and the acts behind it: no token writes. docs/api.md says how it is used.
"""

from django.conf import settings
from django.http import JsonResponse
from django.urls import path
from django.utils.translation import gettext_noop
from ninja import NinjaAPI
from ninja.renderers import JSONRenderer

from . import causes, days, document, problems
from .asked import Basic, Bearer, strict
from .edge import at_the_edge

NAMESPACE, ROOT = "api", "/api/v1/"


class Utf8(JSONRenderer):
    """Vietnamese names as they are written, in half the bytes."""

    json_dumps_params = {"ensure_ascii": False}


api = NinjaAPI(
    title="Bluezone report",
    version=settings.VERSION,
    description=gettext_noop("Figures of the Bluezone campaign, read only."),
    urls_namespace=NAMESPACE,
    auth=[Bearer(), Basic()],
    renderer=Utf8(),
    docs_url=None,
    openapi_url=None,
)
problems.answered_by(api)
api.add_decorator(strict)
for router in (days.router, causes.router):
    api.add_router("", router)


def patterns() -> list:
    """Its addresses, what there is and the document of it, and at all others a problem: there is nothing."""
    found = [pattern for pattern in api.urls[0] if pattern.name != "api-root"]
    for pattern in found:
        pattern.callback = at_the_edge(pattern.callback)
    openapi, root = (
        path("openapi.json", public_page(document.document), name="openapi"),
        path("", public_page(document.contents)),
    )
    return [*found, openapi, root, path("<path:rest>", nothing)]


def public_page(what):
    """A view that says what there is, in the language asked for; it names no figure, so it asks for no token."""

    def answer(request):
        return JsonResponse(what(api, ROOT), json_dumps_params=Utf8.json_dumps_params)

    return at_the_edge(strict(answer))


@at_the_edge
def nothing(request, rest=""):
    return problems.not_found(request)


urls = (patterns(), NAMESPACE)


def description() -> dict:
    """What a page for people says of it."""
    return document.description(api, ROOT)
