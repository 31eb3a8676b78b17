"""The reverse proxies that `SURETY_TRUSTED_PROXIES` lists, and the client's address behind them.

The settings import this module, so this module must not import parts of Django that need the settings.
"""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass, field
from typing import Final

from django.core.exceptions import ImproperlyConfigured

type Address = ipaddress.IPv4Address | ipaddress.IPv6Address
type Network = ipaddress.IPv4Network | ipaddress.IPv6Network

UNIX_SOCKET: Final = "unix"
# The address that is used for a peer on a Unix socket. Such a peer has no address, but is a process on this machine.
LOCAL_ADDRESS: Final = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class TrustedProxies:
    """The proxies whose forwarding headers are trusted.

    If `unix` is set, a proxy that connects to a Unix socket is trusted too.
    """

    networks: tuple[Network, ...] = field(default=())
    unix: bool = False

    @classmethod
    def parse(cls, entries: list[str]) -> TrustedProxies:
        """Return the proxies in the entries of the setting, which are addresses, networks, or `unix`.

        Raise ImproperlyConfigured for any other entry, and for a network that contains every address.
        """
        networks: list[Network] = []
        for entry in entries:
            if entry.lower() == UNIX_SOCKET:
                continue
            try:
                network = ipaddress.ip_network(entry)
            except ValueError as error:
                raise ImproperlyConfigured(
                    f"SURETY_TRUSTED_PROXIES contains {entry!r}, which is not an address, a network or the word"
                    f" `unix` ({error}). Set SURETY_TRUSTED_PROXIES to the addresses of your reverse proxies,"
                    " for example 10.0.0.5,10.1.0.0/24."
                ) from None
            if network.prefixlen == 0:
                raise ImproperlyConfigured(
                    f"With SURETY_TRUSTED_PROXIES={entry}, every client could fake its IP address. Set"
                    " SURETY_TRUSTED_PROXIES only to the addresses of your reverse proxies."
                )
            networks.append(network)
        return cls(tuple(networks), any(entry.lower() == UNIX_SOCKET for entry in entries))

    def trusts(self, peer: Address | None) -> bool:
        """Return whether `peer` is a listed proxy. None stands for a peer on a Unix socket."""
        if peer is None:
            return self.unix
        return any(peer in network for network in self.networks)

    def client(self, peer: str, forwarded_for: str) -> str:
        """Return the client's address: `peer` or, if `peer` is a listed proxy, the last address in `forwarded_for` that
        is not a listed proxy.

        `peer` is empty for a Unix socket. `forwarded_for` is `X-Forwarded-For`: each proxy appends the address that it
        saw.
        """
        address = parse_address(peer)
        for forwarded in reversed(forwarded_for.split(",")):
            if not self.trusts(address):
                break
            found = parse_address(_without_port(forwarded.strip()))
            if found is None:
                break
            address = found
        return str(address) if address is not None else LOCAL_ADDRESS


def _without_port(text: str) -> str:
    """Return an address without its port. Some proxies, such as Azure Application Gateway, append the port."""
    if text.startswith("["):
        return text[1:].partition("]")[0]
    address, separator, port = text.partition(":")
    return address if separator and port.isdecimal() else text


def parse_address(text: str) -> Address | None:
    """Return the address in `text` without its IPv6 zone, and an IPv4-mapped address as IPv4. Return None if `text` is
    not an address.
    """
    try:
        address = ipaddress.ip_address(text.strip().partition("%")[0])
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return mapped or address
