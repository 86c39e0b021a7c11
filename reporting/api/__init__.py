"""The interface for machines, `/api/v1/`: it reads, and answers from the same rows as pages and files.

Figures are written in one way, by the form and the acts behind it: no token writes. docs/api.md says how it is used.
"""

from django.conf import settings
from django.urls import path
from django.utils.translation import gettext_noop
from ninja import NinjaAPI
from ninja.renderers import JSONRenderer

from . import causes, days, document, problems, units
from .asked import Bearer
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
    auth=Bearer(),
    renderer=Utf8(),
    docs_url=None,
    openapi_url=None,
)
problems.answered_by(api)
for router in (units.router, days.router, causes.router):
    api.add_router("", router)


def patterns() -> list:
    """Its addresses, the document of them, and at all others a problem: there is nothing."""
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
