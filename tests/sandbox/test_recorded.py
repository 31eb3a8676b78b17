"""The sandbox with recorded documents of a real subscription; skipped without them (`tests.recorded_estates`)."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from azure.mgmt.authorization import AuthorizationManagementClient
from azure.mgmt.compute import ComputeManagementClient
from azure.mgmt.network import NetworkManagementClient
from azure.mgmt.sql import SqlManagementClient
from azure.mgmt.storage import StorageManagementClient

from tests.recorded_estates import recorded_estate
from tests.sandbox.running import Running, running

TENANT = "11111111-2222-3333-4444-555555555555"


@pytest.fixture(scope="module")
def estate() -> Path:
    return recorded_estate("recorded-lab.jsonl")


@pytest.fixture(scope="module")
def documents(estate: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in estate.read_text(encoding="utf-8").splitlines()]


@pytest.fixture(scope="module")
def recorded(state: Path, estate: Path) -> Iterator[Running]:
    with running(state, estate, "--no-throttle", "--page-size", "7") as sandbox:
        yield sandbox


@pytest.mark.slow(seconds=1)
def test_every_document_is_served_by_its_id(recorded: Running, documents: list[dict[str, Any]]) -> None:
    for document in documents:
        answer = recorded.get(document["id"], TENANT, **{"$expand": "instanceView"})
        assert (answer.status_code, answer.json()) == (200, document)


@pytest.mark.slow(seconds=1)
def test_lists_contain_the_documents_of_their_ids(recorded: Running, documents: list[dict[str, Any]]) -> None:
    subscription = recorded.ready["subscriptions"][0]

    def ids(kind: str) -> list[str]:
        """Return the ids of all documents of this type, whatever their parents are, but not those of child types."""
        ends = (d["id"].lower().rpartition(f"/providers/{kind}/".lower()) for d in documents)
        return sorted("".join(parts) for parts in ends if parts[1] and "/" not in parts[2])

    options = recorded.sdk()
    credential = recorded.credential(TENANT)
    sql = SqlManagementClient(credential, subscription, **options)
    network = NetworkManagementClient(credential, subscription, **options)
    compute = ComputeManagementClient(credential, subscription, **options)
    roles = AuthorizationManagementClient(credential, subscription, **options)
    listed = {
        "Microsoft.Storage/storageAccounts": StorageManagementClient(
            credential, subscription, **options
        ).storage_accounts.list(),
        "Microsoft.Sql/servers": sql.servers.list(),
        "Microsoft.Network/networkSecurityGroups": network.network_security_groups.list_all(),
        "Microsoft.Network/networkInterfaces": network.network_interfaces.list_all(),
        "Microsoft.Compute/virtualMachines": compute.virtual_machines.list_all(),
        "Microsoft.Compute/disks": compute.disks.list(),
        "Microsoft.Authorization/roleAssignments": roles.role_assignments.list_for_subscription(),
    }
    for kind, found in listed.items():
        assert sorted(item.id.lower() for item in found) == ids(kind), kind
        assert ids(kind)
