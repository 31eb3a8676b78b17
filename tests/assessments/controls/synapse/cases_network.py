"""Public network access and private endpoints of Azure Synapse workspaces."""

from __future__ import annotations

from typing import Any

from tests.assessments.controls.cases import rows
from tests.assessments.controls.portal_paths import ComparedPath, DocsFile
from tests.assessments.controls.synapse.workspaces import ID, SHARED, one


def connected(*states: Any) -> dict[str, Any]:
    return one(
        privateEndpointConnections=[
            {
                "name": f"pe-shop-{number}",
                "properties": {"privateLinkServiceConnectionState": {"status": state}},
            }
            for number, state in enumerate(states)
        ]
    )


def with_own(*others: str) -> dict[str, Any]:
    """A workspace with the private endpoints that Azure creates for its managed virtual network, and with others."""
    names = (
        "Syn1.synapse-ws-sql--syn1-65ec6397-c497-4949-88b8-8ceae2d0df17",
        "Syn1.synapse-ws-sqlOnDemand--syn1-2ca4641a-0774-4c16-99aa-2d2ca8da3e19",
        *others,
    )
    state = {"status": "Approved", "description": "Approved by Microsoft.Synapse Resource Provider"}
    return one(
        managedVirtualNetwork="default",
        privateEndpointConnections=[
            {"name": name, "properties": {"privateLinkServiceConnectionState": state}} for name in names
        ],
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
        ("none", one(), {ID: "fail"}, {"no_remark": "managed"}),
        ("only those of Synapse itself", with_own(), {ID: "fail"}, {"remark": "managed virtual network"}),
        ("those of Synapse itself, and another", with_own("pe-shop-1"), {ID: "pass"}),
        ("a new state", connected("Moon"), {ID: "unknown"}),
        ("name is a number", one(privateEndpointConnections=[{"name": 5}]), {ID: "unknown"}),
        *SHARED,
    ),
]
OFFICIAL_VERDICTS = """
synapse-pe pass: workspace1 workspace2
synapse-pna fail: workspace1 workspace2
"""
PORTAL_PATHS = [
    ComparedPath(
        "Azure portal › Azure Synapse Analytics › {synapse} › Security › Private endpoint connection"
        " › Private endpoint",
        DocsFile(
            (
                "MicrosoftDocs/azure-docs/articles/synapse-analytics/security/"
                "how-to-connect-to-workspace-with-private-links.md"
            ),
            "00301b39de3e7b6010511fb4ec46ecf5edf85140",
            "Select Private endpoint connection under Security",
            "On the next screen select + Private endpoint",
        ),
        DocsFile(
            "MicrosoftDocs/azure-docs/articles/synapse-analytics/security/connectivity-settings.md",
            "0034968231599d97f4958cbb4ed673ea9feb4c3c",
            "how to configure connectivity settings in Azure Synapse Analytics",
        ),
    ),
    ComparedPath(
        "Azure portal › Azure Synapse Analytics › {synapse} › Networking › Disabled",
        DocsFile(
            "MicrosoftDocs/azure-docs/articles/synapse-analytics/security/connectivity-settings.md",
            "0034968231599d97f4958cbb4ed673ea9feb4c3c",
            "how to configure connectivity settings in Azure Synapse Analytics",
            "Select Networking from the left navigation",
            "Select Disabled to deny public access to your workspace",
        ),
    ),
]
