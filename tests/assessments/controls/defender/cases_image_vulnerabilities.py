"""Vulnerabilities of container images."""

from __future__ import annotations

from typing import Any

from tests.assessments.controls.cases import Case, rows
from tests.assessments.controls.defender.cases_plans import extension, plan
from tests.assessments.controls.defender.documents import VM, resource
from tests.assessments.controls.judging import SUB, doc, gap
from tests.assessments.controls.portal_paths import ComparedPath, DocsFile

REGISTRY, CLUSTER = (
    resource("Microsoft.ContainerRegistry/registries"),
    resource("Microsoft.ContainerService/managedClusters"),
)
# {control: (resource, id of the recommendation for all images, resource type of one image, extensions that scan)}
IMAGES = {
    "defender-acr-vulns": (
        REGISTRY,
        "c0b7cfc6-3172-465a-b378-53c7ff2cc0d5",
        ".containerimage",
        ("ContainerRegistriesVulnerabilityAssessments",),
    ),
    "defender-running-image-vulns": (
        CLUSTER,
        "c609cf0f-71ab-41e9-a3c6-9a1f7fe1b8d5",
        "K8s-container",
        ("ContainerRegistriesVulnerabilityAssessments", "AgentlessDiscoveryForKubernetes"),
    ),
}
NEWER = {
    "defender-acr-vulns": "33422d8f-ab1e-42be-bc9a-38685bb567b9",
    "defender-running-image-vulns": "c5045ea3-afc6-4006-ab8f-86c8574dbf3d",
}
OTHER = "a1000000-0000-4000-8000-000000000009"


def cases(slug: str) -> list[Case]:
    listed, name, single, scanning = IMAGES[slug]

    def found(*codes: Any, named: str = name.upper()) -> dict[str, Any]:
        """Results of Defender with these status codes, each about a different resource."""
        results = [
            doc(
                f"{listed['id']}{index}/providers/Microsoft.Security/assessments/{named}",
                {"status": {"code": code}},
            )
            for index, code in enumerate(codes)
        ]
        return {"resources": {SUB: [listed]}, "security_assessments": {SUB: results}}

    def open_updates(*details: Any, category: str | None = "SoftwareUpdate") -> dict[str, Any]:
        """Recommendations to update single images, as Resource Graph returns them. If an item of `details` is None, its
        recommendation has no details.
        """
        updates = [
            doc(
                f"{listed['id']}/providers/Microsoft.Security/assessments/update{index}",
                {
                    "status": {"code": "Unhealthy"},
                    "metadata": {
                        "severity": "Low",
                        **({} if category is None else {"recommendationCategory": category}),
                    },
                    **({} if one is None else {"resourceDetails": one}),
                },
            )
            for index, one in enumerate(details)
        ]
        return {**found(), "software_updates": {SUB: updates}}

    def plans(*listed_plans: dict[str, Any]) -> dict[str, Any]:
        return {**found(), "defender_pricings": {SUB: list(listed_plans)}}

    one = {"Source": "Azure", "ResourceType": single}
    on = [extension(scan) for scan in scanning]
    return rows(
        slug,
        ("an open update", open_updates(one), {SUB: "fail"}, {"reason": "found vulnerabilities"}),
        (
            "an update of a machine",
            open_updates({"Source": "Azure", "ResourceType": "microsoft.compute/virtualmachines"}),
            {SUB: "unknown"},
        ),
        ("an update in another cloud", open_updates({**one, "Source": "AWS"}), {SUB: "unknown"}),
        (
            "an update in a new cloud",
            {
                **found("Healthy"),
                "software_updates": open_updates({**one, "Source": "New"})["software_updates"],
            },
            {SUB: "unknown"},
        ),
        (
            "an update without category",
            open_updates(one, category=None),
            {SUB: "unknown"},
            {"reason": "recommendationCategory"},
        ),
        (
            "another recommendation without details",
            open_updates(None, category=None),
            {SUB: "unknown"},
            {"reason": "not scanned"},
        ),
        ("another category", open_updates(one, category="ExposedSecrets"), {SUB: "unknown"}),
        (
            "an update of unknown type",
            open_updates({"Source": "Azure"}),
            {SUB: "unknown"},
            {"reason": "absent"},
        ),
        ("an update without details", open_updates(None), {SUB: "unknown"}, {"reason": "absent"}),
        ("an update, and one of unknown type", open_updates({"Source": "Azure"}, one), {SUB: "fail"}),
        (
            "healthy, but an update is open",
            {**found("Healthy"), "software_updates": open_updates(one)["software_updates"]},
            {SUB: "fail"},
        ),
        (
            "updates forbidden",
            found("Healthy"),
            {SUB: "unknown"},
            {"gaps": [gap("software_updates")]},
        ),
        (
            "scanned, and nothing is open",
            plans(plan("Containers", extensions=on)),
            {SUB: "pass"},
            {
                "remark": "which images were scanned",
                "reason": "are on, and Defender for Cloud reports no vulnerability",
            },
        ),
        (
            "scanned by the other plan",
            plans(plan("Containers", "Free"), plan("CloudPosture", extensions=on)),
            {SUB: "pass"},
        ),
        (
            "an extension is off",
            plans(plan("Containers", extensions=[*on[1:], extension(scanning[0], "False")])),
            {SUB: "unknown"},
            {"reason": "not scanned"},
        ),
        ("the plan is off", plans(plan("Containers", "Free", extensions=on)), {SUB: "unknown"}),
        ("plans forbidden", found(), {SUB: "unknown"}, {"gaps": [gap("defender_pricings")]}),
        ("healthy", found("Healthy"), {SUB: "pass"}, {"no_remark": "apply"}),
        ("healthy, under the newer id", found("Healthy", named=NEWER[slug]), {SUB: "pass"}),
        ("unhealthy, under the newer id", found("Unhealthy", named=NEWER[slug]), {SUB: "fail"}),
        (
            "partly without images",
            found("Healthy", "NotApplicable"),
            {SUB: "pass"},
            {"remark": "NotApplicable: 1"},
        ),
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
OFFICIAL_VERDICTS = """
defender-acr-vulns fail: unit
defender-running-image-vulns unknown: unit  # the examples have no result of a scan
"""
PORTAL_PATHS = [
    ComparedPath(
        "Azure portal › Microsoft Defender for Cloud › Recommendations › the recommendation",
        DocsFile(
            "MicrosoftDocs/defender-docs/articles/defender-for-cloud/review-security-recommendations.md",
            "005d120789c99c9824c62c3c0bf0f5ce29aa5c18",
            "Microsoft Defender for Cloud",
            "Defender for Cloud > Recommendations",
            "Select a recommendation",
        ),
    ),
]
