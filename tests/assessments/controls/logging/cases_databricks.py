"""Diagnostic logs of Azure Databricks workspaces."""

from __future__ import annotations

from typing import Any

from tests.assessments.controls.cases import rows
from tests.assessments.controls.databricks.workspaces import ID, NO_LIST, NONE, one
from tests.assessments.controls.judging import RG, doc, gap
from tests.assessments.controls.portal_paths import ComparedPath, DocsFile

WORKSPACE = f"{RG}/providers/Microsoft.OperationalInsights/workspaces/logs"
ALL = ("accounts", "clusters", "jobs", "notebook", "secrets", "sqlPermissions", "workspace")


def setting(*categories: str, name: str = "audit", sink: Any = WORKSPACE, **more: Any) -> dict[str, Any]:
    logs = [{"category": category, "enabled": True} for category in categories]
    properties = {"workspaceId": sink, "logs": logs, **more}
    return doc(f"{ID}/providers/Microsoft.Insights/diagnosticSettings/{name}", properties)


def group(name: str) -> dict[str, Any]:
    return setting(logs=[{"categoryGroup": name, "enabled": True}])


def exported(*settings: Any, tier: str = "premium") -> dict[str, Any]:
    return one(tier, others={"databricks_log_settings": {ID: list(settings)}})


CASES = rows(
    "logging-databricks",
    ("all categories", exported(setting(*ALL)), {ID: "pass"}),
    ("in other capitals", exported(setting(*(name.upper() for name in ALL))), {ID: "pass"}),
    ("the group of all", exported(group("allLogs")), {ID: "pass"}),
    ("two settings", exported(setting(*ALL[:3]), setting(*ALL[3:], name="rest")), {ID: "pass"}),
    ("some are missing", exported(setting(*ALL[:3])), {ID: "fail"}, {"reason": "Some"}),
    (
        "only the demanded ones",
        exported(setting(*ALL[:3])),
        {ID: "pass"},
        {"params": {"categories": "jobs; clusters"}},
    ),
    ("no destination", exported(setting(*ALL, sink=None)), {ID: "fail"}, {"reason": "No diagnostic"}),
    (
        "switched off",
        exported(setting(logs=[{"category": name, "enabled": False} for name in ALL])),
        {ID: "fail"},
    ),
    ("no setting", exported(), {ID: "fail"}),
    ("an unknown group", exported(group("moon")), {ID: "unknown"}),
    ("enabled is text", exported(setting(logs=[{"category": "jobs", "enabled": "yes"}])), {ID: "unknown"}),
    ("Standard", exported(setting(*ALL), tier="standard"), {ID: "fail"}, {"reason": "Standard"}),
    ("a new tier", exported(setting(*ALL), tier="moon"), {ID: "unknown"}),
    (
        "the settings of logs are forbidden",
        one(),
        {ID: "unknown"},
        {"gaps": [gap("databricks_log_settings", ID)]},
    ),
    NO_LIST,
    NONE,
)
OFFICIAL_VERDICTS = """
logging-databricks fail: myWorkspace1
logging-databricks pass: myWorkspace2
"""
PORTAL_PATHS = [
    ComparedPath(
        "Azure portal › Azure Databricks › {databricks} › Monitoring › Diagnostic settings"
        " › Add diagnostic setting › allLogs",
        DocsFile(
            (
                "MicrosoftDocs/azure-docs/articles/azure-databricks/"
                "quickstart-create-databricks-workspace-vnet-injection.md"
            ),
            "162232f7367b8018cf152d4dd242b61fa7340a3a",
            "navigate to the Azure Databricks resource",
        ),
        DocsFile(
            "MicrosoftDocs/azure-security-docs/articles/key-vault/general/howto-logging.md",
            "40d9b5a30287a184ba690b96e1625a90a1af13de",
            "From the Resource pane menu, select Diagnostic settings, and then Add diagnostic setting",
            "Under Category groups, select both audit and allLogs",
        ),
        not_in_text={
            "Monitoring": (
                "Microsoft does not publish the sources of the page, which says: In the Monitoring section "
                "of the sidebar, click the Diagnostic settings tab."
            ),
        },
        page="https://learn.microsoft.com/azure/databricks/admin/account-settings/audit-log-delivery",
    ),
]
