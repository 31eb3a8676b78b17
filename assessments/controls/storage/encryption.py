"""The controls storage-blob-encryption and storage-file-encryption: data is encrypted at rest."""

from __future__ import annotations

from collections.abc import Callable

from assessments.controls.context import Context
from assessments.controls.declare import Control, per_subject
from assessments.controls.references import Partly, References
from assessments.controls.verdict import Severity, Verdict, failed, not_applicable, passed
from assessments.estate.collections.storage import STORAGE_ACCOUNTS
from assessments.estate.services.storage import holds_blobs, holds_files
from assessments.estate.view import View
from assessments.fixes.declare import Fix, advice, command
from assessments.fixes.variables import Variable

_DOC = """{title} data is encrypted at rest.

Problem: {title} data not encrypted at rest
Expected: Encryption of the {service} service is on, or the account does not state it
Judged: Each storage account that has the {service} service. Encryption at rest cannot be switched off
since 2017, so an absent setting passes. Only an explicit false fails.
Why: Data that is not encrypted at rest can be read from the storage medium.
"""

_HAS_SERVICE: dict[str, Callable[[View], bool]] = {"blob": holds_blobs, "file": holds_files}


CUSTOMER_KEYS = Fix(
    advice(
        "Azure encrypts every account, and nobody can switch the encryption off. If an account reports that its"
        " encryption is off, open a support request with Microsoft."
    ),
    command(
        "az storage account update --resource-group {group} --name {account} --assign-identity"
        " --subscription {subscription}",
        "To use your own keys, first give the account an identity. Then give this identity the role Key Vault Crypto"
        " Service Encryption User on the vault.",
    ),
    command(
        "az storage account update --resource-group {group} --name {account}"
        " --encryption-key-source Microsoft.Keyvault --encryption-key-vault {vault_uri}"
        " --encryption-key-name {key_name} --subscription {subscription}",
        "Then name the key.",
    ),
    portal="Azure portal › Storage accounts › {account} › Security + networking › Encryption › Customer-managed"
    " keys",
    portal_source="https://learn.microsoft.com/azure/storage/common/customer-managed-keys-configure-existing-account",
    cost="With your own keys, the Key Vault and its operations are billed.",
    effects="If the key is lost, nobody can read the account. The vault needs soft delete and purge protection.",
    variables=[
        Variable("vault_uri", "Address of the Key Vault", "https://kv-shop.vault.azure.net"),
        Variable("key_name", "Name of the key in the vault", "storage"),
    ],
)


def service_encryption(account: View, service: str) -> Verdict:
    """Judge the encryption of a service (`blob` or `file`). The control logging-storage-encryption uses this function
    too.
    """
    if not _HAS_SERVICE[service](account):
        return not_applicable(f"Accounts of this kind have no {service} service")
    encryption = account.object("properties").object("encryption", default={})
    settings = encryption.object("services", default={}).object(service, default={})
    if not settings.flag("enabled", default=True):
        source = encryption.raw("keySource")
        return failed(f"{service.title()} data is not encrypted at rest", enabled=False, keySource=source)
    source = encryption.text("keySource", default="Microsoft.Storage")
    keys = "customer-managed keys" if source.casefold() == "microsoft.keyvault" else "Microsoft-managed keys"
    return passed(
        f"{service.title()} data is encrypted with {keys}", enabled=settings.raw("enabled"), keySource=source
    )


def _declare(service: str) -> Control:
    @per_subject(
        STORAGE_ACCOUNTS,
        slug=f"storage-{service}-encryption",
        fix=CUSTOMER_KEYS,
        doc=_DOC.format(title=service.title(), service=service),
        severity=Severity.HIGH,
        expects={"enabled": (True, None)},
        references=References(
            c4="2.1.1.1.1",
            mcsb="DP-4",
            nist="SC-28 SC-28(1)",
            partly=(
                Partly(
                    "c4",
                    f"The control checks only {service} data of storage accounts, not the data of other services",
                ),
            ),
        ),
    )
    def rule(account: View, ctx: Context) -> Verdict:
        return service_encryption(account, service)

    return rule


CONTROLS = tuple(_declare(service) for service in _HAS_SERVICE)
