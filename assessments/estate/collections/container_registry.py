"""Container registries."""

from __future__ import annotations

from assessments.estate.collection import Inventory
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
)
