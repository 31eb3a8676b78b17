"""Clusters of Azure Kubernetes Service."""

from __future__ import annotations

from assessments.estate.collection import Inventory
from assessments.estate.collections.declare import listed, since

AKS_CLUSTERS = listed(
    "aks_clusters",
    "Microsoft.ContainerService/managedClusters@2025-10-01",
    "AKS clusters",
    inventory=Inventory.CONFIGURATION,
    **since(
        "2024-09-01",
        "containerservice/resource-manager/Microsoft.ContainerService/aks/stable/2024-09-01/managedClusters.json",
    ),
)
