"""gunicorn's worker with threads, where a request waits in its lane (`reporting.gate`) until a thread may take it."""

import selectors
import socket
import threading
from concurrent.futures import Future
from functools import partial
from pathlib import Path
from types import SimpleNamespace

from django.http import parse_cookie
from gunicorn.workers.gthread import ThreadWorker

from reporting import gate
from reporting.text import addresses

LONGEST_HEAD = 32 * 1024  # bytes
BUSY_PAGE = Path(__file__).resolve().parent.parent / "deploy" / "pages" / "busy.html"

_refusing = threading.local()


class Worker(ThreadWorker):
    def get_thread_pool(self):
        return Threads(self.cfg.threads)

    def enqueue_req(self, conn):
        """Queues the connection's request; if nothing has arrived yet, waits for it without a thread."""
        conn.head = _head(conn)
        if conn.head is not None:
            super().enqueue_req(conn)
            return
        conn.sock.setblocking(False)
        conn.set_timeout()
        self.pending_conns.append(conn)
        arrived = partial(self.on_pending_socket_readable, conn)
        self.poller.register(conn.sock, selectors.EVENT_READ, arrived)


class Threads:
    """A thread pool that takes requests in the order of `gate.Queue`."""

    def __init__(self, count):
        self.queue, self.refused, self.changed = gate.Queue(), [], threading.Condition()
        for _number in range(count):
            threading.Thread(target=self._work, daemon=True).start()

    def submit(self, handle, conn):
        future = Future()
        with self.changed:
            if not self.queue.add(_place(conn.head, conn.client), (future, handle, conn)):
                self.refused.append((future, handle, conn))
            self.changed.notify()
        return future

    def shutdown(self, wait):
        """Nothing to do: the threads end with the process."""

    def _work(self):
        while True:
            with self.changed:
                while not (taken := self._take()):
                    self.changed.wait()
            place, (future, handle, conn) = taken
            _refusing.now = place is None
            try:
                future.set_result(handle(conn))
            except BaseException as error:  # gunicorn closes the connection
                future.set_exception(error)
            if place:
                with self.changed:
                    self.queue.end(place)
                    self.changed.notify_all()

    def _take(self):
        return (None, self.refused.pop()) if self.refused else self.queue.take()


def _head(conn):
    """The beginning of the next request, which stays to be read; None if nothing has arrived."""
    if conn.initialized and (read_ahead := conn.parser.unreader.buf.getvalue()):
        return read_ahead
    try:
        return conn.sock.recv(LONGEST_HEAD, socket.MSG_PEEK | socket.MSG_DONTWAIT)
    except BlockingIOError:
        return None
    except OSError:
        return b""  # closed: the thread finds that out


def _place(head, client):
    first, *lines = head.partition(b"\r\n\r\n")[0].decode("latin-1").split("\r\n")
    headers = {name.lower(): value.strip() for name, _colon, value in (line.partition(":") for line in lines)}
    method, _space, rest = first.partition(" ")
    path = rest.partition(" ")[0].partition("?")[0]
    meta = {"REMOTE_ADDR": client[0] if isinstance(client, tuple) else ""}
    if "x-forwarded-for" in headers:
        meta["HTTP_X_FORWARDED_FOR"] = headers["x-forwarded-for"]
    address = addresses.networks(SimpleNamespace(META=meta))[0]
    return gate.place_of(method, path, parse_cookie(headers.get("cookie", "")), address)


class RefusesWhenFull:
    """Answers 429 to a request for which its lane has no room; calls the WSGI application for the others."""

    def __init__(self, application):
        self.application, self.page = application, BUSY_PAGE.read_bytes()

    def __call__(self, environ, start_response):
        if not getattr(_refusing, "now", False):
            return self.application(environ, start_response)
        headers = {"Content-Type": "text/html; charset=utf-8", "Retry-After": "5", "Cache-Control": "no-store"}
        start_response("429 Too Many Requests", [*headers.items(), ("Content-Length", str(len(self.page)))])
        return [self.page]
