"""Facts about accounts of Azure AI services. Pure functions.

Properties: cognitiveservices/resource-manager/Microsoft.CognitiveServices/CognitiveServices/stable/2025-06-01/
cognitiveservices.json (Account, ApiProperties)
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from assessments.estate.view import View


def is_bing(account: View) -> bool:
    """Return whether the account is for Bing. Accounts for Bing have no network settings, and accept only keys, not
    Microsoft Entra ID. Raise Unreadable if the kind is missing.
    """
    return account.text("kind").casefold().startswith("bing.")


def is_free(account: View) -> bool:
    """Return whether the account has the free tier (F0). Raise Unreadable if the SKU is missing."""
    return account.text("sku.name").casefold() == "f0"


def without_credentials(body: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return an account without `apiProperties`, which can have keys and connection strings of other services."""
    properties = body.get("properties")
    if not isinstance(properties, Mapping):
        return body
    return {**body, "properties": {key: value for key, value in properties.items() if key != "apiProperties"}}
