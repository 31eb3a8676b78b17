"""Controls of the settings of storage accounts: network, keys, encryption, replication.

Properties: storage/resource-manager/Microsoft.Storage/stable/2025-06-01/storage.json (StorageAccountProperties), where
their descriptions say what an absent value means.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

from assessments.controls.context import Context
from assessments.controls.declare import Parameter
from assessments.controls.references import Partly, References, Setting
from assessments.controls.settings import Check, Remark, SettingControl, declare_settings
from assessments.controls.shared_rules import (
    ACCEPT_PERIMETER,
    PRIVATE_ENDPOINT_COST,
    PRIVATE_ENDPOINT_EFFECTS,
    private_endpoint,
    private_endpoint_steps,
    private_endpoint_variables,
    public_access_off,
)
from assessments.controls.storage.encryption import CUSTOMER_KEYS
from assessments.controls.verdict import Severity, Verdict, failed, not_applicable, passed
from assessments.estate.collections.storage import STORAGE_ACCOUNTS
from assessments.estate.storage import holds_blobs, network_closed, shared_key_allowed
from assessments.estate.storage_rules import rules_for_the_internet
from assessments.estate.view import View
from assessments.fixes.declare import Fix, advice, command
from assessments.fixes.variables import Variable

_UPDATE: Final = "az storage account update --resource-group {group} --name {account}"
_SUBSCRIPTION: Final = " --subscription {subscription}"
_PORTAL: Final = "Azure portal › Storage accounts › {account} ›"
_LEARN: Final = "https://learn.microsoft.com/azure/storage"
_NETWORKING: Final = f"{_PORTAL} Security + networking › Networking"

# New accounts refuse replication to other tenants since this day:
# https://learn.microsoft.com/azure/storage/blobs/object-replication-prevent-cross-tenant-policies
_NO_CROSS_TENANT_SINCE: Final = datetime(2023, 12, 15, tzinfo=UTC)
_BYPASSES: Final = frozenset({"none", "logging", "metrics", "azureservices"})
# `SkuName` in the specification; the part after the tier says where the copies are.
_TWO_REGIONS: Final = ("Standard_GRS", "Standard_RAGRS", "Standard_GZRS", "Standard_RAGZRS", "StandardV2_GRS",
                       "StandardV2_GZRS")  # fmt: skip
_ONE_REGION: Final = ("Standard_LRS", "Standard_ZRS", "StandardV2_LRS", "StandardV2_ZRS")
_PREMIUM: Final = ("Premium_LRS", "Premium_ZRS", "PremiumV2_LRS", "PremiumV2_ZRS")

CRITICAL_TAG: Final = Parameter(
    "critical_tag",
    "",
    "Name of the tag of accounts with critical data; without a name, all accounts are judged",
)


def _unless_not_critical(account: View, ctx: Context) -> Verdict | None:
    """Return not applicable if a tag marks critical accounts and this account does not have the tag."""
    tag = str(ctx.params[CRITICAL_TAG.name]).strip().casefold()
    names = {name.casefold() for name in account.object("tags", default={}).body} if tag else set()
    if tag and tag not in names:
        return not_applicable("The account does not have the tag of critical accounts", tags=sorted(names))
    return None


def _unless_keys_refused(account: View, ctx: Context) -> Verdict | None:
    if shared_key_allowed(account):
        return None
    return not_applicable("The account does not accept access keys", allowSharedKeyAccess=False)


def _unless_without_blobs(account: View, ctx: Context) -> Verdict | None:
    return None if holds_blobs(account) else not_applicable("Accounts of this kind have no blob service")


def _default_deny(account: View, ctx: Context) -> Verdict:
    properties = account.object("properties")
    if network_closed(account):
        return passed(
            "The public endpoint is closed, so the rules of the firewall do not matter",
            publicNetworkAccess=properties.raw("publicNetworkAccess"),
        )
    # Without a set of rules, the firewall is off: the default of `defaultAction` is Allow.
    acls = properties.object("networkAcls", default={"defaultAction": "Allow"})
    action = acls.text("defaultAction")
    if acls.choice("defaultAction", {"allow", "deny"}) == "allow":
        return failed("The firewall lets every network in", defaultAction=action)
    if rules := rules_for_the_internet(acls):
        return failed("The rules of the firewall let the Internet in", defaultAction=action, rules=rules)
    foreign = _lets_another_directory_in(acls, ctx)
    return passed(
        "The firewall refuses networks that it does not list",
        remarks=["A rule of the firewall lets resources of another directory in"] if foreign else [],
        defaultAction=action,
    )


def _lets_another_directory_in(acls: View, ctx: Context) -> bool:
    own = ctx.estate.directory_id.casefold()
    directories = [
        rule.text("tenantId", default="") for rule in acls.items("resourceAccessRules", default=[])
    ]
    return bool(own) and any(directory.casefold() not in ("", own) for directory in directories)


def _trusted_services(account: View, ctx: Context) -> Verdict:
    acls = account.object("properties").object("networkAcls", default={})
    bypass = acls.text("bypass", default="AzureServices")
    entries = {entry.strip().casefold() for entry in bypass.split(",")}
    if not entries <= _BYPASSES:
        raise acls.unknown_value("bypass", bypass)
    observed = None if acls.raw("bypass") is None else sorted(entry.strip() for entry in bypass.split(","))
    if "azureservices" not in entries:
        return failed("Trusted Microsoft services do not pass the firewall", bypass=observed)
    is_off = str(acls.raw("defaultAction") or "Allow").casefold() == "allow"
    return passed(
        "Trusted Microsoft services pass the firewall",
        remarks=["The firewall of the account is off, so every service gets in"] if is_off else [],
        bypass=observed,
    )


def _entra_default(account: View, ctx: Context) -> Verdict:
    properties = account.object("properties")
    setting = properties.raw("defaultToOAuthAuthentication")
    if properties.flag("defaultToOAuthAuthentication", default=False):
        return passed("The portal signs in with Microsoft Entra ID", defaultToOAuthAuthentication=setting)
    if not ctx.params["strict"] and not shared_key_allowed(account):
        return passed(
            "The account refuses access keys, so the portal has to sign in with Microsoft Entra ID",
            defaultToOAuthAuthentication=setting,
            allowSharedKeyAccess=False,
        )
    return failed("The portal uses the access keys by default", defaultToOAuthAuthentication=setting)


def _key_reminder(account: View, ctx: Context) -> Verdict:
    policy = account.object("properties").object("keyPolicy", default={})
    days = policy.number("keyExpirationPeriodInDays", default=0)
    observed = policy.raw("keyExpirationPeriodInDays")
    if days < 1:
        return failed("No reminder is set", keyExpirationPeriodInDays=observed)
    is_late = days > ctx.params["max_days"]
    return passed(
        "A reminder is set",
        remarks=["The reminder comes later than required"] if is_late else [],
        keyExpirationPeriodInDays=observed,
    )


def _no_cross_tenant(account: View, ctx: Context) -> Verdict:
    properties = account.object("properties")
    setting = properties.raw("allowCrossTenantReplication")
    if setting is None:
        created = properties.time("creationTime")
        if created < _NO_CROSS_TENANT_SINCE:
            return failed(
                "The setting is absent, and older accounts then allow replication to other directories",
                allowCrossTenantReplication=None,
            )
        return passed(
            "Replication to other directories is refused",
            remarks=["The setting is absent; accounts created since 15 December 2023 refuse it by default"],
            allowCrossTenantReplication=None,
        )
    if properties.flag("allowCrossTenantReplication"):
        return failed("Replication to other directories is allowed", allowCrossTenantReplication=setting)
    return passed("Replication to other directories is refused", allowCrossTenantReplication=setting)


def _lacks_service_key(account: View, ctx: Context) -> bool:
    """Whether the key of the customer does not encrypt queues or tables."""
    if not _uses_own_key(account):
        return False
    kinds = [account.raw(f"properties.encryption.services.{name}.keyType") for name in ("queue", "table")]
    return any(str(kind or "Service").casefold() == "service" for kind in kinds)


def _accepts_old_tls(account: View, ctx: Context) -> bool:
    version = account.raw("properties.minimumTlsVersion")
    return str(version or "TLS1_0").casefold() in ("tls1_0", "tls1_1")


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
        "storage-default-deny",
        title="Storage firewalls deny networks that are not allowed",
        problem="Storage firewall lets every network in",
        expected="Public network access is off, or networks without a rule are denied",
        judged="`publicNetworkAccess` and `networkAcls` of each storage account. Passes if public network access is"
        " off or left to a network security perimeter. Otherwise the default action must be Deny, and the IP rules"
        " together must allow fewer than 2^24 IPv4 addresses and fewer than 2^96 IPv6 addresses. An account without"
        " network rules fails. A rule for resources of another directory adds a remark.",
        why="If every network can reach the account, one leaked key or signature is enough to read its data.",
        severity=Severity.HIGH,
        judge=_default_deny,
        references=References(
            c2="3.8",
            c3="4.7",
            c4="2.2.1.2 10.3.2.3",
            c5="9.3.2.3",
            c6="9.3.2.3",
            mcsb="NS-2",
            nist="AC-4 AC-17 AC-17(1) SC-7 SC-7(3)",
            partly=(Partly("c4:2.2.1.2", "The control judges storage accounts, not all services"),),
        ),
        fix=Fix(
            command(
                "az storage account network-rule add --resource-group {group} --account-name {account}"
                f" --ip-address {{allowed}}{_SUBSCRIPTION}",
                "First allow each network that needs the account.",
            ),
            command(f"{_UPDATE} --default-action Deny{_SUBSCRIPTION}", "Then refuse all other networks."),
            advice(
                "Then remove the IP rules in the finding: Azure portal › Storage accounts › the account ›"
                " Security + networking › Networking › Manage.",
                when=lambda facts: bool(facts.texts("rules")),
            ),
            portal=f"{_NETWORKING} › Manage › Enable › Enabled from selected networks",
            portal_source=f"{_LEARN}/common/storage-network-security-set-default-access",
            effects="Every network that is not allowed loses access to all services of the account.",
            variables=[
                Variable("allowed", "Public address or network that needs the account", "203.0.113.0/24")
            ],
        ),
    ),
    SettingControl(
        "storage-pna-disabled",
        title="Public network access of storage accounts is off",
        problem="Storage account reachable from public networks",
        expected="Public network access is off, or a network security perimeter decides",
        judged="`publicNetworkAccess` of each storage account. Disabled passes. SecuredByPerimeter passes with a"
        " remark, unless `accept_perimeter` is off. If the property is absent, it counts as on.",
        why="An account without a public endpoint cannot be reached from the Internet, not even with a stolen key.",
        severity=Severity.HIGH,
        judge=public_access_off(
            failed("Public network access is on, because the setting is absent", publicNetworkAccess=None)
        ),
        parameters=(ACCEPT_PERIMETER,),
        references=References(
            c3="4.6",
            c4="2.2.1.1 10.3.2.2",
            c5="9.3.2.2",
            c6="9.3.2.2",
            mcsb="NS-2*",
            nist="AC-4* SC-7*",
            partly=(
                Partly("c4:2.2.1.1", "The control judges storage accounts, not all services"),
                Partly(
                    "c3 c4:10.3.2.2 c5 c6",
                    "The requirement asks for disabled network access; the control also accepts a network security"
                    " perimeter, unless `accept_perimeter` is off",
                    unless=(Setting("accept_perimeter", equal=False),),
                ),
            ),
        ),
        fix=Fix(
            advice("First create a private endpoint for each service of the account that is used."),
            command(f"{_UPDATE} --public-network-access Disabled{_SUBSCRIPTION}"),
            portal=f"{_NETWORKING} › Manage › Disable",
            portal_source=f"{_LEARN}/common/storage-network-security-set-default-access",
            effects="Only clients that use a private endpoint can still reach the account.",
        ),
    ),
    SettingControl(
        "storage-private-endpoint",
        title="Storage accounts are used over a private endpoint",
        problem="Storage account without a private endpoint",
        expected="At least one private endpoint is approved",
        judged="`privateEndpointConnections` of each storage account. Passes if one connection is approved and"
        " usable. Connections that are pending, rejected or disconnected do not count. Which service of the account"
        " the private endpoint serves is not checked.",
        why="Traffic over a private endpoint does not cross the Internet.",
        severity=Severity.MEDIUM,
        judge=private_endpoint,
        references=References(
            c2="3.10",
            c3="4.9",
            c4="2.2.2.1 10.3.2.1",
            c5="9.3.2.1",
            c6="9.3.2.1",
            mcsb="NS-2",
            nist="AC-4 AC-17 AC-17(1) SC-7 SC-7(3)",
            partly=(Partly("c4:2.2.2.1", "The control judges storage accounts, not all services"),),
        ),
        fix=Fix(
            *private_endpoint_steps("blob, file, queue, table, dfs and web"),
            portal=f"{_NETWORKING} › Private endpoints › Create private endpoint",
            portal_source=f"{_LEARN}/common/storage-private-endpoints",
            cost=PRIVATE_ENDPOINT_COST,
            effects=PRIVATE_ENDPOINT_EFFECTS,
            variables=private_endpoint_variables("blob"),
        ),
    ),
    SettingControl(
        "storage-trusted-services",
        title="Trusted Microsoft services pass the storage firewall",
        problem="Trusted Microsoft services blocked by the storage firewall",
        expected="The exceptions of the firewall include trusted Microsoft services",
        judged="`networkAcls.bypass` of each storage account. If the property is absent, the services are"
        " allowed, which is the default. If the firewall is off, the verdict is the same, with a remark.",
        why="Backup, monitoring and other services of Azure stop when the firewall blocks them.",
        severity=Severity.LOW,
        judge=_trusted_services,
        references=References(
            c2="3.9", c3="4.8", c4="10.3.5", c5="9.3.5", c6="9.3.5", mcsb="NS-2*", nist="SC-7*"
        ),
        fix=Fix(
            command(
                f"{_UPDATE} --bypass AzureServices Logging Metrics{_SUBSCRIPTION}",
                "The list replaces the exceptions of the firewall: leave out Logging and Metrics unless logs or metrics"
                " of the account are read from other networks.",
            ),
            portal=f"{_NETWORKING} › View › Exceptions",
            portal_source=f"{_LEARN}/common/storage-network-security-manage-exceptions",
            effects="Trusted Microsoft services get access to the account if their identity has the rights.",
        ),
    ),
    SettingControl(
        "storage-min-tls",
        title="Storage accounts require TLS 1.2",
        problem="Storage account accepts old versions of TLS",
        expected="The minimum version is TLS 1.2 or newer",
        judged="`minimumTlsVersion` of each storage account. If the property is absent, it counts as TLS 1.0, as the"
        " API documents.",
        why="TLS 1.0 and 1.1 have known weaknesses, with which attackers can decrypt or change the traffic.",
        severity=Severity.HIGH,
        setting="properties.minimumTlsVersion",
        values={
            "TLS1_2": passed("Connections need TLS 1.2 or newer"),
            "TLS1_3": passed("Connections need TLS 1.3"),
            "TLS1_1": failed("The minimum version is TLS 1.1"),
            "TLS1_0": failed("The minimum version is TLS 1.0"),
        },
        absent=failed("No minimum version is set, which counts as TLS 1.0"),
        remarks=(
            Remark(
                "Microsoft has announced that Azure Storage itself refuses these versions from 3 February 2026 on",
                _accepts_old_tls,
            ),
        ),
        references=References(
            c2="3.15", c3="4.15", c4="10.3.7", c5="9.3.6", c6="9.3.6", mcsb="DP-3*", nist="SC-8* SC-8(1)*"
        ),
        fix=Fix(
            command(f"{_UPDATE} --min-tls-version TLS1_2{_SUBSCRIPTION}"),
            portal=f"{_PORTAL} Settings › Configuration › Minimum TLS version",
            portal_source=f"{_LEARN}/common/transport-layer-security-configure-minimum-version",
            effects="Clients that know only TLS 1.0 or 1.1 can no longer connect.",
        ),
    ),
    SettingControl(
        "storage-no-shared-key",
        title="Storage accounts refuse access keys",
        problem="Storage account accepts access keys",
        expected="Access keys, and signatures made with them, are refused",
        judged="`allowSharedKeyAccess` of each storage account. If the property is absent, it counts as on, as the"
        " API documents.",
        why="Anyone who has a key can read and change all data, and the logs do not show who used the key.",
        severity=Severity.MEDIUM,
        setting="properties.allowSharedKeyAccess",
        values={
            False: passed("The account refuses access keys"),
            True: failed("The account accepts access keys"),
        },
        absent=failed("The account accepts access keys, because the setting is absent"),
        references=References(c4="10.3.1.3", c5="9.3.1.3", c6="9.3.1.3", mcsb="IM-1", nist="IA-2* AC-3*"),
        fix=Fix(
            advice("First let every application sign in with Microsoft Entra ID."),
            command(f"{_UPDATE} --allow-shared-key-access false{_SUBSCRIPTION}"),
            portal=f"{_PORTAL} Settings › Configuration › Allow storage account key access › Disabled",
            portal_source=f"{_LEARN}/common/shared-key-authorization-prevent",
            effects="Applications, mounted file shares, function apps and backups that use a key lose access.",
        ),
    ),
    SettingControl(
        "storage-entra-default",
        title="The portal signs in to storage with Entra ID by default",
        problem="Portal uses access keys of storage account by default",
        expected="The portal signs in with Microsoft Entra ID by default",
        judged="`defaultToOAuthAuthentication` of each storage account. If the property is absent, it counts as off."
        " If it is off, but the"
        " account refuses access keys, the control passes, unless `strict` is on.",
        why="People who work with keys in the portal can do more than their roles allow.",
        severity=Severity.LOW,
        judge=_entra_default,
        parameters=(Parameter("strict", False, "Also fail accounts that refuse access keys"),),
        references=References(
            c4="10.3.3.1",
            c5="9.3.3.1",
            c6="9.3.3.1",
            mcsb="IM-1*",
            nist="IA-2*",
            partly=(
                Partly(
                    "c4 c5 c6",
                    "The control also passes if the account refuses access keys, unless `strict` is on",
                    unless=(Setting("strict", equal=True),),
                ),
            ),
        ),
        fix=Fix(
            # azure-cli 2.91.0 has no option for this property.
            command(
                "az rest --method patch --url {id} --url-parameters api-version=2023-05-01 --body {body}",
                bodies={"body": {"properties": {"defaultToOAuthAuthentication": True}}},
            ),
            portal=f"{_PORTAL} Settings › Configuration › Default to Microsoft Entra authorization in the Azure portal"
            " › Enabled",
            portal_source=f"{_LEARN}/files/authorize-data-operations-portal",
            effects="People without a data role see no data in the portal until they switch to the access key.",
        ),
    ),
    SettingControl(
        "storage-key-reminder",
        title="Storage accounts have a reminder to rotate access keys",
        problem="Storage account without a reminder to rotate access keys",
        expected="A reminder is set",
        judged="`keyPolicy.keyExpirationPeriodInDays` of each storage account that accepts access keys. A reminder"
        " after more than `max_days` days adds a remark.",
        why="Without a reminder, access keys are easily forgotten and never rotated.",
        severity=Severity.LOW,
        unless=(_unless_keys_refused,),
        judge=_key_reminder,
        parameters=(
            Parameter(
                "max_days",
                90,
                "Days after which the reminder should come at the latest",
                minimum=1,
                maximum=3650,
            ),
        ),
        references=References(
            c2="3.3", c3="4.3", c4="10.3.1.1", c5="9.3.1.1", c6="9.3.1.1", mcsb2="DP-6*", nist="SC-12*"
        ),
        fix=Fix(
            command(
                f"{_UPDATE} --key-exp-days 90{_SUBSCRIPTION}",
                "Azure accepts a reminder only if each key was regenerated at least once.",
            ),
            portal=f"{_PORTAL} Security + networking › Access keys › Set rotation reminder",
            portal_source=f"{_LEARN}/common/storage-account-keys-manage",
            effects="The reminder alone changes nothing: people still have to regenerate the keys.",
        ),
    ),
    SettingControl(
        "storage-no-cross-tenant",
        title="Storage accounts refuse replication to other directories",
        problem="Storage account allows replication to other directories",
        expected="Replication of objects to other directories is refused",
        judged="`allowCrossTenantReplication` of each storage account with a blob service. If the property is"
        " absent, the creation date decides: accounts created since 15 December 2023 refuse it, older ones allow it.",
        why="Anyone who may configure replication can copy all blobs to an account outside of the organization.",
        severity=Severity.MEDIUM,
        unless=(_unless_without_blobs,),
        judge=_no_cross_tenant,
        references=References(
            c3="4.16", c4="10.3.8", c5="9.3.7", c6="9.3.7", mcsb="NS-2* DP-2*", nist="AC-4*"
        ),
        fix=Fix(
            command(
                f"{_UPDATE} --allow-cross-tenant-replication false{_SUBSCRIPTION}",
                "Delete the replication policies with other directories first; until then, Azure refuses the change.",
            ),
            portal=f"{_PORTAL} Data management › Object replication › Advanced settings › clear the box"
            " › Allow cross-tenant replication",
            portal_source=f"{_LEARN}/blobs/object-replication-prevent-cross-tenant-policies",
            effects="Replication policies must name accounts of the same directory by their full ids.",
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
        why="With a second layer, data stays encrypted if one key or algorithm is compromised.",
        severity=Severity.LOW,
        setting="properties.encryption.requireInfrastructureEncryption",
        values={
            True: passed("Infrastructure encryption is on"),
            False: failed("Infrastructure encryption is off"),
        },
        absent=failed("Infrastructure encryption is off, because the setting is absent"),
        references=References(c2="3.2", c3="4.2", mcsb="DP-4*", mcsb2="", nist="SC-28 SC-28(1)"),
        fix=Fix(
            command(
                "az storage account create --resource-group {group} --name {new_account} --location {location}"
                f" --sku {{sku}} --require-infrastructure-encryption true{_SUBSCRIPTION}",
                "Create a new account, because the setting of an existing account cannot be changed.",
            ),
            advice("Then copy the data to the new account, and switch the applications to it."),
            portal="Azure portal › Storage accounts › Add › Encryption › Enable infrastructure encryption",
            portal_source=f"{_LEARN}/common/infrastructure-encryption-enable",
            cost="Both accounts are billed until the old one is deleted.",
            effects="The new account has another name, so applications need its address.",
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
        why="Only a customer-managed key lets the customer revoke access to the data and see who uses the key.",
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
        judged="`sku.name` of each storage account. Premium accounts are not applicable, because Azure replicates none"
        f" of them to a second region. {_ONLY_CRITICAL}",
        why="If a region fails, data that exists only there cannot be used, and may be lost.",
        severity=Severity.LOW,
        unless=_CRITICAL,
        setting="sku.name",
        observed_as="sku",
        values={
            **dict.fromkeys(_TWO_REGIONS, passed("The data is replicated to a second region")),
            **dict.fromkeys(_ONE_REGION, failed("The data exists in one region only")),
            **dict.fromkeys(
                _PREMIUM, not_applicable("Azure replicates no premium account to a second region")
            ),
        },
        remarks=(
            Remark(
                "The second region is not available at the moment",
                lambda account, ctx: (
                    str(account.raw("properties.statusOfSecondary")).casefold() == "unavailable"
                ),
            ),
        ),
        parameters=(CRITICAL_TAG,),
        references=References(c4="10.3.12", c5="9.3.11", c6="9.3.11", mcsb="BR-1*", nist="CP-6 CP-6(1)"),
        fix=Fix(
            command(
                f"{_UPDATE} --sku Standard_GRS{_SUBSCRIPTION}",
                "For accounts without zone-redundant storage:",
                when=lambda facts: not facts.text("sku").endswith("_ZRS"),
            ),
            command(
                f"{_UPDATE} --sku Standard_GZRS{_SUBSCRIPTION}",
                "For accounts with zone-redundant storage (ZRS):",
                when=lambda facts: facts.text("sku").endswith("_ZRS"),
            ),
            portal=f"{_PORTAL} Data management › Redundancy",
            portal_source=f"{_LEARN}/common/redundancy-migration",
            cost="The storage costs about twice as much, and the first copy is billed as traffic.",
            effects="Copies are in another region, which may be in another country.",
        ),
    ),
)
