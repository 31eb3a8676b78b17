"""Cases of recurring work that people attest."""

from __future__ import annotations

from typing import Any

from tests.assessments.controls.cases import Case
from tests.assessments.controls.judging import RG, SUB, doc, gap

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


CASES = [
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
IMPOSSIBLE = {SCANS: {"unknown": "an attestation is always needed, whatever could be read"}}
ABSENCE_PASSES: list[tuple[str, str, str]] = []
