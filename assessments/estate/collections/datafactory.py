"""Data factories, with their private endpoints and linked services."""

from __future__ import annotations

from typing import Final

from assessments.estate.collection import Definition, Inventory
from assessments.estate.collections.declare import child, listed, since
from assessments.estate.documented_codes import GENERAL
from assessments.estate.services import linked_services

_LIBRARY = "azure-mgmt-datafactory 10.0.0"

_VERSION: Final = "2018-06-01"
_SPECIFICATION: Final = "datafactory/resource-manager/Microsoft.DataFactory/stable/2018-06-01"

DATA_FACTORIES = listed(
    "data_factories",
    f"Microsoft.DataFactory/factories@{_VERSION}",
    "Data factories",
    inventory=Inventory.CONFIGURATION,
    prepare=linked_services.without_parameters,
    error_codes=GENERAL,
    **since(_VERSION, f"{_SPECIFICATION}/datafactory.json"),
    definition=Definition("azure.mgmt.datafactory.models:Factory", library=_LIBRARY),
)
DATA_FACTORY_ENDPOINTS = child(
    "data_factories",
    "data_factory_endpoints",
    f"Microsoft.DataFactory/factories/privateEndPointConnections@{_VERSION}",
    "Private endpoints of data factories",
    error_codes=GENERAL,
    **since(_VERSION, f"{_SPECIFICATION}/datafactory.json"),
    definition=Definition(
        "azure.mgmt.datafactory.models:PrivateEndpointConnectionResource", library=_LIBRARY
    ),
)
# The answer can contain credentials. For a property with credentials, only its name is stored.
DATA_FACTORY_LINKED_SERVICES = child(
    "data_factories",
    "data_factory_linked_services",
    f"Microsoft.DataFactory/factories/linkedservices@{_VERSION}",
    "Linked services of data factories",
    prepare=linked_services.without_credentials,
    error_codes=GENERAL,
    **since(_VERSION, f"{_SPECIFICATION}/datafactory.json"),
    definition=Definition("azure.mgmt.datafactory.models:LinkedServiceResource", library=_LIBRARY),
)
