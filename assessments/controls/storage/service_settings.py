"""Controls of the settings of blob and file services: deleted data, versions, SMB.

Properties: azure-mgmt-storage 25.3.0 (BlobServiceProperties, FileServiceProperties)
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Final

from assessments.controls.context import CollectionUnavailable, Context
from assessments.controls.declare import Parameter
from assessments.controls.references import Partly, References, Setting
from assessments.controls.settings import SettingControl, declare_settings
from assessments.controls.verdict import Severity, Verdict, failed, not_applicable, passed
from assessments.estate.collection import Collection
from assessments.estate.collections.storage import (
    BLOB_SERVICES,
    FILE_SERVICES,
    FILE_SHARES,
    STORAGE_ACCOUNTS,
)
from assessments.estate.storage import holds_blobs, holds_files, kind
from assessments.estate.view import View
from assessments.fixes.declare import Fix, advice, command

_BLOBS: Final = (
    "az storage account blob-service-properties update --resource-group {group} --account-name {account}"
)
_FILES: Final = (
    "az storage account file-service-properties update --resource-group {group} --account-name {account}"
)
_SUBSCRIPTION: Final = " --subscription {subscription}"
_PORTAL: Final = "Azure portal › Storage accounts › {account} ›"
_DATA_PROTECTION: Final = f"{_PORTAL} Data management › Data protection"
_LEARN: Final = "https://learn.microsoft.com/azure/storage"
_COST: Final = "Deleted data is billed until it is removed."

# Since this month, new accounts keep deleted file shares for 7 days, unless somebody switches that off:
# https://learn.microsoft.com/azure/storage/files/storage-files-prevent-file-share-deletion
_SHARES_KEPT_SINCE: Final = datetime(2021, 2, 1, tzinfo=UTC)
_VERSIONS: Final = {"smb2.1": False, "smb3.0": False, "smb3.1.1": True}
"""The versions of SMB, and whether the control accepts them."""

MIN_DAYS: Final = Parameter("min_days", 7, "Days for which deleted data must be kept", minimum=1, maximum=365)
ACCEPT_128: Final = Parameter("accept_aes_128_gcm", False, "Accept AES-128-GCM besides AES-256-GCM")


_SEVEN_DAYS: Final = Partly(
    "c2 c3 c4 c5 c6",
    "The requirement asks for at least 7 days; `min_days` allows fewer",
    unless=(Setting("min_days", minimum=7),),
)


def _unless_without_blobs(account: View, ctx: Context) -> Verdict | None:
    if holds_blobs(account) and ctx.single(BLOB_SERVICES, account.id) is not None:
        return None
    return not_applicable("The account has no blob service")


def _unless_without_files(account: View, ctx: Context) -> Verdict | None:
    # If an account has no file service in spite of its kind, Azure refuses the request as not supported.
    if holds_files(account) and ctx.single(FILE_SERVICES, account.id) is not None:
        return None
    return not_applicable("The account has no file service")


def _service(account: View, ctx: Context, collection: Collection) -> View:
    """Return the properties of the account's blob or file service. Raise CollectionUnavailable or Unreadable."""
    service = ctx.single(collection, account.id)
    if service is None:
        raise account.unreadable(collection.path.removeprefix("{scope}/"), "absent")
    return service.object("properties")


def _judge_kept(
    policy: View, ctx: Context, long_enough: Verdict, too_short: Verdict, off: Verdict
) -> Verdict:
    """Return the verdict on a policy for deleted data, with the observed values."""
    if not policy.flag("enabled"):
        return replace(off, observed={"enabled": False})
    days = policy.number("days")
    verdict = long_enough if days >= ctx.params[MIN_DAYS.name] else too_short
    return replace(verdict, observed={"enabled": True, "retentionDays": days})


def _blob_soft_delete(account: View, ctx: Context) -> Verdict:
    service = _service(account, ctx, BLOB_SERVICES)
    if not service.has("deleteRetentionPolicy"):
        return failed("Soft delete for blobs was never switched on", enabled=None)
    policy = service.object("deleteRetentionPolicy")
    can_be_removed = policy.flag("allowPermanentDelete", default=False)
    return _judge_kept(
        policy,
        ctx,
        long_enough=passed(
            "Deleted blobs can be restored",
            remarks=["Deleted versions and snapshots can be removed for good before that time is over"]
            if can_be_removed
            else [],
        ),
        too_short=failed("Deleted blobs can be restored for too few days"),
        off=failed("Deleted blobs cannot be restored, because soft delete for blobs is off"),
    )


def _container_soft_delete(account: View, ctx: Context) -> Verdict:
    service = _service(account, ctx, BLOB_SERVICES)
    if not service.has("containerDeleteRetentionPolicy"):
        return failed("Soft delete for containers was never switched on", enabled=None)
    return _judge_kept(
        service.object("containerDeleteRetentionPolicy"),
        ctx,
        long_enough=passed("Deleted containers can be restored"),
        too_short=failed("Deleted containers can be restored for too few days"),
        off=failed("Deleted containers cannot be restored, because soft delete for containers is off"),
    )


def _file_soft_delete(account: View, ctx: Context) -> Verdict:
    service = _service(account, ctx, FILE_SERVICES)
    if not service.has("shareDeleteRetentionPolicy"):
        if account.object("properties").time("creationTime") < _SHARES_KEPT_SINCE:
            return failed("Soft delete for file shares was never switched on", enabled=None)
        raise service.unreadable("shareDeleteRetentionPolicy", "absent")
    return _judge_kept(
        service.object("shareDeleteRetentionPolicy"),
        ctx,
        long_enough=passed("Deleted file shares can be restored"),
        too_short=failed("Deleted file shares can be restored for too few days"),
        off=failed("Deleted file shares cannot be restored, because soft delete for file shares is off"),
    )


def _versioning(account: View, ctx: Context) -> Verdict:
    service = _service(account, ctx, BLOB_SERVICES)
    setting = service.raw("isVersioningEnabled")
    if service.flag("isVersioningEnabled", default=False):
        return passed("Earlier versions of blobs are kept", isVersioningEnabled=True)
    if account.object("properties").flag("isHnsEnabled", default=False):
        return not_applicable(
            "Azure keeps no versions of blobs in an account with a hierarchical namespace",
            isVersioningEnabled=setting,
        )
    # Versions exist in standard general-purpose v2, premium block blob and legacy Blob storage accounts:
    # https://learn.microsoft.com/azure/storage/blobs/versioning-overview
    sku = account.object("sku", default={}).text("name", default="").casefold()
    if sku.startswith("premium") and kind(account) in {"storage", "storagev2"}:
        return not_applicable(
            "Azure keeps no versions in premium accounts with page blobs", isVersioningEnabled=setting
        )
    if sku and not sku.startswith(("premium", "standard")):
        raise account.unknown_value("sku.name", sku)
    return failed(
        "Earlier versions of blobs are not kept",
        remarks=["Upgrade the account to general-purpose v2 first"] if kind(account) == "storage" else [],
        isVersioningEnabled=setting,
    )


def _smb_version(account: View, ctx: Context) -> Verdict:
    smb = _smb(account, ctx)
    versions = _listed(smb, "versions", _VERSIONS)
    if versions and all(_VERSIONS[version.casefold()] for version in versions):
        return passed("SMB shares can be used only with SMB 3.1.1", versions=versions)
    if (verdict := _only_nfs(account, ctx)) is not None:
        return verdict
    if not versions:
        return failed(
            "SMB shares can be used with old versions of SMB, because none is excluded", versions=None
        )
    return failed("SMB shares can be used with old versions of SMB", versions=versions)


def _smb_encryption(account: View, ctx: Context) -> Verdict:
    smb = _smb(account, ctx)
    accepted = {
        "aes-128-ccm": False,
        "aes-128-gcm": bool(ctx.params[ACCEPT_128.name]),
        "aes-256-gcm": True,
    }
    used = _listed(smb, "channelEncryption", accepted)
    if used and all(accepted[one.casefold()] for one in used):
        is_optional = smb.flag("encryptionInTransit.required", default=True) is False
        return passed(
            "SMB connections are encrypted with strong algorithms",
            remarks=["SMB connections without encryption are allowed too"] if is_optional else [],
            channelEncryption=used,
        )
    if (verdict := _only_nfs(account, ctx)) is not None:
        return verdict
    if not used:
        return failed(
            "SMB connections can be encrypted with weak algorithms, because none is excluded",
            channelEncryption=None,
        )
    return failed("SMB connections can be encrypted with weak algorithms", channelEncryption=used)


def _smb(account: View, ctx: Context) -> View:
    return _service(account, ctx, FILE_SERVICES).object("protocolSettings.smb", default={})


def _listed(smb: View, key: str, known: Mapping[str, bool]) -> list[str]:
    """Return the values of a list with semicolons. Raise Unreadable if one of them is not known.

    An absent list is empty; Azure then offers everything:
    https://learn.microsoft.com/azure/storage/files/files-smb-protocol
    """
    text = smb.text(key, default="")
    values = [value.strip() for value in text.split(";") if value.strip()]
    folded = {value.casefold() for value in values}
    if not folded <= known.keys():
        raise smb.unknown_value(key, text)
    return values


def _only_nfs(account: View, ctx: Context) -> Verdict | None:
    """Return not applicable if the account has file shares, and all of them use NFS.

    Raise CollectionUnavailable if a share that could not be read could decide.
    """
    shares, gap = ctx.partial_at(FILE_SHARES, account.id)
    protocols = {
        share.object("properties").choice("enabledProtocols", {"smb", "nfs"}, "smb") for share in shares
    }
    if "smb" in protocols:
        return None
    if gap is not None:
        raise CollectionUnavailable(gap)
    if protocols:
        return not_applicable(
            "All file shares of the account use NFS", shares=sorted(share.name for share in shares)
        )
    return None


CONTROLS = declare_settings(
    __name__,
    STORAGE_ACCOUNTS,
    SettingControl(
        "storage-blob-soft-delete",
        title="Deleted blobs can be restored",
        problem="Deleted blobs cannot be restored",
        expected="Deleted blobs can be restored for at least {min_days:days}",
        judged="`deleteRetentionPolicy` of the blob service of each storage account. It must be on, with at least"
        " `min_days` days. An absent policy counts as off. If `allowPermanentDelete` is on, a remark says so.",
        why="Data that an attacker or a mistake deletes is lost if the account does not keep it.",
        severity=Severity.MEDIUM,
        unless=(_unless_without_blobs,),
        judge=_blob_soft_delete,
        needs=(BLOB_SERVICES,),
        parameters=(MIN_DAYS,),
        references=References(
            c2="3.11",
            c3="4.10",
            c4="10.2.1 10.3.6",
            c5="9.2.1",
            c6="9.2.1",
            mcsb="BR-2*",
            nist="CP-9*",
            partly=(Partly("c2 c3 c4:10.3.6", "The control judges blobs, not containers"), _SEVEN_DAYS),
        ),
        fix=Fix(
            command(f"{_BLOBS} --enable-delete-retention true --delete-retention-days 14{_SUBSCRIPTION}"),
            portal=f"{_DATA_PROTECTION} › Recovery › Enable soft delete for blobs",
            portal_source=f"{_LEARN}/blobs/soft-delete-blob-enable",
            cost=_COST,
            effects="Deleted and overwritten blobs are kept for 14 days.",
        ),
    ),
    SettingControl(
        "storage-container-soft-delete",
        title="Deleted containers can be restored",
        problem="Deleted blob containers cannot be restored",
        expected="Deleted containers can be restored for at least {min_days:days}",
        judged="`containerDeleteRetentionPolicy` of the blob service of each storage account. It must be on, with at"
        " least `min_days` days. An absent policy counts as off.",
        why="With a container, all of its blobs are deleted, and soft delete for blobs does not restore them.",
        severity=Severity.MEDIUM,
        unless=(_unless_without_blobs,),
        judge=_container_soft_delete,
        needs=(BLOB_SERVICES,),
        parameters=(MIN_DAYS,),
        references=References(
            c2="3.11",
            c3="4.10",
            c4="10.3.6",
            c5="9.2.2",
            c6="9.2.2",
            mcsb="BR-2*",
            nist="CP-9*",
            partly=(Partly("c2 c3 c4:10.3.6", "The control judges containers, not blobs"), _SEVEN_DAYS),
        ),
        fix=Fix(
            command(
                f"{_BLOBS} --enable-container-delete-retention true --container-delete-retention-days 14"
                f"{_SUBSCRIPTION}"
            ),
            portal=f"{_DATA_PROTECTION} › Enable soft delete for containers",
            portal_source=f"{_LEARN}/blobs/soft-delete-container-enable",
            cost=_COST,
            effects="Deleted containers are kept for 14 days.",
        ),
    ),
    SettingControl(
        "storage-versioning",
        title="Earlier versions of blobs are kept",
        problem="Earlier versions of blobs are not kept",
        expected="Versioning of blobs is on",
        judged="`isVersioningEnabled` of the blob service of each storage account. If the property is absent, it"
        " counts as off. Accounts with"
        " a hierarchical namespace and premium accounts with page blobs are not applicable, because Azure keeps no"
        " versions there.",
        why="With versions, a blob that was overwritten or encrypted by an attacker can be restored.",
        severity=Severity.LOW,
        unless=(_unless_without_blobs,),
        judge=_versioning,
        needs=(BLOB_SERVICES,),
        references=References(c4="10.2.2", c5="9.2.3", c6="9.2.3", mcsb="BR-1*", nist="CP-9*"),
        fix=Fix(
            command(f"{_BLOBS} --enable-versioning true{_SUBSCRIPTION}"),
            advice("Then add a lifecycle rule that deletes old versions."),
            portal=f"{_DATA_PROTECTION} › Tracking › Enable versioning for blobs",
            portal_source=f"{_LEARN}/blobs/versioning-enable",
            cost="Each version of a blob is billed until it is deleted.",
            effects="Each change of a blob creates a version. Listing blobs with many versions takes longer.",
        ),
    ),
    SettingControl(
        "storage-file-soft-delete",
        title="Deleted file shares can be restored",
        problem="Deleted file shares cannot be restored",
        expected="Deleted file shares can be restored for at least {min_days:days}",
        judged="`shareDeleteRetentionPolicy` of the file service of each storage account. It must be on, with at least"
        " `min_days` days. An absent policy counts as off in accounts that were created before February 2021. In newer"
        " accounts, the verdict is then unknown.",
        why="With a file share, all of its files and snapshots are deleted.",
        severity=Severity.MEDIUM,
        unless=(_unless_without_files,),
        judge=_file_soft_delete,
        needs=(FILE_SERVICES,),
        parameters=(MIN_DAYS,),
        references=References(
            c4="10.1.1",
            c5="9.1.1",
            c6="9.1.1",
            mcsb="BR-2*",
            nist="CP-9*",
            partly=(replace(_SEVEN_DAYS, numbers="c4 c5 c6"),),
        ),
        fix=Fix(
            command(f"{_FILES} --enable-delete-retention true --delete-retention-days 14{_SUBSCRIPTION}"),
            portal=f"{_PORTAL} Data storage › File shares › Soft delete › Enabled",
            portal_source=f"{_LEARN}/files/storage-files-prevent-file-share-deletion",
            cost=_COST,
            effects="Deleted file shares are kept for 14 days.",
        ),
    ),
    SettingControl(
        "storage-smb-version",
        title="SMB file shares accept only SMB 3.1.1",
        problem="SMB file shares accept old versions of SMB",
        expected="Only SMB 3.1.1 is allowed",
        judged="`protocolSettings.smb.versions` of the file service of each storage account. An absent or empty list"
        " counts as all versions. If all file shares of the account use NFS, the control is not applicable.",
        why="Only SMB 3.1.1 notices when an attacker changes the first messages of a connection to weaken it.",
        severity=Severity.MEDIUM,
        unless=(_unless_without_files,),
        judge=_smb_version,
        needs=(FILE_SERVICES, FILE_SHARES),
        references=References(c4="10.1.2", c5="9.1.2", c6="9.1.2", mcsb="DP-3*", nist="SC-8* SC-8(1)*"),
        fix=Fix(
            command(f"{_FILES} --versions SMB3.1.1{_SUBSCRIPTION}"),
            portal=f"{_PORTAL} Data storage › File shares › Security › Profile: Custom › SMB protocol versions",
            portal_source=f"{_LEARN}/files/files-smb-protocol",
            effects="Clients that know only SMB 2.1 or 3.0 can no longer connect.",
        ),
    ),
    SettingControl(
        "storage-smb-encryption",
        title="SMB file shares accept only strong encryption",
        problem="SMB file shares accept weak encryption",
        expected="SMB connections are encrypted only with strong algorithms",
        judged="`protocolSettings.smb.channelEncryption` of the file service of each storage account. Only AES-256-GCM"
        " may be listed, or also AES-128-GCM if `accept_aes_128_gcm` is on. An absent or empty list counts as all"
        " algorithms. If all file shares of the account use NFS, the control is not applicable. If unencrypted"
        " connections are allowed too, a remark says so.",
        why="Anyone who records the traffic needs more effort to decrypt it if the algorithm is stronger.",
        severity=Severity.MEDIUM,
        unless=(_unless_without_files,),
        judge=_smb_encryption,
        needs=(FILE_SERVICES, FILE_SHARES),
        parameters=(ACCEPT_128,),
        references=References(
            c4="10.1.3",
            c5="9.1.3",
            c6="9.1.3",
            mcsb="DP-3*",
            nist="SC-8* SC-8(1)*",
            partly=(
                Partly(
                    "c4 c5 c6",
                    "The requirement asks for AES-256-GCM; the control also accepts AES-128-GCM, unless"
                    " `accept_aes_128_gcm` is off",
                    unless=(Setting("accept_aes_128_gcm", equal=False),),
                ),
            ),
        ),
        fix=Fix(
            command(f"{_FILES} --channel-encryption AES-256-GCM{_SUBSCRIPTION}"),
            advice(
                "Clients with Windows 11 or Windows Server 2022 may need this PowerShell command:"
                ' Set-SmbClientConfiguration -EncryptionCiphers "AES_256_GCM".'
            ),
            portal=f"{_PORTAL} Data storage › File shares › Security › Profile: Custom › SMB channel encryption",
            portal_source=f"{_LEARN}/files/files-smb-protocol",
            effects="Windows clients older than Windows 11 and Windows Server 2022 can no longer connect.",
        ),
    ),
)
