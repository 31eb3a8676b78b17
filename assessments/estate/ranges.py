"""Sets of whole numbers, for addresses and ports. A set is stored as sorted, disjoint ranges, which include both
ends. Pure functions.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network, summarize_address_range

Range = tuple[int, int]
Ranges = tuple[Range, ...]

EMPTY: Ranges = ()


def ranges(parts: Iterable[Range]) -> Ranges:
    """Return the set of all numbers in the parts. The parts may overlap. A part with start > end is empty."""
    joined: list[Range] = []
    for start, end in sorted(part for part in parts if part[0] <= part[1]):
        if joined and start <= joined[-1][1] + 1:
            joined[-1] = (joined[-1][0], max(joined[-1][1], end))
        else:
            joined.append((start, end))
    return tuple(joined)


def union(left: Ranges, right: Ranges) -> Ranges:
    """Return the numbers that are in at least one of the sets."""
    return ranges((*left, *right))


def intersect(left: Ranges, right: Ranges) -> Ranges:
    """Return the numbers in both sets."""
    found: list[Range] = []
    i = j = 0
    while i < len(left) and j < len(right):
        start, end = max(left[i][0], right[j][0]), min(left[i][1], right[j][1])
        if start <= end:
            found.append((start, end))
        if left[i][1] < right[j][1]:
            i += 1
        else:
            j += 1
    return tuple(found)


def subtract(left: Ranges, right: Ranges) -> Ranges:
    """Return the numbers in `left` but not in `right`."""
    found: list[Range] = []
    for start, end in left:
        for low, high in right:
            if high < start or low > end:
                continue
            if low > start:
                found.append((start, low - 1))
            start = high + 1
            if start > end:
                break
        if start <= end:
            found.append((start, end))
    return tuple(found)


def size(of: Ranges) -> int:
    """Return the number of elements."""
    return sum(end - start + 1 for start, end in of)


def widest_above[T](parts: Iterable[T], range_of: Callable[[T], Range], limit: int) -> list[T]:
    """Return the widest parts that must be removed so that the other parts together have fewer than `limit` numbers.
    The widest part comes first.
    """
    left = sorted(parts, key=lambda part: size((range_of(part),)))
    found: list[T] = []
    while left and size(ranges(range_of(part) for part in left)) >= limit:
        found.append(left.pop())
    return found


@lru_cache(maxsize=4096)
def network(text: str) -> tuple[int, Range]:
    """Parse an address, a CIDR block (ignoring host bits) or `first-last` into (IP version, range). Raise ValueError
    for anything else.

    The result is cached, because the same few blocks occur in many rules.
    """
    first, dash, last = text.partition("-")
    if dash:
        low, high = ip_address(first.strip()), ip_address(last.strip())
        if low.version != high.version or int(low) > int(high):
            raise ValueError(f"{text} is not a range of addresses")
        return low.version, (int(low), int(high))
    block = ip_network(text.strip(), strict=False)
    return block.version, (int(block.network_address), int(block.broadcast_address))


MAX_NAMED_NETWORKS = 5


def few_networks(v4: Ranges, v6: Ranges) -> list[str]:
    """Return the ranges as texts, such as `203.0.113.0/24` or `203.0.113.4 to 203.0.113.6`. Return an empty list for
    more than MAX_NAMED_NETWORKS ranges.
    """
    if len(v4) + len(v6) > MAX_NAMED_NETWORKS:
        return []
    return [*_named(v4, IPv4Address), *_named(v6, IPv6Address)]


def _named(of: Ranges, address: type[IPv4Address | IPv6Address]) -> list[str]:
    names = []
    for start, end in of:
        first, last = address(start), address(end)
        block, *more = summarize_address_range(first, last)
        names.append(f"{first} to {last}" if more else str(first) if start == end else str(block))
    return names


def blocks(*texts: str) -> Ranges:
    """Return the set of addresses in blocks of one IP version."""
    return ranges(network(text)[1] for text in texts)


ALL_IPV4: Ranges = blocks("0.0.0.0/0")
# All IPv4 addresses except RFC 1918, carrier-grade NAT, link-local, loopback and multicast addresses.
PUBLIC_IPV4: Ranges = subtract(
    ALL_IPV4,
    blocks(
        "10.0.0.0/8",
        "172.16.0.0/12",
        "192.168.0.0/16",
        "100.64.0.0/10",
        "169.254.0.0/16",
        "127.0.0.0/8",
        "224.0.0.0/4",
    ),
)
# The global unicast addresses (RFC 4291).
PUBLIC_IPV6: Ranges = blocks("2000::/3")

# Rules that allow at least this many addresses count as open to the Internet.
INTERNET_IPV4 = 2**24
INTERNET_IPV6 = 2**96
