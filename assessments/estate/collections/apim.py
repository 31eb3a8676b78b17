"""Services of API Management, with their APIs, named values, subscriptions and management access."""

from __future__ import annotations

from typing import Final

from assessments.estate.collection import Definition, Inventory
from assessments.estate.collections.declare import child, listed, since
from assessments.estate.documented_codes import GENERAL
from assessments.estate.services import api_management

_LIBRARY = "azure-mgmt-apimanagement 5.0.0"

_VERSION: Final = "2024-05-01"
_SPECIFICATION: Final = "apimanagement/resource-manager/Microsoft.ApiManagement/stable/2022-08-01"

APIM_SERVICES = listed(
    "apim_services",
    f"Microsoft.ApiManagement/service@{_VERSION}",
    "API Management services",
    inventory=Inventory.CONFIGURATION,
    error_codes=GENERAL,
    **since("2022-08-01", f"{_SPECIFICATION}/apimdeployment.json"),
    definition=Definition("azure.mgmt.apimanagement.models:ApiManagementServiceResource", library=_LIBRARY),
)
# This GET returns no keys, so no property is removed. Only the POST of `listSecrets` returns keys.
APIM_ACCESS = child(
    "apim_services",
    "apim_access",
    f"Microsoft.ApiManagement/service/tenant@{_VERSION}",
    "Management access of API Management services",
    targets=api_management.services_with_direct_management,
    error_codes=GENERAL,
    **since("2022-08-01", f"{_SPECIFICATION}/apimtenant.json"),
    definition=Definition("azure.mgmt.apimanagement.models:AccessInformationContract", library=_LIBRARY),
)
APIM_APIS = child(
    "apim_services",
    "apim_apis",
    f"Microsoft.ApiManagement/service/apis@{_VERSION}",
    "APIs of API Management services",
    error_codes=GENERAL,
    **since("2022-08-01", f"{_SPECIFICATION}/apimapis.json"),
    definition=Definition("azure.mgmt.apimanagement.models:ApiContract", library=_LIBRARY),
)
APIM_NAMED_VALUES = child(
    "apim_services",
    "apim_named_values",
    f"Microsoft.ApiManagement/service/namedValues@{_VERSION}",
    "Named values of API Management services",
    prepare=api_management.without_value,
    error_codes=GENERAL,
    **since("2022-08-01", f"{_SPECIFICATION}/apimnamedvalues.json"),
    definition=Definition("azure.mgmt.apimanagement.models:NamedValueContract", library=_LIBRARY),
)
APIM_SUBSCRIPTIONS = child(
    "apim_services",
    "apim_subscriptions",
    f"Microsoft.ApiManagement/service/subscriptions@{_VERSION}",
    "Subscriptions of API Management services",
    prepare=api_management.without_keys,
    error_codes=GENERAL,
    **since("2022-08-01", f"{_SPECIFICATION}/apimsubscriptions.json"),
    definition=Definition("azure.mgmt.apimanagement.models:SubscriptionContract", library=_LIBRARY),
)
