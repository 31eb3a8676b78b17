"""Emails of Defender for Cloud to the owners of the subscription and to the security contact."""

from __future__ import annotations

from typing import Any

from tests.assessments.controls.cases import Case
from tests.assessments.controls.defender.cases_plans import plan
from tests.assessments.controls.defender.cases_recommendations import MISSING, NOT_SEEN, contact
from tests.assessments.controls.judging import SUB, gap
from tests.assessments.controls.portal_paths import ComparedPath, DocsFile

OWNER, SEVERITY, PATHS = (
    "defender-contact-owner",
    "defender-contact-alert-severity",
    "defender-contact-attack-path",
)
ACCEPTED = {"accept_default": True}
ALERTS = {"sourceType": "Alert", "minimalSeverity": "High"}
WEATHER = {"sourceType": "Weather", "minimalSeverity": "High"}
REGISTERED = {"defender_pricings": [plan("CloudPosture")]}


def roles(*names: str, state: Any = "On", **more: Any) -> dict[str, Any]:
    return contact(notificationsByRole={"state": state, "roles": list(names)}, **more) | REGISTERED


def sources(*entries: tuple[str, Any], **more: Any) -> dict[str, Any]:
    levels = {"Alert": "minimalSeverity"}
    found = [{"sourceType": kind, levels.get(kind, "minimalRiskLevel"): level} for kind, level in entries]
    return contact(notificationsSources=found, **more) | REGISTERED


def older(state: Any, severity: Any) -> dict[str, Any]:
    return contact(alertNotifications={"state": state, "minimalSeverity": severity}) | REGISTERED


def of_all(slug: str, good: dict[str, Any]) -> list[Case]:
    properties = good["security_contacts"][0]["properties"]
    return [
        Case(
            slug, "contact disabled", contact(**properties, isEnabled=False), {SUB: "fail"}, reason="disabled"
        ),
        Case(slug, "contact enabled", contact(**properties, isEnabled=True), {SUB: "pass"}),
        Case(slug, "no contact", REGISTERED, {SUB: "fail"}, reason="No security contact"),
        Case(slug, "not found", REGISTERED, {SUB: "fail"}, MISSING, reason="No security contact"),
        Case(
            slug,
            "the default is enough",
            REGISTERED,
            {SUB: "pass"},
            MISSING,
            ACCEPTED,
            remark="No security contact",
        ),
        Case(
            slug,
            "Microsoft.Security not registered",
            {},
            {SUB: "fail"},
            MISSING,
            ACCEPTED,
            reason="not registered",
        ),
        Case(slug, "no contact, plans forbidden", {}, {SUB: "fail"}, [gap("defender_pricings")]),
        Case(
            slug,
            "the default is enough, plans forbidden",
            {},
            {SUB: "unknown"},
            [gap("defender_pricings")],
            ACCEPTED,
        ),
        Case(slug, "subscription not seen any more", REGISTERED, {SUB: "unknown"}, NOT_SEEN),
        Case(slug, "forbidden", REGISTERED, {SUB: "unknown"}, [gap("security_contacts")]),
        Case(slug, "setting absent", contact(emails="sec@example.com") | REGISTERED, {SUB: "unknown"}),
    ]


CASES = [
    *of_all(OWNER, roles("Owner")),
    Case(OWNER, "owner", roles("Contributor", "owner"), {SUB: "pass"}, no_remark="default"),
    *(
        Case(OWNER, f"owner, {name}", roles("Owner", **alerts), {SUB: "pass"}, **expected)
        for name, alerts, expected in (
            ("no alerts", {"notificationsSources": []}, {"remark": "no alerts"}),
            ("older shape, off", {"alertNotifications": {"state": "Off"}}, {"remark": "no alerts"}),
            ("alerts", {"notificationsSources": [ALERTS]}, {"no_remark": "no alerts"}),
            ("a new source", {"notificationsSources": [WEATHER]}, {"no_remark": "no alerts"}),
        )
    ),
    Case(OWNER, "others", roles("Contributor", "ServiceAdmin"), {SUB: "fail"}),
    Case(OWNER, "no role", roles(), {SUB: "fail"}),
    Case(OWNER, "off", roles("Owner", state="Off"), {SUB: "fail"}),
    Case(OWNER, "a new role", roles("Captain"), {SUB: "unknown"}),
    Case(OWNER, "a new state", roles("Owner", state="Partly"), {SUB: "unknown"}),
    *of_all(SEVERITY, sources(("Alert", "High"))),
    *(
        Case(SEVERITY, level, sources(("AttackPath", "Low"), ("Alert", level)), {SUB: "pass"})
        for level in ("High", "medium", "Low")
    ),
    Case(SEVERITY, "no alerts", sources(("AttackPath", "Low")), {SUB: "fail"}),
    Case(SEVERITY, "nothing", sources(), {SUB: "fail"}),
    Case(SEVERITY, "no level", sources(("Alert", None)), {SUB: "unknown"}),
    Case(SEVERITY, "a new level", sources(("Alert", "Extreme")), {SUB: "unknown"}),
    Case(SEVERITY, "a new source", sources(("Weather", "High")), {SUB: "unknown"}),
    Case(SEVERITY, "older shape", older("On", "Medium"), {SUB: "pass"}),
    Case(SEVERITY, "older shape, off", older("Off", "Medium"), {SUB: "fail"}),
    Case(SEVERITY, "older shape, no level", older("On", None), {SUB: "unknown"}),
    *of_all(PATHS, sources(("AttackPath", "High"))),
    *(
        Case(PATHS, f"{name}, {level}", sources((name, level)), {SUB: "pass"}, no_remark="Critical")
        for name, level in (("AttackPath", "High"), ("AttachPath", "Medium"), ("attackpath", "low"))
    ),
    Case(PATHS, "critical only", sources(("AttachPath", "Critical")), {SUB: "pass"}, remark="Critical"),
    Case(PATHS, "only alerts", sources(("Alert", "Low")), {SUB: "fail"}),
    Case(PATHS, "no level", sources(("AttackPath", None)), {SUB: "unknown"}),
    Case(PATHS, "a new level", sources(("AttackPath", "Extreme")), {SUB: "unknown"}),
    Case(PATHS, "older shape", older("On", "Medium"), {SUB: "unknown"}),
    Case(
        PATHS,
        "plan off",
        sources(("AttackPath", "High")) | {"defender_pricings": [plan("CloudPosture", "Free")]},
        {SUB: "pass"},
        remark="Defender CSPM",
    ),
    Case(
        PATHS,
        "plans forbidden",
        {**sources(("AttackPath", "High")), "defender_pricings": []},
        {SUB: "pass"},
        [gap("defender_pricings")],
        remark="not known",
    ),
]
IMPOSSIBLE = {
    slug: {"not_applicable": "every subscription can have a contact"} for slug in (OWNER, SEVERITY, PATHS)
}
ABSENCE_PASSES = [
    (f"{OWNER}|{SEVERITY}|{PATHS}", r"properties\.isEnabled", "a contact is enabled by default"),
    (PATHS, r"properties\.pricingTier", "only a remark depends on the plan"),
]
OFFICIAL_VERDICTS = """
defender-contact-alert-severity pass: unit
defender-contact-attack-path pass: unit
defender-contact-owner pass: unit
"""
PORTAL_PATHS = [
    ComparedPath(
        "Azure portal › Microsoft Defender for Cloud › Environment settings › {subscription} › Email notifications",
        DocsFile(
            "MicrosoftDocs/defender-docs/articles/defender-for-cloud/configure-email-notifications.md",
            "019a8c8fe112f57051c5e953239ddc71ce092e6f",
            "Microsoft Defender for Cloud > Environment settings",
            "Select the relevant subscription",
            "Select email notifications",
        ),
    ),
]
