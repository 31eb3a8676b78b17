"""Container apps and container groups."""

from __future__ import annotations

from assessments.estate.collection import Inventory
from assessments.estate.collections.declare import child, listed, since
from assessments.estate.documented_codes import GENERAL
from assessments.estate.services.containers import (
    address_of_group,
    ingress_of_app,
    network_of_environment,
    public_environments,
    targets_of_route,
)

CONTAINER_APPS = listed(
    "container_apps",
    "Microsoft.App/containerApps@2025-07-01",
    "Container apps",
    inventory=Inventory.CONFIGURATION,
    prepare=ingress_of_app,
    error_codes=GENERAL,
    **since("2024-03-01", "app/resource-manager/Microsoft.App/stable/2024-03-01/ContainerApps.json"),
)
CONTAINER_ENVIRONMENTS = listed(
    "container_environments",
    "Microsoft.App/managedEnvironments@2025-07-01",
    "Environments of container apps",
    inventory=Inventory.CONFIGURATION,
    prepare=network_of_environment,
    error_codes=GENERAL,
    **since(
        "2024-03-01",
        "app/resource-manager/Microsoft.App/stable/2024-03-01/ManagedEnvironments.json",
        {"properties.publicNetworkAccess": "2025-07-01"},
    ),
)
# Routes forward requests from outside to apps, even to apps without external ingress:
# https://learn.microsoft.com/azure/container-apps/rule-based-routing
CONTAINER_ROUTES = child(
    "container_environments",
    "container_routes",
    "Microsoft.App/managedEnvironments/httpRouteConfigs@2025-07-01",
    "HTTP routes of environments of container apps",
    targets=public_environments,
    # Some clouds offer only older api-versions, which lack this resource type.
    retired=True,
    prepare=targets_of_route,
    error_codes=GENERAL,
    **since(
        "2025-07-01",
        "app/resource-manager/Microsoft.App/ContainerApps/stable/2025-07-01/ManagedEnvironmentsHttpRouteConfig.json",
    ),
)
CONTAINER_GROUPS = listed(
    "container_groups",
    "Microsoft.ContainerInstance/containerGroups@2023-05-01",
    "Container groups",
    inventory=Inventory.CONFIGURATION,
    prepare=address_of_group,
    error_codes=GENERAL,
    **since(
        "2023-05-01",
        "containerinstance/resource-manager/Microsoft.ContainerInstance/stable/2023-05-01/containerInstance.json",
    ),
)
