"""Threat detection of SQL servers, and whom its alerts reach."""

from __future__ import annotations

from typing import Any

from assessments.estate.gaps import Reason
from tests.assessments.controls.judging import SUB, doc, gap
from tests.assessments.controls.sql.server_documents import ID, NO_LIST, NONE, rows, server


def threat(
    tier: str | None = "Free",
    contacts: list[dict[str, Any]] | None = None,
    atp: str | None = None,
    **properties: Any,
) -> dict[str, Any]:
    held = {"state": "Enabled", "disabledAlerts": [""], "emailAddresses": [""], "emailAccountAdmins": False}
    body = doc(
        f"{ID}/securityAlertPolicies/Default", {k: v for k, v in (held | properties).items() if v is not ...}
    )
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
        "emails": "sec@example.com",
        "isEnabled": True,
        "notificationsByRole": {"state": "On", "roles": ["Owner"]},
        "notificationsSources": [{"sourceType": "Alert", "minimalSeverity": "High"}],
    }
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

CASES = [
    *rows(
        "sql-threat-detection",
        ("on", threat(), {ID: "pass"}),
        ("new under the plan", threat("Standard", state="New"), {ID: "pass"}, {"remark": "plan"}),
        ("new without the plan", threat(state="New"), {ID: "fail"}),
        ("new, plan not listed", threat(None, state="New"), {ID: "fail"}),
        ("new, plans forbidden", threat(None, state="New"), {ID: "unknown"}, NO_PRICINGS),
        (
            "off under the plan",
            threat("Standard", state="Disabled"),
            {ID: "fail"},
            {"reason": "switched off for this server"},
        ),
        ("off", threat(state="disabled"), {ID: "fail"}, {"reason": "Threat detection is off"}),
        ("off, plans forbidden", threat(None, state="Disabled"), {ID: "fail"}, NO_PRICINGS),
        ("unheard-of state", threat(state="Asleep"), {ID: "unknown"}),
        ("no state", threat(state=...), {ID: "unknown"}),
        ("newer resource", threat(atp="Enabled"), {ID: "pass"}, GONE),
        ("newer resource, 405", threat(atp="Disabled"), {ID: "fail"}, NOT_OFFERED),
        ("both gone", {"sql_servers": [server()]}, {ID: "unknown"}, GONE),
        FORBIDDEN,
        NO_LIST,
        NONE,
    ),
    *rows(
        "sql-threat-detection-types",
        ("all on", threat(), {ID: "pass"}),
        ("one off", threat(disabledAlerts=["Sql_Injection", ""]), {ID: "fail"}, {"reason": "Sql_Injection"}),
        ("not stated", threat(disabledAlerts=...), {ID: "unknown"}),
        ("a text", threat(disabledAlerts="Sql_Injection"), {ID: "unknown"}),
        ("newer resource, on", threat(atp="Enabled"), {ID: "unknown"}, GONE),
        OFF,
        OFF_GONE,
        FORBIDDEN,
        NO_LIST,
        NONE,
    ),
    *rows(
        "sql-threat-alerts-contact",
        ("own address", threat(emailAddresses=["sec@example.com"]), {ID: "pass"}),
        (
            "own address, contacts forbidden",
            threat(emailAddresses=["sec@example.com"]),
            {ID: "pass"},
            NO_CONTACTS,
        ),
        ("contact", threat(contacts=[contact()]), {ID: "pass"}, {"remark": "security contact"}),
        ("contact of the older shape", threat(contacts=[OLD]), {ID: "pass"}),
        ("contact disabled", threat(contacts=[contact(isEnabled=False)]), {ID: "fail"}),
        ("contact without address", threat(contacts=[UNSET]), {ID: "fail"}),
        ("contact with a bad address", threat(contacts=[contact(emails="nobody; x@y")]), {ID: "fail"}),
        ("contact not told of alerts", threat(contacts=[MUTE]), {ID: "fail"}),
        ("nobody", threat(), {ID: "fail"}),
        ("contact without addresses", threat(contacts=[contact(emails=...)]), {ID: "fail"}),
        ("contacts forbidden", threat(), {ID: "unknown"}, NO_CONTACTS),
        (
            "no contact was ever set",
            threat(),
            {ID: "fail"},
            {"gaps": [gap("security_contacts", None, Reason.NOT_FOUND, 404)]},
        ),
        (
            "contact that does not say what it is told of",
            threat(contacts=[contact(notificationsSources=...)]),
            {ID: "unknown"},
        ),
        ("not stated", threat(emailAddresses=...), {ID: "unknown"}),
        ("not stated, contact", threat(emailAddresses=..., contacts=[contact()]), {ID: "pass"}),
        ("newer resource, contact", threat(atp="Enabled", contacts=[contact()]), {ID: "pass"}, GONE),
        ("newer resource, nobody", threat(atp="Enabled"), {ID: "unknown"}, GONE),
        OFF,
        OFF_GONE,
        FORBIDDEN,
        NO_LIST,
        NONE,
    ),
    *rows(
        "sql-threat-alerts-owners",
        ("own switch", threat(emailAccountAdmins=True), {ID: "pass"}),
        ("role", threat(contacts=[contact()]), {ID: "pass"}, {"remark": "security contact"}),
        (
            "service administrators",
            threat(contacts=[contact(notificationsByRole={"state": "on", "roles": ["serviceadmin"]})]),
            {ID: "pass"},
        ),
        (
            "another role",
            threat(contacts=[contact(notificationsByRole={"state": "On", "roles": ["Contributor"]})]),
            {ID: "fail"},
        ),
        ("role off", threat(contacts=[UNSET]), {ID: "fail"}),
        ("not told of alerts", threat(contacts=[MUTE]), {ID: "fail"}),
        ("nobody", threat(), {ID: "fail"}),
        ("roles not stated", threat(contacts=[contact(notificationsByRole=...)]), {ID: "unknown"}),
        ("contacts forbidden", threat(), {ID: "unknown"}, NO_CONTACTS),
        ("not stated", threat(emailAccountAdmins=...), {ID: "unknown"}),
        OFF,
        FORBIDDEN,
        NO_LIST,
        NONE,
    ),
]

ABSENCE_PASSES = [
    (r"sql-threat-alerts-.*", r"properties\.isEnabled", "a contact is enabled unless it says otherwise"),
]
