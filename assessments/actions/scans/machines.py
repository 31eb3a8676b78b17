"""Read the machines of a customer's inventory, with their names and addresses. Entries of scan files are matched
with these names and addresses.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import batched
from typing import Any, Final

from django.db.models.functions import Lower

from assessments.estate.ids import fold, name_of
from assessments.models import Resource, ResourceVersion
from assessments.resource_versions import read_newest
from assessments.scan_files.facts import normal_address, normal_name
from assessments.scan_files.matching import Index, Machine
from tenants.models import Tenant

_BATCH: Final = 500
_MACHINES: Final = "microsoft.compute/virtualmachines"
_INTERFACES: Final = "microsoft.network/networkinterfaces"
_PUBLIC: Final = "microsoft.network/publicipaddresses"


def machine_index(tenant: Tenant) -> Index:
    """Return the virtual machines that exist in the customer's inventory, with names and IP addresses. Call this in a
    transaction with the tenant's scope (`tenants.scope`).
    """
    public = {fold(body_id): body for body_id, body in _bodies(tenant, _PUBLIC)}
    interfaces: dict[str, list[Mapping[str, Any]]] = {}
    for _, body in _bodies(tenant, _INTERFACES):
        machine = _text(body, "properties", "virtualMachine", "id")
        if machine:
            interfaces.setdefault(fold(machine), []).append(body)
    return Index(
        _machine(identifier, body, interfaces.get(fold(identifier), []), public)
        for identifier, body in _bodies(tenant, _MACHINES)
    )


def _bodies(tenant: Tenant, kind: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    rows = Resource.objects.filter(tenant=tenant, gone_at__isnull=True).annotate(kind=Lower("type"))
    listed = rows.filter(kind=kind).values_list("pk", "resource_id")
    for batch in batched(listed.iterator(chunk_size=_BATCH), _BATCH):
        newest = read_newest(
            ResourceVersion.objects.all(), tenant_id=tenant.pk, resources=[pk for pk, _ in batch]
        )
        for pk, identifier in batch:
            yield identifier, newest[pk].document if pk in newest else {}


def _machine(
    identifier: str,
    body: Mapping[str, Any],
    interfaces: list[Mapping[str, Any]],
    public: Mapping[str, Mapping[str, Any]],
) -> Machine:
    addresses: set[str] = set()
    full_names: set[str] = set()
    for interface in interfaces:
        full_names.add(normal_name(_text(interface, "properties", "dnsSettings", "internalFqdn")))
        for configuration in _list(interface, "properties", "ipConfigurations"):
            addresses.add(normal_address(_text(configuration, "properties", "privateIPAddress")))
            address = public.get(fold(_text(configuration, "properties", "publicIPAddress", "id")), {})
            addresses.add(normal_address(_text(address, "properties", "ipAddress")))
            full_names.add(normal_name(_text(address, "properties", "dnsSettings", "fqdn")))
    short_names = {
        normal_name(name_of(identifier)),
        normal_name(_text(body, "properties", "osProfile", "computerName")),
    }
    return Machine(
        resource_id=fold(identifier),
        vm_id=fold(_text(body, "properties", "vmId")),
        short_names=frozenset(short_names - {""}),
        full_names=frozenset(full_names - {""}),
        addresses=frozenset(addresses - {""}),
    )


def _at(value: Any, *path: str) -> Any:
    for key in path:
        value = value.get(key) if isinstance(value, Mapping) else None
    return value


def _text(value: Any, *path: str) -> str:
    found = _at(value, *path)
    return found if isinstance(found, str) else ""


def _list(value: Any, *path: str) -> list[Any]:
    found = _at(value, *path)
    return found if isinstance(found, list) else []
