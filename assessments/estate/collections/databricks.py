"""Workspaces of Azure Databricks and their diagnostic settings."""

from __future__ import annotations

from assessments.estate import targets as t
from assessments.estate.collection import Definition, Inventory
from assessments.estate.collections.declare import DIAGNOSTIC_SETTING, OPTIONAL, arm, listed, since
from assessments.estate.documented_codes import DIAGNOSTIC_SETTINGS, GENERAL

_COMMIT = "513320af9524469f59e3c2a673b2b966de875795"
_FILE = "databricks/resource-manager/Microsoft.Databricks/Databricks/stable/2026-01-01/openapi.json"

_VERSION = "2026-01-01"
_SPECIFICATION = (
    "databricks/resource-manager/Microsoft.Databricks/Databricks/stable/2024-05-01/databricks.json",
    {"properties.computeMode": "2026-01-01"},
)

DATABRICKS_WORKSPACES = listed(
    "databricks_workspaces",
    f"Microsoft.Databricks/workspaces@{_VERSION}",
    "Azure Databricks workspaces",
    error_codes=GENERAL,
    **since("2024-05-01", _SPECIFICATION[0]),
    definition=Definition("Workspace", commit=_COMMIT, file=_FILE),
)
# Microsoft's examples of the list have no settings of network, endpoints and encryption, so each workspace is also read
# separately.
DATABRICKS_DETAILS = arm(
    "databricks_details",
    f"Microsoft.Databricks/workspaces@{_VERSION}",
    "Settings of Azure Databricks workspaces",
    path="{scope}",
    after=("databricks_workspaces",),
    targets=t.each("databricks_workspaces"),
    inventory=Inventory.CONFIGURATION,
    **OPTIONAL,
    error_codes=GENERAL,
    **since("2024-05-01", *_SPECIFICATION),
    definition=Definition("Workspace", commit=_COMMIT, file=_FILE),
)
DATABRICKS_LOG_SETTINGS = arm(
    "databricks_log_settings",
    "Microsoft.Insights/diagnosticSettings@2021-05-01-preview",
    "Diagnostic settings of Azure Databricks workspaces",
    after=("databricks_workspaces",),
    targets=t.each("databricks_workspaces"),
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
