"""Diagnostic settings of Microsoft Entra ID and Microsoft Intune."""

from __future__ import annotations

from typing import Any

from tests.assessments.controls.cases import rows
from tests.assessments.controls.judging import DIRECTORY, doc, gap
from tests.assessments.controls.logging.documents import ACCOUNT, WORKSPACE
from tests.assessments.controls.portal_paths import ComparedPath, DocsFile

ENTRA, GRAPH, INTUNE = "logging-entra-diagnostics", "logging-graph-activity", "logging-intune"
SIGN_INS = (
    "AuditLogs",
    "SignInLogs",
    "NonInteractiveUserSignInLogs",
    "ServicePrincipalSignInLogs",
    "ManagedIdentitySignInLogs",
)
RISKS = (
    "ProvisioningLogs",
    "RiskyUsers",
    "UserRiskEvents",
    "RiskyServicePrincipals",
    "ServicePrincipalRiskEvents",
)
OF_INTUNE = ("AuditLogs", "OperationalLogs", "DeviceComplianceOrg", "Devices", "Windows365AuditLogs")
ACTIVITY = "MicrosoftGraphActivityLogs"


def setting(
    *categories: Any, of: str = "aadiam", name: str = "s", on: Any = True, **sinks: Any
) -> dict[str, Any]:
    logs = [{"category": category, "enabled": on} for category in categories]
    properties = {
        "storageAccountId": "",
        "workspaceId": WORKSPACE,
        "eventHubAuthorizationRuleId": "",
        **sinks,
    }
    return doc(f"/providers/Microsoft.{of}/diagnosticSettings/{name}", {**properties, "logs": logs})


def entra(*settings: Any) -> dict[str, Any]:
    return {"entra_log_settings": {"": list(settings)}}


def intune(*categories: str, **sinks: Any) -> dict[str, Any]:
    return {"intune_log_settings": {"": [setting(*categories, of="Intune", **sinks)]}}


CASES = [
    *rows(
        ENTRA,
        ("all", entra(setting(*SIGN_INS, *RISKS)), {DIRECTORY: "pass"}, {"no_remark": "not exported"}),
        ("without risks", entra(setting(*SIGN_INS)), {DIRECTORY: "pass"}, {"remark": "RiskyUsers"}),
        (
            "two settings",
            entra(
                setting(*SIGN_INS[:2]),
                setting(*SIGN_INS[2:], name="t", workspaceId="", storageAccountId=ACCOUNT),
            ),
            {DIRECTORY: "pass"},
        ),
        ("in other letters", entra(setting(*map(str.upper, SIGN_INS))), {DIRECTORY: "pass"}),
        ("one is missing", entra(setting(*SIGN_INS[1:])), {DIRECTORY: "fail"}),
        ("switched off", entra(setting(*SIGN_INS, on=False)), {DIRECTORY: "fail"}),
        ("no destination", entra(setting(*SIGN_INS, workspaceId="")), {DIRECTORY: "fail"}),
        ("none", entra(), {DIRECTORY: "fail"}),
        (
            "a further category",
            entra(setting(*SIGN_INS)),
            {DIRECTORY: "fail"},
            {"params": {"extra": "B2C; "}},
        ),
        (
            "that category",
            entra(setting(*SIGN_INS, "B2C")),
            {DIRECTORY: "pass"},
            {"params": {"extra": "b2c"}},
        ),
        ("enabled is text", entra(setting(*SIGN_INS, on="yes")), {DIRECTORY: "unknown"}),
        ("forbidden", {}, {DIRECTORY: "unknown"}, {"gaps": [gap("entra_log_settings")]}),
    ),
    *rows(
        GRAPH,
        ("exported", entra(setting(ACTIVITY)), {DIRECTORY: "pass"}),
        ("not exported", entra(setting(*SIGN_INS)), {DIRECTORY: "fail"}),
        ("no destination", entra(setting(ACTIVITY, workspaceId="")), {DIRECTORY: "fail"}),
        ("none", entra(), {DIRECTORY: "fail"}),
        ("enabled is text", entra(setting(ACTIVITY, on="yes")), {DIRECTORY: "unknown"}),
        ("forbidden", {}, {DIRECTORY: "unknown"}, {"gaps": [gap("entra_log_settings")]}),
    ),
    *rows(
        INTUNE,
        ("all", intune(*OF_INTUNE), {DIRECTORY: "pass"}),
        ("one is missing", intune(*OF_INTUNE[1:]), {DIRECTORY: "fail"}),
        ("to storage", intune(*OF_INTUNE, workspaceId="", storageAccountId=ACCOUNT), {DIRECTORY: "fail"}),
        ("none", {"intune_log_settings": {"": []}}, {DIRECTORY: "fail"}),
        ("not used", intune(), {DIRECTORY: "not_applicable"}, {"params": {"use_intune": False}}),
        ("enabled is text", intune(*OF_INTUNE, on="yes"), {DIRECTORY: "unknown"}),
        ("forbidden", {}, {DIRECTORY: "unknown"}, {"gaps": [gap("intune_log_settings")]}),
    ),
]
IMPOSSIBLE = {slug: {"not_applicable": "every directory has this log"} for slug in (ENTRA, GRAPH)}
OFFICIAL_VERDICTS = """
logging-entra-diagnostics fail: unit
logging-graph-activity fail: unit
logging-intune fail: unit
"""
PORTAL_PATHS = [
    ComparedPath(
        "Entra admin center › Entra ID › Monitoring & health › Diagnostic settings › Add diagnostic setting",
        DocsFile(
            "MicrosoftDocs/entra-docs/docs/identity/monitoring-health/howto-configure-diagnostic-settings.md",
            "25c71f35baf09a8e715ed7eb8cf39091322d1408",
            "Browse to Identity > Monitoring & health > Diagnostic settings",
            "select Add diagnostic setting",
        ),
    ),
    ComparedPath(
        "Microsoft Intune admin center › Reports › Diagnostics settings",
        DocsFile(
            "MicrosoftDocs/memdocs/memdocs/intune/fundamentals/review-logs-using-azure-monitor.md",
            "028b87963be55e249b92e1d6ae5872d25d82c663",
            "Sign in to the Microsoft Intune admin center",
            "Select Reports > Diagnostics settings",
        ),
    ),
]
