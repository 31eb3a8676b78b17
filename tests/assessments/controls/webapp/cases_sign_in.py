"""Sign-in to apps, deployments with passwords, and the rights of identities of apps."""

from __future__ import annotations

from typing import Any

from tests.assessments.controls.cases import rows
from tests.assessments.controls.judging import RG, SUB, doc, gap
from tests.assessments.controls.portal_paths import ComparedPath, DocsFile
from tests.assessments.controls.webapp.apps import (
    CONTAINER_APPS,
    ID,
    NO_LIST,
    NONE,
    ON_CONTAINER_APPS,
    RESOURCES,
    SLOT,
    app,
    one,
)

FUNCTION = "functionapp,linux"
PRINCIPAL, OTHER = "11111111-0000-0000-0000-000000000001", "11111111-0000-0000-0000-000000000002"
OWNER, CONTRIBUTOR = "8e3af657-a8ff-443c-a75c-2fe8c4bcb635", "b24988ac-6180-42a0-ab88-20f7382dd24c"
ACCESS_ADMIN, RBAC_ADMIN = "18d7d88d-d35e-4fb5-a5c3-7773c20a72d9", "f58310d9-a9f6-439a-9e8d-f62e7b41a168"
READER, CUSTOM = "acdd72a7-3385-48ef-bd42-f606fba81ae7", "c0000000-0000-0000-0000-000000000001"
SYSTEM = {"identity": {"type": "SystemAssigned", "principalId": PRINCIPAL}}
USER = {
    "identity": {
        "type": "SystemAssigned, UserAssigned",
        "principalId": OTHER,
        "userAssignedIdentities": {
            f"{RG}/providers/Microsoft.ManagedIdentity/x/id": {"principalId": PRINCIPAL}
        },
    }
}


def policies(
    ftp: Any = False, scm: Any = False, identifier: str = ID, drop: str = ""
) -> list[dict[str, Any]]:
    return [
        doc(
            f"{identifier}/basicPublishingCredentialsPolicies/{name}",
            {} if value is None else {"allow": value},
        )
        for name, value in (("ftp", ftp), ("scm", scm))
        if name != drop
    ]


def published(*held: dict[str, Any]) -> dict[str, Any]:
    return one(app(), web_publishing={ID: list(held)})


def auth(enabled: Any = True, kind: str = "app", **rules: Any) -> dict[str, Any]:
    settings = {"platform": {"enabled": enabled}, "globalValidation": rules}
    return one(app(kind=kind), web_auth=[doc(f"{ID}/config/authsettingsV2", settings)])


def role(guid: str, kind: str = "BuiltInRole", *actions: str) -> dict[str, Any]:
    permissions = [{"actions": list(actions), "notActions": [], "dataActions": []}]
    return doc(
        f"{SUB}/providers/Microsoft.Authorization/roleDefinitions/{guid}",
        {"type": kind, "permissions": permissions},
    )


ROLES = [
    role(OWNER, "BuiltInRole", "*"),
    role(CONTRIBUTOR, "BuiltInRole", "*"),
    role(READER, "BuiltInRole", "*/read"),
    role(CUSTOM, "CustomRole", "Microsoft.Authorization/*"),
]


def assigned(
    guid: str, scope: Any = SUB, principal: str = PRINCIPAL, top: Any = None, **more: Any
) -> dict[str, Any]:
    properties = {
        "principalId": principal,
        "roleDefinitionId": f"{SUB}/providers/Microsoft.Authorization/roleDefinitions/{guid}",
        "scope": scope,
        **more,
    }
    assignment = doc(f"{SUB}/providers/Microsoft.Authorization/roleAssignments/{guid}", properties)
    return one(app(top=SYSTEM if top is None else top), role_assignments=[assignment], role_definitions=ROLES)


def beside_unreadable(guid: str) -> dict[str, Any]:
    """An app whose identity has this role, and a role assignment that does not state its principal."""
    found = assigned(guid)
    found["role_assignments"].append(doc(f"{SUB}/providers/Microsoft.Authorization/roleAssignments/x", {}))
    return found


CASES = [
    *rows(
        "webapp-basic-auth",
        ("both refused", published(*policies()), {ID: "pass"}),
        ("FTP allowed", published(*policies(ftp=True)), {ID: "fail"}),
        ("tools allowed", published(*policies(scm=True)), {ID: "fail"}, {"no_remark": "HTTPS"}),
        (
            "tools allowed, HTTPS required",
            {**published(*policies(scm=True)), "web_sites": [app(httpsOnly=True)]},
            {ID: "fail"},
            {"remark": "HTTPS does not prevent sign-in to its advanced tools with a password"},
        ),
        (
            "FTP allowed, HTTPS required",
            {**published(*policies(ftp=True)), "web_sites": [app(httpsOnly=True)]},
            {ID: "fail"},
            {"no_remark": "HTTPS"},
        ),
        ("not given", published(*policies(scm=None)), {ID: "fail"}),
        ("one is missing", published(*policies(drop="scm")), {ID: "unknown"}),
        ("none", published(), {ID: "unknown"}),
        ("text", published(*policies(ftp="false")), {ID: "unknown"}),
        (
            "a slot has its own",
            {
                "web_sites": [app()],
                "web_slots": [app(SLOT)],
                "resources": RESOURCES,
                "web_publishing": [*policies(), *policies(scm=True, identifier=SLOT)],
            },
            {ID: "pass", SLOT: "fail"},
        ),
        ("forbidden", one(app()), {ID: "unknown"}, {"gaps": [gap("web_publishing", ID)]}),
        ON_CONTAINER_APPS,
        NO_LIST,
        NONE,
    ),
    *rows(
        "webapp-auth",
        (
            "required",
            auth(requireAuthentication=True),
            {ID: "pass"},
            {"no_remark": "reached without a sign-in"},
        ),
        (
            "required, with excluded paths",
            auth(
                requireAuthentication=True, unauthenticatedClientAction="Return401", excludedPaths=["/health"]
            ),
            {ID: "pass"},
            {"remark": "reached without a sign-in"},
        ),
        ("only the action", auth(unauthenticatedClientAction="RedirectToLoginPage"), {ID: "pass"}),
        ("off", auth(enabled=False, requireAuthentication=True), {ID: "fail"}, {"reason": "is off"}),
        ("anonymous callers", auth(unauthenticatedClientAction="AllowAnonymous"), {ID: "fail"}),
        ("not required", auth(requireAuthentication=False), {ID: "fail"}),
        (
            "not required, and anonymous callers",
            auth(requireAuthentication=False, unauthenticatedClientAction="allowAnonymous"),
            {ID: "fail"},
        ),
        (
            "not required, but a redirect",
            auth(requireAuthentication=False, unauthenticatedClientAction="RedirectToLoginPage"),
            {ID: "unknown"},
            {"reason": "does not document"},
        ),
        (
            "required, but anonymous callers",
            auth(requireAuthentication=True, unauthenticatedClientAction="AllowAnonymous"),
            {ID: "unknown"},
        ),
        ("no rules", auth(), {ID: "unknown"}),
        ("a new action", auth(unauthenticatedClientAction="Return418"), {ID: "unknown"}),
        ("text", auth(requireAuthentication="true"), {ID: "unknown"}),
        ("the switch is text", auth(enabled="true"), {ID: "unknown"}),
        ("a function app", auth(enabled=False, kind=FUNCTION), "not_applicable"),
        (
            "a function app, which the parameter includes",
            auth(enabled=False, kind=FUNCTION),
            {ID: "fail"},
            {"params": {"include_functions": True}},
        ),
        (
            "a function app on Container Apps, which the parameter includes",
            auth(enabled=False, kind=CONTAINER_APPS),
            {ID: "not_applicable"},
            {"params": {"include_functions": True}, "reason": "Container Apps"},
        ),
        ("forbidden", one(app()), {ID: "unknown"}, {"gaps": [gap("web_auth", ID)]}),
        ("not found", one(app()), {ID: "unknown"}),
        NO_LIST,
        NONE,
    ),
    *rows(
        "webapp-identity-not-admin",
        ("Owner", assigned(OWNER), {ID: "fail"}, {"no_remark": "condition"}),
        ("Owner of a resource", assigned(OWNER, ID), {ID: "fail"}),
        ("User Access Administrator", assigned(ACCESS_ADMIN, RG), {ID: "fail"}),
        (
            "Role Based Access Control Administrator with a condition",
            assigned(RBAC_ADMIN, condition="x"),
            {ID: "fail"},
            {"remark": "condition"},
        ),
        ("Contributor", assigned(CONTRIBUTOR), {ID: "fail"}),
        (
            "Contributor of a management group",
            assigned(CONTRIBUTOR, "/providers/Microsoft.Management/managementGroups/mg"),
            {ID: "fail"},
        ),
        ("Contributor of everything", assigned(CONTRIBUTOR, "/"), {ID: "fail"}),
        ("Contributor of a group", assigned(CONTRIBUTOR, RG), {ID: "pass"}, {"remark": "Contributor"}),
        ("Contributor of a resource", assigned(CONTRIBUTOR, ID), {ID: "pass"}),
        ("Reader", assigned(READER), {ID: "pass"}, {"no_remark": "Contributor"}),
        ("an administrative custom role", assigned(CUSTOM, RG), {ID: "fail"}),
        ("an administrative custom role at a resource", assigned(CUSTOM, ID), {ID: "pass"}),
        ("a role that is not listed", assigned("d" * 8), {ID: "unknown"}),
        ("another principal", assigned(OWNER, principal=OTHER), {ID: "pass"}, {"remark": "groups"}),
        ("in capital letters", assigned(OWNER, principal=PRINCIPAL.upper()), {ID: "fail"}),
        ("a user-assigned identity", assigned(OWNER, top=USER), {ID: "fail"}),
        ("no identity", assigned(OWNER, top={}), {ID: "not_applicable"}),
        ("a new kind of identity", assigned(OWNER, top={"identity": {"type": "Other"}}), {ID: "unknown"}),
        ("no principal", assigned(OWNER, top={"identity": {"type": "SystemAssigned"}}), {ID: "unknown"}),
        (
            "no principal of a user-assigned identity",
            assigned(OWNER, top={"identity": {"type": "UserAssigned", "userAssignedIdentities": {"/x": {}}}}),
            {ID: "unknown"},
        ),
        ("the scope is no scope", assigned(CONTRIBUTOR, "everywhere"), {ID: "unknown"}),
        ("Owner, beside an assignment without a principal", beside_unreadable(OWNER), {ID: "fail"}),
        ("Reader, beside an assignment without a principal", beside_unreadable(READER), {ID: "unknown"}),
        (
            "Owner, and assignments missing",
            assigned(OWNER),
            {ID: "fail"},
            {"gaps": [gap("role_assignments")]},
        ),
        (
            "Reader, and assignments missing",
            assigned(READER),
            {ID: "unknown"},
            {"gaps": [gap("role_assignments")]},
        ),
        (
            "assignments forbidden",
            one(app(top=SYSTEM), role_definitions=ROLES),
            {ID: "unknown"},
            {"gaps": [gap("role_assignments")]},
        ),
        NO_LIST,
        NONE,
    ),
]

ABSENCE_PASSES = [
    (
        "webapp-auth",
        r"properties\.globalValidation\.(requireAuthentication|unauthenticatedClientAction|excludedPaths)",
        "one of the two settings suffices, and excluded paths only add a remark",
    ),
    (
        "webapp-identity-not-admin",
        r"identity\.userAssignedIdentities\..*/x/id",
        "an identity that is not assigned to the app gives it no rights",
    ),
]
OFFICIAL_VERDICTS = """
webapp-auth pass: sitef6141
webapp-auth unknown: staging  # no example has the settings of a slot
webapp-basic-auth fail: sitef6141 staging
webapp-identity-not-admin not_applicable: sitef6141 staging
"""
PORTAL_PATHS = [
    ComparedPath(
        "Azure portal › App Services › {app} › Authentication › Add identity provider",
        DocsFile(
            "MicrosoftDocs/azure-docs/articles/app-service/configure-common.md",
            "e659e3a2cde9f50c4ae7284f9be9ddb9054db5e2",
            "search for and select App Services",
        ),
        DocsFile(
            "MicrosoftDocs/azure-docs/articles/app-service/scenario-secure-app-authentication-app-service.md",
            "03d697234d3d84e7ddcbc48d64d2bf8f738dad5f",
            "On your app's left menu, select Authentication, and then click Add identity provider",
        ),
    ),
    ComparedPath(
        "Azure portal › App Services › {app} › Configuration › General settings"
        " › SCM Basic Auth Publishing Credentials › Off",
        DocsFile(
            "MicrosoftDocs/azure-docs/articles/app-service/configure-common.md",
            "e659e3a2cde9f50c4ae7284f9be9ddb9054db5e2",
            "search for and select App Services, and then select your app",
            "In the app's left menu, select Configuration > General settings",
        ),
        DocsFile(
            "MicrosoftDocs/azure-docs/articles/app-service/configure-basic-auth-disable.md",
            "03d17334329157ca391ccffa04a0f3622e404be1",
            "For SCM Basic Auth Publishing Credentials or FTP Basic Auth Publishing Credentials, select Off",
        ),
    ),
]
