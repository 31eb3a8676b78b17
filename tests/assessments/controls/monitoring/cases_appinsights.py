"""Application Insights."""

from __future__ import annotations

from typing import Any

from tests.assessments.controls.cases import Case
from tests.assessments.controls.judging import RG, gap
from tests.assessments.controls.portal_paths import ComparedPath, DocsFile

SLUG = "monitoring-appinsights"


def _resources(*kinds: str) -> dict[str, Any]:
    return {
        "resources": [
            {"id": f"{RG}/providers/{kind}/r{number}", "name": f"r{number}", "type": kind}
            for number, kind in enumerate(kinds)
        ]
    }


CASES = [
    *(
        Case(SLUG, name, _resources(*kinds), outcome)
        for name, kinds, outcome in (
            (
                "app with Application Insights",
                ("Microsoft.Web/sites", "microsoft.insights/components"),
                "pass",
            ),
            ("app", ("microsoft.web/sites",), "fail"),
            ("container app", ("Microsoft.App/containerApps",), "fail"),
            ("cluster", ("Microsoft.ContainerService/managedClusters",), "fail"),
            ("machine", ("Microsoft.Compute/virtualMachines",), "fail"),
            ("other resources", ("Microsoft.Storage/storageAccounts",), "not_applicable"),
            ("nothing", (), "not_applicable"),
        )
    ),
    Case(SLUG, "type absent", {"resources": [{"id": f"{RG}/x", "name": "x"}]}, "unknown"),
    Case(SLUG, "forbidden", {}, "unknown", [gap("resources")]),
]
OFFICIAL_VERDICTS = """
monitoring-appinsights fail: unit
"""
PORTAL_PATHS = [
    ComparedPath(
        "Azure portal › Application Insights › Create",
        DocsFile(
            "MicrosoftDocs/azure-docs/articles/azure-monitor/app/create-workspace-resource.md",
            "0294d31b3cebf9c39fbf3a20ebeec1681a2483fc",
            "Sign in to the Azure portal, and create an Application Insights resource",
        ),
    ),
]
