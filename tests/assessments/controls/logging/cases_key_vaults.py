"""Audit logs of key vaults and managed HSMs."""

from __future__ import annotations

from typing import Any

from tests.assessments.controls.cases import rows
from tests.assessments.controls.judging import SUB, doc, gap
from tests.assessments.controls.keyvault.cases_vault_settings import (
    HSM,
    NO_LIST,
    NONE,
    VAULT,
    hsm,
    listed,
    one,
    vault,
)
from tests.assessments.controls.portal_paths import ComparedPath, DocsFile

WORKSPACE = "/subscriptions/s/resourceGroups/rg/providers/Microsoft.OperationalInsights/workspaces/w"


def setting(*logs: Any, to: Any = WORKSPACE, scope: str = VAULT, name: str = "audit") -> dict[str, Any]:
    identifier = f"{scope}/providers/Microsoft.Insights/diagnosticSettings/{name}"
    return doc(identifier, {"workspaceId": to, "logs": list(logs)})


def category(name: Any, enabled: Any = True) -> dict[str, Any]:
    return {"category": name, "enabled": enabled}


def group(name: Any, enabled: Any = True) -> dict[str, Any]:
    return {"categoryGroup": name, "enabled": enabled}


def logged(*settings: Any) -> dict[str, Any]:
    return one(vault(), key_vault_log_settings={VAULT: list(settings)})


CASES = rows(
    "logging-keyvault",
    ("the category", logged(setting(category("auditevent"))), {VAULT: "pass"}),
    ("the group", logged(setting(group("audit"))), {VAULT: "pass"}),
    ("all logs", logged(setting(group("allLogs"))), {VAULT: "pass"}),
    ("one of two", logged(setting(group("new")), setting(group("audit"), name="two")), {VAULT: "pass"}),
    ("another category", logged(setting(category("AzurePolicyEvaluationDetails"))), {VAULT: "fail"}),
    ("switched off", logged(setting(category("AuditEvent", False))), {VAULT: "fail"}),
    ("no destination", logged(setting(group("audit"), to="")), {VAULT: "fail"}),
    ("none", logged(), {VAULT: "fail"}),
    ("a new group", logged(setting(group("security"))), {VAULT: "unknown"}),
    ("enabled is text", logged(setting(category("AuditEvent", "yes"))), {VAULT: "unknown"}),
    ("forbidden", one(vault()), {VAULT: "unknown"}, {"gaps": [gap("key_vault_log_settings", VAULT)]}),
    (
        "managed HSM",
        {
            "resources": {SUB: listed(hsm())},
            "managed_hsms": [hsm()],
            "key_vault_log_settings": {HSM: [setting(category("AuditEvent"), scope=HSM)]},
        },
        {HSM: "pass"},
    ),
    NO_LIST,
    NONE,
)
OFFICIAL_VERDICTS = """
logging-keyvault fail: hsm1 sample-vault2
logging-keyvault pass: sample-vault
"""
PORTAL_PATHS = [
    ComparedPath(
        "Azure portal › Key vaults › {vault} › Diagnostic settings › Add diagnostic setting › audit",
        DocsFile(
            "MicrosoftDocs/azure-security-docs/articles/key-vault/general/private-link-service.md",
            "6728ed8b29e828e57c6dea65ad93bc3f6d9335d8",
            'In the search bar, type in "key vaults"',
        ),
        DocsFile(
            "MicrosoftDocs/azure-security-docs/articles/key-vault/general/howto-logging.md",
            "40d9b5a30287a184ba690b96e1625a90a1af13de",
            "From the Resource pane menu, select Diagnostic settings, and then Add diagnostic setting",
            "Under Category groups, select both audit and allLogs",
        ),
    ),
    ComparedPath(
        "Azure portal › Managed HSM Pools › {hsm} › Diagnostic settings › Add diagnostic setting",
        DocsFile(
            "MicrosoftDocs/azure-security-docs/articles/key-vault/managed-hsm/quick-create-portal.md",
            "25ede11ee178db9b78a03407c9ca6b8ab91786e5",
            "In the search box, enter Managed HSM and select Managed HSM Pools from the results",
        ),
        DocsFile(
            "MicrosoftDocs/azure-security-docs/articles/key-vault/managed-hsm/logging.md",
            "038504de75704226973d2b1adc7f948833be44ff",
            "Select your HSM resource in the Azure portal, and then select Diagnostic settings under Monitoring",
            "Select Add diagnostic setting",
        ),
    ),
]
