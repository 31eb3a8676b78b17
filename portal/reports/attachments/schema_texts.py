"""Parts of the JSON Schemas of reports that cannot be derived from the Python types of the facts: descriptions, formats
and permitted values.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from assessments.estate.logs.activity import ActorKind
from assessments.models import Finding
from portal.changes.models import ResourceChange
from portal.queries.frameworks.coverage import Coverage
from portal.queries.frameworks.results import Result
from portal.reports.facts.presentation import OUTCOMES, SEVERITIES
from portal.reports.facts.resource_changes import ATTRIBUTIONS
from portal.reports.kinds import KINDS
from portal.treatment.models import TreatmentEvent
from portal.treatment.states import ShownState

_HASH: Final = "^([0-9a-f]{64})?$"
_DAY: Final = {"format": "date", "pattern": r"^\d{4}-\d{2}-\d{2}$"}
_SEVERITY: Final = {"enum": list(SEVERITIES)}
_SHOWN: Final = {"enum": list(ShownState.values), "description": "State after treatment"}
_BY_SEVERITY: Final = {"propertyNames": {"enum": list(SEVERITIES)}}

# {name of a dataclass: what its objects are}
OBJECTS: Final[Mapping[str, str]] = {
    "Activity": "What happened in the days before the report",
    "AnswerFact": "A control that checks a requirement, completely or partly",
    "AttestationFact": "The latest answer to a manual control, or its absence",
    "BrandingFact": "The branding of the report",
    "ChangeCount": "How many verdicts changed in the same way in the assessment",
    "ChangeFact": "A verdict that changed in the assessment",
    "ComparedFact": "A finding whose verdict or state differs between the two assessments",
    "Comparison": "The earlier assessment of a change report, its figures, and every finding that differs",
    "ControlExposure": "How long the findings of a control failed in a period",
    "ControlFact": "A control with its verdicts, the worst first",
    "ExceptionFact": "An exception as it was at treated_at",
    "Excluded": "A subscription that was not assessed, or a remark on one that was",
    "FileFact": "A file added to an exception or attestation; the report states its hash only",
    "FirstStep": "The control whose open failures of one severity are to fix first, with the number of these failures",
    "FindingFact": "A verdict with its treatment",
    "FrameworkFact": "The framework version of the report",
    "GapFact": "Requests that failed for the same reason in a subscription or directory",
    "Identity": "What identifies the report, and the signature that it gets afterwards",
    "Integrity": "Hashes with which the report is checked",
    "JudgedControl": "A control with other parameters than before, or that only the later assessment judged",
    "JudgingChanges": "What differs between the rules with which the two assessments of a change report judged",
    "OffControl": "A control that is switched off for the customer, and was not judged",
    "PeriodAssessment": "An assessment that ended in the period",
    "PeriodReport": "What happened in the period of a report over a period",
    "PeriodStanding": "The recorded figures at the end of a UTC day",
    "MovedVerdictFact": "A verdict on a resource that changed with the resource",
    "OperationFact": "An operation of the activity log that may have made a change",
    "PropertyChangeFact": "A changed property with its values as JSON, cut after 300 characters",
    "ResourceChangeFact": "A change of a resource with its possible actors, moved verdicts and review",
    "ResourceChanges": "The changes of resources since the earlier assessment, or in the period",
    "UnreadLogFact": "A log that could not be read at least once in the time, with the missing permission",
    "NumberFact": "A requirement of the framework with its result",
    "AzureRoleFact": "A role in Azure that a service principal has, with the ids of its scopes",
    "DelegatedRolesFact": "A role that Azure Lighthouse delegates to principals of another directory",
    "UnreadDelegationsFact": "Delegated subscriptions whose delegations could not be read, and why",
    "UnreadRolesFact": "Roles of a service principal that could not be read, and why",
    "Principal": "A service principal of the customer’s directories, without its secret",
    "SectionFact": "A section of the catalogue with its controls",
    "Totals": "The sums of all controls",
    "TreatmentFact": "What a person or worker did to findings of a control",
    "TrendFact": "The figures of the customer at the end of a UTC day; on the last day, at the report’s time",
    "UnitFact": "A subscription or directory to assess",
}

# {"Dataclass.field", or a name that fields of several dataclasses share: further keys of the field's schema}
FIELDS: Final[Mapping[str, Mapping[str, Any]]] = {
    "severity": _SEVERITY,
    "adjusted_counts": {
        "propertyNames": {"enum": [*OUTCOMES, "excepted"]},
        "description": "Number of verdicts by outcome, after exceptions and attestations; excepted: failures that an"
        " exception covers",
    },
    "adjusted": {"description": "Score after exceptions and attestations, null if no verdict counts"},
    "score": {"description": "Null if no verdict counts"},
    "coverage": {"description": "Share of applicable verdicts that are known, null if there are none"},
    "sha256": {"pattern": "^[0-9a-f]{64}$"},
    "manifest_sha256": {"pattern": _HASH, "description": "Empty if the unit was not read"},
    "logo_sha256": {"pattern": _HASH, "description": "Empty without a logo"},
    "open_by_severity": {**_BY_SEVERITY, "description": "Failing verdicts by severity"},
    "due_days": {**_BY_SEVERITY, "description": "Days until a failure is due, by severity"},
    "states": {
        "propertyNames": {"enum": list(ShownState.values)},
        "description": "Number of findings by state after treatment",
    },
    "before": {"enum": ["", *OUTCOMES, "gone"], "description": "Outcome before; empty for a new subject"},
    "after": {
        "enum": [*OUTCOMES, "gone"],
        "description": "Outcome afterwards; gone: the subject no longer exists or is no longer assessed",
    },
    "counts": {"propertyNames": {"enum": list(OUTCOMES)}, "description": "Number of verdicts by outcome"},
    "exposure_first": {**_DAY, "description": "First UTC day of the period of exposure"},
    "exposure_last": {**_DAY, "description": "Last UTC day of the period, which ends at treated_at"},
    "fix_first": {"description": "What to fix first; null if no failure is open"},
    "historic": {"description": "A later assessment exists, so verdicts and treatments are reconstructed"},
    "treated_at": {"description": "The time for which the report states treatments"},
    "framework_results": {
        "propertyNames": {"enum": list(Result.values)},
        "description": "Number of requirements by result",
    },
    "frameworks": {"description": "Frameworks, each with the number of controls that refer to it"},
    "resource_types": {"description": "Types of Azure Resource Manager, each with the number of resources"},
    "collections": {
        "description": "What was requested: {collection: how completely it was read}",
        "additionalProperties": {
            "type": "object",
            "properties": {
                "title": {"type": "string"},
                "permission": {"type": "string"},
                "expected": {"type": "integer", "minimum": 0, "description": "Scopes to read"},
                "reached": {
                    "type": "integer",
                    "minimum": 0,
                    "description": "Scopes that were read completely",
                },
                "documents": {"type": "integer", "minimum": 0},
                "gaps": {"type": "object", "additionalProperties": {"type": "integer", "minimum": 1}},
            },
            "required": ["documents", "expected", "gaps", "permission", "reached", "title"],
            "additionalProperties": False,
        },
    },
    "not_covered": {
        "description": "Resources that no control judges although controls judge similar ones, by kind"
    },
    "disabled_at": {
        "description": "Since when the service principal is disabled, and so not used; null if it is enabled"
    },
    "roles_read_at": {"description": "When the roles were read; null if they never were"},
    "azure_roles": {"description": "The roles in Azure, also through groups"},
    "azure_roles_unread": {"description": "For which subscriptions the roles are unknown, and why"},
    "application_permissions": {
        "description": "Granted application permissions, by default of Microsoft Graph"
    },
    "application_permissions_unread": {
        "description": "Why the permissions are unknown; null if they are known"
    },
    "principals": {"description": "The service principals that read the configuration"},
    "delegated": {"description": "Subscriptions read through Azure Lighthouse"},
    "delegated_roles": {"description": "Roles that Azure Lighthouse delegates in these subscriptions"},
    "previous": {"description": "The previous assessment, in words; empty for the first assessment"},
    "previous_had_other_catalogue": {
        "description": "Verdicts can also differ because controls were added, changed or removed"
    },
    "catalogues": {
        "description": "Number of catalogues of controls that the assessments used, with the one before these days"
    },
    "comparison": {"description": "Null except in change reports"},
    "customer_archived_at": {"description": "Null if the customer is not archived"},
    "excluded": {"description": "Subscriptions that were not assessed, with the reason"},
    "trend": {
        "description": "The recorded days before the report, oldest first, then the report’s own figures"
    },
    "Activity.fixed": {
        "description": "Failures that became a pass, or to which the control no longer applies"
    },
    "Activity.removed": {"description": "Failures whose resource is gone or no longer assessed"},
    "Activity.fixed_controls": {"description": "Number of fixed failures by control"},
    "AnswerFact.missing": {"description": "What the control does not check"},
    "AttestationFact.standing": {"enum": ["met", "not met", "expired", "outdated", "never answered"]},
    "AttestationFact.finding": {"format": "uuid"},
    "BrandingFact.accent": {"pattern": "^#[0-9a-f]{6}$"},
    "BrandingFact.label": {"description": "The label of its customers; empty for the default"},
    "ComparedFact.finding": {"format": "uuid"},
    "ComparedFact.before_shown": {
        "enum": ["", *ShownState.values],
        "description": "State after treatment, in the earlier assessment",
    },
    "ComparedFact.after_shown": {
        "enum": ["", *ShownState.values],
        "description": "State after treatment, in the assessment of the report",
    },
    "Comparison.extent": {"description": "What the earlier assessment read, if not everything"},
    "Comparison.extent_now": {"description": "What the assessment of the report read, if not everything"},
    "Comparison.failing": {**_BY_SEVERITY, "description": "Failing verdicts by severity"},
    "Comparison.section_scores": {"description": "Raw and adjusted score by section"},
    "Comparison.section_unknown": {"description": "Number of unknown verdicts by section"},
    "judging_changes": {"description": "Null in reports other than change reports and reports over a period"},
    "JudgingChanges.assessment_before": {"description": "Number of the earlier assessment"},
    "JudgingChanges.catalogue_changed": {
        "description": "The assessments used different catalogues of controls"
    },
    "JudgingChanges.version_before": {"description": "Version of Surety that made the earlier assessment"},
    "JudgedControl.before": {"description": "Parameters that differ; null if the control was not judged"},
    "JudgedControl.after": {
        "description": "Parameters that differ, or all if the control was not judged before"
    },
    "Comparison.unchanged": {"description": "Verdicts with the same outcome and state"},
    "ControlExposure.at_end": {"description": "Failures at the end of the period; null if not known"},
    "ControlExposure.at_start": {"description": "Failures at the start of the period; null if not known"},
    "ControlExposure.began": {"description": "Failures that began in the period"},
    "ControlExposure.ceased": {"description": "Failures that ended in the period"},
    "ControlExposure.days": {"minimum": 0, "description": "Days failing, all findings together"},
    "ControlExposure.longest": {"minimum": 0, "description": "Most days failing of a single finding"},
    "ControlFact.references": {"description": "Numbers by framework"},
    "ControlFact.references_partly": {"description": "What is not checked, by framework and number"},
    "ControlFact.parameters": {"description": "The parameters with which the control was judged"},
    "ControlFact.not_evaluated": {"description": "Why the control has no verdict; empty if it has one"},
    "ExceptionFact.number": {"minimum": 1},
    "ExceptionFact.covers": {"description": "Failing verdicts in this report that the exception covers"},
    "ExceptionFact.changed": {"description": "Failing verdicts whose value differs from the approved one"},
    "ExceptionFact.findings": {"description": "Findings in the scope of the exception"},
    "ExceptionFact.maximum": {"description": "The most findings that the exception may cover"},
    "FindingFact.id": {"format": "uuid"},
    "FindingFact.outcome": {"enum": list(OUTCOMES)},
    "FindingFact.shown": _SHOWN,
    "FindingFact.observed": {"description": "The observed value, as stored"},
    "FindingFact.observed_sha256": {"pattern": _HASH},
    "FindingFact.evidence": {
        "items": {"type": "string", "pattern": "^[0-9a-f]{64}$"},
        "description": "SHA-256 of the evidence that the verdict cites; the evidence manifest lists it",
    },
    "FindingFact.exception": {"description": "Number of the exception that covers the failure"},
    "FindingFact.collected_at": {"description": "When evidence with exactly this content was first read"},
    "FindingFact.confirmed_at": {"description": "When the unit was last read with the same verdict"},
    "FindingFact.known_with": {
        "description": "The permission or step that would make an unknown verdict known"
    },
    "GapFact.places": {"description": "Number of requests"},
    "Identity.report_id": {"format": "uuid"},
    "Identity.assessment_id": {"format": "uuid"},
    "Identity.number": {"minimum": 1},
    "Identity.assessment_number": {"minimum": 1},
    "Identity.kind": {"enum": list(KINDS)},
    "Identity.level": {
        "enum": ["B-B", "B-T", "B-LT", "B-LTA"],
        "description": "PAdES level of the signature",
    },
    "Identity.paper": {"enum": ["a4", "letter"]},
    "Identity.language": {"enum": ["en", "de"], "description": "Language of the pages"},
    "Identity.catalogue_hash": {"pattern": _HASH, "description": "SHA-256 of the catalogue of controls"},
    "Identity.catalogue_changed": {"description": "The catalogue has changed since the assessment"},
    "Identity.signer_fingerprint": {"pattern": "^[0-9a-f]{64}$", "description": "SHA-256 of the certificate"},
    "Identity.self_made": {"description": "The certificate is self-signed"},
    "Integrity.attachments": {
        "additionalProperties": {"type": "string", "pattern": "^[0-9a-f]{64}$"},
        "description": "SHA-256 of the attachments, except results.json and OSCAL, which are written later",
    },
    "Integrity.evidence_sha256": {
        "pattern": "^[0-9a-f]{64}$",
        "description": "SHA-256 of the evidence manifest",
    },
    "Integrity.results_sha256": {"const": "", "description": "Empty: the file cannot contain its own hash"},
    "Integrity.journal_hash": {
        "pattern": "^[0-9a-f]{64}$",
        "description": "Hash of the journal’s last entry",
    },
    "Integrity.journal_problems": {"description": "Defects of the journal or of the stored evidence"},
    "NumberFact.coverage": {"enum": list(Coverage.values)},
    "NumberFact.result": {"enum": list(Result.values)},
    "NumberFact.counts": {"description": "Number of findings by kind"},
    "NumberFact.missing": {"description": "What is not checked, or why no control checks the requirement"},
    "extent": {
        "description": "What the assessment of the report read, if it was cancelled or limited to some subscriptions"
        " or directories"
    },
    "period": {"description": "Null except in reports over a period"},
    "PeriodAssessment.extent": {"description": "What it read, if not everything"},
    "PeriodAssessment.in_part": {
        "description": "Number of subscriptions and directories of which some data could not be read; null if that was"
        " deleted under the retention policy"
    },
    "PeriodReport.first": {**_DAY, "description": "First UTC day"},
    "PeriodReport.last": {**_DAY, "description": "Last UTC day, which is included"},
    "PeriodReport.before": {"description": "At the end of the day before the period"},
    "PeriodReport.after": {"description": "At the end of the last day, or at `until` if that is earlier"},
    "PeriodReport.until": {
        "description": "End of the last day, or the time of the report if that is earlier"
    },
    "PeriodReport.changes": {
        "description": "At most 20,000, those of earlier verdicts first, then the most severe; change_counts counts all"
    },
    "PeriodReport.treatments": {
        "description": "At most 20,000, the oldest first; treatment_counts counts all"
    },
    "PeriodReport.treatment_counts": {"description": "Number of findings by action"},
    "PeriodStanding.day": _DAY,
    "PeriodStanding.overdue": {"description": "Null if nothing was recorded on this day"},
    "PropertyChangeFact.label": {"description": "The path with the last part of each id"},
    "PropertyChangeFact.summary": {
        "description": "The simple values of an added or removed object; empty for other values and changes"
    },
    "PropertyChangeFact.before": {"description": "The value before; empty if there was none"},
    "PropertyChangeFact.after": {"description": "The value after; empty if there is none"},
    "resource_changes": {"description": "Null in reports on the first assessment of a customer"},
    "MovedVerdictFact.before": {"enum": ["", *OUTCOMES], "description": "Empty if the verdict is new"},
    "MovedVerdictFact.after": {"enum": [*OUTCOMES, "gone"]},
    "OperationFact.actor_kind": {"enum": [kind.value for kind in ActorKind]},
    "PropertyChangeFact.change": {"enum": ["added", "removed", "changed"]},
    "ResourceChangeFact.change": {"format": "uuid"},
    "ResourceChangeFact.kind": {"enum": list(ResourceChange.Kind.values)},
    "ResourceChangeFact.attribution": {"enum": list(ATTRIBUTIONS)},
    "ResourceChangeFact.severity": {
        "enum": ["", *Finding.Severity.values],
        "description": "Of the watch rules",
    },
    "ResourceChangeFact.review": {
        "enum": list(ResourceChange.State.values),
        "description": "Empty if no watch rule caught the change",
    },
    "ResourceChangeFact.since": {"description": "The change happened after this time"},
    "ResourceChangeFact.approved_at": {
        "description": "When the configuration was approved from which the change left the resource different"
    },
    "ResourceChangeFact.approved_differences": {"description": "From the approved value to the present one"},
    "ResourceChangeFact.gap": {"description": "Why operations may be missing"},
    "ResourceChanges.changes": {
        "description": "At most 20,000 in change reports and reports over a period, 15 in others; total counts all"
    },
    "TreatmentFact.kind": {"enum": list(TreatmentEvent.Kind.values)},
    "TreatmentFact.exception": {"description": "Number of the exception"},
    "TrendFact.day": _DAY,
    "TrendFact.open": {"description": "Failures neither acknowledged nor excepted, null if not recorded"},
    "TrendFact.applicable": {"description": "Verdicts other than “not applicable”"},
    "UnitFact.kind": {"enum": ["subscription", "directory"]},
    "UnitFact.trouble": {
        "description": "Why the unit was not assessed, or only in part; empty if it was read"
    },
    "UnitFact.gaps": {"description": "Number of requests that failed"},
    "UnitFact.stale": {"description": "Last read more than seven days before the report, or never"},
    "UnitFact.assessment_number": {"description": "The assessment that read the unit"},
}
