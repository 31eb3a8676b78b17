"""Microsoft's examples of lists of AKS clusters and Kubernetes versions. `bodies` describes how the examples were
changed.

Sources in https://github.com/Azure/azure-rest-api-specs:
specification/containerservice/resource-manager/Microsoft.ContainerService/aks/stable/2025-10-01/examples
"""

from __future__ import annotations

from typing import Any

from tests.assessments.controls.judging import RG, SUB, doc
from tests.assessments.official.bodies import Bodies


def _version(number: str, **more: Any) -> dict[str, Any]:
    return {"version": number, **more, "capabilities": {"supportPlan": ["KubernetesOfficial"]}}


SUBSCRIPTION: Bodies = {
    "aks_versions": [
        {
            "id": f"{SUB}/providers/Microsoft.ContainerService/locations/location1/kubernetesVersions",
            "values": [
                _version("1.23"),
                _version("1.24", isDefault=True),
                _version("1.25"),
                _version("1.26", isPreview=True),
            ],
        }
    ],
    "aks_clusters": [
        doc(
            f"{RG}/providers/Microsoft.ContainerService/managedClusters/clustername1",
            {
                "provisioningState": "Succeeded",
                "kubernetesVersion": "1.9.6",
                "currentKubernetesVersion": "1.9.6",
                "maxAgentPools": 1,
                "dnsPrefix": "dnsprefix1",
                "fqdn": "dnsprefix1-abcd1234.hcp.eastus.azmk8s.io",
                "agentPoolProfiles": [
                    {
                        "name": "nodepool1",
                        "count": 3,
                        "vmSize": "Standard_DS1_v2",
                        "maxPods": 110,
                        "osType": "Linux",
                        "provisioningState": "Succeeded",
                        "orchestratorVersion": "1.9.6",
                        "currentOrchestratorVersion": "1.9.6",
                        "eTag": "byuefvwi",
                    }
                ],
                "servicePrincipalProfile": {"clientId": "clientid"},
                "nodeResourceGroup": "MC_rg1_clustername1_location1",
                "enableRBAC": False,
                "networkProfile": {
                    "networkPlugin": "kubenet",
                    "podCidr": "10.244.0.0/16",
                    "serviceCidr": "10.0.0.0/16",
                    "dnsServiceIP": "10.0.0.10",
                },
            },
            location="location1",
            tags={"archv2": "", "tier": "production"},
            type="Microsoft.ContainerService/ManagedClusters",
        )
    ],
}

DEFINED = {
    "aks_clusters": """
    properties.aadProfile.clientAppID properties.aadProfile.managed properties.aadProfile.serverAppID
    properties.addonProfiles.{}.config.useAADAuth properties.addonProfiles.{}.enabled
    properties.agentPoolProfiles[].enableEncryptionAtHost
    properties.agentPoolProfiles[].enableNodePublicIP
    properties.apiServerAccessProfile.authorizedIPRanges
    properties.apiServerAccessProfile.enablePrivateCluster
    properties.autoUpgradeProfile.nodeOSUpgradeChannel properties.autoUpgradeProfile.upgradeChannel
    properties.azureMonitorProfile.metrics.enabled properties.disableLocalAccounts
    properties.networkProfile.networkDataplane properties.networkProfile.networkPolicy
    properties.nodeProvisioningProfile.mode
    properties.securityProfile.defender.securityMonitoring.enabled properties.supportPlan sku.name""",
}
