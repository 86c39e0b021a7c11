"""The API for other systems, `/api/v1/`: read only, from the same rows as pages and files. See docs/api.md."""

from django.conf import settings
from django.http import JsonResponse
from django.urls import path
from django.utils.translation import gettext_lazy as _
from ninja import NinjaAPI
from ninja.renderers import JSONRenderer

from . import operations, problems
from .edge import at_the_edge
from .parameters import Basic, Bearer, strict

NAMESPACE, ROOT = "api", "/api/v1/"
REFUSALS = ("unauthorized", "not-found", "invalid", "too-many-requests", "failed", "unavailable")
SCHEMAS = "#/components/schemas/"


class Utf8(JSONRenderer):
    """Vietnamese names unescaped, in half the bytes."""

    json_dumps_params = {"ensure_ascii": False}


class Api(NinjaAPI):
    def get_openapi_operation_id(self, operation) -> str:
        return operation.view_func.__name__


api = Api(
    title="Bluezone report",
    version=settings.VERSION,
    description=_("Figures of the Bluezone campaign, read only."),
    urls_namespace=NAMESPACE,
    auth=[Bearer(), Basic()],
    renderer=Utf8(),
    docs_url=None,
    openapi_url=None,
)
problems.handle_errors(api)
api.add_decorator(strict)
api.add_router("", operations.router)


def document() -> dict:
    """The OpenAPI document, with the 304 and the problems that each operation may answer."""
    document = api.get_openapi_schema(path_prefix=ROOT)
    schema = problems.ProblemOut.model_json_schema(ref_template=SCHEMAS + "{model}")
    document["components"]["schemas"] |= {**schema.pop("$defs"), "ProblemOut": schema}
    content = {problems.MEDIA_TYPE: {"schema": {"$ref": SCHEMAS + "ProblemOut"}}}
    same = _("Nothing is new: If-None-Match named the ETag of the answer")
    for methods in document["paths"].values():
        responses = methods["get"]["responses"]
        if "application/json" in responses[200]["content"]:  # a CSV has no ETag
            responses[304] = {"description": same}
        for name in REFUSALS:
            status, title = problems.TITLES[name]
            responses.setdefault(status, {"description": title, "content": content})
    return document


def contents() -> dict:
    """What can be asked for, and where it is described."""
    paths = document()["paths"].items()
    return {
        "title": api.title,
        "version": api.version,
        "openapi": f"{ROOT}openapi.json",
        "for_people": "/api/",
        "operations": [{"path": path, "summary": methods["get"]["summary"]} for path, methods in paths],
    }


def patterns() -> list:
    """The operations, the root and the document. Any other address answers with a problem."""
    patterns = [pattern for pattern in api.urls[0] if pattern.name != "api-root"]
    for pattern in patterns:
        pattern.callback = at_the_edge(pattern.callback)
    openapi, root = (
        path("openapi.json", public_page(document), name="openapi"),
        path("", public_page(contents)),
    )
    return [*patterns, openapi, root, path("<path:rest>", nothing)]


def public_page(describe):
    """A view of what there is, in the reader's language; it holds no figures, so it needs no token."""

    def answer(request):
        return JsonResponse(describe(), json_dumps_params=Utf8.json_dumps_params)

    return at_the_edge(strict(answer))


@at_the_edge
def nothing(request, rest=""):
    return problems.problem("not-found")


urls = (patterns(), NAMESPACE)


def description() -> dict:
    """What the page for people shows: the operations and the problems."""
    return {"paths": document()["paths"], "problems": problems.TITLES}
