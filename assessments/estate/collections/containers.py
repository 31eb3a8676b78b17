"""Container apps and container groups."""

from __future__ import annotations

from assessments.estate.collection import Inventory
from assessments.estate.collections.declare import listed, since
from assessments.estate.services.containers import address_of_group, ingress_of_app, network_of_environment

CONTAINER_APPS = listed(
    "container_apps",
    "Microsoft.App/containerApps@2025-07-01",
    "Container apps",
    inventory=Inventory.CONFIGURATION,
    prepare=ingress_of_app,
    **since("2024-03-01", "app/resource-manager/Microsoft.App/stable/2024-03-01/ContainerApps.json"),
)
CONTAINER_ENVIRONMENTS = listed(
    "container_environments",
    "Microsoft.App/managedEnvironments@2025-07-01",
    "Environments of container apps",
    inventory=Inventory.CONFIGURATION,
    prepare=network_of_environment,
    **since(
        "2024-03-01",
        "app/resource-manager/Microsoft.App/stable/2024-03-01/ManagedEnvironments.json",
        {"properties.publicNetworkAccess": "2025-07-01"},
    ),
)
CONTAINER_GROUPS = listed(
    "container_groups",
    "Microsoft.ContainerInstance/containerGroups@2023-05-01",
    "Container groups",
    inventory=Inventory.CONFIGURATION,
    prepare=address_of_group,
    **since(
        "2023-05-01",
        "containerinstance/resource-manager/Microsoft.ContainerInstance/stable/2023-05-01/containerInstance.json",
    ),
)
