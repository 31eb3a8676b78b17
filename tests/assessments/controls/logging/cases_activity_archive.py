"""Storage accounts that receive the activity log."""

from __future__ import annotations

from typing import Any

from tests.assessments.controls.cases import rows
from tests.assessments.controls.judging import SUB, doc, gap
from tests.assessments.controls.logging.documents import (
    ACCOUNT,
    FOREIGN,
    TO_HUB,
    TO_STORAGE,
    account,
    exported,
    setting,
)
from tests.assessments.controls.portal_paths import ComparedPath, DocsFile

PRIVATE, CMK = "logging-storage-private", "logging-storage-cmk"


def container(access: Any = "None", name: str = "insights-activity-logs") -> dict[str, Any]:
    return doc(f"{ACCOUNT}/blobServices/default/containers/{name}", {"publicAccess": access})


def holding(*containers: dict[str, Any], kind: str = "StorageV2", **properties: Any) -> dict[str, Any]:
    archive = {**account(**properties), "kind": kind}
    return exported(TO_STORAGE, storage_accounts=[archive], blob_containers={ACCOUNT: list(containers)})


def keyed(encryption: Any) -> dict[str, Any]:
    return exported(TO_STORAGE, storage_accounts=[account(encryption=encryption)])


VAULT = {"keySource": "Microsoft.Keyvault", "keyvaultproperties": {"keyname": "logs"}}


def _common(slug: str, good: dict[str, Any]) -> list[Any]:
    return rows(
        slug,
        (
            "deleted account",
            exported(setting(storageAccountId=FOREIGN)),
            {FOREIGN: "fail"},
            {"reason": "no longer"},
        ),
        (
            "account elsewhere",
            exported(setting(storageAccountId=FOREIGN), foreign_log_accounts={FOREIGN: [good]}),
            {FOREIGN: "pass"},
        ),
        (
            "account elsewhere, forbidden",
            exported(setting(storageAccountId=FOREIGN)),
            {FOREIGN: "unknown"},
            {"gaps": [gap("foreign_log_accounts", FOREIGN)]},
        ),
        ("no log in storage", exported(TO_HUB), {SUB: "not_applicable"}),
        ("id is no text", exported(setting(storageAccountId=5)), {SUB: "unknown"}),
        ("settings forbidden", {}, {SUB: "unknown"}, {"gaps": [gap("activity_log_settings")]}),
    )


ABSENCE_PASSES = [
    (PRIVATE, r"properties\.allowBlobPublicAccess", "if the account allows it, the container decides"),
]
CASES = [
    *_common(PRIVATE, account(FOREIGN, allowBlobPublicAccess=False)),
    *_common(CMK, account(FOREIGN, encryption=VAULT)),
    *rows(
        PRIVATE,
        ("disallowed", holding(container("Blob"), allowBlobPublicAccess=False), {ACCOUNT: "pass"}),
        ("private", holding(container()), {ACCOUNT: "pass"}, {"remark": "somebody could open"}),
        ("no container", holding(container("Blob", "images")), {ACCOUNT: "pass"}),
        (
            "public",
            holding(container("Blob"), allowBlobPublicAccess=True),
            {ACCOUNT: "fail"},
            {"reason": "Anybody"},
        ),
        ("public, absent flag", holding(container("container")), {ACCOUNT: "fail"}),
        ("a new level", holding(container("Everybody")), {ACCOUNT: "unknown"}),
        ("flag is text", holding(container(), allowBlobPublicAccess="no"), {ACCOUNT: "unknown"}),
        ("no blob service", holding(kind="FileStorage"), {ACCOUNT: "not_applicable"}),
        (
            "containers forbidden",
            exported(TO_STORAGE),
            {ACCOUNT: "unknown"},
            {"gaps": [gap("blob_containers", ACCOUNT)]},
        ),
    ),
    *rows(
        CMK,
        ("customer key", keyed(VAULT), {ACCOUNT: "pass"}),
        (
            "customer key, in other letters",
            keyed({**VAULT, "keySource": "microsoft.keyVault"}),
            {ACCOUNT: "pass"},
        ),
        ("key of Microsoft", keyed({"keySource": "Microsoft.Storage"}), {ACCOUNT: "fail"}),
        ("absent", keyed({}), {ACCOUNT: "fail"}),
        ("no key named", keyed({"keySource": "Microsoft.Keyvault"}), {ACCOUNT: "unknown"}),
        ("a new source", keyed({"keySource": "Elsewhere"}), {ACCOUNT: "unknown"}),
    ),
]
OFFICIAL_VERDICTS = """
logging-storage-cmk fail: appteststorage1
logging-storage-private pass: appteststorage1
"""
PORTAL_PATHS = [
    ComparedPath(
        "Azure portal › Storage accounts › {account} › Security + networking › Encryption › Customer-managed keys",
        DocsFile(
            "MicrosoftDocs/azure-docs/articles/storage/common/customer-managed-keys-configure-existing-account.md",
            "",
            "Navigate to your storage account",
            "Under Security + networking, select Encryption",
            "Select the Customer-Managed Keys option",
        ),
    ),
    ComparedPath(
        "Azure portal › Storage accounts › {account} › Settings › Configuration"
        " › Allow Blob anonymous access › Disabled",
        DocsFile(
            "MicrosoftDocs/azure-docs/articles/storage/blobs/anonymous-read-access-configure.md",
            "012ad308577ca7a4bcf96132a0e71b2819fa4a98",
            "Navigate to your storage account",
            "Locate the Configuration setting under Settings",
            "Set Allow Blob anonymous access to Enabled or Disabled",
        ),
    ),
]
