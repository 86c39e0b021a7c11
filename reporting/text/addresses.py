"""The network address of a client; errors in the parameters of a URL."""

import re
from collections.abc import Sequence
from difflib import get_close_matches
from ipaddress import IPv6Address, ip_address, ip_network

from django.conf import settings
from django.http import QueryDict
from django.utils.translation import gettext as _

OF_A_SUBSCRIBER = 64  # bits of an IPv6 network; its user chooses the other bits
WIDER = {4: (24,), 6: (56, 48)}  # bits of the networks that one office or attacker may have
REQUEST_ID = re.compile(r"[0-9a-f]{32}")
WITH_A_PORT = re.compile(r"\[([0-9A-Fa-f:.]+)\](?::[0-9]+)?|([0-9.]+):[0-9]+")  # some proxies add a port


def client_address(request) -> str | None:
    """Returns the client's address.

    TRUSTED_PROXIES is the number of our own proxies. The entry that the outermost proxy added to X-Forwarded-For
    counts; the client can forge the entries before it.
    """
    count = settings.TRUSTED_PROXIES
    noted = request.META.get("HTTP_X_FORWARDED_FOR", "").split(",") if count else []
    stated = (noted[-count] if 0 < count <= len(noted) else request.META.get("REMOTE_ADDR", "")).strip()
    with_a_port = WITH_A_PORT.fullmatch(stated)
    try:
        address = ip_address(with_a_port[1] or with_a_port[2] if with_a_port else stated)
    except ValueError:  # a Unix socket has no address
        return None
    return str(getattr(address, "ipv4_mapped", None) or address)


def is_declared_proxy(peer: str) -> bool:
    """Whether a proxy of ours has this address; "" is a Unix socket, whose file protects it."""
    declared = settings.FORWARDED_ALLOW_IPS
    return not peer or "*" in declared or any(ip_address(peer) in ip_network(one, strict=False) for one in declared)


def request_id(request) -> str:
    """Returns the proxy's id of the request, for logs and the error page; empty without a proxy."""
    stated = request.META.get("HTTP_X_REQUEST_ID", "")
    return stated if settings.TRUSTED_PROXIES and REQUEST_ID.fullmatch(stated) else ""


def networks(request) -> list[str | None]:
    """The network of one subscriber, and the wider ones around it."""
    address = client_address(request)
    bits = WIDER[ip_address(address).version] if address else ()
    return [network(address), *(str(ip_network((address, length), strict=False)) for length in bits)]


def network(address: str | None) -> str | None:
    """Returns the network of an IPv6 address, because its user may use all its addresses; for IPv4, the address."""
    if address is None or not isinstance(ip_address(address), IPv6Address):
        return address
    return str(ip_network((address, OF_A_SUBSCRIBER), strict=False).network_address)


def wrong_parameters(given: QueryDict, known: Sequence[str]) -> dict[str, str]:
    """Returns errors by parameter name: unknown parameters, with the most similar known name, and repeated ones."""
    wrong = {name: _("It is given more than once.") for name, values in given.lists() if len(values) > 1}
    for name in given.keys() - known:
        near = get_close_matches(name[:100], known, n=1, cutoff=0.5)
        words = _("There is no such parameter. Did you mean %(names)s?") if near else ""
        words = words or _("There is no such parameter. The parameters are: %(names)s.")
        wrong[name] = words % {"names": ", ".join(near or known) or "–"}
    return wrong
