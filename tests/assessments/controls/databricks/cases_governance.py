"""Unity Catalog, worker encryption, and settings that only the API of Databricks shows."""

from __future__ import annotations

from tests.assessments.controls.cases import rows
from tests.assessments.controls.databricks.workspaces import ID, NO_LIST, NONE, NOT_PUBLISHED, SHARED, one
from tests.assessments.controls.portal_paths import ComparedPath, DocsFile

ATTESTED = ("databricks-scim", "databricks-tokens", "databricks-groups-review")
PROFILE = {"complianceSecurityProfile": {"value": "Enabled", "complianceStandards": ["NONE"]}}

CASES = [
    *rows(
        "databricks-unity-catalog",
        ("on", one(isUcEnabled=True), {ID: "pass"}),
        ("off", one(isUcEnabled=False), {ID: "fail"}),
        ("absent", one(), {ID: "unknown"}),
        ("text", one(isUcEnabled="true"), {ID: "unknown"}),
        *SHARED,
    ),
    *rows(
        "databricks-worker-encryption",
        ("compliance profile", one(enhancedSecurityCompliance=PROFILE), {ID: "manual"}),
        ("no profile", one(), {ID: "manual"}),
        ("profile is text", one(enhancedSecurityCompliance="Enabled"), {ID: "unknown"}),
        *SHARED,
    ),
    *(row for slug in ATTESTED for row in rows(slug, ("a workspace", one(), {ID: "manual"}), NO_LIST, NONE)),
]
IMPOSSIBLE = {
    slug: dict.fromkeys(("pass", "fail"), "only the API of Databricks shows it, so a person attests it")
    for slug in ("databricks-worker-encryption", *ATTESTED)
}
OFFICIAL_VERDICTS = """
databricks-groups-review manual: myWorkspace1 myWorkspace2
databricks-scim manual: myWorkspace1 myWorkspace2
databricks-tokens manual: myWorkspace1 myWorkspace2
databricks-unity-catalog fail: myWorkspace1
databricks-unity-catalog pass: myWorkspace2
databricks-worker-encryption manual: myWorkspace1 myWorkspace2
"""
WORKSPACE_PAGE = DocsFile(
    (
        "MicrosoftDocs/azure-docs/articles/azure-databricks/"
        "quickstart-create-databricks-workspace-vnet-injection.md"
    ),
    "162232f7367b8018cf152d4dd242b61fa7340a3a",
    "navigate to the Azure Databricks resource",
    "select Launch Workspace on the Overview page",
)
PORTAL_PATHS = [
    ComparedPath(
        "Azure portal › Azure Databricks › {databricks} › Launch Workspace › Settings"
        " › Identity and access › Groups › Manage",
        WORKSPACE_PAGE,
        not_in_text=dict.fromkeys(("Settings", "Identity and access", "Groups", "Manage"), NOT_PUBLISHED),
        page="https://learn.microsoft.com/azure/databricks/admin/users-groups/groups",
    ),
    ComparedPath(
        "Azure portal › Azure Databricks › {databricks} › Launch Workspace › Manage account › Security"
        " › User provisioning",
        WORKSPACE_PAGE,
        not_in_text=dict.fromkeys(("Manage account", "Security", "User provisioning"), NOT_PUBLISHED),
        page="https://learn.microsoft.com/azure/databricks/admin/users-groups/automatic-identity-management",
    ),
    ComparedPath(
        "Azure portal › Azure Databricks › {databricks} › Launch Workspace › Settings › Advanced"
        " › Access Control › Personal Access Tokens",
        WORKSPACE_PAGE,
        not_in_text=dict.fromkeys(
            ("Settings", "Advanced", "Access Control", "Personal Access Tokens"), NOT_PUBLISHED
        ),
        page="https://learn.microsoft.com/azure/databricks/admin/access-control/tokens",
    ),
    ComparedPath(
        "Azure portal › Azure Databricks › {databricks} › Launch Workspace › Manage account › Catalog"
        " › the metastore › Workspaces › Assign to workspace",
        WORKSPACE_PAGE,
        not_in_text=dict.fromkeys(
            ("Manage account", "Catalog", "Workspaces", "Assign to workspace"), NOT_PUBLISHED
        ),
        page="https://learn.microsoft.com/azure/databricks/data-governance/unity-catalog/enable-workspaces",
    ),
    ComparedPath(
        "Azure portal › Azure Databricks › {databricks} › Launch Workspace › Compute › the cluster"
        " › Advanced › Init scripts",
        WORKSPACE_PAGE,
        not_in_text=dict.fromkeys(("Compute", "Advanced", "Init scripts"), NOT_PUBLISHED),
        page="https://learn.microsoft.com/azure/databricks/security/keys/encrypt-otw",
    ),
]
