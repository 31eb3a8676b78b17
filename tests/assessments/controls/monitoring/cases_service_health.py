"""Alerts on service health."""

from __future__ import annotations

from typing import Any

from tests.assessments.controls.cases import rows
from tests.assessments.controls.judging import RG, SUB, gap
from tests.assessments.controls.monitoring.cases_alerts import ADMINISTRATIVE, alert, leaf
from tests.assessments.controls.portal_paths import ComparedPath, DocsFile

HEALTH = leaf("category", "ServiceHealth")
TYPE, SERVICE = "properties.incidentType", "properties.impactedServices[*].ServiceName"
REGION = "properties.impactedServices[*].ImpactedRegions[*].RegionName"
KINDS = ("Incident", "Maintenance", "Informational", "ActionRequired", "Security")


def any_of(*values: str) -> dict[str, Any]:
    return {"anyOf": [leaf(TYPE, value) for value in values]}


def rules(*alerts: dict[str, Any]) -> dict[str, Any]:
    return {"activity_log_alerts": list(alerts)}


CASES = rows(
    "monitoring-alert-service-health",
    ("every kind", rules(alert(HEALTH)), {SUB: "pass"}, {"no_remark": "Kinds"}),
    ("enabled absent", rules(alert(HEALTH, enabled=...)), {SUB: "pass"}),
    (
        "scope without a slash",
        rules(alert(leaf("Category", "servicehealth"), scopes=[SUB[1:]])),
        {SUB: "pass"},
    ),
    ("each kind by name", rules(alert(HEALTH, any_of(*KINDS))), {SUB: "pass"}, {"no_remark": "Kinds"}),
    ("a list of kinds", rules(alert(HEALTH, leaf(TYPE, *KINDS))), {SUB: "pass"}, {"no_remark": "Kinds"}),
    (
        "incidents only",
        rules(alert(HEALTH, leaf(TYPE, "Incident"))),
        {SUB: "pass"},
        {"remark": "no rule reports: ActionRequired, Informational, Maintenance, Security"},
    ),
    (
        "two rules",
        rules(alert(HEALTH, leaf(TYPE, "Incident")), alert(HEALTH, leaf(TYPE, *KINDS[1:]), name="b")),
        {SUB: "pass"},
        {"no_remark": "Kinds"},
    ),
    (
        "maintenance only",
        rules(alert(HEALTH, leaf(TYPE, "Maintenance"))),
        {SUB: "fail"},
        {"reason": "(Incident)"},
    ),
    (
        "some services",
        rules(alert(HEALTH, leaf(SERVICE, "Storage", "Virtual Machines"))),
        {SUB: "pass"},
        {"remark": "regions: Storage, Virtual Machines"},
    ),
    (
        "some regions",
        rules(alert(HEALTH, leaf(REGION, "West Europe"))),
        {SUB: "pass"},
        {"remark": "West Europe"},
    ),
    (
        "some services, and all",
        rules(alert(HEALTH, leaf(SERVICE, "Storage")), alert(HEALTH, name="b")),
        {SUB: "pass"},
        {"no_remark": "Storage"},
    ),
    ("narrowed", rules(alert(HEALTH, leaf("caller", "x"))), {SUB: "fail"}, {"reason": "narrowed by caller"}),
    ("disabled", rules(alert(HEALTH, enabled=False)), {SUB: "fail"}, {"reason": "it is disabled"}),
    ("a resource group", rules(alert(HEALTH, scopes=[RG])), {SUB: "fail"}, {"reason": "whole subscription"}),
    ("no action group", rules(alert(HEALTH, groups=())), {SUB: "fail"}, {"reason": "no action group"}),
    (
        "another category",
        rules(alert(ADMINISTRATIVE)),
        {SUB: "fail"},
        {"reason": "No alert rule reports problems"},
    ),
    ("none", rules(), {SUB: "fail"}),
    ("a new kind", rules(alert(HEALTH, leaf(TYPE, "Rumour"))), {SUB: "unknown"}, {"reason": "'rumour'"}),
    ("incidents and a new kind", rules(alert(HEALTH, any_of("Incident", "Rumour"))), {SUB: "pass"}),
    ("enabled is text", rules(alert(HEALTH, enabled="yes")), {SUB: "unknown"}),
    ("forbidden", {}, {SUB: "unknown"}, {"gaps": [gap("activity_log_alerts")]}),
)
IMPOSSIBLE = {
    "monitoring-alert-service-health": {"not_applicable": "Azure can have problems in every subscription"}
}
ABSENCE_PASSES = [
    ("monitoring-alert-service-health", r"properties\.enabled", "an alert rule is enabled by default"),
]
OFFICIAL_VERDICTS = """
monitoring-alert-service-health fail: unit
"""
PORTAL_PATHS = [
    ComparedPath(
        "Azure portal › Service Health › Health alerts › Add service health alert",
        DocsFile(
            "MicrosoftDocs/azure-docs/articles/service-health/alerts-activity-log-service-notifications-portal.md",
            "00766527bd628336b0aa71d410f0b54b263dfef9",
            "select Service Health",
            "select Health alerts",
            "Select Add service health alert",
        ),
    ),
]
