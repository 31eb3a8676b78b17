"""Diagnostic settings, and the storage accounts and workspaces that store logs."""

from __future__ import annotations

from assessments.estate import targets as t
from assessments.estate.collections.declare import IN_SCOPE, OPTIONAL, arm
from assessments.estate.sdk_operation import Library, of_resource

ACTIVITY_LOG_SETTINGS = arm(
    "activity_log_settings",
    IN_SCOPE + "Microsoft.Insights/diagnosticSettings",
    "Microsoft.Insights/diagnosticSettings/read",
    "2021-05-01-preview",
    "Diagnostic settings of the activity log",
)
FOREIGN_LOG_ACCOUNTS = arm(
    "foreign_log_accounts",
    "{scope}",
    "Microsoft.Storage/storageAccounts/read",
    "2026-09-01",
    "Log storage accounts in other subscriptions",
    after=("storage_accounts", "activity_log_settings", "sql_audit_settings", "flow_logs"),
    targets=t.foreign_log_accounts,
    operation=of_resource(Library.STORAGE, "storage_accounts", "get_properties"),
    **OPTIONAL,
)
MANAGEMENT_POLICIES = arm(
    "management_policies",
    "{scope}/managementPolicies/default",
    "Microsoft.Storage/storageAccounts/managementPolicies/read",
    "2026-09-01",
    "Lifecycle rules of log accounts",
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
)
WORKSPACES = arm(
    "workspaces",
    "{scope}",
    "Microsoft.OperationalInsights/workspaces/read",
    "2023-09-01",
    "Log Analytics workspaces of logs",
    after=("activity_log_settings", "sql_audit_settings"),
    targets=t.log_workspaces,
    **OPTIONAL,
)
WORKSPACE_TABLES = arm(
    "workspace_tables",
    "{scope}/tables",
    "Microsoft.OperationalInsights/workspaces/tables/read",
    "2023-09-01",
    "Tables of log workspaces",
    after=("activity_log_settings", "sql_audit_settings"),
    targets=t.log_workspaces,
)
