"""One POST to an address that a person has named: looked up once, checked, and connected to as it was checked.

No redirect is followed, nothing of the answer is kept but its status, and all of it, the look-up too, takes ten
seconds at most.
"""

from __future__ import annotations

import socket
import ssl
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from urllib.parse import urlsplit

from django.conf import settings

from .. import clock

WITHIN = 10  # seconds
FOUND_WITHIN = 5  # seconds of them for the look-up of the name
MOST_ADDRESSES = 16  # that a name stands for; all of them are checked
LONGEST_HEAD = 4096  # bytes of an answer
PORTS = {"https": 443, "http": 80}
# What is inside them is an address of IPv4, be it one of the own network.
LEADING_ON = [ip_network(network) for network in ("64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32")]


class Refused(Exception):
    """The address is none that is sent to, or the answer none that takes the message."""


def send(address: str, content: bytes, headers: Mapping[str, str]) -> None:
    """Raises `Refused`, or what the network raises."""
    ends_at = clock.monotonic() + WITHIN
    parts = urlsplit(address)
    host, port = parts.hostname or "", parts.port or PORTS.get(parts.scheme, 0)
    where = checked(parts.scheme, host, port)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    lines = [f"POST {path} HTTP/1.1", f"Host: {parts.netloc.rpartition('@')[2]}", "Connection: close"]
    lines += [f"Content-Length: {len(content)}", "User-Agent: bluezone-report"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    plain = socket.create_connection((where, port), timeout=_left(ends_at))
    plain.settimeout(_left(ends_at))
    with plain, _secured(plain, parts.scheme, host) as connection:
        connection.settimeout(_left(ends_at))
        connection.sendall("\r\n".join([*lines, "", ""]).encode("ascii") + content)
        status = _status(connection, ends_at)
    if not 200 <= status < 300:
        raise Refused(f"answered {status}")


def checked(scheme: str, host: str, port: int) -> str:
    """The numeric address that is connected to. `Refused` for one inside, unless WEBHOOK_NETWORKS names it."""
    if scheme not in PORTS or not host or not port:
        raise Refused("no address of http or https")
    found = _looked_up(host, port)
    allowed = [ip_network(network) for network in settings.WEBHOOK_NETWORKS]
    for address in found:
        plain = getattr(address, "ipv4_mapped", None) or address
        is_named = any(plain.version == network.version and plain in network for network in allowed)
        if not is_named and (scheme != "https" or not _is_outside(plain)):
            raise Refused(f"{plain} is inside, or not by https")
    return str(found[0])


def _looked_up(host: str, port: int) -> list[IPv4Address | IPv6Address]:
    """What the name stands for. The system's look-up knows no limit of time, so it is waited for from beside it."""
    pool = ThreadPoolExecutor(max_workers=1)
    asked = pool.submit(socket.getaddrinfo, host, port, type=socket.SOCK_STREAM)
    pool.shutdown(wait=False)
    try:
        entries = asked.result(timeout=FOUND_WITHIN)
    except TimeoutError:
        raise TimeoutError(f"{host} was not found in time") from None
    found = list(dict.fromkeys(ip_address(entry[4][0].partition("%")[0]) for entry in entries))
    if not found or len(found) > MOST_ADDRESSES:
        raise Refused(f"the name stands for {len(found)} addresses")
    return found


def _is_outside(address: IPv4Address | IPv6Address) -> bool:
    is_led_on = any(address.version == network.version and address in network for network in LEADING_ON)
    return address.is_global and not address.is_multicast and not is_led_on


def _secured(plain: socket.socket, scheme: str, host: str) -> socket.socket:
    return ssl.create_default_context().wrap_socket(plain, server_hostname=host) if scheme == "https" else plain


def _left(ends_at: float) -> float:
    """Seconds until then."""
    left = ends_at - clock.monotonic()
    if left <= 0:
        raise TimeoutError("no answer in time")
    return left


def _status(connection: socket.socket, ends_at: float) -> int:
    """Of the first line of the answer."""
    head = b""
    while b"\r\n" not in head and len(head) < LONGEST_HEAD:
        connection.settimeout(_left(ends_at))
        part = connection.recv(1024)
        if not part:
            break
        head += part
    words = head.partition(b"\r\n")[0].split(b" ")
    if len(words) < 2 or not words[0].startswith(b"HTTP/1.") or not words[1].isdigit():
        raise Refused("no answer of http")
    return int(words[1])
