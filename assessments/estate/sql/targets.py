"""Find the virtual networks and public addresses that SQL managed instances or SQL virtual machines use. Without
such instances and machines, the collections `sql_networks` and `sql_public_addresses` send no request. Pure functions.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from assessments.estate.estate import Estate
from assessments.estate.ids import fold, parent_of
from assessments.estate.network.sql_interfaces import (
    NetworkPath,
    interface_ids,
    machine_id,
    network_paths,
    subnet_group,
)
from assessments.estate.view import Unreadable, View


def networks(estate: Estate) -> Iterable[str]:
    """Return the ids of the virtual networks of SQL virtual machines, and of managed instances whose public endpoint
    may be on."""
    found: dict[str, str] = {}
    for view in estate.documents("managed_instances"):
        subnet = view.raw("properties.subnetId")
        if view.raw("properties.publicDataEndpointEnabled") is not False and isinstance(subnet, str):
            _note(found, parent_of(subnet))
    for path in _network_paths(estate):
        _note(found, parent_of(path.subnet))
    return [found[key] for key in sorted(found)]


def public_addresses(estate: Estate) -> Iterable[str]:
    """Return the ids of the public addresses of SQL virtual machines whose interface and subnet have no
    security group.
    """
    found: dict[str, str] = {}
    for path in _network_paths(estate):
        if path.public_address and not path.group and _has_no_group(estate, path.subnet):
            _note(found, path.public_address)
    return [found[key] for key in sorted(found)]


def _note(found: dict[str, str], identifier: str) -> None:
    if identifier.startswith("/"):
        found.setdefault(fold(identifier), identifier.rstrip("/"))


def _network_paths(estate: Estate) -> Iterator[NetworkPath]:
    """Yield the network paths to all SQL virtual machines. Paths that cannot be read are skipped here. The control that
    judges these machines reports such paths.
    """
    listed = estate.documents("sql_virtual_machines")
    if not listed:
        return
    machines = {fold(view.id): view for view in estate.documents("virtual_machines")}
    interfaces = {fold(view.id): view for view in estate.documents("network_interfaces")}
    for sql in listed:
        try:
            machine = machines.get(fold(machine_id(sql)))
            names = interface_ids(machine) if machine is not None else []
        except Unreadable:
            continue
        for name in names:
            interface = interfaces.get(fold(name))
            yield from _readable(interface) if interface is not None else ()


def _readable(interface: View) -> list[NetworkPath]:
    try:
        return list(network_paths(interface))
    except Unreadable:
        return []


def _has_no_group(estate: Estate, subnet: str) -> bool:
    answer = estate.answer("sql_networks", parent_of(subnet))
    for network in answer.documents if answer is not None else ():
        try:
            return not subnet_group(network, subnet)
        except Unreadable:
            return False
    return False
