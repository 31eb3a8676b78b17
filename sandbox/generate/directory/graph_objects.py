"""Generate objects of Microsoft Graph v1.0 that describe people: users, registration report, directory roles, groups.

This module writes the expected verdicts of identity-mfa-privileged and identity-mfa-all-users. After all subscriptions
have been written, it also writes the expected verdicts of identity-mfa-azure-writers and identity-guests-*.
"""

from __future__ import annotations

from sandbox.generate.directory.people import DIRECTORY_ROLES, SYNCHRONISATION_ROLES, Directory, Person
from sandbox.generate.output import Json, Output
from sandbox.generate.random_source import RandomSource

_METHODS: tuple[list[str], ...] = (
    ["microsoftAuthenticatorPush", "softwareOneTimePasscode"],
    ["mobilePhone"],
    ["fido2SecurityKey"],
    ["microsoftAuthenticatorPush", "mobilePhone"],
)
_WEAK_METHODS: tuple[list[str], ...] = ([], ["email"])


def write_people(out: Output, rng: RandomSource, directory: Directory) -> None:
    """Write the users with their entries in the registration report, then the directory roles and the groups."""
    for person in (*directory.members, *directory.guests, *directory.synchronisers):
        user = _user(rng, person)
        if directory.synchronisers:
            user["onPremisesSyncEnabled"] = True if person.synchronised else None
        _change_type(rng.branch(f"{person.id}/type"), user)
        out.graph("users", user)
        if person.enabled:  # Graph's registration report does not contain disabled accounts.
            out.graph("reports/authenticationMethods/userRegistrationDetails", _registration(rng, person))
    _roles(out, rng, directory)
    _groups(out, directory)
    _eligible_members(out, rng.branch("eligible members"), directory)


def _user(rng: RandomSource, person: Person) -> Json:
    user: Json = {
        "id": person.id,
        "displayName": person.name,
        "userPrincipalName": person.upn,
        "mail": person.mail or None,
        "accountEnabled": person.enabled,
        "userType": "Guest" if person.guest else "Member",
        "creationType": "Invitation" if person.guest else None,
        "createdDateTime": rng.graph_timestamp(200, 1500),
        "passwordPolicies": "DisableStrongPassword"
        if person.weak_password
        else rng.pick((None, "DisablePasswordExpiration")),
        "externalUserState": None,
        "externalUserStateChangeDateTime": None,
        "assignedLicenses": _licences(rng.branch(f"{person.id}/licences"), person),
    }
    if not person.guest:
        user["signInActivity"] = _signed_in(rng, 1, 60)
        # Use a separate random source (branch), so that its choices do not change other parts of the estate.
        unused = rng.branch(f"{person.id}/unused")
        person.unused = unused.faulty() and unused.chance(0.3)
        if person.unused:
            user["signInActivity"] = _signed_in(unused, 100, 190)
        return user
    young = person.guest == "new"
    user["createdDateTime"] = rng.graph_timestamp(2, 20) if young else rng.graph_timestamp(200, 900)
    pending = person.guest in ("pending", "new")
    user["externalUserState"] = "PendingAcceptance" if pending else "Accepted"
    user["externalUserStateChangeDateTime"] = (
        user["createdDateTime"] if pending else rng.graph_timestamp(100, 190)
    )
    if person.guest == "used":
        user["signInActivity"] = _signed_in(rng, 1, 80)
    elif person.guest == "stale":
        user["signInActivity"] = _signed_in(rng, 100, 190)
    return user


def _licences(rng: RandomSource, person: Person) -> list[Json]:
    """Return the licences of a person. Most members have one licence. Guests have none."""
    if person.guest or not rng.chance(0.8):
        return []
    # Microsoft 365 E5: https://learn.microsoft.com/entra/identity/users/licensing-service-plan-reference
    return [{"disabledPlans": [], "skuId": "06ebc4ee-1bb5-47dd-8120-11324bc54e06"}]


def _change_type(rng: RandomSource, user: Json) -> None:
    """Rarely, set the type of an account to null, or make an invited user a member.

    If an account is older than the property `userType`, Graph returns null as the account's `userType`. The principal
    name of an invited user shows the invitation even if the user is a member.
    https://learn.microsoft.com/entra/external-id/user-properties
    """
    if rng.rare():
        user["userType"] = rng.pick((None, "Member")) if "#EXT#" in user["userPrincipalName"] else None


def _signed_in(rng: RandomSource, min_days: int, max_days: int) -> Json:
    moment = rng.graph_timestamp(min_days, max_days)
    return {
        "lastSignInDateTime": moment,
        "lastSignInRequestId": rng.guid(),
        "lastNonInteractiveSignInDateTime": moment,
        "lastNonInteractiveSignInRequestId": rng.guid(),
        "lastSuccessfulSignInDateTime": moment,
        "lastSuccessfulSignInRequestId": rng.guid(),
    }


def _registration(rng: RandomSource, person: Person) -> Json:
    # A person can have registered a method that a policy does not permit. So only isMfaCapable shows who can use MFA.
    registered = person.mfa_capable or rng.chance(0.2)
    return {
        "id": person.id,
        "userPrincipalName": person.upn,
        "userDisplayName": person.name,
        "userType": "guest" if person.guest else "member",
        "isAdmin": bool(person.active_roles or person.by_group),
        "isSsprRegistered": False,
        "isSsprEnabled": False,
        "isSsprCapable": False,
        "isMfaRegistered": registered,
        "isMfaCapable": person.mfa_capable,
        "isPasswordlessCapable": False,
        "methodsRegistered": list(rng.pick(_METHODS if registered else _WEAK_METHODS)),
        "isSystemPreferredAuthenticationMethodEnabled": False,
        "systemPreferredAuthenticationMethods": [],
        "userPreferredMethodForSecondaryAuthentication": "push" if registered else "none",
        "lastUpdatedDateTime": rng.graph_timestamp(0, 2),
    }


def _roles(out: Output, rng: RandomSource, directory: Directory) -> None:
    synchronising = SYNCHRONISATION_ROLES if directory.synchronisers else {}
    for role, name in (DIRECTORY_ROLES | synchronising).items():
        definition = {
            "id": role,
            "templateId": role,
            "displayName": name,
            "description": name,
            "isBuiltIn": True,
            "isEnabled": True,
            "version": "1",
            "resourceScopes": ["/"],
        }
        out.graph("roleManagement/directory/roleDefinitions", definition)
    path = "roleManagement/directory/roleAssignments"
    eligible = "roleManagement/directory/roleEligibilityScheduleInstances"
    any_eligible = False
    for person in (*directory.members, *directory.synchronisers):
        principal = {
            "@odata.type": "#microsoft.graph.user",
            "id": person.id,
            "userPrincipalName": person.upn,
            "displayName": person.name,
        }
        for role in person.active_roles:
            out.graph(path, _assignment(rng, person.id, role, principal))
        for role in person.eligible_roles:
            any_eligible = True
            instance = _assignment(rng, person.id, role, principal)
            instance |= {
                "memberType": "Direct",
                "startDateTime": rng.graph_timestamp(30, 300),
                "endDateTime": None,
                "roleEligibilityScheduleId": rng.guid(),
            }
            out.graph(eligible, instance)
    if not any_eligible:
        out.graph(eligible, [])
    names = (
        ("#microsoft.graph.group", directory.admins_group),
        ("#microsoft.graph.servicePrincipal", rng.guid()),
    )
    for kind, principal_id in names:
        principal = {"@odata.type": kind, "id": principal_id, "displayName": "Directory automation"}
        role = list(DIRECTORY_ROLES)[2]
        out.graph(path, _assignment(rng, principal_id, role, principal))


def _assignment(rng: RandomSource, principal_id: str, role: str, principal: Json) -> Json:
    return {
        "id": rng.guid(),
        "principalId": principal_id,
        "roleDefinitionId": role,
        "directoryScopeId": "/",
        "appScopeId": None,
        "principal": principal,
    }


def _eligible_members(out: Output, rng: RandomSource, directory: Directory) -> None:
    """Write the principals that can activate a membership or ownership of a group.

    Format: https://learn.microsoft.com/graph/api/resources/privilegedaccessgroupeligibilityscheduleinstance
    """
    for one in directory.eligible:
        schedule = f"{one.group}_{one.access}_{rng.guid()}"
        out.graph(
            "identityGovernance/privilegedAccess/group/eligibilityScheduleInstances",
            {
                "id": schedule,
                "startDateTime": rng.graph_timestamp(30, 300),
                "endDateTime": None,
                "accessId": one.access,
                "principalId": one.principal,
                "groupId": one.group,
                "memberType": "Direct",
                "eligibilityScheduleId": schedule,
            },
        )


def _groups(out: Output, directory: Directory) -> None:
    for group, name, members, for_roles in (
        (directory.operators_group, "azure-operators", directory.operators, False),
        (directory.admins_group, "security-administrators", directory.admins, True),
    ):
        out.graph(
            "groups",
            {
                "id": group,
                "displayName": name,
                "securityEnabled": True,
                "mailEnabled": False,
                "groupTypes": [],
                "isAssignableToRole": for_roles,
            },
        )
        for person in members:
            out.graph(
                f"groups/{group}/transitiveMembers",
                {
                    "@odata.type": "#microsoft.graph.user",
                    "id": person.id,
                    "displayName": person.name,
                    "userPrincipalName": person.upn,
                },
            )


def expect_people_verdicts(out: Output, directory: Directory, *, delegated: bool = False) -> None:
    """Write the expected verdicts on people. Call this after writing the role assignments of all subscriptions.

    `delegated` says whether subscriptions have Azure Lighthouse delegations. Controls on guests with roles also judge
    delegations. So if there are delegations, these controls apply even to a directory without guests.
    """
    everybody = (*directory.members, *directory.guests)
    for person in everybody:
        subject = directory.subject(person)
        mfa = "pass" if person.mfa_capable else "fail"
        if person.privileged:
            out.verdict("identity-mfa-privileged", subject, mfa if person.enabled else "not_applicable")
        if person.writes_azure:
            out.verdict("identity-mfa-azure-writers", subject, mfa)
        if person.guest and (person.writes_azure or person.privileged):
            # If a group with a role has unknown members (`nested`), this guest may be one of these members and have the
            # role. So the verdict is unknown instead of pass. A group of another directory (`foreign_writers`) has
            # unknown members too, but this guest cannot be one of them, so such a group does not change the verdict.
            other = "unknown" if directory.nested else "pass"
            strong = person.owns_azure or person.privileged
            out.verdict("identity-guests-azure-permissions", subject, "fail" if strong else other)
        if person.guest in ("pending", "stale", "never") and person.enabled:
            out.verdict("identity-guests-needed", subject, "fail")
    for account in directory.synchronisers:
        # The account of Entra Connect cannot use MFA. So the account needs no MFA if it has only the role for
        # synchronization.
        only = SYNCHRONISATION_ROLES.keys() >= set(account.active_roles)
        out.verdict(
            "identity-mfa-privileged", directory.subject(account), "not_applicable" if only else "fail"
        )
    scope = directory.subject()
    enabled_guests = any(g.enabled for g in directory.guests)
    out.verdict("identity-guests-needed", scope, "manual" if enabled_guests else "pass")
    if directory.nested:
        out.verdict("identity-mfa-privileged", scope, "unknown")
    if directory.nested or directory.foreign_writers:
        out.verdict("identity-guests-azure-permissions", scope, "unknown")
    elif not directory.guests and not delegated:
        out.verdict("identity-guests-azure-permissions", scope, "not_applicable")
    if directory.foreign_writers:
        out.verdict("identity-mfa-azure-writers", scope, "unknown")
    elif not any(p.writes_azure for p in everybody) and not delegated:
        out.verdict("identity-mfa-azure-writers", scope, "not_applicable")
    capable = all(m.mfa_capable for m in directory.active_members)
    out.verdict("identity-mfa-all-users", scope, "pass" if capable else "fail")
