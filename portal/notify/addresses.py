"""Which addresses events may be posted to: no request of ours reaches what only this machine can reach.

Two steps. `parse` looks at the address as it is written (when a channel is entered and before each post);
`resolve` asks the resolver (before each post) and refuses unless **every** address of the name is public. The
post then goes to an address that was checked, so that a name cannot answer differently the second time.

`SURETY_WEBHOOK_ALLOWED_HOSTS` exempts receivers on one's own network: a host name (any port, http as well), an
address or a network (`10.20.0.0/16`, for names that resolve into it). Instance metadata and Azure's host
agent are never exempt: they hand out credentials.

Sources: IANA's special-purpose registries (RFC 6890) through `ipaddress`; RFC 6052 (NAT64), RFC 3056 (6to4),
RFC 4291 2.5.5 (IPv4 inside IPv6); 168.63.129.16 is public by number and yet Azure's own
(https://learn.microsoft.com/azure/virtual-network/what-is-ip-address-168-63-129-16).
"""

from __future__ import annotations

import re
import socket
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Final
from urllib.parse import urlsplit

from django.conf import settings

from tenants.errors import InvalidInput

type Address = IPv4Address | IPv6Address
type Network = IPv4Network | IPv6Network

MAX_CHARACTERS: Final = 2048
PORTS: Final = (443, 8443)
# What hands out credentials to whoever asks from inside.
FORBIDDEN: Final = frozenset(
    map(ip_address, ("169.254.169.254", "168.63.129.16", "100.100.100.200", "192.0.0.192", "fd00:ec2::254"))
)
_PUBLIC_V6: Final = IPv6Network("2000::/3")
_TRANSLATION_NETWORKS: Final = (
    IPv6Network("2002::/16"),  # 6to4
    IPv6Network("2001::/32"),  # Teredo
    IPv6Network("64:ff9b::/96"),
    IPv6Network("64:ff9b:1::/48"),
    IPv4Network("192.88.99.0/24"),  # the relays of 6to4
)
# NAT64 (well known, and local with a prefix of 96 bits), and the old "IPv4-compatible" spelling.
_EMBEDS_IPV4: Final = tuple(map(IPv6Network, ("64:ff9b::/96", "64:ff9b:1::/48", "::/96")))
_LABEL: Final = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)")
_NUMBER: Final = re.compile(r"(0x[0-9a-f]*|[0-9]+)")


class RefusedAddress(InvalidInput):
    """Nothing is posted there, and trying again would not help."""

    default_code = "refused_address"


class Unresolved(Exception):
    """The name has no address just now."""


@dataclass(frozen=True, slots=True)
class Target:
    """A checked address. `path` begins with a slash and has the query; `literal` where the host is a number."""

    scheme: str
    host: str
    port: int
    path: str
    literal: Address | None = None

    @property
    def host_header(self) -> str:
        """What the Host header says: with the port unless it is the scheme's."""
        shown = f"[{self.host}]" if isinstance(self.literal, IPv6Address) else self.host
        return shown if self.port == _default_port(self.scheme) else f"{shown}:{self.port}"


@dataclass(frozen=True, slots=True)
class Exemptions:
    """What SURETY_WEBHOOK_ALLOWED_HOSTS lists."""

    names: frozenset[str]
    networks: tuple[Network, ...]

    @classmethod
    def of(cls, words: list[str]) -> Exemptions:
        """ValueError for a word that is neither a host name, nor an address, nor a network."""
        names, networks = set(), []
        for word in (word.lower() for word in words):
            last = word.rsplit(".", 1)[-1]
            if ":" in word or "/" in word or _NUMBER.fullmatch(last):
                networks.append(ip_network(word))
            elif all(_LABEL.fullmatch(label) for label in word.split(".")):
                names.add(word)
            else:
                raise ValueError(f"{word!r} is neither a host name nor an address or network")
        return cls(frozenset(names), tuple(networks))

    def covers(self, target: Target) -> bool:
        """Whether scheme and port are left to whoever set this installation up."""
        if target.literal is not None:
            return self.holds(target.literal)
        return target.host in self.names

    def holds(self, address: Address) -> bool:
        return any(address.version == network.version and address in network for network in self.networks)


def exemptions() -> Exemptions:
    """The exemptions of this installation."""
    return Exemptions.of(settings.SURETY_WEBHOOK_ALLOWED_HOSTS)


def parse(url: str) -> Target:
    """The address as it is written, or RefusedAddress, which says what is wrong with it."""
    url = url.strip()
    if not url or len(url) > MAX_CHARACTERS:
        raise _refused(f"Give an address of at most {MAX_CHARACTERS} characters, such as https://….")
    if not all("!" <= character <= "~" for character in url) or "\\" in url:
        raise _refused("Only plain ASCII without spaces and backslashes. Write a name with umlauts as xn--….")
    try:
        parts = urlsplit(url)
        port = parts.port
        host = parts.hostname or ""
    except ValueError:
        raise _refused("This is not an address that can be read: check brackets and the port.") from None
    if parts.scheme not in ("https", "http"):
        raise _refused("The address must begin with https://.")
    if "@" in parts.netloc:
        raise _refused("Leave user name and password out of the address: posts are signed instead.")
    if parts.fragment:
        raise _refused("Leave out what follows “#”: it is never sent.")
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    target = Target(
        parts.scheme, host, _default_port(parts.scheme) if port is None else port, path, _literal(host)
    )
    if not exemptions().covers(target):
        _check_public_spelling(target)
    return target


def resolve(target: Target) -> list[Address]:
    """The addresses to connect to, all of them checked. RefusedAddress; Unresolved where there is none now."""
    allowed = exemptions()
    found = [target.literal] if target.literal is not None else _look_up(target)
    for address in found:
        if FORBIDDEN & _equivalent_addresses(address):
            raise _refused(f"{target.host} is {address}, which hands out credentials. Nothing is sent there.")
        listed = target.host in allowed.names or allowed.holds(address)
        if not listed and not is_public(address):
            raise _refused(
                f"{target.host} is {address}, which is not a public address. Whoever runs Surety can allow it "
                "in SURETY_WEBHOOK_ALLOWED_HOSTS."
            )
    return found


def is_public(address: Address) -> bool:
    """Whether an address belongs to the public internet and stands for no other one."""
    if address in FORBIDDEN or any(
        address.version == network.version and address in network for network in _TRANSLATION_NETWORKS
    ):
        return False
    if isinstance(address, IPv6Address) and (address not in _PUBLIC_V6 or address.scope_id):
        return False
    return address.is_global and not (
        address.is_multicast or address.is_reserved or address.is_loopback or address.is_unspecified
    )


def _equivalent_addresses(address: Address) -> set[Address]:
    """The address and the IPv4 addresses that it may be translated to on the way."""
    found: set[Address] = {address}
    if isinstance(address, IPv6Address):
        teredo = address.teredo[1] if address.teredo else None
        found |= {inner for inner in (address.ipv4_mapped, address.sixtofour, teredo) if inner is not None}
        if any(address in network for network in _EMBEDS_IPV4):
            found.add(IPv4Address(int(address) & 0xFFFF_FFFF))
    return found


def _check_public_spelling(target: Target) -> None:
    if target.scheme != "https":
        raise _refused("The address must begin with https://.")
    if target.port not in PORTS:
        raise _refused(f"Use port {' or '.join(map(str, PORTS))}.")
    if target.literal is not None:
        if not is_public(target.literal):
            raise _refused(f"{target.literal} is not a public address.")
    elif "." not in target.host:
        raise _refused("Give the full name of the host, such as hooks.example.com.")


def _literal(host: str) -> Address | None:
    """The number a host is, None for a name. Spellings that systems read differently are refused."""
    if not host:
        raise _refused("The address names no host.")
    if host.endswith("."):
        raise _refused("Leave out the dot at the end of the host's name.")
    if ":" in host:
        if "%" in host:
            raise _refused("Leave out the zone of the IPv6 address.")
        return _parse_ip(host)
    labels = host.split(".")
    if _NUMBER.fullmatch(labels[-1]):
        # 2130706433, 0x7f.1 and 0177.0.0.1 are all 127.0.0.1 to one library or another.
        return _parse_ip(host)
    if len(host) > 253 or not all(_LABEL.fullmatch(label) for label in labels):
        raise _refused("This is no host name: letters, digits, hyphens and dots.")
    return None


def _parse_ip(host: str) -> Address:
    try:
        return ip_address(host)
    except ValueError:
        raise _refused("Write an IP address in its usual form, such as 203.0.113.7.") from None


def _look_up(target: Target) -> list[Address]:
    try:
        answers = socket.getaddrinfo(target.host, target.port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise Unresolved(
            f"{target.host} has no address: the name is not known, or nobody answered who knows it."
        ) from error
    found = dict.fromkeys(ip_address(str(answer[4][0])) for answer in answers)
    if not found:
        raise Unresolved(f"{target.host} has no address.")
    return list(found)


def _default_port(scheme: str) -> int:
    return 443 if scheme == "https" else 80


def _refused(message: str) -> RefusedAddress:
    return RefusedAddress(message, fields={"address": [message]})
