"""What holds for every answer below `/api/`, also for what other rooms answer before the interface is asked."""

from functools import wraps

from django.conf import settings
from django.http import HttpResponse
from django.utils import translation
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import conditional_page

from ..exports import stamp
from . import problems
from .asked import LANGUAGE

BELOW, FOR_PEOPLE = "/api/", "/api/"  # the page about the interface stands at the top
METHODS = "GET, HEAD, OPTIONS"


class InterfaceMiddleware:
    """A machine that is refused before the interface is asked gets a problem too, and no page.

    A NUL in the address, a method that nothing here knows, a body too long, a host that is not ours, a database that
    is away. OPTIONS says what can be asked; it allows no page of another site anything.
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
    """`lang=`, else what the request accepts; Vietnamese where neither says anything that there is."""
    asked = request.GET.get(LANGUAGE)
    return asked if asked in dict(settings.LANGUAGES) else translation.get_language_from_request(request)


def _as_problem(response: HttpResponse) -> HttpResponse:
    """The same answer, its headers kept, with a problem in the place of its page."""
    said = problems.of_status(response.status_code)
    response.content = said.content
    del response["Content-Encoding"]
    for name, value in {**said.headers, "Content-Length": str(len(said.content))}.items():
        response[name] = value
    if response.status_code == 405:
        response["Allow"] = METHODS
    return response


def at_the_edge(view):
    """HEAD is a GET, the same answer again is 304, nobody on the way keeps it; in the clear nothing is told."""

    view = conditional_page(view)

    @wraps(view)
    def answer(request, *args, **kwargs):
        spoken, asked = language(request), request.method
        with translation.override(spoken):
            if settings.SECURE_SSL_REDIRECT and not request.is_secure():
                return problems.problem("in-the-clear")  # a redirect would let the mistake go on unseen
            if asked == "HEAD":
                request.method = "GET"  # the server sends the head alone
            try:
                response = view(request, *args, **kwargs)
            except problems.Refused as error:
                response = problems.refused(request, error)
        request.method = asked
        told = getattr(request, "stamp", None) or stamp.headers(None, at=request.arrived_at)
        for name, value in {**told, "Content-Language": spoken, "Cache-Control": "private, no-cache"}.items():
            response.headers.setdefault(name, value)
        patch_vary_headers(response, ["Authorization", "Accept-Language"])
        return response

    answer.csrf_exempt = True
    return answer
