"""The network of a client. Limits count all addresses of a network as one client.

An IPv6 connection usually gets at least a /64 network. A client with so many addresses could evade limits that count
single addresses.
"""

from __future__ import annotations

import ipaddress
from typing import Final

from portal.http.trusted_proxies import parse_address

IPV6_PREFIX: Final = 64
UNKNOWN: Final = "unknown"


def client_network(address: str) -> str:
    """Return the key under which limits count a client: an IPv4 address, the /64 of an IPv6 address, or UNKNOWN for
    other texts.
    """
    found = parse_address(address)
    if found is None:
        return UNKNOWN
    if isinstance(found, ipaddress.IPv6Address):
        return str(ipaddress.ip_network((found, IPV6_PREFIX), strict=False).network_address)
    return str(found)
