"""Who holds strong roles: Global Administrators, elevated access, owners, blocked accounts, sign-in to machines."""

from __future__ import annotations

from typing import Any

from assessments.estate.gaps import Reason
from tests.assessments.controls.cases import Case
from tests.assessments.controls.identity.directory_documents import (
    ADA,
    APP,
    BOB,
    GROUP,
    OWNER,
    READER,
    assignment,
    built_in,
    directory_role,
    member,
    registered,
    role,
    user,
)
from tests.assessments.controls.judging import DIRECTORY, SUB, gap
from tests.assessments.controls.portal_paths import ComparedPath, DocsFile

ADMINS, ROOT, OWNERS = "identity-global-admin-count", "identity-uaa-root", "identity-owner-count"
BLOCKED, LOGIN, LOCK = "identity-disabled-users-azure-roles", "identity-vm-login-mfa", "identity-lock-role"
USER_ACCESS = "18d7d88d-d35e-4fb5-a5c3-7773c20a72d9"
VM_LOGIN = "1c0163c0-47e6-4577-8991-ea5c82e286e4"
PEOPLE = [f"{letter * 8}-0000-0000-0000-00000000000f" for letter in "123456"]
ADA_IS = f"{DIRECTORY}/users/{ADA}"
NO_P2 = [gap("directory_role_eligibilities", reason=Reason.LICENCE_MISSING)]
OTHER = "/subscriptions/10000000-0000-0000-0000-000000000002"


def admins(*people: str, enabled: bool = True, **more: Any) -> dict[str, Any]:
    return {
        "users": [user(one, accountEnabled=enabled) for one in people],
        "directory_role_assignments": [directory_role(one, name=str(n)) for n, one in enumerate(people)],
        **more,
    }


_ADMINS = [
    Case(ADMINS, name, docs, {DIRECTORY: outcome}, gaps, params=params, remark=remark)
    for name, docs, outcome, gaps, params, remark in (
        ("two", admins(*PEOPLE[:2]), "pass", (), {}, ""),
        ("four", admins(*PEOPLE[:4]), "pass", (), {}, ""),
        ("five", admins(*PEOPLE[:5]), "fail", (), {}, ""),
        ("five permitted", admins(*PEOPLE[:5]), "pass", (), {"max": 5}, ""),
        ("one", admins(*PEOPLE[:1]), "fail", (), {}, ""),
        (
            "one, twice",
            {**admins(PEOPLE[0]), "directory_role_eligibilities": [directory_role(PEOPLE[0])]},
            "fail",
            (),
            {},
            "",
        ),
        (
            "one active, one eligible",
            {
                **admins(PEOPLE[0]),
                "users": [user(PEOPLE[0]), user(BOB)],
                "directory_role_eligibilities": [directory_role(BOB)],
            },
            "pass",
            (),
            {},
            "",
        ),
        ("blocked ones do not count", admins(*PEOPLE[:3], enabled=False), "fail", (), {}, ""),
        (
            "an application",
            admins(
                *PEOPLE[:2],
                directory_role_assignments=[
                    *(directory_role(one) for one in PEOPLE[:2]),
                    directory_role(APP, "servicePrincipal"),
                ],
            ),
            "pass",
            (),
            {},
            "application",
        ),
        *(
            (
                f"an agent of the type {kind}",
                admins(
                    *PEOPLE[:2],
                    directory_role_assignments=[
                        *(directory_role(one) for one in PEOPLE[:2]),
                        directory_role(APP, kind),
                    ],
                ),
                "pass",
                (),
                {},
                "application",
            )
            for kind in ("agentIdentity", "agentIdentityBlueprintPrincipal")
        ),
        (
            "another role of a group that cannot be read",
            {
                **admins(*PEOPLE[:2]),
                "directory_role_eligibilities": [
                    directory_role(GROUP, "group", "e8611ab8-c189-46e8-94e1-60213ab1f814")
                ],
            },
            "pass",
            (gap("group_members", GROUP),),
            {},
            "",
        ),
        (
            "a group that cannot be read",
            {**admins(*PEOPLE[:2]), "directory_role_eligibilities": [directory_role(GROUP, "group")]},
            "unknown",
            (gap("group_members", GROUP),),
            {},
            "",
        ),
        (
            "a group that cannot be read, and too many",
            {**admins(*PEOPLE[:5]), "directory_role_eligibilities": [directory_role(GROUP, "group")]},
            "fail",
            (gap("group_members", GROUP),),
            {},
            "",
        ),
        (
            "not in the list of users",
            {**admins(*PEOPLE[:2]), "users": [user(PEOPLE[0])]},
            "unknown",
            (),
            {},
            "",
        ),
        ("no Privileged Identity Management", admins(*PEOPLE[:2]), "pass", NO_P2, {}, ""),
        (
            "accountEnabled not a truth value",
            {**admins(*PEOPLE[:2]), "users": [user(one, accountEnabled="yes") for one in PEOPLE[:2]]},
            "unknown",
            (),
            {},
            "",
        ),
        (
            "assignments forbidden",
            {"users": [user()]},
            "unknown",
            (gap("directory_role_assignments"),),
            {},
            "",
        ),
    )
]


def at(
    scope: str, role_id: str = USER_ACCESS, principal: str = ADA, name: str = "1", **more: Any
) -> dict[str, Any]:
    return assignment(principal, role_id, name=name, scope=scope, **more)


def roles(*assignments: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {
        "users": [user(), user(BOB), *(user(one) for one in PEOPLE)],
        "role_assignments": {SUB: list(assignments)},
        "role_definitions": built_in(),
        **more,
    }


_ROOT = [
    Case(ROOT, name, docs, {DIRECTORY: outcome}, gaps)
    for name, docs, outcome, gaps in (
        ("none", roles(), "pass", ()),
        ("at the subscription", roles(at(SUB)), "pass", ()),
        ("User Access Administrator", roles(at("/")), "fail", ()),
        ("Owner", roles(at("/", OWNER)), "fail", ()),
        ("Reader", roles(at("/", READER)), "pass", ()),
        ("one list is enough", roles(), "pass", (gap("role_assignments", OTHER),)),
        ("scope absent", roles(at("/") | {"properties": {"roleDefinitionId": USER_ACCESS}}), "unknown", ()),
        ("forbidden", {}, "unknown", (gap("role_assignments"),)),
    )
]


def owned(*principals: str, kind: str = "User", **more: Any) -> dict[str, Any]:
    owners = [at(SUB, OWNER, one, name=str(n), kind=kind) for n, one in enumerate(principals)]
    return roles(*owners, **more)


_OWNERS = [
    Case(OWNERS, name, docs, {SUB: outcome}, gaps, params=params)
    for name, docs, outcome, gaps, params in (
        ("two", owned(ADA, BOB), "pass", (), {}),
        ("one", owned(ADA), "fail", (), {}),
        ("none", roles(), "fail", (), {}),
        ("four", owned(*PEOPLE[:4]), "fail", (), {}),
        ("four permitted", owned(*PEOPLE[:4]), "pass", (), {"max": 4}),
        (
            "one and an application",
            roles(at(SUB, OWNER), at(SUB, OWNER, APP, "2", kind="ServicePrincipal")),
            "pass",
            (),
            {},
        ),
        ("other roles", roles(at(SUB, OWNER), at(SUB, READER, BOB, "2")), "fail", (), {}),
        ("above", roles(at(SUB, OWNER), at("/", OWNER, BOB, "2")), "fail", (), {}),
        (
            "above, counted",
            roles(at(SUB, OWNER), at("/", OWNER, BOB, "2")),
            "pass",
            (),
            {"count_inherited": True},
        ),
        ("eligible", owned(ADA, role_eligibilities={SUB: [at(SUB, OWNER, BOB)]}), "fail", (), {}),
        (
            "eligible, counted",
            owned(ADA, role_eligibilities={SUB: [at(SUB, OWNER, BOB)]}),
            "pass",
            (),
            {"count_inherited": True},
        ),
        (
            "members of a group",
            owned(
                GROUP,
                kind="Group",
                group_members={GROUP: [member(ADA), member(BOB), member(APP, "servicePrincipal")]},
            ),
            "pass",
            (),
            {},
        ),
        *(
            (
                f"members of a group, one of the type {kind}",
                owned(GROUP, kind="Group", group_members={GROUP: [member(ADA), member(APP, kind)]}),
                "pass",
                (),
                {},
            )
            for kind in ("agentIdentity", "agentIdentityBlueprintPrincipal")
        ),
        ("not in the directory", owned(ADA, BOB, APP), "unknown", (), {}),
    )
] + [
    Case(
        OWNERS,
        "a group that cannot be read",
        owned(GROUP, kind="Group"),
        {SUB: "unknown"},
        [gap("group_members", GROUP)],
    ),
    Case(
        OWNERS,
        "four, and a group that cannot be read",
        roles(
            *(at(SUB, OWNER, one, name=str(n)) for n, one in enumerate(PEOPLE[:4])),
            at(SUB, OWNER, GROUP, "9", kind="Group"),
        ),
        {SUB: "fail"},
        [gap("group_members", GROUP)],
        remark="Owners that Surety could not look up",
    ),
    Case(
        OWNERS,
        "four of them",
        owned(*PEOPLE[:4]),
        {SUB: "fail"},
        no_remark="Owners that Surety could not look up",
    ),
    Case(OWNERS, "assignments forbidden", {"users": [user()]}, {SUB: "unknown"}, [gap("role_assignments")]),
]

_OFF = {"users": [user(accountEnabled=False), user(BOB)]}
_BLOCKED = [
    Case(BLOCKED, name, docs, expect, gaps)
    for name, docs, expect, gaps in (
        ("nobody is blocked", roles(at(SUB, OWNER)), {DIRECTORY: "pass"}, ()),
        ("blocked without a role", roles(at(SUB, OWNER, BOB), **_OFF), {DIRECTORY: "pass"}, ()),
        ("blocked Reader", roles(at(SUB, READER), **_OFF), {ADA_IS: "fail"}, ()),
        (
            "blocked, eligible",
            roles(role_eligibilities={SUB: [at(SUB, OWNER)]}, **_OFF),
            {ADA_IS: "fail"},
            (),
        ),
        (
            "blocked member of a group",
            roles(at(SUB, READER, GROUP, kind="Group"), group_members={GROUP: [member()]}, **_OFF),
            {ADA_IS: "fail"},
            (),
        ),
        ("not in the directory", roles(at(SUB, OWNER, APP)), {DIRECTORY: "pass"}, ()),
        (
            "accountEnabled absent",
            roles(at(SUB, OWNER), users=[user(accountEnabled=None)]),
            {ADA_IS: "unknown"},
            (),
        ),
        (
            "group forbidden",
            roles(at(SUB, READER, GROUP, kind="Group")),
            {DIRECTORY: "unknown"},
            (gap("group_members", GROUP),),
        ),
        # In a subscription of the Cloud Solution Provider program, a group of the partner's directory has the role
        # Owner.
        (
            "group of another directory",
            roles(at(SUB, OWNER, GROUP, kind="ForeignGroup"), **_OFF),
            {DIRECTORY: "pass"},
            (),
        ),
        (
            "group not found",
            roles(at(SUB, OWNER, GROUP, kind="Group"), **_OFF),
            {DIRECTORY: "pass"},
            (gap("group_members", GROUP, reason=Reason.NOT_FOUND),),
        ),
        ("no user", roles(users=[]), {DIRECTORY: "unknown"}, ()),
        ("users forbidden", {"role_assignments": {SUB: []}}, {DIRECTORY: "unknown"}, (gap("users"),)),
    )
]

_CUSTOM = role("77777777-0000-0000-0000-000000000007", [], data=["Microsoft.Compute/virtualMachines/*"])
_LOGIN_ROLE = role(VM_LOGIN, ["Microsoft.Compute/virtualMachines/*/read"], kind="BuiltInRole", scopes=["/"])


def login(*assignments: dict[str, Any], capable: bool = True, **more: Any) -> dict[str, Any]:
    return roles(
        *assignments,
        **{
            "role_definitions": [*built_in(), _CUSTOM, _LOGIN_ROLE],
            "mfa_registrations": [registered(capable=capable)],
            **more,
        },
    )


_LOGIN = [
    Case(LOGIN, name, docs, expect, gaps)
    for name, docs, expect, gaps in (
        ("MFA", login(at(SUB, VM_LOGIN)), {ADA_IS: "pass"}, ()),
        ("no MFA", login(at(SUB, VM_LOGIN), capable=False), {ADA_IS: "fail"}, ()),
        (
            "custom role",
            login(at(SUB, "77777777-0000-0000-0000-000000000007"), capable=False),
            {ADA_IS: "fail"},
            (),
        ),
        ("other role", login(at(SUB, OWNER), capable=False), {DIRECTORY: "not_applicable"}, ()),
        ("no role", login(), {DIRECTORY: "not_applicable"}, ()),
        (
            "eligible",
            login(role_eligibilities={SUB: [at(SUB, VM_LOGIN)]}, capable=False),
            {ADA_IS: "fail"},
            (),
        ),
        (
            "blocked",
            login(at(SUB, VM_LOGIN), users=[user(accountEnabled=False)]),
            {ADA_IS: "not_applicable"},
            (),
        ),
        ("role not listed", login(at(SUB, APP)), {ADA_IS: "unknown"}, ()),
        (
            "Owner of another directory",
            login(at(SUB, OWNER, GROUP, kind="ForeignGroup"), at(SUB, VM_LOGIN, name="2")),
            {ADA_IS: "pass"},
            (),
        ),
        (
            "sign-in of another directory",
            login(at(SUB, VM_LOGIN, GROUP, kind="ForeignGroup")),
            {DIRECTORY: "unknown"},
            (),
        ),
        (
            "group with an unlisted role",
            login(at(SUB, APP, GROUP, kind="Group")),
            {DIRECTORY: "unknown"},
            (gap("group_members", GROUP),),
        ),
        (
            "Reader of a group that cannot be read",
            login(at(SUB, READER, GROUP, kind="Group")),
            {DIRECTORY: "not_applicable"},
            (gap("group_members", GROUP),),
        ),
        (
            "report forbidden",
            roles(at(SUB, VM_LOGIN), role_definitions=[_LOGIN_ROLE]),
            {ADA_IS: "unknown"},
            (gap("mfa_registrations"),),
        ),
    )
]

LOCKS = ["Microsoft.Authorization/locks/*"]
# https://learn.microsoft.com/azure/role-based-access-control/built-in-roles
_LOCKS_CONTRIBUTOR = "28bf596f-4eb7-45ce-b5bc-6cf482fec137"
_LOCK_ROLE = role("77777777-0000-0000-0000-000000000008", LOCKS)


def locks(
    actions: list[str], *assignments: dict[str, Any], minus: list[str] | None = None, **more: Any
) -> dict[str, Any]:
    defined = role("77777777-0000-0000-0000-000000000008", actions, minus, **more)
    return {"role_definitions": [*built_in(), defined], "role_assignments": list(assignments)}


_HELD = at(SUB, "77777777-0000-0000-0000-000000000008")
_LOCKS = [
    Case(LOCK, name, docs, outcome, gaps)
    for name, docs, outcome, gaps in (
        ("assigned", locks(LOCKS, _HELD), "pass", ()),
        ("eligible", {**locks(LOCKS), "role_eligibilities": [_HELD]}, "pass", ()),
        ("not assigned", locks(LOCKS), "fail", ()),
        (
            "no custom role",
            {"role_definitions": built_in(), "role_assignments": [at(SUB, OWNER)]},
            "fail",
            (),
        ),
        ("only reading", locks(["Microsoft.Authorization/locks/read"], _HELD), "fail", ()),
        ("only writing", locks(["Microsoft.Authorization/locks/write"], _HELD), "fail", ()),
        (
            "removed by notActions",
            locks(LOCKS, _HELD, minus=["Microsoft.Authorization/locks/delete"]),
            "fail",
            (),
        ),
        ("administrative", locks(["Microsoft.Authorization/*"], _HELD), "fail", ()),
        ("all data actions", locks(LOCKS, _HELD, data=["*"]), "fail", ()),
        ("permissions not a list", {"role_definitions": [role(APP, LOCKS, permissions=7)]}, "unknown", ()),
        ("definitions forbidden", {}, "unknown", (gap("role_definitions"),)),
        ("assignments forbidden", {"role_definitions": [_LOCK_ROLE]}, "unknown", (gap("role_assignments"),)),
        ("eligibilities forbidden", locks(LOCKS), "unknown", (gap("role_eligibilities"),)),
        (
            "no Privileged Identity Management",
            locks(LOCKS),
            "fail",
            (gap("role_eligibilities", reason=Reason.LICENCE_MISSING),),
        ),
    )
] + [
    Case(
        LOCK,
        f"built-in role, {len(held)} assignments",
        {"role_definitions": [role(_LOCKS_CONTRIBUTOR, LOCKS, kind="BuiltInRole")], "role_assignments": held},
        "fail",
        **remark,
    )
    for held, remark in (
        ([at(SUB, _LOCKS_CONTRIBUTOR)], {"remark": "A built-in role for locks is assigned"}),
        ([], {"no_remark": "built-in"}),
    )
]

CASES = [*_ADMINS, *_ROOT, *_OWNERS, *_BLOCKED, *_LOGIN, *_LOCKS]
IMPOSSIBLE = {
    ADMINS: {"not_applicable": "every directory has an administrator"},
    ROOT: {"not_applicable": "every directory can give this access"},
    OWNERS: {"not_applicable": "a directory without a subscription is not judged"},
    BLOCKED: {"not_applicable": "a directory without blocked accounts passes"},
    LOCK: {"not_applicable": "every subscription can have such a role"},
}
OFFICIAL_VERDICTS = """
identity-disabled-users-azure-roles pass: unit
identity-global-admin-count pass: unit
identity-lock-role fail: unit
identity-owner-count fail: unit
identity-uaa-root pass: unit
identity-vm-login-mfa not_applicable: unit
"""
PORTAL_PATHS = [
    ComparedPath(
        "Azure portal › the scope of the assignment › Access control (IAM) › Role assignments",
        DocsFile(
            "MicrosoftDocs/azure-docs/articles/role-based-access-control/role-assignments-remove.yml",
            "0449f36a3134bc238df78e4e57661e4c83995910",
            "Open Access control (IAM) at a scope",
            "Click the Role assignments tab",
        ),
    ),
    ComparedPath(
        "Entra admin center › Entra ID › Roles & admins › the role Global Administrator",
        DocsFile(
            "MicrosoftDocs/entra-docs/docs/identity/role-based-access-control/manage-roles-portal.md",
            "02100dd1bc42b93093cdb31f9a3f4c7ac19bf388",
            "Browse to Identity > Roles & admins",
            "Select a role name to open the role",
        ),
    ),
    ComparedPath(
        "Azure portal › Microsoft Entra ID › Manage › Properties › Access management for Azure resources › No",
        DocsFile(
            "MicrosoftDocs/azure-docs/articles/role-based-access-control/elevate-access-global-admin.md",
            "015fa2493cc570c4fb0c170904a00bfe42b098dd",
            "Browse to Microsoft Entra ID > Manage > Properties",
            "Set the Access management for Azure resources toggle back to No",
        ),
    ),
]
