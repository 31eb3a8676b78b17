"""Snapshots and policies of just-in-time access are requested only if they can exist."""

from __future__ import annotations

from pathlib import Path

from assessments.management.sandboxed import serve
from tests.assessments.collect import azure

GROUP = f"/subscriptions/{azure.guid(1)}/resourceGroups/rg/providers"
MACHINE = f"{GROUP}/Microsoft.Compute/virtualMachines/vm1"


def judged(folder: Path, *lines: azure.Line) -> azure.Judged:
    estate = [azure.directory(), *azure.subscription(azure.guid(1)), *lines]
    with serve(azure.write(folder / "estate.jsonl", estate)) as served:
        return azure.judge(azure.session(served), azure.guid(1), sections=("vm",))


def policy() -> azure.Line:
    kind = "Microsoft.Security/locations/jitNetworkAccessPolicies"
    port = {"number": 22, "allowedSourceAddressPrefix": "*", "maxRequestAccessDuration": "PT3H"}
    return {
        "id": f"{GROUP}/Microsoft.Security/locations/westeurope/jitNetworkAccessPolicies/default",
        "name": "default",
        "type": kind,
        "kind": "Basic",
        "properties": {
            "virtualMachines": [{"id": MACHINE, "ports": [port]}],
            "requests": [{"requestor": "barbara@contoso.com", "justification": "testing"}],
        },
    }


def machine() -> azure.Line:
    return {
        "id": MACHINE,
        "name": "vm1",
        "type": "Microsoft.Compute/virtualMachines",
        "location": "westeurope",
        "properties": {"storageProfile": {"osDisk": {"name": "os", "osType": "Linux"}, "dataDisks": []}},
    }


def snapshot() -> azure.Line:
    name = f"{GROUP}/Microsoft.Compute/snapshots/snap"
    return {
        "id": name,
        "name": "snap",
        "type": "Microsoft.Compute/snapshots",
        "properties": {"networkAccessPolicy": "DenyAll"},
    }


def test_policies_are_read_without_the_people_who_requested_access(tmp_path: Path) -> None:
    found = judged(tmp_path, machine(), policy(), snapshot())
    assert found.verdict("vm-jit", "vm1") == "pass"
    assert found.verdict("vm-disk-network", "snap") == "pass"
    (stored,) = found.estate.documents("jit_policies")
    assert set(stored.body["properties"]) == {"virtualMachines"}


def test_without_machines_and_snapshots_nothing_is_requested(tmp_path: Path) -> None:
    found = judged(tmp_path, policy())
    for name in ("jit_policies", "snapshots"):
        assert [answer.request_id for answer in found.estate.answers(name)] == [""], name
