"""Code that several controls of storage accounts share: parts of fixes, and the observed value of refused access
keys.
"""

from __future__ import annotations

from typing import Any, Final

from assessments.estate.services.storage import services_refusing_keys
from assessments.estate.view import View

UPDATE: Final = "az storage account update --resource-group {group} --name {account}"
SUBSCRIPTION: Final = " --subscription {subscription}"
PORTAL: Final = "Azure portal › Storage accounts › {account} ›"
LEARN: Final = "https://learn.microsoft.com/azure/storage"


def refusal_of_keys(account: View) -> dict[str, Any]:
    """Return the observed value that shows how an account refuses its keys. If the setting of the account refuses
    keys, this is the setting. Otherwise, it is the list of the services that refuse keys.
    """
    if account.raw("properties.allowSharedKeyAccess") is False:
        return {"allowSharedKeyAccess": False}
    return {"servicesRefusingKeys": services_refusing_keys(account)}
