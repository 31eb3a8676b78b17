"""Limits count an IPv6 client by its /64, in every place that counts clients."""

from __future__ import annotations

from contextlib import ExitStack
from typing import Any

import pytest
from allauth.core.internal import ratelimit
from django.core.cache import cache
from django.test import RequestFactory

from portal.accounts.sign_in.sign_in_limits import ADDRESS, PAIR, _keys
from portal.http.client_networks import client_network
from portal.http.gunicorn_worker import _network
from portal.http.request_bodies import Places, Readers, Refused
from portal.web.reports.verify_limits import UPLOADS, TryAgain, count_upload

SAME = [f"2001:db8:7:{0x40:x}:{n:x}::{n:x}" for n in range(1, 60)]
OTHER = "2001:db8:7:41::1"


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("2001:db8:7:40:ffff:1:2:3", "2001:db8:7:40::"),
        ("2001:DB8:7:40::1%eth0", "2001:db8:7:40::"),
        ("2001:db8:7:41::1", "2001:db8:7:41::"),
        ("::ffff:198.51.100.7", "198.51.100.7"),
        ("198.51.100.7", "198.51.100.7"),
        ("", "unknown"),
        ("nonsense", "unknown"),
    ],
)
def test_a_client_is_an_ipv4_address_or_the_64_of_an_ipv6_address(address: str, network: str) -> None:
    assert client_network(address) == network


def test_uploads_of_one_network_share_their_places() -> None:
    readers = Readers(total=6, per_network=3)
    with readers.one(SAME[0]), readers.one(SAME[1]), readers.one(SAME[2]):
        with pytest.raises(Refused, match="Too many"), readers.one(SAME[3]):
            pass
        with readers.one(OTHER):
            pass
    with readers.one(SAME[3]):
        pass


def test_strangers_get_half_of_the_places_and_two_for_each_network() -> None:
    places, others = Places(), ["198.51.100.1", "198.51.100.2", "198.51.100.3"]
    with ExitStack() as stack:
        for address in (SAME[0], SAME[1], others[0]):
            stack.enter_context(places.one(address, signed_in=False))
            if address == SAME[1]:
                with pytest.raises(Refused), places.one(SAME[2], signed_in=False):
                    pass
        with pytest.raises(Refused), places.one(others[1], signed_in=False):
            pass
        for _ in range(3):  # The places that are left are for signed-in people only.
            stack.enter_context(places.one(SAME[3], signed_in=True))
        with pytest.raises(Refused), places.one(others[2], signed_in=True):
            pass
    with places.one(others[1], signed_in=False):
        pass


def test_waiting_connections_of_one_network_are_counted_together() -> None:
    class Connection:
        client: Any

    found = set()
    for address in SAME:
        connection = Connection()
        connection.client = (address, 4711, 0, 0)
        found.add(_network(connection))
    assert found == {"2001:db8:7:40::"}


def test_the_page_that_verifies_reports_counts_networks() -> None:
    cache.clear()
    for address in SAME[:UPLOADS]:
        count_upload(RequestFactory().post("/verify/", REMOTE_ADDR=address))
    with pytest.raises(TryAgain):
        count_upload(RequestFactory().post("/verify/", REMOTE_ADDR=SAME[UPLOADS]))
    count_upload(RequestFactory().post("/verify/", REMOTE_ADDR=OTHER))


def test_failed_sign_ins_and_the_limits_of_allauth_count_networks() -> None:
    requests = [RequestFactory().post("/", REMOTE_ADDR=address) for address in SAME]
    for name in (ADDRESS, PAIR):
        assert len({_keys(request, "jo@example.com")[name] for request in requests}) == 1
    assert {ratelimit.get_ip(request) for request in requests} == {client_network(SAME[0])}
