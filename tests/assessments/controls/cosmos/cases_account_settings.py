"""Settings of Cosmos DB accounts: network, keys, TLS, failover, backups."""

from __future__ import annotations

from typing import Any

from tests.assessments.controls.cases import Case
from tests.assessments.controls.judging import RG, SUB, doc, gap

ID = f"{RG}/providers/Microsoft.DocumentDB/databaseAccounts/Cosmos1"
NO_LIST: tuple[Any, ...] = ("the list is forbidden", {}, {SUB: "unknown"}, {"gaps": [gap("cosmos_accounts")]})
NONE: tuple[Any, ...] = ("no account", {}, {SUB: "not_applicable"})
CASSANDRA = [{"name": "EnableCassandra"}]
OPEN_TO_AZURE = "0.0.0.0"


def of(kind: Any = "GlobalDocumentDB", /, **properties: Any) -> dict[str, Any]:
    """An account with only these properties."""
    return {"cosmos_accounts": [doc(ID, properties, kind=kind)]}


def ip(*rules: Any, **more: Any) -> dict[str, Any]:
    """An account with these IP rules."""
    return of(ipRules=[{"ipAddressOrRange": rule} for rule in rules], **more)


def regions(count: int, **more: Any) -> dict[str, Any]:
    return of(locations=[{"locationName": f"Region {n}"} for n in range(count)], **more)


def connected(*states: str, **more: Any) -> dict[str, Any]:
    return of(
        privateEndpointConnections=[
            {"properties": {"privateLinkServiceConnectionState": {"status": state}}} for state in states
        ],
        **more,
    )


def rows(slug: str, *table: tuple[Any, ...]) -> list[Case]:
    """Return a case for each row (name, docs, expect, {further fields of Case})."""
    cases = (*table, NO_LIST, NONE)
    return [
        Case(slug, name, docs, expect, **(more[0] if more else {})) for name, docs, expect, *more in cases
    ]


CASES = [
    *rows(
        "cosmos-firewall",
        ("off", of(publicNetworkAccess="disabled"), {ID: "pass"}),
        ("perimeter", of(publicNetworkAccess="SecuredByPerimeter"), {ID: "pass"}),
        ("an address", ip("198.51.100.7", publicNetworkAccess="Enabled"), {ID: "pass"}),
        ("Azure only", ip(OPEN_TO_AZURE), {ID: "pass"}),
        ("virtual networks", of(isVirtualNetworkFilterEnabled=True), {ID: "pass"}),
        ("no virtual networks", of(isVirtualNetworkFilterEnabled=False, ipRules=[]), {ID: "fail"}),
        ("no rules", ip(publicNetworkAccess="Enabled"), {ID: "fail"}),
        ("only open", of(publicNetworkAccess="Enabled"), {ID: "fail"}, {"no_remark": "private endpoint"}),
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
        ("an answer with the old ipRangeFilter", of(ipRangeFilter="198.51.100.7"), {ID: "unknown"}),
        ("large networks", ip("11.0.0.0/9", "11.128.0.0/9"), {ID: "fail"}, {"reason": "very large networks"}),
        ("many small networks", ip(*(f"11.{n}.0.0/16" for n in range(256))), {ID: "fail"}),
        ("a smaller network", ip("11.0.0.0/9", "10.0.0.1"), {ID: "pass"}),
        ("large networks, but off", ip("0.0.0.0/0", publicNetworkAccess="Disabled"), {ID: "pass"}),
        ("no address", ip("everybody"), {ID: "unknown"}),
        ("IPv6", ip("2001:db8::1"), {ID: "unknown"}),
        ("a number", ip(7), {ID: "unknown"}),
        ("rules are text", of(ipRules="198.51.100.7"), {ID: "unknown"}),
        ("the filter is text", of(isVirtualNetworkFilterEnabled="true"), {ID: "unknown"}),
        ("a new kind of access", of(publicNetworkAccess="Moon"), {ID: "unknown"}),
    ),
    *rows(
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
        ("an answer with the old ipRangeFilter", of(ipRangeFilter=OPEN_TO_AZURE), {ID: "unknown"}),
        ("virtual networks", of(isVirtualNetworkFilterEnabled=True), {ID: "pass"}, {"no_remark": "firewall"}),
        ("Azure", ip("198.51.100.7", OPEN_TO_AZURE), {ID: "fail"}),
        ("Azure as a network", ip("0.0.0.0/32"), {ID: "fail"}),
        ("Azure, but off", ip(OPEN_TO_AZURE, publicNetworkAccess="Disabled"), {ID: "pass"}),
        ("no address", ip("Azure"), {ID: "unknown"}),
        ("rules are text", of(ipRules=OPEN_TO_AZURE), {ID: "unknown"}),
    ),
    *rows(
        "cosmos-pna",
        ("off", of(publicNetworkAccess="Disabled"), {ID: "pass"}),
        ("on", of(publicNetworkAccess="Enabled"), {ID: "fail"}),
        ("perimeter", of(publicNetworkAccess="SecuredByPerimeter"), {ID: "pass"}),
        (
            "perimeter is not accepted",
            of(publicNetworkAccess="SecuredByPerimeter"),
            {ID: "fail"},
            {"params": {"accept_perimeter": False}},
        ),
        ("absent", of(), {ID: "fail"}, {"reason": "the setting is absent"}),
        ("a new value", of(publicNetworkAccess="Moon"), {ID: "unknown"}),
    ),
    *rows(
        "cosmos-pe",
        ("approved", connected("Rejected", "Approved"), {ID: "pass"}),
        ("pending", connected("Pending"), {ID: "fail"}),
        ("none", of(), {ID: "fail"}),
        ("a new state", connected("Moon"), {ID: "unknown"}),
    ),
    *rows(
        "cosmos-rbac",
        ("refused", of(disableLocalAuth=True), {ID: "pass"}),
        ("accepted", of(disableLocalAuth=False), {ID: "fail"}, {"remark": "created and deleted"}),
        ("absent", of(disableKeyBasedMetadataWriteAccess=True), {ID: "fail"}, {"no_remark": "created"}),
        ("text", of(disableLocalAuth="true"), {ID: "unknown"}),
        ("MongoDB", of("mongodb", disableLocalAuth=False), {ID: "not_applicable"}),
        ("Cassandra", of(capabilities=CASSANDRA), {ID: "not_applicable"}),
        ("serverless", of(capabilities=[{"name": "EnableServerless"}]), {ID: "fail"}),
        ("a new kind", of("Moon", disableLocalAuth=True), {ID: "unknown"}),
        ("capabilities are text", of(capabilities="EnableCassandra", disableLocalAuth=True), {ID: "unknown"}),
    ),
    *rows(
        "cosmos-tls",
        ("1.2", of(minimalTlsVersion="tls12"), {ID: "pass"}),
        ("1.3", of(minimalTlsVersion="Tls13"), {ID: "pass"}),
        ("1.1", of(minimalTlsVersion="Tls11"), {ID: "fail"}, {"remark": "itself refuses"}),
        ("1.0", of(minimalTlsVersion="Tls"), {ID: "fail"}),
        ("absent", of(), {ID: "unknown"}),
        ("absent, MongoDB", of("MongoDB"), {ID: "pass"}),
        ("absent, Cassandra", of(capabilities=CASSANDRA), {ID: "pass"}),
        ("1.0, MongoDB", of("MongoDB", minimalTlsVersion="Tls"), {ID: "fail"}),
        ("a new version", of(minimalTlsVersion="Tls14"), {ID: "unknown"}),
        ("a number", of(minimalTlsVersion=12), {ID: "unknown"}),
    ),
    *rows(
        "cosmos-failover",
        ("on", regions(2, enableAutomaticFailover=True), {ID: "pass"}),
        ("writes everywhere", regions(2, enableMultipleWriteLocations=True), {ID: "pass"}),
        ("off", regions(3, enableAutomaticFailover=False), {ID: "fail"}),
        ("absent", regions(2), {ID: "fail"}),
        ("one region", regions(1, enableAutomaticFailover=True), {ID: "not_applicable"}),
        ("serverless", regions(2, capabilities=[{"name": "EnableServerless"}]), {ID: "not_applicable"}),
        ("no regions", regions(0, enableAutomaticFailover=True), {ID: "unknown"}),
        ("regions absent", of(enableAutomaticFailover=True), {ID: "unknown"}),
        ("text", regions(2, enableAutomaticFailover="true"), {ID: "unknown"}),
    ),
    *rows(
        "cosmos-backup-continuous",
        ("continuous", of(backupPolicy={"type": "continuous"}), {ID: "pass"}),
        (
            "continuous, with its tier",
            of(backupPolicy={"type": "Continuous", "continuousModeProperties": {"tier": "Continuous7Days"}}),
            {ID: "pass"},
        ),
        (
            "periodic, with its settings",
            of(
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
        ("periodic", of(backupPolicy={"type": "Periodic"}), {ID: "fail"}, {"no_remark": "changed"}),
        (
            "periodic, API for Cassandra",
            of(backupPolicy={"type": "Periodic"}, capabilities=CASSANDRA),
            {ID: "not_applicable"},
        ),
        (
            "periodic, being changed",
            of(backupPolicy={"type": "Periodic", "migrationState": {"status": "InProgress"}}),
            {ID: "fail"},
            {"remark": "being changed"},
        ),
        ("absent", of(), {ID: "fail"}),
        ("a new value", of(backupPolicy={"type": "Moon"}), {ID: "unknown"}),
        ("text", of(backupPolicy="Continuous"), {ID: "unknown"}),
    ),
]

ABSENCE_PASSES = [
    (
        "cosmos-no-azure-services",
        r"properties\.ipRules",
        "without IP rules, none lets Azure in; cosmos-firewall judges accounts without a firewall",
    ),
    ("cosmos-rbac", r"properties\.capabilities", "accounts with the API for NoSQL need no capability"),
    ("cosmos-tls", r"properties\.minimalTlsVersion", "the API for MongoDB works only with TLS 1.2"),
]
