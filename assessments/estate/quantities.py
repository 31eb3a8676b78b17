"""Write numbers, shares of the address space and durations for people. Pure functions."""

from __future__ import annotations

from datetime import timedelta

from assessments.estate.ranges import PUBLIC_IPV6, size

_BITS = {4: 32, 6: 128}
# Shares of IPv6 are shares of the public addresses (global unicast), because the Internet routes no others.
_PUBLIC_IPV6 = size(PUBLIC_IPV6)
_NETWORK_IPV6 = 2**64
_UNITS = (("day", 86_400), ("hour", 3_600), ("minute", 60), ("second", 1))


def number(value: float) -> str:
    """Return a number as text: ``1,234,567``. All digits after the decimal point are kept."""
    return f"{value:,}"


def counted(count: float, noun: str) -> str:
    """Return ``1 rule`` or ``12,345 rules``."""
    return f"{number(count)} {noun}" if count == 1 else f"{number(count)} {noun}s"


def in_days(days: float) -> str:
    """Return ``1 day`` or ``1,095 days``."""
    return counted(int(days) if days == int(days) else days, "day")


def percent(share: float) -> str:
    """Return a share from 0 to 1 as ``93 %`` or ``99.5 %``. Only 1 becomes 100 %, and only 0 becomes 0 %."""
    value = round(share * 100, 1)
    if value >= 100 and share < 1:
        return "over 99.9 %"
    if value <= 0 < share:
        return "under 0.1 %"
    return f"{value:g} %"


def whole_percent(part: int, whole: int) -> str:
    """Return a share without decimals. A share between 0 and 1 never becomes 0 % or 100 %."""
    if part >= whole:
        return "100 %"
    if part * 100 < whole:
        return "0 %" if part == 0 else "under 1 %"
    return f"{min(99, (200 * part + whole) // (2 * whole))} %"


def parameter_text(value: object) -> str:
    """Return the value of a control's parameter: ``yes``, ``1,024``, ``1`` for 1.0, ``none`` for an empty text."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, int | float):
        return number(value)
    return str(value) or "none"


def addresses(count: int, version: int) -> str:
    """Return a number of IP addresses: ``all of IPv4``, ``93 % of IPv4``, ``256 IPv4 addresses (/24)``, ``no IPv6``."""
    family = f"IPv{version}"
    space = 2 ** _BITS[version]
    if count <= 0:
        return f"no {family}"
    if count >= space:
        return f"all of {family}"
    if version == 6 and count >= _PUBLIC_IPV6:
        return "all public IPv6" if count == _PUBLIC_IPV6 else "more than all public IPv6"
    public = space if version == 4 else _PUBLIC_IPV6
    if count * 100 >= public:
        return f"{whole_percent(count, public)} of {family if version == 4 else 'public IPv6'}"
    exact = count & (count - 1) == 0
    if version == 6 and count >= _NETWORK_IPV6:
        if exact:
            return f"an IPv6 network of size /{_BITS[6] - count.bit_length() + 1}"
        return f"{counted(-(-count // _NETWORK_IPV6), 'IPv6 network')} of size /64"
    if count == 1:
        return f"1 {family} address"
    suffix = f" (/{_BITS[version] - count.bit_length() + 1})" if exact else ""
    return f"{number(count)} {family} addresses{suffix}"


def duration(length: timedelta) -> str:
    """Return a duration in words: ``8 hours``, ``1 day 12 hours``, ``90 days``, or ``0 seconds`` for a duration of
    zero.
    """
    left = int(length.total_seconds())
    parts = []
    for unit, seconds in _UNITS:
        amount, left = divmod(left, seconds)
        if amount:
            parts.append(counted(amount, unit))
    return " ".join(parts) or "0 seconds"
