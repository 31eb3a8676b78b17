"""Limits of requests for access tokens.

| Counted | Limit |
| --- | --- |
| Requests with a wrong id or secret, by client id and address | 5 in five minutes |
| Requests with a wrong id or secret, by address | 20 a minute |
| Requests with the correct secret, by client | 60 a minute |

Wrong requests from one IP address do not block a program at another IP address. Nobody can guess a secret of 178 random
bits, so the limits need not prevent guessing. They only keep clients from occupying the server. All IPv6 addresses of
one /64 network count as one address.
"""

from __future__ import annotations

from typing import Final

from allauth.account.adapter import get_adapter
from allauth.core.internal import ratelimit
from django.http import HttpRequest

from portal.http.client_networks import client_network

APP: Final = "surety.oauth"
PAIR, ADDRESS, CLIENT = "pair", "address", "client"
RATES: Final = {PAIR: "5/5m/key", ADDRESS: "20/m/key", CLIENT: "60/m/key"}
WAIT_SECONDS: Final = {PAIR: 300, ADDRESS: 60, CLIENT: 60}


def exceeded(request: HttpRequest, client_id: str) -> int:
    """Return how many seconds the client must wait because of too many wrong requests, or 0 if it need not wait."""
    return next(
        (
            WAIT_SECONDS[action]
            for action, key in _keys(request, client_id).items()
            if not _consume(request, action, key, dry_run=True)
        ),
        0,
    )


def count_failure(request: HttpRequest, client_id: str) -> None:
    """Count a request with a wrong id or secret."""
    for action, key in _keys(request, client_id).items():
        _consume(request, action, key)


def count_success(request: HttpRequest, client_id: str) -> int:
    """Count a request with the correct secret. Return how many seconds the client must wait because of too many such
    requests, or 0.
    """
    return 0 if _consume(request, CLIENT, client_id) else WAIT_SECONDS[CLIENT]


def _keys(request: HttpRequest, client_id: str) -> dict[str, str]:
    network = client_network(get_adapter(request).get_client_ip(request))
    return {PAIR: f"{client_id}:{network}", ADDRESS: network}


def _consume(request: HttpRequest, action: str, key: str, *, dry_run: bool = False) -> bool:
    """Return whether the limit permits the request. Count the request unless `dry_run` is set."""
    usage = ratelimit.consume(request, app=APP, action=action, config=RATES, key=key, dry_run=dry_run)
    return usage is not None
