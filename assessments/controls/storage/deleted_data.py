"""Controls of deleted and overwritten data in blob and file services.

Properties: azure-mgmt-storage 25.3.0 (BlobServiceProperties, FileServiceProperties)
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Final

from assessments.controls.context import Context
from assessments.controls.declare import Parameter
from assessments.controls.references import Partly, References, Setting
from assessments.controls.settings import SettingControl, declare_settings
from assessments.controls.storage._accounts import LEARN, PORTAL, SUBSCRIPTION
from assessments.controls.storage._services import (
    UPDATE_BLOBS,
    UPDATE_FILES,
    service_properties,
    unless_without_blobs,
    unless_without_files,
)
from assessments.controls.verdict import Severity, Verdict, failed, not_applicable, passed
from assessments.estate.collections.storage import (
    BLOB_SERVICES,
    FILE_SERVICES,
    STORAGE_ACCOUNTS,
)
from assessments.estate.services.storage import kind
from assessments.estate.view import View
from assessments.fixes.declare import Fix, advice, command
from assessments.fixes.variables import Variable

_DATA_PROTECTION: Final = f"{PORTAL} Data management › Data protection"
_COST: Final = "Deleted data is billed until its retention period ends."

# Since February 2021, new accounts keep deleted file shares for 7 days unless somebody switches this off.
# https://learn.microsoft.com/azure/storage/files/storage-files-prevent-file-share-deletion
_SHARES_KEPT_SINCE: Final = datetime(2021, 2, 1, tzinfo=UTC)

MIN_DAYS: Final = Parameter(
    "min_days",
    7,
    "Days for which deleted data must be kept",
    label="Minimum retention (days)",
    minimum=1,
    maximum=365,
)


_DAYS: Final = Variable(
    "deleted_data_days",
    "Days for which deleted data is kept: at least as many as the control expects, and not fewer than the account"
    " has now. For several accounts, enter the highest of these numbers",
    "14",
)
_SEVEN_DAYS: Final = Partly(
    "c2 c3 c4 c5 c6",
    "The requirement asks for at least 7 days; the control’s parameters can permit fewer",
    unless=(Setting("min_days", minimum=7),),
)


def _judge_kept(
    policy: View, ctx: Context, long_enough: Verdict, too_short: Verdict, off: Verdict
) -> Verdict:
    """Return the one of the three verdicts that fits the policy for deleted data, with the observed values."""
    if not policy.flag("enabled"):
        return replace(off, observed={"enabled": False})
    days = policy.number("days")
    verdict = long_enough if days >= ctx.params[MIN_DAYS.name] else too_short
    return replace(verdict, observed={"enabled": True, "retentionDays": days})


def _blob_soft_delete(account: View, ctx: Context) -> Verdict:
    service = service_properties(account, ctx, BLOB_SERVICES)
    if not service.has("deleteRetentionPolicy"):
        return failed("Soft delete for blobs was never switched on", enabled=None)
    policy = service.object("deleteRetentionPolicy")
    can_be_removed = policy.flag("allowPermanentDelete", default=False)
    return _judge_kept(
        policy,
        ctx,
        long_enough=passed(
            "Deleted blobs can be restored",
            remarks=[
                "Deleted versions and snapshots can be removed for good before their retention period ends"
            ]
            if can_be_removed
            else [],
        ),
        too_short=failed("Deleted blobs can be restored for too few days"),
        off=failed("Deleted blobs cannot be restored, because soft delete for blobs is off"),
    )


def _container_soft_delete(account: View, ctx: Context) -> Verdict:
    service = service_properties(account, ctx, BLOB_SERVICES)
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
    service = service_properties(account, ctx, FILE_SERVICES)
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
    service = service_properties(account, ctx, BLOB_SERVICES)
    setting = service.raw("isVersioningEnabled")
    if service.flag("isVersioningEnabled", default=False):
        return passed("Earlier versions of blobs are kept", isVersioningEnabled=True)
    if account.object("properties").flag("isHnsEnabled", default=False):
        return not_applicable(
            "Azure keeps no versions of blobs in an account with a hierarchical namespace",
            isVersioningEnabled=setting,
        )
    # Only standard general-purpose v2, premium block blob and legacy Blob storage accounts keep versions. A premium
    # account of the kind Storage or StorageV2 has page blobs, so it keeps none.
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
        unless=(unless_without_blobs,),
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
            command(
                f"{UPDATE_BLOBS} --enable-delete-retention true --delete-retention-days {{deleted_data_days}}"
                f"{SUBSCRIPTION}"
            ),
            portal=f"{_DATA_PROTECTION} › Recovery › Enable soft delete for blobs",
            portal_source=f"{LEARN}/blobs/soft-delete-blob-enable",
            cost=_COST,
            effects="Deleted and overwritten blobs are kept for the number of days that you enter.",
            variables=[_DAYS],
        ),
    ),
    SettingControl(
        "storage-container-soft-delete",
        title="Deleted containers can be restored",
        problem="Deleted blob containers cannot be restored",
        expected="Deleted containers can be restored for at least {min_days:days}",
        judged="`containerDeleteRetentionPolicy` of the blob service of each storage account. It must be on, with at"
        " least `min_days` days. An absent policy counts as off.",
        why="If a container is deleted, all of its blobs are deleted, and soft delete for blobs does not restore them.",
        severity=Severity.MEDIUM,
        unless=(unless_without_blobs,),
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
                f"{UPDATE_BLOBS} --enable-container-delete-retention true"
                f" --container-delete-retention-days {{deleted_data_days}}{SUBSCRIPTION}"
            ),
            portal=f"{_DATA_PROTECTION} › Enable soft delete for containers",
            portal_source=f"{LEARN}/blobs/soft-delete-container-enable",
            cost=_COST,
            effects="Deleted containers are kept for the number of days that you enter.",
            variables=[_DAYS],
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
        why="Without versions, a blob that an attacker overwrote or encrypted may be lost.",
        severity=Severity.LOW,
        labels={"isVersioningEnabled": "Versioning of blobs"},
        unless=(unless_without_blobs,),
        judge=_versioning,
        needs=(BLOB_SERVICES,),
        references=References(c4="10.2.2", c5="9.2.3", c6="9.2.3", mcsb="BR-1*", nist="CP-9*"),
        fix=Fix(
            command(f"{UPDATE_BLOBS} --enable-versioning true{SUBSCRIPTION}"),
            advice("Then add a lifecycle rule that deletes old versions."),
            portal=f"{_DATA_PROTECTION} › Tracking › Enable versioning for blobs",
            portal_source=f"{LEARN}/blobs/versioning-enable",
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
        why="If a file share is deleted, all of its files and snapshots are deleted.",
        severity=Severity.MEDIUM,
        unless=(unless_without_files,),
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
            command(
                f"{UPDATE_FILES} --enable-delete-retention true --delete-retention-days {{deleted_data_days}}"
                f"{SUBSCRIPTION}"
            ),
            portal=f"{PORTAL} Data storage › File shares › Soft delete › Enabled",
            portal_source=f"{LEARN}/files/storage-files-prevent-file-share-deletion",
            cost=_COST,
            effects="Deleted file shares are kept for the number of days that you enter.",
            variables=[_DAYS],
        ),
    ),
)
