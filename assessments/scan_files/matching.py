"""Find the virtual machine of the customer to which an entry of a scan file belongs. Pure functions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from assessments.scan_files.facts import ScannedHost

_LISTED: Final = 5


@dataclass(frozen=True, slots=True)
class Machine:
    """A virtual machine of the customer, with the lower-case ids, names and addresses by which scan files may name it.

    `short_names` are its name in Azure and its host name, without a domain. `full_names` are its names in DNS, with a
    domain.
    """

    resource_id: str
    vm_id: str = ""
    short_names: frozenset[str] = frozenset()
    full_names: frozenset[str] = frozenset()
    addresses: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Match:
    """The matching machine, named by its resource id in lower case, or the reason why no machine matches."""

    resource_id: str
    reason: str = ""


class Index:
    """The virtual machines of one customer, by their ids, names and addresses."""

    def __init__(self, machines: Iterable[Machine]) -> None:
        self._ids: dict[str, set[str]] = {}
        self._names: dict[str, set[str]] = {}
        self._full: dict[str, set[str]] = {}
        self._addresses: dict[str, set[str]] = {}
        for machine in machines:
            self._ids.setdefault(machine.resource_id, set()).add(machine.resource_id)
            if machine.vm_id:
                self._ids.setdefault(machine.vm_id, set()).add(machine.resource_id)
            for table, keys in (
                (self._names, machine.short_names),
                (self._full, machine.full_names),
                (self._addresses, machine.addresses),
            ):
                for key in keys:
                    table.setdefault(key, set()).add(machine.resource_id)

    def match(self, host: ScannedHost) -> Match:
        """Return the machine to which an entry of a scan file belongs.

        If the entry has a resource id, only the resource id decides. If the entry has the VM id of a known machine,
        only the VM id decides. In all other cases, the addresses and names in the entry decide: one search looks for
        machines with one of the addresses, another search for machines with one of the names. If both searches find
        machines, exactly one machine must be in both results. If only one search finds machines, it must find exactly
        one machine.
        """
        for identifier in filter(None, (host.resource_id, host.vm_id)):
            found = self._ids.get(identifier, set())
            if len(found) == 1:
                return Match(next(iter(found)))
            if host.resource_id:
                return Match("", f"The inventory has no machine {host.resource_id}")
        by_address = _known(self._addresses, host.addresses)
        by_name = _known(self._full, host.names) or _known(self._names, _short(host.names))
        both = by_address & by_name if by_address and by_name else by_address | by_name
        if len(both) == 1:
            return Match(next(iter(both)))
        if both:
            return Match("", f"{len(both)} machines match: {_listed(both)}")
        if by_address:
            return Match(
                "",
                f"The address belongs to {_listed(by_address)}, but the name to {_listed(by_name)}",
            )
        if not host.addresses and not host.names:
            return Match("", "The file states neither an address nor a name")
        return Match("", f"No machine has {_stated(host)}")


def _known(table: Mapping[str, set[str]], keys: Iterable[str]) -> set[str]:
    return set().union(*(table.get(key, set()) for key in keys))


def _short(names: Iterable[str]) -> list[str]:
    return [name.partition(".")[0] for name in names]


def _listed(machines: Iterable[str]) -> str:
    names = sorted(one.rsplit("/", 1)[-1] for one in machines)
    more = f" and {len(names) - _LISTED} more" if len(names) > _LISTED else ""
    return ", ".join(names[:_LISTED]) + more


def _stated(host: ScannedHost) -> str:
    parts = []
    if host.addresses:
        parts.append(f"the address {' or '.join(host.addresses[:_LISTED])}")
    if host.names:
        parts.append(f"the name {' or '.join(host.names[:_LISTED])}")
    return " or ".join(parts)
