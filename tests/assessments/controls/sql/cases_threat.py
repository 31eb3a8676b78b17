"""Threat detection of SQL servers, and the recipients of its alerts."""

from __future__ import annotations

from typing import Any

from assessments.estate.gaps import Reason
from tests.assessments.controls.cases import rows
from tests.assessments.controls.judging import SUB, doc, gap
from tests.assessments.controls.portal_paths import ComparedPath, DocsFile
from tests.assessments.controls.sql.server_documents import ID, NO_LIST, NONE, server


def threat(
    tier: str | None = "Free",
    contacts: list[dict[str, Any]] | None = None,
    atp: str | None = None,
    **properties: Any,
) -> dict[str, Any]:
    body = {"state": "Enabled", "disabledAlerts": [""], "emailAddresses": [""], "emailAccountAdmins": False}
    body = doc(
        f"{ID}/securityAlertPolicies/Default", {k: v for k, v in (body | properties).items() if v is not ...}
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
    body = {
        "emails": "sec@example.com",
        "isEnabled": True,
        "notificationsByRole": {"state": "On", "roles": ["Owner"]},
        "notificationsSources": [{"sourceType": "Alert", "minimalSeverity": "High"}],
    }
    body = {k: v for k, v in (body | properties).items() if v is not ...}
    return doc(f"{SUB}/providers/Microsoft.Security/securityContacts/default", body)


GONE = {"gaps": [gap("sql_alert_policies", ID, Reason.NOT_FOUND, 404)]}
NOT_OFFERED = {"gaps": [gap("sql_alert_policies", ID, Reason.BAD_ANSWER, 405)]}
NO_POLICY = {"gaps": [gap("sql_alert_policies", ID)]}
NO_PRICINGS = {"gaps": [gap("defender_pricings")]}
NO_CONTACTS = {"gaps": [gap("security_contacts")]}
RETIRES = {"remark": "Security alert policies retire on 16 August 2027"}
STAYS = {"no_remark": "retire"}
OFF = ("switched off", threat(state="Disabled"), {ID: "not_applicable"})
OFF_GONE = ("newer resource, off", threat(atp="Disabled"), {ID: "not_applicable"}, GONE)
FORBIDDEN = ("policy forbidden", {"sql_servers": [server()]}, {ID: "unknown"}, NO_POLICY)
UNSET = contact(emails="", notificationsByRole={"state": "Off", "roles": ["Owner"]})
MUTE = contact(notificationsSources=[{"sourceType": "AttackPath", "minimalRiskLevel": "High"}])
OLD = contact(notificationsSources=..., alertNotifications={"state": "On", "minimalSeverity": "High"})

CASES = [
    *rows(
        "sql-threat-detection",
        ("switched on", threat(), {ID: "pass"}),
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
        ("switched off", threat(state="disabled"), {ID: "fail"}, {"reason": "Threat detection is off"}),
        ("off, plans forbidden", threat(None, state="Disabled"), {ID: "fail"}, NO_PRICINGS),
        ("unknown state", threat(state="Asleep"), {ID: "unknown"}),
        ("state absent", threat(state=...), {ID: "unknown"}),
        ("newer resource", threat(atp="Enabled"), {ID: "pass"}, GONE),
        ("newer resource after status 405", threat(atp="Disabled"), {ID: "fail"}, NOT_OFFERED),
        ("both resources unavailable", {"sql_servers": [server()]}, {ID: "unknown"}, GONE),
        FORBIDDEN,
        NO_LIST,
        NONE,
    ),
    *rows(
        "sql-threat-detection-types",
        ("every type on", threat(), {ID: "pass"}),
        (
            "one type disabled",
            threat(disabledAlerts=["Sql_Injection", ""]),
            {ID: "fail"},
            {"reason": "Sql Injection"},
        ),
        ("setting absent", threat(disabledAlerts=...), {ID: "unknown"}),
        ("disabledAlerts is text", threat(disabledAlerts="Sql_Injection"), {ID: "unknown"}),
        ("newer resource, on", threat(atp="Enabled"), {ID: "unknown"}, GONE),
        OFF,
        OFF_GONE,
        FORBIDDEN,
        NO_LIST,
        NONE,
    ),
    *rows(
        "sql-threat-alerts-contact",
        ("address on the server", threat(emailAddresses=["sec@example.com"]), {ID: "pass"}, RETIRES),
        (
            "address on the server, contacts forbidden",
            threat(emailAddresses=["sec@example.com"]),
            {ID: "pass"},
            {**NO_CONTACTS, **RETIRES},
        ),
        (
            "address on the server, and contact",
            threat(contacts=[contact()], emailAddresses=["sec@example.com"]),
            {ID: "pass"},
            STAYS,
        ),
        ("contact", threat(contacts=[contact()]), {ID: "pass"}, {"remark": "security contact"}),
        ("contact in the older format", threat(contacts=[OLD]), {ID: "pass"}),
        ("contact disabled", threat(contacts=[contact(isEnabled=False)]), {ID: "fail"}),
        ("contact without address", threat(contacts=[UNSET]), {ID: "fail"}),
        ("contact with a bad address", threat(contacts=[contact(emails="nobody; x@y")]), {ID: "fail"}),
        ("contact without alert notifications", threat(contacts=[MUTE]), {ID: "fail"}),
        ("no recipient", threat(), {ID: "fail"}),
        ("contact without addresses", threat(contacts=[contact(emails=...)]), {ID: "fail"}),
        ("contacts forbidden", threat(), {ID: "unknown"}, NO_CONTACTS),
        (
            "no contact exists",
            threat(),
            {ID: "fail"},
            {"gaps": [gap("security_contacts", None, Reason.NOT_FOUND, 404)]},
        ),
        (
            "contact without notification settings",
            threat(contacts=[contact(notificationsSources=...)]),
            {ID: "unknown"},
        ),
        ("setting absent", threat(emailAddresses=...), {ID: "unknown"}),
        ("not stated, contact", threat(emailAddresses=..., contacts=[contact()]), {ID: "pass"}),
        ("newer resource, contact", threat(atp="Enabled", contacts=[contact()]), {ID: "pass"}, GONE),
        ("newer resource, no recipient", threat(atp="Enabled"), {ID: "unknown"}, GONE),
        OFF,
        OFF_GONE,
        FORBIDDEN,
        NO_LIST,
        NONE,
    ),
    *rows(
        "sql-threat-alerts-owners",
        ("setting on the server, no contact", threat(emailAccountAdmins=True), {ID: "pass"}, STAYS),
        (
            "setting on the server, owners not notified",
            threat(contacts=[UNSET], emailAccountAdmins=True),
            {ID: "pass"},
            RETIRES,
        ),
        ("role Owner notified", threat(contacts=[contact()]), {ID: "pass"}, {"remark": "security contact"}),
        (
            "service administrators",
            threat(contacts=[contact(notificationsByRole={"state": "on", "roles": ["serviceadmin"]})]),
            {ID: "fail"},
        ),
        (
            "service administrators and owners",
            threat(
                contacts=[contact(notificationsByRole={"state": "on", "roles": ["ServiceAdmin", "owner"]})]
            ),
            {ID: "pass"},
        ),
        (
            "another role",
            threat(contacts=[contact(notificationsByRole={"state": "On", "roles": ["Contributor"]})]),
            {ID: "fail"},
        ),
        (
            "a role that only an example of Microsoft names, as Azure has answered",
            threat(contacts=[contact(notificationsByRole={"state": "On", "roles": ["Admin"]})]),
            {ID: "fail"},
        ),
        (
            "a role that Microsoft does not name",
            threat(contacts=[contact(notificationsByRole={"state": "On", "roles": ["Everybody"]})]),
            {ID: "unknown"},
            {"reason": "does not know the value “Everybody” of properties.notificationsByRole.roles"},
        ),
        (
            "an unknown role beside the owners",
            threat(contacts=[contact(notificationsByRole={"state": "On", "roles": ["Everybody", "Owner"]})]),
            {ID: "pass"},
        ),
        ("role notification off", threat(contacts=[UNSET]), {ID: "fail"}),
        ("no alert notifications", threat(contacts=[MUTE]), {ID: "fail"}),
        ("no contact", threat(), {ID: "pass"}, {"remark": "by default only alerts of high severity"}),
        (
            "no contact ever",
            threat(),
            {ID: "pass"},
            {"gaps": [gap("security_contacts", None, Reason.NOT_FOUND, 404)], "remark": "by default"},
        ),
        ("roles not stated", threat(contacts=[contact(notificationsByRole=...)]), {ID: "unknown"}),
        ("contacts forbidden", threat(), {ID: "unknown"}, NO_CONTACTS),
        ("setting absent", threat(emailAccountAdmins=..., contacts=[UNSET]), {ID: "unknown"}),
        ("setting absent, no contact", threat(emailAccountAdmins=...), {ID: "pass"}),
        OFF,
        FORBIDDEN,
        NO_LIST,
        NONE,
    ),
]

ABSENCE_PASSES = [
    (r"sql-threat-alerts-.*", r"properties\.isEnabled", "a contact is enabled by default"),
]
OFFICIAL_VERDICTS = """
sql-threat-alerts-contact pass: sqlcrudtest-4645
sql-threat-alerts-contact not_applicable: sqlcrudtest-6661
sql-threat-alerts-owners pass: sqlcrudtest-4645
sql-threat-alerts-owners not_applicable: sqlcrudtest-6661
sql-threat-detection pass: sqlcrudtest-4645
sql-threat-detection fail: sqlcrudtest-6661 testinstance1
sql-threat-detection-types fail: sqlcrudtest-4645
sql-threat-detection-types not_applicable: sqlcrudtest-6661
"""
PORTAL_PATHS = [
    ComparedPath(
        "Azure portal › SQL servers › {server} › Security › Microsoft Defender for Cloud › Configure",
        DocsFile(
            "MicrosoftDocs/sql-docs/azure-sql/database/azure-defender-for-sql.md",
            "053d54bd6f7e644f8da2f55fa39803754904f9b6",
            "From the Security area of your server or managed instance, select Defender for Cloud",
            "select Configure",
        ),
        not_in_text={
            "Microsoft Defender for Cloud": "The documentation shortens the name to Defender for Cloud.",
        },
    ),
    ComparedPath(
        "Azure portal › SQL servers or SQL managed instances › the resource › Security"
        " › Microsoft Defender for Cloud › Enable Microsoft Defender for SQL",
        DocsFile(
            "MicrosoftDocs/sql-docs/azure-sql/database/azure-defender-for-sql.md",
            "053d54bd6f7e644f8da2f55fa39803754904f9b6",
            "open your server or managed instance",
            "Under the Security heading, select Defender for Cloud",
            "Select Enable Microsoft Defender for SQL",
        ),
        not_in_text={
            "Microsoft Defender for Cloud": "The documentation shortens the name to Defender for Cloud.",
        },
    ),
]
