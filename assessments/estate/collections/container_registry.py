"""Container registries."""

from __future__ import annotations

from assessments.estate.collection import Definition, Inventory
from assessments.estate.collections.declare import listed, since
from assessments.estate.documented_codes import GENERAL

CONTAINER_REGISTRIES = listed(
    "container_registries",
    "Microsoft.ContainerRegistry/registries@2025-11-01",
    "Container registries",
    inventory=Inventory.CONFIGURATION,
    error_codes=GENERAL,
    **since(
        "2023-07-01",
        "containerregistry/resource-manager/Microsoft.ContainerRegistry/stable/2023-07-01/containerregistry.json",
    ),
    definition=Definition(
        "Registry",
        commit="08255b757486cc96e7fbdfde2e38fcfd56f59fa3",
        file="containerregistry/resource-manager/Microsoft.ContainerRegistry/Registry/stable/2025-11-01/examples/RegistryList.json",
    ),
)
