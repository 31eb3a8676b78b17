"""Clusters of Azure Kubernetes Service, and the versions of Kubernetes that Azure supports."""

from __future__ import annotations

from assessments.estate.collection import Definition, Inventory
from assessments.estate.collections.declare import SINGLE, child, listed, since
from assessments.estate.documented_codes import GENERAL
from assessments.estate.machines.aks_regions import regions

_COMMIT = "06da0e3981318f9cf3ec4e61e1dc71244fef03b4"
_FILE = (
    "containerservice/resource-manager/Microsoft.ContainerService/aks/stable/2025-10-01/managedClusters.json"
)

_SPECIFICATION = (
    "containerservice/resource-manager/Microsoft.ContainerService/aks/stable/2024-09-01/managedClusters.json"
)

AKS_CLUSTERS = listed(
    "aks_clusters",
    "Microsoft.ContainerService/managedClusters@2025-10-01",
    "AKS clusters",
    inventory=Inventory.CONFIGURATION,
    error_codes=GENERAL,
    **since("2024-09-01", _SPECIFICATION, {"properties.nodeProvisioningProfile.mode": "2025-05-01"}),
    definition=Definition("ManagedCluster", commit=_COMMIT, file=_FILE),
)
# The answer is one document, which has the versions in `values`. The document has no id, so the path becomes its id.
AKS_VERSIONS = child(
    "aks_clusters",
    "aks_versions",
    "Microsoft.ContainerService/locations/kubernetesVersions@2025-10-01",
    "Kubernetes versions in the regions of AKS clusters",
    targets=regions,
    id_from_path=True,
    **SINGLE,
    error_codes=GENERAL,
    **since("2024-09-01", _SPECIFICATION),
    definition=Definition("KubernetesVersionListResult", commit=_COMMIT, file=_FILE),
)
