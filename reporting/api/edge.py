"""What holds for every answer below `/api/`, also for those that the server refuses before the API sees them."""

from functools import wraps

from django.conf import settings
from django.http import HttpResponse
from django.utils import translation
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import conditional_page

from ..exports import stamp
from ..people import tokens
from . import problems
from .parameters import LANGUAGE

BELOW, FOR_PEOPLE = "/api/", "/api/"  # the page about the API has the address above it
METHODS = "GET, HEAD, OPTIONS"


class InterfaceMiddleware:
    """Turns the error pages of the server into problems: a NUL, an unknown method, a body too long, a wrong host.

    OPTIONS names the methods; it allows no page of another site anything.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        if not request.path_info.startswith(BELOW) or request.path_info == FOR_PEOPLE:
            return self.get_response(request)
        if request.method == "OPTIONS":
            return HttpResponse(status=204, headers={"Allow": METHODS})
        response = self.get_response(request)
        if response.status_code >= 400 and response.headers.get("Content-Type") != problems.MEDIA_TYPE:
            with translation.override(language(request)):
                return _as_problem(response)
        return response


def language(request) -> str:
    """`lang=`, else what the request accepts, else Vietnamese."""
    code = request.GET.get(LANGUAGE)
    return code if code in dict(settings.LANGUAGES) else translation.get_language_from_request(request)


def _as_problem(response: HttpResponse) -> HttpResponse:
    """The same answer with its headers, and a problem as its body."""
    problem = problems.of_status(response.status_code)
    response.content = problem.content
    del response["Content-Encoding"]
    for name, value in {**problem.headers, "Content-Length": str(len(problem.content))}.items():
        response[name] = value
    if response.status_code == 405:
        response["Allow"] = METHODS
    return response


def at_the_edge(view):
    """Adds HEAD, 304, the language, the stamp and the rate limit; refuses a request without https."""
    view = conditional_page(view)

    @wraps(view)
    def answer(request, *args, **kwargs):
        code, method = language(request), request.method
        with translation.override(code):
            if settings.SECURE_SSL_REDIRECT and not request.is_secure():
                return problems.problem("in-the-clear")  # a redirect would hide the mistake
            if method == "HEAD":
                request.method = "GET"  # the server sends the head alone
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
    """How many requests the token has left in its minute, and the seconds until the next one begins."""
    limit, token = settings.TOKEN_REQUESTS_PER_MINUTE, getattr(request, "auth", None)
    if not limit or not (token or response.status_code == 429):
        return {}
    left, seconds = 0, response.get("Retry-After")
    if token:
        left, seconds = limit - token.counted, tokens.seconds_left(token.counted_from, request.arrived_at)
    return {"RateLimit-Limit": f"{limit}", "RateLimit-Remaining": f"{left}", "RateLimit-Reset": f"{seconds}"}
