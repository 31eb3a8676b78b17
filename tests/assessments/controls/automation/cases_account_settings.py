"""Settings and variables of Automation accounts."""

from __future__ import annotations

from typing import Any

from tests.assessments.controls.judging import RG, doc, gap
from tests.assessments.controls.listed_cases import in_inventory, rows_of

ID = f"{RG}/providers/Microsoft.Automation/automationAccounts/aa1"
ACCOUNT = doc(
    ID, {"creationTime": "2024-01-01T00:00:00+00:00"}, type="Microsoft.Automation/AutomationAccounts"
)


def with_account(identity: Any = None, /, **properties: Any) -> dict[str, Any]:
    """An account whose settings have only these properties."""
    settings = doc(ID, properties, **({} if identity is None else {"identity": identity}))
    return {**in_inventory(ACCOUNT), "automation_accounts": [ACCOUNT], "automation_settings": [settings]}


def variables(*encrypted: Any) -> dict[str, Any]:
    held = [doc(f"{ID}/variables/v{n}", {"isEncrypted": flag}) for n, flag in enumerate(encrypted)]
    return {**in_inventory(ACCOUNT), "automation_accounts": [ACCOUNT], "automation_variables": held}


_rows = rows_of("automation_accounts", ACCOUNT)
NO_SETTINGS: tuple[Any, ...] = (
    "the settings are forbidden",
    {**in_inventory(ACCOUNT), "automation_accounts": [ACCOUNT]},
    {ID: "unknown"},
    {"gaps": [gap("automation_settings", ID)]},
)

CASES = [
    *_rows(
        "automation-pna",
        ("off", with_account(publicNetworkAccess=False), {ID: "pass"}),
        ("on", with_account(publicNetworkAccess=True), {ID: "fail"}),
        ("absent", with_account(), {ID: "fail"}, {"reason": "the setting is absent"}),
        ("text", with_account(publicNetworkAccess="false"), {ID: "unknown"}),
        NO_SETTINGS,
    ),
    *_rows(
        "automation-local-auth",
        ("refused", with_account(disableLocalAuth=True), {ID: "pass"}),
        ("accepted", with_account(disableLocalAuth=False), {ID: "fail"}),
        ("absent", with_account(), {ID: "fail"}, {"reason": "the setting is absent"}),
        ("text", with_account(disableLocalAuth="true"), {ID: "unknown"}),
        NO_SETTINGS,
    ),
    *_rows(
        "automation-identity",
        ("of its own", with_account({"type": "systemassigned"}), {ID: "pass"}),
        ("assigned", with_account({"type": "UserAssigned"}), {ID: "pass"}),
        ("both", with_account({"type": "SystemAssigned, UserAssigned"}), {ID: "pass"}),
        ("none", with_account({"type": "None"}), {ID: "fail"}),
        ("absent", with_account(), {ID: "fail"}),
        ("a new kind", with_account({"type": "Moon"}), {ID: "unknown"}),
        ("text", with_account("SystemAssigned"), {ID: "unknown"}),
        NO_SETTINGS,
    ),
    *_rows(
        "automation-variables",
        ("encrypted", variables(True, True), {ID: "pass"}),
        ("one is not", variables(True, False), {ID: "fail"}),
        ("none", variables(), {ID: "not_applicable"}),
        ("absent", variables(None), {ID: "unknown"}),
        ("text", variables("true"), {ID: "unknown"}),
        (
            "the variables are forbidden",
            {**in_inventory(ACCOUNT), "automation_accounts": [ACCOUNT]},
            {ID: "unknown"},
            {"gaps": [gap("automation_variables", ID)]},
        ),
    ),
]
OFFICIAL_VERDICTS = """
automation-identity fail: myAutomationAccount9
automation-local-auth fail: myAutomationAccount9
automation-pna fail: myAutomationAccount9
automation-variables fail: myAutomationAccount9
"""
