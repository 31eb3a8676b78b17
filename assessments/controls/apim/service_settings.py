"""Controls of the network, management, APIs, named values and subscriptions of API Management services.

Properties: azure-mgmt-apimanagement 5.0.0 (ApiManagementServiceResource, AccessInformationContract, ApiContract,
NamedValueContract, SubscriptionContract).
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from assessments.controls.apim._variables import APIM, LEARN, NONE, PORTAL, TIERS
from assessments.controls.context import Context
from assessments.controls.references import References
from assessments.controls.settings import SettingControl, declare_settings
from assessments.controls.shared.rules import ACCEPT_PERIMETER, public_access_off
from assessments.controls.verdict import Outcome, Severity, Verdict, failed, not_applicable, passed
from assessments.estate.collections.apim import (
    APIM_ACCESS,
    APIM_NAMED_VALUES,
    APIM_SERVICES,
    APIM_SUBSCRIPTIONS,
)
from assessments.estate.ids import fold
from assessments.estate.services.api_management import WITHOUT_DIRECT_MANAGEMENT
from assessments.estate.view import Unreadable, View
from assessments.fixes.declare import Fix, advice, command

_STATES: Final = frozenset({"suspended", "active", "expired", "submitted", "rejected", "cancelled"})
_BUILT_IN: Final = "master"
# In these tiers, the virtual network type External means that the service can send requests into a virtual network. The
# gateway stays public: https://learn.microsoft.com/azure/api-management/integrate-vnet-outbound
_OUTBOUND_ONLY: Final = frozenset({"basicv2", "standardv2", "premiumv2"})
# Tiers with neither private endpoints nor virtual networks:
# https://learn.microsoft.com/azure/api-management/api-management-features
_ALWAYS_PUBLIC: Final = frozenset({"consumption", "basicv2"})

_public_access = public_access_off(
    failed("Public network access is on, because the setting is absent", publicNetworkAccess=None)
)


def _network(service: View, ctx: Context) -> Verdict:
    tier = service.choice("sku.name", TIERS)
    if tier in _ALWAYS_PUBLIC:
        return not_applicable("Services of the tiers Consumption and Basic v2 cannot refuse public networks")
    verdict = _public_access(service, ctx)
    if verdict.outcome is not Outcome.FAIL:
        return verdict
    access = verdict.observed["publicNetworkAccess"]
    kind = service.object("properties").choice(
        "virtualNetworkType", frozenset({"none", "external", "internal"}), default="None"
    )
    if kind == "internal":
        return passed(
            "The service is reachable only from its virtual network",
            publicNetworkAccess=access,
            virtualNetworkType="Internal",
        )
    if kind == "external" and tier not in _OUTBOUND_ONLY:
        return passed(
            "The service is in a virtual network",
            remarks=[
                "The gateway has a public address; Surety does not check whether a security group limits access to it"
            ],
            publicNetworkAccess=access,
            virtualNetworkType="External",
        )
    if kind == "external":
        return failed(
            "The virtual network serves only outgoing connections, and the gateway is public",
            publicNetworkAccess=access,
            virtualNetworkType="External",
        )
    return replace(verdict, observed={**verdict.observed, "virtualNetworkType": "None"})


def _direct_management(service: View, ctx: Context) -> Verdict:
    if service.choice("sku.name", TIERS) in WITHOUT_DIRECT_MANAGEMENT:
        return not_applicable("Services of this tier have no direct management API")
    found = {one.name.casefold(): one for one in ctx.documents_at(APIM_ACCESS, service.id)}
    if "access" not in found:
        reason = "Azure did not list the management access of the service"
        raise Unreadable(service.id, "tenant/access", "absent", reason)
    is_on = found["access"].flag("properties.enabled", default=False)
    git = found.get("gitaccess")
    has_git = git is not None and git.flag("properties.enabled", default=False)
    if is_on:
        return failed(
            "The direct management API is on",
            remarks=["Microsoft ended support for the direct management API on 15 March 2025"],
            enabled=True,
        )
    return passed(
        "The direct management API is off",
        remarks=[
            "The access to the Git repository of the service is on, but Microsoft ended support for it on 15 March 2025"
        ]
        if has_git
        else [],
        enabled=False,
    )


def _named_values(service: View, ctx: Context) -> Verdict:
    service.object("properties")
    own = []
    for one in ctx.documents_at(APIM_NAMED_VALUES, service.id):
        properties = one.object("properties")
        if properties.flag("secret", default=False) and not properties.object("keyVault", default={}).text(
            "secretIdentifier", default=""
        ):
            own.append(one.name)
    if own:
        return failed("Some named values are secret, but not stored in a key vault", namedValues=sorted(own))
    return passed("No named value keeps its secret in the service itself", namedValues=[])


def _subscription_scope(service: View, ctx: Context) -> Verdict:
    service.object("properties")
    wide = []
    for one in ctx.documents_at(APIM_SUBSCRIPTIONS, service.id):
        properties = one.object("properties")
        if one.name.casefold() == _BUILT_IN or properties.choice("state", _STATES) != "active":
            continue
        if fold(properties.text("scope")).rstrip("/").endswith("/apis"):
            wide.append(one.name)
    if wide:
        return failed(
            "Some subscriptions of this service give access to all APIs", apiSubscriptions=sorted(wide)
        )
    return passed(
        "Except for the built-in one, no active subscription of API Management gives access to all APIs",
        apiSubscriptions=[],
    )


CONTROLS = declare_settings(
    __name__,
    APIM_SERVICES,
    SettingControl(
        "apim-pna",
        title="API Management services are private or in a virtual network",
        problem="API Management service open to the Internet",
        expected="Public network access is off, or the service is in a virtual network",
        judged="`publicNetworkAccess` and `virtualNetworkType` of each service. Disabled passes, and so does a"
        " service in a virtual network; if the network is External, a remark says that the gateway has a public"
        " address. In the v2 tiers, External fails, because it concerns only outgoing connections. Outside a virtual"
        " network, SecuredByPerimeter passes with a remark, or fails if `accept_perimeter` is off. If"
        " `publicNetworkAccess` is absent, it counts as on. The tiers Consumption and Basic v2, which have"
        " neither private endpoints nor virtual networks, are not applicable.",
        why="If every network can reach the gateway, a stolen subscription key is enough to call its APIs.",
        severity=Severity.MEDIUM,
        labels={"virtualNetworkType": "Virtual network"},
        empty_reason=NONE,
        judge=_network,
        parameters=(ACCEPT_PERIMETER,),
        references=References(mcsb="NS-2", nist="AC-4 SC-7 SC-7(3)"),
        fix=Fix(
            advice(
                "First create a private endpoint for every network that needs the service, and wait until"
                " the endpoint is approved."
            ),
            command(
                "az apim update --resource-group {group} --name {apim} --public-network-access false"
                " --subscription {subscription}"
            ),
            portal=f"{PORTAL} Network › Private endpoint connections › + Add endpoint",
            portal_source=f"{LEARN}/private-endpoint",
            cost="Azure bills a private endpoint by the hour and by the amount of data.",
            # https://learn.microsoft.com/azure/api-management/private-endpoint#limitations
            effects="Clients that do not use a private endpoint can no longer call the APIs. Private endpoints serve"
            " only the gateway: the developer portal stays public.",
            variables=[APIM],
        ),
    ),
    SettingControl(
        "apim-direct-management",
        title="The direct management API of API Management is off",
        problem="Direct management API of API Management is on",
        expected="The direct management API is off",
        judged="`enabled` of the management access of each service. Absent counts as off. The tiers Consumption,"
        " Basic v2, Standard v2 and Premium v2 are not applicable. A remark says if the access to the Git repository"
        " of the service, for which Microsoft ended support too, is still on.",
        why="Calls to the direct management API bypass Azure’s roles, the activity log and the rate limits.",
        severity=Severity.MEDIUM,
        empty_reason=NONE,
        judge=_direct_management,
        needs=(APIM_ACCESS,),
        references=References(mcsb="PV-2"),
        fix=Fix(
            command(
                "az rest --method patch --url {id}/tenant/access --url-parameters api-version=2024-05-01"
                " --headers 'If-Match=*' --body {body}",
                bodies={"body": {"properties": {"enabled": False}}},
            ),
            portal=f"{PORTAL} Deployment + infrastructure › Management API › Enable API Management REST API: No",
            portal_source="https://learn.microsoft.com/rest/api/apimanagement/apimanagementrest/api-management-rest",
            effects="Programs that use the direct management API stop working. They can use Azure Resource Manager"
            " instead.",
            variables=[APIM],
        ),
    ),
    SettingControl(
        "apim-named-values",
        title="Secrets of API Management are in a key vault",
        problem="API Management service stores secrets itself",
        expected="Every named value that is a secret refers to a key vault",
        judged="`secret` and `keyVault.secretIdentifier` of all named values of each service. The finding names those"
        " that are secret and refer to no key vault; Surety stores no values. A service without named values passes."
        " Named values of workspaces are not read.",
        why="Secrets outside a key vault are easily forgotten in a rotation, and no log says who read them.",
        severity=Severity.MEDIUM,
        labels={"namedValues": "Secrets without a key vault"},
        empty_reason=NONE,
        judge=_named_values,
        needs=(APIM_NAMED_VALUES,),
        references=References(mcsb="IM-8 DP-6", nist="IA-5*"),
        fix=Fix(
            advice(
                "Store each secret in a key vault, give the service’s managed identity access to it, and let the named"
                " value refer to the key vault."
            ),
            portal=f"{PORTAL} APIs › Named values › Value type: Key vault",
            portal_source=f"{LEARN}/api-management-howto-properties",
            effects="Policies fail if the managed identity has no access to the key vault.",
            variables=[APIM],
        ),
    ),
    SettingControl(
        "apim-subscription-scope",
        title="Subscriptions of API Management are limited to products or APIs",
        problem="API Management subscription for all APIs",
        expected="No active subscription of API Management, except the built-in one, gives access to all APIs",
        judged="`state` and `scope` of all subscriptions of each service. An active subscription for all APIs fails,"
        " except the built-in one (`master`). The finding names the subscriptions. Subscriptions of workspaces are not"
        " read.",
        why="Anyone with the key of such a subscription can call every API, including those added later.",
        severity=Severity.LOW,
        labels={"apiSubscriptions": "Subscriptions for all APIs"},
        empty_reason=NONE,
        judge=_subscription_scope,
        needs=(APIM_SUBSCRIPTIONS,),
        references=References(mcsb="PA-7", nist="AC-6*"),
        fix=Fix(
            advice(
                "For each client, create a subscription that is limited to one product or one API. Then cancel the old"
                " subscription."
            ),
            portal=f"{PORTAL} Subscriptions › Add subscription",
            portal_source=f"{LEARN}/api-management-howto-create-subscriptions",
            effects="Clients need a new key.",
            variables=[APIM],
        ),
    ),
)
