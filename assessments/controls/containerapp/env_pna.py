"""The control containerapp-env-pna: Environments of container apps are not open to the Internet.

Properties: app/resource-manager/Microsoft.App/ContainerApps/stable/2025-07-01 (ManagedEnvironment, VnetConfiguration,
Ingress, IpSecurityRestrictionRule, HttpRouteConfig). Rules of apps:
https://learn.microsoft.com/azure/container-apps/ip-restrictions. HTTP routes, which also lead to apps without external
ingress: https://learn.microsoft.com/azure/container-apps/rule-based-routing
"""

from __future__ import annotations

from typing import Any, Final

from assessments.controls.context import CollectionUnavailable, Context
from assessments.controls.declare import Parameter
from assessments.controls.references import References
from assessments.controls.settings import SettingControl, declare_settings
from assessments.controls.shared.rules import ONLY_PRIVATE_ENDPOINT_VARIABLES, private_endpoint_steps
from assessments.controls.verdict import Severity, Verdict, failed, passed
from assessments.estate.collections.containers import (
    CONTAINER_APPS,
    CONTAINER_ENVIRONMENTS,
    CONTAINER_ROUTES,
)
from assessments.estate.gaps import Reason
from assessments.estate.ids import fold
from assessments.estate.ranges import INTERNET_IPV4, Range, network, ranges, size
from assessments.estate.view import Undecided, Unreadable, View
from assessments.fixes.declare import Fix, advice, command
from assessments.fixes.variables import Variable, segment

ACCEPT_FIREWALL: Final = Parameter(
    "accept_firewall",
    True,
    "Accept a public environment if the rules of its apps let only listed networks in",
    label="Accept a firewall",
)
_ENVIRONMENT: Final = Variable(
    "environment", "Name of the environment", "cae-shop", "the environment", segment("managedEnvironments")
)


def _public_access(environment: View, ctx: Context) -> Verdict:
    properties = environment.object("properties")
    access = properties.raw("publicNetworkAccess")
    network_settings = properties.object("vnetConfiguration", default={})
    observed: dict[str, Any] = {"publicNetworkAccess": access, "internal": network_settings.raw("internal")}
    if properties.has("publicNetworkAccess") and (
        properties.choice("publicNetworkAccess", {"enabled", "disabled"}) == "disabled"
    ):
        return passed("Public network access is off", **observed)
    if network_settings.flag("internal", default=False):
        return passed("The only address of the environment is in its virtual network", **observed)
    return _by_apps(environment, ctx, observed)


def _by_apps(environment: View, ctx: Context, observed: dict[str, Any]) -> Verdict:
    """Judge an environment whose public network access is on. The verdict depends on who can reach the apps of the
    environment.

    Raise CollectionUnavailable if the apps could not be listed, and Unreadable if an app cannot be judged.
    """
    opened: list[str] = []
    limited: list[str] = []
    problem: CollectionUnavailable | Unreadable | None = None
    try:
        routed = _routed(environment, ctx)
    except (CollectionUnavailable, Unreadable) as error:
        routed, problem = frozenset(), error
    unlisted = set(routed)
    for app in ctx.documents(CONTAINER_APPS):
        try:
            if not _is_in(environment, app):
                continue
            unlisted.discard(app.name.casefold())
            if (is_open := _is_open(app, routed)) is not None:
                (opened if is_open else limited).append(app.name)
        except Unreadable as error:
            problem = problem or error
    if opened:
        return failed(
            "The environment is public, and the Internet can reach an app",
            remarks=["HTTP routes of the environment lead to an app that the Internet can reach"]
            if routed & {name.casefold() for name in opened}
            else [],
            **observed,
            publicApps=sorted(opened),
        )
    if problem is not None:
        raise problem
    for name in sorted(unlisted):
        # A route leads to an app that is not in this subscription. The app may be in another subscription.
        raise environment.unlisted("properties", "container app", name)
    if limited and not ctx.params[ACCEPT_FIREWALL.name]:
        return failed(
            "The environment is public, and only the rules of its apps limit who can reach them",
            **observed,
            publicApps=sorted(limited),
        )
    if limited:
        return passed(
            "The rules of the apps let only listed networks in",
            remarks=["The environment is public: a new app without rules would be open to the Internet"],
            **observed,
            publicApps=sorted(limited),
        )
    return passed(
        "No app of the environment accepts traffic from outside",
        remarks=["The environment is public: a new app could be open to the Internet"],
        **observed,
        publicApps=[],
    )


def _routed(environment: View, ctx: Context) -> frozenset[str]:
    """Return the lower-case names of the apps to which HTTP routes of the environment lead. Raise CollectionUnavailable
    if the routes could not be read, and Unreadable if a route is incomplete or invalid.
    """
    try:
        routes = ctx.documents_at(CONTAINER_ROUTES, environment.id)
    except CollectionUnavailable as error:
        # A cloud that offers only older api-versions has no HTTP routes.
        if error.gap.reason is Reason.API_VERSION:
            return frozenset()
        raise
    return frozenset(
        target.text("containerApp").casefold()
        for route in routes
        for rule in route.object("properties").items("rules", default=[])
        for target in rule.items("targets", default=[])
    )


def _is_in(environment: View, app: View) -> bool:
    """Return whether the app is in the environment. Raise Unreadable if the app names no environment."""
    properties = app.object("properties")
    place = "environmentId" if properties.has("environmentId") else "managedEnvironmentId"
    return fold(properties.text(place)) == fold(environment.id)


def _is_open(app: View, routed: frozenset[str]) -> bool | None:
    """Return whether the Internet can reach an app of a public environment. Return None if the app accepts no traffic
    from outside. `routed` is the result of `_routed`. Raise Unreadable if a property that decides this is missing or
    invalid.
    """
    configuration = app.object("properties").object("configuration", default={})
    ingress = configuration.object("ingress", default={})
    # Without ingress, the app has no port to which a route could lead.
    has_route = configuration.has("ingress") and app.name.casefold() in routed
    if not ingress.flag("external", default=False) and not has_route:
        return None
    rules = ingress.items("ipSecurityRestrictions", default=[])
    # All rules of an app have the same action. Deny rules let in every network that they do not name.
    actions = {rule.choice("action", {"allow", "deny"}) for rule in rules}
    if actions != {"allow"} or size(ranges(map(_network, rules))) >= INTERNET_IPV4:
        return True
    if has_route:
        raise Undecided(
            app.id,
            "properties.configuration.ingress.ipSecurityRestrictions",
            "Microsoft does not document whether the rules of an app apply to requests that an HTTP route forwards",
        )
    return False


def _network(rule: View) -> Range:
    value = rule.text("ipAddressRange")
    try:
        version, block = network(value)
    except ValueError:
        version, block = 0, (0, 0)
    if version != 4:
        raise rule.unreadable("ipAddressRange", f"not an IPv4 address or network ({value!r})")
    return block


CONTROLS = declare_settings(
    __name__,
    CONTAINER_ENVIRONMENTS,
    SettingControl(
        "containerapp-env-pna",
        title="Environments of container apps are not open to the Internet",
        problem="Container Apps environment reachable from the Internet",
        expected="Public network access is off, the environment is internal, or no app is open to the Internet",
        judged="`publicNetworkAccess` and `vnetConfiguration.internal` of each environment. Disabled or internal"
        " passes; an absent property counts as Enabled and as not internal. Otherwise its apps decide: apps without"
        " ingress are not reachable. Apps with internal ingress are reachable only if an HTTP route of the environment"
        " leads to them. The environment passes with a remark if no app is reachable, or if the rules of each reachable"
        " app (`ipSecurityRestrictions`) together allow fewer than 2^24 addresses. If `accept_firewall` is off, such"
        " rules are not enough. If a route leads to an app with such rules, the verdict is unknown, because Microsoft"
        " does not document whether the rules apply to routes. Apps in other subscriptions are not read: if a route"
        " leads to one of them, the verdict is unknown.",
        why="If the Internet can reach an app, anyone can try to exploit the weaknesses of the app.",
        severity=Severity.MEDIUM,
        labels={
            "internal": "Only in the virtual network",
            "publicApps": "Apps that accept traffic from outside",
        },
        judge=_public_access,
        needs=(CONTAINER_APPS, CONTAINER_ROUTES),
        parameters=(ACCEPT_FIREWALL,),
        references=References(mcsb2="NS-2", nist="AC-4*"),
        fix=Fix(
            # “To use a private endpoint, you must disable public network access”:
            # https://learn.microsoft.com/azure/container-apps/private-endpoints-with-dns#considerations
            advice(
                "Plan an interruption: Azure accepts private endpoints for the environment only after public network"
                " access is off. An environment without workload profiles cannot have private endpoints: limit its apps"
                " instead, with internal ingress or IP restrictions."
            ),
            # azure-cli 2.91.0 has no option for this property, so the fix sends a request.
            command(
                "az rest --method patch --url {id} --url-parameters api-version=2025-07-01 --body {body}",
                "Switch public network access off.",
                bodies={"body": {"properties": {"publicNetworkAccess": "Disabled"}}},
            ),
            *private_endpoint_steps("managedEnvironments", is_only=True),
            portal="Azure portal › Container Apps Environments › {environment} › Networking",
            portal_source="https://learn.microsoft.com/azure/container-apps/how-to-use-private-endpoint",
            cost="Azure bills a private endpoint by the hour and by the amount of data. With private endpoints, the"
            " environment is also billed for the management of a dedicated plan.",
            effects="Clients cannot reach the apps of the environment until a private endpoint works and their DNS"
            " resolves the names of the apps to the address of this endpoint.",
            variables=[_ENVIRONMENT, *ONLY_PRIVATE_ENDPOINT_VARIABLES],
        ),
    ),
)
