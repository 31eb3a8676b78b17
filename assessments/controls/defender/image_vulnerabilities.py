"""The controls defender-acr-vulns and defender-running-image-vulns: images have no open vulnerabilities.

Since 2026-07-31, Defender makes a separate recommendation, with an unpredictable id, for each update of an image or
container. How Resource Graph returns these recommendations:
https://learn.microsoft.com/azure/defender-for-cloud/release-notes (2026-03-04, “Deprecation of preview of container and
container images vulnerability recommendations”). Some clouds still have one recommendation for all images. Known ids:
https://learn.microsoft.com/azure/defender-for-cloud/transition-grouped-individual-recommendations and
https://learn.microsoft.com/azure/defender-for-cloud/recommendations-reference-container
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any, Final

from assessments.controls.context import Context
from assessments.controls.declare import Control, Parameter, per_scope
from assessments.controls.docstrings import Doc
from assessments.controls.references import References
from assessments.controls.shared.defender_plans import extension_on, is_paid, plan, resources_of
from assessments.controls.shared.vm_assessments import SOFTWARE_UPDATE, STATUS_CODES, is_software_update
from assessments.controls.verdict import Severity, Verdict, failed, not_applicable, passed, unknown
from assessments.estate.collections.defender import PRICINGS, SECURITY_ASSESSMENTS, SOFTWARE_UPDATES
from assessments.estate.collections.resources import RESOURCES
from assessments.estate.gaps import Reason
from assessments.estate.retired import Feature
from assessments.estate.view import Unreadable, View
from assessments.fixes.declare import Fix, advice

_PARAMETER: Final = "recommendations"
# These plans offer the extensions that scan images.
_PLANS: Final = ("Containers", "CloudPosture")
_REGISTRY_SCANS: Final = "ContainerRegistriesVulnerabilityAssessments"
# Places outside Azure in which the resource of a recommendation can be: the SDK's values OnPremise and OnPremiseSql,
# and the environments that can be connected to Defender for Cloud:
# https://learn.microsoft.com/azure/defender-for-cloud/connect-azure-subscription
_ELSEWHERE: Final = frozenset(
    {"onpremise", "onpremisesql", "aws", "gcp", "github", "azuredevops", "gitlab", "dockerhub", "jfrog"}
)
# There can be many thousand updates; a few are enough as evidence.
_EVIDENCE: Final = 20


@dataclass(frozen=True, slots=True)
class _Images:
    """The data of one control on vulnerabilities of images. Defender reports vulnerabilities either in one older
    recommendation, which covers all images, or in newer recommendations, one for each update of an image or container.

    - `recommendations`: the known ids of the older recommendation, separated by `;`
    - `update_of`: the resource type, in lower case, that the newer recommendations state in their details
    - `types`: the types of the resources that store or run the images
    - `extensions`: the extensions of a Defender plan that together scan the images
    """

    slug: str
    recommendations: str
    update_of: str
    types: tuple[str, ...]
    extensions: tuple[str, ...]
    title: str
    problem: str
    none: str
    where: str
    fix: str


_IMAGES: Final = (
    _Images(
        "defender-acr-vulns",
        "33422d8f-ab1e-42be-bc9a-38685bb567b9;c0b7cfc6-3172-465a-b378-53c7ff2cc0d5",
        ".containerimage",
        ("Microsoft.ContainerRegistry/registries",),
        (_REGISTRY_SCANS,),
        title="Images in container registries have no open vulnerabilities",
        problem="Vulnerable images in container registries",
        none="No container registries",
        where="images in container registries",
        fix="Build the image anew from an updated base image, push it, and delete the vulnerable one.",
    ),
    _Images(
        "defender-running-image-vulns",
        "c5045ea3-afc6-4006-ab8f-86c8574dbf3d;c609cf0f-71ab-41e9-a3c6-9a1f7fe1b8d5",
        "k8s-container",
        ("Microsoft.ContainerService/managedClusters", "Microsoft.Kubernetes/connectedClusters"),
        (_REGISTRY_SCANS, "AgentlessDiscoveryForKubernetes"),
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
    codes, problem = _grouped(ctx)
    updates, unclear = _updates(ctx, images)
    problem = problem or unclear
    observed: dict[str, Any] = {
        "vulnerable": codes["unhealthy"],
        "withoutVulnerabilities": codes["healthy"],
        "updates": updates,
    }
    if codes["unhealthy"] or updates:
        return failed(f"Defender for Cloud found vulnerabilities in {images.where}", **observed)
    for collection in (SECURITY_ASSESSMENTS, SOFTWARE_UPDATES):
        ctx.require_complete(collection)
    if problem is not None:
        raise problem
    if codes["healthy"]:
        return passed(
            f"Defender for Cloud found no vulnerabilities in {images.where}",
            remarks=[f"Results with the status NotApplicable: {codes['notapplicable']:,}"]
            if codes["notapplicable"]
            else [],
            **observed,
        )
    if not codes["notapplicable"] and all(_is_on(ctx, extension) for extension in images.extensions):
        return passed(
            f"Scans of {images.where} are on, and Defender for Cloud reports no vulnerability",
            remarks=["Azure does not state which images were scanned"],
            **observed,
        )
    return unknown(
        f"Defender for Cloud has no result of a scan of {images.where}: these images are not scanned, or"
        " the id of the recommendation is not in the control’s parameters",
        Reason.UNDECIDED,
    )


def _grouped(ctx: Context) -> tuple[Counter[str], Unreadable | None]:
    """Return two values of the older recommendation, which covers all images: {status: number of results}, and the
    error for the first unreadable status.
    """
    wanted = {text.strip().casefold() for text in str(ctx.params[_PARAMETER]).split(";")} - {""}
    codes: Counter[str] = Counter()
    problem: Unreadable | None = None
    for document in ctx.partial(SECURITY_ASSESSMENTS)[0]:
        if document.name.casefold() not in wanted:
            continue
        try:
            codes[document.choice("properties.status.code", STATUS_CODES)] += 1
        except Unreadable as error:
            problem = problem or error
    return codes, problem


def _updates(ctx: Context, images: _Images) -> tuple[int, Unreadable | None]:
    """Return how many updates Defender recommends for single images. If Surety cannot tell whether a recommendation is
    about such an update, also return the error for the first such recommendation.
    """
    number = 0
    problem: Unreadable | None = None
    for document in ctx.estate.documents(SOFTWARE_UPDATES.name):
        try:
            if _is_update(document, images):
                number += 1
                if number <= _EVIDENCE:
                    _is_update(document.bound(ctx.trace), images)
        except Unreadable as error:
            problem = problem or error
    return number, problem


def _is_update(recommendation: View, images: _Images) -> bool:
    """Return whether a recommendation asks to update an image. Raise Unreadable if this cannot be decided."""
    details = recommendation.object("properties.resourceDetails", default={})
    if not details.has("ResourceType") and not is_software_update(recommendation):
        return False
    if details.text("ResourceType").casefold() != images.update_of:
        return False
    # Skip registries and clusters in other clouds, which can also be connected to Defender for Cloud.
    if details.choice("Source", _ELSEWHERE | {"azure"}) != "azure":
        return False
    category = recommendation.object("properties").object("metadata").text("recommendationCategory")
    return category.casefold() == SOFTWARE_UPDATE


def _is_on(ctx: Context, extension: str) -> bool:
    """Return whether the extension is on in at least one plan that is itself on. Raise CollectionUnavailable or
    Unreadable if needed data could not be read.
    """
    plans = [plan(ctx, name) for name in _PLANS]
    return any(found is not None and is_paid(found) and extension_on(found, extension) for found in plans)


def _declare(images: _Images) -> Control:
    def rule(ctx: Context) -> Verdict:
        return _judge(ctx, images)

    rule.__module__ = __name__
    extensions = " and ".join(f"`{name}`" for name in images.extensions)
    extensions += " are" if len(images.extensions) > 1 else " is"
    return per_scope(
        needs=(RESOURCES, SECURITY_ASSESSMENTS, SOFTWARE_UPDATES, PRICINGS),
        severity=Severity.HIGH,
        feature=Feature.DEFENDER,
        slug=images.slug,
        doc=Doc(
            images.title,
            images.problem,
            f"Defender for Cloud scans {images.where} and finds no vulnerabilities",
            f"The updates that Defender for Cloud recommends for single {images.where} (category `SoftwareUpdate`)."
            " Fails if one of these updates is open. In some clouds, Defender still has a single recommendation for all"
            " images; the ids that it can have are in `recommendations`. The control also fails if this recommendation"
            " is unhealthy for at least one resource. If no update is open, and the recommendation is unhealthy for no"
            " resource and healthy for at least one, the control passes."
            " If no update is open and the recommendation has no result, the control passes with a remark, provided"
            f" that {extensions} on in the plan for containers or for posture management. In all other cases, for"
            " example if the recommendation applies to no resource, the verdict is unknown.",
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
                _PARAMETER,
                images.recommendations,
                "In some clouds, Defender for Cloud has a single recommendation for all images. Ids that this"
                " recommendation can have, separated by `;`",
                label="Ids of the single recommendation",
            ),
        ),
    )(rule)


CONTROLS = tuple(map(_declare, _IMAGES))
