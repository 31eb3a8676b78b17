"""Limit the use of the public pages of reports: requests per network, and simultaneous verifications.

The limits apply to all server processes together. Requests are counted in the cache. Verifications take advisory locks
of PostgreSQL, which are released if a process dies.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from allauth.account.adapter import get_adapter
from django.core.cache import cache
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest
from redis.exceptions import RedisError

from portal.http.client_networks import UNKNOWN, client_network
from tenants.locks import Lock, try_lock

UPLOADS: Final = 20
WINDOW_SECONDS: Final = 60
SLOTS: Final = 2
BUSY_SECONDS: Final = 5


class TryAgain(Exception):
    """The page cannot answer now, for example because there are too many requests. The client should try again after
    `seconds`. The message is a sentence for people.
    """

    def __init__(self, message: str, seconds: int) -> None:
        super().__init__(f"{message} Try again in {seconds} seconds.")
        self.seconds = seconds


def count_upload(request: HttpRequest) -> None:
    """Count an upload for the network of its sender. Raise TryAgain if this network has sent too many files."""
    count_request(
        request,
        "verify-uploads",
        UPLOADS,
        f"This network address has sent {UPLOADS} files within a minute, which is the limit of this page.",
    )


def count_request(request: HttpRequest, what: str, limit: int, reason: str) -> None:
    """Count a request for the network of its sender. If this network has sent more than `limit` requests in a minute,
    raise TryAgain with the reason.
    """
    window, passed = divmod(time.time(), WINDOW_SECONDS)
    key = f"{what}:{_network(request)}:{int(window)}"
    try:
        cache.add(key, 0, timeout=2 * WINDOW_SECONDS)
        number = cache.incr(key)
    except (RedisError, ValueError):
        # A ValueError means that the cache was emptied after `add`.
        raise TryAgain("Surety cannot count the requests to this page at the moment.", BUSY_SECONDS) from None
    if number > limit:
        raise TryAgain(reason, max(1, round(WINDOW_SECONDS - passed)))


@contextmanager
def verification_slot() -> Iterator[None]:
    """Occupy one of the `SLOTS` for simultaneous verifications. Raise TryAgain if all slots are occupied."""
    with transaction.atomic():
        if not any(try_lock(Lock.VERIFICATION_SLOT, str(number)) for number in range(SLOTS)):
            raise TryAgain(
                f"{SLOTS} files are being verified at the moment, which is the maximum.", BUSY_SECONDS
            )
        yield


def _network(request: HttpRequest) -> str:
    """Return the network for which a request is counted (`client_network`): an IPv4 address or the /64 of an IPv6
    address.

    All clients without an IP address count as one network.
    """
    try:
        return client_network(get_adapter(request).get_client_ip(request))
    except PermissionDenied:
        return UNKNOWN
