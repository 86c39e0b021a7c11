"""The API for other systems, `/api/v1/`: read only, from the same rows as pages and files. See docs/api.md."""

import json
from functools import lru_cache, wraps

from django.conf import settings
from django.http import HttpResponse
from django.urls import path
from django.utils import translation
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import conditional_page
from ninja import NinjaAPI
from ninja.renderers import JSONRenderer

from ..exports import stamp
from ..people import tokens
from . import operations, problems
from .parameters import LANGUAGE, Basic, Bearer, strict

NAMESPACE, ROOT = "api", "/api/v1/"
REFUSALS = ("unauthorized", "not-found", "invalid", "too-many-requests", "failed", "unavailable")
SCHEMAS = "#/components/schemas/"


class Utf8(JSONRenderer):
    """Writes Vietnamese letters as UTF-8, which needs half the bytes of escapes."""

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
for error, handler in problems.HANDLERS.items():
    api.add_exception_handler(error, handler)
api.add_decorator(strict)
api.add_router("", operations.router)


def language(request) -> str:
    """The language: of `lang=`, otherwise of Accept-Language, otherwise Vietnamese."""
    code = request.GET.get(LANGUAGE)
    return code if code in dict(settings.LANGUAGES) else translation.get_language_from_request(request)


def at_the_edge(view):
    """Wraps a view: HEAD, 304, language, stamp and rate limit; refuses a request without https."""
    view = conditional_page(view)

    @wraps(view)
    def answer(request, *args, **kwargs):
        code, method = language(request), request.method
        with translation.override(code):
            if settings.SECURE_SSL_REDIRECT and not request.is_secure():
                return problems.problem("in-the-clear")  # a redirect would hide that the token was sent in the clear
            if method == "HEAD":
                request.method = "GET"  # the server then sends only the headers
            try:
                response = view(request, *args, **kwargs)
            except problems.Refused as error:
                response = problems.refused(request, error)
        request.method = method
        headers = getattr(request, "stamp", None) or stamp.headers(None, at=request.arrived_at)
        headers |= {"Content-Language": code, "Cache-Control": "private, no-cache", **_rate_limit(request, response)}
        for name, value in headers.items():
            response.headers.setdefault(name, value)
        patch_vary_headers(response, ["Authorization", "Accept-Language"])
        return response

    answer.csrf_exempt = True
    return answer


def _rate_limit(request, response) -> dict[str, str]:
    """Headers: how many requests the token has left in this minute, and the seconds until the next minute."""
    limit, token = settings.TOKEN_REQUESTS_PER_MINUTE, getattr(request, "auth", None)
    if not limit or not (token or response.status_code == 429):
        return {}
    left, seconds = 0, response.get("Retry-After")
    if token:
        left, seconds = limit - token.counted, tokens.seconds_left(token.counted_from, request.arrived_at)
    return {"RateLimit-Limit": f"{limit}", "RateLimit-Remaining": f"{left}", "RateLimit-Reset": f"{seconds}"}


def document(site: str = "") -> dict:
    """The OpenAPI document of a site, with the 304 and the problems that each operation may return."""
    document = api.get_openapi_schema(path_prefix=ROOT) | {"servers": [{"url": site}]}
    schema = problems.ProblemOut.model_json_schema(ref_template=SCHEMAS + "{model}")
    document["components"]["schemas"] |= {**schema.pop("$defs"), "ProblemOut": schema}
    content = {problems.MEDIA_TYPE: {"schema": {"$ref": SCHEMAS + "ProblemOut"}}}
    same = _("Nothing has changed: If-None-Match has the ETag of the answer")
    for methods in document["paths"].values():
        responses = methods["get"]["responses"]
        if "application/json" in responses[200]["content"]:  # a CSV has no ETag
            responses[304] = {"description": same}
        for name in REFUSALS:
            status, title = problems.TITLES[name]
            responses.setdefault(status, {"description": title, "content": content})
    return document


@lru_cache(maxsize=8)
def _document_in(language: str, site: str) -> bytes:
    """The document as text, made once in a process: it takes longer than most answers."""
    return Utf8().render(None, document(site), response_status=200)


def _document_for(request) -> bytes:
    return _document_in(translation.get_language(), request.build_absolute_uri("/").rstrip("/"))


@api.get("", auth=None, include_in_schema=False)
def root(request):
    """The answer at the root: the operations, and where they are described."""
    paths = json.loads(_document_for(request))["paths"].items()
    return {
        "title": api.title,
        "version": api.version,
        "openapi": f"{ROOT}openapi.json",
        "for_people": "/api/",
        "operations": [{"path": path, "summary": methods["get"]["summary"]} for path, methods in paths],
    }


@api.get("openapi.json", auth=None, include_in_schema=False)
def openapi(request):
    return HttpResponse(_document_for(request), content_type="application/json; charset=utf-8")


@at_the_edge
def nothing(request, rest=""):
    return problems.problem("not-found")


def patterns() -> list:
    """The URL patterns of the operations. Any other address is answered with a problem."""
    patterns = [pattern for pattern in api.urls[0] if pattern.name != "api-root"]
    for pattern in patterns:
        pattern.callback = at_the_edge(pattern.callback)
    return [*patterns, path("<path:rest>", nothing)]


urls = (patterns(), NAMESPACE)
