"""Locks on storage accounts."""

from __future__ import annotations

from typing import Any

from tests.assessments.controls.cases import rows
from tests.assessments.controls.judging import RG, SUB, doc, gap
from tests.assessments.controls.portal_paths import ComparedPath, DocsFile
from tests.assessments.controls.storage.cases_storage import ID, NO_LIST, NONE, account, one


def lock(scope: str, level: Any = "CanNotDelete", name: str = "keep") -> dict[str, Any]:
    identifier = f"{scope}/providers/Microsoft.Authorization/locks/{name}"
    return doc(identifier, {"level": level}, type="Microsoft.Authorization/locks")


def locked(*locks: dict[str, Any]) -> dict[str, Any]:
    return one(account(), locks={SUB: list(locks)})


CASES = [
    *rows(
        "storage-delete-lock",
        ("at the account", locked(lock(ID)), {ID: "pass"}),
        ("at the account in capitals", locked(lock(ID.upper())), {ID: "pass"}),
        ("read-only", locked(lock(ID, "readonly")), {ID: "pass"}),
        ("at the resource group", locked(lock(RG)), {ID: "pass"}),
        ("at the subscription", locked(lock(SUB)), {ID: "pass"}),
        ("none", locked(), {ID: "fail"}),
        ("at another account", locked(lock(f"{ID}2"), lock(f"{RG}2")), {ID: "fail"}),
        ("at a part of the account", locked(lock(f"{ID}/blobServices/default")), {ID: "fail"}),
        ("no level", locked(lock(ID, "NotSpecified")), {ID: "fail"}),
        ("a new level", locked(lock(ID, "Moon")), {ID: "unknown"}),
        ("a new level and a known one", locked(lock(ID, "Moon"), lock(RG, name="group")), {ID: "pass"}),
        ("level is a number", locked(lock(ID, 1)), {ID: "unknown"}),
        ("locks forbidden", one(account()), {ID: "unknown"}, {"gaps": [gap("locks")]}),
        NO_LIST,
        NONE,
    ),
    *rows(
        "storage-readonly-lock",
        ("none", locked(), {SUB: "manual"}),
        ("at the account", locked(lock(ID, "ReadOnly")), {SUB: "manual"}),
        ("against deletion only", locked(lock(ID)), {SUB: "manual"}),
        ("a new level", locked(lock(ID, "Moon")), {SUB: "unknown"}),
        ("locks forbidden", one(account()), {SUB: "unknown"}, {"gaps": [gap("locks")]}),
        NO_LIST,
        NONE,
    ),
]

IMPOSSIBLE = {
    "storage-readonly-lock": {
        "pass": "a person has to attest",
        "fail": "a person has to attest",
    }
}
OFFICIAL_VERDICTS = """
storage-delete-lock pass: appteststorage1 sto4036 sto4445 sto4452
storage-readonly-lock manual: unit
"""
PORTAL_PATHS = [
    ComparedPath(
        "Azure portal › Storage accounts › {account} › Settings › Locks › Add › Delete",
        DocsFile(
            "MicrosoftDocs/azure-docs/articles/storage/common/lock-account-resource.md",
            "01caef55f91d24fe1916338912b3aab72df91676",
            "Navigate to your storage account in the Azure portal",
            "Under the Settings section, select Locks",
            "Select Add",
            "specify the type of lock",
        ),
        DocsFile(
            "MicrosoftDocs/azure-docs/articles/azure-resource-manager/management/lock-resources.md",
            "03adcc30b28ecad9f81aba5638a15fb1930f5ec0",
            "In the portal, these locks are called Delete and Read-only",
        ),
    ),
    ComparedPath(
        "Azure portal › Storage accounts › the account › Settings › Locks › Add › Read-only",
        DocsFile(
            "MicrosoftDocs/azure-docs/articles/storage/common/lock-account-resource.md",
            "01caef55f91d24fe1916338912b3aab72df91676",
            "Navigate to your storage account in the Azure portal",
            "Under the Settings section, select Locks",
            "Select Add",
            "specify the type of lock",
        ),
        DocsFile(
            "MicrosoftDocs/azure-docs/articles/azure-resource-manager/management/lock-resources.md",
            "03adcc30b28ecad9f81aba5638a15fb1930f5ec0",
            "In the portal, these locks are called Delete and Read-only",
        ),
    ),
]
