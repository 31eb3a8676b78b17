"""Controls of the network, keys, TLS, failover and backups of Cosmos DB accounts.

Properties: the models of azure-mgmt-cosmosdb 10.0.0. IP rules:
https://learn.microsoft.com/azure/cosmos-db/how-to-configure-firewall
"""

from __future__ import annotations

from typing import Final

from assessments.controls.context import Context
from assessments.controls.references import Partly, References
from assessments.controls.settings import SettingControl, declare_settings
from assessments.controls.shared.rules import (
    ACCEPT_PERIMETER,
    PRIVATE_ENDPOINT_COST,
    PRIVATE_ENDPOINT_EFFECTS,
    private_endpoint,
    private_endpoint_steps,
    private_endpoint_variables,
    public_access_off,
)
from assessments.controls.verdict import Outcome, Severity, Verdict, failed, not_applicable, passed, unknown
from assessments.estate.collections.cosmos import COSMOS_ACCOUNTS
from assessments.estate.gaps import Reason
from assessments.estate.ranges import Range, network, ranges, size
from assessments.estate.services.cosmos_accounts import capabilities, is_nosql
from assessments.estate.view import Unreadable, View
from assessments.fixes.declare import Fix, advice, command
from assessments.fixes.variables import SOURCE, Variable, segment

_SUBSCRIPTION: Final = " --subscription {subscription}"
_ACCOUNT: Final = "Azure portal › Azure Cosmos DB › {cosmos_account} ›"
_LEARN: Final = "https://learn.microsoft.com/azure/cosmos-db"
_FIREWALL: Final = f"{_LEARN}/how-to-configure-firewall"

_NONE: Final = "No Cosmos DB account"
_CLOSED: Final = "Public network access is off, or a network security perimeter decides about access"

COSMOS_ACCOUNT: Final = Variable(
    "cosmos_account",
    "Name of the Cosmos DB account",
    "cosmos-shop",
    "the Cosmos DB account",
    segment("databaseAccounts"),
)

_WIDE: Final = 2**24
_AZURE: Final[Range] = (0, 0)


def _update(options: str) -> str:
    return f"az cosmosdb update --resource-group {{group}} --name {{cosmos_account}} {options}{_SUBSCRIPTION}"


def _is_closed(account: View) -> bool:
    """Return whether public network access is off, or a network security perimeter decides about access. If
    `publicNetworkAccess` is absent, public access is on.
    """
    known = {"enabled", "disabled", "securedbyperimeter"}
    return account.object("properties").choice("publicNetworkAccess", known, default="Enabled") != "enabled"


def _is_filtered(account: View) -> bool:
    """Return whether rules for virtual networks are on."""
    return account.object("properties").flag("isVirtualNetworkFilterEnabled", default=False)


def _ip_rules(account: View) -> dict[str, Range]:
    """Return the addresses that each IP rule allows. Raise Unreadable if the rules are not known or a rule is invalid.

    Old api-versions have `ipRangeFilter` instead of `publicNetworkAccess` and `ipRules`. So if an account has neither
    `publicNetworkAccess` nor `ipRules`, its IP rules are not known. The exception is an account whose rules for virtual
    networks are on: it counts as an account without IP rules.
    """
    properties = account.object("properties")
    if not any(properties.has(name) for name in ("publicNetworkAccess", "ipRules")) and not _is_filtered(
        account
    ):
        raise account.unreadable("properties.ipRules", "absent")
    found: dict[str, Range] = {}
    for rule in properties.items("ipRules", default=[]):
        value = rule.text("ipAddressOrRange").strip()
        try:
            version, block = network(value)
        except ValueError:
            version, block = 0, (0, 0)
        if version != 4:
            raise rule.unreadable("ipAddressOrRange", f"not an IPv4 address or network ({value!r})")
        found[value] = block
    return found


def _is_private(account: View, ctx: Context) -> bool:
    """Return whether an account without rules can be reached only through private endpoints. This is the case if at
    least one private endpoint is approved. Raise Unreadable if the private endpoints are not known.

    https://learn.microsoft.com/azure/cosmos-db/how-to-configure-private-endpoints#private-link-combined-with-firewall-rules
    """
    return private_endpoint(account, ctx).outcome is Outcome.PASS


def _firewall(account: View, ctx: Context) -> Verdict:
    if _is_closed(account):
        return passed(_CLOSED, rules=[])
    rules = _ip_rules(account)
    if size(ranges(rules.values())) >= _WIDE:
        return failed(
            "The IP rules let very large networks in",
            rules=sorted(rule for rule, block in rules.items() if size((block,)) > 2**16) or sorted(rules),
        )
    if rules or _is_filtered(account):
        return passed("Only listed networks can reach the account", rules=sorted(rules))
    if _is_private(account, ctx):
        return passed(
            "Only private endpoints can reach the account",
            remarks=["Every network can reach the account when its last private endpoint is removed"],
            rules=[],
        )
    return failed("Every network can reach the account", rules=[])


def _no_azure_services(account: View, ctx: Context) -> Verdict:
    if _is_closed(account):
        return passed(_CLOSED, rules=[])
    rules = _ip_rules(account)
    if to_azure := sorted(rule for rule, block in rules.items() if block == _AZURE):
        return failed("An IP rule allows every service in Azure", rules=to_azure)
    try:
        is_open = not rules and not _is_filtered(account) and not _is_private(account, ctx)
    except Unreadable:
        # The control passes anyway: the account has no rule that lets all of Azure in. The private endpoints only
        # decide whether the remark is added.
        is_open = False
    return passed(
        "No IP rule lets all of Azure in",
        remarks=["The firewall of the account is off, so every network gets in"] if is_open else [],
        rules=[],
    )


def _unless_keys_are_needed(account: View, ctx: Context) -> Verdict | None:
    if is_nosql(account):
        return None
    return not_applicable("The control judges only accounts with the API for NoSQL")


def _rbac(account: View, ctx: Context) -> Verdict:
    properties = account.object("properties")
    setting = properties.raw("disableLocalAuth")
    if properties.flag("disableLocalAuth", default=False):
        return passed("The account refuses keys", disableLocalAuth=setting)
    can_write = properties.raw("disableKeyBasedMetadataWriteAccess") is not True
    return failed(
        "The account accepts keys",
        remarks=["With a key, databases and containers can be created and deleted too"] if can_write else [],
        disableLocalAuth=setting,
    )


def _tls(account: View, ctx: Context) -> Verdict:
    properties = account.object("properties")
    setting = properties.raw("minimalTlsVersion")
    if not properties.has("minimalTlsVersion"):
        return passed("Azure Cosmos DB itself refuses versions before TLS 1.2", minimalTlsVersion=None)
    if properties.choice("minimalTlsVersion", {"tls", "tls11", "tls12", "tls13"}) in ("tls12", "tls13"):
        return passed("Connections need TLS 1.2 or newer", minimalTlsVersion=setting)
    return failed(
        "Connections with TLS 1.1 or older are allowed",
        remarks=["Since 31 August 2025, Azure Cosmos DB refuses TLS 1.0 and 1.1 in spite of this setting"],
        minimalTlsVersion=setting,
    )


def _failover(account: View, ctx: Context) -> Verdict:
    if "enableserverless" in capabilities(account):
        return not_applicable("Serverless accounts have one region only")
    properties = account.object("properties")
    locations = properties.items("locations")
    if not locations:
        return unknown("Azure does not list the regions of the account", Reason.MISSING_FIELD)
    if len(locations) == 1:
        return not_applicable("The account has one region only, so it cannot fail over")
    setting = properties.raw("enableAutomaticFailover")
    if properties.flag("enableMultipleWriteLocations", default=False):
        return passed("All regions of the account accept writes", enableAutomaticFailover=setting)
    if properties.flag("enableAutomaticFailover", default=False):
        return passed("Another region takes over by itself", enableAutomaticFailover=setting)
    # https://learn.microsoft.com/azure/cosmos-db/how-to-configure-per-partition-automatic-failover
    if "enableperpartitionautomaticfailover" in capabilities(account):
        return passed(
            "Another region takes over each failed partition by itself", enableAutomaticFailover=setting
        )
    return failed("A person has to make another region take over", enableAutomaticFailover=setting)


def _unless_cassandra(account: View, ctx: Context) -> Verdict | None:
    # https://learn.microsoft.com/azure/cosmos-db/continuous-backup-restore-introduction#current-limitations
    if "enablecassandra" not in capabilities(account):
        return None
    return not_applicable("Accounts with the API for Cassandra cannot be backed up continuously")


def _backup(account: View, ctx: Context) -> Verdict:
    policy = account.object("properties").object("backupPolicy", default={})
    setting = policy.raw("type")
    if policy.choice("type", {"continuous", "periodic"}, default="Periodic") == "continuous":
        tier = policy.raw("continuousModeProperties.tier")
        return passed("The account is backed up continuously", backupPolicy=setting, backupTier=tier)
    is_migrating = str(policy.raw("migrationState.status")).casefold() == "inprogress"
    periodic = {
        key: policy.raw(f"periodicModeProperties.{name}")
        for key, name in (
            ("backupIntervalInMinutes", "backupIntervalInMinutes"),
            ("backupRetentionInHours", "backupRetentionIntervalInHours"),
            ("backupStorageRedundancy", "backupStorageRedundancy"),
        )
    }
    return failed(
        "The account has only periodic backups",
        remarks=["The account is being changed to continuous backups"] if is_migrating else [],
        backupPolicy=setting,
        **periodic,
    )


CONTROLS = declare_settings(
    __name__,
    COSMOS_ACCOUNTS,
    SettingControl(
        "cosmos-firewall",
        title="Cosmos DB accounts admit only listed networks",
        problem="Cosmos DB account reachable from every network",
        expected="Public network access is off, or only listed networks get in",
        judged="`publicNetworkAccess`, `isVirtualNetworkFilterEnabled` and `ipRules` of each account. All IP rules"
        " together must allow fewer than 2^24 addresses. An account without rules for IP addresses and virtual networks"
        " passes with a remark if a private endpoint is approved, because Azure then refuses all other networks. If"
        " all of these properties are absent, the verdict is unknown.",
        why="Anyone who gets hold of a key can read all data from everywhere.",
        severity=Severity.HIGH,
        empty_reason=_NONE,
        judge=_firewall,
        references=References(c2="4.5.1", c3="5.4.1", mcsb="NS-2", nist="AC-4 SC-7 SC-7(3)"),
        fix=Fix(
            command(
                _update("--ip-range-filter {source}"),
                "List all networks that need access. The command replaces the earlier rules.",
            ),
            portal=f"{_ACCOUNT} Firewall and virtual networks › Allow access from: Selected networks",
            portal_source=_FIREWALL,
            effects="Clients in other networks, and the data explorer of the Azure portal, can no longer connect.",
            variables=[COSMOS_ACCOUNT, SOURCE],
        ),
    ),
    SettingControl(
        "cosmos-no-azure-services",
        title="Cosmos DB firewalls do not let all of Azure in",
        problem="Cosmos DB firewall lets all of Azure in",
        expected="If public network access is on, no IP rule is 0.0.0.0",
        judged="`ipRules` of each account. The rule 0.0.0.0 allows every service in Azure and fails. An account passes"
        " if its public network access is off, or if a network security perimeter decides about access.",
        why="The rule allows the machines of every Azure customer, not just your own.",
        severity=Severity.MEDIUM,
        empty_reason=_NONE,
        judge=_no_azure_services,
        references=References(mcsb="NS-2*", nist="SC-7*"),
        fix=Fix(
            command(
                _update("--ip-range-filter {source}"),
                "List all networks that need access, without 0.0.0.0. The command replaces the earlier rules.",
            ),
            portal=f"{_ACCOUNT} Firewall and virtual networks › Accept connections from within Azure datacenters ›"
            " clear the box",
            portal_source=_FIREWALL,
            effects="Azure services that connect only because of this rule lose access.",
            variables=[COSMOS_ACCOUNT, SOURCE],
        ),
    ),
    SettingControl(
        "cosmos-pna",
        title="Cosmos DB accounts refuse public networks",
        problem="Cosmos DB account reachable from public networks",
        expected="Public network access is off or restricted to a network security perimeter",
        judged="`publicNetworkAccess` of each account. SecuredByPerimeter passes with a remark, or fails if"
        " `accept_perimeter` is off. If the property is absent, it counts as on.",
        why="An account with public network access can be read from the Internet, for example with a stolen key.",
        severity=Severity.HIGH,
        empty_reason=_NONE,
        judge=public_access_off(
            failed("Public network access is on, because the setting is absent", publicNetworkAccess=None)
        ),
        parameters=(ACCEPT_PERIMETER,),
        references=References(
            c4="2.2.1.1",
            mcsb="NS-2",
            nist="AC-4* SC-7*",
            partly=(
                Partly(
                    "c4",
                    "The requirement covers many kinds of services; the control checks only Azure Cosmos DB",
                ),
            ),
        ),
        fix=Fix(
            command(
                _update("--public-network-access DISABLED"),
                "First create a private endpoint (see the control cosmos-pe), and make sure that all clients use it.",
            ),
            portal=f"{_ACCOUNT} Firewall and virtual networks › Allow access from",
            portal_source=_FIREWALL,
            effects="Clients that do not use a private endpoint can no longer connect.",
            variables=[COSMOS_ACCOUNT],
        ),
    ),
    SettingControl(
        "cosmos-pe",
        title="Cosmos DB accounts are used over private endpoints",
        problem="Cosmos DB account without a private endpoint",
        expected="A private endpoint is approved",
        judged="`privateEndpointConnections` of each account.",
        why="Without a private endpoint, clients reach the account at a public address, where attackers"
        " can try stolen keys.",
        severity=Severity.MEDIUM,
        empty_reason=_NONE,
        judge=private_endpoint,
        references=References(c2="4.5.2", c3="5.4.2", mcsb="NS-2", nist="AC-4 AC-17 AC-17(1) SC-7 SC-7(3)"),
        fix=Fix(
            # “Private Link combined with firewall rules” and “Add private endpoints to an existing Azure Cosmos DB
            # account with no downtime”: https://learn.microsoft.com/azure/cosmos-db/how-to-configure-private-endpoints
            advice(
                "If the account has no rules for IP addresses and virtual networks, first add rules that allow the"
                " networks of all clients (see the control cosmos-firewall), and wait 10 minutes. Remove the rules"
                " when all clients use the private endpoint."
            ),
            *private_endpoint_steps(
                "Sql, MongoDB, Cassandra, Gremlin or Table, depending on the account's API"
            ),
            portal=f"{_ACCOUNT} Networking › Private access › Private endpoint",
            portal_source=f"{_LEARN}/how-to-configure-private-endpoints",
            cost=PRIVATE_ENDPOINT_COST,
            effects="If the account has no rules for IP addresses and virtual networks, nobody can reach the account"
            " for about five minutes, and afterwards Azure refuses all clients that do not use the private endpoint."
            f" {PRIVATE_ENDPOINT_EFFECTS}",
            variables=(COSMOS_ACCOUNT, *private_endpoint_variables("Sql")),
        ),
    ),
    SettingControl(
        "cosmos-rbac",
        title="Cosmos DB accounts refuse keys",
        problem="Cosmos DB account accepts keys",
        expected="Keys are refused, so that clients need an account of Microsoft Entra ID and a role",
        judged="`disableLocalAuth` of each account with the API for NoSQL. Absent counts as false. Accounts with"
        " other APIs are not applicable, as in Microsoft’s policy definition, although Microsoft documents roles of"
        " Microsoft Entra ID for the APIs for Table, Cassandra and Gremlin too.",
        why="Anyone who has a key can read and change all data, and no log says who it was.",
        severity=Severity.MEDIUM,
        empty_reason=_NONE,
        unless=(_unless_keys_are_needed,),
        judge=_rbac,
        references=References(
            c2="4.5.3",
            c3="5.4.3",
            mcsb="IM-1",
            nist="IA-2*",
            partly=(Partly("c2 c3", "Only accounts with the API for NoSQL are checked"),),
        ),
        fix=Fix(
            # “Nondata operations aren't allowed”: https://learn.microsoft.com/azure/cosmos-db/troubleshoot-forbidden
            advice(
                "First find programs that create or change databases or containers themselves, for example when they"
                " start. Change these programs to use Azure Resource Manager for this, because without keys, there is"
                " no other way."
            ),
            command(
                _update("--disable-local-auth true"),
                "Then give each client a role in Azure Cosmos DB, and let the client sign in with Microsoft Entra ID."
                " After that, refuse keys.",
            ),
            portal="Azure portal › Cloud Shell",
            portal_source=f"{_LEARN}/nosql/security/how-to-disable-key-based-authentication",
            effects="Clients that use a key can no longer connect. Programs can then create databases and containers"
            " only through Azure Resource Manager. Triggers of Azure Functions that create their lease container"
            " themselves fail.",
            variables=[COSMOS_ACCOUNT],
        ),
    ),
    SettingControl(
        "cosmos-tls",
        title="Cosmos DB accounts require TLS 1.2",
        problem="Cosmos DB account accepts old versions of TLS",
        expected="The minimum version is TLS 1.2 or newer",
        judged="`minimalTlsVersion` of each account. Accounts without this property pass, because Azure Cosmos DB"
        " itself has refused versions before TLS 1.2 since 31 August 2025.",
        why="TLS 1.0 and 1.1 have known weaknesses, with which attackers can decrypt or change the traffic.",
        severity=Severity.MEDIUM,
        empty_reason=_NONE,
        judge=_tls,
        references=References(mcsb="DP-3*", nist="SC-8*"),
        fix=Fix(
            command(_update("--minimal-tls-version Tls12")),
            portal=f"{_ACCOUNT} Networking › Connectivity › Minimum Transport Layer Security Protocol",
            portal_source=f"{_LEARN}/self-serve-minimum-tls-enforcement",
            effects="Clients that know only TLS 1.0 or 1.1 can no longer connect.",
            variables=[COSMOS_ACCOUNT],
        ),
    ),
    SettingControl(
        "cosmos-failover",
        title="Cosmos DB accounts fail over by themselves",
        problem="Cosmos DB account does not fail over by itself",
        expected="If the write region fails, another region takes over by itself",
        judged="Each account with several regions. Passes if `enableAutomaticFailover` or"
        " `enableMultipleWriteLocations` is true, or if the account has the capability"
        " `EnablePerPartitionAutomaticFailover`. Absent counts as false. Serverless accounts and accounts with one"
        " region are not applicable.",
        why="Without automatic failover, nothing can be written until a person reacts to the outage of a region.",
        severity=Severity.LOW,
        labels={"enableAutomaticFailover": "Automatic failover"},
        empty_reason=_NONE,
        judge=_failover,
        references=References(nist="CP-10* SC-5*"),
        fix=Fix(
            command(_update("--enable-automatic-failover true")),
            portal=f"{_ACCOUNT} Replicate data globally › Service-Managed Failover › Enable Service-Managed"
            " Failover: ON",
            portal_source=f"{_LEARN}/how-to-manage-database-account",
            effects="Azure decides when another region takes over. Writes that were not yet copied can be lost then.",
            variables=[COSMOS_ACCOUNT],
        ),
    ),
    SettingControl(
        "cosmos-backup-continuous",
        title="Cosmos DB accounts are backed up continuously",
        problem="Cosmos DB account without continuous backups",
        expected="The account is backed up continuously",
        judged="`backupPolicy.type` of each account. Absent counts as periodic. Accounts with the API for Cassandra are"
        " not applicable, because Azure does not back them up continuously. The finding also contains the tier of"
        " continuous backups, or the interval, retention and redundancy of periodic ones.",
        why="A periodic backup lacks the changes of the last hours, and only Microsoft can restore it.",
        severity=Severity.LOW,
        labels={
            "backupPolicy": "Backups",
            "backupIntervalInMinutes": "Minutes between backups",
            "backupRetentionInHours": "Hours for which backups are kept",
            "backupStorageRedundancy": "Copies of backups",
            "backupTier": "Tier of backups",
        },
        empty_reason=_NONE,
        unless=(_unless_cassandra,),
        judge=_backup,
        references=References(mcsb="BR-1*", nist="CP-9*"),
        fix=Fix(
            # https://learn.microsoft.com/azure/cosmos-db/migrate-continuous-backup
            advice(
                "Azure refuses the change if Azure Synapse Link was ever switched off for a container. An account with"
                " a customer-managed key first needs a managed identity as its default identity."
            ),
            command(_update("--backup-policy-type Continuous --continuous-tier Continuous7Days")),
            portal=f"{_ACCOUNT} Backup & Restore › Backup Policies › change",
            portal_source=f"{_LEARN}/migrate-continuous-backup",
            cost="If backups are kept for 30 days instead of 7, Azure bills their storage.",
            # https://learn.microsoft.com/azure/cosmos-db/continuous-backup-restore-introduction
            effects="The change cannot be undone. During the change, regions cannot be added or removed. Backups are"
            " then kept only in the regions of the account, without the copy in a paired region that periodic backups"
            " have by default. With the API for MongoDB, unique indexes of existing collections can no longer be added,"
            " changed or deleted: programs that create such indexes when they start can fail.",
            variables=[COSMOS_ACCOUNT],
        ),
    ),
)
