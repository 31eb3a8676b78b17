"""Generate results of Defender for Cloud about vulnerabilities of container images. The expected verdicts are those of
defender-acr-vulns and defender-running-image-vulns.
"""

from __future__ import annotations

from sandbox.generate.assessments import (
    REGISTRY_IMAGES,
    RUNNING_IMAGES,
    Kind,
    write_assessment,
    write_image_update,
)
from sandbox.generate.subscription import Subscription

CONTROLS = ("defender-acr-vulns", "defender-running-image-vulns")
# {control: (resource type, Defender's recommendation on all images of a resource, resource type of a single image)}
_KINDS: dict[str, tuple[str, Kind, str]] = {
    "defender-acr-vulns": ("Microsoft.ContainerRegistry/registries", REGISTRY_IMAGES, ".containerimage"),
    "defender-running-image-vulns": (
        "Microsoft.ContainerService/managedClusters",
        RUNNING_IMAGES,
        "K8s-container",
    ),
}


def write_last(sub: Subscription) -> None:
    """Write the results of scanning images of registries and clusters. Call this after writing all resources."""
    if sub.without_defender:
        return
    for control, (kind, recommendation, single) in _KINDS.items():
        resources = [resource["id"] for resource in sub.logging if resource["type"] == kind]
        if not resources:
            continue
        with sub.branch(f"images/{control}"):
            is_unscanned, is_bad = sub.rng.faulty(), sub.rng.often_faulty()
            if is_bad and not is_unscanned and sub.rng.branch("single").chance(0.5):
                write_image_update(sub, resources[0], single)
                sub.expect(control, sub.id, "fail")
                continue
            for index, resource in enumerate(resources):
                write_assessment(
                    sub,
                    resource,
                    recommendation,
                    healthy=not is_bad or index > 0,
                    min_days=1,
                    max_days=20,
                    code="NotApplicable" if is_unscanned else "",
                )
            sub.expect(control, sub.id, "unknown" if is_unscanned else "fail" if is_bad else "pass")
