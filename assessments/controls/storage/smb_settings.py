"""Controls of SMB, the protocol of file shares.

Properties: azure-mgmt-storage 25.3.0 (FileServiceProperties)
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from assessments.controls.context import CollectionUnavailable, Context
from assessments.controls.declare import Parameter
from assessments.controls.references import Partly, References, Setting
from assessments.controls.settings import SettingControl, declare_settings
from assessments.controls.storage._accounts import LEARN, PORTAL, SUBSCRIPTION
from assessments.controls.storage._services import UPDATE_FILES, service_properties, unless_without_files
from assessments.controls.verdict import Severity, Verdict, failed, not_applicable, passed
from assessments.estate.collections.storage import (
    FILE_SERVICES,
    FILE_SHARES,
    STORAGE_ACCOUNTS,
)
from assessments.estate.view import View
from assessments.fixes.declare import Fix, advice, command

_VERSIONS: Final = {"smb2.1": False, "smb3.0": False, "smb3.1.1": True}
"""The versions of SMB, and whether the control accepts them."""
ACCEPT_128: Final = Parameter(
    "accept_aes_128_gcm", False, "Accept AES-128-GCM besides AES-256-GCM", label="Accept AES-128-GCM"
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
            "SMB shares can be used with old versions of SMB, because no version is excluded", versions=None
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
            "SMB connections can be encrypted with weak algorithms, because no algorithm is excluded",
            channelEncryption=None,
        )
    return failed("SMB connections can be encrypted with weak algorithms", channelEncryption=used)


def _smb(account: View, ctx: Context) -> View:
    return service_properties(account, ctx, FILE_SERVICES).object("protocolSettings.smb", default={})


def _listed(smb: View, key: str, known: Mapping[str, bool]) -> list[str]:
    """Return the values in a text such as `SMB3.0;SMB3.1.1`. Raise Unreadable if a value is not a key of `known`.

    If the text is absent, return an empty list. Azure then offers all values:
    https://learn.microsoft.com/azure/storage/files/files-smb-protocol
    """
    text = smb.text(key, default="")
    values = [value.strip() for value in text.split(";") if value.strip()]
    folded = {value.casefold() for value in values}
    if not folded <= known.keys():
        raise smb.unknown_value(key, text)
    return values


def _only_nfs(account: View, ctx: Context) -> Verdict | None:
    """Return a not-applicable verdict if the account has file shares and all of them use NFS. If some shares could not
    be read and none of the readable shares uses SMB, raise CollectionUnavailable.
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
        "storage-smb-version",
        title="SMB file shares accept only SMB 3.1.1",
        problem="SMB file shares accept old versions of SMB",
        expected="Only SMB 3.1.1 is allowed",
        judged="`protocolSettings.smb.versions` of the file service of each storage account. An absent or empty list"
        " counts as all versions. If all file shares of the account use NFS, the control is not applicable.",
        why="Versions before SMB 3.1.1 do not notice if an attacker changes the first messages of a"
        " connection to weaken its protection.",
        severity=Severity.MEDIUM,
        labels={"versions": "Allowed versions of SMB"},
        unless=(unless_without_files,),
        judge=_smb_version,
        needs=(FILE_SERVICES, FILE_SHARES),
        references=References(c4="10.1.2", c5="9.1.2", c6="9.1.2", mcsb="DP-3*", nist="SC-8* SC-8(1)*"),
        fix=Fix(
            command(f"{UPDATE_FILES} --versions SMB3.1.1{SUBSCRIPTION}"),
            portal=f"{PORTAL} Data storage › File shares › Security › Profile: Custom › SMB protocol versions",
            portal_source=f"{LEARN}/files/files-smb-protocol",
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
        why="Anyone who records traffic with weak encryption can decrypt it with less effort.",
        severity=Severity.MEDIUM,
        labels={"channelEncryption": "Allowed encryption of SMB"},
        unless=(unless_without_files,),
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
                    " its parameters refuse this",
                    unless=(Setting("accept_aes_128_gcm", equal=False),),
                ),
            ),
        ),
        fix=Fix(
            command(f"{UPDATE_FILES} --channel-encryption AES-256-GCM{SUBSCRIPTION}"),
            advice(
                "Clients with Windows 11 or Windows Server 2022 may need this PowerShell command:"
                ' Set-SmbClientConfiguration -EncryptionCiphers "AES_256_GCM".'
            ),
            portal=f"{PORTAL} Data storage › File shares › Security › Profile: Custom › SMB channel encryption",
            portal_source=f"{LEARN}/files/files-smb-protocol",
            effects="Windows clients older than Windows 11 and Windows Server 2022 can no longer connect.",
        ),
    ),
)
