"""The control logging-databricks: Databricks workspaces export their diagnostic logs."""

from __future__ import annotations

from typing import Final

from assessments.controls.context import Context
from assessments.controls.databricks._variables import DATABRICKS, LEARN, NONE
from assessments.controls.declare import Parameter
from assessments.controls.references import References
from assessments.controls.settings import SettingControl, declare_settings
from assessments.controls.shared.diagnostic_settings import ONE_SETTING
from assessments.controls.verdict import Severity, Verdict, failed, passed
from assessments.estate.collections.databricks import DATABRICKS_LOG_SETTINGS, DATABRICKS_WORKSPACES
from assessments.estate.logs.log_sinks import exported, missing_categories
from assessments.estate.services.databricks import is_standard
from assessments.estate.view import View
from assessments.fixes.declare import Fix, command
from assessments.fixes.variables import WORKSPACE_ID

# https://learn.microsoft.com/azure/azure-monitor/reference/supported-logs/microsoft-databricks-workspaces-logs
CATEGORIES: Final = Parameter(
    "categories",
    "accounts;clusters;jobs;notebook;secrets;sqlPermissions;workspace",
    "Categories that must be exported, separated by `;`",
    label="Required log categories",
)


def _logs(workspace: View, ctx: Context) -> Verdict:
    if is_standard(workspace):
        return failed(
            "The workspace has no diagnostic logs, because the pricing tier Standard does not offer any",
            settings={},
        )
    wanted = [name.strip() for name in str(ctx.params[CATEGORIES.name]).split(";") if name.strip()]
    found = exported(ctx.documents_at(DATABRICKS_LOG_SETTINGS, workspace.id))
    missing = missing_categories(found.categories, wanted)
    if not missing:
        return passed("All required logs are exported", settings=found.settings)
    if found.problem is not None:
        raise found.problem
    if not found.settings:
        return failed("No diagnostic setting exports logs of the workspace", settings={})
    return failed(
        "Some required logs are not exported",
        settings=found.settings,
        missing=missing,
    )


CONTROLS = declare_settings(
    __name__,
    DATABRICKS_WORKSPACES,
    SettingControl(
        "logging-databricks",
        title="Databricks workspaces export their diagnostic logs",
        problem="Databricks workspace without diagnostic logs",
        expected="Diagnostic settings export all required categories to a destination",
        judged="The diagnostic settings of each Azure Databricks workspace. Passes if the settings with a destination"
        " (storage account, workspace, event hub or partner) together export all of `categories`, or the group"
        " `allLogs`. The pricing tier Standard has no such logs and fails. Whether the destination still exists, and"
        " how long it keeps the logs, is not checked.",
        why="The logs say who read which data, changed clusters or used secrets. Without them, nobody can find"
        " out what an attacker did.",
        severity=Severity.MEDIUM,
        expects={"missing": ()},
        empty_reason=NONE,
        judge=_logs,
        needs=(DATABRICKS_LOG_SETTINGS,),
        parameters=(CATEGORIES,),
        references=References(c4="3.1.7", c5="2.1.7", c6="2.1.7", mcsb="LT-3"),
        fix=Fix(
            ONE_SETTING,
            command(
                "az monitor diagnostic-settings create --name surety-audit --resource {id} --workspace {workspace_id}"
                " --logs {logs}",
                bodies={"logs": [{"categoryGroup": "allLogs", "enabled": True}]},
            ),
            portal="Azure portal › Azure Databricks › {databricks} › Monitoring › Diagnostic settings › Add diagnostic"
            " setting › allLogs",
            portal_source=f"{LEARN}/admin/account-settings/audit-log-delivery",
            cost="Azure bills the logs by the amount of data. Diagnostic logs need the pricing tier Premium.",
            effects="Only new entries are exported.",
            variables=[DATABRICKS, WORKSPACE_ID],
        ),
    ),
)
