"""Settings of Azure AI services accounts."""

from __future__ import annotations

from typing import Any

from tests.assessments.controls.cases import rows
from tests.assessments.controls.judging import RG, SUB, doc, gap
from tests.assessments.controls.portal_paths import ComparedPath, DocsFile

ID = f"{RG}/providers/Microsoft.CognitiveServices/accounts/ai1"
_LISTED = {"id": ID, "name": "ai1", "type": "Microsoft.CognitiveServices/accounts"}


def one(kind: Any = "OpenAI", tier: Any = "S0", **properties: Any) -> dict[str, Any]:
    """The documents of one account: its row of the inventory, its entry in the list, and its settings."""
    listed = doc(ID, {"provisioningState": "Succeeded"}, type=_LISTED["type"], kind=kind, sku={"name": tier})
    body = {**listed, "properties": {"provisioningState": "Succeeded", **properties}}
    return {"resources": {SUB: [_LISTED]}, "ai_accounts": [listed], "ai_details": {ID: [body]}}


def allowing(*networks: Any, action: Any = "Deny", access: Any = "Enabled") -> dict[str, Any]:
    rules = [{"value": network} for network in networks]
    return one(publicNetworkAccess=access, networkAcls={"defaultAction": action, "ipRules": rules})


def connected(*states: Any, **more: Any) -> dict[str, Any]:
    connections = [
        {"properties": {"privateLinkServiceConnectionState": {"status": state}}} for state in states
    ]
    return one(privateEndpointConnections=connections, **more)


def key(source: Any, **more: Any) -> dict[str, Any]:
    return one(encryption={"keySource": source}, **more)


BING: tuple[Any, ...] = ("Bing", one("Bing.Search.v7", "S1"), {ID: "not_applicable"})
SHARED: tuple[tuple[Any, ...], ...] = (
    BING,
    ("no kind", one(None), {ID: "unknown"}),
    (
        "the list is forbidden",
        {"resources": {SUB: [_LISTED]}},
        {SUB: "unknown"},
        {"gaps": [gap("ai_accounts"), gap("ai_details")]},
    ),
    (
        "the settings are forbidden",
        {name: held for name, held in one().items() if name != "ai_details"},
        {ID: "unknown"},
        {"gaps": [gap("ai_details", ID)]},
    ),
    ("deleted meanwhile", {**one(), "ai_details": {ID: []}}, {ID: "not_applicable"}),
    ("no account", {}, {SUB: "not_applicable"}),
)
NO_FIREWALL = {"params": {"accept_firewall": False}}
NO_PERIMETER = {"params": {"accept_perimeter": False}}
DEMANDED = {"params": {"demand_cmk": True}}
SHARED_DEMANDED = tuple((*row[:3], {**(row[3] if len(row) > 3 else {}), **DEMANDED}) for row in SHARED)

CASES = [
    *rows(
        "ai-services-pna",
        ("off", one(publicNetworkAccess="Disabled"), {ID: "pass"}),
        ("a perimeter", one(publicNetworkAccess="SecuredByPerimeter"), {ID: "pass"}, {"remark": "perimeter"}),
        (
            "a perimeter, not accepted",
            one(publicNetworkAccess="SecuredByPerimeter"),
            {ID: "fail"},
            NO_PERIMETER,
        ),
        ("a firewall", allowing("203.0.113.0/24"), {ID: "pass"}),
        ("a firewall without rules", allowing(), {ID: "pass"}),
        ("a firewall, not accepted", allowing("203.0.113.0/24"), {ID: "fail"}, NO_FIREWALL),
        ("a firewall that allows", allowing(action="Allow"), {ID: "fail"}),
        ("everybody", allowing("0.0.0.0/1", "128.0.0.0/1"), {ID: "fail"}),
        ("no network", allowing("office"), {ID: "unknown"}),
        ("a new action", allowing(action="Moon"), {ID: "unknown"}),
        ("no firewall", one(publicNetworkAccess="Enabled"), {ID: "fail"}),
        ("absent", one(), {ID: "fail"}),
        ("a new kind of access", one(publicNetworkAccess="Moon"), {ID: "unknown"}),
        *SHARED,
    ),
    *rows(
        "ai-services-pe",
        ("approved", connected("Approved"), {ID: "pass"}),
        ("rejected", connected("Rejected", "Disconnected"), {ID: "fail"}),
        ("none", one(), {ID: "fail"}),
        ("a new state", connected("Moon"), {ID: "unknown"}),
        ("F0", connected(tier="F0"), {ID: "not_applicable"}),
        ("no tier", one(tier=None), {ID: "unknown"}),
        *SHARED,
    ),
    *rows(
        "ai-services-local-auth",
        ("refused", one(disableLocalAuth=True), {ID: "pass"}),
        ("accepted", one(disableLocalAuth=False), {ID: "fail"}),
        ("absent", one(), {ID: "fail"}, {"reason": "absent"}),
        ("text", one(disableLocalAuth="true"), {ID: "unknown"}),
        *SHARED,
    ),
    *rows(
        "ai-services-cmk",
        ("own key", key("Microsoft.KeyVault"), {ID: "pass"}, DEMANDED),
        ("key of Microsoft", key("Microsoft.CognitiveServices"), {ID: "fail"}, DEMANDED),
        ("absent", one(), {ID: "fail"}, DEMANDED),
        ("a new source", key("Moon"), {ID: "unknown"}, DEMANDED),
        ("F0", key("Microsoft.KeyVault", tier="F0"), {ID: "not_applicable"}, DEMANDED),
        ("not demanded", one(), {ID: "not_applicable"}, {"reason": "not required"}),
        *SHARED_DEMANDED,
    ),
]
ABSENCE_PASSES = [
    (
        "ai-services-pna",
        r"properties\.(publicNetworkAccess|networkAcls\.ipRules)",
        "access is on by default, and the firewall decides; without rules it lets no network in",
    ),
]
OFFICIAL_VERDICTS = """
ai-services-cmk not_applicable: bingSearch myAccount rayrptest0308
ai-services-local-auth fail: myAccount rayrptest0308
ai-services-local-auth not_applicable: bingSearch
ai-services-pe fail: rayrptest0308
ai-services-pe not_applicable: bingSearch myAccount
ai-services-pna fail: myAccount rayrptest0308
ai-services-pna not_applicable: bingSearch
"""
PORTAL_PATHS = [
    ComparedPath(
        "Azure portal › Azure AI services › {ai_account} › Resource Management › Encryption › Customer Managed Keys",
        DocsFile(
            "MicrosoftDocs/azure-ai-docs/articles/ai-services/encryption/cognitive-services-encryption-keys-portal.md",
            "31c50ba110d5cae14a227ad610b537c5accbeafe",
            "Go to your Azure AI services resource",
            "On the left, select Encryption",
            "Under Encryption type, select Customer Managed Keys",
        ),
        DocsFile(
            "MicrosoftDocs/azure-ai-docs/articles/ai-services/cognitive-services-virtual-networks.md",
            "0915cbd5cec3b1f2a7ca31a05a3f88f6ada38e59",
            "Select Resource Management to expand it, then select Networking",
        ),
    ),
    ComparedPath(
        "Azure portal › Policy › Definitions"
        " › Foundry Tools resources should have key access disabled (disable local authentication)",
        DocsFile(
            "MicrosoftDocs/azure-ai-docs/articles/ai-services/disable-local-auth.md",
            "099b3e90b285e0e691c0c765b0ece87b95cc8362",
            (
                "You can disable local authentication using the Azure policy Foundry Tools resources should "
                "have key access disabled (disable local authentication)"
            ),
        ),
        not_in_text={"Definitions": "The list of the policies, which the documentation does not name."},
    ),
    ComparedPath(
        "Azure portal › Azure AI services › {ai_account} › Resource Management › Networking"
        " › Private endpoint connection",
        DocsFile(
            "MicrosoftDocs/azure-ai-docs/articles/ai-services/cognitive-services-virtual-networks.md",
            "0915cbd5cec3b1f2a7ca31a05a3f88f6ada38e59",
            "Go to the Azure AI services resource you want to secure",
            "Select Resource Management to expand it, then select Networking",
            "through the Private endpoint connection tab for the Azure AI services resource in the Azure portal",
        ),
    ),
    ComparedPath(
        "Azure portal › Azure AI services › {ai_account} › Resource Management › Networking"
        " › Firewalls and virtual networks › Disabled",
        DocsFile(
            "MicrosoftDocs/azure-ai-docs/articles/ai-services/cognitive-services-virtual-networks.md",
            "0915cbd5cec3b1f2a7ca31a05a3f88f6ada38e59",
            "Go to the Azure AI services resource you want to secure",
            "Select Resource Management to expand it, then select Networking",
            "under Firewalls and virtual networks, select Selected Networks and Private Endpoints",
            "selecting either Selected networks and private endpoints or Disabled under Allow access from",
        ),
    ),
]
