"""What Microsoft Graph v1.0 answers about the people: users, registration report, directory roles, groups.

Verdicts: identity-mfa-privileged, identity-mfa-all-users; at the end identity-mfa-azure-writers and
identity-guests-*.
"""

from __future__ import annotations

from sandbox.generate.draw import Draw
from sandbox.generate.output import Json, Output
from sandbox.generate.people import DIRECTORY_ROLES, Directory, Person

_METHODS: tuple[list[str], ...] = (
    ["microsoftAuthenticatorPush", "softwareOneTimePasscode"],
    ["mobilePhone"],
    ["fido2SecurityKey"],
    ["microsoftAuthenticatorPush", "mobilePhone"],
)
_WEAK_METHODS: tuple[list[str], ...] = ([], ["email"])


def people(out: Output, draw: Draw, directory: Directory) -> None:
    """Writes the users one by one, then roles and groups."""
    for person in (*directory.members, *directory.guests):
        out.graph("users", _user(draw, person))
        if person.enabled:  # the report leaves disabled accounts out
            out.graph("reports/authenticationMethods/userRegistrationDetails", _registration(draw, person))
    _roles(out, draw, directory)
    _groups(out, directory)


def _user(draw: Draw, person: Person) -> Json:
    user: Json = {
        "id": person.id,
        "displayName": person.name,
        "userPrincipalName": person.upn,
        "mail": person.mail,
        "accountEnabled": person.enabled,
        "userType": "Guest" if person.guest else "Member",
        "createdDateTime": draw.graph_stamp(200, 1500),
        "passwordPolicies": "DisableStrongPassword"
        if person.weak_password
        else draw.pick((None, "DisablePasswordExpiration")),
        "externalUserState": None,
        "externalUserStateChangeDateTime": None,
    }
    if not person.guest:
        user["signInActivity"] = _signed_in(draw, 1, 60)
        return user
    young = person.guest == "new"
    user["createdDateTime"] = draw.graph_stamp(2, 20) if young else draw.graph_stamp(200, 900)
    pending = person.guest in ("pending", "new")
    user["externalUserState"] = "PendingAcceptance" if pending else "Accepted"
    user["externalUserStateChangeDateTime"] = (
        user["createdDateTime"] if pending else draw.graph_stamp(100, 190)
    )
    if person.guest == "used":
        user["signInActivity"] = _signed_in(draw, 1, 80)
    elif person.guest == "stale":
        user["signInActivity"] = _signed_in(draw, 100, 190)
    return user


def _signed_in(draw: Draw, least: int, most: int) -> Json:
    moment = draw.graph_stamp(least, most)
    return {
        "lastSignInDateTime": moment,
        "lastSignInRequestId": draw.guid(),
        "lastNonInteractiveSignInDateTime": moment,
        "lastNonInteractiveSignInRequestId": draw.guid(),
        "lastSuccessfulSignInDateTime": moment,
        "lastSuccessfulSignInRequestId": draw.guid(),
    }


def _registration(draw: Draw, person: Person) -> Json:
    # Registered but barred by policy is possible, so only isMfaCapable decides.
    registered = person.mfa_capable or draw.chance(0.2)
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
        "methodsRegistered": list(draw.pick(_METHODS if registered else _WEAK_METHODS)),
        "isSystemPreferredAuthenticationMethodEnabled": False,
        "systemPreferredAuthenticationMethods": [],
        "userPreferredMethodForSecondaryAuthentication": "push" if registered else "none",
        "lastUpdatedDateTime": draw.graph_stamp(0, 2),
    }


def _roles(out: Output, draw: Draw, directory: Directory) -> None:
    for role, name in DIRECTORY_ROLES.items():
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
    for person in directory.members:
        principal = {
            "@odata.type": "#microsoft.graph.user",
            "id": person.id,
            "userPrincipalName": person.upn,
            "displayName": person.name,
        }
        for role in person.active_roles:
            out.graph(path, _assignment(draw, person.id, role, principal))
        for role in person.eligible_roles:
            any_eligible = True
            instance = _assignment(draw, person.id, role, principal)
            instance |= {
                "memberType": "Direct",
                "startDateTime": draw.graph_stamp(30, 300),
                "endDateTime": None,
                "roleEligibilityScheduleId": draw.guid(),
            }
            out.graph(eligible, instance)
    if not any_eligible:
        out.graph(eligible, [])
    names = (
        ("#microsoft.graph.group", directory.admins_group),
        ("#microsoft.graph.servicePrincipal", draw.guid()),
    )
    for kind, principal_id in names:
        principal = {"@odata.type": kind, "id": principal_id, "displayName": "Directory automation"}
        role = list(DIRECTORY_ROLES)[2]
        out.graph(path, _assignment(draw, principal_id, role, principal))


def _assignment(draw: Draw, principal_id: str, role: str, principal: Json) -> Json:
    return {
        "id": draw.guid(),
        "principalId": principal_id,
        "roleDefinitionId": role,
        "directoryScopeId": "/",
        "appScopeId": None,
        "principal": principal,
    }


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


def people_verdicts(out: Output, directory: Directory) -> None:
    """What must be said of the people, once every subscription has named those who may write."""
    everybody = (*directory.members, *directory.guests)
    for person in everybody:
        subject = directory.subject(person)
        mfa = "pass" if person.mfa_capable else "fail"
        if person.privileged:
            out.verdict("identity-mfa-privileged", subject, mfa if person.enabled else "not_applicable")
        if person.writes_azure:
            out.verdict("identity-mfa-azure-writers", subject, mfa)
        if person.guest and person.writes_azure:
            out.verdict("identity-guests-azure-permissions", subject, "fail" if person.owns_azure else "pass")
        if person.guest in ("pending", "stale", "never") and person.enabled:
            out.verdict("identity-guests-needed", subject, "fail")
    scope = directory.subject()
    enabled_guests = any(g.enabled for g in directory.guests)
    out.verdict("identity-guests-needed", scope, "manual" if enabled_guests else "pass")
    if not directory.guests:
        out.verdict("identity-guests-azure-permissions", scope, "not_applicable")
    if not any(p.writes_azure for p in everybody):
        out.verdict("identity-mfa-azure-writers", scope, "not_applicable")
    capable = all(m.mfa_capable for m in directory.active_members)
    out.verdict("identity-mfa-all-users", scope, "pass" if capable else "fail")
