"""Controls of Conditional Access policies about countries, device code flow and risky sign-ins.

Source: https://learn.microsoft.com/graph/api/resources/conditionalaccesspolicy
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from assessments.controls.context import Context
from assessments.controls.declare import per_scope
from assessments.controls.docstrings import Doc
from assessments.controls.identity._policies import (
    CA_NEEDS,
    EXCLUDED_ROLES,
    MAX_EXCLUDED,
    POLICIES,
    POLICIES_PAGE,
    WIDE_EXCLUSIONS,
    WITH_LOCATIONS,
    judge_policies,
)
from assessments.controls.references import Partly, References
from assessments.controls.verdict import Outcome, Severity, Verdict, failed, not_applicable, passed
from assessments.estate.collections.directory import DIRECTORY_ROLE_ELIGIBILITIES
from assessments.estate.gaps import Reason
from assessments.estate.identity.conditional_access import (
    Demand,
    blocks,
    is_location,
    requires_mfa,
    restriction,
)
from assessments.estate.identity.named_locations import ALL_TRUSTED
from assessments.estate.view import View
from assessments.fixes.conditional_access import (
    ALL_USERS,
    CONDITIONAL_ACCESS_COST,
    EITHER_DEFAULTS_OR_POLICIES,
    MFA_VARIABLES,
    SYNCHRONISATION_EXCLUDED,
    create_policy,
    everybody,
)
from assessments.fixes.declare import Fix, graph
from assessments.fixes.variables import EXAMPLE_GUID, Variable

# The levels of risk and the authentication flows to which a policy can refer:
# https://learn.microsoft.com/graph/api/resources/conditionalaccessconditionset
_RISKS: Final = frozenset({"low", "medium", "high", "hidden", "none"})
_FLOWS: Final = frozenset({"none", "devicecodeflow", "authenticationtransfer"})


def _geo(policy: View) -> Demand:
    demand = restriction(policy, ignored="locations")
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
    demand = restriction(policy, ignored="authenticationFlows")
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
    demand = restriction(policy, ignored="signInRiskLevels")
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
    return judge_policies(
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
    return judge_policies(
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
    verdict = judge_policies(
        ctx,
        _risky,
        found=passed("A Conditional Access policy requires MFA at risky sign-ins, or blocks them"),
        missing=failed("No Conditional Access policy requires MFA at risky sign-ins, or blocks them"),
        defaults=passed(
            "Security defaults are on",
            remarks=[
                "Security defaults ask for MFA when a sign-in is unusual; the level of risk cannot be set"
            ],
        ),
        unlicensed=not_applicable("The directory has no licence for Conditional Access"),
    )
    gap = ctx.first_gap(DIRECTORY_ROLE_ELIGIBILITIES)
    if verdict.outcome is Outcome.FAIL and gap is not None and gap.reason is Reason.LICENCE_MISSING:
        # Privileged Identity Management and policies about the risk of sign-ins need the same licence. The gap shows
        # that the directory does not have this licence.
        return not_applicable(
            "The directory has no licence for policies about the risk of sign-ins (Microsoft Entra ID P2)"
        )
    return verdict


CA_GEO = per_scope(
    needs=CA_NEEDS,
    slug="identity-ca-geo",
    doc=Doc(
        "Sign-ins from unexpected countries are blocked",
        "Sign-ins from all countries are possible",
        "A Conditional Access policy blocks sign-ins by location",
        "Passes with an enabled Conditional Access policy for all users and applications that blocks some named"
        f" locations, or all locations with exceptions. {EXCLUDED_ROLES} Which countries the locations contain is not"
        " judged. With security defaults, such a policy is not possible, so the control fails. If the organization"
        " decided against such a policy, request an exception.",
        "Stolen passwords are often tried from countries in which nobody from the organization works.",
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
        portal=POLICIES,
        portal_source=POLICIES_PAGE,
        cost=CONDITIONAL_ACCESS_COST,
        effects="People who travel to another country cannot sign in there, and nobody can sign in from an address"
        f" whose country Microsoft does not know. {EITHER_DEFAULTS_OR_POLICIES}",
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
        mcsb="IM-7*",
        nist="AC-4* AC-2(12)*",
        partly=(Partly("c2 c3 c4 c5", "The control does not judge which countries are blocked"),),
    ),
    parameters=(MAX_EXCLUDED,),
)(_ca_geo)


CA_DEVICE_CODE = per_scope(
    needs=WITH_LOCATIONS,
    slug="identity-ca-device-code",
    doc=Doc(
        "Device code flow is blocked",
        "Sign-in with device code flow is possible",
        "A Conditional Access policy blocks device code flow",
        "Passes with an enabled Conditional Access policy for all users and applications that blocks the"
        f" authentication flow `deviceCodeFlow`. {WIDE_EXCLUSIONS} Other exclusions are remarks. With security"
        " defaults, such a policy is not possible, so the control fails.",
        "An attacker sends a code that belongs to the attacker’s own device. Anyone who enters it signs the"
        " attacker in.",
    ),
    fix=Fix(
        *create_policy(
            "Block device code flow",
            everybody(authenticationFlows={"transferMethods": "deviceCodeFlow"}),
            "block",
            intro="Block device code flow for all users.",
        ),
        portal=POLICIES,
        portal_source=POLICIES_PAGE,
        cost=CONDITIONAL_ACCESS_COST,
        effects="Sign-ins with device code flow fail: az login --use-device-code, and sign-ins on devices without a"
        f" browser, such as phones in meeting rooms. Exclude the accounts of such devices."
        f" {EITHER_DEFAULTS_OR_POLICIES}",
        variables=MFA_VARIABLES,
    ),
    severity=Severity.MEDIUM,
    references=References(
        c3="2.2.3",
        c4="6.2.3",
        c5="5.2.3",
        mcsb="IM-7*",
        nist="AC-4* AC-2(12)*",
        partly=(
            Partly("c3 c4 c5", "The control also accepts policies that exclude some users or locations"),
        ),
    ),
    parameters=(MAX_EXCLUDED,),
)(_ca_device_code)


CA_RISKY_SIGNIN = per_scope(
    needs=WITH_LOCATIONS,
    optional=(DIRECTORY_ROLE_ELIGIBILITIES,),
    slug="identity-ca-risky-signin",
    doc=Doc(
        "Risky sign-ins require MFA or are blocked",
        "Risky sign-ins without further requirements",
        "Security defaults are on, or a Conditional Access policy requires MFA at sign-ins with medium and high risk,"
        " or blocks them",
        "Passes with security defaults, or with an enabled Conditional Access policy for all users and applications"
        " that has the level `high` in `signInRiskLevels` and requires MFA or blocks. Without the level `medium`, it"
        f" passes with a remark. {WIDE_EXCLUSIONS} Other exclusions are remarks. Not applicable without Microsoft Entra"
        " ID P2, which policies about the risk of sign-ins need. If Microsoft does not return the directory’s list of"
        " eligible directory roles because a licence is missing, Surety concludes that the directory has no P2.",
        "Microsoft recognizes sign-ins with stolen passwords by their place, device and time. Such a sign-in should not"
        " succeed with a password alone.",
    ),
    fix=Fix(
        *create_policy(
            "Require multifactor authentication at risky sign-ins",
            everybody(ALL_USERS, signInRiskLevels=["high", "medium"]),
            "mfa",
            intro="Require MFA at sign-ins with medium and high risk.",
        ),
        portal=POLICIES,
        portal_source=POLICIES_PAGE,
        cost="Policies about the risk of sign-ins need Microsoft Entra ID P2 for each user that they cover.",
        effects="A user without a registered method is blocked at a risky sign-in."
        f" {SYNCHRONISATION_EXCLUDED} {EITHER_DEFAULTS_OR_POLICIES}",
        variables=MFA_VARIABLES,
    ),
    severity=Severity.MEDIUM,
    references=References(
        c2="1.2.5",
        c3="2.2.6",
        c4="6.2.5",
        c5="5.2.5",
        mcsb="IM-7*",
        nist="AC-4* AC-2(12)*",
        partly=(
            Partly(
                "c2 c3 c4 c5",
                "The control also accepts security defaults, and policies that exclude some users or locations",
            ),
        ),
    ),
    parameters=(MAX_EXCLUDED,),
)(_ca_risky)

CONTROLS = (CA_GEO, CA_DEVICE_CODE, CA_RISKY_SIGNIN)
