"""Settings of Azure AI Search services."""

from __future__ import annotations

from typing import Any

from tests.assessments.controls.cases import rows
from tests.assessments.controls.judging import RG, SUB, doc, gap
from tests.assessments.controls.portal_paths import ComparedPath, DocsFile

ID = f"{RG}/providers/Microsoft.Search/searchServices/srch1"
TYPE = "Microsoft.Search/searchServices"


def one(tier: Any = "standard", **properties: Any) -> dict[str, Any]:
    body = doc(ID, properties, type=TYPE, location="westeurope", sku={"name": tier})
    return {
        "resources": {SUB: [{key: body[key] for key in ("id", "name", "type")}]},
        "search_services": [body],
    }


def allowing(*networks: Any, access: Any = "enabled", **more: Any) -> dict[str, Any]:
    rules = {"ipRules": [{"value": network} for network in networks], "bypass": "None"}
    return one(publicNetworkAccess=access, networkRuleSet=rules, **more)


def connected(*states: Any, tier: str = "standard", provisioning: Any = "Succeeded") -> dict[str, Any]:
    connections = [
        {
            "id": f"{ID}/privateEndpointConnections/{index}",
            "properties": {
                "provisioningState": provisioning,
                "privateLinkServiceConnectionState": {"status": state},
            },
        }
        for index, state in enumerate(states)
    ]
    return one(tier, privateEndpointConnections=connections)


SHARED: tuple[tuple[Any, ...], ...] = (
    (
        "the list is forbidden",
        {"resources": one()["resources"]},
        {SUB: "unknown"},
        {"gaps": [gap("search_services")]},
    ),
    ("no service", {}, {SUB: "not_applicable"}),
)
NO_FIREWALL = {"params": {"accept_firewall": False}}
NO_PERIMETER = {"params": {"accept_perimeter": False}}

CASES = [
    *rows(
        "aisearch-pna",
        ("off", one(publicNetworkAccess="disabled"), {ID: "pass"}),
        ("off, in capitals", one(publicNetworkAccess="Disabled"), {ID: "pass"}),
        ("a perimeter", one(publicNetworkAccess="securedByPerimeter"), {ID: "pass"}, {"remark": "perimeter"}),
        (
            "a perimeter, not accepted",
            one(publicNetworkAccess="securedByPerimeter"),
            {ID: "fail"},
            NO_PERIMETER,
        ),
        ("a firewall", allowing("203.0.113.0/24", "198.51.100.7"), {ID: "pass"}),
        ("a firewall, not accepted", allowing("203.0.113.0/24"), {ID: "fail"}, NO_FIREWALL),
        ("no rules", allowing(), {ID: "fail"}, {"no_remark": "Free"}),
        ("no firewall", one(publicNetworkAccess="enabled"), {ID: "fail"}),
        ("access is absent", one(networkRuleSet={"ipRules": []}), {ID: "fail"}),
        ("everybody", allowing("0.0.0.0/1", "128.0.0.0/1"), {ID: "fail"}),
        ("no network", allowing("office"), {ID: "unknown"}),
        ("a new kind of access", one(publicNetworkAccess="moon"), {ID: "unknown"}),
        ("rules are text", one(publicNetworkAccess="enabled", networkRuleSet="none"), {ID: "unknown"}),
        ("Free", one("free", publicNetworkAccess="enabled"), {ID: "fail"}, {"remark": "Free"}),
        *SHARED,
    ),
    *rows(
        "aisearch-pe",
        ("approved", connected("Pending", "Approved"), {ID: "pass"}),
        ("pending", connected("Pending"), {ID: "fail"}),
        ("none", one(privateEndpointConnections=[]), {ID: "fail"}),
        ("absent", one(), {ID: "fail"}),
        ("a new state", connected("Moon"), {ID: "unknown"}),
        ("not ready", connected("Approved", provisioning="Deleting"), {ID: "fail"}),
        ("Free", connected(tier="free"), {ID: "not_applicable"}),
        ("no tier", one(None), {ID: "unknown"}),
        *SHARED,
    ),
    *rows(
        "aisearch-local-auth",
        ("refused", one(disableLocalAuth=True), {ID: "pass"}),
        ("accepted", one(disableLocalAuth=False), {ID: "fail"}),
        ("both", one(disableLocalAuth=False, authOptions={"aadOrApiKey": {}}), {ID: "fail"}),
        ("absent", one(), {ID: "fail"}, {"reason": "absent"}),
        ("text", one(disableLocalAuth="true"), {ID: "unknown"}),
        *SHARED,
    ),
]
ABSENCE_PASSES = [
    (
        "aisearch-pe",
        r"properties\.privateEndpointConnections\[\]\.properties\.provisioningState",
        "an approved connection without a state of provisioning is usable",
    ),
    (
        "aisearch-pna",
        r"properties\.publicNetworkAccess",
        "access is on by default, and the rules of the firewall decide",
    ),
]
OFFICIAL_VERDICTS = """
aisearch-local-auth fail: mysearchservice mysearchservice2
aisearch-pe fail: mysearchservice mysearchservice2
aisearch-pna fail: mysearchservice mysearchservice2
"""
PORTAL_PATHS = [
    ComparedPath(
        "Azure portal › AI Search › {search} › Settings › Keys › Role-based access control",
        DocsFile(
            "MicrosoftDocs/azure-ai-docs/articles/search/search-security-enable-roles.md",
            "0177564184746e048ec7c6237a73e73a7fddc9d9",
            "Enable or disable role-based access control in Azure AI Search",
            "Select Settings and then select Keys in the left navigation pane",
            "Select Role-based access control",
        ),
    ),
    ComparedPath(
        "Azure portal › AI Search › {search} › Settings › Networking › Private endpoint connections",
        DocsFile(
            "MicrosoftDocs/azure-ai-docs/articles/search/service-create-private-endpoint.md",
            "00bb5540c93f4bf3d1d78fe21e36c6dbc2930026",
            "select Create a resource > Machine learning > AI Search",
        ),
        DocsFile(
            "MicrosoftDocs/azure-ai-docs/articles/search/service-configure-firewall.md",
            "016eedc9fcc40d8ef0c655f5a2a97505320870f0",
            "Under Settings, select Networking on the leftmost pane",
        ),
        not_in_text={
            "Private endpoint connections": (
                "The tab beside that of the firewall; the documentation creates the endpoint with the "
                "service."
            ),
        },
    ),
    ComparedPath(
        "Azure portal › AI Search › {search} › Settings › Networking › Firewalls and virtual networks › Disabled",
        DocsFile(
            "MicrosoftDocs/azure-ai-docs/articles/search/service-create-private-endpoint.md",
            "00bb5540c93f4bf3d1d78fe21e36c6dbc2930026",
            "select Create a resource > Machine learning > AI Search",
            "on the leftmost pane of your search service page, select Networking",
            "Select Disabled on the Firewalls and virtual networks tab",
        ),
        DocsFile(
            "MicrosoftDocs/azure-ai-docs/articles/search/service-configure-firewall.md",
            "016eedc9fcc40d8ef0c655f5a2a97505320870f0",
            "Under Settings, select Networking on the leftmost pane",
        ),
    ),
]
