"""Microsoft's examples of application gateways, web application firewall policies and Bastion hosts. `bodies` describes
how the examples were changed.

Sources in https://github.com/Azure/azure-rest-api-specs:
specification/network/resource-manager/Microsoft.Network/stable/2024-05-01/examples: ApplicationGatewayListAll.json
(without parts that no control reads), WafListAllPolicies.json (without its custom rules) and
BastionHostListBySubscription.json (one of its hosts)
"""

from __future__ import annotations

from typing import Any

from tests.assessments.controls.judging import RG, doc
from tests.assessments.official.bodies import Bodies

_NETWORK = f"{RG}/providers/Microsoft.Network"
GATEWAY = f"{_NETWORK}/applicationGateways/appgw"
POLICY = f"{_NETWORK}/ApplicationGatewayWebApplicationFirewallPolicies/Policy1"


def _part(kind: str, name: str, **properties: Any) -> dict[str, Any]:
    return doc(f"{GATEWAY}/{kind}/{name}", {"provisioningState": "Succeeded", **properties})


def _listener(name: str, port: str, protocol: str, **more: Any) -> dict[str, Any]:
    return _part(
        "httpListeners",
        name,
        frontendIPConfiguration={"id": f"{GATEWAY}/frontendIPConfigurations/appgwfip"},
        frontendPort={"id": f"{GATEWAY}/frontendPorts/{port}"},
        protocol=protocol,
        **more,
    )


SUBSCRIPTION: Bodies = {
    "application_gateways": [
        doc(
            GATEWAY,
            {
                "provisioningState": "Succeeded",
                "sku": {"name": "Standard_Medium", "tier": "Standard", "capacity": 3},
                "operationalState": "Running",
                "authenticationCertificates": [],
                "sslProfiles": [
                    _part(
                        "sslProfiles",
                        "sslProfile1",
                        sslPolicy={
                            "policyType": "Custom",
                            "minProtocolVersion": "TLSv1_1",
                            "cipherSuites": ["TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256"],
                        },
                        clientAuthConfiguration={
                            "verifyClientCertIssuerDN": True,
                            "verifyClientRevocation": "OCSP",
                        },
                    )
                ],
                "httpListeners": [
                    _listener(
                        "appgwhl",
                        "appgwfp",
                        "Https",
                        sslCertificate={"id": f"{GATEWAY}/sslCertificates/sslcert"},
                        sslProfile={"id": f"{GATEWAY}/sslProfiles/sslProfile1"},
                        requireServerNameIndication=False,
                    ),
                    _listener("appgwhttplistener", "appgwfp80", "Http"),
                ],
                "probes": [],
                "privateEndpointConnections": [],
                "globalConfiguration": {"enableRequestBuffering": True, "enableResponseBuffering": True},
            },
            location="southcentralus",
            type="Microsoft.Network/applicationGateways",
        )
    ],
    "bastion_hosts": [
        doc(
            f"{_NETWORK}/bastionHosts/bastionhostdeveloper",
            {
                "provisioningState": "Succeeded",
                "virtualNetwork": {"id": f"{_NETWORK}/virtualNetworks/vnet2"},
                "networkAcls": {"ipRules": [{"addressPrefix": "1.1.1.1/16"}]},
                "dnsName": "omnibrain.uswest.bastionglobal.azure.com",
                "ipConfigurations": [],
            },
            location="West US",
            sku={"name": "Developer"},
            type="Microsoft.Network/bastionHosts",
        )
    ],
    "waf_policies": [
        doc(
            POLICY,
            {
                "resourceState": "Enabled",
                "provisioningState": "Succeeded",
                "policySettings": {
                    "state": "Enabled",
                    "mode": "Prevention",
                    "requestBodyEnforcement": True,
                    "maxRequestBodySizeInKb": 2000,
                    "requestBodyInspectLimitInKB": 2000,
                    "fileUploadEnforcement": True,
                    "fileUploadLimitInMb": 4000,
                    "requestBodyCheck": True,
                    "customBlockResponseStatusCode": 405,
                    "customBlockResponseBody": "SGVsbG8=",
                },
                "managedRules": {
                    "managedRuleSets": [{"ruleSetType": "OWASP", "ruleSetVersion": "3.2"}],
                    "exceptions": [
                        {
                            "matchVariable": "RequestURI",
                            "valueMatchOperator": "Contains",
                            "values": ["health", "account/images", "default.aspx"],
                            "exceptionManagedRuleSets": [{"ruleSetType": "OWASP", "ruleSetVersion": "3.2"}],
                        }
                    ],
                },
            },
            location="WestUs",
            tags={"key1": "value1", "key2": "value2"},
            type="Microsoft.Network/applicationgatewaywebapplicationfirewallpolicies",
        )
    ],
}
