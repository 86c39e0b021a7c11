"""What one request asks again and again is read once."""

from .. import reading


def read_once(get_response):
    """What is read once for a request: see `reading`. What is written in it is seen by what follows."""

    def middleware(request):
        with reading.together():
            return get_response(request)

    return middleware
