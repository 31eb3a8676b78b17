"""Locks of critical resources."""

from __future__ import annotations

from typing import Any

from tests.assessments.controls.cases import rows
from tests.assessments.controls.judging import RG, SUB, doc, gap
from tests.assessments.controls.portal_paths import ComparedPath, DocsFile
from tests.assessments.controls.storage.cases_locks import lock

SITE = f"{RG}/providers/Microsoft.Web/sites/shop"
CRITICAL = {"criticality": "High"}


def estate(tags: Any, *locks: Any) -> dict[str, Any]:
    body = doc(SITE, type="Microsoft.Web/sites", **({} if tags is None else {"tags": tags}))
    return {"resources": {SUB: [body]}, "locks": {SUB: list(locks)}}


CASES = rows(
    "lock-mission-critical",
    ("locked", estate(CRITICAL, lock(SITE)), {SITE: "pass"}),
    (
        "read-only",
        estate({"BusinessCriticality": "mission-critical "}, lock(SITE, "ReadOnly")),
        {SITE: "pass"},
    ),
    ("group locked", estate(CRITICAL, lock(RG)), {SITE: "pass"}),
    ("subscription locked", estate(CRITICAL, lock(SUB)), {SITE: "pass"}),
    ("none", estate(CRITICAL), {SITE: "fail"}),
    ("another locked", estate(CRITICAL, lock(f"{SITE}2")), {SITE: "fail"}),
    ("no level", estate(CRITICAL, lock(SITE, "NotSpecified")), {SITE: "fail"}),
    ("a new level", estate(CRITICAL, lock(SITE, "Moon")), {SITE: "unknown"}),
    (
        "locks forbidden",
        {"resources": estate(CRITICAL)["resources"]},
        {SITE: "unknown"},
        {"gaps": [gap("locks")]},
    ),
    ("tags are text", estate("high", lock(SITE)), {SITE: "unknown"}),
    ("low", estate({"criticality": "low"}), {SUB: "manual"}),
    ("another tag", estate({"team": "high"}, lock(SITE)), {SUB: "manual"}),
    ("no tags", estate(None), {SUB: "manual"}),
    (
        "own tag",
        estate({"Tier": "1"}),
        {SITE: "fail"},
        {"params": {"critical_tags": "tier", "critical_values": "1"}},
    ),
    (
        "a kind",
        estate(None),
        {SITE: "fail"},
        {"params": {"kinds": "microsoft.sql/servers; Microsoft.Web/Sites"}},
    ),
    ("the inventory is forbidden", {}, {SUB: "unknown"}, {"gaps": [gap("resources")]}),
    ("empty", {}, {SUB: "not_applicable"}),
)
OFFICIAL_VERDICTS = """
lock-mission-critical manual: unit
"""
PORTAL_PATHS = [
    ComparedPath(
        "Azure portal › the resource › Settings › Locks › Add › Delete",
        DocsFile(
            "MicrosoftDocs/azure-docs/includes/resource-manager-lock-resources.md",
            "00777de26e7c0c0392b7ad88563e06f711b6e265",
            (
                "In the Settings blade for the resource, resource group, or subscription that you wish to "
                "lock, select Locks"
            ),
            "To add a lock, select Add",
        ),
        DocsFile(
            "MicrosoftDocs/azure-docs/articles/azure-resource-manager/management/lock-resources.md",
            "03adcc30b28ecad9f81aba5638a15fb1930f5ec0",
            "In the portal, these locks are called Delete and Read-only",
        ),
    ),
]
