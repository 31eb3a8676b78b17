"""Controls of the network, private endpoints, access keys and deletion of App Configuration stores.

Properties: azure-mgmt-appconfiguration 5.0.0 (ConfigurationStore). Public access of a store without the setting:
https://learn.microsoft.com/azure/azure-app-configuration/howto-disable-public-access. Tiers with soft delete:
https://learn.microsoft.com/azure/azure-app-configuration/concept-soft-delete
"""

from __future__ import annotations

from typing import Final

from assessments.controls.context import Context
from assessments.controls.references import References
from assessments.controls.settings import SettingControl, declare_settings
from assessments.controls.shared.rules import (
    ACCEPT_PERIMETER,
    ONLY_PRIVATE_ENDPOINT_VARIABLES,
    PRIVATE_ENDPOINT_COST,
    PRIVATE_ENDPOINT_EFFECTS,
    local_accounts_off,
    private_endpoint,
    private_endpoint_steps,
    public_access_off,
)
from assessments.controls.verdict import Outcome, Severity, Verdict, failed, not_applicable, passed
from assessments.estate.collections.appconfig import APP_CONFIGURATION_STORES
from assessments.estate.view import Undecided, View
from assessments.fixes.declare import Fix, advice, command
from assessments.fixes.variables import Variable, segment

_UPDATE: Final = "az appconfig update --resource-group {group} --name {store}"
_SUBSCRIPTION: Final = " --subscription {subscription}"
_PORTAL: Final = "Azure portal › App Configuration › {store} › Settings ›"
_LEARN: Final = "https://learn.microsoft.com/azure/azure-app-configuration"
_NONE: Final = "No App Configuration store"
_TIERS: Final = frozenset({"free", "developer", "standard", "premium"})
_WITHOUT_SOFT_DELETE: Final = frozenset({"free", "developer"})
STORE: Final = Variable(
    "store", "Name of the App Configuration store", "appcs-shop", "the store", segment("configurationStores")
)


def _automatic(store: View, ctx: Context) -> Verdict:
    """Judge a store without the setting `publicNetworkAccess`. Public access to such a store is off if the store has an
    approved private endpoint, and on if the store has no private endpoint. Raise Undecided if the store has private
    endpoints, but none is approved.
    """
    verdict = private_endpoint(store, ctx)
    if verdict.outcome is Outcome.PASS:
        return passed(
            "Public network access is off, because the store has a private endpoint",
            publicNetworkAccess=None,
            **verdict.observed,
        )
    if verdict.observed["privateEndpoints"]:
        raise Undecided(
            store.id,
            "properties.privateEndpointConnections",
            "Microsoft does not document whether a private endpoint without approval switches public access off",
        )
    return failed(
        "Public network access is on, because the store has no private endpoint",
        publicNetworkAccess=None,
        **verdict.observed,
    )


def _endpoint(store: View, ctx: Context) -> Verdict:
    if store.choice("sku.name", _TIERS) == "free":
        return not_applicable("Stores of the tier Free cannot have private endpoints")
    return private_endpoint(store, ctx)


def _unless_without_soft_delete(store: View, ctx: Context) -> Verdict | None:
    if store.choice("sku.name", _TIERS) not in _WITHOUT_SOFT_DELETE:
        return None
    return not_applicable("Stores of the tiers Free and Developer have no soft delete")


CONTROLS = declare_settings(
    __name__,
    APP_CONFIGURATION_STORES,
    SettingControl(
        "appconfig-pna",
        title="App Configuration stores refuse public networks",
        problem="App Configuration store reachable from public networks",
        expected="Public network access is off or restricted to a network security perimeter",
        judged="`publicNetworkAccess` of each store. Disabled passes. SecuredByPerimeter passes with a remark, unless"
        " `accept_perimeter` is off. If the property is absent, Azure decides: public network access is off as soon as"
        " the store has a private endpoint. If none of its private endpoints is approved, the verdict is unknown.",
        why="If every network can reach the store, a stolen access key is enough to read and change all settings.",
        severity=Severity.MEDIUM,
        empty_reason=_NONE,
        judge=public_access_off(_automatic),
        parameters=(ACCEPT_PERIMETER,),
        references=References(mcsb2="NS-2", nist="AC-4* SC-7*"),
        fix=Fix(
            advice(
                "First create a private endpoint for every network that needs the store: see the control appconfig-pe."
                " The tier Free has no private endpoints."
            ),
            command(f"{_UPDATE} --public-network-access Disabled{_SUBSCRIPTION}"),
            portal=f"{_PORTAL} Networking › Public Access › Disabled",
            portal_source=f"{_LEARN}/howto-disable-public-access",
            # https://learn.microsoft.com/azure/azure-app-configuration/quickstart-deployment-overview
            effects="Clients that do not use a private endpoint can no longer read the settings. Deployments with Azure"
            " Resource Manager can change settings only through a private link for Azure Resource Manager.",
            variables=[STORE],
        ),
    ),
    SettingControl(
        "appconfig-pe",
        title="App Configuration stores are used over a private endpoint",
        problem="App Configuration store without a private endpoint",
        expected="At least one private endpoint is approved",
        judged="`privateEndpointConnections` of each store. Passes if one connection is approved and usable."
        " Connections that are pending, rejected or disconnected do not count. Stores of the tier Free are not"
        " applicable.",
        why="Without a private endpoint, clients reach the service at a public address, where attackers"
        " can try stolen credentials.",
        severity=Severity.LOW,
        empty_reason=_NONE,
        judge=_endpoint,
        references=References(mcsb="NS-2", nist="AC-4 AC-17 AC-17(1) SC-7 SC-7(3)"),
        fix=Fix(
            # “Automatic public access”:
            # https://learn.microsoft.com/azure/azure-app-configuration/howto-disable-public-access
            advice(
                "If public access is automatic, which is the default, and clients still need public access for a while,"
                " first set public access to Enabled. When all clients use the private endpoint, set public access to"
                " Disabled: see the control appconfig-pna."
            ),
            *private_endpoint_steps("configurationStores", is_only=True),
            portal=f"{_PORTAL} Networking › Private Access › Create",
            portal_source=f"{_LEARN}/howto-set-up-private-access",
            cost=PRIVATE_ENDPOINT_COST,
            effects="If public access is automatic, Azure switches it off as soon as the store has a private endpoint:"
            f" clients that do not use the endpoint can no longer read the settings. {PRIVATE_ENDPOINT_EFFECTS}",
            variables=[STORE, *ONLY_PRIVATE_ENDPOINT_VARIABLES],
        ),
    ),
    SettingControl(
        "appconfig-local-auth",
        title="App Configuration stores refuse access keys",
        problem="App Configuration store accepts access keys",
        expected="Clients sign in with Microsoft Entra ID; access keys are refused",
        judged="`disableLocalAuth` of each store. If the property is absent, access keys are accepted.",
        why="A key does not show who uses it, does not expire, and Conditional Access does not apply to it.",
        severity=Severity.MEDIUM,
        empty_reason=_NONE,
        judge=local_accounts_off(),
        references=References(mcsb="IM-1*", nist="IA-2*"),
        fix=Fix(
            advice("First let every client sign in with Microsoft Entra ID."),
            command(f"{_UPDATE} --disable-local-auth true{_SUBSCRIPTION}"),
            portal=f"{_PORTAL} Access settings › Enable access keys › Disabled",
            portal_source=f"{_LEARN}/howto-disable-access-key-authentication",
            effects="Azure deletes the access keys. Clients that use one can no longer connect. Deployments with Azure"
            " Resource Manager can change settings only in the pass-through authentication mode.",
            variables=[STORE],
        ),
    ),
    SettingControl(
        "appconfig-purge-protection",
        title="Deleted App Configuration stores cannot be destroyed at once",
        problem="App Configuration store without purge protection",
        expected="Purge protection is on",
        judged="`enablePurgeProtection` of each store. If the property is absent, purge protection is off. Stores of"
        " the tiers Free and Developer are not applicable, because they have no soft delete.",
        why="Without purge protection, an attacker can delete all settings so that nobody can restore them.",
        severity=Severity.LOW,
        empty_reason=_NONE,
        unless=(_unless_without_soft_delete,),
        setting="properties.enablePurgeProtection",
        values={
            True: passed("Deleted stores are kept until their retention ends"),
            False: failed("A deleted store can be destroyed at once"),
        },
        absent=failed("A deleted store can be destroyed at once, because the setting is absent"),
        references=References(nist="CP-9*"),
        fix=Fix(
            command(f"{_UPDATE} --enable-purge-protection true{_SUBSCRIPTION}"),
            portal="Azure portal › App Configuration › {store} › Overview › Soft-delete",
            portal_source=f"{_LEARN}/howto-recover-deleted-stores-in-azure-app-configuration",
            effects="Purge protection cannot be switched off again. The name of a deleted store stays taken until its"
            " retention ends.",
            variables=[STORE],
        ),
    ),
)
