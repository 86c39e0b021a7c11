"""The API for other systems, `/api/v1/`: read only, from the same rows as pages and files. See docs/api.md."""

from django.conf import settings
from django.http import JsonResponse
from django.urls import path
from django.utils.translation import gettext_noop
from ninja import NinjaAPI
from ninja.renderers import JSONRenderer

from . import document, operations, problems
from .edge import at_the_edge
from .parameters import Basic, Bearer, strict

NAMESPACE, ROOT = "api", "/api/v1/"


class Utf8(JSONRenderer):
    """Vietnamese names unescaped, in half the bytes."""

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
problems.handle_errors(api)
api.add_decorator(strict)
api.add_router("", operations.router)


def patterns() -> list:
    """The operations, the root and the document. Any other address answers with a problem."""
    patterns = [pattern for pattern in api.urls[0] if pattern.name != "api-root"]
    for pattern in patterns:
        pattern.callback = at_the_edge(pattern.callback)
    openapi, root = (
        path("openapi.json", public_page(document.document), name="openapi"),
        path("", public_page(document.contents)),
    )
    return [*patterns, openapi, root, path("<path:rest>", nothing)]


def public_page(describe):
    """A view of what there is, in the reader's language; it holds no figures, so it needs no token."""

    def answer(request):
        return JsonResponse(describe(api, ROOT), json_dumps_params=Utf8.json_dumps_params)

    return at_the_edge(strict(answer))


@at_the_edge
def nothing(request, rest=""):
    return problems.problem("not-found")


urls = (patterns(), NAMESPACE)


def description() -> dict:
    """What the page for people shows: the operations and the problems."""
    return {"paths": document.document(api, ROOT)["paths"], "problems": problems.TITLES}
