"""Settings of Azure Databricks workspaces."""

from __future__ import annotations

from typing import Any

from tests.assessments.controls.cases import rows
from tests.assessments.controls.databricks.workspaces import (
    ID,
    INJECTED,
    NEW_MODE,
    NOT_PUBLISHED,
    NSG,
    SERVERLESS,
    SHARED,
    VNET,
    one,
    with_parameters,
)
from tests.assessments.controls.judging import doc, gap
from tests.assessments.controls.portal_paths import ComparedPath, DocsFile

OTHER = "/subscriptions/20000000-0000-0000-0000-000000000002/resourceGroups/rg/providers/Microsoft.Network"
NO_PARAMETERS: tuple[Any, ...] = ("no parameters in the answer", one(parameters=None), {ID: "unknown"})


def address(value: Any) -> dict[str, Any]:
    return with_parameters(enableNoPublicIp={"type": "Bool", "value": value})


def subnet(name: str, group: Any = NSG) -> dict[str, Any]:
    held = {} if group is None else {"networkSecurityGroup": {"id": group}}
    return {"id": f"{VNET}/subnets/{name}", "name": name, "properties": held}


def network(*subnets: Any, **parameters: Any) -> dict[str, Any]:
    """A workspace in a network with these subnets."""
    listed = {
        "virtual_networks": [
            doc(
                VNET,
                {"subnets": list(subnets)},
                type="Microsoft.Network/virtualNetworks",
                location="westeurope",
            )
        ]
    }
    return with_parameters(listed, **{**INJECTED, **parameters})


def keys(services: Any = None, disks: Any = None, tier: str = "premium", **more: Any) -> dict[str, Any]:
    given = {"managedServices": services, "managedDisk": disks}
    entities = {name: {"keySource": source} for name, source in given.items() if source is not None}
    return one(tier, encryption={"entities": entities}, **more)


OWN = "Microsoft.Keyvault"
STRICT = {"params": {"strict": True}}
ROOT = {"parameters": {"encryption": {"type": "Object", "value": {"keySource": OWN}}}}

CASES = [
    *rows(
        "databricks-vnet",
        ("in a network", with_parameters(**INJECTED), {ID: "pass"}),
        ("not in a network", with_parameters(), {ID: "fail"}),
        (
            "an empty network",
            with_parameters(customVirtualNetworkId={"type": "String", "value": ""}),
            {ID: "fail"},
        ),
        (
            "without the names of the subnets",
            with_parameters(customVirtualNetworkId=INJECTED["customVirtualNetworkId"]),
            {ID: "unknown"},
        ),
        ("network is a number", with_parameters(customVirtualNetworkId={"value": 5}), {ID: "unknown"}),
        NO_PARAMETERS,
        SERVERLESS,
        NEW_MODE,
        *SHARED,
    ),
    *rows(
        "databricks-npip",
        ("no public addresses", address(True), {ID: "pass"}),
        ("no public addresses, as text", address("True"), {ID: "pass"}),
        (
            "public addresses, in a managed network",
            address(False),
            {ID: "fail"},
            {"remark": "Azure refuses to remove the public addresses"},
        ),
        (
            "public addresses, in a network of the customer",
            with_parameters(enableNoPublicIp={"type": "Bool", "value": False}, **INJECTED),
            {ID: "fail"},
            {"no_remark": "refuses"},
        ),
        ("public addresses, as text", address("false"), {ID: "fail"}),
        ("another text", address("yes"), {ID: "unknown"}),
        ("no value", with_parameters(enableNoPublicIp={"type": "Bool"}), {ID: "unknown"}),
        ("no such parameter", with_parameters(), {ID: "unknown"}),
        NO_PARAMETERS,
        SERVERLESS,
        NEW_MODE,
        *SHARED,
    ),
    *rows(
        "databricks-nsg",
        ("both subnets have a group", network(subnet("public"), subnet("Private")), {ID: "pass"}),
        ("one has none", network(subnet("public"), subnet("private", None)), {ID: "fail"}),
        ("none has one", network(subnet("public", None), subnet("private", None)), {ID: "fail"}),
        ("a subnet is missing", network(subnet("public")), {ID: "unknown"}),
        ("no name", network(subnet("public"), customPrivateSubnetName={"value": ""}), {ID: "unknown"}),
        ("the network is not listed", with_parameters(**INJECTED), {ID: "unknown"}),
        (
            "networks are forbidden",
            with_parameters(**INJECTED),
            {ID: "unknown"},
            {"gaps": [gap("virtual_networks")]},
        ),
        (
            "in another subscription",
            network(customVirtualNetworkId={"value": f"{OTHER}/virtualNetworks/vnet1"}),
            {ID: "unknown"},
            {"reason": "another subscription"},
        ),
        ("not in a network", with_parameters(), {ID: "not_applicable"}),
        NO_PARAMETERS,
        SERVERLESS,
        NEW_MODE,
        *SHARED,
    ),
    *rows(
        "databricks-cmk",
        ("both", keys(OWN, "microsoft.keyvault"), {ID: "pass"}, {"remark": "storage"}),
        ("both and the storage", keys(OWN, OWN, **ROOT), {ID: "pass"}, {**STRICT, "no_remark": "storage"}),
        ("both, not the storage", keys(OWN, OWN, parameters={}), {ID: "fail"}, STRICT),
        ("both, storage unclear", keys(OWN, OWN, parameters=None), {ID: "unknown"}, STRICT),
        ("only disks", keys(None, OWN), {ID: "fail"}, {"reason": "Notebooks"}),
        ("only services", keys(OWN), {ID: "fail"}, {"reason": "disks"}),
        (
            "serverless",
            keys(OWN, computeMode="Serverless"),
            {ID: "pass"},
            {"reason": "any disks of the workspace"},
        ),
        (
            "serverless without",
            keys(computeMode="Serverless"),
            {ID: "fail"},
            {"reason": "managed services and disks with its own keys"},
        ),
        ("neither", keys(), {ID: "fail"}),
        ("no encryption", one(), {ID: "fail"}),
        ("a new source", keys("Moon", OWN), {ID: "unknown"}),
        ("Standard", keys(OWN, OWN, tier="standard"), {ID: "fail"}, {"reason": "Standard"}),
        ("a trial", keys(OWN, OWN, tier="trial"), {ID: "pass"}),
        ("a new tier", keys(OWN, OWN, tier="moon"), {ID: "unknown"}),
        ("encryption is text", one(encryption="yes"), {ID: "unknown"}),
        *SHARED,
    ),
]
OFFICIAL_VERDICTS = """
databricks-cmk fail: myWorkspace1 myWorkspace2
databricks-npip unknown: myWorkspace1 myWorkspace2  # the examples have no such parameter
databricks-nsg unknown: myWorkspace1 myWorkspace2  # no example lists the network; the second example has no parameters
databricks-vnet pass: myWorkspace1
databricks-vnet unknown: myWorkspace2  # the example has no parameters
"""
PORTAL_PATHS = [
    ComparedPath(
        "Azure portal › Azure Databricks › {databricks} › Settings › Encryption",
        DocsFile(
            (
                "MicrosoftDocs/azure-docs/articles/azure-databricks/"
                "quickstart-create-databricks-workspace-vnet-injection.md"
            ),
            "162232f7367b8018cf152d4dd242b61fa7340a3a",
            "navigate to the Azure Databricks resource",
        ),
        not_in_text=dict.fromkeys(("Settings", "Encryption"), NOT_PUBLISHED),
        page="https://learn.microsoft.com/azure/databricks/security/keys/customer-managed-keys",
    ),
    ComparedPath(
        "Azure portal › Azure Databricks › {databricks} › Settings › Networking",
        DocsFile(
            (
                "MicrosoftDocs/azure-docs/articles/azure-databricks/"
                "quickstart-create-databricks-workspace-vnet-injection.md"
            ),
            "162232f7367b8018cf152d4dd242b61fa7340a3a",
            "navigate to the Azure Databricks resource",
        ),
        not_in_text=dict.fromkeys(("Settings", "Networking"), NOT_PUBLISHED),
        page="https://learn.microsoft.com/azure/databricks/security/network/classic/secure-cluster-connectivity",
    ),
    ComparedPath(
        "Azure portal › Create a resource › Analytics › Databricks"
        " › Deploy Azure Databricks workspace in your Virtual Network (VNet): Yes",
        DocsFile(
            (
                "MicrosoftDocs/azure-docs/articles/azure-databricks/"
                "quickstart-create-databricks-workspace-vnet-injection.md"
            ),
            "162232f7367b8018cf152d4dd242b61fa7340a3a",
            "From the Azure portal menu, select Create a resource. Then select Analytics > Databricks",
            "Deploy Azure Databricks workspace in your Virtual Network (VNet) Yes",
        ),
        page="https://learn.microsoft.com/azure/databricks/security/network/classic/vnet-inject",
    ),
]
