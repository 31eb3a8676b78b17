"""Stores of App Configuration."""

from __future__ import annotations

from assessments.estate.collection import Definition, Inventory
from assessments.estate.collections.declare import listed, since
from assessments.estate.documented_codes import GENERAL

APP_CONFIGURATION_STORES = listed(
    "app_configuration_stores",
    "Microsoft.AppConfiguration/configurationStores@2024-06-01",
    "App Configuration stores",
    inventory=Inventory.CONFIGURATION,
    error_codes=GENERAL,
    **since(
        "2023-03-01",
        "appconfiguration/resource-manager/Microsoft.AppConfiguration/stable/2023-03-01/appconfiguration.json",
    ),
    definition=Definition(
        "azure.mgmt.appconfiguration.models:ConfigurationStore", library="azure-mgmt-appconfiguration 5.0.0"
    ),
)
