"""Automation accounts, with their settings and variables."""

from __future__ import annotations

from typing import Final

from assessments.estate import targets as t
from assessments.estate.collection import Definition, Inventory
from assessments.estate.collections.declare import SINGLE, arm, child, listed, since
from assessments.estate.documented_codes import GENERAL
from assessments.estate.services import automation

_LIBRARY = "azure-mgmt-automation 2.0.0"

_VERSION: Final = "2024-10-23"
_SPECIFICATION: Final = "automation/resource-manager/Microsoft.Automation/stable/2023-11-01"

AUTOMATION_ACCOUNTS = listed(
    "automation_accounts",
    f"Microsoft.Automation/automationAccounts@{_VERSION}",
    "Automation accounts",
    inventory=Inventory.CONFIGURATION,
    error_codes=GENERAL,
    **since("2023-11-01", f"{_SPECIFICATION}/account.json"),
    definition=Definition("azure.mgmt.automation.models:AutomationAccount", library=_LIBRARY),
)
# The list of accounts has hardly any settings, so each account is also read separately.
AUTOMATION_SETTINGS = arm(
    "automation_settings",
    f"Microsoft.Automation/automationAccounts@{_VERSION}",
    "Settings of Automation accounts",
    path="{scope}",
    targets=t.each("automation_accounts"),
    after=("automation_accounts",),
    **SINGLE,
    error_codes=GENERAL,
    **since("2023-11-01", f"{_SPECIFICATION}/account.json"),
    definition=Definition("azure.mgmt.automation.models:AutomationAccount", library=_LIBRARY),
)
AUTOMATION_VARIABLES = child(
    "automation_accounts",
    "automation_variables",
    f"Microsoft.Automation/automationAccounts/variables@{_VERSION}",
    "Variables of Automation accounts",
    prepare=automation.without_value,
    error_codes=GENERAL,
    **since("2023-11-01", f"{_SPECIFICATION}/variable.json"),
    definition=Definition("azure.mgmt.automation.models:Variable", library=_LIBRARY),
)
