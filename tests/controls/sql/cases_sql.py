"""SQL servers: firewall, auditing, threat detection."""

# ruff: noqa: E501 - tables read best with a case on a line
from __future__ import annotations

from typing import Any

from assessments.estate.gaps import Reason
from tests.controls.cases import Case
from tests.controls.kit import RG, SUB, doc, gap

ID = f"{RG}/providers/Microsoft.Sql/servers/Sql1"
MASTER = f"{ID}/databases/master"


def server(**properties: Any) -> dict[str, Any]:
    return doc(ID, {"publicNetworkAccess": "Enabled", **properties}, kind="v12.0")


def v4(name: str, start: Any, end: Any) -> dict[str, Any]:
    return doc(f"{ID}/firewallRules/{name}", {"startIpAddress": start, "endIpAddress": end})


def v6(name: str, start: Any, end: Any) -> dict[str, Any]:
    return doc(f"{ID}/ipv6FirewallRules/{name}", {"startIPv6Address": start, "endIPv6Address": end})


def docs(*rules: dict[str, Any], body: dict[str, Any] | None = None) -> dict[str, Any]:
    found: dict[str, Any] = {"sql_servers": [body or server()]}
    for name, part in (("sql_firewall_rules", "/firewallRules/"), ("sql_ipv6_firewall_rules", "/ipv6FirewallRules/")):
        held = [rule for rule in rules if part in rule["id"]]
        if held:
            found[name] = held
    return found


def rows(slug: str, *table: tuple[Any, ...]) -> list[Case]:
    """(name, docs, expect, {further fields of Case})."""
    return [Case(slug, name, docs, expect, **(more[0] if more else {})) for name, docs, expect, *more in table]


CLOSED = server(publicNetworkAccess="disabled")
PERIMETER = server(publicNetworkAccess="SecuredByPerimeter")
UNSTATED = server(publicNetworkAccess=None)
EVERYONE = v4("everyone", "0.0.0.0", "255.255.255.255")
OFFICE = v4("office", "198.51.100.0", "198.51.100.255")
AZURE = v4("whatever", "0.0.0.0", "0.0.0.0")
BROKEN = v4("broken", "198.51.100", "198.51.100.255")
NO_V4 = {"gaps": [gap("sql_firewall_rules", ID)]}
NO_V6 = {"gaps": [gap("sql_ipv6_firewall_rules", ID)]}
NO_LIST: tuple[Any, ...] = ("the list is forbidden", {}, {SUB: "unknown"}, {"gaps": [gap("sql_servers")]})
NONE: tuple[Any, ...] = ("no server", {}, {SUB: "not_applicable"})

FIREWALL = [
    *rows(
        "sql-firewall-internet",
        ("office", docs(OFFICE), {ID: "pass"}),
        ("no rules", docs(), {ID: "pass"}),
        ("everyone", docs(EVERYONE), {ID: "fail"}, {"reason": "everyone"}),
        ("access not stated", docs(EVERYONE, body=UNSTATED), {ID: "fail"}),
        ("in pieces", docs(v4("a", "1.0.0.0", "1.127.255.255"), v4("b", "1.128.0.0", "1.255.255.255")), {ID: "fail"}),
        ("one short", docs(v4("a", "1.0.0.0", "1.255.255.254")), {ID: "pass"}),
        ("IPv6", docs(v6("all", "::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff")), {ID: "fail"}, {"reason": "IPv6"}),
        ("IPv6 /32", docs(v6("a", "2001:db8::", "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff")), {ID: "fail"}),
        ("IPv6 /64", docs(v6("a", "2001:db8::", "2001:db8::ffff:ffff:ffff:ffff")), {ID: "pass"}),
        ("Azure services", docs(AZURE), {ID: "pass"}),
        ("backwards", docs(v4("a", "255.255.255.255", "0.0.0.0")), {ID: "pass"}, {"remark": "ignored: a"}),
        ("closed", docs(EVERYONE, body=CLOSED), {ID: "pass"}, {"remark": "everyone"}),
        ("perimeter", docs(EVERYONE, body=PERIMETER), {ID: "pass"}, {"remark": "dormant"}),
        ("closed, rules forbidden", docs(body=CLOSED), {ID: "pass"}, {**NO_V4, "remark": "could not be read"}),
        ("unheard-of access", docs(body=server(publicNetworkAccess="Perhaps")), {ID: "unknown"}),
        ("access is a flag", docs(body=server(publicNetworkAccess=False)), {ID: "unknown"}),
        ("unreadable rule", docs(BROKEN), {ID: "unknown"}),
        ("unreadable and open", docs(BROKEN, EVERYONE), {ID: "fail"}),
        ("no end", docs(v4("a", "198.51.100.1", None)), {ID: "unknown"}),
        ("rules forbidden", docs(), {ID: "unknown"}, NO_V4),
        ("IPv6 rules forbidden", docs(OFFICE), {ID: "unknown"}, NO_V6),
        ("IPv6 rules forbidden, IPv4 open", docs(EVERYONE), {ID: "fail"}, NO_V6),
        NO_LIST, NONE,
    ),
    *rows(
        "sql-firewall-wide",
        ("office", docs(OFFICE), {ID: "pass"}),
        ("one more", docs(v4("a", "198.51.100.0", "198.51.101.0")), {ID: "fail"}, {"reason": "a"}),
        ("narrower allowed", docs(OFFICE), {ID: "fail"}, {"params": {"max_range": 16}}),
        ("IPv6 /64", docs(v6("a", "2001:db8::", "2001:db8::ffff:ffff:ffff:ffff")), {ID: "pass"}),
        ("IPv6 /63", docs(v6("a", "2001:db8::", "2001:db8:0:1:ffff:ffff:ffff:ffff")), {ID: "fail"}),
        ("many", docs(*[v4(f"r{n}", f"198.51.100.{n}", f"198.51.100.{n}") for n in range(51)]), {ID: "pass"},
         {"remark": "51 rules"}),
        ("closed", docs(EVERYONE, body=CLOSED), {ID: "pass"}, {"remark": "dormant"}),
        ("unreadable rule", docs(BROKEN), {ID: "unknown"}),
        ("unreadable and wide", docs(BROKEN, EVERYONE), {ID: "fail"}),
        ("rules forbidden", docs(), {ID: "unknown"}, NO_V4),
        NO_LIST, NONE,
    ),
    *rows(
        "sql-firewall-azure-services",
        ("office", docs(OFFICE), {ID: "pass"}),
        ("whatever its name", docs(AZURE), {ID: "fail"}, {"reason": "whatever"}),
        ("everyone is another control", docs(EVERYONE), {ID: "pass"}),
        ("closed", docs(AZURE, body=CLOSED), {ID: "pass"}, {"remark": "dormant"}),
        ("unreadable rule", docs(BROKEN), {ID: "unknown"}),
        ("unreadable and there", docs(BROKEN, AZURE), {ID: "fail"}),
        ("rules forbidden", docs(), {ID: "unknown"}, NO_V4),
        ("part of the rules", docs(AZURE), {ID: "fail"}, NO_V4),
        NO_LIST, NONE,
    ),
    *rows(
        "sql-public-network-access",
        ("closed", docs(body=CLOSED), {ID: "pass"}),
        ("perimeter", docs(body=PERIMETER), {ID: "pass"}),
        ("no rules", docs(), {ID: "pass"}, {"remark": "no rule uses it"}),
        ("rules", docs(OFFICE), {ID: "pass"}, {"remark": "1 rules"}),
        ("rules, strict", docs(OFFICE), {ID: "fail"}, {"params": {"strict": True}}),
        ("network rule, strict", {**docs(), "sql_virtual_network_rules": [doc(f"{ID}/virtualNetworkRules/v")]},
         {ID: "fail"}, {"params": {"strict": True}}),
        ("no rules, strict", docs(), {ID: "pass"}, {"params": {"strict": True}}),
        ("not stated", docs(OFFICE, body=UNSTATED), {ID: "pass"}, {"remark": "is on"}),
        ("unheard-of access", docs(body=server(publicNetworkAccess="Perhaps")), {ID: "unknown"}),
        ("rules forbidden", docs(), {ID: "unknown"}, NO_V4),
        NO_LIST, NONE,
    ),
]  # fmt: skip

GROUPS = ["BATCH_COMPLETED_GROUP", "SUCCESSFUL_DATABASE_AUTHENTICATION_GROUP", "FAILED_DATABASE_AUTHENTICATION_GROUP"]


def audited(settings: list[dict[str, Any]] | None = None, **properties: Any) -> dict[str, Any]:
    held = {"state": "Enabled", "storageEndpoint": "", "isAzureMonitorTargetEnabled": False, "auditActionsAndGroups": GROUPS}
    body = doc(f"{ID}/auditingSettings/default", {k: v for k, v in (held | properties).items() if v is not ...})
    found: dict[str, Any] = {"sql_servers": [server()], "sql_server_auditing": [body]}
    if settings is not None:
        found["sql_audit_settings"] = {MASTER: settings}
    return found


def setting(*logs: dict[str, Any], **properties: Any) -> dict[str, Any]:
    held = {"workspaceId": f"{RG}/w", "logs": list(logs)}
    return doc(f"{MASTER}/providers/Microsoft.Insights/diagnosticSettings/s", held | properties)


TAKES = {"category": "SQLSecurityAuditEvents", "enabled": True}
STORAGE = "https://logs1.blob.core.windows.net/"
AUDIT = rows(
    "sql-server-auditing",
    ("storage", audited(storageEndpoint=STORAGE), {ID: "pass"}),
    ("storage, monitor not stated", audited(storageEndpoint=STORAGE, isAzureMonitorTargetEnabled=...), {ID: "pass"}),
    ("off", audited(state="disabled", storageEndpoint=STORAGE), {ID: "fail"}),
    ("nowhere", audited(), {ID: "fail"}, {"reason": "without a destination"}),
    ("monitor", audited([setting(TAKES)], isAzureMonitorTargetEnabled=True), {ID: "pass"}),
    ("monitor, group of categories", audited([setting({"categoryGroup": "audit", "enabled": True})],
     isAzureMonitorTargetEnabled=True), {ID: "pass"}),
    ("monitor, category off", audited([setting(TAKES | {"enabled": False})], isAzureMonitorTargetEnabled=True),
     {ID: "fail"}),
    ("monitor, other category", audited([setting({"category": "Deadlocks", "enabled": True})],
     isAzureMonitorTargetEnabled=True), {ID: "fail"}),
    ("monitor, no setting", audited([], isAzureMonitorTargetEnabled=True), {ID: "fail"}),
    ("monitor, setting without destination", audited([setting(TAKES, workspaceId=None)],
     isAzureMonitorTargetEnabled=True), {ID: "fail"}),
    ("monitor, settings forbidden", audited(isAzureMonitorTargetEnabled=True), {ID: "unknown"},
     {"gaps": [gap("sql_audit_settings", MASTER)]}),
    ("storage and monitor, settings forbidden", audited(storageEndpoint=STORAGE, isAzureMonitorTargetEnabled=True),
     {ID: "pass"}, {"gaps": [gap("sql_audit_settings", MASTER)]}),
    ("groups missing", audited(storageEndpoint=STORAGE, auditActionsAndGroups=GROUPS[:1]), {ID: "pass"},
     {"remark": "FAILED_DATABASE_AUTHENTICATION_GROUP"}),
    ("groups not stated", audited(storageEndpoint=STORAGE, auditActionsAndGroups=...), {ID: "pass"},
     {"remark": "does not state"}),
    ("secondary key", audited(storageEndpoint=STORAGE, isStorageSecondaryKeyInUse=True), {ID: "pass"},
     {"remark": "secondary key"}),
    ("predicate", audited(storageEndpoint=STORAGE, predicateExpression="a = 1"), {ID: "pass"}, {"remark": "predicate"}),
    ("no state", audited(state=...), {ID: "unknown"}),
    ("unheard-of state", audited(state="On"), {ID: "unknown"}),
    ("monitor not stated", audited(isAzureMonitorTargetEnabled=...), {ID: "unknown"}),
    ("settings without logs", audited([setting(logs=None)], isAzureMonitorTargetEnabled=True), {ID: "unknown"}),
    ("policy forbidden", docs(), {ID: "unknown"}, {"gaps": [gap("sql_server_auditing", ID)]}),
    NO_LIST, NONE,
)  # fmt: skip


def threat(
    tier: str | None = "Free", contacts: list[dict[str, Any]] | None = None, atp: str | None = None, **properties: Any
) -> dict[str, Any]:
    held = {"state": "Enabled", "disabledAlerts": [""], "emailAddresses": [""], "emailAccountAdmins": False}
    body = doc(f"{ID}/securityAlertPolicies/Default", {k: v for k, v in (held | properties).items() if v is not ...})
    found: dict[str, Any] = {"sql_servers": [server()], "sql_alert_policies": [body]}
    if tier:
        pricing = doc(f"{SUB}/providers/Microsoft.Security/pricings/SqlServers", {"pricingTier": tier})
        found["defender_pricings"] = [pricing]
    if contacts:
        found["security_contacts"] = contacts
    if atp:
        del found["sql_alert_policies"]
        found["sql_atp_settings"] = [doc(f"{ID}/advancedThreatProtectionSettings/Default", {"state": atp})]
    return found


def contact(**properties: Any) -> dict[str, Any]:
    held = {
        "emails": "sec@example.com", "isEnabled": True,
        "notificationsByRole": {"state": "On", "roles": ["Owner"]},
        "notificationsSources": [{"sourceType": "Alert", "minimalSeverity": "High"}],
    }  # fmt: skip
    held = {k: v for k, v in (held | properties).items() if v is not ...}
    return doc(f"{SUB}/providers/Microsoft.Security/securityContacts/default", held)


GONE = {"gaps": [gap("sql_alert_policies", ID, Reason.NOT_FOUND, 404)]}
NOT_OFFERED = {"gaps": [gap("sql_alert_policies", ID, Reason.BAD_ANSWER, 405)]}
NO_POLICY = {"gaps": [gap("sql_alert_policies", ID)]}
NO_PRICINGS = {"gaps": [gap("defender_pricings")]}
NO_CONTACTS = {"gaps": [gap("security_contacts")]}
OFF = ("off", threat(state="Disabled"), {ID: "not_applicable"})
OFF_GONE = ("newer resource, off", threat(atp="Disabled"), {ID: "not_applicable"}, GONE)
FORBIDDEN = ("policy forbidden", {"sql_servers": [server()]}, {ID: "unknown"}, NO_POLICY)
UNSET = contact(emails="", notificationsByRole={"state": "Off", "roles": ["Owner"]})
MUTE = contact(notificationsSources=[{"sourceType": "AttackPath", "minimalRiskLevel": "High"}])
OLD = contact(notificationsSources=..., alertNotifications={"state": "On", "minimalSeverity": "High"})

THREAT = [
    *rows(
        "sql-threat-detection",
        ("on", threat(), {ID: "pass"}),
        ("new under the plan", threat("Standard", state="New"), {ID: "pass"}, {"remark": "plan"}),
        ("new without the plan", threat(state="New"), {ID: "fail"}),
        ("new, plan not listed", threat(None, state="New"), {ID: "fail"}),
        ("new, plans forbidden", threat(None, state="New"), {ID: "unknown"}, NO_PRICINGS),
        ("off under the plan", threat("Standard", state="Disabled"), {ID: "fail"}, {"reason": "switched off for this server"}),
        ("off", threat(state="disabled"), {ID: "fail"}, {"reason": "threat detection is off"}),
        ("off, plans forbidden", threat(None, state="Disabled"), {ID: "fail"}, NO_PRICINGS),
        ("unheard-of state", threat(state="Asleep"), {ID: "unknown"}),
        ("no state", threat(state=...), {ID: "unknown"}),
        ("newer resource", threat(atp="Enabled"), {ID: "pass"}, GONE),
        ("newer resource, 405", threat(atp="Disabled"), {ID: "fail"}, NOT_OFFERED),
        ("both gone", {"sql_servers": [server()]}, {ID: "unknown"}, GONE),
        FORBIDDEN, NO_LIST, NONE,
    ),
    *rows(
        "sql-threat-detection-types",
        ("all on", threat(), {ID: "pass"}),
        ("one off", threat(disabledAlerts=["Sql_Injection", ""]), {ID: "fail"}, {"reason": "Sql_Injection"}),
        ("not stated", threat(disabledAlerts=...), {ID: "unknown"}),
        ("a text", threat(disabledAlerts="Sql_Injection"), {ID: "unknown"}),
        ("newer resource, on", threat(atp="Enabled"), {ID: "unknown"}, GONE),
        OFF, OFF_GONE, FORBIDDEN, NO_LIST, NONE,
    ),
    *rows(
        "sql-threat-alerts-contact",
        ("own address", threat(emailAddresses=["sec@example.com"]), {ID: "pass"}),
        ("own address, contacts forbidden", threat(emailAddresses=["sec@example.com"]), {ID: "pass"}, NO_CONTACTS),
        ("contact", threat(contacts=[contact()]), {ID: "pass"}, {"remark": "security contact"}),
        ("contact of the older shape", threat(contacts=[OLD]), {ID: "pass"}),
        ("contact disabled", threat(contacts=[contact(isEnabled=False)]), {ID: "fail"}),
        ("contact without address", threat(contacts=[UNSET]), {ID: "fail"}),
        ("contact with a bad address", threat(contacts=[contact(emails="nobody; x@y")]), {ID: "fail"}),
        ("contact not told of alerts", threat(contacts=[MUTE]), {ID: "fail"}),
        ("nobody", threat(), {ID: "fail"}),
        ("contacts forbidden", threat(), {ID: "unknown"}, NO_CONTACTS),
        ("not stated", threat(emailAddresses=...), {ID: "unknown"}),
        ("not stated, contact", threat(emailAddresses=..., contacts=[contact()]), {ID: "pass"}),
        ("newer resource, contact", threat(atp="Enabled", contacts=[contact()]), {ID: "pass"}, GONE),
        ("newer resource, nobody", threat(atp="Enabled"), {ID: "unknown"}, GONE),
        OFF, OFF_GONE, FORBIDDEN, NO_LIST, NONE,
    ),
    *rows(
        "sql-threat-alerts-owners",
        ("own switch", threat(emailAccountAdmins=True), {ID: "pass"}),
        ("role", threat(contacts=[contact()]), {ID: "pass"}, {"remark": "security contact"}),
        ("service administrators", threat(contacts=[contact(notificationsByRole={"state": "on", "roles": ["serviceadmin"]})]),
         {ID: "pass"}),
        ("another role", threat(contacts=[contact(notificationsByRole={"state": "On", "roles": ["Contributor"]})]),
         {ID: "fail"}),
        ("role off", threat(contacts=[UNSET]), {ID: "fail"}),
        ("not told of alerts", threat(contacts=[MUTE]), {ID: "fail"}),
        ("nobody", threat(), {ID: "fail"}),
        ("roles not stated", threat(contacts=[contact(notificationsByRole=...)]), {ID: "unknown"}),
        ("contacts forbidden", threat(), {ID: "unknown"}, NO_CONTACTS),
        ("not stated", threat(emailAccountAdmins=...), {ID: "unknown"}),
        OFF, FORBIDDEN, NO_LIST, NONE,
    ),
]  # fmt: skip

CASES = [*FIREWALL, *AUDIT, *THREAT]

ABSENCE_PASSES = [
    (r"sql-.*", r"properties\.publicNetworkAccess", "absent is Enabled, and then the rules decide"),
    (r"sql-threat-alerts-.*", r"properties\.isEnabled", "a contact is enabled unless it says otherwise"),
]
