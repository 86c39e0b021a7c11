"""Where a request comes from: the peer of the connection, or what the proxies that are declared have noted of it."""

from __future__ import annotations

import re
from ipaddress import IPv6Address, ip_address, ip_network

from django.conf import settings

OF_A_SUBSCRIBER = 64  # bits of an IPv6 address; the rest he chooses himself
WITH_A_PORT = re.compile(r"\[([0-9A-Fa-f:.]+)\](?::[0-9]+)?|([0-9.]+):[0-9]+")  # as some proxies write it


def client_address(request) -> str | None:
    """The address of whoever asks.

    With TRUSTED_PROXIES set to the number of own proxies in front, it is the entry of X-Forwarded-For that the
    outermost of them wrote; everything left of it was sent by the stranger himself and says nothing.
    """
    count = settings.TRUSTED_PROXIES
    noted = request.META.get("HTTP_X_FORWARDED_FOR", "").split(",") if count else []
    stated = (noted[-count] if 0 < count <= len(noted) else request.META.get("REMOTE_ADDR", "")).strip()
    with_a_port = WITH_A_PORT.fullmatch(stated)
    try:
        found = ip_address(with_a_port[1] or with_a_port[2] if with_a_port else stated)
    except ValueError:  # a socket has no address
        return None
    return str(getattr(found, "ipv4_mapped", None) or found)


def subscriber(request) -> str | None:
    """Whom wrong passwords are counted for."""
    return network(client_address(request))


def network(address: str | None) -> str | None:
    """Of IPv6 the network of a subscriber, who may take any address in it; of IPv4 the address itself."""
    if address is None or not isinstance(ip_address(address), IPv6Address):
        return address
    return str(ip_network((address, OF_A_SUBSCRIBER), strict=False).network_address)
