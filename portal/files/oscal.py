"""Parts of OSCAL assessment results (NIST's JSON model, version 1.1.2), for reports and for exports of findings.

Source: https://pages.nist.gov/OSCAL-Reference/models/v1.1.2/assessment-results/json-definitions/.

compliance-trestle's classes check names, types and formats (ADR 27). These classes implement OSCAL 1.2.1, and accept
names that OSCAL 1.1.2 does not have. Therefore, a test checks that files of Surety contain no such names. Importing the
classes takes half a second and 30 MB, so other modules import this one inside functions.

Each id is a UUID of version 5, derived from a base id and a name. In a report, the base is the id of the report. In
exports of findings, the base of a finding is its id in Surety, so a finding has the same id in every export.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID, uuid5

from trestle.core.base_model import OscalBaseModel
from trestle.oscal.assessment_results import AssessmentResults, ImportAp, Result
from trestle.oscal.common import (
    BackMatter,
    ControlSelections,
    ControlSelectionsAll,
    FindingTarget,
    IncludeAll,
    Metadata,
    ObjectiveStatus,
    Observation,
    Property,
    RelatedObservation,
    RelevantEvidence,
    Resource,
    ReviewedControls,
    SelectControlById,
)

OSCAL_VERSION: Final = "1.1.2"
NAMESPACE: Final = "https://surety.invalid/ns/oscal"
"""The namespace of Surety's properties."""
# OSCAL's reason for the status of a finding, by the outcome of the verdict. Other outcomes get the reason `other`, so
# that nobody takes them for a pass.
_REASONS: Final[Mapping[str, str]] = {"pass": "pass", "fail": "fail"}


def plain(part: OscalBaseModel) -> dict[str, Any]:
    """Return an object of OSCAL as values for a JSON encoder, with OSCAL's names of keys. Times end with ``+00:00``."""
    values: dict[str, Any] = part.model_dump(mode="json", by_alias=True, exclude_none=True)
    return values


def document(
    base: UUID, result: Result, *, title: str, at: datetime, version: str, catalogue: str
) -> AssessmentResults:
    """Return an OSCAL document with one result. The caller may leave the long lists out of `result`, and write these
    lists to the file separately.

    `at` is the time at which the document is written. OSCAL requires an assessment plan. Surety has none, so the
    document names `catalogue`, a description of the controls, instead.
    """
    plan = derived_id(base, "plan")
    return AssessmentResults(
        uuid=derived_id(base, "document"),
        metadata=Metadata(
            title=line(title), last_modified=moment(at), version=line(version), oscal_version=OSCAL_VERSION
        ),
        import_ap=ImportAp(href=f"#{plan}"),
        results=[result],
        back_matter=BackMatter(
            resources=[Resource(uuid=plan, title="Catalogue of controls", description=catalogue)]
        ),
    )


def reviewed_controls(controls: Iterable[str]) -> ReviewedControls:
    """Return OSCAL's selection of the reviewed controls. `controls` are the slugs of the controls with a verdict. The
    selection keeps their order.
    """
    included = [SelectControlById(control_id=slug) for slug in controls]
    if not included:
        # OSCAL requires a selection, and permits no empty list of controls. So select all controls, and say in the
        # description that there is no verdict.
        text = "This document contains no verdict of any control."
        return ReviewedControls(
            control_selections=[ControlSelectionsAll(description=text, include_all=IncludeAll())]
        )
    return ReviewedControls(control_selections=[ControlSelections(include_controls=included)])


def observation(
    uuid: str,
    *,
    title: str,
    description: str,
    outcome: str,
    props: Iterable[tuple[str, str]],
    collected: datetime,
    evidence: Iterable[str] = (),
    remarks: Iterable[str] = (),
) -> Observation:
    """Return one verdict on one subject as an observation.

    `props` are the properties (name, value) that follow the property `outcome`. `evidence` are SHA-256 hashes.
    `remarks` are sentences, one per line.
    """
    relevant = [RelevantEvidence(description=f"Evidence SHA-256 {sha}") for sha in evidence]
    return Observation(
        uuid=uuid,
        title=line(title[:500]),
        description=text(description),
        props=[prop("outcome", outcome), *(prop(name, value) for name, value in props)],
        methods=[_method(outcome)],
        collected=moment(collected),
        relevant_evidence=relevant or None,
        remarks="\n".join(map(text, remarks)) or None,
    )


def related(observations: Iterable[str]) -> list[RelatedObservation] | None:
    """Return the references to the observations with these ids, or None if there are no ids."""
    return [RelatedObservation(observation_uuid=uuid) for uuid in observations] or None


def _method(outcome: str) -> str:
    """Return OSCAL's name for how a verdict was reached: EXAMINE for a manual verdict, which people decide, otherwise
    TEST.
    """
    return "EXAMINE" if outcome == "manual" else "TEST"


def target(control: str, outcome: str) -> FindingTarget:
    """Return the target of an OSCAL finding: the control, with the status `satisfied` for a pass and
    `not-satisfied` for every other verdict.
    """
    is_decided = outcome in _REASONS
    return FindingTarget(
        type="objective-id",
        target_id=control,
        status=ObjectiveStatus(
            state="satisfied" if outcome == "pass" else "not-satisfied",
            reason=_REASONS.get(outcome, "other"),
            remarks=None if is_decided else f"The verdict is {outcome}, which is not a pass.",
        ),
    )


def derived_id(base: UUID, name: str) -> str:
    """Return the id of a part of a document, always the same for equal arguments.

    `base` is the id of the document, or the id of the finding or customer that the part is about. `name` distinguishes
    the parts with the same base, such as “result” or “exception:12”.
    """
    return str(uuid5(base, name))


def prop(name: str, value: str) -> Property:
    """Return a property in Surety's namespace."""
    return Property(name=name, ns=NAMESPACE, value=line(value))


def line(value: str) -> str:
    """Return a text in the form that OSCAL requires for titles and values: one line, not empty, without blanks at its
    beginning and end.
    """
    return " ".join(text(value).splitlines()).strip() or "none"


def text(value: str) -> str:
    """Return a text that can be encoded in UTF-8, with question marks instead of lone surrogates."""
    return value if value.isascii() else value.encode("utf-8", "replace").decode()


def moment(at: datetime) -> str:
    """Return the time as ``2026-11-25T12:00:00Z``."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
