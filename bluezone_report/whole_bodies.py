"""Reads the whole body of each request before the application."""

import contextlib
import socket
from tempfile import SpooledTemporaryFile
from threading import Timer

from django.conf import settings

IN_MEMORY = 1024**2  # bytes; a longer body is kept in a file until the answer
AT_ONCE = 64 * 1024  # bytes


class WholeBodies:
    """Reads the body before it calls the WSGI application; after `BODY_AT_MOST` seconds it answers 408."""

    def __init__(self, application):
        self.application = application

    def __call__(self, environ, start_response):
        length = environ.get("CONTENT_LENGTH") or ""
        if not length.isdecimal() or len(length) > 19 or not 0 < int(length) <= settings.BODY_LONGEST:
            return self.application(environ, start_response)  # empty, or too long to be read
        with SpooledTemporaryFile(max_size=IN_MEMORY) as body:
            if _read(environ, int(length), body) < int(length):
                start_response("408 Request Timeout", [("Content-Length", "0"), ("Connection", "close")])
                return [b""]
            body.seek(0)
            environ["wsgi.input"] = body
            return self.application(environ, start_response)


def _read(environ, length: int, body) -> int:
    """Copies the body; returns the number of bytes in time."""
    count, timer = 0, Timer(settings.BODY_AT_MOST, _stop_reading, [environ.get("gunicorn.socket")])
    timer.daemon = True
    timer.start()
    try:
        while count < length and (piece := environ["wsgi.input"].read(min(AT_ONCE, length - count))):
            count += body.write(piece)
    finally:
        timer.cancel()
    return count


def _stop_reading(connection: socket.socket) -> None:
    with contextlib.suppress(OSError):  # it is closed already
        connection.shutdown(socket.SHUT_RD)
