"""The control containerapp-env-pna: Environments of container apps are not open to the Internet.

Properties: app/resource-manager/Microsoft.App/ContainerApps/stable/2025-07-01 (ManagedEnvironment, VnetConfiguration,
Ingress, IpSecurityRestrictionRule). Rules of apps: https://learn.microsoft.com/azure/container-apps/ip-restrictions
"""

from __future__ import annotations

from typing import Any, Final

from assessments.controls.context import Context
from assessments.controls.declare import Parameter
from assessments.controls.references import References
from assessments.controls.settings import SettingControl, declare_settings
from assessments.controls.verdict import Severity, Verdict, failed, passed
from assessments.estate.collections.containers import CONTAINER_APPS, CONTAINER_ENVIRONMENTS
from assessments.estate.ids import fold
from assessments.estate.ranges import INTERNET_IPV4, Range, network, ranges, size
from assessments.estate.view import Unreadable, View
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
    problem: Unreadable | None = None
    for app in ctx.documents(CONTAINER_APPS):
        try:
            if (is_open := _is_open(app, environment)) is not None:
                (opened if is_open else limited).append(app.name)
        except Unreadable as error:
            problem = problem or error
    if opened:
        return failed(
            "The environment is public, and the Internet can reach an app",
            **observed,
            publicApps=sorted(opened),
        )
    if problem is not None:
        raise problem
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


def _is_open(app: View, environment: View) -> bool | None:
    """Return whether the Internet can reach an app. Return None if the app is in another environment or accepts no
    traffic from outside. Raise Unreadable if a property that decides this is missing or invalid.
    """
    properties = app.object("properties")
    place = "environmentId" if properties.has("environmentId") else "managedEnvironmentId"
    if fold(properties.text(place)) != fold(environment.id):
        return None
    ingress = properties.object("configuration", default={}).object("ingress", default={})
    if not ingress.flag("external", default=False):
        return None
    rules = ingress.items("ipSecurityRestrictions", default=[])
    # In one app, all rules have the same action. Deny rules let in every network that the rules do not name.
    actions = {rule.choice("action", {"allow", "deny"}) for rule in rules}
    if actions != {"allow"}:
        return True
    return size(ranges(map(_network, rules))) >= INTERNET_IPV4


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
        " external ingress are not reachable, and the rules of the others (`ipSecurityRestrictions`) must together"
        " allow fewer than 2^24 addresses. Such an environment passes with a remark; if `accept_firewall` is off,"
        " rules of apps are not enough. Apps in other subscriptions are not read.",
        why="Anyone on the Internet can try weaknesses of an app that is reachable from there.",
        severity=Severity.MEDIUM,
        judge=_public_access,
        needs=(CONTAINER_APPS,),
        parameters=(ACCEPT_FIREWALL,),
        references=References(mcsb2="NS-2", nist="AC-4*"),
        fix=Fix(
            advice("First create a private endpoint for every network that needs the apps."),
            # azure-cli 2.91.0 has no option for this property, so the fix sends a request.
            command(
                "az rest --method patch --url {id} --url-parameters api-version=2025-07-01 --body {body}",
                "Switch public network access off.",
                bodies={"body": {"properties": {"publicNetworkAccess": "Disabled"}}},
            ),
            portal="Azure portal › Container Apps Environments › {environment} › Networking",
            portal_source="https://learn.microsoft.com/azure/container-apps/how-to-use-private-endpoint",
            effects="Clients can then connect to the apps of the environment through private endpoints only.",
            variables=[_ENVIRONMENT],
        ),
    ),
)
