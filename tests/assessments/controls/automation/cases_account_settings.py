"""Settings and variables of Automation accounts."""

from __future__ import annotations

from typing import Any

from tests.assessments.controls.judging import RG, doc, gap
from tests.assessments.controls.listed_cases import in_inventory, rows_of
from tests.assessments.controls.portal_paths import ComparedPath, DocsFile

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
PORTAL_PATHS = [
    ComparedPath(
        "Azure portal › Automation Accounts › {automation_account} › Account Settings › Identity"
        " › System assigned › On",
        DocsFile(
            "MicrosoftDocs/azure-docs/articles/automation/enable-managed-identity-for-automation.md",
            "04a287c62b4f7b54c662c68b0caf778df2bc5331",
            (
                "On the Automation Account menu, under Account Settings, select Identity. Set the System "
                "assigned switch to On and press Save"
            ),
        ),
        not_in_text={
            "Automation Accounts": "The list of Automation accounts, which a reader finds by its name.",
        },
    ),
    ComparedPath(
        "Azure portal › Automation Accounts › {automation_account} › Overview",
        DocsFile(
            "MicrosoftDocs/azure-docs/articles/automation/disable-local-authentication.md",
            "0375279037fb7c0bd63f4bca2e073a2c4f140580",
            (
                "In the Azure portal, you may receive a warning message on the landing page for the "
                "selected Automation account if authentication is disabled"
            ),
        ),
        not_in_text={
            "Automation Accounts": "The list of Automation accounts, which a reader finds by its name.",
            "Overview": "The landing page of the account. The documentation names no setting in the portal.",
        },
    ),
    ComparedPath(
        "Azure portal › Automation Accounts › {automation_account} › Account Settings"
        " › Network Isolation › Public Network Access: No",
        DocsFile(
            "MicrosoftDocs/azure-docs/articles/automation/how-to/private-link-security.md",
            "001e54567798faead22eb2328be8ee6d941d9c43",
            (
                "From your Automation Account, select Network Isolation from the left-hand pane under the "
                "Account Settings section"
            ),
            "When the Public Network Access setting is set to No, only connections over private endpoints are allowed",
        ),
        not_in_text={
            "Automation Accounts": "The list of Automation accounts, which a reader finds by its name.",
        },
    ),
    ComparedPath(
        "Azure portal › Automation Accounts › {automation_account} › Shared Resources › Variables › Add a variable",
        DocsFile(
            "MicrosoftDocs/azure-docs/articles/automation/shared-resources/variables.md",
            "03387e0edcd0f7881c71b0e8b10735e609c0062b",
            "on the left-hand pane select Variables under Shared Resources",
            "On the Variables page, select Add a variable",
        ),
        not_in_text={
            "Automation Accounts": "The list of Automation accounts, which a reader finds by its name.",
        },
    ),
]
