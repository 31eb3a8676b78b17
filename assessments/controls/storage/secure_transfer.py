"""The control storage-secure-transfer: Secure transfer is required."""

from __future__ import annotations

from collections.abc import Callable

from assessments.controls.context import CollectionUnavailable, Context
from assessments.controls.declare import per_subject
from assessments.controls.references import References
from assessments.controls.verdict import Outcome, Severity, Verdict, failed, passed
from assessments.estate.collections.storage import FILE_SERVICES, FILE_SHARES, STORAGE_ACCOUNTS
from assessments.estate.services.storage import holds_files
from assessments.estate.view import View
from assessments.fixes.declare import Fix, command
from assessments.fixes.facts import Facts

_PROTOCOLS = ("smb", "nfs")


def _accepts_http(facts: Facts) -> bool:
    return not facts.texts("protocols")


def _allows(protocol: str) -> Callable[[Facts], bool]:
    return lambda facts: protocol in facts.texts("protocols")


_REQUIRE_HTTPS = (
    "az storage account update --resource-group {group} --name {account} --https-only true"
    " --subscription {subscription}"
)
_SOURCE = "https://learn.microsoft.com/azure/storage/common/storage-require-secure-transfer"
HTTPS_FIX = Fix(
    command(_REQUIRE_HTTPS),
    portal="Azure portal › Storage accounts › {account} › Settings › Configuration › Secure transfer required"
    " › Enabled",
    portal_source=_SOURCE,
    effects="Clients that still use HTTP or unencrypted SMB can no longer connect. NFS shares must be mounted with"
    " encryption. If the account has a setting of its own for SMB or NFS, that setting decides about the protocol.",
)
FIX = Fix(
    command(_REQUIRE_HTTPS, "Require HTTPS.", when=_accepts_http),
    *(
        command(
            "az storage account file-service-properties update --resource-group {group} --account-name {account}"
            f" --require-{protocol}-encryption-in-transit true --subscription {{subscription}}",
            f"Require encryption of {protocol.upper()} connections.",
            when=_allows(protocol),
        )
        for protocol in _PROTOCOLS
    ),
    portal=HTTPS_FIX.portal,
    portal_source=_SOURCE,
    effects="Clients that still use HTTP, SMB 2.1 or SMB without encryption can no longer connect. NFS shares must be"
    " mounted with encryption (mount helper AZNFS).",
)


@per_subject(
    STORAGE_ACCOUNTS,
    needs=[FILE_SHARES, FILE_SERVICES],
    fix=FIX,
    severity=Severity.HIGH,
    expects={"supportsHttpsTrafficOnly": (True,)},
    references=References(
        c2="3.1",
        c3="4.1",
        c4="10.3.4",
        c5="9.3.4",
        c6="9.3.4",
        mcsb="DP-3",
        nist="SC-8 SC-8(1)",
    ),
)
def secure_transfer(account: View, ctx: Context) -> Verdict:
    """Secure transfer is required.

    Problem: Storage account accepts unencrypted connections
    Expected: HTTPS is required, and no file share can be used without encryption
    Judged: `supportsHttpsTrafficOnly` of each storage account. If the property is absent, it counts as off: the API
    always returns the property, and accounts created before 2019-04-01 default to off.

    In accounts with file shares, `encryptionInTransit.required` of the protocols SMB and NFS is judged too. If it is
    false, an account that has a share with this protocol fails, even if HTTPS is required. If it is absent, secure
    transfer decides about the protocol. A share without a protocol is an SMB share. NFS shares are no reason to
    accept plain HTTP, because NFS has a setting of its own.

    A remark says if blobs can be used over NFS 3.0 (`isNfsV3Enabled`), to which secure transfer does not apply.
    Why: Without secure transfer, the account accepts plain HTTP and unencrypted SMB, so keys, SAS tokens and data
    can be read in transit.
    """
    verdict = https_only(account, ctx)
    if verdict.outcome is Outcome.FAIL or not holds_files(account):
        return verdict
    shares, gap = ctx.partial_at(FILE_SHARES, account.id)
    if not shares and gap is None:
        return verdict
    protocols = _without_encryption(account, ctx)
    if not protocols:
        return passed(
            "The account accepts only HTTPS, and its file shares only encrypted connections",
            remarks=verdict.remarks,
            supportsHttpsTrafficOnly=True,
        )
    of_shares = {share.name: _protocol(share) for share in shares}
    open_shares = sorted(name for name, protocol in of_shares.items() if protocol in protocols)
    if open_shares:
        used = sorted({of_shares[name] for name in open_shares})
        return failed(
            f"File shares can be used without encryption over {_names(used)}: {', '.join(open_shares)}",
            supportsHttpsTrafficOnly=True,
            protocols=used,
            shares=open_shares,
        )
    if gap is not None:
        raise CollectionUnavailable(gap)
    return passed(
        "The account accepts only HTTPS, and its file shares only encrypted connections",
        remarks=[
            (
                "Protocols for which encryption in transit is not required, and which no share uses:"
                f" {_names(protocols)}"
            ),
            *verdict.remarks,
        ],
        supportsHttpsTrafficOnly=True,
    )


def https_only(account: View, ctx: Context) -> Verdict:
    """Judge whether the account refuses plain HTTP. The control logging-storage-secure-transfer uses this function
    too.
    """
    properties = account.object("properties")
    # NFS is no reason to accept plain HTTP: secure transfer does not apply to NFS 3.0 access to blobs, and NFS file
    # shares have a setting of their own.
    # https://learn.microsoft.com/azure/storage/common/storage-require-secure-transfer
    # https://learn.microsoft.com/azure/storage/files/storage-files-networking-overview
    if properties.flag("supportsHttpsTrafficOnly", default=False):
        return passed(
            "The account accepts only HTTPS",
            remarks=["Blobs can also be used over NFS 3.0, which does not encrypt connections"]
            if properties.raw("isNfsV3Enabled") is True
            else [],
            supportsHttpsTrafficOnly=True,
        )
    setting = properties.raw("supportsHttpsTrafficOnly")
    return failed("The account accepts plain HTTP", supportsHttpsTrafficOnly=setting)


def _without_encryption(account: View, ctx: Context) -> list[str]:
    """Return the protocols of file shares that allow unencrypted connections although secure transfer is required.

    A protocol can have a setting of its own. If it has none (“Not selected” in the portal), secure transfer applies to
    it. https://learn.microsoft.com/azure/storage/files/storage-files-networking-overview
    """
    service = ctx.single(FILE_SERVICES, account.id)
    if service is None:
        raise account.unreadable("fileServices/default", "absent")
    settings = service.object("properties")
    return [
        name
        for name in _PROTOCOLS
        if not settings.flag(f"protocolSettings.{name}.encryptionInTransit.required", default=True)
    ]


def _protocol(share: View) -> str:
    return share.object("properties").choice("enabledProtocols", _PROTOCOLS, default="smb")


def _names(protocols: list[str]) -> str:
    return " and ".join(protocol.upper() for protocol in protocols)
