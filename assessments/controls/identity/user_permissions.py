"""Controls of what ordinary users may create: directories, app registrations, security groups and Microsoft 365 groups.

Sources: https://learn.microsoft.com/graph/api/resources/defaultuserrolepermissions and
https://learn.microsoft.com/graph/group-directory-settings
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from assessments.controls.context import Context
from assessments.controls.declare import Control, per_scope
from assessments.controls.docstrings import Doc
from assessments.controls.references import References
from assessments.controls.shared.directory import directory_setting
from assessments.controls.verdict import Severity, Verdict, failed, passed
from assessments.estate.collections.directory import AUTHORIZATION_POLICY, GROUP_SETTINGS
from assessments.fixes.declare import Fix, advice, graph

_USER_SETTINGS: Final = "Entra admin center › Entra ID › Users › User settings"
_USER_SETTINGS_PAGE: Final = "https://learn.microsoft.com/entra/fundamentals/users-default-permissions"
_GROUP_SETTINGS: Final = "Entra admin center › Entra ID › Groups › General"
_GROUP_SETTINGS_PAGE: Final = (
    "https://learn.microsoft.com/entra/identity/users/groups-self-service-management"
)


def _fix(key: str, portal: str, page: str, effects: str) -> Fix:
    return Fix(
        graph(
            "PATCH",
            "/v1.0/policies/authorizationPolicy",
            "Policy.ReadWrite.Authorization",
            body={"defaultUserRolePermissions": {key: False}},
        ),
        portal=portal,
        portal_source=page,
        effects=effects,
    )


def _switch(
    slug: str,
    key: str,
    label: str,
    doc: Doc,
    off: Verdict,
    on: Verdict,
    severity: Severity,
    fix: Fix,
    references: References,
) -> Control:
    """Declare a control of one permission of ordinary users. `on` is the verdict if users have the permission. `off` is
    the verdict if users do not have the permission.
    """

    def rule(ctx: Context) -> Verdict:
        # Microsoft documents no default for an absent property, so it could mean that users have the permission. In
        # this case, reading the property raises Unreadable, and the verdict becomes unknown.
        permissions = directory_setting(ctx, AUTHORIZATION_POLICY).object("defaultUserRolePermissions")
        allowed = permissions.flag(key)
        return replace(on if allowed else off, observed={key: allowed})

    rule.__module__ = __name__
    return per_scope(
        needs=(AUTHORIZATION_POLICY,),
        slug=slug,
        doc=doc,
        severity=severity,
        labels={key: label},
        fix=fix,
        references=references,
    )(rule)


NO_TENANT_CREATE = _switch(
    "identity-users-no-tenant-create",
    "allowedToCreateTenants",
    "Users can create directories",
    Doc(
        "Ordinary users cannot create directories",
        "Ordinary users can create directories",
        "Only administrators and people with the role Tenant Creator can create directories",
        "`defaultUserRolePermissions.allowedToCreateTenants` of the authorization policy. If the property is absent,"
        " the verdict is unknown.",
        "A user who creates a directory becomes its Global Administrator. Nobody in the organization then watches what"
        " happens in this directory.",
    ),
    passed(
        "Ordinary users cannot create directories",
        remarks=["People with the directory role Tenant Creator can still create directories"],
    ),
    failed("Ordinary users can create directories"),
    Severity.LOW,
    _fix(
        "allowedToCreateTenants",
        f"{_USER_SETTINGS} › Restrict non-admin users from creating tenants › Yes",
        _USER_SETTINGS_PAGE,
        "People who need further directories need the role Tenant Creator.",
    ),
    References(c2="1.3", c3="2.3", c4="6.4", c5="5.4", mcsb="PA-7*", nist="AC-6* CM-5*"),
)

NO_APP_REGISTER = _switch(
    "identity-users-no-app-register",
    "allowedToCreateApps",
    "Users can register applications",
    Doc(
        "Ordinary users cannot register applications",
        "Ordinary users can register applications",
        "Only administrators and people with the role Application Developer can register applications",
        "`defaultUserRolePermissions.allowedToCreateApps` of the authorization policy. If the property is absent, the"
        " verdict is unknown.",
        "Everybody who registers an application becomes its owner, and can add credentials to it without a review.",
    ),
    passed(
        "Ordinary users cannot register applications",
        remarks=["People with the directory role Application Developer can still register applications"],
    ),
    failed("Ordinary users can register applications"),
    Severity.MEDIUM,
    _fix(
        "allowedToCreateApps",
        f"{_USER_SETTINGS} › Users can register applications › No",
        _USER_SETTINGS_PAGE,
        "Developers need the role Application Developer, or somebody who registers applications for them.",
    ),
    References(c2="1.14", c3="2.14", c4="6.14", c5="5.14", mcsb="PA-7*", nist="AC-6* CM-5*"),
)

NO_SECGROUP_CREATE = _switch(
    "identity-users-no-secgroup-create",
    "allowedToCreateSecurityGroups",
    "Users can create security groups",
    Doc(
        "Ordinary users cannot create security groups",
        "Ordinary users can create security groups",
        "Only people with an administrative role can create security groups",
        "`defaultUserRolePermissions.allowedToCreateSecurityGroups` of the authorization policy. If the property is"
        " absent, the verdict is unknown.",
        "The owner of a group decides who is in it. If applications and Azure roles trust such a group, its owner"
        " decides who has access.",
    ),
    passed(
        "Ordinary users cannot create security groups",
        remarks=["People with directory roles such as Groups Administrator can still create security groups"],
    ),
    failed("Ordinary users can create security groups"),
    Severity.LOW,
    _fix(
        "allowedToCreateSecurityGroups",
        f"{_GROUP_SETTINGS} › Users can create security groups in Azure portals, API or PowerShell › No",
        _GROUP_SETTINGS_PAGE,
        "People who create security groups need a role such as Groups Administrator.",
    ),
    References(c2="1.19", c3="2.19", c4="6.19", c5="5.19", mcsb="PA-7*", nist="AC-6* CM-5*"),
)

# https://learn.microsoft.com/graph/group-directory-settings (the template Group.Unified)
_TEMPLATE: Final = "62375ab9-6b52-47ed-826b-58e47e0e304b"


def _m365_groups(ctx: Context) -> Verdict:
    documents = ctx.documents(GROUP_SETTINGS)
    own = [document for document in documents if document.text("templateId").casefold() == _TEMPLATE]
    values = {item.text("name").casefold(): item for document in own for item in document.items("values")}
    creation = values.get("enablegroupcreation")
    if creation is None or not creation.text("value", default=""):
        return failed(
            "Ordinary users can create Microsoft 365 groups, because the setting was never changed",
            EnableGroupCreation=None,
        )
    value = creation.text("value")
    if creation.choice("value", {"true", "false"}) == "true":
        return failed("Ordinary users can create Microsoft 365 groups", EnableGroupCreation=value)
    allowed = values.get("groupcreationallowedgroupid")
    group = allowed.text("value", default="") if allowed is not None else ""
    return passed(
        "Ordinary users cannot create Microsoft 365 groups",
        remarks=["The members of one group can still create Microsoft 365 groups"] if group else [],
        EnableGroupCreation=value,
        group=group or None,
    )


NO_M365_GROUPS = per_scope(
    needs=(GROUP_SETTINGS,),
    slug="identity-users-no-m365-groups",
    doc=Doc(
        "Ordinary users cannot create Microsoft 365 groups",
        "Ordinary users can create Microsoft 365 groups",
        "Only administrators, and the members of one chosen group, can create Microsoft 365 groups",
        "`EnableGroupCreation` of the directory’s group settings (template `Group.Unified`). Only the value `false`"
        " passes. Without these settings, or without this value, everybody can create groups, so the control fails.",
        "Each Microsoft 365 group has a mailbox, a site and often a team. Nobody reviews groups that everybody can"
        " create, and guests can be invited to them.",
    ),
    severity=Severity.LOW,
    labels={"EnableGroupCreation": "Users can create Microsoft 365 groups"},
    fix=Fix(
        advice(
            "Switch the creation of groups off. Give people who have to create groups the role Groups Administrator."
        ),
        portal=f"{_GROUP_SETTINGS} › Users can create Microsoft 365 groups in Azure portals, API or PowerShell › No",
        portal_source=_GROUP_SETTINGS_PAGE,
        effects="Users can no longer create teams in Microsoft Teams, because each team has a Microsoft 365 group.",
    ),
    references=References(c2="1.21", c3="2.21", c4="6.21", c5="5.21", nist="AC-6*"),
)(_m365_groups)

CONTROLS = (NO_TENANT_CREATE, NO_APP_REGISTER, NO_SECGROUP_CREATE, NO_M365_GROUPS)
