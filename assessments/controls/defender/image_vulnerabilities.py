"""defender-acr-vulns and defender-running-image-vulns.

Ids of the recommendations: the policy definitions 090c7b07-b4ed-4561-ad20-e9075f3ccaff and
17f4b1cc-c55c-4d94-b1f9-2978f6ac2957 of github.com/Azure/azure-policy, and
https://learn.microsoft.com/azure/defender-for-cloud/subassessment-rest-api
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any, Final

from assessments.controls.context import CollectionUnavailable, Context
from assessments.controls.declare import Control, Doc, Parameter, per_scope
from assessments.controls.defender_plans import resources_of
from assessments.controls.references import References
from assessments.controls.verdict import Severity, Verdict, failed, not_applicable, passed, unknown
from assessments.controls.vm_assessments import STATUS_CODES
from assessments.estate.collections.defender import SECURITY_ASSESSMENTS
from assessments.estate.collections.resources import RESOURCES
from assessments.estate.gaps import Reason
from assessments.estate.retired import Feature
from assessments.estate.view import Unreadable
from assessments.fixes.declare import Fix, advice

_PARAMETER: Final = "recommendations"


@dataclass(frozen=True, slots=True)
class _Images:
    """A recommendation about vulnerabilities of images: its id, and the resource types that have such images."""

    slug: str
    recommendation: str
    types: tuple[str, ...]
    title: str
    problem: str
    none: str
    where: str
    fix: str


_IMAGES: Final = (
    _Images(
        "defender-acr-vulns",
        "c0b7cfc6-3172-465a-b378-53c7ff2cc0d5",
        ("Microsoft.ContainerRegistry/registries",),
        title="Images in container registries have no open vulnerabilities",
        problem="Vulnerable images in container registries",
        none="No container registries",
        where="images in container registries",
        fix="Build the image anew from an updated base image, push it, and delete the vulnerable one.",
    ),
    _Images(
        "defender-running-image-vulns",
        "c609cf0f-71ab-41e9-a3c6-9a1f7fe1b8d5",
        ("Microsoft.ContainerService/managedClusters", "Microsoft.Kubernetes/connectedClusters"),
        title="Images of running containers have no open vulnerabilities",
        problem="Vulnerable images of running containers",
        none="No Kubernetes clusters",
        where="images that run in Kubernetes clusters",
        fix="Build the image anew from an updated base image, and deploy the containers again.",
    ),
)


def _judge(ctx: Context, images: _Images) -> Verdict:
    if not resources_of(ctx, images.types):
        return not_applicable(images.none)
    wanted = {text.strip().casefold() for text in str(ctx.params[_PARAMETER]).split(";")} - {""}
    documents, gaps = ctx.partial(SECURITY_ASSESSMENTS)
    codes: Counter[str] = Counter()
    problem: Unreadable | None = None
    for document in documents:
        if document.name.casefold() not in wanted:
            continue
        try:
            codes[document.choice("properties.status.code", STATUS_CODES)] += 1
        except Unreadable as error:
            problem = problem or error
    observed: dict[str, Any] = {"vulnerable": codes["unhealthy"], "withoutVulnerabilities": codes["healthy"]}
    if codes["unhealthy"]:
        return failed(f"Defender for Cloud found vulnerabilities in {images.where}", **observed)
    if gaps:
        raise CollectionUnavailable(gaps[0])
    if problem is not None:
        raise problem
    if not codes["healthy"]:
        return unknown(
            f"Defender for Cloud has no result of a scan of {images.where}: they are not scanned, or the"
            " recommendation has another id",
            Reason.UNDECIDED,
        )
    return passed(
        f"Defender for Cloud found no vulnerabilities in {images.where}",
        remarks=[f"Results that do not apply: {codes['notapplicable']:,}"] if codes["notapplicable"] else [],
        **observed,
    )


def _declare(images: _Images) -> Control:
    def rule(ctx: Context) -> Verdict:
        return _judge(ctx, images)

    rule.__module__ = __name__
    return per_scope(
        needs=(RESOURCES, SECURITY_ASSESSMENTS),
        severity=Severity.HIGH,
        feature=Feature.DEFENDER,
        slug=images.slug,
        doc=Doc(
            images.title,
            images.problem,
            f"Defender for Cloud scans {images.where} and finds no vulnerabilities",
            f"The recommendation of Defender for Cloud about {images.where}, found by its id. Fails if it is unhealthy"
            " for at least one resource, and passes if it is healthy for at least one. Without a result, or if all"
            " results do not apply, the verdict is unknown. Where Defender has replaced this recommendation by one for"
            " each image, enter the ids of the new ones as `recommendations`.",
            "Attackers know the weaknesses of common software, and look for containers that have them.",
        ),
        fix=Fix(
            advice(images.fix),
            portal="Azure portal › Microsoft Defender for Cloud › Recommendations › the recommendation",
            portal_source="https://learn.microsoft.com/azure/defender-for-cloud/review-security-recommendations",
            effects="Containers restart with the new image.",
        ),
        references=References(mcsb="PV-6 DS-6", nist="RA-5* SI-2*"),
        parameters=(
            Parameter(
                _PARAMETER, images.recommendation, "Ids of the recommendations that count, separated by `;`"
            ),
        ),
    )(rule)


CONTROLS = tuple(map(_declare, _IMAGES))
