"""Variables and URLs for the fixes of API Management controls."""

from __future__ import annotations

from typing import Final

from assessments.estate.services.api_management import WITHOUT_DIRECT_MANAGEMENT
from assessments.fixes.variables import Variable, segment

TIERS: Final = WITHOUT_DIRECT_MANAGEMENT | {"developer", "basic", "standard", "premium", "isolated"}
NONE: Final = "No API Management service"
PORTAL: Final = "Azure portal › API Management services › {apim} ›"
LEARN: Final = "https://learn.microsoft.com/azure/api-management"
APIM: Final = Variable(
    "apim",
    "Name of the API Management service",
    "apim-shop",
    "the API Management service",
    segment("service"),
)
API: Final = Variable("api", "Id of the API", "orders", "the API", segment("apis"))
