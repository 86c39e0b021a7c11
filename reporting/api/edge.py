"""What holds for every answer below `/api/`, also for what other rooms answer before the interface is asked."""

from functools import wraps

from django.conf import settings
from django.http import HttpResponse
from django.utils import translation
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import conditional_page

from . import problems

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
            with translation.override(getattr(request, "LANGUAGE_CODE", settings.LANGUAGE_CODE)):
                return _as_problem(response)
        return response


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
        if settings.SECURE_SSL_REDIRECT and not request.is_secure():
            return problems.problem("in-the-clear")  # a redirect would let the mistake go on unseen
        asked = request.method
        if asked == "HEAD":
            request.method = "GET"  # the server sends the head alone
        response = view(request, *args, **kwargs)
        request.method = asked
        response.headers.setdefault("Cache-Control", "private, no-cache")
        patch_vary_headers(response, ["Authorization"])
        return response

    answer.csrf_exempt = True
    return answer
