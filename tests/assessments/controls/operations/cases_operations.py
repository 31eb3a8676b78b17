"""Cases of recurring work that people attest."""

from __future__ import annotations

from typing import Any

from tests.assessments.controls.cases import Case
from tests.assessments.controls.judging import RG, SUB, doc, gap
from tests.assessments.controls.scan_documents import scan

SCANS = "operations-vulnerability-scans"
MACHINES = "ffff0522-1e88-47fc-8382-2a80ba848f5d"


def covered(number: int, code: str) -> dict[str, Any]:
    vm = f"{RG}/providers/Microsoft.Compute/virtualMachines/vm{number}"
    return doc(f"{vm}/providers/Microsoft.Security/assessments/{MACHINES}", {"status": {"code": code}})


def scanned(healthy: int, unhealthy: int) -> dict[str, Any]:
    listed = [
        covered(number, "Healthy" if number < healthy else "Unhealthy")
        for number in range(healthy + unhealthy)
    ]
    return {"security_assessments": {SUB: listed}}


CONFIGURED, RESOLVED = "1db4f204-cb5a-4c9c-9254-7556403ce51c", "82e20e14-edc5-4373-bfc4-f13121257c37"


def sql_servers(assessment: str) -> dict[str, Any]:
    """Two SQL servers with an unhealthy recommendation."""
    server = f"{RG}/providers/Microsoft.Sql/servers/s"
    listed = [
        doc(
            f"{server}{number}/providers/Microsoft.Security/assessments/{assessment}",
            {"status": {"code": "Unhealthy"}},
        )
        for number in range(2)
    ]
    return {"security_assessments": {SUB: listed}}


VMS = f"{RG}/providers/Microsoft.Compute/virtualMachines"
ONE, TWO = f"{VMS}/vm1", f"{VMS}/vm2"


NODE_GROUP = f"{SUB}/resourceGroups/MC_rg_aks1_westeurope"
NODE = doc(
    f"{NODE_GROUP}/providers/Microsoft.Compute/virtualMachines/aks-node-0",
    {"timeCreated": "2024-01-01T00:00:00Z"},
)
CLUSTER = f"{RG}/providers/Microsoft.ContainerService/managedClusters/aks1"
NODES = {"managed_resource_groups": {SUB: [doc(NODE_GROUP, {}, managedBy=CLUSTER)]}}


def imported(*scans: dict[str, Any], **created: str) -> dict[str, Any]:
    """Two machines, and these imported scans. `created` is {name of a machine: time of its creation}."""
    machines = [
        doc(one, {"timeCreated": created.get(one.rsplit("/", 1)[-1], "2024-01-01T00:00:00Z")})
        for one in (ONE, TWO)
    ]
    return {"virtual_machines": machines, "imported_scans": {SUB: list(scans)}}


_IMPORTED = [
    Case(SCANS, "each machine scanned", imported(scan(ONE), scan(TWO)), {SUB: "pass"}),
    Case(
        SCANS,
        "a machine never scanned",
        imported(scan(ONE)),
        {SUB: "fail"},
        reason="Machines without an imported scan in the last 90 days: 1",
    ),
    Case(
        SCANS,
        "a scan that is 90 days old",
        imported(scan(ONE), scan(TWO, at="2026-08-27T12:00:00+00:00")),
        {SUB: "pass"},
    ),
    Case(
        SCANS,
        "a scan that is older",
        imported(scan(ONE), scan(TWO, at="2026-08-27T11:59:00+00:00")),
        {SUB: "fail"},
    ),
    Case(
        SCANS,
        "a recent scan of another scanner",
        imported(scan(ONE), scan(TWO, at="2025-01-01T00:00:00+00:00"), scan(TWO, by="qualys")),
        {SUB: "pass"},
    ),
    Case(
        SCANS,
        "a longer time is permitted",
        imported(scan(ONE), scan(TWO, at="2026-06-01T00:00:00+00:00")),
        {SUB: "pass"},
        params={"max_scan_age_days": 200},
    ),
    Case(
        SCANS,
        "a new machine is not due",
        imported(scan(ONE), vm2="2026-11-20T00:00:00Z"),
        {SUB: "pass"},
        remark="too new to be due for a scan: 1",
    ),
    Case(
        SCANS,
        "a node of AKS never scanned",
        {**imported(scan(ONE)), "virtual_machines": [*imported()["virtual_machines"][:1], NODE], **NODES},
        {SUB: "pass"},
    ),
    Case(
        SCANS,
        "only nodes of AKS",
        {**imported(), "virtual_machines": [NODE], **NODES},
        {SUB: "manual"},
    ),
    Case(
        SCANS,
        "only new nodes of AKS",
        {
            **imported(),
            "virtual_machines": [{**NODE, "properties": {"timeCreated": "2026-11-20T00:00:00Z"}}],
            **NODES,
        },
        {SUB: "manual"},
    ),
    Case(
        SCANS,
        "groups forbidden",
        {**imported(scan(ONE)), "virtual_machines": [*imported()["virtual_machines"][:1], NODE]},
        {SUB: "unknown"},
        [gap("managed_resource_groups")],
    ),
    Case(
        SCANS,
        "machine of another manager",
        {**imported(scan(ONE)), "managed_resource_groups": {SUB: [doc(RG, {}, managedBy=ONE)]}},
        {SUB: "fail"},
    ),
    Case(SCANS, "imports match no machine", imported(), {SUB: "fail"}, reason="days: 2"),
    Case(
        SCANS,
        "no machines in the subscription",
        {"imported_scans": {SUB: []}},
        {SUB: "manual"},
    ),
    Case(
        SCANS,
        "machines forbidden",
        {"imported_scans": {SUB: [scan(ONE)]}},
        {SUB: "unknown"},
        [gap("virtual_machines")],
    ),
    Case(SCANS, "time of a scan is unreadable", imported(scan(ONE, at=7), scan(TWO)), {SUB: "unknown"}),
    Case(
        SCANS,
        "without Defender in China",
        imported(scan(ONE), scan(TWO)),
        {SUB: "pass"},
        cloud="AzureChinaCloud",
    ),
]

CASES = [
    *_IMPORTED,
    Case(SCANS, "no data from Defender", {}, {SUB: "manual"}),
    Case(SCANS, "90 % of machines covered", scanned(9, 1), {SUB: "manual"}),
    Case(SCANS, "80 % of machines covered", scanned(8, 2), {SUB: "manual"}, remark="Only 8 of 10 machines"),
    Case(
        SCANS,
        "SQL servers not configured",
        sql_servers(CONFIGURED),
        {SUB: "manual"},
        remark="Only 0 of 2 SQL servers",
    ),
    Case(
        SCANS,
        "unresolved findings of databases",
        sql_servers(RESOLVED),
        {SUB: "manual"},
        no_remark="SQL servers",
    ),
    Case(
        SCANS,
        "forbidden",
        {},
        {SUB: "manual"},
        [gap("security_assessments")],
        remark="Missing permission Microsoft.Security/assessments/read",
    ),
]
IMPOSSIBLE: dict[str, dict[str, str]] = {
    SCANS: {"not_applicable": "subscriptions without machines need an attestation"}
}
ABSENCE_PASSES: list[tuple[str, str, str]] = []
OFFICIAL_VERDICTS = """
operations-vulnerability-scans manual: unit
"""
