"""How far a Conditional Access policy enforces multifactor authentication. Pure.

Source: https://learn.microsoft.com/graph/api/resources/conditionalaccesspolicy. Graph returns null
or [] for a condition that is not set.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum

from assessments.estate.view import View

AZURE_MANAGEMENT_APP = "797f4846-ba00-4fd7-ba43-dac1f8f63013"
GLOBAL_ADMINISTRATOR = "62e90394-69f5-4237-9190-012177145e10"

_DEVICE = {"compliantdevice", "domainjoineddevice"}


class Reach(IntEnum):
    """How much of the directory a policy covers."""

    NONE = 0
    PARTIAL = 1
    ALL = 2


@dataclass(slots=True)
class Demand:
    """The effect of one policy: how far it enforces MFA, why not further, and what weakens it."""

    reach: Reach
    why: str = ""
    remarks: list[str] = field(default_factory=list)


def mfa_demand(policy: View, *, max_excluded_users: int) -> Demand:
    """Return how far a policy enforces MFA. Raise Unreadable if a deciding property is missing."""
    state = policy.text("state").casefold()
    if state != "enabled":
        only = (
            "only reported, not enforced" if state == "enabledforreportingbutnotenforced" else "switched off"
        )
        return Demand(Reach.NONE, only)
    strength, remarks = _grant(policy)
    if not strength:
        return Demand(Reach.NONE, "it does not demand multi-factor authentication")
    conditions = policy.object("conditions")
    if narrowed := _narrowed(conditions):
        return Demand(Reach.NONE, narrowed)
    users = conditions.object("users")
    applications = conditions.object("applications")
    everyone = _holds(users.texts("includeUsers"), "all")
    admins = _holds(users.texts("includeRoles", default=[]), GLOBAL_ADMINISTRATOR)
    apps = applications.texts("includeApplications")
    every_app = _holds(apps, "all")
    remarks += _exclusions(users, applications, conditions, max_excluded_users)
    if everyone and every_app:
        return Demand(Reach.ALL, "", remarks)
    if admins and every_app:
        return Demand(Reach.PARTIAL, "", [*remarks, "MFA is enforced for administrators only"])
    if everyone and _holds(apps, AZURE_MANAGEMENT_APP):
        return Demand(Reach.PARTIAL, "", [*remarks, "MFA is enforced for the management of Azure only"])
    return Demand(Reach.NONE, "it does not cover all users and all applications")


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
    """Return why the policy applies to some sign-ins only, or ``."""
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


def _exclusions(users: View, applications: View, conditions: View, max_excluded_users: int) -> list[str]:
    remarks = []
    excluded = users.texts("excludeUsers", default=[])
    if len(excluded) > max_excluded_users:
        remarks.append(f"{len(excluded)} users are excluded: {', '.join(sorted(excluded))}")
    if groups := users.texts("excludeGroups", default=[]):
        remarks.append(f"Groups are excluded: {', '.join(sorted(groups))}")
    if roles := users.texts("excludeRoles", default=[]):
        remarks.append(f"Roles are excluded: {', '.join(sorted(roles))}")
    if users.has("excludeGuestsOrExternalUsers") or _holds(excluded, "guestsorexternalusers"):
        remarks.append("Guests are excluded")
    if apps := applications.texts("excludeApplications", default=[]):
        remarks.append(f"Applications are excluded: {', '.join(sorted(apps))}")
    if conditions.has("locations") and conditions.object("locations").texts("excludeLocations", default=[]):
        remarks.append("Locations are excluded")
    if conditions.has("platforms") and conditions.object("platforms").texts("excludePlatforms", default=[]):
        remarks.append("Device platforms are excluded")
    return remarks
