"""Controls of encryption and replication of storage accounts.

Properties: storage/resource-manager/Microsoft.Storage/stable/2025-06-01/storage.json (StorageAccountProperties). The
descriptions of the properties say what an absent value means.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Final

from assessments.controls.context import Context
from assessments.controls.declare import Parameter
from assessments.controls.references import References
from assessments.controls.settings import Check, Remark, SettingControl, declare_settings
from assessments.controls.storage._accounts import LEARN, PORTAL, SUBSCRIPTION, UPDATE
from assessments.controls.storage.encryption import CUSTOMER_KEYS
from assessments.controls.verdict import Severity, Verdict, failed, not_applicable, passed
from assessments.estate.collections.storage import STORAGE_ACCOUNTS
from assessments.estate.services.storage import holds_blobs
from assessments.estate.view import View
from assessments.fixes.declare import Fix, advice, command
from assessments.fixes.facts import Facts
from assessments.fixes.variables import Variable

# Since this day, new accounts refuse replication to other directories:
# https://learn.microsoft.com/azure/storage/blobs/object-replication-prevent-cross-tenant-policies
_NO_CROSS_TENANT_SINCE: Final = datetime(2023, 12, 15, tzinfo=UTC)
# The values of `SkuName` in the specification; the part after the tier says where the copies are.
_TWO_REGIONS: Final = ("Standard_GRS", "Standard_RAGRS", "Standard_GZRS", "Standard_RAGZRS", "StandardV2_GRS",
                       "StandardV2_GZRS")  # fmt: skip
_ONE_REGION: Final = ("Standard_LRS", "Standard_ZRS", "StandardV2_LRS", "StandardV2_ZRS")
_PREMIUM: Final = ("Premium_LRS", "Premium_ZRS", "PremiumV2_LRS", "PremiumV2_ZRS")

# NFS 3.0 cannot be switched off, and accounts with it cannot have GZRS or read access to the second region:
# https://learn.microsoft.com/azure/storage/blobs/network-file-system-protocol-known-issues
_WITH_NFS: Final = (
    "NFS 3.0 is on, so Azure replicates data to a second region only with GRS, not with GZRS or read access"
)

CRITICAL_TAG: Final = Parameter(
    "critical_tag",
    "",
    "Name of the tag that marks accounts with critical data. Without a name, all accounts are judged",
    label="Tag of critical accounts",
)


def _unless_not_critical(account: View, ctx: Context) -> Verdict | None:
    """Return a not-applicable verdict if the customer named a tag of critical accounts and this account does not have
    the tag.
    """
    tag = str(ctx.params[CRITICAL_TAG.name]).strip().casefold()
    names = {name.casefold() for name in account.object("tags", default={}).body} if tag else set()
    if tag and tag not in names:
        return not_applicable(
            "The account does not have the tag that marks accounts with critical data", tags=sorted(names)
        )
    return None


def _has_sku(name: str) -> Callable[[Facts], bool]:
    """Return a condition for the step of a fix that changes the SKU `name` to another SKU. The condition holds if the
    finding states the SKU `name` or no SKU, unless NFS 3.0 prevents the change.
    """
    return lambda facts: (
        facts.text("sku").casefold() in ("", name.casefold()) and not _is_zonal_with_nfs(facts)
    )


def _has_nfs_in_one_region(account: View, ctx: Context) -> bool:
    """Return whether NFS 3.0 is on in the account, and the data of the account is in only one region."""
    name = str(account.raw("sku.name")).casefold()
    return account.raw("properties.isNfsV3Enabled") is True and name in {
        one.casefold() for one in _ONE_REGION
    }


def _is_zonal_with_nfs(facts: Facts) -> bool:
    # Compare only the beginning of the remark, because earlier versions of Surety stored another ending.
    with_nfs = any(remark.startswith("NFS 3.0 is on") for remark in facts.remarks)
    return with_nfs and facts.text("sku").casefold().endswith("_zrs")


def _unless_without_blobs(account: View, ctx: Context) -> Verdict | None:
    return None if holds_blobs(account) else not_applicable("Accounts of this kind have no blob service")


def _no_cross_tenant(account: View, ctx: Context) -> Verdict:
    properties = account.object("properties")
    setting = properties.raw("allowCrossTenantReplication")
    if setting is None:
        created = properties.time("creationTime")
        if created < _NO_CROSS_TENANT_SINCE:
            return failed(
                "The setting is absent, and the account was created before 15 December 2023, so it allows replication"
                " to other directories",
                allowCrossTenantReplication=None,
            )
        return passed(
            "Replication to other directories is refused",
            remarks=[
                (
                    "The setting is absent, and the account was created on or after 15 December 2023, so it refuses"
                    " replication to other directories by default"
                )
            ],
            allowCrossTenantReplication=None,
        )
    if properties.flag("allowCrossTenantReplication"):
        return failed("Replication to other directories is allowed", allowCrossTenantReplication=setting)
    return passed("Replication to other directories is refused", allowCrossTenantReplication=setting)


def _lacks_service_key(account: View, ctx: Context) -> bool:
    """Return whether an account with a customer-managed key uses Azure's key for queues or tables."""
    if not _uses_own_key(account):
        return False
    kinds = [account.raw(f"properties.encryption.services.{name}.keyType") for name in ("queue", "table")]
    return any(str(kind or "Service").casefold() == "service" for kind in kinds)


def _uses_own_key(account: View) -> bool:
    return str(account.raw("properties.encryption.keySource")).casefold() == "microsoft.keyvault"


def _has_pinned_key(account: View, ctx: Context) -> bool:
    return _uses_own_key(account) and bool(account.raw("properties.encryption.keyvaultproperties.keyversion"))


_CRITICAL: Final[tuple[Check, ...]] = (_unless_not_critical,)
_ONLY_CRITICAL: Final = "If `critical_tag` names a tag, accounts without this tag are not applicable."

CONTROLS = declare_settings(
    __name__,
    STORAGE_ACCOUNTS,
    SettingControl(
        "storage-no-cross-tenant",
        title="Storage accounts refuse replication to other directories",
        problem="Storage account allows replication to other directories",
        expected="Replication of objects to other directories is refused",
        judged="`allowCrossTenantReplication` of each storage account with a blob service. If the property is"
        " absent, the creation date decides: accounts created since 15 December 2023 refuse replication to other"
        " directories, and older accounts allow it.",
        why="Anyone who may configure replication can copy all blobs to an account outside of the organization.",
        severity=Severity.MEDIUM,
        labels={"allowCrossTenantReplication": "Replication to other directories allowed"},
        unless=(_unless_without_blobs,),
        judge=_no_cross_tenant,
        references=References(
            c3="4.16", c4="10.3.8", c5="9.3.7", c6="9.3.7", mcsb="NS-2* DP-2*", nist="AC-4*"
        ),
        fix=Fix(
            command(
                f"{UPDATE} --allow-cross-tenant-replication false{SUBSCRIPTION}",
                "Delete the replication policies with other directories first; until then, Azure refuses the change.",
            ),
            portal=f"{PORTAL} Data management › Object replication › Advanced settings › clear the box"
            " › Allow cross-tenant replication",
            portal_source=f"{LEARN}/blobs/object-replication-prevent-cross-tenant-policies",
            effects="Replication policies must name both accounts by their full resource ids, and both accounts must"
            " belong to the same directory.",
        ),
    ),
    SettingControl(
        "storage-infra-encryption",
        title="Storage accounts encrypt their data twice",
        problem="Storage account without infrastructure encryption",
        expected="Infrastructure encryption is on",
        judged="`encryption.requireInfrastructureEncryption` of each storage account. If the property is absent, it"
        " counts as off. Azure"
        " offers the setting only when an account is created.",
        why="Without a second layer of encryption, data can be read if the only key or the only algorithm is"
        " compromised.",
        severity=Severity.LOW,
        labels={"requireInfrastructureEncryption": "Infrastructure encryption"},
        setting="properties.encryption.requireInfrastructureEncryption",
        values={
            True: passed("Infrastructure encryption is on"),
            False: failed("Infrastructure encryption is off"),
        },
        absent=failed("Infrastructure encryption is off, because the setting is absent"),
        references=References(c2="3.2", c3="4.2", mcsb="DP-4*", mcsb2="DP-4", nist="SC-28 SC-28(1)"),
        fix=Fix(
            command(
                "az storage account create --resource-group {group} --name {new_account} --location {location}"
                f" --sku {{sku}} --require-infrastructure-encryption true{SUBSCRIPTION}",
                "Create a new account, because the setting of an existing account cannot be changed.",
            ),
            advice("Then copy the data to the new account, and switch the applications to it."),
            portal="Azure portal › Storage accounts › Add › Encryption › Enable infrastructure encryption",
            portal_source=f"{LEARN}/common/infrastructure-encryption-enable",
            cost="Both accounts are billed until the old one is deleted.",
            effects="The new account has another name, so applications must use another address.",
            variables=[
                Variable("new_account", "Name of the new storage account", "stshop2"),
                Variable("location", "Region of the new account", "westeurope"),
                Variable("sku", "Redundancy of the new account", "Standard_GRS"),
            ],
        ),
    ),
    SettingControl(
        "storage-cmk",
        title="Storage accounts use customer-managed keys",
        problem="Storage account encrypted with Microsoft-managed keys",
        expected="A customer-managed key encrypts the account",
        judged="`encryption.keySource` of each storage account. If the property is absent, Microsoft manages the"
        " key. A key with a"
        f" fixed version, and queues or tables without the key, add remarks. {_ONLY_CRITICAL}",
        why="Without a customer-managed key, the customer can neither revoke access to the data nor see"
        " who uses the key.",
        severity=Severity.LOW,
        unless=_CRITICAL,
        setting="properties.encryption.keySource",
        values={
            "Microsoft.Keyvault": passed("The data is encrypted with a customer-managed key"),
            "Microsoft.Storage": failed("The data is encrypted with a Microsoft-managed key"),
        },
        absent=failed("The data is encrypted with a Microsoft-managed key"),
        remarks=(
            Remark(
                "The version of the key is fixed, so new versions of the key are not used", _has_pinned_key
            ),
            Remark("The key does not encrypt queues or tables", _lacks_service_key),
        ),
        parameters=(CRITICAL_TAG,),
        references=References(c2="3.12", c3="4.11", c4="2.1.1.2.1", mcsb="DP-5", nist="SC-12"),
        fix=Fix(
            *CUSTOMER_KEYS.steps[1:],
            portal=CUSTOMER_KEYS.portal,
            portal_source=CUSTOMER_KEYS.portal_source,
            cost=CUSTOMER_KEYS.cost,
            effects=CUSTOMER_KEYS.effects,
            variables=list(CUSTOMER_KEYS.variables.values()),
        ),
    ),
    SettingControl(
        "storage-grs",
        title="Storage accounts are replicated to a second region",
        problem="Storage account in one region only",
        expected="The data is replicated to a second region",
        judged="`sku.name` of each storage account. Premium accounts are not applicable, because Azure does not"
        f" replicate them to a second region. A remark says if NFS 3.0 limits the choice. {_ONLY_CRITICAL}",
        why="If a region fails, data that exists only there cannot be used, and may be lost.",
        severity=Severity.LOW,
        labels={"sku": "Redundancy"},
        unless=_CRITICAL,
        setting="sku.name",
        observed_as="sku",
        values={
            **dict.fromkeys(_TWO_REGIONS, passed("The data is replicated to a second region")),
            **dict.fromkeys(_ONE_REGION, failed("The data exists in one region only")),
            **dict.fromkeys(
                _PREMIUM, not_applicable("Azure does not replicate premium accounts to a second region")
            ),
        },
        remarks=(
            Remark(
                "The second region is not available at the moment",
                lambda account, ctx: (
                    str(account.raw("properties.statusOfSecondary")).casefold() == "unavailable"
                ),
            ),
            Remark(_WITH_NFS, _has_nfs_in_one_region),
        ),
        parameters=(CRITICAL_TAG,),
        references=References(c4="10.3.12", c5="9.3.11", c6="9.3.11", mcsb="BR-1*", nist="CP-6 CP-6(1)"),
        fix=Fix(
            *(
                command(f"{UPDATE} --sku {new}{SUBSCRIPTION}", intro, when=_has_sku(old))
                for old, new, intro in (
                    ("Standard_LRS", "Standard_GRS", "For accounts without zone-redundant storage:"),
                    ("Standard_ZRS", "Standard_GZRS", "For accounts with zone-redundant storage (ZRS):"),
                    ("StandardV2_LRS", "StandardV2_GRS", "For provisioned v2 accounts without ZRS:"),
                    ("StandardV2_ZRS", "StandardV2_GZRS", "For provisioned v2 accounts with ZRS:"),
                )
            ),
            advice(
                "An account with NFS 3.0 and zone-redundant storage cannot get a second region: create an account with"
                " the SKU Standard_GRS, and copy the data.",
                when=_is_zonal_with_nfs,
            ),
            portal=f"{PORTAL} Data management › Redundancy",
            portal_source=f"{LEARN}/common/redundancy-migration",
            cost="The storage costs about twice as much, and the first copy is billed as traffic.",
            effects="Copies are in another region, which may be in another country.",
        ),
    ),
)
