"""Descriptions, formats and permitted values of fields in the JSON Schemas of reports.

This module has them for dataclasses of facts outside `portal.reports.parts`, and for names of fields that several
dataclasses use. In `portal.reports.parts`, each field declares its own with `portal.reports.parts.part.in_schema`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from assessments.estate.logs.activity import ActorKind
from assessments.models import Finding
from portal.changes.models import ResourceChange
from portal.reports.facts.presentation import OUTCOMES, SEVERITIES
from portal.reports.facts.resource_changes import ATTRIBUTIONS
from portal.treatment.states import ShownState

_HASH: Final = "^([0-9a-f]{64})?$"
_SEVERITY: Final = {"enum": list(SEVERITIES)}
_SHOWN: Final = {"enum": list(ShownState.values), "description": "State after treatment"}

# {field: keywords that the schema of the field has in addition to the type}. A key is "Dataclass.field", or only the
# name of the field if several dataclasses have this field.
FIELDS: Final[Mapping[str, Mapping[str, Any]]] = {
    "severity": _SEVERITY,
    "adjusted": {
        "description": "The score after exceptions and attestations; null if there is no verdict that counts"
    },
    "score": {"description": "Null if no verdict counts"},
    "coverage": {
        "description": "The share of the applicable verdicts that are known; null if no verdict is applicable"
    },
    "sha256": {"pattern": "^[0-9a-f]{64}$"},
    "manifest_sha256": {
        "pattern": _HASH,
        "description": "SHA-256 of the evidence manifest of the subscription or directory;"
        " empty if it was not read",
    },
    "logo_sha256": {"pattern": _HASH, "description": "Empty without a logo"},
    "before": {
        "enum": ["", *OUTCOMES, "gone"],
        "description": "The outcome before the change; empty for a new subject",
    },
    "after": {
        "enum": [*OUTCOMES, "gone"],
        "description": "The outcome after the change. “gone” means that the subject no longer exists or is no"
        " longer assessed",
    },
    "counts": {"propertyNames": {"enum": list(OUTCOMES)}, "description": "Number of verdicts by outcome"},
    "principals": {"description": "The service principals that read the configuration"},
    "AttestationFact.standing": {"enum": ["met", "not met", "expired", "outdated", "never answered"]},
    "AttestationFact.finding": {"format": "uuid"},
    "BrandingFact.accent": {"pattern": "^#[0-9a-f]{6}$"},
    "BrandingFact.label": {
        "description": "The label of the customers to which the branding applies; empty for the"
        " default branding"
    },
    "JudgingChanges.assessment_before": {"description": "Number of the earlier assessment"},
    "JudgingChanges.catalogue_changed": {
        "description": "Whether the assessments used different catalogues of controls"
    },
    "JudgingChanges.version_before": {
        "description": "The version of Surety with which the earlier assessment was made"
    },
    "JudgedControl.before": {
        "description": "The parameters that differ, with their earlier values; null if the"
        " control was not judged in the earlier assessment"
    },
    "JudgedControl.after": {
        "description": "The parameters that differ, with their later values. If the control was not judged in the"
        " earlier assessment, the object has all parameters"
    },
    "ControlExposure.at_end": {
        "description": "The number of failures at the end of the period; null if the number is unknown"
    },
    "ControlExposure.at_start": {
        "description": "The number of failures at the start of the period; null if the number is unknown"
    },
    "ControlExposure.began": {"description": "Failures that began in the period"},
    "ControlExposure.ceased": {"description": "Failures that ended in the period"},
    "ControlExposure.days": {"minimum": 0, "description": "Days failing, all findings together"},
    "ControlExposure.longest": {
        "minimum": 0,
        "description": "The number of failing days of the finding that failed longest",
    },
    "ControlFact.references": {"description": "Requirement numbers by framework"},
    "ControlFact.references_partly": {
        "description": "What the control does not check, for each framework and requirement number"
    },
    "ControlFact.parameters": {"description": "The parameters with which the control was judged"},
    "ControlFact.not_evaluated": {
        "description": "The reason why the control has no verdict; empty if it has a verdict"
    },
    "ExceptionFact.number": {"minimum": 1},
    "ExceptionFact.covers": {
        "description": "The number of failing verdicts in this report that the exception covers"
    },
    "ExceptionFact.changed": {
        "description": "The number of failing verdicts whose observed value differs from the approved value"
    },
    "ExceptionFact.findings": {"description": "The number of findings in the scope of the exception"},
    "ExceptionFact.maximum": {"description": "The maximum number of findings that the exception may cover"},
    "FindingFact.id": {"format": "uuid"},
    "FindingFact.outcome": {"enum": list(OUTCOMES)},
    "FindingFact.shown": _SHOWN,
    "FindingFact.observed": {"description": "The observed value, as stored"},
    "FindingFact.observed_sha256": {"pattern": _HASH},
    "FindingFact.evidence": {
        "items": {"type": "string", "pattern": "^[0-9a-f]{64}$"},
        "description": "The SHA-256 of each item of evidence that the verdict cites. The evidence manifest lists"
        " these hashes",
    },
    "FindingFact.exception": {"description": "Number of the exception that covers the failure"},
    "FindingFact.collected_at": {
        "description": "The time when evidence with exactly this content was first read"
    },
    "FindingFact.confirmed_at": {
        "description": "The time when a reading of the subscription or directory last confirmed the verdict"
    },
    "FindingFact.known_with": {
        "description": "The permission or step that is needed to get a verdict, if the verdict is unknown"
    },
    "extent": {
        "description": "If the report’s assessment was cancelled, or limited to some subscriptions or directories:"
        " what was read"
    },
    "PropertyChangeFact.label": {
        "description": "The path of the property, in which each id is shortened to its last part"
    },
    "PropertyChangeFact.summary": {
        "description": "If an object was added or removed, its values that are not objects, such as `access Allow;"
        " priority 100`. If it has no such values, the names of its properties. Otherwise empty"
    },
    "PropertyChangeFact.before": {"description": "The value before the change; empty if there was no value"},
    "PropertyChangeFact.after": {"description": "The value after the change; empty if there is no value"},
    "MovedVerdictFact.before": {"enum": ["", *OUTCOMES], "description": "Empty if the verdict is new"},
    "MovedVerdictFact.after": {"enum": [*OUTCOMES, "gone"]},
    "OperationFact.actor_kind": {"enum": [kind.value for kind in ActorKind]},
    "PropertyChangeFact.change": {"enum": ["added", "removed", "changed"]},
    "ResourceChangeFact.change": {"format": "uuid"},
    "ResourceChangeFact.kind": {"enum": list(ResourceChange.Kind.values)},
    "ResourceChangeFact.attribution": {"enum": list(ATTRIBUTIONS)},
    "ResourceChangeFact.severity": {
        "enum": ["", *Finding.Severity.values],
        "description": "The highest severity of the watch rules that caught the change; empty if no rule caught it",
    },
    "ResourceChangeFact.review": {
        "enum": list(ResourceChange.State.values),
        "description": "Empty if no watch rule caught the change",
    },
    "ResourceChangeFact.since": {"description": "The change happened after this time"},
    "ResourceChangeFact.approved_at": {
        "description": "The time when a configuration of the resource was approved, if the change left the resource"
        " different from this configuration"
    },
    "ResourceChangeFact.approved_differences": {
        "description": "The first differences between the approved configuration and the configuration after the change"
    },
    "ResourceChangeFact.gap": {
        "description": "The reason why `operations` is empty or may be incomplete; otherwise empty"
    },
    "UnitFact.kind": {"enum": ["subscription", "directory"]},
    "UnitFact.trouble": {
        "description": "The reason why the subscription or directory was not assessed, or was assessed only in part;"
        " empty if it was read completely"
    },
    "UnitFact.gaps": {"description": "Number of requests that failed"},
    "UnitFact.stale": {
        "description": "Whether the subscription or directory was never read, or was last read more"
        " than seven days before the report"
    },
    "UnitFact.assessment_number": {
        "description": "The number of the assessment that read the subscription or directory"
    },
}
