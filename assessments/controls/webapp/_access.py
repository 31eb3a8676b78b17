"""The control webapp-pna, which checks who can reach an app.

Rules and defaults: https://learn.microsoft.com/azure/app-service/overview-access-restrictions
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from assessments.controls.context import Context
from assessments.controls.declare import Parameter
from assessments.controls.verdict import Verdict, failed, not_applicable, passed
from assessments.controls.webapp._apps import configuration
from assessments.estate.collections.webapp import WEB_ENDPOINTS
from assessments.estate.ranges import INTERNET_IPV4, INTERNET_IPV6, Range, network, ranges, size
from assessments.estate.services.web_apps import is_on_container_apps
from assessments.estate.view import Undecided, Unreadable, View

ACCEPT_FIREWALL: Final = Parameter(
    "accept_firewall",
    True,
    "Accept access restrictions that let only listed networks in",
    label="Accept a firewall",
)
_ACTIONS: Final = frozenset({"allow", "deny"})
_ANY: Final = "any"
_EVERY: Final = [network("0.0.0.0/0"), network("::/0")]
# Service tags are recognized by the beginning of their names. The tag Internet contains all public addresses. The tags
# AzureCloud and, for a region, AzureCloud.WestEurope contain addresses that any customer of Azure can get.
_INTERNET: Final = "internet"
_AZURE: Final = "azurecloud"
# The service tag of Front Door, and the header with the id of the Front Door from which a request comes.
_FRONT_DOOR: Final = "azurefrontdoor.backend"
_FRONT_DOOR_ID: Final = "x-azure-fdid"
_STATES: Final = frozenset({"approved", "pending", "rejected", "disconnected"})
# The verdicts on access restrictions. `public_access` adds the observed values.
_OPEN: Final = failed("Every network can reach the app")
_WIDE: Final = failed("The rules of the firewall let the Internet in")
_TO_AZURE: Final = failed("The rules of the firewall let machines of every Azure customer in")
_LIMITED: Final = failed("A firewall limits public network access, but does not switch it off")


def public_access(app: View, ctx: Context) -> Verdict:
    """Judge the public network access of an app or slot."""
    properties = app.object("properties")
    if is_on_container_apps(app):
        return not_applicable(
            "The environment of the container app decides which networks reach the app",
            publicNetworkAccess=None,
        )
    settings = configuration(app, ctx)
    source = properties if properties.text("publicNetworkAccess", default="") else settings
    access = source.text("publicNetworkAccess", default="")
    observed = access or None
    if access and source.choice("publicNetworkAccess", {"enabled", "disabled"}) == "disabled":
        return passed("Public network access is off", publicNetworkAccess=observed)
    failure, tags = _rules(settings)
    if failure is None and ctx.params[ACCEPT_FIREWALL.name]:
        return passed(
            "Access restrictions let only listed networks in",
            remarks=["A rule lets an Azure service in, and thereby other customers of this service"]
            if tags
            else [],
            publicNetworkAccess=observed,
        )
    if not access and _has_endpoint(app, ctx):
        return passed(
            "The app has a private endpoint and no setting of public network access, so this access is off",
            publicNetworkAccess=None,
        )
    if properties.object("hostingEnvironmentProfile", default={}).text("id", default=""):
        raise Undecided(
            app.id,
            "properties.hostingEnvironmentProfile.id",
            "Check whether the App Service Environment of the app is internal: Surety does not read this",
        )
    if failure is _OPEN and not access:
        return failed(
            "Every network can reach the app, because the setting is absent", publicNetworkAccess=None
        )
    return replace(failure or _LIMITED, observed={"publicNetworkAccess": observed})


def _rules(settings: View) -> tuple[Verdict | None, bool]:
    """Return the failure of an app whose access restrictions are in `settings`, or None if they let only listed
    networks in. Also return whether a rule lets an Azure service in: other customers of this service can then reach the
    app too. Raise Unreadable if a needed property cannot be read.

    The addresses of deny rules are not subtracted, so the app may let in fewer addresses than assumed here.
    """
    rules = settings.items("ipSecurityRestrictions", default=[])
    # If no default action is set, an app without rules allows every request, and an app with rules refuses the requests
    # that match no rule.
    default = "deny" if rules else "allow"
    if settings.choice("ipSecurityRestrictionsDefaultAction", _ACTIONS, default=default) == "allow":
        return _OPEN, False
    allowed: dict[int, list[Range]] = {4: [], 6: []}
    has_tag = from_azure = False
    problem: Unreadable | None = None
    for rule in rules:
        try:
            if rule.choice("action", _ACTIONS) == "deny" or rule.text("vnetSubnetResourceId", default=""):
                continue
            tags = _tags(rule)
            for version, block in _networks(rule, tags):
                allowed[version].append(block)
            has_tag = has_tag or (bool(tags) and not _names_front_door(rule, tags))
            from_azure = from_azure or any(tag.startswith(_AZURE) for tag in tags)
        except Unreadable as error:
            problem = problem or error
    sizes = {version: size(ranges(blocks)) for version, blocks in allowed.items()}
    if any(sizes[version] == size((block,)) for version, block in _EVERY):
        return _OPEN, has_tag
    if sizes[4] >= INTERNET_IPV4 or sizes[6] >= INTERNET_IPV6:
        return _WIDE, has_tag
    if from_azure:
        return _TO_AZURE, has_tag
    if problem is not None:
        raise problem
    return None, has_tag


def _tags(rule: View) -> list[str]:
    """Return the service tags of a rule in lower case, or an empty list for a rule that names networks."""
    if rule.choice("tag", {"default", "xffproxy", "servicetag"}, default="default") != "servicetag":
        return []
    return [name.strip().casefold() for name in rule.text("ipAddress").split(",")]


def _names_front_door(rule: View, tags: list[str]) -> bool:
    """Return whether a rule for these service tags lets in only the Front Doors whose ids it names. Front Door itself
    writes the id into the header, so other customers of Front Door cannot send one of these ids.
    """
    headers = rule.raw("headers")
    if set(tags) != {_FRONT_DOOR} or not isinstance(headers, Mapping):
        return False
    return any(str(name).casefold() == _FRONT_DOOR_ID and bool(ids) for name, ids in headers.items())


def _networks(rule: View, tags: list[str]) -> list[tuple[int, Range]]:
    """Return the networks of a rule.

    A rule without service tags states networks in CIDR notation, or an address with a subnet mask, or `Any`. Raise
    Unreadable for any other text. For a rule with service tags, return every network if one of the tags is Internet.
    Otherwise, return an empty list, because the addresses of other tags are not known.
    """
    if tags:
        return _EVERY if any(tag.startswith(_INTERNET) for tag in tags) else []
    text, mask = rule.text("ipAddress"), rule.text("subnetMask", default="")
    if text.strip().casefold() == _ANY:
        return _EVERY
    try:
        return [network(f"{part}/{mask}" if mask else part) for part in text.split(",")]
    except ValueError:
        raise rule.unreadable("ipAddress", "not a network") from None


def _has_endpoint(app: View, ctx: Context) -> bool:
    """Return whether a private endpoint of the app is approved. Raise CollectionUnavailable or Unreadable if needed
    data could not be read.
    """
    states = [
        connection.choice("properties.privateLinkServiceConnectionState.status", _STATES)
        for connection in ctx.documents_at(WEB_ENDPOINTS, app.id)
    ]
    return "approved" in states
