"""Determine what a Conditional Access policy enforces, above all multifactor authentication, and for whom. Pure
functions.

Source: https://learn.microsoft.com/graph/api/resources/conditionalaccesspolicy. Graph returns null
or [] for a condition that is not set.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import Final, NamedTuple

from assessments.estate.view import View

AZURE_MANAGEMENT_APP = "797f4846-ba00-4fd7-ba43-dac1f8f63013"
"""The id of Windows Azure Service Management API, in all clouds except Azure Government."""
# Policies of Azure Government name Azure Government Cloud Management API:
# https://learn.microsoft.com/entra/identity/conditional-access/concept-conditional-access-cloud-apps
# The id of this application: https://github.com/MicrosoftDocs/azure-docs/issues/81661
_GOVERNMENT_MANAGEMENT_APP: Final = "40a69793-8fe6-4db1-9591-dbc5c57b17d8"
_GOVERNMENT: Final = frozenset({"AzureUSGovernment", "AzureUSGovernmentDoD"})
GLOBAL_ADMINISTRATOR = "62e90394-69f5-4237-9190-012177145e10"

# https://learn.microsoft.com/graph/api/resources/conditionalaccesspolicy (`state`)
_STATES: Final = frozenset({"enabled", "disabled", "enabledforreportingbutnotenforced"})
# https://learn.microsoft.com/graph/api/resources/conditionalaccessconditionset (`clientAppTypes`)
_CLIENT_TYPES: Final = frozenset(
    {"all", "browser", "mobileappsanddesktopclients", "exchangeactivesync", "eassupported", "other"}
)
# https://learn.microsoft.com/graph/api/resources/conditionalaccessgrantcontrols
_CONTROLS: Final = frozenset(
    {
        "block",
        "mfa",
        "compliantdevice",
        "domainjoineddevice",
        "approvedapplication",
        "compliantapplication",
        "passwordchange",
        "riskremediation",
    }
)
LOCATIONS_EXCLUDED: Final = "Locations are excluded"
_NOT_ALL_APPS: Final = "it does not cover all applications"
_DEVICE = {"compliantdevice", "domainjoineddevice"}
_GUESTS = "guestsorexternalusers"
# The end of `Part.id` if a policy includes only the guests of some directories. With this end, `uncovered`
# does not count the guests of all directories as covered.
_SOME_TENANTS = " of some directories"

# Clients with legacy authentication, which cannot use MFA.
# https://learn.microsoft.com/entra/identity/conditional-access/policy-block-legacy-authentication
_LEGACY_CLIENTS: Final = frozenset({"exchangeactivesync", "other"})
_MODERN_CLIENTS: Final = frozenset({"browser", "mobileappsanddesktopclients"})

OFFICE_365: Final = "office365"
ADMIN_PORTALS: Final = "microsoftadminportals"
# The values that name no single application. Every other value is the id of an application:
# https://learn.microsoft.com/graph/api/resources/conditionalaccessapplications
_APP_GROUPS: Final = frozenset({"all", "none", OFFICE_365, ADMIN_PORTALS, "allagentidresources"})
_APP_ID: Final = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
# Applications that the group `OFFICE_365` contains.
# https://learn.microsoft.com/entra/identity/conditional-access/reference-office-365-application-contents
OFFICE_365_APPS: Final = {
    "00000002-0000-0ff1-ce00-000000000000": "Exchange Online",
    "00000003-0000-0ff1-ce00-000000000000": "SharePoint Online",
    "cc15fd57-2c6c-4117-a88c-83b1d56b4bbe": "Microsoft Teams",
}


class Part(NamedTuple):
    """Users or applications that a policy includes or excludes: `kind` is user, group, role, guests or app.

    `id` is in lower case. For guests, `id` is one of Graph's types of guests, or `*` for all types.
    """

    kind: str
    id: str


@dataclass(slots=True)
class Demand:
    """The result of `mfa_demand`, `mfa_for` and `restriction`: whether one policy counts, and what it excludes.

    - `why`: the reason why the policy does not count, such as “it does not cover all users”; empty if it counts
    - `covers`: for a policy that covers too little to count, the users, applications or clients that it does cover, in
      words ("administrators"); may be empty
    - `excluded`: the parts that the policy excludes
    - `included`: the parts that the policy includes, if it does not include all users and all applications
    - `open_clients`: the kinds of legacy clients to which the policy does not apply
    - `locations`: the excluded named locations, by id or as `AllTrusted`, in lower case
    - `remarks`: sentences about everything else that weakens the policy
    """

    why: str = ""
    covers: str = ""
    excluded: frozenset[Part] = frozenset()
    included: frozenset[Part] = frozenset()
    remarks: list[str] = field(default_factory=list)
    open_clients: frozenset[str] = frozenset()
    locations: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class LegacyBlock:
    """A policy that blocks legacy clients of the kinds `clients` for all users and all applications, except the parts
    in `excluded`. `locations` has the same form as `Demand.locations`.
    """

    clients: frozenset[str]
    excluded: frozenset[Part]
    remarks: tuple[str, ...]
    locations: frozenset[str]


def azure_management_app(cloud: str) -> str:
    """Return the id of the application that stands for the management of Azure in this cloud. `cloud` is a name of
    `tenants.cloud_table.CLOUDS`.
    """
    return _GOVERNMENT_MANAGEMENT_APP if cloud in _GOVERNMENT else AZURE_MANAGEMENT_APP


def mfa_demand(policy: View, management_app: str = AZURE_MANAGEMENT_APP) -> Demand:
    """Return whether a policy enforces MFA for all users and all applications, and what the policy excludes.
    `management_app` is the result of `azure_management_app`. Raise Unreadable if a property on which the result depends
    is missing or unknown.
    """
    state = policy.choice("state", _STATES)
    if state != "enabled":
        only = (
            "only reported, not enforced" if state == "enabledforreportingbutnotenforced" else "switched off"
        )
        return Demand(only)
    strength, remarks = _grant(policy)
    if not strength:
        return Demand("it does not demand multi-factor authentication")
    conditions = policy.object("conditions")
    clients = _clients(conditions)
    if not clients >= _MODERN_CLIENTS:
        return Demand("it does not cover browsers and applications")
    if narrowed := _narrowed(conditions):
        return Demand(narrowed)
    open_clients = _LEGACY_CLIENTS - clients
    users = conditions.object("users")
    applications = conditions.object("applications")
    everyone = _holds(users.texts("includeUsers"), "all")
    apps = applications.texts("includeApplications")
    every_app = _holds(apps, "all")
    excluded = _user_parts(users, "exclude") | _app_parts(applications, "exclude")
    locations = _excluded_locations(conditions)
    remarks += _other_exclusions(applications, locations)
    if everyone and every_app:
        return Demand("", "", excluded, frozenset(), remarks, open_clients, locations)
    if every_app:
        included = _user_parts(users, "include")
        why = "it does not cover all users"
        return Demand(why, _named_users(included), excluded, included, remarks, open_clients)
    if everyone:
        included = _app_parts(applications, "include")
        return Demand(
            _NOT_ALL_APPS,
            _named_apps(included, management_app),
            excluded,
            included,
            remarks,
            open_clients,
            locations,
        )
    return Demand("it does not cover all users and all applications")


def legacy_block(policy: View) -> LegacyBlock | None:
    """Return which legacy clients a policy blocks, or None if it blocks none. Raise Unreadable if a deciding property
    is missing or unknown.

    Legacy clients cannot use MFA, and do not report their device. So a policy that accepts only MFA or a managed device
    also blocks legacy clients.
    """
    if policy.choice("state", _STATES) != "enabled":
        return None
    conditions = policy.object("conditions")
    clients = _clients(conditions) & _LEGACY_CLIENTS
    if not clients or not (_blocks(policy) or _grant(policy)[0]) or _narrowed(conditions):
        return None
    users = conditions.object("users")
    applications = conditions.object("applications")
    if not _holds(users.texts("includeUsers"), "all"):
        return None
    if not _holds(applications.texts("includeApplications"), "all"):
        return None
    excluded = _user_parts(users, "exclude") | _app_parts(applications, "exclude")
    locations = _excluded_locations(conditions)
    return LegacyBlock(clients, excluded, tuple(_other_exclusions(applications, locations)), locations)


def mfa_for(policy: View, app: str) -> Demand:
    """Return whether a policy enforces MFA for all users of one application, and what the policy excludes. `app` is the
    id of the application in lower case. Raise Unreadable if a deciding property is missing or unknown.
    """
    demand = mfa_demand(policy)
    excludes_app = Part("app", app) in demand.excluded
    people = frozenset(part for part in demand.excluded if part.kind != "app")
    if not demand.why:
        return replace(demand, excluded=people, why="it excludes the application" if excludes_app else "")
    if demand.why == _NOT_ALL_APPS and Part("app", app) in demand.included and not excludes_app:
        return replace(demand, why="", covers="", included=frozenset(), excluded=people)
    return demand


def restriction(policy: View, *, ignored: str = "", action: str = "") -> Demand:
    """Return whether a policy is enabled and applies to all users and all applications, and what the policy excludes.
    The grant controls of the policy do not matter.

    `ignored` names a condition, such as `locations`, that the caller checks itself. If `action` is given, the policy
    must apply to this user action instead of applications. Raise Unreadable if a deciding property is missing or
    unknown.
    """
    if policy.choice("state", _STATES) != "enabled":
        return Demand("it is not enabled")
    conditions = policy.object("conditions")
    if not _clients(conditions) >= _MODERN_CLIENTS:
        return Demand("it does not cover browsers and applications")
    if narrowed := _narrowed(conditions, ignored):
        return Demand(narrowed)
    users, applications = conditions.object("users"), conditions.object("applications")
    if not _holds(users.texts("includeUsers"), "all"):
        return Demand("it does not cover all users")
    if action and not _holds(applications.texts("includeUserActions", default=[]), action):
        return Demand("it does not cover the action")
    if not action and not _holds(applications.texts("includeApplications"), "all"):
        return Demand(_NOT_ALL_APPS)
    excluded = _user_parts(users, "exclude") | _app_parts(applications, "exclude")
    locations = frozenset() if ignored == "locations" else _excluded_locations(conditions)
    remarks = _other_exclusions(applications, locations)
    return Demand("", "", excluded, remarks=remarks, locations=locations)


def blocks(policy: View) -> bool:
    """Return whether the policy blocks every sign-in to which it applies. Raise Unreadable for a grant control that
    Surety does not know.
    """
    if _blocks(policy):
        return True
    if policy.has("grantControls"):
        policy.object("grantControls").choices("builtInControls", _CONTROLS, default=[])
    return False


def is_location(value: str) -> bool:
    """Return whether a value of a policy is the id of a named location."""
    return _APP_ID.fullmatch(value.strip().casefold()) is not None


def requires_mfa(policy: View) -> tuple[bool, list[str]]:
    """Return two values: whether every sign-in to which the policy applies needs MFA or an equally strong control, and
    a list of remarks.
    """
    return _grant(policy)


def _user_parts(users: View, verb: str) -> frozenset[Part]:
    """Return the users that a policy includes or excludes. Accounts of AI agents do not count, because they cannot use
    MFA.

    https://learn.microsoft.com/entra/agent-id/agent-users
    """
    found = {
        Part(kind, fold)
        for kind, key in (("user", "Users"), ("group", "Groups"), ("role", "Roles"))
        for value in users.texts(f"{verb}{key}", default=[])
        if (fold := value.strip().casefold()) not in {"all", "none", _GUESTS, "allagentidusers"}
    }
    if _holds(users.texts(f"{verb}Users", default=[]), _GUESTS):
        found.add(Part("guests", "*"))
    key = f"{verb}GuestsOrExternalUsers"
    if users.has(key):
        external = users.object(key)
        kinds = external.text("guestOrExternalUserTypes", default="").casefold().split(",")
        some = _SOME_TENANTS if verb == "include" and _of_some_tenants(external) else ""
        found |= {Part("guests", kind.strip() + some) for kind in kinds}
    return frozenset(found)


def _of_some_tenants(external: View) -> bool:
    """Return whether the condition on guests applies only to guests of some directories.

    In Graph, `externalTenants.membershipKind` is `all` or `enumerated`; null means all.
    https://learn.microsoft.com/graph/api/resources/conditionalaccessguestsorexternalusers
    """
    if not external.has("externalTenants"):
        return False
    return external.object("externalTenants").text("membershipKind").casefold() != "all"


def _app_parts(applications: View, verb: str) -> frozenset[Part]:
    """Return the applications that a policy includes or excludes (`verb`). Raise Unreadable for an excluded group that
    is not in `_APP_GROUPS`.
    """
    path = f"{verb}Applications"
    found = set()
    for value in applications.texts(path, default=[]):
        folded = value.strip().casefold()
        if verb == "exclude" and folded not in _APP_GROUPS and not _APP_ID.fullmatch(folded):
            raise applications.unknown_value(path, value)
        if folded not in {"all", "none"}:
            found.add(Part("app", folded))
    return frozenset(found)


def _named_users(parts: frozenset[Part]) -> str:
    if Part("role", GLOBAL_ADMINISTRATOR) in parts:
        return "administrators"
    counts = {kind: sum(part.kind == kind for part in parts) for kind in ("user", "group", "role", "guests")}
    words = [f"{counts[kind]} {kind}s" for kind in ("user", "group", "role") if counts[kind]]
    return " and ".join([*words, *(["guests"] if counts["guests"] else [])])


def _named_apps(parts: frozenset[Part], management_app: str) -> str:
    if Part("app", management_app) in parts:
        return "the management of Azure"
    return f"{len(parts)} applications" if parts else ""


def _holds(values: list[str], wanted: str) -> bool:
    return any(value.strip().casefold() == wanted for value in values)


def _grant(policy: View) -> tuple[bool, list[str]]:
    """Return two values: whether every permitted way to sign in is at least as strong as MFA, and a list of remarks.

    Raise Unreadable if the result depends on a grant control that Surety does not know.
    """
    if not policy.has("grantControls"):
        return False, []  # If the grant controls are null, the policy sets only session controls.
    grant = policy.object("grantControls")
    built_in = {control.casefold() for control in grant.texts("builtInControls", default=[])}
    strong = "mfa" in built_in
    if grant.has("authenticationStrength"):
        strength = grant.object("authenticationStrength")
        # https://learn.microsoft.com/graph/api/resources/authenticationstrengthpolicy
        if strength.choice("requirementsSatisfied", {"mfa", "none"}, default="mfa") == "mfa":
            strong = True
    if not strong:
        grant.choices("builtInControls", _CONTROLS, default=[])
        return False, []
    if grant.choice("operator", {"and", "or"}) == "and":
        return True, []
    grant.choices("builtInControls", _CONTROLS, default=[])
    others = built_in - {"mfa"}
    others |= {"terms of use"} if grant.texts("termsOfUse", default=[]) else set()
    others |= {"a custom control"} if grant.texts("customAuthenticationFactors", default=[]) else set()
    if others - _DEVICE:
        return False, []
    return True, [f"The policy accepts {name} instead of MFA" for name in sorted(others)]


def _blocks(policy: View) -> bool:
    """Return whether the policy has the grant control `block`. Unlike `blocks`, do not raise Unreadable if Surety does
    not know another grant control of the policy.
    """
    if not policy.has("grantControls"):
        return False
    return _holds(policy.object("grantControls").texts("builtInControls", default=[]), "block")


def _clients(conditions: View) -> frozenset[str]:
    """Return the kinds of clients that the policy applies to, in lower case."""
    clients = frozenset(conditions.choices("clientAppTypes", _CLIENT_TYPES))
    return _MODERN_CLIENTS | _LEGACY_CLIENTS if "all" in clients else clients


def _narrowed(conditions: View, ignored: str = "") -> str:
    """Return why the policy applies only to some sign-ins, or an empty string if it applies to all. `ignored` names a
    condition that does not count.
    """
    for risk in ("signInRiskLevels", "userRiskLevels", "servicePrincipalRiskLevels"):
        if risk != ignored and conditions.texts(risk, default=[]):
            return "it applies to risky sign-ins only"
    if conditions.has("insiderRiskLevels"):
        return "it applies to risky users only"
    for place, included, words in (
        ("platforms", "includePlatforms", "device platforms"),
        ("locations", "includeLocations", "locations"),
    ):
        if (
            place != ignored
            and conditions.has(place)
            and not _holds(conditions.object(place).texts(included), "all")
        ):
            return f"it applies to some {words} only"
    # The client itself states its platform, and can state a wrong one. So an excluded platform is a way around the
    # policy. https://learn.microsoft.com/entra/identity/conditional-access/concept-conditional-access-conditions
    if conditions.has("platforms") and conditions.object("platforms").texts("excludePlatforms", default=[]):
        return "it excludes device platforms"
    if conditions.has("devices") and conditions.object("devices").has("deviceFilter"):
        return "it applies to some devices only"
    if ignored != "authenticationFlows" and conditions.has("authenticationFlows"):
        return "it applies to some sign-in flows only"
    return ""


def _excluded_locations(conditions: View) -> frozenset[str]:
    if not conditions.has("locations"):
        return frozenset()
    excluded = conditions.object("locations").texts("excludeLocations", default=[])
    return frozenset(location.strip().casefold() for location in excluded)


def _other_exclusions(applications: View, locations: frozenset[str]) -> list[str]:
    remarks = []
    # The filter selects applications by custom security attributes, so Surety does not know the excluded applications.
    if (
        applications.has("applicationFilter")
        and applications.object("applicationFilter").text("mode").casefold() != "include"
    ):
        remarks.append("Applications are excluded by a filter")
    if locations:
        remarks.append(LOCATIONS_EXCLUDED)
    return remarks
