"""Generate gateways and server configurations for point-to-site VPN. The expected verdicts are those of
network-vpn-p2s-entra.

Format: Microsoft.Network/virtualNetworkGateways and vpnServerConfigurations 2026-03-01.
"""

from __future__ import annotations

from sandbox.generate.output import Json
from sandbox.generate.subscription import Subscription

_CONTROL = "network-vpn-p2s-entra"
CONTROLS = (_CONTROL,)
_CERTIFICATES = [{"name": "root-2024", "properties": {"provisioningState": "Succeeded"}}]


def write(sub: Subscription) -> None:
    """Write a gateway, and a server configuration of Virtual WAN, into some subscriptions."""
    with_gateway, with_configuration = sub.rng.chance(0.3), sub.rng.chance(0.3)
    if with_gateway:
        _write_gateway(sub)
    if with_configuration:
        _write_configuration(sub)


def _write_gateway(sub: Subscription) -> None:
    rng = sub.rng
    group, region, tags = sub.group("vpn")
    kind, name = "Microsoft.Network/virtualNetworkGateways", f"vpngw-{rng.letters(4)}"
    gateway = sub.id_of(group, kind, name)
    properties: Json = {
        "provisioningState": "Succeeded",
        "gatewayType": "Vpn",
        "vpnType": "RouteBased",
        "sku": {"name": "VpnGw2AZ", "tier": "VpnGw2AZ", "capacity": 2},
    }
    if rng.chance(0.3):
        sub.expect(_CONTROL, gateway, "not_applicable")
    else:
        with_certificates = rng.faulty()
        properties["vpnClientConfiguration"] = {
            "vpnClientAddressPool": {"addressPrefixes": ["172.16.201.0/24"]},
            "vpnClientProtocols": ["OpenVPN"],
            "vpnClientRootCertificates": _CERTIFICATES if with_certificates else [],
            **_sign_in(sub, with_certificates=with_certificates),
        }
        sub.expect_failure_if(_CONTROL, gateway, with_certificates)
    sub.write(group, kind, name, properties, location=region, tags=tags)


def _sign_in(sub: Subscription, *, with_certificates: bool) -> Json:
    if with_certificates:
        return {"vpnAuthenticationTypes": list(sub.rng.pick((("Certificate",), ("AAD", "Certificate"))))}
    return {
        "vpnAuthenticationTypes": ["AAD"],
        "aadAudience": "c632b3df-fb67-4d84-bdcf-b95ad541b5c8",
    }


def _write_configuration(sub: Subscription) -> None:
    rng = sub.rng
    group, region, tags = sub.group("vpn")
    kind, name = "Microsoft.Network/vpnServerConfigurations", f"users-{rng.letters(4)}"
    is_used, with_certificates = rng.chance(0.9), rng.faulty()
    gateway = sub.id_of(group, "Microsoft.Network/p2svpnGateways", "users")
    properties: Json = {
        "provisioningState": "Succeeded",
        "vpnProtocols": ["OpenVPN"],
        "vpnAuthenticationTypes": ["Certificate"] if with_certificates else ["AAD"],
        "p2SVpnGateways": [{"id": gateway}] if is_used else [],
    }
    configuration = sub.write(group, kind, name, properties, location=region, tags=tags)
    if is_used:
        sub.expect_failure_if(_CONTROL, configuration, with_certificates)
    else:
        sub.expect(_CONTROL, configuration, "not_applicable")
