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
