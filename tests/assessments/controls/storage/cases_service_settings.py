"""Settings of blob and file services: deleted data, versions, SMB."""

from __future__ import annotations

from typing import Any

from tests.assessments.controls.cases import rows
from tests.assessments.controls.judging import doc, gap
from tests.assessments.controls.portal_paths import ComparedPath, DocsFile
from tests.assessments.controls.storage.cases_storage import ID, NO_LIST, NONE, account, one, share

BLOBS, FILES = f"{ID}/blobServices/default", f"{ID}/fileServices/default"
OLD, NEW = "2021-01-31T23:59:59.9999999Z", "2021-02-01T00:00:00.0000000Z"


def blobs(body: dict[str, Any] | None = None, **properties: Any) -> dict[str, Any]:
    return one(body or account(), blob_services=[doc(BLOBS, {"cors": {"corsRules": []}, **properties})])


def files(body: dict[str, Any] | None = None, shares: Any = (), **properties: Any) -> dict[str, Any]:
    service = doc(FILES, {"cors": {"corsRules": []}, **properties})
    return one(body or account(), file_services=[service], file_shares=list(shares))


def kept(days: Any = 7, enabled: Any = True, **more: Any) -> dict[str, Any]:
    return {"enabled": enabled, "days": days, **more}


def smb(shares: Any = (), **settings: Any) -> dict[str, Any]:
    return files(shares=shares, protocolSettings={"smb": settings})


def of_sku(name: str, kind: str = "StorageV2") -> dict[str, Any]:
    return {**account(kind), "sku": {"name": name}}


NFS, SMB_SHARE = share("n", enabledProtocols="NFS"), share("s", enabledProtocols="SMB")
WITHOUT_BLOBS = ("no blob service", one(account("FileStorage")), {ID: "not_applicable"})
WITHOUT_FILES = ("no file service", one(account("BlobStorage")), {ID: "not_applicable"})
NEW_KIND = ("a new kind of account", one(account("Moon")), {ID: "unknown"})
BLOBS_FORBIDDEN: tuple[Any, ...] = (
    "blob service forbidden",
    one(account()),
    {ID: "unknown"},
    {"gaps": [gap("blob_services", ID)]},
)
BLOBS_ABSENT = ("blob service not supported", one(account(), blob_services={ID: []}), {ID: "not_applicable"})
FILES_FORBIDDEN: tuple[Any, ...] = (
    "file service forbidden",
    one(account()),
    {ID: "unknown"},
    {"gaps": [gap("file_services", ID)]},
)
FILES_ABSENT = ("file service not supported", one(account(), file_services={ID: []}), {ID: "not_applicable"})


def kept_rows(slug: str, policy: str, make: Any) -> list[Any]:
    """Cases of the retention of deleted blobs, containers or file shares. `policy`: the property with the retention."""
    return rows(
        slug,
        ("7 days", make(**{policy: kept()}), {ID: "pass"}),
        ("30 days", make(**{policy: kept(30)}), {ID: "pass"}),
        ("6 days", make(**{policy: kept(6)}), {ID: "fail"}, {"reason": "too few days"}),
        (
            "fewer days than the parameter",
            make(**{policy: kept(30)}),
            {ID: "fail"},
            {"params": {"min_days": 31}},
        ),
        ("off", make(**{policy: {"enabled": False}}), {ID: "fail"}, {"reason": "is off"}),
        ("off, with days", make(**{policy: kept(30, enabled=False)}), {ID: "fail"}),
        ("no days", make(**{policy: {"enabled": True}}), {ID: "unknown"}),
        ("days are text", make(**{policy: kept("30")}), {ID: "unknown"}, {"params": {"min_days": 8}}),
        ("the switch is text", make(**{policy: kept(30, enabled="true")}), {ID: "unknown"}),
        ("an empty policy", make(**{policy: {}}), {ID: "unknown"}),
        ("the policy is a list", make(**{policy: []}), {ID: "unknown"}),
        NEW_KIND,
        NO_LIST,
        NONE,
    )


CASES = [
    *kept_rows("storage-blob-soft-delete", "deleteRetentionPolicy", blobs),
    *rows(
        "storage-blob-soft-delete",
        ("never set", blobs(), {ID: "fail"}, {"reason": "never switched on"}),
        ("null", blobs(deleteRetentionPolicy=None), {ID: "fail"}),
        (
            "permanent deletion allowed",
            blobs(deleteRetentionPolicy=kept(allowPermanentDelete=True)),
            {ID: "pass"},
            {"remark": "for good"},
        ),
        (
            "permanent deletion refused",
            blobs(deleteRetentionPolicy=kept(allowPermanentDelete=False)),
            {ID: "pass"},
            {"no_remark": "for good"},
        ),
        (
            "only containers",
            blobs(deleteRetentionPolicy=kept(enabled=False), containerDeleteRetentionPolicy=kept()),
            {ID: "fail"},
        ),
        (
            "a hierarchical namespace",
            blobs(account(isHnsEnabled=True), deleteRetentionPolicy=kept()),
            {ID: "pass"},
        ),
        WITHOUT_BLOBS,
        BLOBS_FORBIDDEN,
        BLOBS_ABSENT,
    ),
    *kept_rows("storage-container-soft-delete", "containerDeleteRetentionPolicy", blobs),
    *rows(
        "storage-container-soft-delete",
        ("never set", blobs(), {ID: "fail"}, {"reason": "never switched on"}),
        ("only blobs", blobs(deleteRetentionPolicy=kept()), {ID: "fail"}),
        WITHOUT_BLOBS,
        BLOBS_FORBIDDEN,
        BLOBS_ABSENT,
    ),
    *rows(
        "storage-versioning",
        ("on", blobs(isVersioningEnabled=True), {ID: "pass"}),
        ("off", blobs(isVersioningEnabled=False), {ID: "fail"}, {"no_remark": "Upgrade"}),
        ("absent", blobs(), {ID: "fail"}),
        ("text", blobs(isVersioningEnabled="true"), {ID: "unknown"}),
        ("off, general-purpose v1", blobs(account("Storage")), {ID: "fail"}, {"remark": "Upgrade"}),
        ("off, hierarchical namespace", blobs(account(isHnsEnabled=True)), {ID: "not_applicable"}),
        (
            "on, hierarchical namespace",
            blobs(account(isHnsEnabled=True), isVersioningEnabled=True),
            {ID: "pass"},
        ),
        ("off, text for the namespace", blobs(account(isHnsEnabled="true")), {ID: "unknown"}),
        ("off, page blobs", blobs(of_sku("Premium_LRS")), {ID: "not_applicable"}),
        ("off, premium block blobs", blobs(of_sku("Premium_LRS", "BlockBlobStorage")), {ID: "fail"}),
        ("off, standard", blobs(of_sku("Standard_LRS")), {ID: "fail"}),
        WITHOUT_BLOBS,
        BLOBS_FORBIDDEN,
        BLOBS_ABSENT,
        NEW_KIND,
        NO_LIST,
        NONE,
    ),
    *kept_rows("storage-file-soft-delete", "shareDeleteRetentionPolicy", files),
    *rows(
        "storage-file-soft-delete",
        ("never set, an old account", files(account(creationTime=OLD)), {ID: "fail"}, {"reason": "never"}),
        ("not given, a new account", files(account(creationTime=NEW)), {ID: "unknown"}),
        ("not given, no time", files(account(drop="creationTime")), {ID: "unknown"}),
        ("not given, time is no time", files(account(creationTime="long ago")), {ID: "unknown"}),
        WITHOUT_FILES,
        FILES_FORBIDDEN,
        FILES_ABSENT,
    ),
    *rows(
        "storage-smb-version",
        ("only 3.1.1", smb(versions="SMB3.1.1"), {ID: "pass"}),
        ("only 3.1.1, with a semicolon", smb(versions=" smb3.1.1; "), {ID: "pass"}),
        ("3.0 too", smb(versions="SMB3.0;SMB3.1.1"), {ID: "fail"}, {"reason": "old versions"}),
        ("2.1", smb(versions="SMB2.1;"), {ID: "fail"}),
        ("empty", smb(versions=""), {ID: "fail"}, {"reason": "no version is excluded"}),
        ("only semicolons", smb(versions=";"), {ID: "fail"}),
        ("null", smb(versions=None), {ID: "fail"}),
        ("no settings of SMB", files(protocolSettings={"smb": None}), {ID: "fail"}),
        ("no settings", files(), {ID: "fail"}),
        ("a new version", smb(versions="SMB3.1.1;SMB4"), {ID: "unknown"}),
        ("a list", smb(versions=["SMB3.1.1"]), {ID: "unknown"}),
        ("SMB and NFS shares", smb([NFS, SMB_SHARE]), {ID: "fail"}),
        ("a share without protocol", smb([share("s")]), {ID: "fail"}),
        ("only NFS shares", smb([NFS]), {ID: "not_applicable"}),
        ("only NFS shares, only 3.1.1", smb([NFS], versions="SMB3.1.1"), {ID: "pass"}),
        ("a share of a new protocol", smb([share("s", enabledProtocols="FTP")]), {ID: "unknown"}),
        (
            "shares forbidden, old versions",
            one(account(), file_services=[doc(FILES, {})]),
            {ID: "unknown"},
            {"gaps": [gap("file_shares", ID)]},
        ),
        (
            "shares forbidden, only 3.1.1",
            one(
                account(), file_services=[doc(FILES, {"protocolSettings": {"smb": {"versions": "SMB3.1.1"}}})]
            ),
            {ID: "pass"},
            {"gaps": [gap("file_shares", ID)]},
        ),
        WITHOUT_FILES,
        FILES_FORBIDDEN,
        FILES_ABSENT,
        NEW_KIND,
        NO_LIST,
        NONE,
    ),
    *rows(
        "storage-smb-encryption",
        ("only AES-256-GCM", smb(channelEncryption="AES-256-GCM"), {ID: "pass"}, {"no_remark": "without"}),
        ("small letters", smb(channelEncryption="aes-256-gcm;"), {ID: "pass"}),
        (
            "AES-128-GCM too",
            smb(channelEncryption="AES-128-GCM;AES-256-GCM"),
            {ID: "fail"},
            {"reason": "weak"},
        ),
        (
            "AES-128-GCM too, which the parameter accepts",
            smb(channelEncryption="AES-128-GCM;AES-256-GCM"),
            {ID: "pass"},
            {"params": {"accept_aes_128_gcm": True}},
        ),
        (
            "AES-128-CCM, which no parameter accepts",
            smb(channelEncryption="AES-128-CCM;AES-256-GCM"),
            {ID: "fail"},
            {"params": {"accept_aes_128_gcm": True}},
        ),
        ("empty", smb(channelEncryption=""), {ID: "fail"}, {"reason": "no algorithm is excluded"}),
        ("no settings", files(), {ID: "fail"}),
        ("a new algorithm", smb(channelEncryption="AES-512-GCM"), {ID: "unknown"}),
        ("a number", smb(channelEncryption=256), {ID: "unknown"}),
        (
            "connections without encryption allowed too",
            smb(channelEncryption="AES-256-GCM", encryptionInTransit={"required": False}),
            {ID: "pass"},
            {"remark": "without encryption"},
        ),
        (
            "encryption required",
            smb(channelEncryption="AES-256-GCM", encryptionInTransit={"required": True}),
            {ID: "pass"},
            {"no_remark": "without encryption"},
        ),
        ("only NFS shares", smb([NFS]), {ID: "not_applicable"}),
        ("SMB and NFS shares", smb([NFS, SMB_SHARE]), {ID: "fail"}),
        WITHOUT_FILES,
        FILES_FORBIDDEN,
        FILES_ABSENT,
        NEW_KIND,
        NO_LIST,
        NONE,
    ),
]

ABSENCE_PASSES = [
    (
        "storage-blob-soft-delete",
        r"properties\.deleteRetentionPolicy\.allowPermanentDelete",
        "permanent deletion is refused by default, and only adds a remark",
    ),
    (
        "storage-smb-encryption",
        r"properties\.protocolSettings\.smb\.encryptionInTransit(\.required)?",
        "absent means that secure transfer decides; it only adds a remark",
    ),
]
OFFICIAL_VERDICTS = """
storage-blob-soft-delete pass: appteststorage1 sto4036 sto4445 sto4452
storage-container-soft-delete fail: appteststorage1 sto4036 sto4445 sto4452
storage-file-soft-delete fail: appteststorage1 sto4036 sto4452
storage-file-soft-delete not_applicable: sto4445
storage-smb-encryption fail: appteststorage1 sto4036 sto4452
storage-smb-encryption not_applicable: sto4445
storage-smb-version fail: appteststorage1 sto4036 sto4452
storage-smb-version not_applicable: sto4445
storage-versioning pass: appteststorage1 sto4036 sto4445 sto4452
"""
PORTAL_PATHS = [
    ComparedPath(
        "Azure portal › Storage accounts › {account} › Data management › Data protection › Recovery"
        " › Enable soft delete for blobs",
        DocsFile(
            "MicrosoftDocs/azure-docs/articles/storage/blobs/soft-delete-blob-enable.md",
            "07dfc03e3f4d9323e6502435d2540322c9f7e4ba",
            "navigate to your storage account",
            "Locate the Data Protection option under Data Management",
            "In the Recovery section, select Enable soft delete for blobs",
        ),
    ),
    ComparedPath(
        "Azure portal › Storage accounts › {account} › Data management › Data protection"
        " › Enable soft delete for containers",
        DocsFile(
            "MicrosoftDocs/azure-docs/articles/storage/blobs/soft-delete-container-enable.md",
            "5c918e093b0516cab47857f56bbddb80119d7f55",
            "navigate to your storage account",
            "Locate the Data protection settings under Data management",
            "Select Enable soft delete for containers",
        ),
    ),
    ComparedPath(
        "Azure portal › Storage accounts › {account} › Data storage › File shares › Soft delete › Enabled",
        DocsFile(
            "MicrosoftDocs/azure-docs/articles/storage/files/storage-files-prevent-file-share-deletion.md",
            "0088bfa77543e07f8a41771de8db977ddfc62e1d",
            "Navigate to your storage account and select File shares under Data storage",
            "Select Disabled next to Soft delete",
            "Select Enabled for Soft delete for all file shares",
        ),
    ),
    ComparedPath(
        "Azure portal › Storage accounts › {account} › Data storage › File shares › Security"
        " › Profile: Custom › SMB channel encryption",
        DocsFile(
            "MicrosoftDocs/azure-docs/articles/storage/files/files-smb-protocol.md",
            "03e5750af10b23b5ba437d5b333ec5e9437844f9",
            "search for Storage accounts. Select the storage account",
            "From the service menu, select Data storage > File shares",
            "select the value associated with Security",
            "Under Profile, select Maximum compatibility, Maximum security, or Custom",
            "a custom profile for SMB protocol versions, SMB channel encryption",
        ),
    ),
    ComparedPath(
        "Azure portal › Storage accounts › {account} › Data storage › File shares › Security"
        " › Profile: Custom › SMB protocol versions",
        DocsFile(
            "MicrosoftDocs/azure-docs/articles/storage/files/files-smb-protocol.md",
            "03e5750af10b23b5ba437d5b333ec5e9437844f9",
            "search for Storage accounts. Select the storage account",
            "From the service menu, select Data storage > File shares",
            "select the value associated with Security",
            "Under Profile, select Maximum compatibility, Maximum security, or Custom",
            "a custom profile for SMB protocol versions",
        ),
    ),
    ComparedPath(
        "Azure portal › Storage accounts › {account} › Data management › Data protection › Tracking"
        " › Enable versioning for blobs",
        DocsFile(
            "MicrosoftDocs/azure-docs/articles/storage/blobs/versioning-enable.md",
            "12f43d998362a581d1bc446b336488952808ca8a",
            "Navigate to your storage account in the portal",
            "Under Data management, choose Data protection",
            "In the Tracking section, select Enable versioning for blobs",
        ),
    ),
]
