"""Where a request comes from: the peer of the connection, or what the proxies that are declared have noted of it."""

from __future__ import annotations

from ipaddress import ip_address

from django.conf import settings


def client_address(request) -> str | None:
    """The address of whoever asks.

    With TRUSTED_PROXIES set to the number of own proxies in front, it is the entry of X-Forwarded-For that the
    outermost of them wrote; everything left of it was sent by the stranger himself and says nothing.
    """
    count = settings.TRUSTED_PROXIES
    noted = request.META.get("HTTP_X_FORWARDED_FOR", "").split(",") if count else []
    stated = noted[-count] if 0 < count <= len(noted) else request.META.get("REMOTE_ADDR", "")
    try:
        return str(ip_address(stated.strip()))
    except ValueError:  # a socket has no address
        return None
