"""Vulnerabilities of container images."""

from __future__ import annotations

from typing import Any

from tests.assessments.controls.cases import Case
from tests.assessments.controls.defender.documents import VM, resource
from tests.assessments.controls.judging import SUB, doc, gap
from tests.assessments.controls.storage.cases_storage import rows

REGISTRY, CLUSTER = (
    resource("Microsoft.ContainerRegistry/registries"),
    resource("Microsoft.ContainerService/managedClusters"),
)
IMAGES = {
    "defender-acr-vulns": (REGISTRY, "c0b7cfc6-3172-465a-b378-53c7ff2cc0d5"),
    "defender-running-image-vulns": (CLUSTER, "c609cf0f-71ab-41e9-a3c6-9a1f7fe1b8d5"),
}
OTHER = "33422d8f-ab1e-42be-bc9a-38685bb567b9"


def cases(slug: str) -> list[Case]:
    listed, name = IMAGES[slug]

    def found(*codes: Any, named: str = name.upper()) -> dict[str, Any]:
        """Results with these codes, each of another resource."""
        results = [
            doc(
                f"{listed['id']}{index}/providers/Microsoft.Security/assessments/{named}",
                {"status": {"code": code}},
            )
            for index, code in enumerate(codes)
        ]
        return {"resources": {SUB: [listed]}, "security_assessments": {SUB: results}}

    return rows(
        slug,
        ("healthy", found("Healthy"), {SUB: "pass"}, {"no_remark": "apply"}),
        ("partly without images", found("Healthy", "NotApplicable"), {SUB: "pass"}, {"remark": "apply: 1"}),
        ("unhealthy", found("Unhealthy", "Healthy", "NotApplicable"), {SUB: "fail"}),
        ("not applicable", found("NotApplicable"), {SUB: "unknown"}, {"reason": "not scanned"}),
        ("no result", found(), {SUB: "unknown"}, {"reason": "not scanned"}),
        ("another recommendation", found("Unhealthy", named=OTHER), {SUB: "unknown"}),
        (
            "another recommendation counts",
            found("Unhealthy", named=OTHER),
            {SUB: "fail"},
            {"params": {"recommendations": f"{name}; {OTHER}"}},
        ),
        ("a new code", found("Healthy", "Moon"), {SUB: "unknown"}),
        ("a new code, and unhealthy", found("Moon", "Unhealthy"), {SUB: "fail"}),
        (
            "results are incomplete",
            found("Healthy"),
            {SUB: "unknown"},
            {"gaps": [gap("security_assessments")]},
        ),
        ("nothing to scan", {"resources": {SUB: [VM]}}, {SUB: "not_applicable"}),
        ("inventory forbidden", {}, {SUB: "unknown"}, {"gaps": [gap("resources")]}),
    )


CASES = [case for slug in IMAGES for case in cases(slug)]
