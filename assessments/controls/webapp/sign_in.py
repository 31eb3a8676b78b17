"""Controls of who can sign in to apps and deploy them, and of the rights of their identities.

Properties: Azure/azure-rest-api-specs, web/resource-manager/Microsoft.Web/AppService/stable/2025-05-01/openapi.json
(SiteAuthSettingsV2, CsmPublishingCredentialsPoliciesEntity, ManagedServiceIdentity)
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import Any, Final

from assessments.controls.context import CollectionUnavailable, Context
from assessments.controls.declare import Parameter
from assessments.controls.references import References
from assessments.controls.settings import SettingControl, declare_settings
from assessments.controls.verdict import Severity, Verdict, failed, not_applicable, passed
from assessments.controls.webapp._apps import (
    APP,
    GENERAL,
    LEARN,
    NO_APPS,
    NO_WEB_APPS,
    PORTAL,
    TYPE,
    WAYS,
    of_app,
    on_container_apps,
    publishing_policies,
)
from assessments.estate.collections.access import ROLE_ASSIGNMENTS, ROLE_DEFINITIONS
from assessments.estate.collections.webapp import WEB_AUTH, WEB_PUBLISHING, WEB_SITES, WEB_SLOTS
from assessments.estate.identity.roles import ADMIN_PROBES, granted, is_custom, role_key, scope_kind
from assessments.estate.ids import fold
from assessments.estate.services.web_apps import is_web_app
from assessments.estate.view import Undecided, Unreadable, View
from assessments.fixes.declare import Fix, advice, command
from assessments.fixes.facts import Facts
from assessments.fixes.variables import EXAMPLE_GUID, Variable

_ACTIONS: Final = frozenset({"redirecttologinpage", "allowanonymous", "return401", "return403"})

# https://learn.microsoft.com/azure/role-based-access-control/built-in-roles
_GRANTING: Final = frozenset(
    {
        "8e3af657-a8ff-443c-a75c-2fe8c4bcb635",  # Owner
        "18d7d88d-d35e-4fb5-a5c3-7773c20a72d9",  # User Access Administrator
        "f58310d9-a9f6-439a-9e8d-f62e7b41a168",  # Role Based Access Control Administrator
    }
)
_CONTRIBUTOR: Final = "b24988ac-6180-42a0-ab88-20f7382dd24c"
_WIDE: Final = frozenset({"root", "management group", "subscription"})


def _basic_auth(app: View, ctx: Context) -> Verdict:
    policies = publishing_policies(ctx.documents_at(WEB_PUBLISHING, app.id))
    if missing := [way for way in WAYS if way not in policies]:
        raise app.unreadable(f"basicPublishingCredentialsPolicies/{missing[0]}", "absent")
    # If no value is set, deployments may sign in with a password:
    # https://learn.microsoft.com/azure/app-service/configure-basic-auth-disable
    allowed = [way for way in WAYS if policies[way].object("properties").flag("allow", default=True)]
    if allowed:
        is_https = app.raw("properties.httpsOnly") is True and "scm" in allowed
        return failed(
            "Deployments can sign in with a password",
            remarks=[
                "The app requires HTTPS, but HTTPS does not prevent sign-in to its advanced tools with a password"
            ]
            if is_https
            else [],
            basicAuth=allowed,
        )
    return passed("Deployments cannot sign in with a password", basicAuth=[])


def _authentication(app: View, ctx: Context) -> Verdict:
    settings = ctx.single(WEB_AUTH, app.id)
    if settings is None:
        raise app.unreadable("config/authsettingsV2", "absent")
    properties = settings.object("properties")
    if not properties.flag("platform.enabled"):
        return failed("App Service Authentication is off", authEnabled=False)
    rules = properties.object("globalValidation", default={})
    required: bool | None = (
        rules.flag("requireAuthentication") if rules.has("requireAuthentication") else None
    )
    action = rules.text("unauthenticatedClientAction", default="")
    known = rules.choice("unauthenticatedClientAction", _ACTIONS) if action else ""
    keeps_out = {"": None, "allowanonymous": False}.get(known, True)
    observed: dict[str, Any] = {
        "authEnabled": True,
        "requireAuthentication": required,
        "unauthenticatedClientAction": action or None,
    }
    said = {value for value in (required, keeps_out) if value is not None}
    if len(said) != 1:
        raise Undecided(
            settings.id,
            "properties.globalValidation.requireAuthentication",
            "Check whether callers must sign in: Microsoft does not document what this combination of settings means",
        )
    if said == {False}:
        return failed("Callers need not sign in, although App Service Authentication is on", **observed)
    excluded = rules.texts("excludedPaths", default=[])
    return passed(
        "Callers must sign in",
        remarks=["Some paths of the app can be reached without a sign-in"] if excluded else [],
        **observed,
    )


def _identity_not_admin(app: View, ctx: Context) -> Verdict:
    principals = _principals(app)
    if not principals:
        return not_applicable("The app has no managed identity")
    by_principal, unreadable = ctx.memo("assignments by principal", lambda: _assignments(ctx))
    found: list[View] = []
    problem: Unreadable | CollectionUnavailable | None = unreadable
    is_contributor = False
    for assignment in ctx.bind(view for one in sorted(principals) for view in by_principal.get(one, ())):
        try:
            if _is_administrative(assignment, ctx):
                found.append(assignment)
        except (Unreadable, CollectionUnavailable) as error:
            problem = problem or error
        is_contributor = is_contributor or _role(assignment) == _CONTRIBUTOR
    if found:
        with_condition = any(assignment.has("properties.condition") for assignment in found)
        return failed(
            "The identity of the app can administer Azure",
            remarks=["A condition restricts what the identity may do with a role"] if with_condition else [],
            assignments=[_shown(assignment) for assignment in found],
        )
    ctx.require_complete(ROLE_ASSIGNMENTS)
    if problem is not None:
        raise problem
    if is_contributor:
        return passed(
            "The identity of the app cannot administer Azure",
            remarks=[
                "Roles that the identity has through groups are not checked",
                "The identity is Contributor of a resource group or resource, and may change everything there",
            ],
            assignments=[],
        )
    return passed(
        "The identity of the app cannot administer Azure",
        remarks=["Roles that the identity has through groups are not checked"],
        assignments=[],
    )


def _role(assignment: View) -> str:
    return role_key(assignment.text("properties.roleDefinitionId", default=""))


def _is_administrative(assignment: View, ctx: Context) -> bool:
    """Return whether the assigned role permits administering Azure at the scope of the assignment. Raise Unreadable or
    CollectionUnavailable if needed data could not be read.
    """
    properties = assignment.object("properties")
    properties.text("principalId")
    role, scope = role_key(properties.text("roleDefinitionId")), properties.text("scope")
    if role in _GRANTING:
        return True
    if not scope.startswith("/"):
        raise properties.unreadable("scope", "not a scope")
    kind = scope_kind(scope)
    if role == _CONTRIBUTOR:
        return kind in _WIDE
    if kind == "resource":
        return False
    ctx.require_complete(ROLE_DEFINITIONS)
    by_key = ctx.memo(
        "roles by key",
        lambda: {role_key(view.id): view for view in ctx.estate.documents(ROLE_DEFINITIONS.name)},
    )
    if role not in by_key:
        raise properties.unlisted("roleDefinitionId", "role", role)
    (definition,) = ctx.bind([by_key[role]])
    return is_custom(definition) and bool(granted(definition, ADMIN_PROBES)[0])


def _principals(app: View) -> set[str]:
    """Return the object ids of the app's identities, in lower case. Raise Unreadable if a needed property cannot be
    read.
    """
    identity = app.object("identity", default={})
    kind = identity.text("type", default="None")
    kinds = {word.strip().casefold() for word in kind.split(",")}
    if not kinds <= {"none", "systemassigned", "userassigned"}:
        raise identity.unknown_value("type", kind)
    found = {fold(identity.text("principalId"))} if "systemassigned" in kinds else set()
    if "userassigned" in kinds:
        assigned = identity.object("userAssignedIdentities")
        for name, entry in assigned.body.items():
            if "/" not in name:  # Skip a key that is not the id of an identity.
                continue
            principal = entry.get("principalId") if isinstance(entry, Mapping) else None
            if not isinstance(principal, str) or not principal:
                raise identity.unreadable("userAssignedIdentities", "without a principal")
            found.add(fold(principal))
    return found


def _assignments(ctx: Context) -> tuple[dict[str, list[View]], Unreadable | None]:
    """Return the role assignments of each principal. The keys are object ids, in lower case. Also return the first
    error of an assignment whose principal could not be read, or None.
    """
    found: dict[str, list[View]] = defaultdict(list)
    problem: Unreadable | None = None
    for assignment in ctx.estate.documents(ROLE_ASSIGNMENTS.name):
        try:
            found[fold(assignment.object("properties").text("principalId"))].append(assignment)
        except Unreadable as error:
            problem = problem or error
    return found, problem


def _shown(assignment: View) -> dict[str, str]:
    properties = assignment.object("properties")
    return {
        "assignment": assignment.id,
        "role": properties.text("roleDefinitionId"),
        "scope": properties.text("scope"),
    }


def _each_assignment(facts: Facts) -> list[dict[str, str]]:
    return [{"assignment": str(row.get("assignment", ""))} for row in facts.rows("assignments")]


CONTROLS = declare_settings(
    __name__,
    WEB_SITES,
    SettingControl(
        "webapp-basic-auth",
        title="Deployments of apps do not sign in with passwords",
        problem="App can be deployed with a password",
        expected="Deployments over FTP and over the advanced tools do not accept a password",
        judged="The policies `ftp` and `scm` below `basicPublishingCredentialsPolicies` of each web app, function app"
        " and deployment slot. Both must forbid passwords. If `allow` is absent, passwords count as allowed. If one"
        " of the policies is missing, the verdict is unknown. If the app requires HTTPS but its advanced tools accept"
        " a password, a remark says that HTTPS does not prevent sign-in with a password. Function apps on Container"
        " Apps are not applicable, because Container Apps does not use the policies.",
        why="The password is shared, does not expire and needs no second factor; anyone who has it can replace the"
        " app.",
        severity=Severity.MEDIUM,
        labels={"basicAuth": "Passwords accepted for"},
        unless=(on_container_apps,),
        judge=of_app(_basic_auth),
        needs=(WEB_PUBLISHING,),
        also=(WEB_SLOTS,),
        subject_type=TYPE,
        empty_reason=NO_APPS,
        references=References(c3="9.6", mcsb2="IM-1", nist="IA-2*"),
        fix=Fix(
            command(
                "az resource update --ids {id}/basicPublishingCredentialsPolicies/ftp --set properties.allow=false",
                "For FTP:",
            ),
            command(
                "az resource update --ids {id}/basicPublishingCredentialsPolicies/scm --set properties.allow=false",
                "For the advanced tools, local Git and Web Deploy:",
            ),
            portal=f"{GENERAL} SCM Basic Auth Publishing Credentials › Off",
            portal_source=f"{LEARN}/configure-basic-auth-disable",
            effects="Deployments must sign in with Microsoft Entra ID. Deployments that use a publish profile stop"
            " working.",
            variables=[APP],
        ),
    ),
    SettingControl(
        "webapp-auth",
        title="App Service Authentication guards web apps",
        problem="Web app without App Service Authentication",
        expected="App Service Authentication is on, and callers must sign in",
        judged="`config/authsettingsV2` of each web app and its deployment slots; with `include_functions`, also of"
        " function apps. Authentication must be on, and `requireAuthentication` or `unauthenticatedClientAction` must"
        " keep anonymous callers out. Excluded paths add a remark. A sign-in in the code of the app is not visible."
        " Function apps on Container Apps are not applicable, because Container Apps has a sign-in of its own.",
        why="If only the code checks the sign-in, one mistake in the code opens the app to everybody.",
        severity=Severity.LOW,
        labels={
            "authEnabled": "App Service Authentication",
            "requireAuthentication": "Sign-in required",
            "unauthenticatedClientAction": "Answer to callers without a sign-in",
        },
        unless=(on_container_apps,),
        judge=of_app(_authentication),
        needs=(WEB_AUTH,),
        also=(WEB_SLOTS,),
        where=lambda app, ctx: bool(ctx.params["include_functions"]) or is_web_app(app),
        subject_type=TYPE,
        empty_reason=NO_WEB_APPS,
        parameters=(
            Parameter(
                "include_functions", False, "Judge function apps as well", label="Include function apps"
            ),
        ),
        references=References(c2="9.1", c3="9.2", mcsb="IM-1*", nist="IA-2*"),
        fix=Fix(
            advice("Request an exception for public websites, and for apps whose code checks the sign-in."),
            portal=f"{PORTAL} Authentication › Add identity provider",
            portal_source=f"{LEARN}/scenario-secure-app-authentication-app-service",
            effects="Callers without a sign-in are redirected or get an error.",
            variables=[APP],
        ),
    ),
    SettingControl(
        "webapp-identity-not-admin",
        title="Identities of apps cannot administer Azure",
        problem="Identity of an app can administer Azure",
        expected="The identities of the app have no role for administering Azure",
        judged="The role assignments of the managed identities of each web app, function app and deployment slot,"
        " also assignments at management groups. Fails with Owner, User Access Administrator or Role Based Access"
        " Control Administrator at any scope, with a custom role that grants administrative permissions at a resource"
        " group or wider, and with Contributor at a subscription or wider. Contributor at a resource group adds a"
        " remark. Roles through groups are not checked. An app without identity is not applicable.",
        why="Anyone who takes over the app gets all rights of its identity, in the worst case over the whole"
        " subscription.",
        severity=Severity.HIGH,
        judge=of_app(_identity_not_admin),
        needs=(ROLE_ASSIGNMENTS, ROLE_DEFINITIONS),
        also=(WEB_SLOTS,),
        subject_type=TYPE,
        empty_reason=NO_APPS,
        references=References(mcsb="PA-7*", nist="AC-6* AC-6(5)*"),
        fix=Fix(
            advice("First assign the narrow role that the app needs, at the resource that it uses."),
            command(
                "az role assignment delete --ids {assignment}",
                "Then remove the administrative role:",
                each=_each_assignment,
            ),
            portal="Azure portal › the scope of the assignment › Access control (IAM) › Role assignments",
            portal_source="https://learn.microsoft.com/azure/role-based-access-control/role-assignments-remove",
            effects="The app can no longer do what only the removed role allowed.",
            variables=[
                Variable(
                    "assignment",
                    "Full id of the role assignment",
                    f"/subscriptions/{EXAMPLE_GUID}/providers/Microsoft.Authorization/roleAssignments/{EXAMPLE_GUID}",
                )
            ],
        ),
    ),
)
