"""Settings of Cosmos DB accounts: network, keys, TLS, failover, backups."""

from __future__ import annotations

from typing import Any

from tests.assessments.controls.cases import Case, rows
from tests.assessments.controls.judging import RG, SUB, doc, gap
from tests.assessments.controls.portal_paths import ComparedPath, DocsFile

ID = f"{RG}/providers/Microsoft.DocumentDB/databaseAccounts/Cosmos1"
NO_LIST: tuple[Any, ...] = ("the list is forbidden", {}, {SUB: "unknown"}, {"gaps": [gap("cosmos_accounts")]})
NONE: tuple[Any, ...] = ("no account", {}, {SUB: "not_applicable"})
CASSANDRA = [{"name": "EnableCassandra"}]
OPEN_TO_AZURE = "0.0.0.0"


def with_account(kind: Any = "GlobalDocumentDB", /, **properties: Any) -> dict[str, Any]:
    """An account with only these properties."""
    return {"cosmos_accounts": [doc(ID, properties, kind=kind)]}


def ip(*rules: Any, **more: Any) -> dict[str, Any]:
    """An account with these IP rules."""
    return with_account(ipRules=[{"ipAddressOrRange": rule} for rule in rules], **more)


def regions(count: int, **more: Any) -> dict[str, Any]:
    return with_account(locations=[{"locationName": f"Region {n}"} for n in range(count)], **more)


def connected(*states: str, **more: Any) -> dict[str, Any]:
    return with_account(
        privateEndpointConnections=[
            {"properties": {"privateLinkServiceConnectionState": {"status": state}}} for state in states
        ],
        **more,
    )


def listed(slug: str, *table: tuple[Any, ...]) -> list[Case]:
    """Return a case for each row, and two further cases: Azure refuses to list accounts, and there is no account."""
    return rows(slug, *table, NO_LIST, NONE)


CASES = [
    *listed(
        "cosmos-firewall",
        ("off", with_account(publicNetworkAccess="disabled"), {ID: "pass"}),
        ("perimeter", with_account(publicNetworkAccess="SecuredByPerimeter"), {ID: "pass"}),
        ("an address", ip("198.51.100.7", publicNetworkAccess="Enabled"), {ID: "pass"}),
        ("Azure only", ip(OPEN_TO_AZURE), {ID: "pass"}),
        ("virtual networks", with_account(isVirtualNetworkFilterEnabled=True), {ID: "pass"}),
        ("no virtual networks", with_account(isVirtualNetworkFilterEnabled=False, ipRules=[]), {ID: "fail"}),
        ("no rules", ip(publicNetworkAccess="Enabled"), {ID: "fail"}),
        (
            "only open",
            with_account(publicNetworkAccess="Enabled"),
            {ID: "fail"},
            {"no_remark": "private endpoint"},
        ),
        (
            "no rules, with a private endpoint",
            connected("Pending", "Approved", publicNetworkAccess="Enabled"),
            {ID: "pass"},
            {"reason": "Only private endpoints", "remark": "when its last private endpoint is removed"},
        ),
        (
            "no rules, with a pending private endpoint",
            connected("Pending", publicNetworkAccess="Enabled"),
            {ID: "fail"},
        ),
        (
            "no rules, with a private endpoint in a new state",
            connected("Moon", publicNetworkAccess="Enabled"),
            {ID: "unknown"},
        ),
        ("an answer with the old ipRangeFilter", with_account(ipRangeFilter="198.51.100.7"), {ID: "unknown"}),
        ("large networks", ip("11.0.0.0/9", "11.128.0.0/9"), {ID: "fail"}, {"reason": "very large networks"}),
        ("many small networks", ip(*(f"11.{n}.0.0/16" for n in range(256))), {ID: "fail"}),
        ("a smaller network", ip("11.0.0.0/9", "10.0.0.1"), {ID: "pass"}),
        ("large networks, but off", ip("0.0.0.0/0", publicNetworkAccess="Disabled"), {ID: "pass"}),
        ("no address", ip("everybody"), {ID: "unknown"}),
        ("IPv6", ip("2001:db8::1"), {ID: "unknown"}),
        ("a number", ip(7), {ID: "unknown"}),
        ("rules are text", with_account(ipRules="198.51.100.7"), {ID: "unknown"}),
        ("the filter is text", with_account(isVirtualNetworkFilterEnabled="true"), {ID: "unknown"}),
        ("a new kind of access", with_account(publicNetworkAccess="Moon"), {ID: "unknown"}),
    ),
    *listed(
        "cosmos-no-azure-services",
        ("none", ip("198.51.100.7"), {ID: "pass"}, {"no_remark": "firewall"}),
        ("no rules", ip(), {ID: "pass"}, {"remark": "every network gets in"}),
        (
            "no rules, with a private endpoint",
            connected("Approved", publicNetworkAccess="Enabled"),
            {ID: "pass"},
            {"no_remark": "firewall"},
        ),
        (
            "no rules, with a private endpoint in a new state",
            connected("Moon", publicNetworkAccess="Enabled"),
            {ID: "pass"},
            {"no_remark": "firewall"},
        ),
        ("an answer with the old ipRangeFilter", with_account(ipRangeFilter=OPEN_TO_AZURE), {ID: "unknown"}),
        (
            "virtual networks",
            with_account(isVirtualNetworkFilterEnabled=True),
            {ID: "pass"},
            {"no_remark": "firewall"},
        ),
        ("Azure", ip("198.51.100.7", OPEN_TO_AZURE), {ID: "fail"}),
        ("Azure as a network", ip("0.0.0.0/32"), {ID: "fail"}),
        ("Azure, but off", ip(OPEN_TO_AZURE, publicNetworkAccess="Disabled"), {ID: "pass"}),
        ("no address", ip("Azure"), {ID: "unknown"}),
        ("rules are text", with_account(ipRules=OPEN_TO_AZURE), {ID: "unknown"}),
    ),
    *listed(
        "cosmos-pna",
        ("off", with_account(publicNetworkAccess="Disabled"), {ID: "pass"}),
        ("on", with_account(publicNetworkAccess="Enabled"), {ID: "fail"}),
        ("perimeter", with_account(publicNetworkAccess="SecuredByPerimeter"), {ID: "pass"}),
        (
            "perimeter is not accepted",
            with_account(publicNetworkAccess="SecuredByPerimeter"),
            {ID: "fail"},
            {"params": {"accept_perimeter": False}},
        ),
        ("absent", with_account(), {ID: "fail"}, {"reason": "the setting is absent"}),
        ("a new value", with_account(publicNetworkAccess="Moon"), {ID: "unknown"}),
    ),
    *listed(
        "cosmos-pe",
        ("approved", connected("Rejected", "Approved"), {ID: "pass"}),
        ("pending", connected("Pending"), {ID: "fail"}),
        ("none", with_account(), {ID: "fail"}),
        ("a new state", connected("Moon"), {ID: "unknown"}),
    ),
    *listed(
        "cosmos-rbac",
        ("refused", with_account(disableLocalAuth=True), {ID: "pass"}),
        ("accepted", with_account(disableLocalAuth=False), {ID: "fail"}, {"remark": "created and deleted"}),
        (
            "absent",
            with_account(disableKeyBasedMetadataWriteAccess=True),
            {ID: "fail"},
            {"no_remark": "created"},
        ),
        ("text", with_account(disableLocalAuth="true"), {ID: "unknown"}),
        ("MongoDB", with_account("mongodb", disableLocalAuth=False), {ID: "not_applicable"}),
        ("Cassandra", with_account(capabilities=CASSANDRA), {ID: "not_applicable"}),
        ("serverless", with_account(capabilities=[{"name": "EnableServerless"}]), {ID: "fail"}),
        ("a new kind", with_account("Moon", disableLocalAuth=True), {ID: "unknown"}),
        (
            "capabilities are text",
            with_account(capabilities="EnableCassandra", disableLocalAuth=True),
            {ID: "unknown"},
        ),
    ),
    *listed(
        "cosmos-tls",
        ("1.2", with_account(minimalTlsVersion="tls12"), {ID: "pass"}),
        ("1.3", with_account(minimalTlsVersion="Tls13"), {ID: "pass"}),
        ("1.1", with_account(minimalTlsVersion="Tls11"), {ID: "fail"}, {"remark": "refuses TLS 1.0 and 1.1"}),
        ("1.0", with_account(minimalTlsVersion="Tls"), {ID: "fail"}),
        ("absent", with_account(), {ID: "pass"}, {"reason": "itself refuses"}),
        ("absent, MongoDB", with_account("MongoDB"), {ID: "pass"}),
        ("absent, Cassandra", with_account(capabilities=CASSANDRA), {ID: "pass"}),
        ("1.0, MongoDB", with_account("MongoDB", minimalTlsVersion="Tls"), {ID: "fail"}),
        ("a new version", with_account(minimalTlsVersion="Tls14"), {ID: "unknown"}),
        ("a number", with_account(minimalTlsVersion=12), {ID: "unknown"}),
    ),
    *listed(
        "cosmos-failover",
        ("on", regions(2, enableAutomaticFailover=True), {ID: "pass"}),
        ("writes everywhere", regions(2, enableMultipleWriteLocations=True), {ID: "pass"}),
        (
            "each partition by itself",
            regions(2, capabilities=[{"name": "EnablePerPartitionAutomaticFailover"}]),
            {ID: "pass"},
            {"reason": "each failed partition"},
        ),
        ("other capability", regions(2, capabilities=[{"name": "EnableTable"}]), {ID: "fail"}),
        ("off", regions(3, enableAutomaticFailover=False), {ID: "fail"}),
        ("absent", regions(2), {ID: "fail"}),
        ("one region", regions(1, enableAutomaticFailover=True), {ID: "not_applicable"}),
        ("serverless", regions(2, capabilities=[{"name": "EnableServerless"}]), {ID: "not_applicable"}),
        ("no regions", regions(0, enableAutomaticFailover=True), {ID: "unknown"}),
        ("regions absent", with_account(enableAutomaticFailover=True), {ID: "unknown"}),
        ("text", regions(2, enableAutomaticFailover="true"), {ID: "unknown"}),
    ),
    *listed(
        "cosmos-backup-continuous",
        ("continuous", with_account(backupPolicy={"type": "continuous"}), {ID: "pass"}),
        (
            "continuous, with its tier",
            with_account(
                backupPolicy={"type": "Continuous", "continuousModeProperties": {"tier": "Continuous7Days"}}
            ),
            {ID: "pass"},
        ),
        (
            "periodic, with its settings",
            with_account(
                backupPolicy={
                    "type": "Periodic",
                    "periodicModeProperties": {
                        "backupIntervalInMinutes": 240,
                        "backupRetentionIntervalInHours": 8,
                        "backupStorageRedundancy": "Geo",
                    },
                }
            ),
            {ID: "fail"},
        ),
        ("periodic", with_account(backupPolicy={"type": "Periodic"}), {ID: "fail"}, {"no_remark": "changed"}),
        (
            "periodic, API for Cassandra",
            with_account(backupPolicy={"type": "Periodic"}, capabilities=CASSANDRA),
            {ID: "not_applicable"},
        ),
        (
            "periodic, being changed",
            with_account(backupPolicy={"type": "Periodic", "migrationState": {"status": "InProgress"}}),
            {ID: "fail"},
            {"remark": "being changed"},
        ),
        ("absent", with_account(), {ID: "fail"}),
        ("a new value", with_account(backupPolicy={"type": "Moon"}), {ID: "unknown"}),
        ("text", with_account(backupPolicy="Continuous"), {ID: "unknown"}),
    ),
]

ABSENCE_PASSES = [
    (
        "cosmos-no-azure-services",
        r"properties\.ipRules",
        "without IP rules, none lets Azure in; cosmos-firewall judges accounts without a firewall",
    ),
    ("cosmos-rbac", r"properties\.capabilities", "accounts with the API for NoSQL need no capability"),
    (
        "cosmos-tls",
        r"properties\.minimalTlsVersion",
        "Azure Cosmos DB itself refuses versions before TLS 1.2",
    ),
]
OFFICIAL_VERDICTS = """
cosmos-backup-continuous fail: ddb1
cosmos-failover not_applicable: ddb1
cosmos-firewall pass: ddb1
cosmos-no-azure-services pass: ddb1
cosmos-pe pass: ddb1
cosmos-pna fail: ddb1
cosmos-rbac fail: ddb1
cosmos-tls fail: ddb1
"""
FIREWALL_PAGE = DocsFile(
    "MicrosoftDocs/azure-databases-docs/articles/cosmos-db/how-to-configure-firewall.md",
    "02b794671eb05accf6c340905a6396fc1cc630bd",
    "go to the Azure Cosmos DB account page and select Firewall and virtual networks",
    "Change the Allow access from value to Selected networks",
    "selecting the Accept connections from within Azure datacenters option",
)
PORTAL_PATHS = [
    ComparedPath(
        "Azure portal › Azure Cosmos DB › {cosmos_account} › Backup & Restore › Backup Policies › change",
        DocsFile(
            "MicrosoftDocs/azure-databases-docs/articles/cosmos-db/migrate-continuous-backup.md",
            "2461e1d18aa815bfb2d9249548b98d2b084753aa",
            "Navigate to your Azure Cosmos DB account and open the Backup & Restore pane",
            "Select Backup Policies tab and select on change",
        ),
    ),
    ComparedPath(
        "Azure portal › Azure Cosmos DB › {cosmos_account} › Replicate data globally"
        " › Service-Managed Failover › Enable Service-Managed Failover: ON",
        DocsFile(
            "MicrosoftDocs/azure-databases-docs/articles/cosmos-db/how-to-manage-database-account.yml",
            "02593f600a3e283b85231cfb5d534588b082529e",
            "From your Azure Cosmos DB account, open the Replicate data globally pane",
            "select Service-Managed Failover",
            "make sure that Enable Service-Managed Failover is set to ON",
        ),
    ),
    ComparedPath(
        "Azure portal › Azure Cosmos DB › {cosmos_account} › Firewall and virtual networks"
        " › Allow access from: Selected networks",
        FIREWALL_PAGE,
    ),
    ComparedPath(
        "Azure portal › Azure Cosmos DB › {cosmos_account} › Firewall and virtual networks"
        " › Accept connections from within Azure datacenters › clear the box",
        FIREWALL_PAGE,
    ),
    ComparedPath(
        "Azure portal › Azure Cosmos DB › {cosmos_account} › Networking › Private access › Private endpoint",
        DocsFile(
            "MicrosoftDocs/azure-databases-docs/articles/cosmos-db/how-to-configure-private-endpoints.md",
            "02593f600a3e283b85231cfb5d534588b082529e",
            "select an Azure Cosmos DB account",
            (
                "Select Networking from the list of settings, and then select + Private endpoint under the "
                "Private access tab"
            ),
        ),
    ),
    ComparedPath(
        "Azure portal › Azure Cosmos DB › {cosmos_account} › Firewall and virtual networks › Allow access from",
        FIREWALL_PAGE,
    ),
    ComparedPath(
        "Azure portal › Cloud Shell",
        DocsFile(
            (
                "MicrosoftDocs/azure-databases-docs/articles/cosmos-db/nosql/security/"
                "how-to-disable-key-based-authentication.md"
            ),
            "4687cf3e15051bb16e200f14832b234f6bec47f0",
            "Use az resource update to modify properties.disableLocalAuth of the existing account",
        ),
        not_in_text={
            "Cloud Shell": "the page has only commands, and none of the portal’s pages has this setting",
        },
    ),
    ComparedPath(
        "Azure portal › Azure Cosmos DB › {cosmos_account} › Networking › Connectivity"
        " › Minimum Transport Layer Security Protocol",
        DocsFile(
            "MicrosoftDocs/azure-databases-docs/articles/cosmos-db/self-serve-minimum-tls-enforcement.md",
            "093d1d09015375c582baccc0bbba0351fc5ca04e",
            "Navigate to your Azure Cosmos DB account on the Azure portal",
            "Select Networking from the left menu, then select the Connectivity tab",
            "Minimum Transport Layer Security Protocol option",
        ),
    ),
]
