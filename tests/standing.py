"""In every test: two pages, or answers for machines, under one ETag are the same. What is done between shows in it."""

import re

OF_ONE_ANSWER = re.compile(
    r'name="csrfmiddlewaretoken" value="[^"]*"'  # masked anew each time, of one secret
    r'|data-(now|at|moved)="[^"]*"'  # the script's clock
)
OF_THE_SCRIPT = re.compile(
    r'(?P<minute>data-minute="(?P<hour>\d\dh\d\d)"[^>]*>[^<]*)|<strong class="countdown">[^<]*'
    r'|data-closes="[^"]*"\s+data-hours="[^"]*"\s+data-minutes="[^"]*"\s*>[^<]*'
)


def same(page: str) -> str:
    """The page without what each answer has of its own."""
    return OF_ONE_ANSWER.sub("", page)


def unset(page: str) -> str:
    """The page also without the minute, where the script sets it: in the attribute, and first in the text."""
    return OF_THE_SCRIPT.sub(lambda found: (found["minute"] or "").replace(found["hour"] or "", "", 2), same(page))


class SamePageMiddleware:
    """Fails where a page is not the one that went out under its ETag before: a browser would go on showing that one."""

    sent: dict[str, str] = {}  # by ETag; each is drawn at random with every write, so that no two tests share one

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        response = self.get_response(request)
        tag = response.headers.get("ETag")
        if not tag or response.status_code != 200 or response.streaming:
            return response
        if response.headers["Content-Type"].startswith("application/json"):
            self.compare(tag, response.content, request)
        if response.headers["Content-Type"].startswith("text/html"):
            page = (unset if "script" in request.COOKIES else same)(response.content.decode())
            self.compare(tag, page, request)
        return response

    def compare(self, tag, page, request):
        assert self.sent.setdefault(tag, page) == page, f"another page under the same ETag: {request.path}"
