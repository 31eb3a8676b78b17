"""Commands and addresses that several fixes of storage accounts contain."""

from __future__ import annotations

from typing import Final

UPDATE: Final = "az storage account update --resource-group {group} --name {account}"
SUBSCRIPTION: Final = " --subscription {subscription}"
PORTAL: Final = "Azure portal › Storage accounts › {account} ›"
LEARN: Final = "https://learn.microsoft.com/azure/storage"
