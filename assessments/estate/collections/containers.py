"""Container apps and container groups."""

from __future__ import annotations

from assessments.estate.collection import Definition, Inventory
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
    definition=Definition(
        "ContainerApp",
        commit="b2f7419737799f321a271e9327d0b18417eed538",
        file="app/resource-manager/Microsoft.App/ContainerApps/stable/2025-07-01/ContainerApps.json",
    ),
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
    definition=Definition(
        "ManagedEnvironment",
        commit="4546c05cf28f6ccf2f8167d8898029f33301f0ca",
        file="app/resource-manager/Microsoft.App/ContainerApps/stable/2025-07-01/ManagedEnvironments.json",
    ),
)
# Because of a route, requests from outside can reach even an app without external ingress:
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
    definition=Definition("HttpRouteConfig", commit="77be6b0e0b396f422ce41f64cd4e63ffca7ee8d1"),
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
    definition=Definition(
        "ContainerGroup",
        commit="40b12593b8f2c03cf8b8a6d8098b1f333a04a70f",
        file="containerinstance/resource-manager/Microsoft.ContainerInstance/stable/2023-05-01/examples/ContainerGroupsList.json",
    ),
)
