"""Microsoft's examples of lists of container apps and container groups. See `bodies` for what was changed.

specification/app/resource-manager/Microsoft.App/ContainerApps/stable/2025-07-01/examples and
specification/containerinstance/resource-manager/Microsoft.ContainerInstance/stable/2023-05-01/examples
"""

from __future__ import annotations

from tests.assessments.controls.judging import RG, doc
from tests.assessments.official.bodies import Bodies

SUBSCRIPTION: Bodies = {
    "container_apps": [
        doc(
            f"{RG}/providers/Microsoft.App/containerApps/testcontainerapp0",
            {
                "provisioningState": "Succeeded",
                "runningStatus": "Running",
                "configuration": {
                    "ingress": {
                        "fqdn": "testcontainerapp0.demokube-t24clv0g.eastus.containerApps.k4apps.io",
                        "external": True,
                        "targetPort": 3000,
                        "transport": "auto",
                        "traffic": [{"weight": 80, "revisionName": "testcontainerapp0-ab1234"}],
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
