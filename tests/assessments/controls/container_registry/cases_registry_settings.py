"""Settings of container registries."""

from __future__ import annotations

from typing import Any

from tests.assessments.controls.cases import rows
from tests.assessments.controls.judging import RG, SUB, doc, gap
from tests.assessments.controls.portal_paths import ComparedPath, DocsFile

ID = f"{RG}/providers/Microsoft.ContainerRegistry/registries/acr1"


def one(sku: Any = "Premium", **properties: Any) -> dict[str, Any]:
    body = doc(
        ID,
        properties,
        type="Microsoft.ContainerRegistry/registries",
        location="westeurope",
        sku={"name": sku, "tier": sku},
    )
    listed = {key: body[key] for key in ("id", "name", "type")}
    return {"resources": {SUB: [listed]}, "container_registries": [body]}


def firewall(*addresses: Any, action: Any = "Deny", sku: str = "Premium", **more: Any) -> dict[str, Any]:
    rules = [{"action": "Allow", "value": address} for address in addresses]
    return one(
        sku, publicNetworkAccess="Enabled", networkRuleSet={"defaultAction": action, "ipRules": rules}, **more
    )


def connected(*states: Any, sku: Any = "Premium") -> dict[str, Any]:
    return one(
        sku,
        privateEndpointConnections=[
            {"properties": {"privateLinkServiceConnectionState": {"status": state}}} for state in states
        ],
    )


NO_LIST: tuple[Any, ...] = (
    "the list is forbidden",
    {"resources": one()["resources"]},
    {SUB: "unknown"},
    {"gaps": [gap("container_registries")]},
)
NONE: tuple[Any, ...] = ("no registry", {}, {SUB: "not_applicable"})
STRICT = {"params": {"accept_firewall": False}}
DEMAND = {"params": {"demand_cmk": True}}

ABSENCE_PASSES = [
    (
        "registry-pna",
        r"properties\.networkRuleSet\.ipRules",
        "a firewall that denies by default lets nobody in without rules",
    ),
    ("registry-admin", r"properties\.adminUserEnabled", "without the property, the admin user is off"),
]
CASES = [
    *rows(
        "registry-pna",
        ("off", one(publicNetworkAccess="Disabled"), {ID: "pass"}, {"no_remark": "Tasks"}),
        ("perimeter", one(publicNetworkAccess="SecuredByPerimeter"), {ID: "pass"}),
        ("perimeter, not accepted", one(publicNetworkAccess="SecuredByPerimeter"), {ID: "fail"},
         {"params": {"accept_perimeter": False}}),
        ("on", one(publicNetworkAccess="Enabled"), {ID: "fail"}, {"no_remark": "Premium"}),
        ("absent", one(), {ID: "fail"}),
        ("absent, with a firewall", one(networkRuleSet={"defaultAction": "Deny", "ipRules": []}), {ID: "pass"}),
        ("firewall", firewall("203.0.113.0/24"), {ID: "pass"}),
        ("firewall, not accepted", firewall("203.0.113.0/24"), {ID: "fail"}, STRICT),
        ("firewall lets all in", firewall("0.0.0.0/1", "128.0.0.0/1"), {ID: "fail"}),
        ("firewall allows", firewall(action="Allow"), {ID: "fail"}),
        ("tasks pass", firewall(networkRuleBypassAllowedForTasks=True), {ID: "pass"}, {"remark": "Tasks"}),
        ("standard", firewall(action="Allow", sku="Standard"), {ID: "fail"}, {"remark": "Premium"}),
        ("basic", one("Basic", publicNetworkAccess="Enabled"), {ID: "fail"}, {"remark": "Premium"}),
        ("a new access", one(publicNetworkAccess="Sometimes"), {ID: "unknown"}),
        ("a new action", firewall(action="Ask"), {ID: "unknown"}),
        ("a rule without an address", firewall(None), {ID: "unknown"}),
        NO_LIST,
        NONE,
    ),
    *rows(
        "registry-pe",
        ("approved", connected("Approved"), {ID: "pass"}),
        ("one of two", connected("Rejected", "Approved"), {ID: "pass"}),
        ("pending", connected("Pending"), {ID: "fail"}),
        ("none", connected(), {ID: "fail"}),
        ("absent", one(), {ID: "fail"}),
        ("standard", connected("Approved", sku="Standard"), {ID: "fail"}, {"reason": "because only the SKU Premium"}),
        ("no SKU", connected("Approved", sku=None), {ID: "unknown"}),
        ("a new SKU", connected("Approved", sku="Gold"), {ID: "unknown"}),
        ("a new state", connected("Maybe"), {ID: "unknown"}),
        NO_LIST,
        NONE,
    ),
    *rows(
        "registry-admin",
        ("off", one(adminUserEnabled=False), {ID: "pass"}, {"remark": "tokens"}),
        ("absent", one(), {ID: "pass"}, {"remark": "tokens"}),
        ("on", one(adminUserEnabled=True), {ID: "fail"}, {"no_remark": "tokens"}),
        ("text", one(adminUserEnabled="false"), {ID: "unknown"}),
        NO_LIST,
        NONE,
    ),
    *rows(
        "registry-anonymous-pull",
        ("off", one(anonymousPullEnabled=False), {ID: "pass"}),
        ("on", one("Standard", anonymousPullEnabled=True), {ID: "fail"}),
        ("basic", one("Basic", anonymousPullEnabled=True), {ID: "not_applicable"}),
        ("not shown by this version", one(), {ID: "unknown"}),
        ("text", one(anonymousPullEnabled="no"), {ID: "unknown"}),
        ("no SKU", one(None, anonymousPullEnabled=False), {ID: "unknown"}),
        NO_LIST,
        NONE,
    ),
    *rows(
        "registry-cmk",
        ("not demanded", one(encryption={"status": "disabled"}), {ID: "not_applicable"}),
        ("own key", one(encryption={"status": "enabled"}), {ID: "pass"}, DEMAND),
        ("key of Microsoft", one(encryption={"status": "disabled"}), {ID: "fail"}, DEMAND),
        ("absent", one(), {ID: "fail"}, DEMAND),
        ("standard", one("Standard"), {ID: "not_applicable"}, DEMAND),
        ("a new status", one(encryption={"status": "partly"}), {ID: "unknown"}, DEMAND),
        ("no SKU", one(None), {ID: "unknown"}, DEMAND),
        NO_LIST,
        NONE,
    ),
]  # fmt: skip
OFFICIAL_VERDICTS = """
registry-admin pass: myRegistry
registry-anonymous-pull pass: myRegistry
registry-cmk not_applicable: myRegistry
registry-pe fail: myRegistry
registry-pna fail: myRegistry
"""
PORTAL_PATHS = [
    ComparedPath(
        "Azure portal › Container registries › {registry} › Settings › Access keys › Admin user",
        DocsFile(
            "MicrosoftDocs/azure-management-docs/articles/container-registry/container-registry-authentication.md",
            "77ed42b078ffffc9096cb8d860b62a165b788f57",
            "In the service menu, under Settings, select Access keys. Then check the Admin user box",
        ),
        not_in_text={"Container registries": "The list of registries, which a reader finds by its name."},
    ),
    ComparedPath(
        "Azure portal › Container registries › {registry}",
        DocsFile(
            "MicrosoftDocs/azure-management-docs/articles/container-registry/anonymous-pull-access.md",
            "77ed42b078ffffc9096cb8d860b62a165b788f57",
            "To configure anonymous pull access, update a registry using the Azure CLI",
        ),
        not_in_text={"Container registries": "The list of registries, which a reader finds by its name."},
    ),
    ComparedPath(
        "Azure portal › Create a resource › Containers › Container Registry › Encryption › Customer-managed key",
        DocsFile(
            "MicrosoftDocs/azure-management-docs/articles/container-registry/tutorial-enable-customer-managed-keys.md",
            "77ed42b078ffffc9096cb8d860b62a165b788f57",
            "Select Create a resource > Containers > Container Registry",
            "On the Encryption tab, for Customer-managed key, select Enabled",
        ),
    ),
    ComparedPath(
        "Azure portal › Container registries › {registry} › Settings › Networking › Private access"
        " › Create a private endpoint connection",
        DocsFile(
            "MicrosoftDocs/azure-management-docs/articles/container-registry/container-registry-private-endpoints.md",
            "77ed42b078ffffc9096cb8d860b62a165b788f57",
            "In the service menu, under Settings, select Networking",
            "On the Private access tab, select Create a private endpoint connection",
        ),
        not_in_text={"Container registries": "The list of registries, which a reader finds by its name."},
    ),
    ComparedPath(
        "Azure portal › Container registries › {registry} › Settings › Networking › Public access"
        " › Public network access: Disabled",
        DocsFile(
            "MicrosoftDocs/azure-management-docs/articles/container-registry/container-registry-private-endpoints.md",
            "77ed42b078ffffc9096cb8d860b62a165b788f57",
            "In your container registry's service menu, under Settings, select Networking",
            "On the Public access tab, in Public network access, select Disabled",
        ),
        not_in_text={"Container registries": "The list of registries, which a reader finds by its name."},
    ),
]
