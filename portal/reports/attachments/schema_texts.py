"""Parts of the JSON Schemas of reports that cannot be derived from the dataclasses of the facts: descriptions, formats
and permitted values of fields.
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
from tenants.models import Language, Paper

_HASH: Final = "^([0-9a-f]{64})?$"
_DAY: Final = {"format": "date", "pattern": r"^\d{4}-\d{2}-\d{2}$"}
_SEVERITY: Final = {"enum": list(SEVERITIES)}
_SHOWN: Final = {"enum": list(ShownState.values), "description": "State after treatment"}
_BY_SEVERITY: Final = {"propertyNames": {"enum": list(SEVERITIES)}}

# {field: keywords that the schema of the field has in addition to the type}. A key is "Dataclass.field", or only the
# name of the field if several dataclasses have this field.
FIELDS: Final[Mapping[str, Mapping[str, Any]]] = {
    "severity": _SEVERITY,
    "adjusted_counts": {
        "propertyNames": {"enum": [*OUTCOMES, "excepted"]},
        "description": "Number of verdicts for each outcome, after exceptions and attestations. “excepted” is the"
        " number of failures that an exception covers",
    },
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
    "open_by_severity": {**_BY_SEVERITY, "description": "Failing verdicts by severity"},
    "due_days": {
        **_BY_SEVERITY,
        "description": "For each severity, the number of days until a failure is due",
    },
    "states": {
        "propertyNames": {"enum": list(ShownState.values)},
        "description": "Number of findings for each state. States take exceptions and other treatments into account",
    },
    "before": {"enum": ["", *OUTCOMES, "gone"], "description": "Outcome before; empty for a new subject"},
    "after": {
        "enum": [*OUTCOMES, "gone"],
        "description": "The outcome after the change. “gone” means that the subject no longer exists or is no"
        " longer assessed",
    },
    "counts": {"propertyNames": {"enum": list(OUTCOMES)}, "description": "Number of verdicts by outcome"},
    "exposure_first": {
        **_DAY,
        "description": "The first UTC day of the period in which failing days are counted",
    },
    "exposure_last": {
        **_DAY,
        "description": "The last UTC day of the period in which failing days are counted. The"
        " period ends at treated_at",
    },
    "fix_first": {
        "description": "The control whose failures should be fixed first; null if no failure is open"
    },
    "historic": {
        "description": "Whether a later assessment exists. If so, verdicts and treatments in the report"
        " were reconstructed"
    },
    "treated_at": {"description": "The report states treatments as they were at this time"},
    "framework_results": {
        "propertyNames": {"enum": list(Result.values)},
        "description": "Number of requirements by result",
    },
    "frameworks": {"description": "For each framework, the number of controls that refer to it"},
    "resource_types": {"description": "For each type of Azure Resource Manager, the number of resources"},
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
        "description": "For each kind of resource, the number of resources that no control judges, although controls"
        " judge similar resources"
    },
    "disabled_at": {
        "description": "The time when the service principal was disabled. A disabled service principal is not used."
        " Null if it is enabled"
    },
    "roles_read_at": {"description": "The time when the roles were read; null if they were never read"},
    "azure_roles": {
        "description": "The roles of the service principal in Azure, including roles that it has through"
        " groups"
    },
    "azure_roles_unread": {
        "description": "The subscriptions for which the roles are unknown, and the reason"
    },
    "application_permissions": {
        "description": "The granted application permissions. Permissions without the name of an API are permissions"
        " of Microsoft Graph"
    },
    "application_permissions_unread": {
        "description": "The reason why the permissions are unknown; null if they are known"
    },
    "principals": {"description": "The service principals that read the configuration"},
    "delegated": {"description": "Subscriptions read through Azure Lighthouse"},
    "delegated_roles": {
        "description": "The roles that principals of another directory have in the delegated subscriptions"
    },
    "previous": {"description": "The previous assessment in words; empty for the first assessment"},
    "previous_had_other_catalogue": {
        "description": "Whether the previous assessment used another catalogue of controls. If so, a verdict can"
        " also differ because a control was added, changed or removed"
    },
    "catalogues": {
        "description": "The number of different catalogues of controls that were used by the assessments of the last"
        " 30 days and by the last assessment before these days"
    },
    "comparison": {"description": "The comparison with an earlier assessment; null except in change reports"},
    "Activity.assessments": {
        "description": "The number of finished assessments that read something. Assessments that the watch started"
        " do not count"
    },
    "customer_archived_at": {
        "description": "The time when the customer was archived; null if the customer is not archived"
    },
    "excluded": {"description": "The subscriptions that were not assessed, with the reason"},
    "trend": {
        "description": "The recorded figures of the days before the report, the oldest first, then the figures at"
        " the time of the report"
    },
    "Activity.fixed": {
        "description": "The number of failures that became a pass, or to which the control no longer applies"
    },
    "Activity.removed": {
        "description": "The number of failures whose resource no longer exists or is no longer assessed"
    },
    "Activity.fixed_controls": {"description": "Number of fixed failures by control"},
    "AnswerFact.missing": {"description": "What the control does not check"},
    "AttestationFact.standing": {"enum": ["met", "not met", "expired", "outdated", "never answered"]},
    "AttestationFact.finding": {"format": "uuid"},
    "BrandingFact.accent": {"pattern": "^#[0-9a-f]{6}$"},
    "BrandingFact.label": {
        "description": "The label of the customers to which the branding applies; empty for the"
        " default branding"
    },
    "ComparedFact.finding": {"format": "uuid"},
    "ComparedFact.before_shown": {
        "enum": ["", *ShownState.values],
        "description": "The state, with exceptions and other treatments, in the earlier assessment",
    },
    "ComparedFact.after_shown": {
        "enum": ["", *ShownState.values],
        "description": "The state, with exceptions and other treatments, in the assessment of the report",
    },
    "Comparison.extent": {"description": "What the earlier assessment read, if it did not read everything"},
    "Comparison.extent_now": {
        "description": "What the assessment of the report read, if it did not read everything"
    },
    "Comparison.failing": {**_BY_SEVERITY, "description": "Failing verdicts by severity"},
    "Comparison.section_scores": {"description": "Raw and adjusted score by section"},
    "Comparison.section_unknown": {"description": "Number of unknown verdicts by section"},
    "judging_changes": {
        "description": "How the rules for verdicts changed since the earlier assessment, in change reports and reports"
        " over a period; null in other reports, and if there is no earlier assessment to compare with"
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
    "Comparison.unchanged": {
        "description": "The number of verdicts whose outcome and state are the same in both assessments"
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
    "ControlExposure.longest": {"minimum": 0, "description": "The most days that a single finding failed"},
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
    "Identity.paper": {"enum": list(Paper.values)},
    "Identity.language": {"enum": list(Language.values), "description": "Language of the pages"},
    "Identity.catalogue_hash": {"pattern": _HASH, "description": "SHA-256 of the catalogue of controls"},
    "Identity.catalogue_changed": {
        "description": "Whether the catalogue of controls has changed since the assessment"
    },
    "Identity.signer_fingerprint": {"pattern": "^[0-9a-f]{64}$", "description": "SHA-256 of the certificate"},
    "Identity.self_made": {"description": "The certificate is self-signed"},
    "Integrity.attachments": {
        "additionalProperties": {"type": "string", "pattern": "^[0-9a-f]{64}$"},
        "description": "SHA-256 of each attachment, except results.json and the OSCAL file, which are written after"
        " this list",
    },
    "Integrity.evidence_sha256": {
        "pattern": "^[0-9a-f]{64}$",
        "description": "SHA-256 of the evidence manifest",
    },
    "Integrity.results_sha256": {
        "const": "",
        "description": "Always empty, because the file cannot contain its own hash",
    },
    "Integrity.journal_hash": {
        "pattern": "^[0-9a-f]{64}$",
        "description": "Hash of the journal’s last entry",
    },
    "Integrity.journal_problems": {"description": "Defects of the journal or of the stored evidence"},
    "NumberFact.coverage": {"enum": list(Coverage.values)},
    "NumberFact.result": {"enum": list(Result.values)},
    "NumberFact.counts": {"description": "Number of findings by kind: failing, unknown, passing and so on"},
    "NumberFact.missing": {
        "description": "What no control checks, or why no control checks the requirement at all"
    },
    "extent": {
        "description": "What the assessment of the report read, if it was cancelled or limited to some subscriptions"
        " or directories"
    },
    "period": {"description": "What happened in the period; null except in reports over a period"},
    "PeriodAssessment.extent": {"description": "What the assessment read, if it did not read everything"},
    "PeriodAssessment.by_watch": {
        "description": "Whether the watch started the assessment. If the PDF cannot list all assessments, it leaves"
        " out such assessments first"
    },
    "PeriodAssessment.in_part": {
        "description": "The number of subscriptions and directories of which some data could not be read; null if"
        " this number was deleted under the retention policy"
    },
    "PeriodReport.first": {**_DAY, "description": "First UTC day"},
    "PeriodReport.last": {**_DAY, "description": "Last UTC day, which is included"},
    "PeriodReport.before": {"description": "The figures at the end of the day before the period"},
    "PeriodReport.after": {
        "description": "The figures at the end of the last day of the period, or at the time"
        " `until` if it is earlier"
    },
    "PeriodReport.until": {
        "description": "The end of the last day of the period, or the time of the report if it is earlier"
    },
    "PeriodReport.changes": {
        "description": "At most 20,000 changes of verdicts. Changes from one verdict to another come first, then the"
        " first verdicts on new findings. Each of these groups begins with the most severe changes. The field"
        " change_counts counts all changes"
    },
    "PeriodReport.treatments": {
        "description": "At most 20,000 treatments, the oldest first. The field treatment_counts counts all"
        " treatments"
    },
    "PeriodReport.treatment_counts": {"description": "Number of findings by action"},
    "PeriodStanding.day": _DAY,
    "PeriodStanding.overdue": {
        "description": "The number of overdue failures; null if no figures were recorded on this day"
    },
    "PropertyChangeFact.label": {
        "description": "The path of the property, in which each id is shortened to its last part"
    },
    "PropertyChangeFact.summary": {
        "description": "If an object was added or removed, its simple values; otherwise empty"
    },
    "PropertyChangeFact.before": {"description": "The value before the change; empty if there was no value"},
    "PropertyChangeFact.after": {"description": "The value after the change; empty if there is no value"},
    "resource_changes": {
        "description": "The changes of resources; null in reports on the first assessment of a customer"
    },
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
    "ResourceChanges.changes": {
        "description": "At most 20,000 changes in change reports and reports over a period, and at most 15 changes"
        " in other reports. The field total counts all changes"
    },
    "TreatmentFact.kind": {"enum": list(TreatmentEvent.Kind.values)},
    "TreatmentFact.exception": {"description": "Number of the exception"},
    "TrendFact.day": _DAY,
    "TrendFact.open": {
        "description": "The number of failures that nobody has acknowledged and no exception covers;"
        " null if it was not recorded"
    },
    "TrendFact.applicable": {"description": "Verdicts other than “not applicable”"},
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
