"""Code that several controls of storage accounts share: parts of fixes, a condition for steps of fixes, and the
observed value of accounts that refuse access keys.
"""

from __future__ import annotations

from typing import Any, Final

from assessments.controls.shared.perimeters import opens_by_perimeter
from assessments.estate.services.storage import services_refusing_keys
from assessments.estate.view import View
from assessments.fixes.declare import Cli, command
from assessments.fixes.facts import Facts
from assessments.fixes.variables import EXAMPLE_GUID, Variable

UPDATE: Final = "az storage account update --resource-group {group} --name {account}"
SUBSCRIPTION: Final = " --subscription {subscription}"
# https://learn.microsoft.com/azure/azure-sql/database/audit-write-storage-account-behind-vnet-firewall
AUDITING_STOPS: Final = (
    " SQL auditing that writes to the account stops without notice, until its settings are saved again in the Azure"
    " portal."
)
PORTAL: Final = "Azure portal › Storage accounts › {account} ›"
LEARN: Final = "https://learn.microsoft.com/azure/storage"


def refusal_of_keys(account: View) -> dict[str, Any]:
    """Return the observed value that shows why an account does not accept its access keys. This is the setting of the
    account or, if that setting does not refuse keys, the list of services whose own settings refuse keys.
    """
    if account.raw("properties.allowSharedKeyAccess") is False:
        return {"allowSharedKeyAccess": False}
    return {"servicesRefusingKeys": services_refusing_keys(account)}


CLIENT_SUBNET: Final = Variable(
    "client_subnet_id",
    "Full id of a subnet whose clients use the account",
    f"/subscriptions/{EXAMPLE_GUID}/resourceGroups/rg-network/providers"
    "/Microsoft.Network/virtualNetworks/vnet-hub/subnets/apps",
)


def opens_by_own_rules(facts: Facts) -> bool:
    """Return whether the fix must narrow the account's own network rules. Return False if only the access rules of a
    network security perimeter let too many addresses in.
    """
    return bool(facts.text("defaultAction")) or not opens_by_perimeter(facts)


# https://learn.microsoft.com/azure/storage/common/storage-network-security-limitations
ALLOW_SUBNET: Final[Cli] = command(
    "az storage account network-rule add --resource-group {group} --account-name {account}"
    f" --subnet {{client_subnet_id}}{SUBSCRIPTION}",
    "IP rules have no effect on clients in the Azure region of the account. Allow the subnets of these clients instead."
    " Each subnet needs the service endpoint Microsoft.Storage.",
    when=opens_by_own_rules,
)
