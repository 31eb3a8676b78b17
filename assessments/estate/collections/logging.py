"""Diagnostic settings, and the storage accounts and workspaces that store logs."""

from __future__ import annotations

from assessments.estate import targets as t
from assessments.estate.collections.declare import OPTIONAL, arm
from assessments.estate.sdk_operation import Library, of_resource

ACTIVITY_LOG_SETTINGS = arm(
    "activity_log_settings",
    "Microsoft.Insights/diagnosticSettings@2021-05-01-preview",
    "Diagnostic settings of the activity log",
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
)
WORKSPACES = arm(
    "workspaces",
    "Microsoft.OperationalInsights/workspaces@2023-09-01",
    "Log Analytics workspaces of logs",
    path="{scope}",
    after=("activity_log_settings", "sql_audit_settings"),
    targets=t.log_workspaces,
    **OPTIONAL,
)
WORKSPACE_TABLES = arm(
    "workspace_tables",
    "Microsoft.OperationalInsights/workspaces/tables@2023-09-01",
    "Tables of log workspaces",
    path="{scope}/tables",
    after=("activity_log_settings", "sql_audit_settings"),
    targets=t.log_workspaces,
)
