"""Guests, passwords, federation, custom roles."""

from __future__ import annotations

from typing import Any

from assessments.estate.gaps import Reason
from tests.controls.cases import Case
from tests.controls.identity.people import (
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
    role,
    user,
)
from tests.controls.kit import DIRECTORY, RG, SUB, gap

LIMITED, INVITE = "identity-guests-limited", "identity-guests-cannot-invite"
NEEDED, PERMISSIONS = "identity-guests-needed", "identity-guests-azure-permissions"
PASSWORDS, ADFS = "identity-password-policy", "identity-adfs-onprem-audit"
ADMIN, REVIEW = "identity-custom-roles-admin", "identity-custom-roles-review"
GUEST_IS, ADA_IS = f"{DIRECTORY}/users/{GUEST}", f"{DIRECTORY}/users/{ADA}"
CUSTOM = "99999999-0000-0000-0000-000000000001"
CUSTOM_ID = role(CUSTOM, [])["id"]


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
        "members, strict",
        setting(allowInvitesFrom="adminsGuestInvitersAndAllMembers"),
        {DIRECTORY: "fail"},
        params=STRICT,
    ),
    Case(INVITE, "forbidden", {}, {DIRECTORY: "unknown"}, [gap("authorization_policy")]),
]


def signed(when: str | None = None, identifier: str = GUEST) -> dict[str, Any]:
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
    Case(NEEDED, "a disabled guest", guests(guest(accountEnabled=False)), {DIRECTORY: "pass"}),
    Case(NEEDED, "active", guests(guest(), signed(NEW)), {GUEST_IS: "pass", DIRECTORY: "manual"}),
    Case(
        NEEDED,
        "90 days ago to the second",
        guests(guest(), signed("2026-08-27T12:00:00Z")),
        {GUEST_IS: "pass", DIRECTORY: "manual"},
    ),
    Case(
        NEEDED,
        "over 90 days ago",
        guests(guest(), signed("2026-08-27T11:59:59Z")),
        {GUEST_IS: "fail", DIRECTORY: "manual"},
    ),
    Case(
        NEEDED,
        "never, and old",
        guests(guest(), signed()),
        {GUEST_IS: "fail", DIRECTORY: "manual"},
        reason="never",
    ),
    Case(
        NEEDED,
        "never, but new",
        guests(guest(createdDateTime=NEW), signed()),
        {GUEST_IS: "pass", DIRECTORY: "manual"},
    ),
    Case(
        NEEDED,
        "invitation long pending",
        guests(guest(**PENDING, externalUserStateChangeDateTime="2026-10-01T00:00:00Z"), signed(NEW)),
        {GUEST_IS: "fail", DIRECTORY: "manual"},
        reason="not been accepted",
    ),
    Case(
        NEEDED,
        "pending, change unknown, old",
        guests(guest(**PENDING)),
        {GUEST_IS: "fail", DIRECTORY: "manual"},
    ),
    Case(
        NEEDED,
        "a member from outside",
        guests(guest(userType="Member"), signed("2025-01-01T00:00:00Z")),
        {GUEST_IS: "fail", DIRECTORY: "manual"},
    ),
    Case(
        NEEDED,
        "no licence",
        guests(guest()),
        {GUEST_IS: "pass", DIRECTORY: "manual"},
        [gap("guest_sign_ins", reason=Reason.LICENCE_MISSING)],
        remark="without Entra ID P1",
    ),
    Case(
        NEEDED,
        "sign-ins forbidden",
        guests(guest()),
        {GUEST_IS: "unknown", DIRECTORY: "manual"},
        [gap("guest_sign_ins")],
    ),
    Case(NEEDED, "not among the sign-ins", guests(guest()), {GUEST_IS: "unknown", DIRECTORY: "manual"}),
    Case(NEEDED, "users forbidden", {}, {DIRECTORY: "unknown"}, [gap("users")]),
    Case(NEEDED, "enabled unknown", guests(guest(accountEnabled=None)), {GUEST_IS: "unknown"}),
]


def held(*assignments: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {
        "users": [guest(), user()],
        "role_assignments": list(assignments),
        "role_definitions": built_in(),
        **more,
    }


_PERMISSIONS = [
    Case(PERMISSIONS, "no guest", {"users": [user()]}, {DIRECTORY: "not_applicable"}),
    Case(PERMISSIONS, "no role", held(assignment(ADA)), {GUEST_IS: "pass"}),
    Case(PERMISSIONS, "owner", held(assignment(GUEST, OWNER)), {GUEST_IS: "fail"}, reason="can give roles"),
    Case(
        PERMISSIONS,
        "contributor",
        held(assignment(GUEST, CONTRIBUTOR)),
        {GUEST_IS: "pass"},
        remark="can change resources",
    ),
    Case(PERMISSIONS, "reader", held(assignment(GUEST, READER)), {GUEST_IS: "pass"}),
    Case(
        PERMISSIONS,
        "owner through a group",
        held(assignment(GROUP, OWNER, "Group"), group_members={GROUP: [member(GUEST)]}),
        {GUEST_IS: "fail"},
    ),
    Case(
        PERMISSIONS,
        "eligible owner",
        held(role_eligibilities=[assignment(GUEST, OWNER)]),
        {GUEST_IS: "fail"},
    ),
    Case(
        PERMISSIONS,
        "a directory role",
        held(directory_role_assignments=[directory_role(GUEST)]),
        {GUEST_IS: "fail"},
        reason="directory role",
    ),
    Case(
        PERMISSIONS,
        "a group that may not be read",
        held(assignment(GROUP, OWNER, "Group")),
        {GUEST_IS: "unknown", DIRECTORY: "unknown"},
        [gap("group_members", GROUP)],
    ),
    Case(
        PERMISSIONS,
        "one subscription forbidden",
        held(assignment(GUEST, OWNER)),
        {GUEST_IS: "fail", DIRECTORY: "unknown"},
        [gap("role_assignments", "/subscriptions/10000000-0000-0000-0000-000000000002")],
    ),
    Case(PERMISSIONS, "users forbidden", {}, {DIRECTORY: "unknown"}, [gap("users")]),
    Case(
        PERMISSIONS,
        "definitions empty",
        held(assignment(GUEST, OWNER), role_definitions=[]),
        {GUEST_IS: "unknown"},
    ),
]


def rules(**values: str) -> dict[str, Any]:
    listed = [{"name": name, "value": value} for name, value in values.items()]
    return {"id": "s", "templateId": "5cf42378-d67d-4f36-ba46-e8b86229381d", "values": listed}


MANAGED = {"id": "example.com", "authenticationType": "Managed", "isVerified": True}
FEDERATED = {"id": "corp.example.com", "authenticationType": "Federated", "isVerified": True}
OWN_LIST = {"EnableBannedPasswordCheck": "True", "BannedPasswordList": "example"}


def passwords(*settings: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"domains": [MANAGED], "users": [user()], "group_settings": list(settings), **more}


_PASSWORDS = [
    Case(PASSWORDS, "defaults", passwords(), {DIRECTORY: "pass"}, remark="banned passwords"),
    Case(
        PASSWORDS,
        "at the bounds, a list of one's own",
        passwords(rules(LockoutThreshold="10", LockoutDurationInSeconds="60", **OWN_LIST)),
        {DIRECTORY: "pass"},
    ),
    Case(PASSWORDS, "threshold 11", passwords(rules(LockoutThreshold="11")), {DIRECTORY: "fail"}),
    Case(PASSWORDS, "59 seconds", passwords(rules(LockoutDurationInSeconds="59")), {DIRECTORY: "fail"}),
    Case(PASSWORDS, "threshold no number", passwords(rules(LockoutThreshold="ten")), {DIRECTORY: "unknown"}),
    Case(
        PASSWORDS,
        "a user may have a weak one",
        passwords(users=[user(passwordPolicies="DisablePasswordExpiration, DisableStrongPassword")]),
        {DIRECTORY: "fail"},
    ),
    Case(
        PASSWORDS,
        "no expiry is no failure",
        passwords(users=[user(passwordPolicies="DisablePasswordExpiration")]),
        {DIRECTORY: "pass"},
    ),
    Case(PASSWORDS, "federated", passwords(domains=[MANAGED, FEDERATED]), {DIRECTORY: "manual"}),
    Case(
        PASSWORDS, "synchronised", passwords(users=[user(onPremisesSyncEnabled=True)]), {DIRECTORY: "manual"}
    ),
    Case(
        PASSWORDS,
        "settings forbidden",
        passwords(),
        {DIRECTORY: "manual"},
        [gap("group_settings")],
        reason="attest",
    ),
    Case(PASSWORDS, "users forbidden", passwords(users=[]), {DIRECTORY: "unknown"}, [gap("users")]),
    Case(
        PASSWORDS,
        "users forbidden, threshold 20",
        passwords(rules(LockoutThreshold="20"), users=[]),
        {DIRECTORY: "fail"},
        [gap("users")],
    ),
    Case(PASSWORDS, "domains forbidden", passwords(domains=[]), {DIRECTORY: "unknown"}, [gap("domains")]),
]

_ADFS = [
    Case(ADFS, "managed", {"domains": [MANAGED]}, {DIRECTORY: "not_applicable"}),
    Case(
        ADFS, "not verified", {"domains": [{**FEDERATED, "isVerified": False}]}, {DIRECTORY: "not_applicable"}
    ),
    Case(ADFS, "federated", {"domains": [MANAGED, FEDERATED]}, {DIRECTORY: "manual"}),
    Case(
        ADFS,
        "MFA taken on trust",
        {
            "domains": [FEDERATED],
            "domain_federation": {
                "corp.example.com": [{"id": "f", "federatedIdpMfaBehavior": "acceptIfMfaDoneByFederatedIdp"}]
            },
        },
        {DIRECTORY: "manual"},
        remark="without asking",
    ),
    Case(
        ADFS,
        "federation forbidden",
        {"domains": [FEDERATED]},
        {DIRECTORY: "manual"},
        [gap("domain_federation", "corp.example.com")],
        remark="domain_federation",
    ),
    Case(ADFS, "forbidden", {}, {DIRECTORY: "unknown"}, [gap("domains")]),
    Case(ADFS, "type absent", {"domains": [{"id": "x", "isVerified": True}]}, {DIRECTORY: "unknown"}),
]


def custom(actions: list[str], *rest: Any, assigned: bool = True, **more: Any) -> dict[str, Any]:
    return {
        "role_definitions": [*built_in(), role(CUSTOM, actions, *rest, **more)],
        "role_assignments": [assignment(role=CUSTOM)] if assigned else [],
    }


_ADMIN = [
    Case(ADMIN, "no custom role", {"role_definitions": built_in()}, {SUB: "not_applicable"}),
    Case(ADMIN, "reads only", custom(["*/read"]), {CUSTOM_ID: "pass"}),
    Case(ADMIN, "everything", custom(["*"]), {CUSTOM_ID: "fail"}),
    Case(ADMIN, "writes anything", custom(["*/write"]), {CUSTOM_ID: "fail"}),
    Case(
        ADMIN,
        "gives roles, other case",
        custom(["microsoft.authorization/ROLEASSIGNMENTS/*"]),
        {CUSTOM_ID: "fail"},
    ),
    Case(
        ADMIN,
        "pushes images",
        custom(["Microsoft.ContainerRegistry/registries/push/write"]),
        {CUSTOM_ID: "pass"},
    ),
    Case(ADMIN, "makes subscriptions", custom(["Microsoft.Resources/subscriptions/*"]), {CUSTOM_ID: "fail"}),
    Case(
        ADMIN,
        "all taken off",
        custom(["Microsoft.Authorization/*"], ["Microsoft.Authorization/*"]),
        {CUSTOM_ID: "pass"},
        remark="take the administrative part",
    ),
    Case(
        ADMIN,
        "not all taken off",
        custom(["*"], ["Microsoft.Authorization/*/write"]),
        {CUSTOM_ID: "fail"},
    ),
    Case(
        ADMIN,
        "resource groups only",
        custom(["*"], scopes=[RG]),
        {CUSTOM_ID: "pass"},
        remark="resource groups only",
    ),
    Case(
        ADMIN,
        "a management group",
        custom(["*"], scopes=[RG, "/providers/Microsoft.Management/managementGroups/m"]),
        {CUSTOM_ID: "fail"},
    ),
    Case(ADMIN, "the root", custom(["*"], scopes=["/"]), {CUSTOM_ID: "fail"}),
    Case(
        ADMIN,
        "not assigned",
        custom(["*"], assigned=False),
        {CUSTOM_ID: "pass"},
        remark="nobody has the role",
    ),
    Case(
        ADMIN,
        "eligible",
        {**custom(["*"], assigned=False), "role_eligibilities": [assignment(role=CUSTOM)]},
        {CUSTOM_ID: "fail"},
    ),
    Case(ADMIN, "all data", custom(["*/read"], data=["*"]), {CUSTOM_ID: "fail"}),
    Case(
        ADMIN,
        "assignments forbidden",
        custom(["*"], assigned=False),
        {CUSTOM_ID: "unknown"},
        [gap("role_assignments")],
    ),
    Case(
        ADMIN,
        "no licence for PIM",
        custom(["*"], assigned=False),
        {CUSTOM_ID: "pass"},
        [gap("role_eligibilities", reason=Reason.LICENCE_MISSING)],
    ),
    Case(ADMIN, "definitions forbidden", {}, {SUB: "unknown"}, [gap("role_definitions")]),
    Case(
        ADMIN,
        "permissions absent",
        {"role_definitions": [{"id": CUSTOM_ID, "properties": {"type": "CustomRole"}}]},
        {CUSTOM_ID: "unknown"},
    ),
]

_REVIEW = [
    Case(REVIEW, "no custom role", {"role_definitions": built_in()}, {SUB: "not_applicable"}),
    Case(REVIEW, "a twin, other case", custom(["*/READ"]), {CUSTOM_ID: "fail"}, reason="exactly the same"),
    Case(
        REVIEW,
        "a twin with a covered action more",
        custom(["*/read", "Microsoft.Sql/servers/read"]),
        {CUSTOM_ID: "fail"},
    ),
    Case(
        REVIEW,
        "within a built-in role",
        custom(["Microsoft.Sql/servers/read"]),
        {CUSTOM_ID: "manual"},
        remark="a built-in role allows all of it",
    ),
    Case(
        REVIEW,
        "nobody has it",
        custom(["a/b/action"], assigned=False),
        {CUSTOM_ID: "manual"},
        remark="nobody has",
    ),
    Case(
        REVIEW,
        "old",
        custom(["a/b/action"], updatedOn="2024-01-01T00:00:00.0000000Z"),
        {CUSTOM_ID: "manual"},
        remark="unchanged for over a year",
    ),
    Case(REVIEW, "forbidden", {}, {SUB: "unknown"}, [gap("role_definitions")]),
]

CASES = [*_GUEST_POLICY, *_NEEDED, *_PERMISSIONS, *_PASSWORDS, *_ADFS, *_ADMIN, *_REVIEW]
IMPOSSIBLE = {NEEDED: {"not_applicable": "a directory without guests passes"}}
ABSENCE_PASSES = [
    (NEEDED, r"externalUserState", "a guest who was not invited has no state"),
    (PASSWORDS, r"passwordPolicies", "Graph answers null for an account without a policy of its own"),
    (PASSWORDS, r"values(\[\])?(\..*)?|templateId", "without settings Microsoft's defaults hold"),
]
