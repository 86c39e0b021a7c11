"""Whose address counts: the peer's, or the entry that the outermost of our proxies added."""

import pytest
from django.test import RequestFactory

from reporting.text.addresses import client_address, networks

PEER, OFFICE = "192.0.2.1", "203.0.113.7"


@pytest.mark.parametrize(
    ("proxies", "peer", "forwarded", "address"),
    [
        (0, PEER, None, PEER),
        (0, PEER, OFFICE, PEER),
        (1, PEER, OFFICE, OFFICE),
        (1, PEER, f"10.0.0.1, {OFFICE}", OFFICE),
        (2, PEER, f"10.0.0.1, {OFFICE}, 192.0.2.9", OFFICE),
        (2, PEER, OFFICE, PEER),  # too short: it did not pass both proxies
        (1, PEER, "", None),
        (1, PEER, None, None),
        (1, PEER, "nonsense", None),
        (0, "", None, None),  # a Unix socket
        (1, "", "2001:DB8::1", "2001:db8::1"),
        (1, "", f"{OFFICE}:51234", OFFICE),
        (1, "", "[2001:db8::1]:443", "2001:db8::1"),
        (1, "", "[2001:db8::1]", "2001:db8::1"),
        (0, f"::ffff:{PEER}", None, PEER),  # of a listener for IPv4 and IPv6
        (1, "", "[2001:db8::1", None),
    ],
)
def test_client_address(proxies, peer, forwarded, address, settings):
    settings.TRUSTED_PROXIES = proxies
    headers = {} if forwarded is None else {"x-forwarded-for": forwarded}
    assert client_address(RequestFactory(REMOTE_ADDR=peer).get("/", headers=headers)) == address


@pytest.mark.parametrize(
    ("address", "counted"),
    [
        (PEER, PEER),
        ("2001:db8:1:2:aaaa::1", "2001:db8:1:2::"),
        ("2001:db8:1:2::", "2001:db8:1:2::"),
        ("2001:db8:1:3::1", "2001:db8:1:3::"),
        (f"::ffff:{PEER}", PEER),
        ("", None),
    ],
)
def test_subscriber_of_ipv6_is_a_network(address, counted):
    assert networks(RequestFactory(REMOTE_ADDR=address).get("/"))[0] == counted
