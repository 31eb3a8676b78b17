"""The control network-frontdoor-waf: A web application firewall protects Front Door.

Properties: cdn/resource-manager/Microsoft.Cdn/Cdn/stable/2025-06-01/openapi.json (AFDEndpoint, SecurityPolicy) and
frontdoor/resource-manager/Microsoft.Network/FrontDoor/stable/2025-10-01/openapi.json (FrontDoor,
WebApplicationFirewallPolicy)
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any, Final

from assessments.controls.context import CollectionUnavailable, Context
from assessments.controls.declare import Parameter, judge, judgements, unknown_from
from assessments.controls.references import References
from assessments.controls.verdict import Judgement, Outcome, Severity, Verdict, failed, not_applicable, passed
from assessments.estate.collections.front_door import (
    CDN_PROFILES,
    FRONT_DOOR_DOMAINS,
    FRONT_DOOR_ENDPOINTS,
    FRONT_DOOR_ROUTES,
    FRONT_DOOR_SECURITY_POLICIES,
    FRONT_DOOR_WAF_POLICIES,
    FRONT_DOORS,
)
from assessments.estate.ids import fold, name_of
from assessments.estate.network.front_door import is_front_door
from assessments.estate.network.sql_interfaces import reference
from assessments.estate.view import Unreadable, View
from assessments.fixes.declare import Fix, advice

_STATES: Final = frozenset({"enabled", "disabled"})
_SET_ACTIONS: Final = frozenset({"block", "log", "redirect"})
# Custom rules with the actions Allow and Log stop no request. Sources: the specification (ActionType) and
# https://learn.microsoft.com/azure/web-application-firewall/afds/waf-front-door-custom-rules
_STOPPING: Final = frozenset({"block", "redirect", "jschallenge", "captcha"})
_ACTIONS: Final = _STOPPING | {"allow", "log", "anomalyscoring"}
_EVERYTHING: Final = "/*"
_CLASSIC: Final = "Front Door (classic) retires on 31 March 2027: move to the tier Standard or Premium"
ACCEPT_DETECTION: Final = Parameter(
    "accept_detection",
    False,
    "Accept a web application firewall that only reports attacks",
    label="Accept detection mode",
)


@judgements(
    needs=(
        FRONT_DOORS,
        FRONT_DOOR_WAF_POLICIES,
        CDN_PROFILES,
        FRONT_DOOR_ENDPOINTS,
        FRONT_DOOR_DOMAINS,
        FRONT_DOOR_ROUTES,
        FRONT_DOOR_SECURITY_POLICIES,
    ),
    subject_type="Microsoft.Cdn/profiles",
    empty_reason="No Front Door",
    severity=Severity.MEDIUM,
    parameters=(ACCEPT_DETECTION,),
    references=References(mcsb="NS-6", nist="SC-5 SC-7 SC-7(3)"),
    fix=Fix(
        advice(
            "Create a web application firewall policy with the default rule set, which needs the tier Premium, or with"
            " rules of your own. Let it only report attacks for some days. Look at what it would block, then set its"
            " mode to Prevention."
        ),
        advice(
            "Assign the policy to the endpoint or domain. In a profile, use a security policy for all paths."
        ),
        portal="Azure portal › Firewall Manager › Application Delivery Platforms › the Front Door › Manage Security ›"
        " Associate WAF policy",
        portal_source="https://learn.microsoft.com/azure/firewall-manager/manage-web-application-firewall-policies",
        cost="Azure bills the policies of Front Door in the tier Standard; the tier Premium includes them.",
        effects="Requests that match a rule of the policy are refused.",
    ),
)
def frontdoor_waf(ctx: Context) -> Iterator[Judgement]:
    """A web application firewall protects Front Door.

    Problem: Front Door without a web application firewall
    Expected: A web application firewall that blocks attacks protects each endpoint and custom domain
    Judged: Each frontend endpoint of Front Door (classic), by its own firewall policy. In profiles of the tiers
    Standard and Premium, each endpoint and custom domain, by the firewall policies in the profile's security policies.

    The firewall policy must be on and in the mode Prevention. It must have a rule that can stop requests: a managed
    rule set whose action is not Log, or a custom rule that is on and whose action is Block, Redirect, JSChallenge or
    CAPTCHA. With `accept_detection`, a policy that is on and only reports attacks passes too. Which attacks the rules
    block is not judged, because policies of the tier Standard have no managed rule sets.

    A firewall policy also counts, with a remark, if its security policy is not for all paths (`/*`). Disabled endpoints
    are not applicable. An unprotected endpoint or domain of a profile is not applicable either if no enabled route
    serves it. Routes of disabled endpoints do not count, and a route serves the default domain of its endpoint only
    with `linkToDefaultDomain`. Profiles of other tiers do not belong to Front Door.
    Why: Without a firewall, attacks such as SQL injection reach every application behind Front Door.
    """
    yield from _classic(ctx)
    yield from _profiles(ctx)


def _classic(ctx: Context) -> Iterator[Judgement]:
    doors, gaps = ctx.partial(FRONT_DOORS)
    for door in doors:
        try:
            endpoints = door.items("properties.frontendEndpoints")
            named = [(endpoint.text("id"), index) for index, endpoint in enumerate(endpoints)]
        except Unreadable as error:
            yield Judgement(door.id or ctx.scope_id, unknown_from(error))
            continue
        for subject, index in named:
            yield judge(ctx, subject, partial(_judge_classic, door, index, ctx))
    if gaps:
        yield Judgement(ctx.scope_id, unknown_from(CollectionUnavailable(gaps[0])))


def _judge_classic(listed: View, index: int, ctx: Context) -> Verdict:
    door = listed.bound(ctx.trace)
    if door.choice("properties.enabledState", _STATES) == "disabled":
        return not_applicable("The Front Door is disabled")
    endpoint = door.items("properties.frontendEndpoints")[index].object("properties")
    policy = reference(endpoint, "webApplicationFirewallPolicyLink")
    if not policy:
        return failed(
            "No web application firewall protects the endpoint", remarks=[_CLASSIC], firewallModes={}
        )
    verdict = _by_modes({name_of(policy): _mode(policy, door, ctx)}, ctx)
    return Verdict(verdict.outcome, verdict.reason, verdict.observed, (*verdict.remarks, _CLASSIC))


def _profiles(ctx: Context) -> Iterator[Judgement]:
    profiles, gaps = ctx.partial(CDN_PROFILES)
    for profile in profiles:
        try:
            if not is_front_door(profile):
                continue
            entries = [
                entry
                for collection in (FRONT_DOOR_ENDPOINTS, FRONT_DOOR_DOMAINS)
                for entry in ctx.documents_at(collection, profile.id)
            ]
        except (CollectionUnavailable, Unreadable) as error:
            yield Judgement(profile.id or ctx.scope_id, unknown_from(error))
            continue
        for entry in entries:
            yield judge(ctx, entry.id or profile.id, partial(_judge_entry, entry, profile.id, ctx))
    if gaps:
        yield Judgement(ctx.scope_id, unknown_from(CollectionUnavailable(gaps[0])))


def _judge_entry(listed: View, profile: str, ctx: Context) -> Verdict:
    entry = listed.bound(ctx.trace)
    if not entry.id:
        raise entry.unreadable("id", "absent")
    if listed.collection == FRONT_DOOR_ENDPOINTS.name and (
        entry.choice("properties.enabledState", _STATES) == "disabled"
    ):
        return not_applicable("The endpoint is disabled")
    verdict = _by_security_policies(entry, profile, ctx)
    if verdict.outcome is not Outcome.FAIL or _has_route(entry, profile, ctx):
        return verdict
    return not_applicable("No route serves the endpoint or domain, so Front Door refuses all requests to it")


def _has_route(entry: View, profile: str, ctx: Context) -> bool:
    """Return whether an enabled route serves `entry`, an endpoint or domain. Raise CollectionUnavailable or Unreadable
    if needed data could not be read.
    """
    is_endpoint = entry.collection == FRONT_DOOR_ENDPOINTS.name
    endpoints = [entry] if is_endpoint else ctx.documents_at(FRONT_DOOR_ENDPOINTS, profile)
    problem: CollectionUnavailable | Unreadable | None = None
    for endpoint in endpoints:
        # Traffic flows only if both endpoint and route are enabled: https://learn.microsoft.com/azure/frontdoor/manager
        unclear: Unreadable | None = None
        try:
            if endpoint.choice("properties.enabledState", _STATES) == "disabled":
                continue
        except Unreadable as error:
            unclear = error
        routes, gap = ctx.partial_at(FRONT_DOOR_ROUTES, endpoint.id)
        if gap is not None:
            problem = problem or CollectionUnavailable(gap)
        for route in routes:
            try:
                if _serves(route, entry, is_endpoint):
                    if unclear is None:
                        return True
                    problem = problem or unclear
            except Unreadable as error:
                problem = problem or error
    if problem is not None:
        raise problem
    return False


def _serves(route: View, entry: View, is_endpoint: bool) -> bool:
    properties = route.object("properties")
    if properties.choice("enabledState", _STATES) == "disabled":
        return False
    if is_endpoint:
        return properties.choice("linkToDefaultDomain", _STATES) == "enabled"
    domains = properties.items("customDomains", default=[])
    return any(fold(domain.text("id")) == fold(entry.id) for domain in domains)


def _by_security_policies(entry: View, profile: str, ctx: Context) -> Verdict:
    """Judge an endpoint or domain by the security policies of its profile."""
    whole: dict[str, str] = {}
    parts: dict[str, str] = {}
    problem: CollectionUnavailable | Unreadable | None = None
    for security in ctx.documents_at(FRONT_DOOR_SECURITY_POLICIES, profile):
        try:
            for firewall, is_whole in _firewalls(security, entry.id):
                mode = _mode(firewall, security, ctx)
                (whole if is_whole else parts)[name_of(firewall)] = mode
        except (CollectionUnavailable, Unreadable) as error:
            problem = problem or error
    accepted = {"prevention", "detection"} if ctx.params[ACCEPT_DETECTION.name] else {"prevention"}
    if accepted & set(whole.values()):
        return _by_modes({name: mode for name, mode in whole.items() if mode in accepted}, ctx)
    if problem is not None:
        raise problem
    if accepted & set(parts.values()):
        return passed(
            "A web application firewall protects some paths, which is enough to pass",
            remarks=["The firewall protects only the paths that its security policies name"],
            firewallModes=parts,
        )
    return _by_modes({**parts, **whole}, ctx)


def _firewalls(security: View, entry: str) -> Iterator[tuple[str, bool]]:
    """For each association of the security policy with the endpoint or domain `entry`, yield (id of the firewall
    policy, whether the association is for all paths). Raise Unreadable if a needed property cannot be read.
    """
    parameters = security.object("properties").object("parameters")
    parameters.choice("type", {"webapplicationfirewall"})
    associations = parameters.items("associations", default=[])
    if not associations:
        # In api-versions later than 2025-06-01, a security policy can apply to a whole profile, and then has no
        # associations. Surety does not support such policies.
        raise parameters.unreadable("associations", "absent")
    for association in associations:
        for domain in association.items("domains", default=[]):
            # If `isActive` is absent, the domain counts as active: Microsoft's example of a list of security policies
            # lacks the property.
            if fold(domain.text("id")) == fold(entry) and domain.flag("isActive", default=True):
                patterns = association.texts("patternsToMatch")
                yield parameters.text("wafPolicy.id"), _EVERYTHING in patterns


def _mode(identifier: str, holder: View, ctx: Context) -> str:
    """Return the mode of a firewall policy: `prevention`, `detection`, `off` or `without rules`. The mode is `without
    rules` if the policy is on, but has no rule, or only custom rules that allow requests.

    Raise CollectionUnavailable or Unreadable if needed data could not be read.
    """
    policy = ctx.find(FRONT_DOOR_WAF_POLICIES, identifier)
    if policy is None:
        ctx.require_complete(FRONT_DOOR_WAF_POLICIES)
        raise holder.unlisted("properties", "web application firewall policy", identifier)
    properties = policy.object("properties")
    settings = properties.object("policySettings")
    if settings.choice("enabledState", _STATES) == "disabled":
        return "off"
    mode = settings.choice("mode", {"prevention", "detection"})
    sets = properties.object("managedRules", default={}).items("managedRuleSets", default=[])
    custom = properties.object("customRules", default={}).items("rules", default=[])
    active = [rule for rule in custom if rule.choice("enabledState", _STATES, default="Enabled") == "enabled"]
    actions = {rule.choice("action", _ACTIONS) for rule in active}
    if actions & _STOPPING:
        return mode
    if not sets:
        return "detection" if "log" in actions else "without rules"
    # Even in the mode Prevention, a managed rule set with the action Log blocks nothing.
    only_logs = all(one.choice("ruleSetAction", _SET_ACTIONS, default="Block") == "log" for one in sets)
    return "detection" if only_logs else mode


def _by_modes(modes: dict[str, Any], ctx: Context) -> Verdict:
    """Judge an endpoint or domain by the modes of its firewall policies. If the modes differ, the best mode decides."""
    if "prevention" in modes.values():
        return passed("The web application firewall blocks attacks", firewallModes=modes)
    if "detection" in modes.values() and ctx.params[ACCEPT_DETECTION.name]:
        return passed(
            "The web application firewall only reports attacks, which the control’s parameters permit",
            firewallModes=modes,
        )
    if "detection" in modes.values():
        return failed("The web application firewall reports attacks, but blocks none", firewallModes=modes)
    if "without rules" in modes.values():
        return failed("The web application firewall has no rule that stops requests", firewallModes=modes)
    if modes:
        return failed("The web application firewall is off", firewallModes=modes)
    return failed("No web application firewall protects the endpoint or domain", firewallModes=modes)
