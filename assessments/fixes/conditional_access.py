"""The Conditional Access policies that fixes propose.

https://learn.microsoft.com/graph/api/conditionalaccessroot-post-policies
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from assessments.estate.identity.conditional_access import AZURE_MANAGEMENT_APP, azure_management_app
from assessments.fixes.declare import Step, graph
from assessments.fixes.directory_roles import BUILT_IN_ROLES
from assessments.fixes.facts import Facts
from assessments.fixes.variables import EXAMPLE_GUID, Variable

# The roles of Microsoft's template “Require multifactor authentication for admins”.
# https://learn.microsoft.com/entra/identity/conditional-access/policy-old-require-mfa-admin
ADMINISTRATOR_ROLES: Final = (
    "62e90394-69f5-4237-9190-012177145e10",  # Global Administrator
    "9b895d92-2cd3-44c7-9d02-a6ac2d5ea5c3",  # Application Administrator
    "c4e39bd9-1100-46d3-8c65-fb160da0071f",  # Authentication Administrator
    "b0f54661-2d74-4c50-afa3-1ec803f12efe",  # Billing Administrator
    "158c047a-c907-4556-b7ef-446551a6b5f7",  # Cloud Application Administrator
    "b1be1c3e-b65d-4f19-8427-f6fa0d97feb9",  # Conditional Access Administrator
    "29232cdf-9323-42fd-ade2-1d097af3e4de",  # Exchange Administrator
    "729827e3-9c14-49f7-bb1b-9608f156bbb8",  # Helpdesk Administrator
    "966707d0-3269-4727-9be2-8c3a10f19b9d",  # Password Administrator
    "7be44c8a-adaf-4e2a-84d6-ab2649e08a13",  # Privileged Authentication Administrator
    "e8611ab8-c189-46e8-94e1-60213ab1f814",  # Privileged Role Administrator
    "194ae4cb-b126-40b2-bd5b-6091b380977d",  # Security Administrator
    "f28a1f50-f6e7-4571-818b-6a12f2af6b6c",  # SharePoint Administrator
    "fe930be7-5e62-47db-91af-98c3a49a38b1",  # User Administrator
)
# The account of Microsoft Entra Connect cannot use MFA, so policies for all users must exclude its role, Directory
# Synchronization Accounts: https://learn.microsoft.com/entra/identity/conditional-access/policy-all-users-mfa-strength
SYNCHRONISATION_ROLE: Final = "d29b2b05-8046-44ba-8758-1e26182fcf32"
_EVERY_USER: Final[Mapping[str, Any]] = {"includeUsers": ["All"]}
ALL_USERS: Final[Mapping[str, Any]] = {**_EVERY_USER, "excludeRoles": [SYNCHRONISATION_ROLE]}
"""All users except the account that synchronises the directory."""
SYNCHRONISATION_EXCLUDED: Final = (
    "The account with which Microsoft Entra Connect synchronises the directory cannot use MFA. The request excludes the"
    " role of this account, Directory Synchronization Accounts: exclude this role in the portal too, or the"
    " synchronization stops."
)
CONDITIONAL_ACCESS_COST: Final = (
    "Conditional Access needs Microsoft Entra ID P1 for each user that it covers."
)
EITHER_DEFAULTS_OR_POLICIES: Final = (
    "Security defaults and Conditional Access exclude each other: no policy can be enabled while security defaults"
    " are on, and security defaults cannot be switched on while a policy is enabled."
)
# https://learn.microsoft.com/entra/identity/conditional-access/concept-conditional-access-policy-common
TEMPLATE_ONLY_REPORTS: Final = (
    "The template in the portal creates a report-only policy that excludes only its creator: exclude"
    " the emergency access accounts too, and set the state of the policy to On after you checked it."
)
# https://learn.microsoft.com/entra/identity/conditional-access/concept-conditional-access-users-groups
NO_SCOPED_ROLES: Final = (
    "A policy for directory roles does not apply to people with a custom role, nor to people who hold a role only for"
    " an administrative unit. Include these people in the policy by name. The request of the fix already includes the"
    " people of the finding who have a custom role."
)
MFA_VARIABLES: Final = (
    Variable(
        "emergency_account",
        "Object id of the emergency access account, which the policy excludes",
        EXAMPLE_GUID,
    ),
    Variable("policy_id", "Id of the new policy, which the previous request printed", EXAMPLE_GUID),
)
_HOLDERS: Final = "holders"
"""The key of the observed values under which `join_roles` stores each user together with the user's roles."""
_GUID: Final = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
# Creating a policy also needs Application.Read.All, because a policy refers to applications.
_SCOPES: Final = ("Policy.Read.All", "Policy.ReadWrite.ConditionalAccess", "Application.Read.All")


def with_roles_of_finding(
    policy: Mapping[str, Any], facts: Facts, never: frozenset[str] | set[str] = frozenset()
) -> Mapping[str, Any]:
    """Return `policy` with the directory roles of a finding added:

    - `includeRoles`: the built-in roles of the finding, except roles in `never`
    - `includeUsers`: the people of the finding who have a custom role, except people with a role in `never`

    `includeRoles` takes only ids of role templates, which are the ids of the built-in roles. For other ids, Graph
    returns "1103: 'users' condition contains non-built in role ids":
    https://learn.microsoft.com/graph/api/resources/conditionalaccessusers
    """
    conditions = policy["conditions"]
    included = conditions["users"]["includeRoles"]
    held = _role_ids(facts.texts("roles")) & BUILT_IN_ROLES
    users = {**conditions["users"], "includeRoles": [*included, *sorted(held - set(included) - never)]}
    if named := _people_by_name(facts, never):
        users["includeUsers"] = named
    return {**policy, "conditions": {**conditions, "users": users}}


def with_management_app(policy: Mapping[str, Any], facts: Facts) -> Mapping[str, Any]:
    """Return `policy` with the id that Azure's management application has in the cloud of the finding, instead of
    AZURE_MANAGEMENT_APP.
    """
    conditions = policy["conditions"]
    included = [
        azure_management_app(facts.cloud) if app == AZURE_MANAGEMENT_APP else app
        for app in conditions["applications"]["includeApplications"]
    ]
    applications = {**conditions["applications"], "includeApplications": included}
    return {**policy, "conditions": {**conditions, "applications": applications}}


def join_roles(findings: Sequence[Facts]) -> Facts:
    """Merge the facts of several findings about people: one policy covers the roles of all these people."""
    roles = sorted({role for facts in findings for role in facts.texts("roles")})
    holders = [{"user": facts.user_id(), "roles": facts.texts("roles")} for facts in findings]
    return replace(findings[0], observed={**findings[0].observed, "roles": roles, _HOLDERS: holders})


def _role_ids(roles: Iterable[str]) -> set[str]:
    return {role.casefold() for role in roles if _GUID.fullmatch(role)}


def _people_by_name(facts: Facts, never: frozenset[str] | set[str]) -> list[str]:
    """Return the ids of the people who have a custom role. People with a role in `never` are left out, because the
    policy must not apply to them.
    """
    held = facts.rows(_HOLDERS) or [{"user": facts.user_id(), "roles": facts.texts("roles")}]
    named = set()
    for holder in held:
        roles = _role_ids(holder["roles"])
        if holder["user"] and roles - BUILT_IN_ROLES and not roles & never:
            named.add(str(holder["user"]))
    return sorted(named)


def require_mfa(
    name: str,
    *,
    users: Mapping[str, Any],
    applications: Sequence[str],
    intro: str,
    when: Callable[[Facts], bool] | None = None,
    adapt: Callable[[Mapping[str, Any], Facts], Mapping[str, Any]] | None = None,
) -> tuple[Step, Step]:
    """Return a request that creates a policy for MFA in report-only mode, and a request that enables the policy.

    `adapt(policy, facts)` returns the policy for a finding.
    """
    conditions = {
        "clientAppTypes": ["all"],
        "applications": {"includeApplications": list(applications)},
        "users": {**users, "excludeUsers": ["{emergency_account}"]},
    }
    return create_policy(name, conditions, "mfa", intro=intro, when=when, adapt=adapt)


def create_policy(
    name: str,
    conditions: Mapping[str, Any],
    control: str,
    *,
    intro: str,
    when: Callable[[Facts], bool] | None = None,
    adapt: Callable[[Mapping[str, Any], Facts], Mapping[str, Any]] | None = None,
) -> tuple[Step, Step]:
    """Return a request that creates a policy in report-only mode, and a request that enables the policy.

    `control` is the grant control of the policy: `mfa`, or `block`. `adapt(policy, facts)` returns the policy for a
    finding.
    """
    create = graph(
        "POST",
        "/v1.0/identity/conditionalAccess/policies",
        *_SCOPES,
        intro=f"{intro} At first, the policy is in report-only mode.",
        when=when,
        adapt=adapt,
        body={
            "displayName": name,
            "state": "enabledForReportingButNotEnforced",
            "conditions": conditions,
            "grantControls": {"operator": "OR", "builtInControls": [control]},
        },
    )
    enable = graph(
        "PATCH",
        "/v1.0/identity/conditionalAccess/policies/{policy_id}",
        *_SCOPES,
        intro="Check in the sign-in logs whose sign-ins the policy would have blocked, then enable the policy.",
        when=when,
        body={"state": "enabled"},
    )
    return create, enable


def everybody(users: Mapping[str, Any] = _EVERY_USER, **more: Any) -> Mapping[str, Any]:
    """Return the conditions of a policy for all applications and for all users except the emergency access account.

    If `users` is given, the policy applies to these users instead of all users. `more` are further
    conditions, by their names in Graph.
    """
    return {
        "clientAppTypes": ["all"],
        "applications": {"includeApplications": ["All"]},
        "users": {**users, "excludeUsers": ["{emergency_account}"]},
        **more,
    }
