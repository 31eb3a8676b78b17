"""Storage accounts to which Azure Monitor cannot write logs.

Source: https://learn.microsoft.com/azure/azure-monitor/platform/diagnostic-settings (destinations, storage account)
"""

from __future__ import annotations

from assessments.controls.context import Context
from assessments.estate.collections.logging import FOREIGN_LOG_ACCOUNTS
from assessments.estate.collections.storage import STORAGE_ACCOUNTS
from assessments.estate.log_sinks import Destination
from assessments.estate.view import View


def obstacle(destination: Destination, ctx: Context) -> str:
    """Return why Azure Monitor cannot write to a destination, or an empty string if no reason is known.

    Raise Unreadable if a deciding property of the storage account has a wrong type.
    """
    account = _account(destination, ctx)
    if account is None:
        return ""
    tier = account.object("sku", default={}).text("name", default="Standard_LRS").casefold()
    if tier.startswith("premium"):
        return "premium accounts cannot receive logs"
    if not tier.startswith("standard"):
        raise account.unreadable("sku.name", "neither a standard nor a premium SKU")
    properties = account.object("properties")
    if (
        properties.choice("dnsEndpointType", {"standard", "azurednszone"}, default="standard")
        == "azurednszone"
    ):
        return "accounts with Azure DNS zone endpoints cannot receive logs"
    acls = properties.object("networkAcls", default={})
    if acls.choice("defaultAction", {"allow", "deny"}, default="allow") == "allow":
        return ""
    exempt = {word.strip().casefold() for word in acls.text("bypass", default="AzureServices").split(",")}
    if not exempt <= {"none", "logging", "metrics", "azureservices"}:
        raise acls.unreadable("bypass", "not a list of known exceptions")
    return "" if "azureservices" in exempt else "its firewall does not exempt trusted Azure services"


def _account(destination: Destination, ctx: Context) -> View | None:
    """Return the storage account of a destination, if it was read."""
    if destination.kind != "storage":
        return None
    if (account := ctx.find(STORAGE_ACCOUNTS, destination.id)) is not None:
        return account
    answer = ctx.estate.answer(FOREIGN_LOG_ACCOUNTS.name, destination.id)
    return answer.documents[0].bound(ctx.trace) if answer is not None and answer.documents else None
