"""The control network-vpn-p2s-entra: Point-to-site VPN accepts only sign-in with Microsoft Entra ID.

Properties: azure-mgmt-network 33.1.0 (VirtualNetworkGateway, VpnServerConfiguration)
"""

from __future__ import annotations

from typing import Final

from assessments.controls.context import Context
from assessments.controls.references import References
from assessments.controls.settings import SettingControl, declare_settings
from assessments.controls.verdict import Severity, Verdict, failed, not_applicable, passed
from assessments.estate.collections.vpn import VPN_CONFIGURATIONS, VPN_GATEWAYS
from assessments.estate.network.vpn import sign_in_types
from assessments.estate.view import View
from assessments.fixes.declare import Fix, PortalPath, advice, command
from assessments.fixes.variables import EXAMPLE_GUID, Variable, segment

_GATEWAYS: Final = "microsoft.network/virtualnetworkgateways"
_CONFIGURATIONS: Final = "microsoft.network/vpnserverconfigurations"
_KINDS: Final = frozenset({"vpn", "expressroute", "localgateway"})
_LEARN: Final = "https://learn.microsoft.com/azure"


def _sign_in(resource: View, ctx: Context) -> Verdict:
    properties = resource.object("properties")
    if resource.collection == VPN_CONFIGURATIONS.name:
        if not properties.items("p2SVpnGateways", default=[]):
            return not_applicable("No gateway uses the configuration")
        return _judge_types(properties, "aadAuthenticationParameters")
    if properties.choice("gatewayType", _KINDS) != "vpn":
        return not_applicable("The gateway is not for VPN")
    client = properties.object("vpnClientConfiguration", default={})
    pool = client.object("vpnClientAddressPool", default={}).texts("addressPrefixes", default=[])
    # In Microsoft's examples, gateways without point-to-site connections also have a `vpnClientConfiguration`, but no
    # addresses in it. So look for addresses, and not only for this object.
    if not pool and not client.items("vngClientConnectionConfigurations", default=[]):
        return not_applicable("The gateway has no point-to-site connections")
    return _judge_types(client, "aadTenant")


def _judge_types(configuration: View, directory: str) -> Verdict:
    types = sign_in_types(configuration, directory)
    if types == ["aad"]:
        return passed("People sign in only with Microsoft Entra ID", vpnAuthenticationTypes=types)
    return failed("People can sign in without Microsoft Entra ID", vpnAuthenticationTypes=types)


CONTROLS = declare_settings(
    __name__,
    VPN_GATEWAYS,
    SettingControl(
        "network-vpn-p2s-entra",
        title="Point-to-site VPN accepts only sign-in with Microsoft Entra ID",
        problem="Point-to-site VPN accepts certificates or RADIUS",
        expected="The only authentication type is Microsoft Entra ID",
        judged="`vpnAuthenticationTypes` of each VPN gateway with an address pool for clients, and of each server"
        " configuration of Virtual WAN that a gateway uses. AAD alone passes; Certificate and Radius fail. If the"
        " property is absent, root certificates, RADIUS servers and the Entra directory show the type; without any of"
        " them, the verdict is unknown.",
        why="Conditional Access and multifactor authentication do not apply to certificates. Anyone who copies one from"
        " a computer gets into the network.",
        severity=Severity.MEDIUM,
        labels={"vpnAuthenticationTypes": "Sign-in"},
        judge=_sign_in,
        also=(VPN_CONFIGURATIONS,),
        subject_type="Microsoft.Network/virtualNetworkGateways",
        empty_reason="No virtual network gateways or VPN server configurations",
        references=References(c5="7.9", c6="7.9", mcsb="IM-1", nist="AC-17*"),
        fix=Fix(
            command(
                "az network vnet-gateway update --resource-group {group} --name {gateway} --vpn-auth-type AAD"
                " --aad-tenant https://login.microsoftonline.com/{tenant_id}"
                " --aad-audience c632b3df-fb67-4d84-bdcf-b95ad541b5c8"
                " --aad-issuer https://sts.windows.net/{tenant_id}/ --client-protocol OpenVPN"
                " --subscription {subscription}",
                "The command works only in Azure's public cloud, because its audience is the Azure VPN Client of this"
                " cloud.",
                kinds=(_GATEWAYS,),
            ),
            advice(
                "In the portal, set the authentication type of the configuration to Microsoft Entra ID only.",
                kinds=(_CONFIGURATIONS,),
            ),
            portal="Azure portal › Virtual network gateways › {gateway} › Point-to-site configuration › Authentication"
            " type: Microsoft Entra ID",
            portal_source=f"{_LEARN}/vpn-gateway/point-to-site-entra-gateway",
            portals={
                _CONFIGURATIONS: PortalPath(
                    "Azure portal › Virtual WANs › the virtual WAN › User VPN configurations",
                    f"{_LEARN}/virtual-wan/point-to-site-entra-gateway",
                )
            },
            effects="People who connect with certificates or RADIUS lose access until they have the new profile of the"
            " Azure VPN Client.",
            variables=[
                Variable(
                    "gateway",
                    "Name of the virtual network gateway",
                    "vpngw-hub",
                    "the gateway",
                    segment("virtualNetworkGateways"),
                ),
                Variable("tenant_id", "Id of the Microsoft Entra directory", EXAMPLE_GUID),
            ],
        ),
    ),
)
