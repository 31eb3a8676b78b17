"""Microsoft's examples of container apps, their environments and container groups. `bodies` describes how the examples
were changed.

Sources in https://github.com/Azure/azure-rest-api-specs:
specification/app/resource-manager/Microsoft.App/ContainerApps/stable/2025-07-01/examples and
specification/containerinstance/resource-manager/Microsoft.ContainerInstance/stable/2023-05-01/examples
"""

from __future__ import annotations

from tests.assessments.controls.judging import RG, doc
from tests.assessments.official.bodies import VNET, Bodies

SUBSCRIPTION: Bodies = {
    "container_apps": [
        doc(
            f"{RG}/providers/Microsoft.App/containerApps/testcontainerapp0",
            {
                "provisioningState": "Succeeded",
                "runningStatus": "Running",
                "managedEnvironmentId": f"{RG}/providers/Microsoft.App/managedEnvironments/demokube",
                "configuration": {
                    "ingress": {
                        "fqdn": "testcontainerapp0.demokube-t24clv0g.eastus.containerApps.k4apps.io",
                        "external": True,
                        "targetPort": 3000,
                        "transport": "auto",
                        "traffic": [{"weight": 80, "revisionName": "testcontainerapp0-ab1234"}],
                        "ipSecurityRestrictions": [
                            {"name": "A", "ipAddressRange": "192.168.1.1/32", "action": "Allow"},
                            {"name": "B", "ipAddressRange": "192.168.1.1/8", "action": "Allow"},
                        ],
                    },
                    "dapr": {"enabled": True, "appPort": 3000, "appProtocol": "http"},
                    "maxInactiveRevisions": 10,
                },
                "template": {
                    "containers": [{"image": "repo/testcontainerapp0:v4", "name": "testcontainerapp0"}]
                },
            },
            location="East US",
            type="Microsoft.App/containerApps",
        )
    ],
    "container_environments": [
        doc(
            f"{RG}/providers/Microsoft.App/managedEnvironments/{name}",
            {
                "provisioningState": "Succeeded",
                "deploymentErrors": None,
                "defaultDomain": f"{name}.k4apps.io",
                "staticIp": address,
                "appLogsConfiguration": None,
                "zoneRedundant": True,
                "vnetConfiguration": {"infrastructureSubnetId": f"{VNET}/VNetName/subnets/subnetName1"},
                "eventStreamEndpoint": "testEndpoint",
                "ingressConfiguration": None,
                "infrastructureResourceGroup": f"capp-svc-{name}-northcentralus",
            },
            location="North Central US",
            tags={},
            type="Microsoft.App/managedEnvironments",
        )
        for name, address in (("jlaw-demo1", "20.42.33.145"), ("demo1", "52.142.21.61"))
    ],
    "container_routes": [
        doc(
            f"{RG}/providers/Microsoft.App/managedEnvironments/demo1/httpRouteConfigs/route-{number}",
            {
                "fqdn": f"app{number}.example.com",
                "provisioningState": "Succeeded",
                "customDomains": [{"name": "example.com", "bindingType": "SniEnabled"}],
                "rules": [
                    {
                        "targets": [target],
                        "routes": [
                            {
                                "match": {"prefix": "/api", "caseSensitive": number == 1},
                                "action": {"prefixRewrite": f"/v{number}/api"},
                            }
                        ],
                    }
                ],
            },
            type="Microsoft.App/managedEnvironments/httpRouteConfigs",
        )
        for number, target in (
            (1, {"containerApp": "containerApp1"}),
            (2, {"containerApp": "containerApp2", "revision": "containerApp2--0000002"}),
        )
    ],
    "container_groups": [
        doc(
            f"{RG}/providers/Microsoft.ContainerInstance/containerGroups/demo1",
            {
                "containers": [
                    {
                        "name": "demo1",
                        "properties": {"command": [], "environmentVariables": [], "image": "nginx"},
                    }
                ],
                "imageRegistryCredentials": [
                    {"server": "azcloudconsoleregistry.azurecr.io", "username": "azcloudconsoleregistry"}
                ],
                "ipAddress": {
                    "ip": "10.0.0.1",
                    "ports": [{"port": 80, "protocol": "TCP"}],
                    "type": "Public",
                },
                "osType": "Linux",
                "provisioningState": "Succeeded",
            },
            location="WestUs",
            zones=["1"],
            type="Microsoft.ContainerInstance/containerGroups",
        )
    ],
}

DEFINED = {
    "container_apps": """
    identity.type properties.configuration.ingress.allowInsecure properties.environmentId""",
    "container_environments": "properties.publicNetworkAccess properties.vnetConfiguration.internal",
    "container_groups": "properties.ipAddress.type",
}
