"""Storage accounts that receive logs."""

from __future__ import annotations

from tests.assessments.controls.cases import Case
from tests.assessments.controls.judging import SUB, gap
from tests.assessments.controls.logging.documents import (
    ACCOUNT,
    ENCRYPTION,
    FOREIGN,
    STORED,
    TO_HUB,
    TO_STORAGE,
    TRANSFER,
    account,
    exported,
    flow_log,
    flow_log_with_retention,
    setting,
    sql,
)
from tests.assessments.controls.portal_paths import ComparedPath, DocsFile

PLAIN = {"encryption": {"services": {"blob": {"enabled": False}}}, "supportsHttpsTrafficOnly": False}


def _on_accounts(slug: str) -> list[Case]:
    bad = account(**PLAIN)
    return [
        Case(slug, "account of the activity log", exported(TO_STORAGE), {ACCOUNT: "pass"}),
        Case(
            slug, "account violates the rule", exported(TO_STORAGE, storage_accounts=[bad]), {ACCOUNT: "fail"}
        ),
        Case(
            slug,
            "account of flow logs",
            flow_log_with_retention(flow_log(storageId=ACCOUNT.upper()), storage_accounts=[bad]),
            {ACCOUNT.upper(): "fail"},
        ),
        Case(slug, "account of SQL audit records", sql(STORED, storage_accounts=[bad]), {ACCOUNT: "fail"}),
        Case(
            slug,
            "account of SQL audit records not found",
            sql(STORED),
            {SUB: "unknown"},
            reason="not in a readable subscription",
        ),
        Case(
            slug,
            "account in another subscription",
            exported(setting(storageAccountId=FOREIGN), foreign_log_accounts={FOREIGN: [account(FOREIGN)]}),
            {FOREIGN: "pass"},
        ),
        Case(
            slug, "deleted account", exported(setting(storageAccountId=FOREIGN)), {FOREIGN: "not_applicable"}
        ),
        Case(
            slug,
            "account in an unreadable subscription",
            exported(setting(storageAccountId=FOREIGN)),
            {FOREIGN: "unknown"},
            [gap("foreign_log_accounts", FOREIGN)],
        ),
        Case(
            slug,
            "no log in storage",
            exported(TO_HUB),
            {SUB: "not_applicable"},
            reason="No storage account receives",
        ),
        Case(slug, "settings forbidden", {}, {SUB: "unknown"}, [gap("activity_log_settings")]),
        Case(
            slug,
            "settings forbidden, flow log account readable",
            flow_log_with_retention(flow_log()),
            {ACCOUNT: "pass", SUB: "unknown"},
            [gap("activity_log_settings")],
        ),
    ]


CASES = [*_on_accounts(ENCRYPTION), *_on_accounts(TRANSFER)]
ABSENCE_PASSES = [
    (
        ENCRYPTION,
        r"properties\.encryption(\.services(\.(blob|file)(\.enabled)?)?)?",
        "encryption cannot be switched off, so an absent setting passes",
    ),
]
OFFICIAL_VERDICTS = """
logging-storage-encryption pass: appteststorage1 wzstorage002
logging-storage-encryption not_applicable: iraflowlogtest2diag
logging-storage-secure-transfer fail: appteststorage1 wzstorage002
logging-storage-secure-transfer not_applicable: iraflowlogtest2diag
"""
PORTAL_PATHS = [
    ComparedPath(
        "Azure portal › Storage accounts › {account} › Settings › Configuration › Secure transfer required › Enabled",
        DocsFile(
            "MicrosoftDocs/azure-docs/articles/storage/common/storage-require-secure-transfer.md",
            "014bcff1b6be45da9d913bb24e2aa4d1d823fee5",
            "Select an existing storage account in the Azure portal",
            "under Settings, select Configuration",
            "Under Secure transfer required, select Enabled",
        ),
    ),
]
