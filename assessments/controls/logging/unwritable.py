"""Find the storage accounts to which Azure Monitor cannot write logs.

Source: https://learn.microsoft.com/azure/azure-monitor/platform/diagnostic-settings (destinations, storage account)

Azure Monitor writes logs as a trusted Azure service. A network security perimeter affects this:

- If an enforced perimeter contains the account, the rules of the perimeter decide about trusted services too:
  https://learn.microsoft.com/azure/storage/common/storage-network-security-perimeter (access modes).
- If `publicNetworkAccess` is SecuredByPerimeter, but the account belongs to no perimeter, trusted services are refused:
  https://learn.microsoft.com/azure/private-link/network-security-perimeter-transition (last tables).
- If it is SecuredByPerimeter, and the account belongs to a perimeter in learning mode, that page contradicts itself, so
  the result is unknown.
"""

from __future__ import annotations

from assessments.controls.context import CollectionUnavailable, Context
from assessments.estate.collections.logging import FOREIGN_LOG_ACCOUNTS
from assessments.estate.collections.storage import STORAGE_ACCOUNTS, STORAGE_PERIMETERS
from assessments.estate.gaps import Reason
from assessments.estate.ids import name_of
from assessments.estate.logs.log_sinks import Destination
from assessments.estate.network.perimeters import read_perimeter
from assessments.estate.services.storage import network_closed
from assessments.estate.view import Undecided, View


def obstacle(destination: Destination, ctx: Context) -> str:
    """Return why Azure Monitor cannot write to a destination, or an empty string if no reason is known.

    Raise CollectionUnavailable if the network security perimeter of the account could not be read. Raise Undecided if
    Surety cannot tell whether the perimeter lets Azure Monitor in. Raise Unreadable if a deciding property has an
    unexpected type or value.
    """
    account = _account(destination, ctx)
    if account is None:
        return ""
    sku = account.object("sku", default={})
    tier = sku.text("name", default="Standard_LRS")
    if tier.casefold().startswith("premium"):
        return "premium accounts cannot receive logs"
    if not tier.casefold().startswith("standard"):
        raise sku.unknown_value("name", tier)
    properties = account.object("properties")
    if (
        properties.choice("dnsEndpointType", {"standard", "azurednszone"}, default="standard")
        == "azurednszone"
    ):
        return "accounts with Azure DNS zone endpoints cannot receive logs"
    if why := _perimeter_obstacle(account, ctx):
        return why
    acls = properties.object("networkAcls", default={})
    if acls.choice("defaultAction", {"allow", "deny"}, default="allow") == "allow":
        return ""
    exempt = {word.strip().casefold() for word in acls.text("bypass", default="AzureServices").split(",")}
    if not exempt <= {"none", "logging", "metrics", "azureservices"}:
        raise acls.unreadable("bypass", "not a list of known exceptions")
    return "" if "azureservices" in exempt else "its firewall does not exempt trusted Azure services"


def _perimeter_obstacle(account: View, ctx: Context) -> str:
    """Return why the network security perimeter of an account keeps Azure Monitor out, or an empty string.

    Raise CollectionUnavailable, Undecided or Unreadable in the same cases as `obstacle`. Perimeters of accounts in
    other subscriptions are not read.
    """
    network_closed(account)
    is_secured = account.text("properties.publicNetworkAccess", default="").casefold() == "securedbyperimeter"
    if account.collection == FOREIGN_LOG_ACCOUNTS.name:
        if is_secured:
            raise _undecided(
                account, "Surety does not read the perimeters of accounts in other subscriptions"
            )
        return ""
    try:
        perimeter = read_perimeter(ctx.documents_at(STORAGE_PERIMETERS, account.id))
    except CollectionUnavailable as error:
        if error.gap.reason is not Reason.API_VERSION:
            raise
        if is_secured:
            raise _undecided(account, "Surety cannot read perimeters in this cloud") from error
        return ""
    if is_secured and not perimeter.is_associated:
        return "only a network security perimeter may let networks in, but the account belongs to none"
    if is_secured or perimeter.is_enforced:
        raise _undecided(account, "the account’s exemption of trusted services alone is not enough")
    return ""


def _undecided(account: View, why: str) -> Undecided:
    reason = (
        f"Check whether the activity log arrives in {name_of(account.id)}: a network security perimeter decides whether"
        f" Azure Monitor can write to this account; {why}"
    )
    return Undecided(account.id, "properties.publicNetworkAccess", reason)


def _account(destination: Destination, ctx: Context) -> View | None:
    """Return the storage account of a destination. Return None if the destination is not a storage account, or if the
    account was not read.
    """
    if destination.kind != "storage":
        return None
    if (account := ctx.find(STORAGE_ACCOUNTS, destination.id)) is not None:
        return account
    answer = ctx.estate.answer(FOREIGN_LOG_ACCOUNTS.name, destination.id)
    return answer.documents[0].bound(ctx.trace) if answer is not None and answer.documents else None
