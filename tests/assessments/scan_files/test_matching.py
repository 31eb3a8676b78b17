"""Find the virtual machine that an entry of a scan file is about."""

from __future__ import annotations

import pytest

from assessments.scan_files.facts import ScannedHost
from assessments.scan_files.matching import Index, Machine

SUB = "/subscriptions/1/resourcegroups/rg/providers/microsoft.compute/virtualmachines/"
GUID = "0f0f0f0f-0000-0000-0000-000000000001"
INDEX = Index(
    [
        Machine(
            f"{SUB}web1",
            GUID,
            frozenset({"web1", "web-os"}),
            frozenset({"www.contoso.example"}),
            frozenset({"10.0.0.4"}),
        ),
        Machine(f"{SUB}db1", "", frozenset({"db1"}), frozenset(), frozenset({"10.0.0.5", "10.0.0.9"})),
        Machine(f"{SUB}db2", "", frozenset({"db2", "twin"}), frozenset(), frozenset({"10.0.0.9"})),
        Machine(f"{SUB}db3", "", frozenset({"twin"}), frozenset(), frozenset({"10.0.0.7"})),
    ]
)


def host(addresses: str = "", names: str = "", resource_id: str = "", vm_id: str = "") -> ScannedHost:
    return ScannedHost(tuple(addresses.split()), tuple(names.split()), resource_id, vm_id, None, None, (), {})


@pytest.mark.parametrize(
    ("entry", "machine"),
    [
        (host(resource_id=f"{SUB}db2"), "db2"),
        (host(addresses="10.0.0.4", resource_id=f"{SUB}db2"), "db2"),
        (host(vm_id=GUID), "web1"),
        (host(vm_id="another", names="db1"), "db1"),
        (host(addresses="10.0.0.4"), "web1"),
        (host(names="web1"), "web1"),
        (host(names="web-os.corp.contoso.example"), "web1"),
        (host(names="www.contoso.example"), "web1"),
        (host(addresses="10.0.0.9", names="db2"), "db2"),
        (host(addresses="10.0.0.7", names="twin"), "db3"),
        (host(addresses="10.0.0.4", names="unknown-name"), "web1"),
        (host(addresses="192.0.2.1", names="db1"), "db1"),
    ],
)
def test_matches(entry: ScannedHost, machine: str) -> None:
    assert INDEX.match(entry).resource_id == f"{SUB}{machine}"
    assert INDEX.match(entry).reason == ""


@pytest.mark.parametrize(
    ("entry", "reason"),
    [
        (host(), "The file states neither an address nor a name"),
        (host(addresses="192.0.2.1"), "No machine has the address 192.0.2.1"),
        (host(names="gone"), "No machine has the name gone"),
        (host("192.0.2.1", "gone"), "No machine has the address 192.0.2.1 or the name gone"),
        (host(addresses="10.0.0.9"), "2 machines match: db1, db2"),
        (host(names="twin"), "2 machines match: db2, db3"),
        (host("10.0.0.4", "db1"), "The address belongs to web1, but the name to db1"),
        (host(addresses="10.0.0.4", resource_id=f"{SUB}gone"), f"The inventory has no machine {SUB}gone"),
    ],
)
def test_reasons(entry: ScannedHost, reason: str) -> None:
    assert (INDEX.match(entry).resource_id, INDEX.match(entry).reason) == ("", reason)


def test_an_empty_inventory_matches_nothing() -> None:
    assert Index([]).match(host("10.0.0.4", "web1")).resource_id == ""
