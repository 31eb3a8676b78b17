"""Middleware that decides the client's address and scheme, once, from `SURETY_TRUSTED_PROXIES`.

All later code reads `REMOTE_ADDR` and `request.scheme`. Forwarding headers are removed if the peer is not a listed
proxy.
"""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase

from portal.http.trusted_proxies import TrustedProxies, parse_address

FORWARDED_FOR, FORWARDED_PROTO = "HTTP_X_FORWARDED_FOR", "HTTP_X_FORWARDED_PROTO"


class ClientAddressMiddleware:
    """Write the client's address to `REMOTE_ADDR`. Must be the first middleware."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response
        self.proxies = TrustedProxies.parse(settings.SURETY_TRUSTED_PROXIES)

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        peer = request.META.get("REMOTE_ADDR", "")
        forwarded_for = request.META.pop(FORWARDED_FOR, "")
        protocol = request.META.pop(FORWARDED_PROTO, "")
        if self.proxies.trusts(parse_address(peer)):
            # Django reads this header (SECURE_PROXY_SSL_HEADER). If the header has several values, use only the last,
            # which the nearest proxy has written.
            request.META[FORWARDED_PROTO] = protocol.rpartition(",")[2].strip()
        request.META["REMOTE_ADDR"] = self.proxies.client(peer, forwarded_for)
        return self.get_response(request)
