"""Public network access and private endpoints of Azure Synapse workspaces."""

from __future__ import annotations

from typing import Any

from tests.assessments.controls.storage.cases_storage import rows
from tests.assessments.controls.synapse.workspaces import ID, SHARED, one


def connected(*states: Any) -> dict[str, Any]:
    return one(
        privateEndpointConnections=[
            {"properties": {"privateLinkServiceConnectionState": {"status": state}}} for state in states
        ]
    )


CASES = [
    *rows(
        "synapse-pna",
        ("off", one(publicNetworkAccess="Disabled"), {ID: "pass"}),
        (
            "on",
            one(publicNetworkAccess="Enabled", managedVirtualNetwork="default"),
            {ID: "fail"},
            {"no_remark": "managed"},
        ),
        (
            "on, without a managed network",
            one(publicNetworkAccess="Enabled"),
            {ID: "fail"},
            {"remark": "managed"},
        ),
        ("absent", one(), {ID: "fail"}, {"reason": "absent"}),
        ("a new kind of access", one(publicNetworkAccess="Moon"), {ID: "unknown"}),
        *SHARED,
    ),
    *rows(
        "synapse-pe",
        ("approved", connected("Rejected", "Approved"), {ID: "pass"}),
        ("pending", connected("Pending"), {ID: "fail"}),
        ("none", one(), {ID: "fail"}),
        ("a new state", connected("Moon"), {ID: "unknown"}),
        *SHARED,
    ),
]
