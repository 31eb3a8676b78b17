"""Rules for resources of many kinds. The rules are about public network access, firewalls, private endpoints and local
accounts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from assessments.controls.context import Context
from assessments.controls.declare import Parameter, SubjectRule
from assessments.controls.verdict import Outcome, Verdict, failed, passed
from assessments.estate.collection import Collection
from assessments.estate.services.storage_rules import IPV4_RULES, rules_for_the_internet
from assessments.estate.view import Unreadable, View
from assessments.fixes.declare import Cli, command
from assessments.fixes.variables import EXAMPLE_GUID, Variable

ACCEPT_PERIMETER: Final = Parameter(
    "accept_perimeter",
    True,
    "Accept that a network security perimeter decides who can reach the resource",
    label="Accept a network security perimeter",
)
ACCEPT_FIREWALL: Final = Parameter(
    "accept_firewall",
    True,
    "Accept public network access if a firewall lets only listed networks in",
    label="Accept a firewall",
)
_ACCESS: Final = frozenset({"enabled", "disabled", "securedbyperimeter"})
# The states of a private endpoint connection: https://learn.microsoft.com/azure/private-link/manage-private-endpoint
_STATES: Final = frozenset({"approved", "pending", "rejected", "disconnected"})
_READY: Final = frozenset({"", "succeeded", "ready"})
# The values of `provisioningState` of private endpoint connections that are not ready, from the specifications of all
# resource types with such connections.
_NOT_READY: Final = frozenset(
    {"approving", "canceled", "creating", "deleting", "disconnected", "dropping", "failed", "incomplete", "rejecting",
     "updating"}
)  # fmt: skip


type Absent = Verdict | SubjectRule | None
"""The verdict if a property is absent or null, or a rule that gives this verdict. None means that the verdict is
unknown.
"""


def public_access_off(absent: Absent) -> SubjectRule:
    """Return a rule that passes if `publicNetworkAccess` is off. A control with this rule needs the parameter
    ACCEPT_PERIMETER.

    If the property is absent or null, `absent` decides. Its verdict must have the observed value
    `publicNetworkAccess`.
    """

    def rule(resource: View, ctx: Context) -> Verdict:
        properties = resource.object("properties")
        setting = properties.raw("publicNetworkAccess")
        if absent is not None and not properties.has("publicNetworkAccess"):
            return absent if isinstance(absent, Verdict) else absent(resource, ctx)
        access = properties.choice("publicNetworkAccess", _ACCESS)
        if access == "disabled":
            return passed("Public network access is off", publicNetworkAccess=setting)
        if access == "enabled":
            return failed("Public network access is on", publicNetworkAccess=setting)
        if not ctx.params[ACCEPT_PERIMETER.name]:
            return failed(
                "A network security perimeter decides who can reach the resource, but the control’s parameters do"
                " not accept a perimeter",
                publicNetworkAccess=setting,
            )
        # If the setting is SecuredByPerimeter, the resource's own network rules never apply, whatever the access mode
        # of the perimeter: https://learn.microsoft.com/azure/private-link/network-security-perimeter-transition
        return passed(
            "Only the network security perimeter lets public networks in",
            remarks=["Which networks the perimeter lets in is not checked here"],
            publicNetworkAccess=setting,
        )

    return rule


@dataclass(frozen=True, slots=True)
class Firewall:
    """Where the firewall rules of a resource are, and when they apply.

    - `find`: returns the object with `defaultAction`, `ipRules` and `virtualNetworkRules`, or None if there is no such
      object; then the firewall is off
    - `address`: the name of the property that contains the address or network of an IP rule
    - `has_default_action`: if False, the firewall has no `defaultAction`, and is on as soon as it has an IP rule
    - `needs_rules`: if True, the default action Deny has an effect only if there is at least one rule
    """

    find: Callable[[View, Context], View | None]
    address: str = "value"
    has_default_action: bool = True
    needs_rules: bool = False

    def is_on(self, rules: View) -> bool:
        """Return whether the firewall is on, so that it lets in only the networks that its rules list. Raise Unreadable
        if a needed property cannot be read.
        """
        has_ip_rules = bool(rules.items("ipRules", default=[]))
        if not self.has_default_action:
            return has_ip_rules
        if rules.choice("defaultAction", {"allow", "deny"}) == "allow":
            return False
        return not self.needs_rules or has_ip_rules or bool(rules.items("virtualNetworkRules", default=[]))


def firewall_in(path: str) -> Callable[[View, Context], View]:
    """Return a function for `Firewall.find`. It returns the object at `path` below `properties` or, if there is none, a
    firewall that lets every network in.
    """

    def find(resource: View, ctx: Context) -> View:
        return resource.object("properties").object(path, default={"defaultAction": "Allow"})

    return find


def public_access_limited(absent: Absent, firewall: Firewall | str) -> SubjectRule:
    """Return a rule that passes if `publicNetworkAccess` is off or a firewall lets only listed networks in.

    A control with this rule needs the parameters ACCEPT_PERIMETER and ACCEPT_FIREWALL. `absent` has the same meaning as
    in `public_access_off`. `firewall` is a `Firewall`, or the path of an object with `defaultAction` and `ipRules`
    below `properties`.
    """
    closed = public_access_off(absent)
    declared = Firewall(firewall_in(firewall)) if isinstance(firewall, str) else firewall

    def rule(resource: View, ctx: Context) -> Verdict:
        verdict = closed(resource, ctx)
        access = verdict.observed["publicNetworkAccess"]
        by_perimeter = isinstance(access, str) and access.casefold() == "securedbyperimeter"
        if verdict.outcome is not Outcome.FAIL or by_perimeter:
            return verdict
        rules = declared.find(resource, ctx)
        observed: dict[str, Any] = {"publicNetworkAccess": access}
        if declared.has_default_action:
            observed["defaultAction"] = rules.raw("defaultAction") if rules is not None else None
        if rules is None or not declared.is_on(rules):
            return failed("Public network access is on, and no firewall limits it", **observed)
        if wide := rules_for_the_internet(rules, IPV4_RULES, declared.address):
            return failed("The rules of the firewall let the Internet in", **observed, rules=wide)
        if not ctx.params[ACCEPT_FIREWALL.name]:
            return failed("A firewall limits public network access, but does not switch it off", **observed)
        return passed("The firewall refuses networks that it does not list", **observed)

    return rule


def private_endpoint(resource: View, ctx: Context) -> Verdict:
    """Pass if at least one private endpoint connection of the resource is approved. An absent
    `privateEndpointConnections` means that there are no connections.
    """
    return judge_connections(resource.object("properties").items("privateEndpointConnections", default=[]))


def private_endpoint_for(service: str, *others: str) -> SubjectRule:
    """Return a rule that passes if at least one approved private endpoint connection of the resource is for `service`.

    A connection names its services in `groupIds`. A connection that names no service counts, because it may be for
    `service`. `others` are the names of all other known services, in lower case. If no connection makes the rule pass,
    but a connection names an unknown service, the verdict is unknown.
    """

    def rule(resource: View, ctx: Context) -> Verdict:
        serving, is_unclear = [], False
        problem: Unreadable | None = None
        for connection in resource.object("properties").items("privateEndpointConnections", default=[]):
            properties = connection.object("properties")
            groups = {group.casefold() for group in properties.texts("groupIds", default=[])}
            if not groups or service in groups:
                serving.append(connection)
                is_unclear = is_unclear or not groups
            elif new := sorted(groups.difference(others)):
                problem = problem or properties.unknown_value("groupIds", new[0])
        verdict = judge_connections(serving)
        if problem is not None and verdict.outcome is not Outcome.PASS:
            raise problem
        return verdict if is_unclear else replace(verdict, remarks=())

    return rule


def private_endpoint_listed(connections: Collection) -> SubjectRule:
    """Return a rule that passes if at least one private endpoint connection in the collection `connections` is
    approved. The control must name this collection in `needs`.
    """

    def rule(resource: View, ctx: Context) -> Verdict:
        resource.object("properties")
        return judge_connections(ctx.documents_at(connections, resource.id))

    return rule


def judge_connections(connections: Iterable[View]) -> Verdict:
    """Pass if at least one of these private endpoint connections is approved and usable. Raise Unreadable if a needed
    property cannot be read.
    """
    states: list[str] = []
    problem: Unreadable | None = None
    for connection in connections:
        try:
            state, is_usable = _state(connection)
        except Unreadable as error:
            problem = problem or error
            continue
        if is_usable:
            return passed(
                "A private endpoint is approved",
                remarks=["Which service of the resource the private endpoint serves is not checked"],
                privateEndpoints=[state],
            )
        states.append(state)
    if problem is not None:
        raise problem
    if states:
        return failed("No private endpoint is approved", privateEndpoints=sorted(states))
    return failed("The resource has no private endpoint", privateEndpoints=[])


def _state(connection: View) -> tuple[str, bool]:
    """Return the state of a connection, as Azure spells it, and whether the connection is usable."""
    properties = connection.object("properties")
    state = properties.object("privateLinkServiceConnectionState")
    if state.choice("status", _STATES) != "approved":
        return state.text("status"), False
    provisioning = properties.choice("provisioningState", _READY | _NOT_READY, default="")
    return state.text("status"), provisioning in _READY


def private_endpoint_steps(group: str, *, is_only: bool = False) -> tuple[Cli, ...]:
    """Return the command that creates a private endpoint.

    - If `is_only` is True, `group` is the service, and the fix must declare ONLY_PRIVATE_ENDPOINT_VARIABLES.
    - Otherwise, `group` is a text that names the services. The person who runs the command chooses one, so the fix must
      declare `private_endpoint_variables`.
    """
    return (
        command(
            "az network private-endpoint create --resource-group {group} --name {endpoint} --subnet {subnet_id}"
            f" --private-connection-resource-id {{id}} --group-id {group if is_only else '{service}'}"
            " --connection-name {endpoint} --subscription {subscription}",
            "Create a private endpoint."
            if is_only
            else f"Create a private endpoint. Services that it can serve: {group}.",
        ),
    )


ONLY_PRIVATE_ENDPOINT_VARIABLES: Final = (
    Variable("endpoint", "Name of the new private endpoint", "pe-shop"),
    Variable(
        "subnet_id",
        "Full id of the subnet for the private endpoint",
        f"/subscriptions/{EXAMPLE_GUID}/resourceGroups/rg-network/providers"
        "/Microsoft.Network/virtualNetworks/vnet-hub/subnets/endpoints",
    ),
)


def private_endpoint_variables(service: str) -> tuple[Variable, ...]:
    """Return the variables of `private_endpoint_steps`. `service` is the example value of the variable “service”."""
    return (
        *ONLY_PRIVATE_ENDPOINT_VARIABLES,
        Variable("service", "Service that the private endpoint serves", service),
    )


PRIVATE_ENDPOINT_COST: Final = "Azure bills a private endpoint by the hour and by the amount of data."
# https://learn.microsoft.com/azure/dns/private-dns-fallback
PRIVATE_ENDPOINT_EFFECTS: Final = (
    "Clients reach the resource through the private endpoint only if a private DNS zone resolves its name to the"
    " private address. The zone has to be linked to the clients’ network. Clients in that network can then no longer"
    " resolve the names of other resources of this kind that have private endpoints elsewhere. To prevent this, add"
    " these names to the zone, or let the zone fall back to the Internet."
)


def local_accounts_off(setting: str = "disableLocalAuth") -> SubjectRule:
    """Return a rule that passes if the property `setting` is true, so that only accounts of Microsoft Entra ID can sign
    in. An absent property fails, because Azure then accepts keys and local accounts.
    """

    def rule(resource: View, ctx: Context) -> Verdict:
        properties = resource.object("properties")
        observed = {setting: properties.raw(setting)}
        if properties.flag(setting, default=False):
            return passed("Keys and local accounts are refused", **observed)
        if observed[setting] is None:
            return failed("Keys or local accounts are accepted, because the setting is absent", **observed)
        return failed("Keys or local accounts are accepted", **observed)

    return rule


def identity_verdicts(has: Verdict, lacks: Verdict) -> Mapping[bool | str, Verdict]:
    """Return {value of `identity.type`: verdict}, for `SettingControl.values`."""
    both = ("SystemAssigned, UserAssigned", "SystemAssigned,UserAssigned")
    return {**dict.fromkeys(("SystemAssigned", "UserAssigned", *both), has), "None": lacks}
