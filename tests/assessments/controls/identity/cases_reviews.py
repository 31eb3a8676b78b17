"""Reviews by a person, and settings that people attest because no API shows them."""

from __future__ import annotations

from typing import Any

from tests.assessments.controls.cases import Case
from tests.assessments.controls.identity.cases_holders import NO_P2
from tests.assessments.controls.identity.directory_documents import (
    ADA,
    APP,
    BOB,
    GROUP,
    READER,
    assignment,
    directory_role,
    user,
)
from tests.assessments.controls.judging import DIRECTORY, SUB, gap
from tests.assessments.controls.portal_paths import ComparedPath, DocsFile

ASSIGNMENTS, DAILY = "identity-role-assignments-review", "identity-admin-daily-use"
CREATORS = "identity-tenant-creator-review"
WITHOUT_API = ("identity-mfa-remember-devices", "identity-sspr-settings", "identity-portal-restrictions")
CREATOR = "112ca1a2-15ad-4102-995e-45b0bc479a6a"


def assigned(*rows: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"users": [user()], "role_assignments": {SUB: list(rows)}, **more}


def since(when: str) -> dict[str, Any]:
    row = assignment(GROUP, READER, "Group")
    return {**row, "properties": {**row["properties"], "updatedOn": when}}


def case(slug: str, name: str, outcome: str, docs: dict[str, Any], gaps: Any = (), **more: Any) -> Case:
    return Case(slug, name, docs, {DIRECTORY: outcome}, gaps, **more)


def creating(*roles: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"directory_role_assignments": list(roles), **more}


CASES = [
    case(ASSIGNMENTS, "a person", "manual", assigned(assignment()), remark="people, not to groups"),
    case(ASSIGNMENTS, "a group", "manual", assigned(since("2026-11-01T00:00:00Z")), no_remark="over a year"),
    case(
        ASSIGNMENTS, "an old one", "manual", assigned(since("2024-11-01T00:00:00Z")), remark="over a year ago"
    ),
    case(ASSIGNMENTS, "somebody unknown", "manual", assigned(assignment(BOB)), remark="not in the directory"),
    case(ASSIGNMENTS, "none", "manual", assigned()),
    case(ASSIGNMENTS, "no principal", "unknown", assigned({"id": f"{SUB}/x", "properties": {}})),
    case(ASSIGNMENTS, "assignments forbidden", "unknown", {"users": [user()]}, [gap("role_assignments")]),
    case(ASSIGNMENTS, "users forbidden", "unknown", {"role_assignments": {SUB: []}}, [gap("users")]),
    case(
        DAILY,
        "from the cloud",
        "manual",
        {"users": [user()], **creating(directory_role())},
        no_remark="on-premises",
    ),
    case(
        DAILY,
        "without a licence",
        "manual",
        {"users": [user(assignedLicenses=[])], **creating(directory_role())},
        no_remark="licence",
    ),
    case(
        DAILY,
        "with a licence",
        "manual",
        {"users": [user(assignedLicenses=[{"skuId": "1"}])], **creating(directory_role())},
        remark="has a licence, such as for a mailbox: 1",
    ),
    case(
        DAILY,
        "licences are text",
        "unknown",
        {"users": [user(assignedLicenses="E5")], **creating(directory_role())},
    ),
    case(
        DAILY,
        "from on-premises",
        "manual",
        {"users": [user(onPremisesSyncEnabled=True)], **creating(directory_role())},
        remark="on-premises directory: 1",
    ),
    case(DAILY, "assignments forbidden", "unknown", {"users": [user()]}, [gap("directory_role_assignments")]),
    case(CREATORS, "nobody", "pass", creating(directory_role())),
    case(CREATORS, "no Privileged Identity Management", "pass", creating(directory_role()), NO_P2),
    case(CREATORS, "a person", "manual", creating(directory_role(role=CREATOR))),
    case(CREATORS, "an application", "manual", creating(directory_role(APP, "servicePrincipal", CREATOR))),
    case(CREATORS, "eligible", "manual", {"directory_role_eligibilities": [directory_role(role=CREATOR)]}),
    case(CREATORS, "no role", "unknown", creating({"id": "1", "principalId": ADA})),
    case(CREATORS, "assignments forbidden", "unknown", {}, [gap("directory_role_assignments")]),
    case(CREATORS, "eligibilities forbidden", "unknown", creating(), [gap("directory_role_eligibilities")]),
    *(
        case(slug, "always", "manual", {"authorization_policy": {"": [{"id": "authorizationPolicy"}]}})
        for slug in WITHOUT_API
    ),
]
IMPOSSIBLE = {
    **{
        slug: {"unknown": "the control reads nothing", "not_applicable": "the settings exist everywhere"}
        for slug in WITHOUT_API
    },
    ASSIGNMENTS: {"not_applicable": "every directory has assignments"},
    DAILY: {"not_applicable": "every directory has administrators"},
    CREATORS: {"not_applicable": "every directory can have such people"},
}
OFFICIAL_VERDICTS = """
identity-admin-daily-use manual: unit
identity-mfa-remember-devices manual: unit
identity-portal-restrictions manual: unit
identity-role-assignments-review manual: unit
identity-sspr-settings manual: unit
identity-tenant-creator-review pass: unit
"""
PORTAL_PATHS = [
    ComparedPath(
        "Entra admin center › Entra ID › Roles & admins",
        DocsFile(
            "MicrosoftDocs/entra-docs/docs/identity/role-based-access-control/manage-roles-portal.md",
            "02100dd1bc42b93093cdb31f9a3f4c7ac19bf388",
            "Browse to Identity > Roles & admins",
            "Select a role name to open the role",
        ),
    ),
    ComparedPath(
        "Entra admin center › Entra ID › Multifactor authentication › Getting started › Configure"
        " › Additional cloud-based multifactor authentication settings",
        DocsFile(
            "MicrosoftDocs/entra-docs/docs/identity/authentication/concept-authentication-methods-manage.md",
            "0258f97153bbaea36de2d7b8880346fdfa1ad131",
            (
                "Browse to Entra ID > Multifactor authentication > Getting started > Configure > Additional "
                "cloud-based multifactor authentication settings"
            ),
        ),
    ),
    ComparedPath(
        "Entra admin center › Entra ID › Users › User settings"
        " › Restrict access to Microsoft Entra administration portal › Yes",
        DocsFile(
            "MicrosoftDocs/entra-docs/docs/identity/role-based-access-control/delegate-app-roles.md",
            "0358995965b03e866d4b22a25625f4c558f121b9",
            "Browse to Identity > Users > User settings",
        ),
        DocsFile(
            "MicrosoftDocs/entra-docs/docs/fundamentals/users-default-permissions.md",
            "014de068a6f2b9a2894a8177cd3d3c8d544a797d",
            "Restrict access to Microsoft Entra administration portal",
            "Setting this option to Yes adds a layer of friction to casual browsing",
        ),
    ),
    ComparedPath(
        "Entra admin center › Identity governance › Privileged Identity Management › Azure resources › Access reviews",
        DocsFile(
            (
                "MicrosoftDocs/entra-docs/docs/id-governance/privileged-identity-management/"
                "pim-create-roles-and-resource-roles-review.md"
            ),
            "112e11750d76a90f463a67cf6d668d6df258fe3c",
            "Browse to Identity governance > Privileged Identity Management",
            "For Azure resources, select Azure resources",
            "Under Manage, select Access reviews",
        ),
    ),
    ComparedPath(
        "Entra admin center › Entra ID › Password reset › Authentication methods",
        DocsFile(
            "MicrosoftDocs/entra-docs/docs/identity/authentication/concept-authentication-methods-manage.md",
            "0258f97153bbaea36de2d7b8880346fdfa1ad131",
            "browse to Entra ID > Password reset > Authentication methods",
        ),
    ),
    ComparedPath(
        "Entra admin center › Entra ID › Roles & admins › the role Tenant Creator",
        DocsFile(
            "MicrosoftDocs/entra-docs/docs/identity/role-based-access-control/manage-roles-portal.md",
            "02100dd1bc42b93093cdb31f9a3f4c7ac19bf388",
            "Browse to Identity > Roles & admins",
            "Select a role name to open the role",
        ),
    ),
]
