"""Sign-in of point-to-site VPN."""

from __future__ import annotations

from typing import Any

from tests.assessments.controls.cases import rows
from tests.assessments.controls.judging import RG, SUB, doc, gap
from tests.assessments.controls.portal_paths import ComparedPath, DocsFile

ID = f"{RG}/providers/Microsoft.Network/virtualNetworkGateways/gw1"
CONFIGURATION = f"{RG}/providers/Microsoft.Network/vpnServerConfigurations/p2s"
RESOURCES = {
    SUB: [
        {"id": ID, "name": "gw1", "type": "Microsoft.Network/virtualNetworkGateways"},
        {"id": CONFIGURATION, "name": "p2s", "type": "Microsoft.Network/vpnServerConfigurations"},
    ]
}
POOL = {"addressPrefixes": ["192.168.10.0/24"]}


def gateway(client: Any = None, kind: Any = "Vpn") -> dict[str, Any]:
    held = {"gatewayType": kind, **({} if client is None else {"vpnClientConfiguration": client})}
    body = doc(ID, held, type="Microsoft.Network/virtualNetworkGateways", location="westeurope")
    return {"resources": {SUB: RESOURCES[SUB][:1]}, "vpn_gateways": {ID: [body]}}


def clients(*types: Any, **more: Any) -> dict[str, Any]:
    return gateway(
        {"vpnClientAddressPool": POOL, **({"vpnAuthenticationTypes": list(types)} if types else {}), **more}
    )


def configuration(*types: Any, used: bool = True, **more: Any) -> dict[str, Any]:
    gateways = [{"id": f"{RG}/providers/Microsoft.Network/p2svpnGateways/one"}] if used else []
    held = {"vpnAuthenticationTypes": list(types), "p2SVpnGateways": gateways, **more}
    body = doc(CONFIGURATION, held, type="Microsoft.Network/vpnServerConfigurations", location="westeurope")
    return {"resources": {SUB: RESOURCES[SUB][1:]}, "vpn_configurations": [body]}


CASES = rows(
    "network-vpn-p2s-entra",
    ("Entra only", clients("AAD"), {ID: "pass"}),
    ("twice", clients("AAD", "aad"), {ID: "pass"}),
    ("certificates", clients("Certificate"), {ID: "fail"}),
    ("RADIUS", clients("Radius"), {ID: "fail"}),
    ("Entra and certificates", clients("AAD", "Certificate"), {ID: "fail"}),
    ("a new type", clients("Moon"), {ID: "unknown"}),
    ("no types, Entra", clients(aadTenant="https://login.microsoftonline.com/x"), {ID: "pass"}),
    (
        "no types, Entra and certificates",
        clients(
            aadTenant="https://login.microsoftonline.com/x", vpnClientRootCertificates=[{"name": "root"}]
        ),
        {ID: "fail"},
    ),
    ("no types, RADIUS", clients(radiusServerAddress="10.0.0.4"), {ID: "fail"}),
    (
        "no types, several RADIUS servers",
        clients(radiusServers=[{"radiusServerAddress": "10.0.0.4"}]),
        {ID: "fail"},
    ),
    ("nothing", clients(), {ID: "unknown"}),
    (
        "only groups of clients",
        gateway({"vngClientConnectionConfigurations": [{"name": "a"}], "vpnAuthenticationTypes": ["AAD"]}),
        {ID: "pass"},
    ),
    ("no clients", gateway({"vpnClientAddressPool": {"addressPrefixes": []}}), {ID: "not_applicable"}),
    ("no configuration", gateway(), {ID: "not_applicable"}),
    ("ExpressRoute", gateway(kind="ExpressRoute"), {ID: "not_applicable"}),
    ("a new kind", gateway(kind="Moon"), {ID: "unknown"}),
    ("configuration is text", gateway("none"), {ID: "unknown"}),
    ("Virtual WAN", configuration("AAD"), {CONFIGURATION: "pass"}),
    ("Virtual WAN with certificates", configuration("AAD", "Certificate"), {CONFIGURATION: "fail"}),
    ("Virtual WAN, not used", configuration("Certificate", used=False), {CONFIGURATION: "not_applicable"}),
    ("Virtual WAN, nothing", configuration(), {CONFIGURATION: "unknown"}),
    (
        "the gateway is forbidden",
        {"resources": {SUB: RESOURCES[SUB][:1]}},
        {SUB: "unknown"},
        {"gaps": [gap("vpn_gateways", ID)]},
    ),
    (
        "configurations are forbidden",
        {"resources": {SUB: RESOURCES[SUB][1:]}},
        {SUB: "unknown"},
        {"gaps": [gap("vpn_configurations")]},
    ),
    ("none", {}, {SUB: "not_applicable"}),
)
ABSENCE_PASSES = [
    (
        "network-vpn-p2s-entra",
        r"properties\.vpnClientConfiguration\.(vpnAuthenticationTypes|vpnClientRootCertificates)",
        "without a list of types, what is configured shows how people sign in",
    ),
]
OFFICIAL_VERDICTS = """
network-vpn-p2s-entra not_applicable: vpngw vpnServerConfiguration1 vpnServerConfiguration2
"""
PORTAL_PATHS = [
    ComparedPath(
        "Azure portal › Virtual network gateways › {gateway} › Point-to-site configuration"
        " › Authentication type: Microsoft Entra ID",
        DocsFile(
            "MicrosoftDocs/azure-docs/articles/vpn-gateway/point-to-site-entra-gateway.md",
            "03cb715933cb51d04372cab51f6075e207adac25",
            "Go to the virtual network gateway",
            "In the left pane, click Point-to-site configuration",
            "Authentication type: Microsoft Entra ID",
        ),
        not_in_text={
            "Virtual network gateways": "The page opens the gateway and does not name the list of gateways.",
        },
    ),
    ComparedPath(
        "Azure portal › Virtual WANs › the virtual WAN › User VPN configurations",
        DocsFile(
            "MicrosoftDocs/azure-docs/articles/virtual-wan/point-to-site-entra-gateway.md",
            "338e47e4f1cbcf8dd005225f7d9dda5b7580009b",
            "Go to your Virtual WAN",
            "select the User VPN configurations page",
        ),
        not_in_text={"Virtual WANs": "The page opens the virtual WAN and does not name the list of them."},
    ),
]
