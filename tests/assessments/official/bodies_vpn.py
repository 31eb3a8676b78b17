"""Microsoft's examples of gateways and server configurations for VPN. `bodies` describes how the examples were changed.

Sources in https://github.com/Azure/azure-rest-api-specs:
specification/network/resource-manager/Microsoft.Network/stable/2024-05-01/examples: VirtualNetworkGatewayGet.json and
VpnServerConfigurationList.json, without parts that no control reads
"""

from __future__ import annotations

from typing import Any

from tests.assessments.controls.judging import RG, doc
from tests.assessments.official.bodies import Bodies

_NETWORK = f"{RG}/providers/Microsoft.Network"
GATEWAY = f"{_NETWORK}/virtualNetworkGateways/vpngw"


def _configuration(name: str, location: str, **radius: Any) -> dict[str, Any]:
    held = {
        "provisioningState": "Succeeded",
        "vpnProtocols": ["IkeV2"],
        "vpnAuthenticationTypes": ["Certificate"],
        "vpnClientRootCertificates": [{"name": "vpnServerConfigVpnClientRootCert1"}],
        "vpnClientRevokedCertificates": [
            {
                "name": "vpnServerConfigVpnClientRevokedCert1",
                "thumbprint": "83FFBFC8848B5A5836C94D0112367E16148A286F",
            }
        ],
        **radius,
    }
    return doc(
        f"{_NETWORK}/vpnServerConfigurations/{name}",
        held,
        type="Microsoft.Network/vpnServerConfigurations",
        location=location,
        tags={"key1": "value1"},
    )


SUBSCRIPTION: Bodies = {
    "vpn_gateways": {
        GATEWAY: [
            doc(
                GATEWAY,
                {
                    "provisioningState": "Succeeded",
                    "resourceGuid": "00000000-0000-0000-0000-000000000000",
                    "enableBgpRouteTranslationForNat": False,
                    "sku": {"name": "VpnGw1", "tier": "VpnGw1", "capacity": 0},
                    "gatewayType": "Vpn",
                    "vpnType": "RouteBased",
                    "vpnGatewayGeneration": "None",
                    "enableBgp": False,
                    "enablePrivateIpAddress": False,
                    "activeActive": False,
                    "disableIPSecReplayProtection": False,
                    "vpnClientConfiguration": {
                        "vpnClientProtocols": ["OpenVPN"],
                        "vpnClientRootCertificates": [],
                        "vpnClientRevokedCertificates": [],
                        "radiusServers": [{"radiusServerAddress": "10.1.0.0", "radiusServerScore": 20}],
                    },
                    "customRoutes": {"addressPrefixes": ["101.168.0.6/32"]},
                    "allowVirtualWanTraffic": False,
                    "allowRemoteVnetTraffic": False,
                },
                type="Microsoft.Network/virtualNetworkGateways",
                location="centralus",
            )
        ]
    },
    "vpn_configurations": [
        _configuration(
            "vpnServerConfiguration1",
            "West US",
            radiusServerAddress="8.9.9.9",
            radiusServerSecret="<password>",
        ),
        _configuration(
            "vpnServerConfiguration2",
            "East US",
            radiusServers=[{"radiusServerAddress": "10.0.0.0", "radiusServerScore": 25}],
        ),
    ],
}

MAY_BE_ABSENT = {"vpn_gateways"}
