"""Rules that resources of many kinds share: public network access, firewalls and private endpoints."""

from __future__ import annotations

from typing import Final

from assessments.controls.context import Context
from assessments.controls.declare import Parameter, SubjectRule
from assessments.controls.verdict import Outcome, Verdict, failed, passed
from assessments.estate.storage_rules import IPV4_RULES, rules_for_the_internet
from assessments.estate.view import Unreadable, View
from assessments.fixes.declare import Cli, command
from assessments.fixes.variables import EXAMPLE_GUID, Variable

ACCEPT_PERIMETER: Final = Parameter(
    "accept_perimeter", True, "Accept that a network security perimeter decides who can reach the resource"
)
ACCEPT_FIREWALL: Final = Parameter(
    "accept_firewall", True, "Accept public network access if a firewall lets only listed networks in"
)
_ACCESS: Final = frozenset({"enabled", "disabled", "securedbyperimeter"})
# The states of a connection: https://learn.microsoft.com/azure/private-link/manage-private-endpoint
_STATES: Final = frozenset({"approved", "pending", "rejected", "disconnected"})
_READY: Final = frozenset({"", "succeeded", "ready"})
# `provisioningState` of connections, in the specifications of the resources that have them.
_NOT_READY: Final = frozenset(
    {"approving", "canceled", "creating", "deleting", "disconnected", "dropping", "failed", "incomplete", "rejecting",
     "updating"}
)  # fmt: skip


def public_access_off(absent: Verdict | None) -> SubjectRule:
    """Return the rule that `publicNetworkAccess` is off. The control needs the parameter ACCEPT_PERIMETER.

    `absent`: the verdict if the property is absent or null; None: the verdict is unknown.
    """

    def rule(resource: View, ctx: Context) -> Verdict:
        properties = resource.object("properties")
        setting = properties.raw("publicNetworkAccess")
        if absent is not None and not properties.has("publicNetworkAccess"):
            return absent
        access = properties.choice("publicNetworkAccess", _ACCESS)
        if access == "disabled":
            return passed("Public network access is off", publicNetworkAccess=setting)
        if access == "enabled":
            return failed("Public network access is on", publicNetworkAccess=setting)
        if not ctx.params[ACCEPT_PERIMETER.name]:
            return failed(
                "A network security perimeter decides who can reach the resource", publicNetworkAccess=setting
            )
        return passed(
            "Only the network security perimeter lets public networks in",
            remarks=[
                (
                    "Whether the perimeter enforces its rules is not checked here: in transition mode, the resource's"
                    " own rules apply too"
                )
            ],
            publicNetworkAccess=setting,
        )

    return rule


def public_access_limited(absent: Verdict | None, rules: str) -> SubjectRule:
    """Return the rule that `publicNetworkAccess` is off, or that a firewall lets only listed networks in.

    The control needs the parameters ACCEPT_PERIMETER and ACCEPT_FIREWALL. `absent`: as for `public_access_off`. `rules`
    is the property with the rules of the firewall (`defaultAction`, `ipRules`); without it, the firewall is off.
    """
    closed = public_access_off(absent)

    def rule(resource: View, ctx: Context) -> Verdict:
        verdict = closed(resource, ctx)
        access = verdict.observed["publicNetworkAccess"]
        by_perimeter = access is not None and access.casefold() == "securedbyperimeter"
        if verdict.outcome is not Outcome.FAIL or by_perimeter:
            return verdict
        firewall = resource.object("properties").object(rules, default={"defaultAction": "Allow"})
        action = firewall.text("defaultAction")
        if firewall.choice("defaultAction", {"allow", "deny"}) == "allow":
            return failed(
                "Public network access is on, and no firewall limits it",
                publicNetworkAccess=access,
                defaultAction=action,
            )
        if wide := rules_for_the_internet(firewall, IPV4_RULES):
            return failed(
                "The rules of the firewall let the Internet in",
                publicNetworkAccess=access,
                defaultAction=action,
                rules=wide,
            )
        if not ctx.params[ACCEPT_FIREWALL.name]:
            return failed(
                "A firewall limits public network access, but does not switch it off",
                publicNetworkAccess=access,
                defaultAction=action,
            )
        return passed(
            "The firewall refuses networks that it does not list",
            publicNetworkAccess=access,
            defaultAction=action,
        )

    return rule


def private_endpoint(resource: View, ctx: Context) -> Verdict:
    """Pass if at least one connection of a private endpoint is approved. Without the property there is none."""
    states: list[str] = []
    problem: Unreadable | None = None
    for connection in resource.object("properties").items("privateEndpointConnections", default=[]):
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
    """Return the command that creates a private endpoint. `group` names the services that can be chosen.

    The control needs the variables of `private_endpoint_variables`. With `is_only`, `group` is the only service, so
    that nobody has to choose: the control then needs ONLY_PRIVATE_ENDPOINT_VARIABLES.
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
    """Return the variables of `private_endpoint_steps`. `service` is one of the services, as an example."""
    return (
        *ONLY_PRIVATE_ENDPOINT_VARIABLES,
        Variable("service", "Service that the private endpoint serves", service),
    )


PRIVATE_ENDPOINT_COST: Final = "Azure bills a private endpoint by the hour and by the amount of data."
PRIVATE_ENDPOINT_EFFECTS: Final = (
    "Clients reach the resource through the private endpoint only if their DNS resolves its name to the private"
    " address: a private DNS zone has to be linked to their network."
)
