"""Public network access and private endpoints of Azure Databricks workspaces."""

from __future__ import annotations

from typing import Any

from tests.assessments.controls.cases import rows
from tests.assessments.controls.databricks.workspaces import ID, INJECTED, NOT_PUBLISHED, SHARED, one
from tests.assessments.controls.portal_paths import ComparedPath, DocsFile

UI = "databricks_ui_api"


def connection(state: Any, *groups: Any) -> dict[str, Any]:
    properties = {"privateLinkServiceConnectionState": {"status": state}, "provisioningState": "Succeeded"}
    return {"properties": {**properties, **({"groupIds": list(groups)} if groups else {})}}


def connected(*connections: Any, tier: str = "premium") -> dict[str, Any]:
    return one(tier, privateEndpointConnections=list(connections))


def managed(**properties: Any) -> dict[str, Any]:
    """A workspace with clusters in a network that Databricks manages."""
    return one(parameters={"enableNoPublicIp": {"type": "Bool", "value": True}}, **properties)


def serverless(access: Any) -> dict[str, Any]:
    return one(computeMode="Serverless", parameters={}, publicNetworkAccess=access)


CASES = [
    *rows(
        "databricks-pna",
        ("off", one(publicNetworkAccess="Disabled"), {ID: "pass"}, {"no_remark": "Clusters"}),
        (
            "off, with public rules",
            one(publicNetworkAccess="Disabled", requiredNsgRules="AllRules"),
            {ID: "pass"},
            {"remark": "Clusters"},
        ),
        ("on", one(publicNetworkAccess="Enabled"), {ID: "fail"}, {"no_remark": "workspace"}),
        (
            "on, in a managed network",
            managed(publicNetworkAccess="Enabled"),
            {ID: "fail"},
            {"remark": "refuses"},
        ),
        (
            "on, in a network of the customer",
            one(publicNetworkAccess="Enabled", parameters=INJECTED),
            {ID: "fail"},
            {"no_remark": "refuses"},
        ),
        (
            "on, with public addresses of nodes",
            one(
                publicNetworkAccess="Enabled", parameters={**INJECTED, "enableNoPublicIp": {"value": "false"}}
            ),
            {ID: "fail"},
            {"remark": "Azure refuses to switch public network access off"},
        ),
        ("on, serverless", serverless("Enabled"), {ID: "fail"}, {"remark": "serverless"}),
        (
            "off, in a managed network",
            managed(publicNetworkAccess="Disabled"),
            {ID: "pass"},
            {"no_remark": "refuses"},
        ),
        ("absent", one(), {ID: "fail"}, {"reason": "absent"}),
        ("a new kind of access", one(publicNetworkAccess="Moon"), {ID: "unknown"}),
        *SHARED,
    ),
    *rows(
        "databricks-pe",
        ("approved", connected(connection("Approved", UI)), {ID: "pass"}, {"no_remark": "service"}),
        ("no service named", connected(connection("Approved")), {ID: "pass"}, {"remark": "service"}),
        ("only sign-in", connected(connection("Approved", "browser_authentication")), {ID: "fail"}),
        (
            "a new service, and an approved one",
            connected(connection("Approved", "moon"), connection("Approved", UI)),
            {ID: "pass"},
        ),
        ("a new service", connected(connection("Approved", "moon")), {ID: "unknown"}, {"reason": "moon"}),
        ("pending", connected(connection("Pending", UI)), {ID: "fail"}),
        ("none", one(), {ID: "fail"}, {"no_remark": "refuses"}),
        (
            "none, in a managed network",
            managed(),
            {ID: "fail"},
            {"remark": "Azure refuses private endpoints"},
        ),
        ("none, serverless", serverless(None), {ID: "fail"}, {"no_remark": "refuses"}),
        ("a new state", connected(connection("Moon", UI)), {ID: "unknown"}),
        ("service is a number", connected(connection("Approved", 5)), {ID: "unknown"}),
        (
            "Standard",
            connected(connection("Approved", UI), tier="standard"),
            {ID: "fail"},
            {"reason": "Standard"},
        ),
        ("a new tier", connected(connection("Approved", UI), tier="moon"), {ID: "unknown"}),
        *SHARED,
    ),
]
ABSENCE_PASSES = [
    ("databricks-pe", r".*\.groupIds", "Azure names the service only in some versions"),
]
OFFICIAL_VERDICTS = """
databricks-pe fail: myWorkspace2
databricks-pe pass: myWorkspace1
databricks-pna fail: myWorkspace2
databricks-pna pass: myWorkspace1
"""
PORTAL_PATHS = [
    ComparedPath(
        "Azure portal › Azure Databricks › {databricks} › Settings › Networking › Private endpoint connections",
        DocsFile(
            (
                "MicrosoftDocs/azure-docs/articles/azure-databricks/"
                "quickstart-create-databricks-workspace-vnet-injection.md"
            ),
            "162232f7367b8018cf152d4dd242b61fa7340a3a",
            "navigate to the Azure Databricks resource",
        ),
        not_in_text=dict.fromkeys(("Settings", "Networking", "Private endpoint connections"), NOT_PUBLISHED),
        page="https://learn.microsoft.com/azure/databricks/security/network/classic/private-link",
    ),
    ComparedPath(
        "Azure portal › Azure Databricks › {databricks} › Settings › Networking › Public network access",
        DocsFile(
            (
                "MicrosoftDocs/azure-docs/articles/azure-databricks/"
                "quickstart-create-databricks-workspace-vnet-injection.md"
            ),
            "162232f7367b8018cf152d4dd242b61fa7340a3a",
            "navigate to the Azure Databricks resource",
        ),
        not_in_text=dict.fromkeys(("Settings", "Networking", "Public network access"), NOT_PUBLISHED),
        page="https://learn.microsoft.com/azure/databricks/security/network/classic/private-link",
    ),
]
