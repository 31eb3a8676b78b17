"""Diagnostic settings, and the storage accounts and workspaces that store logs."""

from __future__ import annotations

from assessments.estate import targets as t
from assessments.estate.collection import Definition
from assessments.estate.collections.declare import DIAGNOSTIC_SETTING, OPTIONAL, arm, since
from assessments.estate.documented_codes import DIAGNOSTIC_SETTINGS, GENERAL, STORAGE
from assessments.estate.governance import management_groups
from assessments.estate.logs.resource_logs import resources_with_logs
from assessments.estate.sdk_operation import Library, of_resource

_LIBRARY = "azure-mgmt-monitor 6.0.2"

ACTIVITY_LOG_SETTINGS = arm(
    "activity_log_settings",
    "Microsoft.Insights/diagnosticSettings@2021-05-01-preview",
    "Diagnostic settings of the activity log",
    error_codes=GENERAL,
    **since(
        "2017-05-01-preview",
        "monitor/resource-manager/Microsoft.Insights/preview/2017-05-01-preview/subscriptionDiagnosticsSettings_API.json",
        {
            "properties.logs[].categoryGroup": "2021-05-01-preview",
            "properties.marketplacePartnerId": "2021-05-01-preview",
        },
    ),
    definition=Definition(
        "azure.mgmt.monitor.v2021_05_01_preview.models:SubscriptionDiagnosticSettingsResource",
        library=_LIBRARY,
    ),
)
MANAGEMENT_GROUPS = arm(
    "management_groups",
    "Microsoft.Management/managementGroups@2021-04-01",
    "Management groups of the subscription",
    permission="Microsoft.Resources/subscriptions/read",
    after=("activity_log_settings",),
    targets=management_groups.subscription_without_export,
    resource_graph=management_groups.ANCESTORS,
    error_codes=("RateLimiting",),
    **since(
        "2020-05-01",
        "management/resource-manager/Microsoft.Management/stable/2020-05-01/management.json",
    ),
    definition=Definition(
        "azure.mgmt.managementgroups.models:ManagementGroup", library="azure-mgmt-managementgroups 1.1.0b1"
    ),
)
MANAGEMENT_GROUP_LOG_SETTINGS = arm(
    "management_group_log_settings",
    "Microsoft.Insights/diagnosticSettings@2021-05-01-preview",
    "Diagnostic settings of management groups",
    path="/providers/Microsoft.Management/managementGroups/{scope}/providers/Microsoft.Insights/diagnosticSettings",
    after=("management_groups",),
    targets=management_groups.names,
    shared=True,
    error_codes=GENERAL,
    **since(
        "2020-01-01-preview",
        "monitor/resource-manager/Microsoft.Insights/preview/2020-01-01-preview/managementGroupDiagnosticSettings_API.json",
        {
            "properties.logs[].categoryGroup": "2021-05-01-preview",
            "properties.marketplacePartnerId": "2021-05-01-preview",
        },
    ),
    definition=Definition(
        "azure.mgmt.monitor.v2021_05_01_preview.models:ManagementGroupDiagnosticSettingsResource",
        library=_LIBRARY,
    ),
)
FOREIGN_LOG_ACCOUNTS = arm(
    "foreign_log_accounts",
    "Microsoft.Storage/storageAccounts@2026-09-01",
    "Log storage accounts in other subscriptions",
    path="{scope}",
    after=("storage_accounts", "activity_log_settings", "sql_audit_settings", "flow_logs"),
    targets=t.foreign_log_accounts,
    operation=of_resource(Library.STORAGE, "storage_accounts", "get_properties"),
    **OPTIONAL,
    error_codes=STORAGE,
    **since("2021-06-01", "storage/resource-manager/Microsoft.Storage/stable/2021-06-01/storage.json"),
)
MANAGEMENT_POLICIES = arm(
    "management_policies",
    "Microsoft.Storage/storageAccounts/managementPolicies@2026-09-01",
    "Lifecycle rules of log accounts",
    path="{scope}/managementPolicies/default",
    after=(
        "storage_accounts",
        "activity_log_settings",
        "sql_audit_settings",
        "flow_logs",
        "sql_server_auditing",
        "sql_database_auditing",
    ),
    targets=t.log_accounts,
    operation=of_resource(Library.STORAGE, "management_policies", "get", "default"),
    **OPTIONAL,
    error_codes=STORAGE,
    **since(
        "2021-06-01",
        "storage/resource-manager/Microsoft.Storage/stable/2021-06-01/storage.json",
        {"daysAfterCreationGreaterThan": "2021-09-01"},
    ),
)
WORKSPACES = arm(
    "workspaces",
    "Microsoft.OperationalInsights/workspaces@2023-09-01",
    "Log Analytics workspaces that store logs",
    path="{scope}",
    after=("activity_log_settings", "sql_audit_settings"),
    targets=t.log_workspaces,
    **OPTIONAL,
    error_codes=GENERAL,
    **since(
        "2021-06-01",
        "operationalinsights/resource-manager/Microsoft.OperationalInsights/stable/2021-06-01/Workspaces.json",
    ),
    definition=Definition(
        "Workspace",
        commit="0dcfa37f9e6838328ebfae44ceb216b6ee066949",
        file="operationalinsights/resource-manager/Microsoft.OperationalInsights/stable/2023-09-01/Workspaces.json",
    ),
)
WORKSPACE_TABLES = arm(
    "workspace_tables",
    "Microsoft.OperationalInsights/workspaces/tables@2023-09-01",
    "Tables of log workspaces",
    path="{scope}/tables",
    after=("activity_log_settings", "sql_audit_settings"),
    targets=t.log_workspaces,
    error_codes=GENERAL,
    **since(
        "2021-12-01-preview",
        "operationalinsights/resource-manager/Microsoft.OperationalInsights/preview/2021-12-01-preview/Tables.json",
    ),
    definition=Definition(
        "Table",
        commit="3f8bcc717b2c87c9161a7e571cf80a5a21289959",
        file="operationalinsights/resource-manager/Microsoft.OperationalInsights/stable/2023-09-01/Tables.json",
    ),
)
RESOURCE_LOG_SETTINGS = arm(
    "resource_log_settings",
    "Microsoft.Insights/diagnosticSettings@2021-05-01-preview",
    "Diagnostic settings of platform services",
    after=("resources",),
    targets=resources_with_logs,
    error_codes=DIAGNOSTIC_SETTINGS,
    **since(
        "2017-05-01-preview",
        "monitor/resource-manager/Microsoft.Insights/preview/2017-05-01-preview/diagnosticsSettings_API.json",
        {
            "properties.logs[].categoryGroup": "2021-05-01-preview",
            "properties.marketplacePartnerId": "2021-05-01-preview",
        },
    ),
    definition=DIAGNOSTIC_SETTING,
)
