"""Decide which addresses events may be posted to, so that no channel reaches services of an internal network.

`parse` checks the URL as entered, when a channel is saved and before each post. `resolve` looks up the host before each
post and refuses the host unless **every** IP address is public. The post then connects to a checked IP address, so a
second DNS answer cannot redirect it.

`SURETY_WEBHOOK_ALLOWED_HOSTS` exempts receivers in the operator's network: a host name (any port, also HTTP), an IP
address, or a network such as `10.20.0.0/16`. Instance metadata services and Azure's host agent are never exempt,
because they return credentials to any local client.

If `SURETY_WEBHOOK_HOSTS` is set, public hosts may be receivers only if this list permits them. An entry that begins
with a dot permits all names below the domain.

Sources: IANA's special-purpose registries (RFC 6890) through `ipaddress`; RFC 6052 (NAT64), RFC 3056 (6to4), RFC 4291
2.5.5 (IPv4 inside IPv6); 168.63.129.16 is in a public range but belongs to Azure
(https://learn.microsoft.com/azure/virtual-network/what-is-ip-address-168-63-129-16).
"""

from __future__ import annotations

import re
import socket
from collections.abc import Collection
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
WEBHOOKS: Final = "SURETY_WEBHOOK_ALLOWED_HOSTS"
# Services that return credentials to any client on the machine or network: metadata services of virtual machines,
# Azure's host agent (168.63.129.16), and AWS's services for containers
# (https://docs.aws.amazon.com/eks/latest/userguide/pod-id-agent-setup.html).
FORBIDDEN: Final = frozenset(
    map(
        ip_address,
        (
            "169.254.169.254",
            "168.63.129.16",
            "100.100.100.200",
            "192.0.0.192",
            "fd00:ec2::254",
            "fd20:ce::254",
            "169.254.170.2",
            "169.254.170.23",
            "fd00:ec2::23",
        ),
    )
)
_PUBLIC_V6: Final = IPv6Network("2000::/3")
# Every block of IANA's special-purpose registries, multicast, and the deprecated site-local addresses. Blocks that IANA
# calls globally reachable are included too, because no receivers have such addresses.
# https://www.iana.org/assignments/iana-ipv4-special-registry, https://www.iana.org/assignments/iana-ipv6-special-registry
SPECIAL_PURPOSE: Final = tuple(
    map(
        ip_network,
        (
            "0.0.0.0/8",  # “this network”
            "10.0.0.0/8",
            "100.64.0.0/10",  # shared address space
            "127.0.0.0/8",
            "169.254.0.0/16",
            "172.16.0.0/12",
            "192.0.0.0/24",  # IETF protocol assignments
            "192.0.2.0/24",  # documentation
            "192.31.196.0/24",  # AS112
            "192.52.193.0/24",  # AMT
            "192.88.99.0/24",  # 6to4 relays, deprecated
            "192.168.0.0/16",
            "192.175.48.0/24",  # AS112
            "198.18.0.0/15",  # benchmarking
            "198.51.100.0/24",  # documentation
            "203.0.113.0/24",  # documentation
            "224.0.0.0/4",  # multicast
            "240.0.0.0/4",
            "::/128",
            "::1/128",
            "::ffff:0:0/96",  # IPv4-mapped
            "64:ff9b::/96",  # NAT64
            "64:ff9b:1::/48",
            "100::/64",  # discard
            "100:0:0:1::/64",
            "2001::/23",  # IETF protocol assignments: Teredo, benchmarking, AMT, AS112, ORCHIDv2, drone tags
            "2001:db8::/32",  # documentation
            "2002::/16",  # 6to4
            "2620:4f:8000::/48",  # AS112
            "3fff::/20",  # documentation
            "5f00::/16",  # segment routing
            "fc00::/7",
            "fe80::/10",
            "fec0::/10",  # site-local (deprecated)
            "ff00::/8",  # multicast
        ),
    )
)
# Networks whose addresses end with an IPv4 address: NAT64 (the well-known and the local-use prefix), and the deprecated
# IPv4-compatible addresses.
_EMBEDS_IPV4: Final = tuple(map(IPv6Network, ("64:ff9b::/96", "64:ff9b:1::/48", "::/96")))
_LABEL: Final = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)")
_NUMBER: Final = re.compile(r"(0x[0-9a-f]*|[0-9]+)")


class RefusedAddress(InvalidInput, code="refused_address"):
    """The URL is not permitted. Retrying would not help."""


class Unresolved(Exception):
    """The host name has no IP address at the moment."""


@dataclass(frozen=True, slots=True)
class Target:
    """A parsed URL. `path` begins with a slash and includes the query; `literal` is set if the host is an
    IP address.
    """

    scheme: str
    host: str
    port: int
    path: str
    literal: Address | None = None

    @property
    def host_header(self) -> str:
        """The value of the Host header. It contains the port, unless the port is the scheme's default."""
        shown = f"[{self.host}]" if isinstance(self.literal, IPv6Address) else self.host
        return shown if self.port == _default_port(self.scheme) else f"{shown}:{self.port}"


@dataclass(frozen=True, slots=True)
class Exemptions:
    """The entries of SURETY_WEBHOOK_ALLOWED_HOSTS."""

    names: frozenset[str]
    networks: tuple[Network, ...]

    @classmethod
    def parse(cls, entries: list[str]) -> Exemptions:
        """Parse the setting. Raise ValueError if an entry is not a host name, IP address or network, or if an entry is
        0.0.0.0/0 or ::/0.
        """
        names, networks = set(), []
        for entry in map(str.lower, entries):
            last = entry.rsplit(".", 1)[-1]
            if ":" in entry or "/" in entry or _NUMBER.fullmatch(last):
                network = ip_network(entry)
                if network.prefixlen == 0:
                    raise ValueError(
                        f"{entry!r} would permit every address. Enter only the networks of your receivers"
                    )
                networks.append(network)
            elif all(_LABEL.fullmatch(label) for label in entry.split(".")):
                names.add(entry)
            else:
                raise ValueError(f"{entry!r} is not a host name, IP address or network")
        return cls(frozenset(names), tuple(networks))

    def covers(self, target: Target) -> bool:
        """Return whether the host name or IP address in the URL is exempt. If so, the URL may have any port, and may
        start with http://.
        """
        if target.literal is not None:
            return self.contains(target.literal)
        return target.host in self.names

    def contains(self, address: Address) -> bool:
        """Return whether the IP address is in an exempt network."""
        return any(address.version == network.version and address in network for network in self.networks)


def exemptions() -> Exemptions:
    """Return the hosts and networks that SURETY_WEBHOOK_ALLOWED_HOSTS exempts from the rules for addresses."""
    return Exemptions.parse(settings.SURETY_WEBHOOK_ALLOWED_HOSTS)


def parse(
    url: str,
    *,
    allowed: Exemptions | None = None,
    setting: str = WEBHOOKS,
    schemes: Collection[str] = ("https",),
    ports: Collection[int] = PORTS,
) -> Target:
    """Parse and check a URL. If it is not permitted, raise RefusedAddress with a message that says what to correct.

    `allowed` are the exemptions, by default the exemptions for webhooks; `setting` is the name of the setting that
    lists the exemptions. A host that is not exempt may use only `schemes` and `ports`.
    """
    url = url.strip()
    if not url or len(url) > MAX_CHARACTERS:
        raise _refused(f"Enter an address of at most {MAX_CHARACTERS} characters that starts with https://.")
    if not all("!" <= character <= "~" for character in url) or "\\" in url:
        raise _refused(
            "Use only ASCII characters without spaces and backslashes. Enter international host names in the form"
            " xn--…."
        )
    try:
        parts = urlsplit(url)
        port = parts.port
        host = parts.hostname or ""
    except ValueError:
        raise _refused("The address is invalid. Check its brackets and its port.") from None
    if parts.scheme not in ("https", "http"):
        raise _refused("The address must start with https://.")
    if "@" in parts.netloc:
        raise _refused(
            "Remove the user name and password from the address. The receiver recognizes posts of Surety by their"
            " signature."
        )
    if parts.fragment:
        raise _refused("Remove “#” and the text after it. No server receives this part of an address.")
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    target = Target(
        parts.scheme, host, _default_port(parts.scheme) if port is None else port, path, _literal(host)
    )
    if not (allowed or exemptions()).covers(target):
        _check_public_spelling(target, setting, schemes, ports)
    return target


def resolve(target: Target, *, allowed: Exemptions | None = None, setting: str = WEBHOOKS) -> list[Address]:
    """Look up the host and return its IP addresses, each of which has been checked. Raises RefusedAddress or
    Unresolved.
    """
    allowed = allowed or exemptions()
    found = [target.literal] if target.literal is not None else _look_up(target)
    for address in found:
        if FORBIDDEN & _equivalent_addresses(address):
            raise _refused(
                f"{target.host} has the IP address {address} of a metadata service, which gives out credentials. Use"
                " another address."
            )
        listed = target.host in allowed.names or allowed.contains(address)
        if not listed and not is_public(address):
            raise _refused(
                f"{target.host} has the IP address {address}, which is not public. The operator of Surety can permit"
                f" this address in {setting}."
            )
    return found


def is_public(address: Address) -> bool:
    """Return whether the IP address is public: not in `FORBIDDEN`, and in no special-purpose network, such as a private
    network or a network whose addresses are translated into others (NAT64).
    """
    if address in FORBIDDEN or any(
        address.version == network.version and address in network for network in SPECIAL_PURPOSE
    ):
        return False
    if isinstance(address, IPv6Address) and (address not in _PUBLIC_V6 or address.scope_id):
        return False
    return address.is_global and not (
        address.is_multicast or address.is_reserved or address.is_loopback or address.is_unspecified
    )


def _equivalent_addresses(address: Address) -> set[Address]:
    """Return the IP address, and the IPv4 addresses that a gateway may translate it into."""
    found: set[Address] = {address}
    if isinstance(address, IPv6Address):
        teredo = address.teredo[1] if address.teredo else None
        found |= {inner for inner in (address.ipv4_mapped, address.sixtofour, teredo) if inner is not None}
        if any(address in network for network in _EMBEDS_IPV4):
            found.add(IPv4Address(int(address) & 0xFFFF_FFFF))
    return found


def _check_public_spelling(
    target: Target, setting: str, schemes: Collection[str], ports: Collection[int]
) -> None:
    if target.scheme not in schemes:
        raise _refused("The address must start with https://.")
    if target.literal is not None:
        if not is_public(target.literal):
            raise _refused(
                f"{target.literal} is not a public IP address. The operator of Surety can permit this address in"
                f" {setting}."
            )
    elif "." not in target.host:
        raise _refused("Enter the full host name, such as hooks.example.com.")
    if target.port not in ports:
        raise _refused(f"Use port {' or '.join(map(str, ports))}.")
    listed = settings.SURETY_WEBHOOK_HOSTS if setting == WEBHOOKS else []
    if listed and not any(_is_listed(target.host, entry.lower()) for entry in listed):
        raise _refused(
            f"The operator of Surety does not permit posts to {target.host}. Use one of these hosts:"
            f" {', '.join(listed)}. Or ask the operator to add {target.host} to SURETY_WEBHOOK_HOSTS."
        )


def _is_listed(host: str, entry: str) -> bool:
    return host.endswith(entry) if entry.startswith(".") else host == entry


def _literal(host: str) -> Address | None:
    """If the host is an IP address, return the address, otherwise None. Refuse forms of an IP address that libraries
    interpret in different ways.
    """
    if not host:
        raise _refused(
            "The address has no host name. Enter an address such as https://hooks.example.com/path."
        )
    if host.endswith("."):
        raise _refused("Remove the dot at the end of the host name.")
    if ":" in host:
        if "%" in host:
            raise _refused("Remove the zone (the part after %) from the IPv6 address.")
        return _parse_ip(host)
    labels = host.split(".")
    if _NUMBER.fullmatch(labels[-1]):
        # This call refuses 2130706433, 0x7f.1 and 0177.0.0.1, which some libraries read as 127.0.0.1.
        return _parse_ip(host)
    if len(host) > 253 or not all(_LABEL.fullmatch(label) for label in labels):
        raise _refused("The host name is invalid. Use letters, digits, hyphens and dots.")
    return None


def _parse_ip(host: str) -> Address:
    try:
        return ip_address(host)
    except ValueError:
        raise _refused("Enter the IP address in its usual form, such as 203.0.113.7.") from None


def _look_up(target: Target) -> list[Address]:
    try:
        answers = socket.getaddrinfo(target.host, target.port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise Unresolved(
            f"Surety found no IP address of {target.host}. Either the host name does not exist, or DNS did not"
            " answer."
        ) from error
    found = dict.fromkeys(ip_address(str(answer[4][0])) for answer in answers)
    if not found:
        raise Unresolved(f"{target.host} has no IP address.")
    return list(found)


def _default_port(scheme: str) -> int:
    return 443 if scheme == "https" else 80


def _refused(message: str) -> RefusedAddress:
    return RefusedAddress(message, fields={"address": [message]})
