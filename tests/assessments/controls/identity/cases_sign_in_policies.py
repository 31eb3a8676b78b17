"""Conditional Access policies for one application, for countries, for device code flow, for risk and for devices; named
locations.
"""

from __future__ import annotations

from typing import Any

from assessments.estate.gaps import Reason
from tests.assessments.controls.cases import Case
from tests.assessments.controls.identity.cases_enforced import ADMIN, GOVERNMENT, policy
from tests.assessments.controls.identity.directory_documents import ADA, APP, BOB, GROUP, GUEST
from tests.assessments.controls.identity.mfa_documents import DEFAULTS_OFF, DEFAULTS_ON, SYNCHRONISATION
from tests.assessments.controls.judging import DIRECTORY, gap
from tests.assessments.controls.portal_paths import ComparedPath, DocsFile

ARM, PORTALS = "identity-ca-mfa-arm", "identity-ca-mfa-portals"
GEO, CODE, RISKY = "identity-ca-geo", "identity-ca-device-code", "identity-ca-risky-signin"
NAMED, JOIN = "identity-named-locations", "identity-device-join-mfa"
AZURE, OFFICE = "797f4846-ba00-4fd7-ba43-dac1f8f63013", "00000002-0000-0ff1-ce00-000000000000"
BLOCK = {"operator": "OR", "builtInControls": ["block"]}
HOME = "77777777-0000-0000-0000-000000000001"
UNLICENSED = [gap("conditional_access_policies", reason=Reason.LICENCE_MISSING)]
NO_P2 = [gap("directory_role_eligibilities", reason=Reason.LICENCE_MISSING)]


def access(*policies: dict[str, Any], defaults: Any = DEFAULTS_OFF, **more: Any) -> dict[str, Any]:
    return {"security_defaults": defaults, "conditional_access_policies": list(policies), **more}


def apps(*included: str, **more: Any) -> dict[str, Any]:
    return policy(conditions__applications__includeApplications=list(included), **more)


def case(
    slug: str, name: str, outcome: str, docs: dict[str, Any], gaps: Any = (), remark: str = "", **more: Any
) -> Case:
    return Case(slug, name, docs, {DIRECTORY: outcome}, gaps, remark=remark, **more)


def common(slug: str, defaults: str, unlicensed: str) -> list[Case]:
    """Cases that several controls share. `defaults`: outcome with security defaults; `unlicensed`: outcome without a
    licence.
    """
    return [
        case(slug, "no policy", "fail", access()),
        case(slug, "security defaults", defaults, access(defaults=DEFAULTS_ON)),
        case(slug, "no licence", unlicensed, {"security_defaults": DEFAULTS_OFF}, UNLICENSED),
        case(
            slug,
            "policies forbidden",
            "unknown",
            {"security_defaults": DEFAULTS_OFF},
            [gap("conditional_access_policies")],
        ),
        case(
            slug,
            "defaults forbidden",
            "unknown",
            {"conditional_access_policies": []},
            [gap("security_defaults")],
        ),
        case(
            slug,
            "defaults forbidden, no licence",
            "unknown",
            {},
            [gap("security_defaults"), *UNLICENSED],
        ),
        case(slug, "a state that is not a text", "unknown", access(policy(state=7))),
    ]


def _of_app(slug: str, target: str) -> list[Case]:
    exclude = "conditions__applications__excludeApplications"
    return [
        *common(slug, "pass", "fail"),
        case(slug, "all applications", "pass", access(policy())),
        case(slug, "this application", "pass", access(apps(target, OFFICE))),
        case(slug, "another application", "fail", access(apps(OFFICE))),
        case(slug, "excluded", "fail", access(policy(**{exclude: [target]}))),
        case(
            slug,
            "excluded, but covered",
            "pass",
            access(policy(**{exclude: [target]}), apps(target, id="p2")),
        ),
        case(
            slug, "another one excluded", "pass", access(policy(**{exclude: [OFFICE]})), no_remark="excluded"
        ),
        case(slug, "report-only", "fail", access(policy(state="enabledForReportingButNotEnforced"))),
        case(slug, "one user", "fail", access(apps(target, conditions__users__includeUsers=[ADA]))),
        case(
            slug,
            "group excluded",
            "pass",
            access(policy(conditions__users__excludeGroups=[GROUP])),
            remark="Groups",
        ),
        case(
            slug,
            "excluded group covered",
            "pass",
            access(
                policy(conditions__users__excludeGroups=[GROUP]),
                policy(id="p2", conditions__users__includeUsers=[], conditions__users__includeGroups=[GROUP]),
            ),
            no_remark="Groups",
        ),
        case(
            slug,
            "three users excluded",
            "pass",
            access(policy(conditions__users__excludeUsers=[ADA, BOB, GUEST])),
            remark="many users",
        ),
        case(
            slug,
            "locations excluded",
            "pass",
            access(
                policy(
                    conditions__locations={"includeLocations": ["All"], "excludeLocations": ["AllTrusted"]}
                ),
                named_locations=[],
            ),
            remark="Locations are excluded",
        ),
        case(
            slug,
            "some platforms",
            "fail",
            access(policy(conditions__platforms={"includePlatforms": ["iOS"]})),
        ),
        case(
            slug,
            "modern clients",
            "pass",
            access(policy(conditions__clientAppTypes=["browser", "mobileAppsAndDesktopClients"])),
        ),
        case(slug, "browsers only", "fail", access(policy(conditions__clientAppTypes=["browser"]))),
        case(slug, "blocks", "fail", access(policy(grantControls=BLOCK))),
        case(
            slug,
            "compliant device instead",
            "pass",
            access(policy(grantControls={"operator": "OR", "builtInControls": ["mfa", "compliantDevice"]})),
            remark="compliantdevice",
        ),
        case(
            slug,
            "terms of use instead",
            "fail",
            access(policy(grantControls={"operator": "OR", "builtInControls": ["mfa"], "termsOfUse": ["t"]})),
        ),
    ]


def where(included: list[str], excluded: list[str]) -> dict[str, Any]:
    return {"includeLocations": included, "excludeLocations": excluded}


def geo(locations: Any, **more: Any) -> dict[str, Any]:
    return policy(**{"grantControls": BLOCK, "conditions__locations": locations, **more})


_GEO = [
    *common(GEO, "fail", "fail"),
    case(GEO, "some locations blocked", "pass", access(geo(where([HOME], [])))),
    case(GEO, "all but one blocked", "pass", access(geo(where(["All"], [HOME])))),
    case(GEO, "all but trusted ones blocked", "pass", access(geo(where(["All"], ["AllTrusted"])))),
    case(GEO, "trusted ones blocked", "fail", access(geo(where(["AllTrusted"], [])))),
    case(GEO, "everything blocked", "fail", access(geo(None))),
    case(
        GEO,
        "MFA only",
        "fail",
        access(geo(where([HOME], []), grantControls={"operator": "OR", "builtInControls": ["mfa"]})),
    ),
    case(
        GEO,
        "one application",
        "fail",
        access(geo(where([HOME], []), conditions__applications__includeApplications=[APP])),
    ),
    case(GEO, "one user", "fail", access(geo(where([HOME], []), conditions__users__includeUsers=[ADA]))),
    case(
        GEO,
        "group excluded",
        "pass",
        access(geo(where([HOME], []), conditions__users__excludeGroups=[GROUP])),
        remark="Groups",
    ),
    case(GEO, "locations not a list", "unknown", access(geo({"includeLocations": HOME}))),
]


def place(*networks: str, trusted: Any = True, **more: Any) -> dict[str, Any]:
    return {
        "@odata.type": "#microsoft.graph.ipNamedLocation",
        "id": HOME,
        "isTrusted": trusted,
        "ipRanges": [{"cidrAddress": network} for network in networks],
        **more,
    }


def flow(methods: Any, **more: Any) -> dict[str, Any]:
    return policy(
        **{"grantControls": BLOCK, "conditions__authenticationFlows": {"transferMethods": methods}, **more}
    )


_CODE = [
    *common(CODE, "fail", "fail"),
    case(CODE, "blocked", "pass", access(flow("deviceCodeFlow"))),
    case(CODE, "blocked with another one", "pass", access(flow("authenticationTransfer, deviceCodeFlow"))),
    case(CODE, "only another one", "fail", access(flow("authenticationTransfer"))),
    case(
        CODE,
        "MFA",
        "fail",
        access(flow("deviceCodeFlow", grantControls={"operator": "OR", "builtInControls": ["mfa"]})),
    ),
    case(CODE, "other policy", "fail", access(policy(grantControls=BLOCK))),
    case(CODE, "switched off", "fail", access(flow("deviceCodeFlow", state="disabled"))),
    case(CODE, "unknown flow", "unknown", access(flow("deviceCodeFlow2"))),
    case(CODE, "not a text", "unknown", access(flow(7))),
    case(
        CODE,
        "locations excluded",
        "pass",
        access(
            flow("deviceCodeFlow", conditions__locations=where(["All"], [HOME])),
            named_locations=[place("203.0.113.0/24")],
        ),
        remark="Locations",
    ),
]


def risk(*levels: Any, **more: Any) -> dict[str, Any]:
    return policy(**{"conditions__signInRiskLevels": list(levels), **more})


_RISKY = [
    *common(RISKY, "pass", "not_applicable"),
    case(RISKY, "MFA", "pass", access(risk("medium", "high")), no_remark="high risk only"),
    case(RISKY, "blocked", "pass", access(risk("high", "medium", "low", grantControls=BLOCK))),
    case(RISKY, "high only", "pass", access(risk("high")), remark="high risk only"),
    case(RISKY, "medium only", "fail", access(risk("medium"))),
    case(RISKY, "no risk", "fail", access(policy())),
    case(RISKY, "risk of users too", "fail", access(risk("high", conditions__userRiskLevels=["high"]))),
    case(RISKY, "session only", "fail", access(risk("high", grantControls=None))),
    case(RISKY, "no Entra ID P2", "not_applicable", access(), NO_P2),
    case(RISKY, "unknown level", "unknown", access(risk("high", "extreme"))),
]


def places(*locations: Any, defaults: Any = DEFAULTS_OFF) -> dict[str, Any]:
    return {"security_defaults": defaults, "named_locations": list(locations)}


COUNTRY = {
    "@odata.type": "#microsoft.graph.countryNamedLocation",
    "id": "c1",
    "countriesAndRegions": ["AT"],
    "includeUnknownCountriesAndRegions": False,
}
_NAMED = [
    case(NAMED, "trusted", "pass", places(COUNTRY, place("203.0.113.0/24", "2001:db8::/32"))),
    case(NAMED, "private only", "pass", places(place("10.0.0.0/8")), remark="private"),
    case(NAMED, "not trusted", "fail", places(place("203.0.113.0/24", trusted=False))),
    case(NAMED, "no addresses", "fail", places(place())),
    case(NAMED, "countries only", "fail", places(COUNTRY)),
    case(NAMED, "none", "fail", places()),
    case(NAMED, "too large", "fail", places(place("200.0.0.0/7"))),
    case(NAMED, "too large in parts", "fail", places(place("200.0.0.0/9", "200.128.0.0/9", "201.0.0.0/9"))),
    case(NAMED, "too large, IPv6", "fail", places(place("2000::/16"))),
    case(NAMED, "security defaults", "not_applicable", places(defaults=DEFAULTS_ON)),
    case(
        NAMED,
        "no licence",
        "not_applicable",
        {"security_defaults": DEFAULTS_OFF},
        [gap("named_locations", reason=Reason.LICENCE_MISSING)],
    ),
    case(
        NAMED, "locations forbidden", "unknown", {"security_defaults": DEFAULTS_OFF}, [gap("named_locations")]
    ),
    case(
        NAMED,
        "defaults forbidden",
        "unknown",
        {"named_locations": [place("203.0.113.0/24")]},
        [gap("security_defaults")],
    ),
    case(NAMED, "not a network", "unknown", places(place("office"))),
    case(
        NAMED,
        "unknown kind",
        "unknown",
        places(place("203.0.113.0/24"), {"@odata.type": "#microsoft.graph.other", "id": "o"}),
    ),
]

EVERYWHERE_BUT_HOME = where(["All"], [HOME])


def _excluding_home(slug: str, docs: dict[str, Any]) -> list[Case]:
    """Cases of a policy that is sufficient except at the location HOME."""
    abroad = {**COUNTRY, "id": HOME}
    return [
        case(
            slug,
            "office excluded",
            "pass",
            {**docs, "named_locations": [place("203.0.113.0/24")]},
            remark="The excluded locations contain 256 IPv4 addresses",
        ),
        case(slug, "half of IPv4 excluded", "fail", {**docs, "named_locations": [place("0.0.0.0/1")]}),
        case(slug, "country excluded", "fail", {**docs, "named_locations": [abroad]}),
        case(slug, "excluded location is not listed", "unknown", {**docs, "named_locations": [COUNTRY]}),
        case(slug, "excluded location is unreadable", "unknown", docs, [gap("named_locations")]),
    ]


REGISTER = "urn:user:registerdevice"


def device(setting: Any, *policies: dict[str, Any], **more: Any) -> dict[str, Any]:
    body = {"id": "deviceRegistrationPolicy", "multiFactorAuthConfiguration": setting}
    return {**access(*policies, **more), "device_registration_policy": {"": [body]}}


def registering(action: Any = REGISTER, **more: Any) -> dict[str, Any]:
    return policy(
        **{
            "conditions__applications": {"includeApplications": [], "includeUserActions": [action]},
            **more,
        }
    )


_JOIN = [
    case(JOIN, "required", "pass", device("required")),
    case(JOIN, "not required", "fail", device("notRequired")),
    case(JOIN, "policy", "pass", device("notRequired", registering())),
    case(
        JOIN,
        "policy for another action",
        "fail",
        device("notRequired", registering("urn:user:registersecurityinfo")),
    ),
    case(JOIN, "policy for all applications", "fail", device("notRequired", policy())),
    case(JOIN, "policy that blocks", "fail", device("notRequired", registering(grantControls=BLOCK))),
    case(
        JOIN,
        "policy for one user",
        "fail",
        device("notRequired", registering(conditions__users__includeUsers=[ADA])),
    ),
    case(
        JOIN,
        "group excluded",
        "pass",
        device("notRequired", registering(conditions__users__excludeGroups=[GROUP])),
        remark="Groups",
    ),
    case(JOIN, "security defaults", "fail", device("notRequired", defaults=DEFAULTS_ON)),
    case(
        JOIN,
        "no licence",
        "fail",
        {key: value for key, value in device("notRequired").items() if key != "conditional_access_policies"},
        UNLICENSED,
    ),
    case(
        JOIN,
        "policies forbidden",
        "unknown",
        {key: value for key, value in device("notRequired").items() if key != "conditional_access_policies"},
        [gap("conditional_access_policies")],
    ),
    case(JOIN, "unknown value", "unknown", device("unknownFutureValue")),
    case(JOIN, "absent", "unknown", device(None)),
    case(JOIN, "setting forbidden", "unknown", access(registering()), [gap("device_registration_policy")]),
]

_LOCATIONS = [
    *_excluding_home(ARM, access(apps(AZURE, conditions__locations=EVERYWHERE_BUT_HOME))),
    *_excluding_home(PORTALS, access(policy(conditions__locations=EVERYWHERE_BUT_HOME))),
    *_excluding_home(CODE, access(flow("deviceCodeFlow", conditions__locations=EVERYWHERE_BUT_HOME))),
    *_excluding_home(RISKY, access(risk("high", conditions__locations=EVERYWHERE_BUT_HOME))),
    *_excluding_home(JOIN, device("notRequired", registering(conditions__locations=EVERYWHERE_BUT_HOME))),
]

_EVERYBODY = {
    ARM: (policy, access),
    PORTALS: (policy, access),
    GEO: (lambda **more: geo(where([HOME], []), **more), access),
    CODE: (lambda **more: flow("deviceCodeFlow", **more), access),
    RISKY: (lambda **more: risk("high", **more), access),
    JOIN: (registering, lambda *policies: device("notRequired", *policies)),
}
"""For each control, two functions: the first one returns a sufficient policy, and the second one returns the documents
of a directory with given policies.
"""
_ROLES = [
    one
    for slug, (sufficient, documents) in _EVERYBODY.items()
    for one in (
        case(
            slug,
            "role excluded",
            "fail",
            documents(sufficient(conditions__users__excludeRoles=[ADMIN])),
        ),
        case(
            slug,
            "role of the synchronisation excluded",
            "pass",
            documents(sufficient(conditions__users__excludeRoles=[SYNCHRONISATION])),
            remark="Roles are excluded",
        ),
    )
]

CASES = [
    *_of_app(ARM, AZURE),
    *(
        case(ARM, f"{name}, {cloud}", outcome, access(docs), cloud=cloud)
        for cloud, right, wrong in (
            ("AzureUSGovernment", GOVERNMENT, AZURE),
            ("AzureUSGovernmentDoD", GOVERNMENT, AZURE),
            ("AzureChinaCloud", AZURE, GOVERNMENT),
        )
        for name, outcome, docs in (
            ("management of this cloud", "pass", apps(right)),
            ("management of another cloud", "fail", apps(wrong)),
            (
                "all but the management of this cloud",
                "fail",
                policy(conditions__applications__excludeApplications=[right]),
            ),
        )
    ),
    *_of_app(PORTALS, "MicrosoftAdminPortals"),
    *_GEO,
    *_CODE,
    *_RISKY,
    *_NAMED,
    *_JOIN,
    *_LOCATIONS,
    *_ROLES,
]
IMPOSSIBLE = {
    slug: {"not_applicable": "every directory can require this"} for slug in (ARM, PORTALS, GEO, CODE, JOIN)
}
ABSENCE_PASSES = [
    (
        f"{ARM}|{PORTALS}|{GEO}|{CODE}|{RISKY}|{JOIN}",
        (
            r"conditions\.(platforms|locations(\.excludeLocations)?|authenticationFlows|(signIn|user)RiskLevels"
            r"|users\.exclude(Users|Groups|Roles)|applications\.excludeApplications)|grantControls\.termsOfUse"
        ),
        "Graph returns null for a condition or an alternative that is not set",
    )
]
OFFICIAL_VERDICTS = """
identity-ca-device-code fail: unit
identity-ca-geo fail: unit
identity-ca-mfa-arm pass: unit
identity-ca-mfa-portals pass: unit
identity-ca-risky-signin pass: unit
identity-device-join-mfa fail: unit
identity-named-locations not_applicable: unit
"""
PORTAL_PATHS = [
    ComparedPath(
        "Entra admin center › Entra ID › Conditional Access › Policies",
        DocsFile(
            "MicrosoftDocs/entra-docs/docs/identity/conditional-access/concept-conditional-access-policy-common.md",
            "0593e51a3816f443f3da2d8208de8afcede44f53",
            "Entra ID > Conditional Access > Policies",
        ),
    ),
    ComparedPath(
        "Entra admin center › Entra ID › Conditional Access › Create new policy from templates"
        " › Require multifactor authentication for Azure management",
        DocsFile(
            "MicrosoftDocs/entra-docs/docs/identity/conditional-access/concept-conditional-access-policy-common.md",
            "0593e51a3816f443f3da2d8208de8afcede44f53",
            "Entra ID > Conditional Access > Create new policy from templates",
            "Require multifactor authentication for Azure management",
        ),
    ),
    ComparedPath(
        "Entra admin center › Entra ID › Devices › Overview › Device settings"
        " › Require multifactor authentication to register or join devices with Microsoft Entra ID",
        DocsFile(
            "MicrosoftDocs/entra-docs/docs/identity/devices/manage-device-identities.md",
            "0d3e3957286513482d6f4ba298e1a9972140f84d",
            "Go to Identity > Devices > Overview",
            "configuring the following device settings",
            "Require multifactor authentication to register or join devices with Microsoft Entra ID",
        ),
    ),
    ComparedPath(
        "Entra admin center › Entra ID › Conditional Access › Named locations",
        DocsFile(
            "MicrosoftDocs/entra-docs/docs/identity/conditional-access/concept-assignment-network.md",
            "0d3e3957286513482d6f4ba298e1a9972140f84d",
            (
                "Locations are defined and exist in the Microsoft Entra admin center under Protection > "
                "Conditional Access > Named locations"
            ),
        ),
    ),
]
