"""A browser's single HTTP/2 connection to the proxy, with many requests at once."""

import contextlib
import socket
import ssl
from collections import defaultdict
from urllib.parse import urlencode

from h2.connection import H2Connection
from h2.events import DataReceived, ResponseReceived, StreamEnded

from . import served
from .proxied import Proxied
from .served import Answer


class Connection:
    def __init__(self, proxy: Proxied, wrapped: ssl.SSLSocket):
        assert wrapped.selected_alpn_protocol() == "h2"
        self.proxy, self._socket = proxy, wrapped
        self._state = H2Connection()
        self._state.initiate_connection()
        self._flush()
        self._heads: dict[int, dict[str, str]] = {}
        self._bodies: defaultdict[int, bytes] = defaultdict(bytes)
        self._unfinished: set[int] = set()

    def get(self, path: str, *, by: str = "") -> Answer:
        return self.answer_on(self._open("GET", path, by, [], is_whole=True))

    def begin(self, path: str, fields: dict, *, by: str = "") -> tuple[int, bytes]:
        """A stream on which the head of a POST has been sent, and the rest of the body."""
        body = urlencode(fields).encode()
        typed = [("content-type", "application/x-www-form-urlencoded"), ("content-length", str(len(body)))]
        return self._open("POST", path, by, typed), body

    def finish(self, stream: int, body: bytes) -> None:
        self._state.send_data(stream, body, end_stream=True)
        self._flush()

    def answer_on(self, stream: int) -> Answer:
        while stream in self._unfinished:
            self._receive()
        head = self._heads[stream]
        return Answer(int(head[":status"]), head.get("location", ""), self._bodies[stream].decode())

    def _open(self, method: str, path: str, by: str, headers: list, *, is_whole: bool = False) -> int:
        stream = self._state.get_next_available_stream_id()
        begun = [(":method", method), (":scheme", "https"), (":authority", "localhost"), (":path", path)]
        known = [(name.lower(), value) for name, value in self.proxy._headers(by).items()]
        self._state.send_headers(stream, [*begun, *known, *headers], end_stream=is_whole)
        self._unfinished.add(stream)
        self._flush()
        return stream

    def _receive(self) -> None:
        received = self._socket.recv(2**16)
        assert received, "the proxy has closed the connection"
        for event in self._state.receive_data(received):
            self._take(event)
        self._flush()

    def _take(self, event) -> None:
        if isinstance(event, ResponseReceived):
            self._heads[event.stream_id] = {name.decode(): value.decode() for name, value in event.headers}
        elif isinstance(event, DataReceived):
            self._bodies[event.stream_id] += event.data
            self._state.acknowledge_received_data(event.flow_controlled_length, event.stream_id)
        elif isinstance(event, StreamEnded):
            self._unfinished.discard(event.stream_id)

    def _flush(self) -> None:
        self._socket.sendall(self._state.data_to_send())


@contextlib.contextmanager
def connection(proxy: Proxied):
    """A connection from the address `proxy.source`."""
    tls = ssl.create_default_context(cafile=proxy.certificate)
    tls.set_alpn_protocols(["h2"])
    plain = socket.create_connection(("127.0.0.1", proxy.port), served.PATIENCE, (proxy.source, 0))
    with plain, tls.wrap_socket(plain, server_hostname="localhost") as wrapped:
        yield Connection(proxy, wrapped)
