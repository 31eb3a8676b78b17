"""How far a Conditional Access policy enforces multifactor authentication. Pure functions.

Source: https://learn.microsoft.com/graph/api/resources/conditionalaccesspolicy. Graph returns null
or [] for a condition that is not set.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from assessments.estate.view import View

AZURE_MANAGEMENT_APP = "797f4846-ba00-4fd7-ba43-dac1f8f63013"
GLOBAL_ADMINISTRATOR = "62e90394-69f5-4237-9190-012177145e10"

_DEVICE = {"compliantdevice", "domainjoineddevice"}
_GUESTS = "guestsorexternalusers"


class Part(NamedTuple):
    """Users or applications that a policy includes or excludes: `kind` is user, group, role, guests or app.

    `id` is in lower case. For guests, `id` is one of Graph's types of guests, or `*` for all types.
    """

    kind: str
    id: str


@dataclass(slots=True)
class Demand:
    """How far one policy enforces MFA.

    `why` is the reason why the policy does not cover all users and applications, or an empty string. `covers` names the
    only part that the policy covers, or is an empty string. `excluded` and `included` are the parts that the policy
    lists. `remarks` name everything else that weakens the policy.
    """

    why: str = ""
    covers: str = ""
    excluded: frozenset[Part] = frozenset()
    included: frozenset[Part] = frozenset()
    remarks: list[str] = field(default_factory=list)


def mfa_demand(policy: View) -> Demand:
    """Return how far a policy enforces MFA. Raise Unreadable if a deciding property is missing."""
    state = policy.text("state").casefold()
    if state != "enabled":
        only = (
            "only reported, not enforced" if state == "enabledforreportingbutnotenforced" else "switched off"
        )
        return Demand(only)
    strength, remarks = _grant(policy)
    if not strength:
        return Demand("it does not demand multi-factor authentication")
    conditions = policy.object("conditions")
    if narrowed := _narrowed(conditions):
        return Demand(narrowed)
    users = conditions.object("users")
    applications = conditions.object("applications")
    everyone = _holds(users.texts("includeUsers"), "all")
    apps = applications.texts("includeApplications")
    every_app = _holds(apps, "all")
    excluded = _user_parts(users, "exclude") | _app_parts(applications, "exclude")
    remarks += _other_exclusions(conditions, applications)
    if everyone and every_app:
        return Demand("", "", excluded, frozenset(), remarks)
    if every_app:
        included = _user_parts(users, "include")
        return Demand("it does not cover all users", _named_users(included), excluded, included, remarks)
    if everyone:
        included = _app_parts(applications, "include")
        return Demand(
            "it does not cover all applications", _named_apps(included), excluded, included, remarks
        )
    return Demand("it does not cover all users and all applications")


def covered_together(demands: Iterable[Demand]) -> frozenset[Part]:
    """Return the parts that some policy covers completely. Other policies may exclude these parts."""
    complete = (demand for demand in demands if not demand.excluded and not demand.remarks)
    return frozenset(part for demand in complete for part in demand.included)


def uncovered(excluded: Iterable[Part], covered: frozenset[Part]) -> dict[str, list[str]]:
    """Return the ids of the excluded parts that no other policy covers, by kind."""
    by_kind: dict[str, list[str]] = {}
    for part in sorted(excluded):
        if part not in covered and Part(part.kind, "*") not in covered:
            by_kind.setdefault(part.kind, []).append(part.id)
    return by_kind


def exclusion_remarks(by_kind: Mapping[str, list[str]]) -> list[str]:
    """Return a remark for each kind of uncovered exclusion. Users get no remark, because the control limits their
    number."""
    remarks = []
    for kind, title in (("group", "Groups"), ("role", "Roles"), ("app", "Applications")):
        if kind in by_kind:
            remarks.append(f"{title} are excluded: {', '.join(by_kind[kind])}")
    if "guests" in by_kind:
        remarks.append("Guests are excluded")
    return remarks


def _user_parts(users: View, verb: str) -> frozenset[Part]:
    found = {
        Part(kind, fold)
        for kind, key in (("user", "Users"), ("group", "Groups"), ("role", "Roles"))
        for value in users.texts(f"{verb}{key}", default=[])
        if (fold := value.strip().casefold()) not in {"all", "none", _GUESTS}
    }
    if _holds(users.texts(f"{verb}Users", default=[]), _GUESTS):
        found.add(Part("guests", "*"))
    key = f"{verb}GuestsOrExternalUsers"
    if users.has(key):
        kinds = users.object(key).text("guestOrExternalUserTypes", default="").casefold().split(",")
        found |= {Part("guests", kind.strip()) for kind in kinds}
    return frozenset(found)


def _app_parts(applications: View, verb: str) -> frozenset[Part]:
    values = applications.texts(f"{verb}Applications", default=[])
    folded = {value.strip().casefold() for value in values} - {"all", "none"}
    return frozenset(Part("app", value) for value in folded)


def _named_users(parts: frozenset[Part]) -> str:
    if Part("role", GLOBAL_ADMINISTRATOR) in parts:
        return "administrators"
    counts = {kind: sum(part.kind == kind for part in parts) for kind in ("user", "group", "role", "guests")}
    words = [f"{counts[kind]} {kind}s" for kind in ("user", "group", "role") if counts[kind]]
    return " and ".join([*words, *(["guests"] if counts["guests"] else [])])


def _named_apps(parts: frozenset[Part]) -> str:
    if Part("app", AZURE_MANAGEMENT_APP) in parts:
        return "the management of Azure"
    return f"{len(parts)} applications" if parts else ""


def _holds(values: list[str], wanted: str) -> bool:
    return any(value.strip().casefold() == wanted for value in values)


def _grant(policy: View) -> tuple[bool, list[str]]:
    """Return whether every permitted way to sign in is at least as strong as MFA, and remarks."""
    if not policy.has("grantControls"):
        return False, []  # null: the policy only sets session controls
    grant = policy.object("grantControls")
    built_in = {control.casefold() for control in grant.texts("builtInControls", default=[])}
    strong = "mfa" in built_in
    if grant.has("authenticationStrength"):
        strength = grant.object("authenticationStrength")
        if strength.text("requirementsSatisfied", default="mfa").casefold() == "mfa":
            strong = True
    if not strong:
        return False, []
    if grant.text("operator").casefold() == "and":
        return True, []
    others = built_in - {"mfa"}
    others |= {"terms of use"} if grant.texts("termsOfUse", default=[]) else set()
    others |= {"a custom control"} if grant.texts("customAuthenticationFactors", default=[]) else set()
    if others - _DEVICE:
        return False, []
    return True, [f"The policy accepts {name} instead of MFA" for name in sorted(others)]


def _narrowed(conditions: View) -> str:
    """Return why the policy applies to some sign-ins only, or an empty string."""
    clients = {client.casefold() for client in conditions.texts("clientAppTypes")}
    if "all" not in clients and not {"browser", "mobileappsanddesktopclients"} <= clients:
        return "it does not cover browsers and applications"
    for risk in ("signInRiskLevels", "userRiskLevels", "servicePrincipalRiskLevels"):
        if conditions.texts(risk, default=[]):
            return "it applies to risky sign-ins only"
    if conditions.has("insiderRiskLevels"):
        return "it applies to risky users only"
    for place, included, words in (
        ("platforms", "includePlatforms", "device platforms"),
        ("locations", "includeLocations", "locations"),
    ):
        if conditions.has(place) and not _holds(conditions.object(place).texts(included), "all"):
            return f"it applies to some {words} only"
    if conditions.has("devices") and conditions.object("devices").has("deviceFilter"):
        return "it applies to some devices only"
    if conditions.has("authenticationFlows"):
        return "it applies to some sign-in flows only"
    return ""


def _other_exclusions(conditions: View, applications: View) -> list[str]:
    remarks = []
    # A filter by custom security attributes: which applications match the filter is unknown.
    if (
        applications.has("applicationFilter")
        and applications.object("applicationFilter").text("mode").casefold() != "include"
    ):
        remarks.append("Applications are excluded by a filter")
    if conditions.has("locations") and conditions.object("locations").texts("excludeLocations", default=[]):
        remarks.append("Locations are excluded")
    if conditions.has("platforms") and conditions.object("platforms").texts("excludePlatforms", default=[]):
        remarks.append("Device platforms are excluded")
    return remarks
