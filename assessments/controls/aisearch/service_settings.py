"""Controls of the network and keys of Azure AI Search services.

Properties: search/resource-manager/Microsoft.Search/Search/stable/2025-05-01/search.json (SearchServiceProperties).
Firewall: https://learn.microsoft.com/azure/search/service-configure-firewall
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from assessments.controls.context import Context
from assessments.controls.references import References
from assessments.controls.settings import Remark, SettingControl, declare_settings
from assessments.controls.shared.rules import (
    ACCEPT_FIREWALL,
    ACCEPT_PERIMETER,
    ONLY_PRIVATE_ENDPOINT_VARIABLES,
    PRIVATE_ENDPOINT_COST,
    PRIVATE_ENDPOINT_EFFECTS,
    Firewall,
    local_accounts_off,
    private_endpoint,
    private_endpoint_steps,
    public_access_limited,
)
from assessments.controls.verdict import Outcome, Severity, Verdict, failed, not_applicable
from assessments.estate.collections.aisearch import SEARCH_SERVICES
from assessments.estate.view import View
from assessments.fixes.declare import Fix, advice, command
from assessments.fixes.variables import Variable, segment

# `az search service update` of azure-cli 2.91.0 reads the service, and sends back all properties that azure-cli knows.
# It leaves out user-assigned identities and `networkRuleSet.bypass`. It also sends `authOptions` together with
# `disableLocalAuth`, which Azure refuses: “AuthOptions must be null if DisableLocalAuth is true”. So the fixes send
# only the setting that they change.
_PATCH: Final = "az rest --method patch --url {id} --url-parameters api-version=2025-05-01 --body {body}"
_PORTAL: Final = "Azure portal › AI Search › {search} › Settings ›"
_LEARN: Final = "https://learn.microsoft.com/azure/search"
_NONE: Final = "No Azure AI Search services"
SEARCH: Final = Variable(
    "search", "Name of the search service", "srch-shop", "the search service", segment("searchServices")
)


_SMALL: Final = Remark(
    "The tier Free has no firewall and no private endpoints: to limit access, choose a larger tier",
    lambda service, _: str(service.raw("sku.name")).casefold() == "free",
)


def _is_free(service: View) -> bool:
    return service.text("sku.name").casefold() == "free"


def _firewall(service: View, ctx: Context) -> View | None:
    properties = service.object("properties")
    return properties.object("networkRuleSet") if properties.has("networkRuleSet") else None


_LIMITED: Final = public_access_limited(
    failed("Public network access is on, because the setting is absent", publicNetworkAccess=None),
    Firewall(_firewall, has_default_action=False),
)


def _public_access(service: View, ctx: Context) -> Verdict:
    verdict = _LIMITED(service, ctx)
    if verdict.outcome is Outcome.FAIL and _SMALL.when(service, ctx):
        return replace(verdict, remarks=(*verdict.remarks, _SMALL.text))
    return verdict


def _endpoint(service: View, ctx: Context) -> Verdict:
    if _is_free(service):
        return not_applicable("The tier Free has no private endpoints")
    return private_endpoint(service, ctx)


CONTROLS = declare_settings(
    __name__,
    SEARCH_SERVICES,
    SettingControl(
        "aisearch-pna",
        title="Azure AI Search services are not open to the Internet",
        problem="Azure AI Search service reachable from public networks",
        expected="Public network access is off, or a firewall or perimeter limits it",
        judged="`publicNetworkAccess` and `networkRuleSet` of each search service. Disabled passes. SecuredByPerimeter"
        " passes with a remark, or fails if `accept_perimeter` is off. With Enabled, the service needs IP rules, which"
        " together must allow fewer than 2^24 addresses; if `accept_firewall` is off, this fails too. If"
        " `publicNetworkAccess` is absent, it counts as Enabled.",
        why="If every network can reach the service, a stolen key is enough to read all indexes.",
        severity=Severity.HIGH,
        empty_reason=_NONE,
        judge=_public_access,
        parameters=(ACCEPT_PERIMETER, ACCEPT_FIREWALL),
        references=References(mcsb="NS-2", nist="AC-4 SC-7 SC-7(3)"),
        fix=Fix(
            advice("First create a private endpoint for every network that needs the service."),
            command(_PATCH, bodies={"body": {"properties": {"publicNetworkAccess": "disabled"}}}),
            portal=f"{_PORTAL} Networking › Firewalls and virtual networks › Disabled",
            portal_source=f"{_LEARN}/service-create-private-endpoint",
            effects="Only clients that use a private endpoint can still reach the service; the Azure portal no"
            " longer shows indexes.",
            variables=[SEARCH],
        ),
    ),
    SettingControl(
        "aisearch-pe",
        title="Azure AI Search services are used over private endpoints",
        problem="Azure AI Search service without a private endpoint",
        expected="A private endpoint is approved",
        judged="`privateEndpointConnections` of each search service. Passes if one connection is approved and usable."
        " Services of the tier Free are not applicable, because they have no private endpoints.",
        why="Without a private endpoint, clients reach the service at a public address, where attackers"
        " can try stolen keys.",
        severity=Severity.LOW,
        empty_reason=_NONE,
        judge=_endpoint,
        references=References(mcsb="NS-2", nist="AC-4 AC-17 AC-17(1) SC-7 SC-7(3)"),
        fix=Fix(
            *private_endpoint_steps("searchService", is_only=True),
            portal=f"{_PORTAL} Networking › Private endpoint connections",
            portal_source=f"{_LEARN}/service-create-private-endpoint",
            cost=PRIVATE_ENDPOINT_COST,
            effects=PRIVATE_ENDPOINT_EFFECTS,
            variables=[SEARCH, *ONLY_PRIVATE_ENDPOINT_VARIABLES],
        ),
    ),
    SettingControl(
        "aisearch-local-auth",
        title="Azure AI Search services refuse keys",
        problem="Azure AI Search service accepts keys",
        expected="Only accounts of Microsoft Entra ID are accepted",
        judged="`disableLocalAuth` of each search service. If the property is absent, keys are accepted. A service that"
        " accepts keys and accounts of Microsoft Entra ID fails too.",
        why="Anyone with a key can read and change all indexes, and no log shows who it was.",
        severity=Severity.MEDIUM,
        empty_reason=_NONE,
        judge=local_accounts_off(),
        references=References(mcsb="IM-1", nist="AC-2 AC-3 IA-2 IA-4"),
        fix=Fix(
            # In the portal, the setting “Both” accepts keys and roles:
            # https://learn.microsoft.com/azure/search/search-security-enable-roles
            advice(
                "If the service accepts only API keys, first choose “Both” under “Keys” in the portal. Then give each"
                " client a role, and let the client sign in with Microsoft Entra ID."
            ),
            command(
                _PATCH,
                "Then refuse keys.",
                bodies={"body": {"properties": {"disableLocalAuth": True}}},
            ),
            portal=f"{_PORTAL} Keys › Role-based access control",
            portal_source=f"{_LEARN}/search-security-enable-roles",
            effects="Clients that use a key can no longer connect.",
            variables=[SEARCH],
        ),
    ),
)
