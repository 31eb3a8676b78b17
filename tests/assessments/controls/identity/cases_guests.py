"""Guests."""

from __future__ import annotations

from typing import Any

from assessments.estate.gaps import Reason
from tests.assessments.controls.cases import Case
from tests.assessments.controls.identity.directory_documents import (
    ADA,
    CONTRIBUTOR,
    GROUP,
    GUEST,
    OWNER,
    READER,
    assignment,
    built_in,
    directory_role,
    guest,
    member,
    user,
)
from tests.assessments.controls.judging import DIRECTORY, gap
from tests.assessments.controls.portal_paths import ComparedPath, DocsFile

LIMITED, INVITE = "identity-guests-limited", "identity-guests-cannot-invite"

NEEDED, PERMISSIONS = "identity-guests-needed", "identity-guests-azure-permissions"

GUEST_IS, ADA_IS = f"{DIRECTORY}/users/{GUEST}", f"{DIRECTORY}/users/{ADA}"


def setting(**values: Any) -> dict[str, Any]:
    return {"authorization_policy": {"": [{"id": "authorizationPolicy", **values}]}}


def _policy(slug: str, key: str, *rows: tuple[Any, ...]) -> list[Case]:
    return [
        Case(slug, str(value), setting(**{key: value}), {DIRECTORY: expect}, params=params, remark=remark)
        for value, expect, params, remark in rows
    ]


STRICT = {"strict": True}

_GUEST_POLICY = [
    *_policy(
        LIMITED,
        "guestUserRoleId",
        ("2af84b1e-32c8-42b7-82bc-daa82404023b", "pass", STRICT, ""),
        ("10DAE51F-B6AF-4016-8D66-8C2A99B929B3", "pass", {}, ""),
        ("10dae51f-b6af-4016-8d66-8c2a99b929b3", "pass", STRICT, "restricted"),
        ("a0b1b346-4d3e-4e8b-98f8-753987be4970", "fail", {}, ""),
        ("00000000-0000-0000-0000-000000000000", "unknown", {}, ""),
        (None, "unknown", {}, ""),
        (7, "unknown", {}, ""),
    ),
    Case(LIMITED, "forbidden", {}, {DIRECTORY: "unknown"}, [gap("authorization_policy")]),
    *_policy(
        INVITE,
        "allowInvitesFrom",
        ("everyone", "fail", {}, ""),
        ("Everyone", "fail", STRICT, ""),
        ("adminsGuestInvitersAndAllMembers", "pass", {}, ""),
        ("adminsAndGuestInviters", "pass", STRICT, ""),
        ("none", "pass", STRICT, ""),
        ("someone", "unknown", {}, ""),
        (None, "unknown", {}, ""),
    ),
    Case(
        INVITE,
        "members can invite, strict",
        setting(allowInvitesFrom="adminsGuestInvitersAndAllMembers"),
        {DIRECTORY: "fail"},
        params=STRICT,
    ),
    Case(INVITE, "forbidden", {}, {DIRECTORY: "unknown"}, [gap("authorization_policy")]),
]


def sign_in_activity(when: str | None = None, identifier: str = GUEST) -> dict[str, Any]:
    activity = {"lastSignInDateTime": "2026-11-24T00:00:00Z"}
    if when:
        activity["lastSuccessfulSignInDateTime"] = when
    return {"id": identifier, "userType": "Guest", "signInActivity": activity}


def guests(who: dict[str, Any], sign_in: dict[str, Any] | None = None) -> dict[str, Any]:
    return {"users": [who], "guest_sign_ins": [sign_in] if sign_in else []}


NEW = "2026-11-20T00:00:00Z"

PENDING = {"externalUserState": "PendingAcceptance"}

_NEEDED = [
    Case(NEEDED, "no guest", {"users": [user()]}, {DIRECTORY: "pass"}),
    Case(NEEDED, "disabled guest", guests(guest(accountEnabled=False)), {DIRECTORY: "pass"}),
    Case(
        NEEDED,
        "recent sign-in",
        guests(guest(), sign_in_activity(NEW)),
        {GUEST_IS: "pass", DIRECTORY: "manual"},
    ),
    Case(
        NEEDED,
        "last sign-in exactly 90 days ago",
        guests(guest(), sign_in_activity("2026-08-27T12:00:00Z")),
        {GUEST_IS: "pass", DIRECTORY: "manual"},
    ),
    Case(
        NEEDED,
        "last sign-in over 90 days ago",
        guests(guest(), sign_in_activity("2026-08-27T11:59:59Z")),
        {GUEST_IS: "fail", DIRECTORY: "manual"},
    ),
    Case(
        NEEDED,
        "never signed in, old account",
        guests(guest(), sign_in_activity()),
        {GUEST_IS: "fail", DIRECTORY: "manual"},
        reason="Never",
    ),
    Case(
        NEEDED,
        "never signed in, new account",
        guests(guest(createdDateTime=NEW), sign_in_activity()),
        {GUEST_IS: "pass", DIRECTORY: "manual"},
    ),
    Case(
        NEEDED,
        "invitation overdue",
        guests(
            guest(**PENDING, externalUserStateChangeDateTime="2026-10-01T00:00:00Z"), sign_in_activity(NEW)
        ),
        {GUEST_IS: "fail", DIRECTORY: "manual"},
        reason="not been accepted",
    ),
    Case(
        NEEDED,
        "pending since an unknown time, old account",
        guests(guest(**PENDING)),
        {GUEST_IS: "fail", DIRECTORY: "manual"},
    ),
    Case(
        NEEDED,
        "guest of type Member",
        guests(guest(userType="Member"), sign_in_activity("2025-01-01T00:00:00Z")),
        {GUEST_IS: "fail", DIRECTORY: "manual"},
    ),
    Case(
        NEEDED,
        "invited user without a type",
        guests(guest(userType=None), sign_in_activity("2025-01-01T00:00:00Z")),
        {GUEST_IS: "fail", DIRECTORY: "manual"},
    ),
    Case(
        NEEDED,
        "no licence",
        guests(guest()),
        {GUEST_IS: "unknown", DIRECTORY: "manual"},
        [gap("guest_sign_ins", reason=Reason.LICENCE_MISSING)],
        reason="The directory lacks the licence Microsoft Entra ID P1",
    ),
    Case(
        NEEDED,
        "no licence, new account",
        guests(guest(createdDateTime="2026-11-20T09:00:00Z")),
        {GUEST_IS: "pass", DIRECTORY: "manual"},
        [gap("guest_sign_ins", reason=Reason.LICENCE_MISSING)],
    ),
    Case(
        NEEDED,
        "sign-ins forbidden",
        guests(guest()),
        {GUEST_IS: "unknown", DIRECTORY: "manual"},
        [gap("guest_sign_ins")],
    ),
    Case(NEEDED, "not in the sign-in report", guests(guest()), {GUEST_IS: "unknown", DIRECTORY: "manual"}),
    Case(NEEDED, "no user", {"users": []}, {DIRECTORY: "unknown"}, reason="returned no user"),
    Case(NEEDED, "users forbidden", {}, {DIRECTORY: "unknown"}, [gap("users")]),
    Case(NEEDED, "accountEnabled absent", guests(guest(accountEnabled=None)), {GUEST_IS: "unknown"}),
]


def guest_with_roles(*assignments: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {
        "users": [guest(), user()],
        "role_assignments": list(assignments),
        "role_definitions": built_in(),
        **more,
    }


_PERMISSIONS = [
    Case(PERMISSIONS, "no guest", {"users": [user()]}, {DIRECTORY: "not_applicable"}),
    Case(PERMISSIONS, "no role", guest_with_roles(assignment(ADA)), {GUEST_IS: "pass"}),
    Case(
        PERMISSIONS,
        "Owner",
        guest_with_roles(assignment(GUEST, OWNER)),
        {GUEST_IS: "fail"},
        reason="can assign roles",
    ),
    Case(
        PERMISSIONS,
        "Contributor",
        guest_with_roles(assignment(GUEST, CONTRIBUTOR)),
        {GUEST_IS: "pass"},
        remark="can change resources",
    ),
    Case(PERMISSIONS, "Reader", guest_with_roles(assignment(GUEST, READER)), {GUEST_IS: "pass"}),
    Case(
        PERMISSIONS,
        "Owner through a group",
        guest_with_roles(assignment(GROUP, OWNER, "Group"), group_members={GROUP: [member(GUEST)]}),
        {GUEST_IS: "fail"},
    ),
    Case(
        PERMISSIONS,
        "eligible for Owner",
        guest_with_roles(role_eligibilities=[assignment(GUEST, OWNER)]),
        {GUEST_IS: "fail"},
    ),
    Case(
        PERMISSIONS,
        "directory role",
        guest_with_roles(directory_role_assignments=[directory_role(GUEST)]),
        {GUEST_IS: "fail"},
        reason="directory role",
    ),
    Case(
        PERMISSIONS,
        "group members forbidden",
        guest_with_roles(assignment(GROUP, OWNER, "Group")),
        {GUEST_IS: "unknown", DIRECTORY: "unknown"},
        [gap("group_members", GROUP)],
    ),
    Case(
        PERMISSIONS,
        "group of another directory",
        guest_with_roles(assignment(GROUP, OWNER, "ForeignGroup")),
        {GUEST_IS: "pass", DIRECTORY: "unknown"},
    ),
    Case(
        PERMISSIONS,
        "group not found",
        guest_with_roles(assignment(GROUP, OWNER, "Group")),
        {GUEST_IS: "pass", f"{DIRECTORY}/groups/{GROUP}": "unknown"},
        [gap("group_members", GROUP, reason=Reason.NOT_FOUND)],
    ),
    Case(
        PERMISSIONS,
        "assignments of one subscription forbidden",
        guest_with_roles(assignment(GUEST, OWNER)),
        {GUEST_IS: "fail", DIRECTORY: "unknown"},
        [gap("role_assignments", "/subscriptions/10000000-0000-0000-0000-000000000002")],
    ),
    Case(PERMISSIONS, "users forbidden", {}, {DIRECTORY: "unknown"}, [gap("users")]),
    Case(
        PERMISSIONS,
        "definitions empty",
        guest_with_roles(assignment(GUEST, OWNER), role_definitions=[]),
        {GUEST_IS: "unknown"},
    ),
]

CASES = [*_GUEST_POLICY, *_NEEDED, *_PERMISSIONS]
IMPOSSIBLE = {NEEDED: {"not_applicable": "a directory without guests passes"}}
ABSENCE_PASSES = [(NEEDED, r"externalUserState", "a guest who was not invited has no state")]
OFFICIAL_VERDICTS = """
identity-guests-azure-permissions fail: 10fc1cc8 484a7d5f 6f87972e
identity-guests-azure-permissions pass: c6ad1942
identity-guests-cannot-invite fail: unit
identity-guests-limited unknown: unit  # the example is truncated and does not say which role guests have
identity-guests-needed fail: 10fc1cc8 6f87972e c6ad1942
identity-guests-needed manual: unit
"""
PORTAL_PATHS = [
    ComparedPath(
        "Entra admin center › Entra ID › External Identities › External collaboration settings"
        " › Guest invite settings › Only users assigned to specific admin roles can invite guest users",
        DocsFile(
            "MicrosoftDocs/entra-docs/docs/external-id/external-collaboration-settings-configure.md",
            "0a0e1401765f26b65b6c0df5cbbbf3d15a00ae4c",
            "External Identities > External collaboration settings",
            "Guest invite settings",
            "Only users assigned to specific admin roles can invite guest users",
        ),
    ),
    ComparedPath(
        "Entra admin center › Entra ID › External Identities › External collaboration settings"
        " › Guest user access › Guest user access is restricted",
        DocsFile(
            "MicrosoftDocs/entra-docs/docs/external-id/external-collaboration-settings-configure.md",
            "0a0e1401765f26b65b6c0df5cbbbf3d15a00ae4c",
            "External Identities > External collaboration settings",
            "Guest user access",
            (
                "Guest user access is restricted to properties and memberships of their own directory "
                "objects (most restrictive)"
            ),
        ),
    ),
    ComparedPath(
        "Entra admin center › Entra ID › Users › All users › Add filter › User type: Guest",
        DocsFile(
            "MicrosoftDocs/entra-docs/docs/external-id/user-properties.md",
            "0743c1c751caa6581334ad1ac2e5f10f784f49a8",
            "In the Users list, you can use Add filter to display only the guest users",
            "add a User type filter for guests",
        ),
        DocsFile(
            "MicrosoftDocs/entra-docs/docs/identity/users/users-search-enhanced.md",
            "01f3d667a5b85c7fd0666c267209642ca3dc819e",
            "The All users page",
        ),
    ),
]
