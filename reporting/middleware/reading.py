"""What one request asks again and again is read once."""

from .. import reading


class ReadingMiddleware:
    """What is read once for a request: see `reading`. What is written in it is seen by what follows."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        with reading.together():
            return self.get_response(request)
