"""What ordinary users may create, and whether they may consent to applications."""

from __future__ import annotations

from typing import Any

from tests.assessments.controls.cases import Case
from tests.assessments.controls.judging import DIRECTORY, TENANT, gap
from tests.assessments.controls.portal_paths import ComparedPath, DocsFile

NO_CONSENT, VERIFIED = "identity-no-user-consent", "identity-consent-verified-only"
M365 = "identity-users-no-m365-groups"
SWITCHES = {
    "identity-users-no-tenant-create": "allowedToCreateTenants",
    "identity-users-no-app-register": "allowedToCreateApps",
    "identity-users-no-secgroup-create": "allowedToCreateSecurityGroups",
}


def permissions(**values: Any) -> dict[str, Any]:
    body = {"id": "authorizationPolicy", "defaultUserRolePermissions": values}
    return {"authorization_policy": {"": [body]}}


def _switch(slug: str, key: str) -> list[Case]:
    rows = ((False, "pass"), (True, "fail"), (None, "unknown"), ("false", "unknown"))
    return [
        *(
            Case(slug, str(value), permissions(**{key: value}), {DIRECTORY: outcome})
            for value, outcome in rows
        ),
        Case(slug, "forbidden", {}, {DIRECTORY: "unknown"}, [gap("authorization_policy")]),
        Case(slug, "no policy", {"authorization_policy": {"": []}}, {DIRECTORY: "unknown"}),
    ]


def unified(
    *values: tuple[str, Any], template: str = "62375ab9-6b52-47ed-826b-58e47e0e304b"
) -> dict[str, Any]:
    named = [{"name": name, "value": value} for name, value in values]
    return {"group_settings": [{"id": "s1", "templateId": template, "values": named}]}


_M365 = [
    Case(M365, name, docs, {DIRECTORY: outcome}, remark=remark)
    for name, docs, outcome, remark in (
        ("off", unified(("EnableGroupCreation", "False")), "pass", ""),
        (
            "off but for a group",
            unified(("EnableGroupCreation", "false"), ("GroupCreationAllowedGroupId", TENANT)),
            "pass",
            "members of one group",
        ),
        ("on", unified(("EnableGroupCreation", "true")), "fail", ""),
        ("no value", unified(("EnableGroupCreation", "")), "fail", ""),
        ("not named", unified(("EnableMIPLabels", "false")), "fail", ""),
        (
            "other settings",
            unified(("EnableGroupCreation", "false"), template="5cf42378-d67d-4f36-ba46-e8b86229381d"),
            "fail",
            "",
        ),
        ("no settings", {"group_settings": []}, "fail", ""),
        ("unknown value", unified(("EnableGroupCreation", "no")), "unknown", ""),
        ("not a text", unified(("EnableGroupCreation", False)), "unknown", ""),
    )
] + [Case(M365, "forbidden", {}, {DIRECTORY: "unknown"}, [gap("group_settings")])]


def consent(*names: str, **policies: Any) -> dict[str, Any]:
    """An authorization policy that assigns the consent policies with these names.

    `policies` are the directory's consent policies, {id: condition sets}. In the ids, `_` stands for `-`.
    """
    return {
        **permissions(permissionGrantPoliciesAssigned=list(names)),
        "permission_grant_policies": {
            name.replace("_", "-"): [{"id": name.replace("_", "-"), "includes": sets}]
            for name, sets in policies.items()
        },
    }


SELF, OWNED = "ManagePermissionGrantsForSelf.", "ManagePermissionGrantsForOwnedResource."
TEAM = f"{OWNED}microsoft-dynamically-managed-permissions-for-team"
LOW = {"permissionClassification": "low", "permissions": ["all"]}
VERIFIED_LOW = {**LOW, "clientApplicationsFromVerifiedPublisherOnly": True, "clientApplicationIds": ["all"]}
OWN_LOW = {**LOW, "clientApplicationTenantIds": [TENANT.upper()]}

_CONSENT = [
    Case(slug, name, docs, {DIRECTORY: outcome}, gaps, remark=remark)
    for slug, name, docs, outcome, gaps, remark in (
        (NO_CONSENT, "none", consent(), "pass", (), ""),
        (NO_CONSENT, "only for teams", consent(TEAM), "pass", (), ""),
        (NO_CONSENT, "for verified publishers", consent(f"{SELF}microsoft-user-default-low"), "fail", (), ""),
        (NO_CONSENT, "in small letters", consent("managePermissionGrantsForSelf.own"), "fail", (), ""),
        (NO_CONSENT, "without a prefix", consent("just-user-read"), "fail", (), ""),
        (
            NO_CONSENT,
            "risky applications",
            {
                "authorization_policy": {
                    "": [
                        {
                            "id": "authorizationPolicy",
                            "allowUserConsentForRiskyApps": True,
                            "defaultUserRolePermissions": {"permissionGrantPoliciesAssigned": [f"{SELF}own"]},
                        }
                    ]
                }
            },
            "fail",
            (),
            "risky",
        ),
        (NO_CONSENT, "absent", permissions(), "unknown", (), ""),
        (NO_CONSENT, "not a list", permissions(permissionGrantPoliciesAssigned=TEAM), "unknown", (), ""),
        (NO_CONSENT, "forbidden", {}, "unknown", (gap("authorization_policy"),), ""),
        (VERIFIED, "none", consent(TEAM), "pass", (), ""),
        (VERIFIED, "low", consent(f"{SELF}Microsoft-user-default-low"), "pass", (), ""),
        (VERIFIED, "legacy", consent(f"{SELF}microsoft-user-default-legacy"), "fail", (), ""),
        (VERIFIED, "custom and narrow", consent(f"{SELF}own", own=[VERIFIED_LOW, OWN_LOW]), "pass", (), ""),
        (
            VERIFIED,
            "listed application and permission",
            consent(f"{SELF}own", own=[{"clientApplicationIds": ["a1"], "permissions": ["p1"]}]),
            "pass",
            (),
            "",
        ),
        (
            VERIFIED,
            "listed publisher",
            consent(f"{SELF}own", own=[{**LOW, "clientApplicationPublisherIds": ["1234567"]}]),
            "pass",
            (),
            "",
        ),
        (
            VERIFIED,
            "any publisher",
            consent(f"{SELF}own", own=[{**LOW, "clientApplicationPublisherIds": ["all"]}]),
            "fail",
            (),
            "",
        ),
        (VERIFIED, "any application", consent(f"{SELF}own", own=[VERIFIED_LOW, LOW]), "fail", (), ""),
        (
            VERIFIED,
            "any permission",
            consent(f"{SELF}own", own=[{"clientApplicationsFromVerifiedPublisherOnly": True}]),
            "fail",
            (),
            "",
        ),
        (
            VERIFIED,
            "applications of another directory",
            consent(f"{SELF}own", own=[{**LOW, "clientApplicationTenantIds": [TENANT, "other"]}]),
            "fail",
            (),
            "",
        ),
        (
            VERIFIED,
            "one wide policy, one unreadable",
            consent(f"{SELF}own", f"{SELF}microsoft-user-default-legacy"),
            "fail",
            (gap("permission_grant_policies", "own"),),
            "",
        ),
        (
            VERIFIED,
            "managed by Microsoft",
            consent(
                f"{SELF}microsoft-user-default-recommended", microsoft_user_default_recommended=[VERIFIED_LOW]
            ),
            "pass",
            (),
            "",
        ),
        (
            VERIFIED,
            "not permitted to read",
            consent(f"{SELF}own"),
            "unknown",
            (gap("permission_grant_policies", "own"),),
            "",
        ),
        (VERIFIED, "no condition sets", consent(f"{SELF}own", own=[]), "unknown", (), ""),
        (VERIFIED, "sets not a list", consent(f"{SELF}own", own={"0": LOW}), "unknown", (), ""),
        (VERIFIED, "forbidden", {}, "unknown", (gap("authorization_policy"),), ""),
    )
]

CASES = [
    *(case for slug, key in SWITCHES.items() for case in _switch(slug, key)),
    *_M365,
    *_CONSENT,
]
IMPOSSIBLE = {
    slug: {"not_applicable": "every directory has this setting"}
    for slug in (*SWITCHES, M365, NO_CONSENT, VERIFIED)
}
ABSENCE_PASSES = [
    (NO_CONSENT, r"allowUserConsentForRiskyApps", "the property only adds a remark"),
    (M365, r"values\[\].value", "without the value of the allowed group, there is no such group"),
]
OFFICIAL_VERDICTS = """
identity-consent-verified-only pass: unit
identity-no-user-consent fail: unit
identity-users-no-app-register fail: unit
identity-users-no-m365-groups fail: unit
identity-users-no-secgroup-create fail: unit
identity-users-no-tenant-create unknown: unit  # the example lacks the property, and Microsoft documents no default
"""
PORTAL_PATHS = [
    ComparedPath(
        "Entra admin center › Entra ID › Enterprise apps › Consent and permissions › User consent settings",
        DocsFile(
            "MicrosoftDocs/entra-docs/docs/identity/enterprise-apps/configure-user-consent.md",
            "02e1af044b2dc1ae9d2f17f0ef53bab0056db017",
            "Browse to Entra ID > Enterprise apps > Consent and permissions > User consent settings",
        ),
    ),
    ComparedPath(
        "Entra admin center › Entra ID › Users › User settings › Users can register applications › No",
        DocsFile(
            "MicrosoftDocs/entra-docs/docs/identity/role-based-access-control/delegate-app-roles.md",
            "0358995965b03e866d4b22a25625f4c558f121b9",
            "Browse to Identity > Users > User settings",
            "Set the Users can register applications setting to No",
        ),
        page="https://learn.microsoft.com/entra/fundamentals/users-default-permissions",
    ),
    ComparedPath(
        "Entra admin center › Entra ID › Groups › General"
        " › Users can create Microsoft 365 groups in Azure portals, API or PowerShell › No",
        DocsFile(
            "MicrosoftDocs/entra-docs/docs/identity/users/groups-self-service-management.md",
            "00452ae6729c9e254547df084d072422d1c420cd",
            "Select All groups > Groups, and then select General settings",
            "Set Users can create Microsoft 365 groups in Azure portals, API or PowerShell to Yes or No",
        ),
    ),
    ComparedPath(
        "Entra admin center › Entra ID › Groups › General"
        " › Users can create security groups in Azure portals, API or PowerShell › No",
        DocsFile(
            "MicrosoftDocs/entra-docs/docs/identity/users/groups-self-service-management.md",
            "00452ae6729c9e254547df084d072422d1c420cd",
            "Select All groups > Groups, and then select General settings",
            "Set Users can create security groups in Azure portals, API or PowerShell to Yes or No",
        ),
    ),
    ComparedPath(
        "Entra admin center › Entra ID › Users › User settings › Restrict non-admin users from creating tenants › Yes",
        DocsFile(
            "MicrosoftDocs/entra-docs/docs/identity/role-based-access-control/delegate-app-roles.md",
            "0358995965b03e866d4b22a25625f4c558f121b9",
            "Browse to Identity > Users > User settings",
        ),
        DocsFile(
            "MicrosoftDocs/entra-docs/docs/fundamentals/users-default-permissions.md",
            "014de068a6f2b9a2894a8177cd3d3c8d544a797d",
            "Restrict non-admin users from creating tenants",
            "Setting this option to Yes restricts creation of Microsoft Entra tenants",
        ),
    ),
]
