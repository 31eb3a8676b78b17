"""Controls of namespaces of Service Bus and Event Hubs, which have the same settings.

Properties: servicebus/resource-manager/Microsoft.ServiceBus/stable/2024-01-01/servicebus.json (SBNamespaceProperties,
NetworkRuleSetProperties). When a firewall applies:
https://learn.microsoft.com/azure/service-bus-messaging/service-bus-ip-filtering. Both services refuse TLS before 1.2:
https://learn.microsoft.com/azure/service-bus-messaging/transport-layer-security-configure-minimum-version and
https://learn.microsoft.com/azure/event-hubs/transport-layer-security-enforce-minimum-version
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

from assessments.controls.context import Context
from assessments.controls.declare import Control, SubjectRule
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
    private_endpoint_listed,
    private_endpoint_steps,
    public_access_limited,
)
from assessments.controls.verdict import Outcome, Severity, Verdict, failed, passed
from assessments.estate.collection import Collection
from assessments.estate.view import View
from assessments.fixes.declare import Fix, PortalPath, advice, command
from assessments.fixes.variables import Variable, segment

_TIERS: Final = frozenset({"basic", "standard", "premium"})
_ACCESS: Final = frozenset({"enabled", "disabled", "securedbyperimeter"})
_VERSIONS: Final = {"1.0": False, "1.1": False, "1.2": True, "1.3": True}
"""The minimum versions of TLS, and whether the control accepts them."""
# The first version of the API that shows the minimum version of TLS.
_SHOWS_TLS: Final = "2024-01-01"


@dataclass(frozen=True, slots=True)
class Service:
    """The texts and tiers in which the controls of Service Bus and of Event Hubs differ.

    - `section`: the beginning of the slugs
    - `name`: the name of the service
    - `az`: the service's command group in the Azure CLI
    - `without_network_rules`: the tiers, in lower case, that have neither a firewall nor private endpoints
    - `small`: the remark on failing namespaces of such a tier: what the tier cannot do
    - `no_endpoints`: the verdict on namespaces of such a tier in the control of private endpoints
    - `larger_tier`: the first step of a fix: leave such a tier
    - `pna`, `pe`, `tls`, `local_auth`: paths in the Azure portal
    - `clients`: says which clients can no longer connect when keys are refused
    - `closed`: says which clients can no longer connect when public network access is off
    - `example`: an example of a namespace's name
    """

    section: str
    name: str
    namespaces: Collection
    firewalls: Collection
    endpoints: Collection
    az: str
    without_network_rules: frozenset[str]
    small: Remark
    no_endpoints: Verdict
    larger_tier: str
    pna: PortalPath
    pe: PortalPath
    tls: PortalPath
    local_auth: PortalPath
    clients: str
    closed: str
    example: str

    def find_firewall(self, namespace: View, ctx: Context) -> View | None:
        """Return the firewall of a namespace, or None if the namespace has no firewall. Raise CollectionUnavailable if
        needed data could not be read.
        """
        found = ctx.single(self.firewalls, namespace.id)
        return found.object("properties") if found is not None else None

    def has_network_rules(self, namespace: View) -> bool:
        """Return whether the tier of a namespace has a firewall and private endpoints. Raise Unreadable if a needed
        property cannot be read.
        """
        return namespace.choice("sku.name", _TIERS) not in self.without_network_rules


def tier_is(*tiers: str) -> Callable[[View, Context], bool]:
    """Return a function that tells whether the tier of a namespace is one of `tiers`, which are in lower case. The
    function returns False if Azure does not state the tier.
    """
    return lambda namespace, ctx: str(namespace.raw("sku.name")).casefold() in tiers


def _by_firewall(service: Service) -> SubjectRule:
    """Return the rule for namespaces without the property `publicNetworkAccess`. The namespace's firewall has a
    property with the same name, which decides instead.
    """

    def rule(namespace: View, ctx: Context) -> Verdict:
        rules = service.find_firewall(namespace, ctx)
        setting = rules.raw("publicNetworkAccess") if rules is not None else None
        known = rules is not None and rules.has("publicNetworkAccess")
        access = rules.choice("publicNetworkAccess", _ACCESS) if rules is not None and known else "enabled"
        if access == "enabled":
            return failed("Public network access is on", publicNetworkAccess=setting)
        return passed("Public network access is off", publicNetworkAccess=setting)

    return rule


def _public_access(service: Service) -> SubjectRule:
    limited = public_access_limited(
        _by_firewall(service), Firewall(service.find_firewall, address="ipMask", needs_rules=True)
    )

    def rule(namespace: View, ctx: Context) -> Verdict:
        verdict = limited(namespace, ctx)
        if verdict.outcome is Outcome.FAIL and service.small.when(namespace, ctx):
            return replace(verdict, remarks=(*verdict.remarks, service.small.text))
        return verdict

    return rule


def _endpoint(service: Service) -> SubjectRule:
    listed = private_endpoint_listed(service.endpoints)

    def rule(namespace: View, ctx: Context) -> Verdict:
        if not service.has_network_rules(namespace):
            return service.no_endpoints
        return listed(namespace, ctx)

    return rule


def _min_tls(namespace: View, ctx: Context) -> Verdict:
    properties = namespace.object("properties")
    version = properties.raw("minimumTlsVersion")
    if not properties.has("minimumTlsVersion"):
        if namespace.document.api_version[:10] < _SHOWS_TLS:
            raise properties.unreadable("minimumTlsVersion", "absent")
        return passed("The service refuses TLS before 1.2 by default", minimumTlsVersion=None)
    if _VERSIONS[properties.choice("minimumTlsVersion", _VERSIONS)]:
        return passed("Connections need TLS 1.2 or newer", minimumTlsVersion=version)
    return failed(
        "The namespace allows TLS before 1.2",
        remarks=["The service itself no longer accepts these versions"],
        minimumTlsVersion=version,
    )


def namespace_controls(module: str, service: Service) -> tuple[Control, ...]:
    """Return the controls of the namespaces of a service. `module` is the caller's `__name__`."""
    namespace = Variable(
        "namespace", "Name of the namespace", service.example, "the namespace", segment("namespaces")
    )
    update = f"{service.az} update --resource-group {{group}} --name {{namespace}}"
    none = f"No {service.name} namespace"
    subscription = " --subscription {subscription}"
    return declare_settings(
        module,
        service.namespaces,
        SettingControl(
            f"{service.section}-pna",
            title=f"{service.name} namespaces are not open to the Internet",
            problem=f"{service.name} namespace reachable from public networks",
            expected="Public network access is off, or a firewall or perimeter limits it",
            judged="`publicNetworkAccess` of each namespace and, if it is absent, of its network rule set. Disabled"
            " passes. SecuredByPerimeter passes with a remark, or fails if `accept_perimeter` is off. With Enabled, the"
            " default action of the rule set must be Deny, and its IP rules together must allow fewer than 2^24"
            " addresses; if `accept_firewall` is off, this fails too. Azure enforces Deny only if the rule set has a"
            " rule.",
            why="If every network can reach the namespace, a stolen key is enough to read and send messages.",
            severity=Severity.MEDIUM,
            empty_reason=none,
            judge=_public_access(service),
            needs=(service.firewalls,),
            parameters=(ACCEPT_PERIMETER, ACCEPT_FIREWALL),
            references=References(mcsb2="NS-2", nist="AC-4* SC-7*"),
            fix=Fix(
                advice(service.larger_tier),
                command(
                    f"{update} --public-network-access Disabled{subscription}",
                    "Create a private endpoint for every network that needs the namespace. Then refuse public"
                    " networks.",
                ),
                portal=service.pna.path,
                portal_source=service.pna.source,
                cost="Larger tiers and private endpoints are billed by the hour.",
                effects=service.closed,
                variables=[namespace],
            ),
        ),
        SettingControl(
            f"{service.section}-pe",
            title=f"{service.name} namespaces are used over a private endpoint",
            problem=f"{service.name} namespace without a private endpoint",
            expected="At least one private endpoint is approved",
            judged="The private endpoint connections of each namespace. Passes if one connection is approved and"
            " usable. Connections that are pending, rejected or disconnected do not count. Tiers without private"
            " endpoints are not applicable.",
            why="Without a private endpoint, clients reach the service at a public address, where"
            " attackers can try stolen credentials.",
            severity=Severity.LOW,
            empty_reason=none,
            judge=_endpoint(service),
            needs=(service.endpoints,),
            references=References(mcsb2="NS-2", nist="AC-4 AC-17 AC-17(1) SC-7 SC-7(3)"),
            fix=Fix(
                *private_endpoint_steps("namespace", is_only=True),
                portal=service.pe.path,
                portal_source=service.pe.source,
                cost=PRIVATE_ENDPOINT_COST,
                effects=PRIVATE_ENDPOINT_EFFECTS,
                variables=[namespace, *ONLY_PRIVATE_ENDPOINT_VARIABLES],
            ),
        ),
        SettingControl(
            f"{service.section}-tls",
            title=f"{service.name} namespaces require TLS 1.2",
            problem=f"{service.name} namespace allows old versions of TLS",
            expected="The minimum version is TLS 1.2 or newer",
            judged="`minimumTlsVersion` of each namespace. An absent version passes, because the service itself refuses"
            " TLS before 1.2. An older version fails nevertheless, with a remark that the service no longer accepts"
            " it. In clouds whose API does not show the setting yet, an absent version makes the verdict unknown.",
            why="TLS 1.0 and 1.1 have known weaknesses, with which attackers can decrypt or change the traffic.",
            severity=Severity.MEDIUM,
            empty_reason=none,
            judge=_min_tls,
            expects={"minimumTlsVersion": ("1.2", "1.3", None)},
            references=References(mcsb="DP-3*", nist="SC-8* SC-8(1)*"),
            fix=Fix(
                command(f"{update} --minimum-tls-version 1.2{subscription}"),
                portal=service.tls.path,
                portal_source=service.tls.source,
                effects="Clients that know only TLS 1.0 or 1.1 can no longer connect.",
                variables=[namespace],
            ),
        ),
        SettingControl(
            f"{service.section}-local-auth",
            title=f"{service.name} namespaces refuse keys",
            problem=f"{service.name} namespace accepts keys",
            expected="Clients sign in with Microsoft Entra ID; shared access signatures are refused",
            judged="`disableLocalAuth` of each namespace. If the property is absent, keys are accepted.",
            why="A key does not show who uses it, does not expire, and Conditional Access does not apply to it.",
            severity=Severity.MEDIUM,
            empty_reason=none,
            judge=local_accounts_off(),
            references=References(mcsb="IM-1*", nist="IA-2*"),
            fix=Fix(
                advice("First let every client sign in with Microsoft Entra ID."),
                command(f"{update} --disable-local-auth true{subscription}"),
                portal=service.local_auth.path,
                portal_source=service.local_auth.source,
                effects=service.clients,
                variables=[namespace],
            ),
        ),
    )
