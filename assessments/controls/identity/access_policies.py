"""Conditional Access policies for the management of Azure, the admin portals, countries, device code flow and risk.

Source: https://learn.microsoft.com/graph/api/resources/conditionalaccesspolicy
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, Final

from assessments.controls.context import CollectionUnavailable, Context
from assessments.controls.declare import Control, Doc, Parameter, per_scope
from assessments.controls.directory import directory_setting, read_security_defaults
from assessments.controls.references import Partly, References
from assessments.controls.verdict import Outcome, Severity, Verdict, failed, not_applicable, passed
from assessments.estate.collections.directory import (
    CA_POLICIES,
    DEVICE_REGISTRATION_POLICY,
    DIRECTORY_ROLE_ELIGIBILITIES,
    NAMED_LOCATIONS,
    SECURITY_DEFAULTS,
)
from assessments.estate.conditional_access import (
    ADMIN_PORTALS,
    AZURE_MANAGEMENT_APP,
    Demand,
    blocks,
    covered_together,
    exclusion_remarks,
    is_location,
    mfa_for,
    requires_mfa,
    restriction,
    uncovered,
)
from assessments.estate.gaps import Reason
from assessments.estate.named_locations import ALL_TRUSTED, excluded_addresses
from assessments.estate.ranges import size
from assessments.estate.view import Unreadable, View
from assessments.fixes.conditional_access import (
    CONDITIONAL_ACCESS_COST,
    EITHER_DEFAULTS_OR_POLICIES,
    MFA_VARIABLES,
    create_policy,
    everybody,
    require_mfa,
)
from assessments.fixes.declare import Fix, advice, graph
from assessments.fixes.variables import EXAMPLE_GUID, Variable

_POLICIES: Final = "Entra admin center › Entra ID › Conditional Access › Policies"
_POLICIES_PAGE: Final = (
    "https://learn.microsoft.com/entra/identity/conditional-access/concept-conditional-access-policy-common"
)
_MAX_EXCLUDED: Final = Parameter(
    "max_excluded_users", 2, "Number of users that a policy may exclude without a remark", minimum=0
)
# The risk levels of https://learn.microsoft.com/graph/api/resources/conditionalaccessconditionset
_RISKS: Final = frozenset({"low", "medium", "high", "hidden", "none"})
_FLOWS: Final = frozenset({"none", "devicecodeflow", "authenticationtransfer"})
_REGISTER_DEVICE: Final = "urn:user:registerdevice"
# The largest networks that one organization usually holds: see assessments.estate.named_locations.
_LARGEST_IPV4: Final = 2**24
_LARGEST_IPV6: Final = 2**99

type _Rule = Callable[[View], Demand]


def _policies(ctx: Context) -> list[View] | None:
    """Return the Conditional Access policies, or None if the directory has no licence for them."""
    try:
        return ctx.documents(CA_POLICIES)
    except CollectionUnavailable as error:
        if error.gap.reason is not Reason.LICENCE_MISSING:
            raise
        return None


def _judged(
    ctx: Context, policies: list[View], rule: _Rule
) -> tuple[dict[str, list[str]], dict[str, str], Unreadable | None]:
    """Judge each policy with `rule`, which returns an empty `why` if the policy suffices.

    Return {policy: remarks} of the policies that suffice, {policy: why not} of the others, and the first read error.
    """
    demands: dict[str, Demand] = {}
    first_error: Unreadable | None = None
    for policy in policies:
        try:
            demands[policy.id] = rule(policy)
        except Unreadable as error:
            first_error = first_error or error
    covered = covered_together(demands.values())
    sufficient = {
        name: [*demand.remarks, *_exclusions(ctx, demand, covered)]
        for name, demand in demands.items()
        if not demand.why
    }
    return sufficient, {name: one.why for name, one in sorted(demands.items()) if one.why}, first_error


def _exclusions(ctx: Context, demand: Demand, covered: frozenset[Any]) -> list[str]:
    """Return remarks on whom the policy excludes and no other policy covers."""
    by_kind = uncovered(demand.excluded, covered)
    many = len(by_kind.get("user", [])) > ctx.params[_MAX_EXCLUDED.name]
    return [*(["The policy excludes many users"] if many else []), *exclusion_remarks(by_kind)]


def _verdict(
    ctx: Context,
    rule: _Rule,
    *,
    found: Verdict,
    missing: Verdict,
    defaults: Verdict,
    unlicensed: Verdict,
) -> Verdict:
    """Judge the policies with `rule`. `found` and `missing`: the verdicts if a policy suffices, and if none does.

    `defaults`: the verdict if security defaults are on. `unlicensed`: without a licence for Conditional Access.
    """
    is_on, defaults_error = read_security_defaults(ctx)
    if is_on:
        return _with(defaults, securityDefaults=True)
    policies = _policies(ctx)
    if policies is None:
        if defaults_error is not None:
            raise defaults_error
        return _with(unlicensed, securityDefaults=False)
    sufficient, why_not, first_error = _judged(ctx, policies, rule)
    if sufficient:
        # The policy with the fewest remarks represents the directory.
        name, remarks = min(sufficient.items(), key=lambda item: (len(item[1]), item[0]))
        return _with(found, remarks, policy=name)
    if (error := first_error or defaults_error) is not None:
        raise error
    return _with(missing, securityDefaults=False, policies=why_not)


def _with(verdict: Verdict, remarks: list[str] | None = None, **observed: Any) -> Verdict:
    return replace(
        verdict,
        observed={**verdict.observed, **observed},
        remarks=(*verdict.remarks, *(remarks or [])),
    )


_CA: Final = (SECURITY_DEFAULTS, CA_POLICIES)


def _mfa_of_app(
    slug: str,
    app: str,
    doc: Doc,
    found: Verdict,
    missing: Verdict,
    fix: Fix,
    severity: Severity,
    references: References,
) -> Control:
    """Declare a control of the policies for one application. `found` and `missing`: see `_verdict`."""

    def rule(ctx: Context) -> Verdict:
        return _verdict(
            ctx,
            lambda policy: mfa_for(policy, app),
            found=found,
            missing=missing,
            defaults=passed(
                "Security defaults are on",
                remarks=["Security defaults require MFA in the portals and for the management of Azure"],
            ),
            unlicensed=failed(
                "Security defaults are off, and the directory has no licence for Conditional Access"
            ),
        )

    rule.__module__ = __name__
    return per_scope(
        needs=_CA,
        slug=slug,
        doc=doc,
        fix=fix,
        severity=severity,
        references=references,
        parameters=(_MAX_EXCLUDED,),
    )(rule)


_JUDGED_MFA: Final = (
    "Passes with security defaults, or with an enabled Conditional Access policy that applies to all users and to {},"
    " on all platforms and from all locations, and that requires `mfa` or an authentication strength. Remarks"
    " name exclusions of groups, roles, guests and locations and of more than `max_excluded_users` users, and a"
    " compliant or joined device as an alternative to MFA. Any other alternative fails. Policies that together cover"
    " everybody are added up. Report-only policies do not count. Without a licence for Conditional Access and without"
    " security defaults, the control fails. MFA that Microsoft itself enforces for changes of resources does not"
    " count."
)
_PARTLY_MFA: Final = (
    "The control also accepts security defaults, and policies that exclude some users or locations"
)

CA_MFA_ARM = _mfa_of_app(
    "identity-ca-mfa-arm",
    AZURE_MANAGEMENT_APP,
    Doc(
        "MFA is required of everybody who manages Azure",
        "Management of Azure without MFA",
        "Security defaults are on, or a Conditional Access policy requires MFA of all users who manage Azure",
        _JUDGED_MFA.format("Windows Azure Service Management API (or to all applications)"),
        "Whoever signs in to the portal or the Azure CLI with a stolen password can change all resources of the user.",
    ),
    passed("A Conditional Access policy requires MFA of everybody who manages Azure"),
    failed("No Conditional Access policy requires MFA of everybody who manages Azure"),
    Fix(
        *require_mfa(
            "Require multifactor authentication for Azure management",
            users={"includeUsers": ["All"]},
            applications=[AZURE_MANAGEMENT_APP],
            intro="Require MFA of all users for the Windows Azure Service Management API.",
        ),
        portal="Entra admin center › Entra ID › Conditional Access › Create new policy from templates › Require"
        " multifactor authentication for Azure management",
        portal_source=_POLICIES_PAGE,
        cost=CONDITIONAL_ACCESS_COST,
        effects=f"Scripts that sign in as a user must use a service principal. {EITHER_DEFAULTS_OR_POLICIES}",
        variables=MFA_VARIABLES,
    ),
    Severity.HIGH,
    References(
        c2="1.2.6",
        c3="2.2.7",
        c4="6.2.6",
        c5="5.2.6",
        mcsb="IM-6*",
        nist="IA-2(1) IA-2(2)*",
        partly=(Partly("c2 c3 c4 c5", _PARTLY_MFA),),
    ),
)

CA_MFA_PORTALS = _mfa_of_app(
    "identity-ca-mfa-portals",
    ADMIN_PORTALS,
    Doc(
        "MFA is required in Microsoft’s admin portals",
        "Admin portals without MFA",
        "Security defaults are on, or a Conditional Access policy requires MFA of all users in the Microsoft admin"
        " portals",
        _JUDGED_MFA.format("Microsoft Admin Portals (or to all applications)"),
        "An attacker in an admin portal can read the settings of the organization, and change them with the rights of"
        " the user.",
    ),
    passed("A Conditional Access policy requires MFA of all users in the admin portals"),
    failed("No Conditional Access policy requires MFA of all users in the admin portals"),
    Fix(
        *require_mfa(
            "Require multifactor authentication for Microsoft admin portals",
            users={"includeUsers": ["All"]},
            applications=["MicrosoftAdminPortals"],
            intro="Require MFA of all users for Microsoft Admin Portals.",
        ),
        portal=_POLICIES,
        portal_source=_POLICIES_PAGE,
        cost=CONDITIONAL_ACCESS_COST,
        effects=f"Users without a registered method cannot open the portals. {EITHER_DEFAULTS_OR_POLICIES}",
        variables=MFA_VARIABLES,
    ),
    Severity.MEDIUM,
    References(
        c3="2.2.8",
        c4="6.2.7",
        c5="5.2.7",
        mcsb="IM-6*",
        nist="IA-2(1) IA-2(2)*",
        partly=(Partly("c3 c4 c5", _PARTLY_MFA),),
    ),
)


def _geo(policy: View) -> Demand:
    demand = restriction(policy, apart="locations")
    if demand.why:
        return demand
    if not blocks(policy):
        return replace(demand, why="it does not block")
    if not policy.has("conditions.locations"):
        return replace(demand, why="it does not depend on locations")
    locations = policy.object("conditions.locations")
    included = {one.strip().casefold() for one in locations.texts("includeLocations")}
    excluded = {one.strip().casefold() for one in locations.texts("excludeLocations", default=[])}
    named = included - {"all", ALL_TRUSTED}
    if unknown := sorted(one for one in named if not is_location(one)):
        raise locations.unknown_value("includeLocations", unknown[0])
    if named or ("all" in included and excluded):
        return demand
    return replace(demand, why="it does not depend on locations")


def _device_code(policy: View) -> Demand:
    demand = restriction(policy, apart="authenticationFlows")
    if demand.why:
        return demand
    if not blocks(policy):
        return replace(demand, why="it does not block")
    if not policy.has("conditions.authenticationFlows"):
        return replace(demand, why="it does not apply to device code flow only")
    flows = policy.object("conditions.authenticationFlows")
    methods = [flow.strip() for flow in flows.text("transferMethods").split(",")]
    if unknown := [flow for flow in methods if flow.casefold() not in _FLOWS]:
        raise flows.unknown_value("transferMethods", unknown[0])
    if "devicecodeflow" in {flow.casefold() for flow in methods}:
        return demand
    return replace(demand, why="it does not apply to device code flow only")


def _risky(policy: View) -> Demand:
    demand = restriction(policy, apart="signInRiskLevels")
    if demand.why:
        return demand
    levels = set(policy.choices("conditions.signInRiskLevels", _RISKS, default=[]))
    if "high" not in levels:
        return replace(demand, why="it does not apply to risky sign-ins")
    strong, remarks = requires_mfa(policy)
    if not strong and not blocks(policy):
        return replace(demand, why="it does not demand multi-factor authentication")
    only = [] if "medium" in levels else ["The policy applies to sign-ins with a high risk only"]
    return replace(demand, remarks=[*demand.remarks, *remarks, *only])


def _ca_geo(ctx: Context) -> Verdict:
    return _verdict(
        ctx,
        _geo,
        found=passed("A Conditional Access policy blocks sign-ins by location"),
        missing=failed("No Conditional Access policy blocks sign-ins by location"),
        defaults=failed(
            "Security defaults are on, so no Conditional Access policy can block sign-ins by location"
        ),
        unlicensed=failed("The directory has no licence for Conditional Access"),
    )


def _ca_device_code(ctx: Context) -> Verdict:
    return _verdict(
        ctx,
        _device_code,
        found=passed("A Conditional Access policy blocks device code flow"),
        missing=failed("No Conditional Access policy blocks device code flow for all users and applications"),
        defaults=failed(
            "Security defaults are on, so no Conditional Access policy can block device code flow"
        ),
        unlicensed=failed("The directory has no licence for Conditional Access"),
    )


def _ca_risky(ctx: Context) -> Verdict:
    verdict = _verdict(
        ctx,
        _risky,
        found=passed("A Conditional Access policy requires MFA at risky sign-ins, or blocks them"),
        missing=failed("No Conditional Access policy requires MFA at risky sign-ins, or blocks them"),
        defaults=passed(
            "Security defaults are on",
            remarks=["Security defaults ask for MFA when a sign-in is unusual; the risk cannot be chosen"],
        ),
        unlicensed=not_applicable("The directory has no licence for Conditional Access"),
    )
    gap = ctx.first_gap(DIRECTORY_ROLE_ELIGIBILITIES)
    if verdict.outcome is Outcome.FAIL and gap is not None and gap.reason is Reason.LICENCE_MISSING:
        # The risk of sign-ins and Privileged Identity Management have the same licence.
        return not_applicable(
            "The directory has no licence for policies about the risk of sign-ins (Microsoft Entra ID P2)"
        )
    return verdict


CA_GEO = per_scope(
    needs=_CA,
    slug="identity-ca-geo",
    doc=Doc(
        "Sign-ins from unexpected countries are blocked",
        "Sign-ins from all countries are possible",
        "A Conditional Access policy blocks sign-ins by location",
        "Passes with an enabled Conditional Access policy for all users and applications that blocks some named"
        " locations, or all locations with exceptions. Which countries the locations contain is not judged. With"
        " security defaults, such a policy is not possible, so the control fails. An attestation can state that"
        " the organization decided against it.",
        "Stolen passwords are often tried from countries in which nobody of the organization works.",
    ),
    fix=Fix(
        graph(
            "POST",
            "/v1.0/identity/conditionalAccess/namedLocations",
            "Policy.Read.All",
            "Policy.ReadWrite.ConditionalAccess",
            intro="Create a named location with the countries in which people of the organization work.",
            body={
                "@odata.type": "#microsoft.graph.countryNamedLocation",
                "displayName": "Countries in which people work",
                "countriesAndRegions": ["{country}"],
                "includeUnknownCountriesAndRegions": False,
            },
        ),
        *create_policy(
            "Block sign-ins from other countries",
            everybody(locations={"includeLocations": ["All"], "excludeLocations": ["{location_id}"]}),
            "block",
            intro="Block sign-ins from everywhere else.",
        ),
        portal=_POLICIES,
        portal_source=_POLICIES_PAGE,
        cost=CONDITIONAL_ACCESS_COST,
        effects=f"People who travel to another country cannot sign in there. {EITHER_DEFAULTS_OR_POLICIES}",
        variables=[
            *MFA_VARIABLES,
            Variable("country", "Two-letter code of a country in which people work", "DE"),
            Variable("location_id", "Id of the named location that the first request printed", EXAMPLE_GUID),
        ],
    ),
    severity=Severity.LOW,
    references=References(
        c2="1.2.2",
        c3="2.2.2",
        c4="6.2.2",
        c5="5.2.2",
        nist="AC-4* AC-2(12)*",
        partly=(Partly("c2 c3 c4 c5", "The control does not judge which countries are blocked"),),
    ),
    parameters=(_MAX_EXCLUDED,),
)(_ca_geo)

CA_DEVICE_CODE = per_scope(
    needs=_CA,
    slug="identity-ca-device-code",
    doc=Doc(
        "Device code flow is blocked",
        "Sign-in with device code flow is possible",
        "A Conditional Access policy blocks device code flow",
        "Passes with an enabled Conditional Access policy for all users and applications that blocks the"
        " authentication flow `deviceCodeFlow`. Exclusions are remarks. With security defaults, such a policy is not"
        " possible, so the control fails.",
        "An attacker sends a code that belongs to the attacker’s own device. Whoever enters it signs the attacker in.",
    ),
    fix=Fix(
        *create_policy(
            "Block device code flow",
            everybody(authenticationFlows={"transferMethods": "deviceCodeFlow"}),
            "block",
            intro="Block device code flow for all users.",
        ),
        portal=_POLICIES,
        portal_source=_POLICIES_PAGE,
        cost=CONDITIONAL_ACCESS_COST,
        effects="Devices without a browser, such as phones of meeting rooms, and az login --use-device-code need device"
        f" code flow. Exclude the accounts of such devices. {EITHER_DEFAULTS_OR_POLICIES}",
        variables=MFA_VARIABLES,
    ),
    severity=Severity.MEDIUM,
    references=References(
        c3="2.2.3",
        c4="6.2.3",
        c5="5.2.3",
        nist="AC-4* AC-2(12)*",
        partly=(
            Partly("c3 c4 c5", "The control also accepts policies that exclude some users or locations"),
        ),
    ),
    parameters=(_MAX_EXCLUDED,),
)(_ca_device_code)

CA_RISKY_SIGNIN = per_scope(
    needs=_CA,
    optional=(DIRECTORY_ROLE_ELIGIBILITIES,),
    slug="identity-ca-risky-signin",
    doc=Doc(
        "Risky sign-ins require MFA or are blocked",
        "Risky sign-ins without further requirements",
        "Security defaults are on, or a Conditional Access policy requires MFA at sign-ins with medium and high risk,"
        " or blocks them",
        "Passes with security defaults, or with an enabled Conditional Access policy for all users and applications"
        " whose `signInRiskLevels` contain `high`, and that requires MFA or blocks. Without `medium`, it passes with a"
        " remark. Exclusions are remarks. Not applicable without Microsoft Entra ID P2, which policies about the risk"
        " of sign-ins need. Without P2, Microsoft does not return the list of eligible directory roles.",
        "Microsoft recognizes sign-ins with stolen passwords by their place, device and time. Such a sign-in should not"
        " succeed with a password alone.",
    ),
    fix=Fix(
        *create_policy(
            "Require multifactor authentication at risky sign-ins",
            everybody(signInRiskLevels=["high", "medium"]),
            "mfa",
            intro="Require MFA at sign-ins with medium and high risk.",
        ),
        portal=_POLICIES,
        portal_source=_POLICIES_PAGE,
        cost="Policies about the risk of sign-ins need Microsoft Entra ID P2 for each user that they cover.",
        effects=f"A user without a registered method is blocked at a risky sign-in. {EITHER_DEFAULTS_OR_POLICIES}",
        variables=MFA_VARIABLES,
    ),
    severity=Severity.MEDIUM,
    references=References(
        c2="1.2.5",
        c3="2.2.6",
        c4="6.2.5",
        c5="5.2.5",
        nist="AC-4* AC-2(12)*",
        partly=(
            Partly(
                "c2 c3 c4 c5",
                "The control also accepts security defaults, and policies that exclude some users or locations",
            ),
        ),
    ),
    parameters=(_MAX_EXCLUDED,),
)(_ca_risky)


def _named_locations(ctx: Context) -> Verdict:
    is_on, defaults_error = read_security_defaults(ctx)
    if is_on:
        return not_applicable(
            "Security defaults are on, so no policy can use named locations", securityDefaults=True
        )
    try:
        locations = ctx.documents(NAMED_LOCATIONS)
    except CollectionUnavailable as error:
        if error.gap.reason is not Reason.LICENCE_MISSING:
            raise
        if defaults_error is not None:
            raise defaults_error from None
        return not_applicable("The directory has no licence for Conditional Access")
    if defaults_error is not None:
        raise defaults_error
    trusted = [one for one in locations if _is_trusted(one)]
    names = sorted(one.id for one in trusted)
    if not trusted:
        return failed("No named location with IP addresses is trusted", locations=names)
    found = excluded_addresses(trusted, {ALL_TRUSTED}, "")
    v4, v6 = size(found.v4), size(found.v6)
    observed: dict[str, Any] = {"locations": names, "ipv4Addresses": v4, "ipv6Addresses": v6}
    if v4 > _LARGEST_IPV4 or v6 > _LARGEST_IPV6:
        return failed("The trusted locations contain more than the networks of one organization", **observed)
    remarks = (
        []
        if v4 or v6
        else ["The trusted locations contain only private addresses, from which nobody signs in"]
    )
    return passed("Trusted locations are defined", remarks=remarks, **observed)


def _is_trusted(location: View) -> bool:
    """Whether a named location is trusted and has addresses. Only locations with addresses can be trusted."""
    kind = location.text("@odata.type").rpartition(".")[2].casefold()
    if kind == "countrynamedlocation":
        return False
    if kind != "ipnamedlocation":
        raise location.unreadable("@odata.type", "not a known kind of location")
    return location.flag("isTrusted") and bool(location.items("ipRanges"))


NAMED = per_scope(
    needs=(SECURITY_DEFAULTS, NAMED_LOCATIONS),
    slug="identity-named-locations",
    doc=Doc(
        "Trusted network locations are defined",
        "No trusted network locations, or too large ones",
        "At least one named location with the networks of the organization is trusted, and together the trusted"
        " locations contain no more than the networks of one organization",
        "The named locations of Conditional Access. Passes if at least one location with IP addresses is marked as"
        " trusted. Fails if there is none, or if the trusted locations together contain more public addresses than a /8"
        " of IPv4 or a /29 of IPv6. Locations of countries do not count. Not applicable with security defaults, and"
        " without a licence for Conditional Access.",
        "Trusted locations lower the risk that Microsoft attributes to a sign-in, and policies refer to them. Without"
        " them, sign-ins at the office look like all others. With a location that is too large, sign-ins of attackers"
        " count as trusted.",
    ),
    fix=Fix(
        graph(
            "POST",
            "/v1.0/identity/conditionalAccess/namedLocations",
            "Policy.Read.All",
            "Policy.ReadWrite.ConditionalAccess",
            intro="Create a trusted location with the public addresses of the organization.",
            body={
                "@odata.type": "#microsoft.graph.ipNamedLocation",
                "displayName": "Offices",
                "isTrusted": True,
                "ipRanges": [{"@odata.type": "#microsoft.graph.iPv4CidrRange", "cidrAddress": "{network}"}],
            },
        ),
        advice(
            "If a trusted location is too large, remove the networks that do not belong to the organization."
        ),
        portal="Entra admin center › Entra ID › Conditional Access › Named locations",
        portal_source="https://learn.microsoft.com/entra/identity/conditional-access/concept-assignment-network",
        cost=CONDITIONAL_ACCESS_COST,
        effects="Policies that exclude all trusted locations exclude the new location too.",
        variables=[Variable("network", "Public network of the organization", "203.0.113.0/24")],
    ),
    severity=Severity.LOW,
    references=References(
        c2="1.2.1",
        c3="2.2.1",
        c4="6.2.1",
        c5="5.2.1",
        nist="AC-4*",
    ),
)(_named_locations)


def _device_join(ctx: Context) -> Verdict:
    setting = directory_setting(ctx, DEVICE_REGISTRATION_POLICY)
    configuration = setting.text("multiFactorAuthConfiguration")
    required = setting.choice("multiFactorAuthConfiguration", {"required", "notrequired"}) == "required"
    if required:
        return passed("Registering a device requires MFA", multiFactorAuthConfiguration=configuration)
    return _verdict(
        ctx,
        _register_device,
        found=passed(
            "A Conditional Access policy requires MFA when a device is registered or joined",
            multiFactorAuthConfiguration=configuration,
        ),
        missing=failed(
            "Neither the device settings nor a Conditional Access policy require MFA when a device is registered",
            multiFactorAuthConfiguration=configuration,
        ),
        defaults=failed(
            "The device settings do not require MFA when a device is registered",
            multiFactorAuthConfiguration=configuration,
        ),
        unlicensed=failed(
            "The device settings do not require MFA when a device is registered",
            multiFactorAuthConfiguration=configuration,
        ),
    )


def _register_device(policy: View) -> Demand:
    demand = restriction(policy, action=_REGISTER_DEVICE)
    if demand.why:
        return demand
    strong, remarks = requires_mfa(policy)
    if not strong:
        return replace(demand, why="it does not demand multi-factor authentication")
    return replace(demand, remarks=[*demand.remarks, *remarks])


DEVICE_JOIN_MFA = per_scope(
    needs=(DEVICE_REGISTRATION_POLICY, *_CA),
    slug="identity-device-join-mfa",
    doc=Doc(
        "Registering or joining a device requires MFA",
        "Devices can be registered without MFA",
        "The device settings, or a Conditional Access policy for all users, require MFA when a device is registered or"
        " joined",
        "`multiFactorAuthConfiguration` of the device registration policy: `required` passes. With `notRequired`, an"
        " enabled Conditional Access policy passes that applies to all users and to the user action"
        " `urn:user:registerdevice` and requires MFA. Microsoft recommends such a policy instead of the setting."
        " Exclusions are remarks.",
        "An attacker with a stolen password can register a device of their own. Policies that trust devices of the"
        " organization may then let this device in.",
    ),
    fix=Fix(
        *create_policy(
            "Require multifactor authentication to register or join devices",
            {
                **everybody(),
                "applications": {"includeUserActions": [_REGISTER_DEVICE]},
            },
            "mfa",
            intro="Require MFA for the user action “Register or join devices”.",
        ),
        advice("Without a licence for Conditional Access, require MFA in the device settings instead."),
        portal="Entra admin center › Entra ID › Devices › Overview › Device settings › Require multifactor"
        " authentication to register or join devices with Microsoft Entra ID",
        portal_source="https://learn.microsoft.com/entra/identity/devices/manage-device-identities",
        cost=CONDITIONAL_ACCESS_COST,
        effects="While the policy is enabled, the setting must be No: Microsoft applies the policy only then.",
        variables=MFA_VARIABLES,
    ),
    severity=Severity.MEDIUM,
    references=References(
        c2="1.22",
        c3="2.22",
        c4="6.22",
        c5="5.22",
        c6="5.1.2",
        nist="IA-2(1)* IA-3*",
        partly=(
            Partly(
                "c2 c3 c4 c5 c6",
                "The requirement demands the setting; the control also accepts a Conditional Access policy",
            ),
        ),
    ),
    parameters=(_MAX_EXCLUDED,),
)(_device_join)

CONTROLS = (CA_MFA_ARM, CA_MFA_PORTALS, CA_GEO, CA_DEVICE_CODE, CA_RISKY_SIGNIN, NAMED, DEVICE_JOIN_MFA)
