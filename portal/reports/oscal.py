"""OSCAL assessment results, NIST's model in JSON, version 1.1.2.

Source: https://pages.nist.gov/OSCAL-Reference/models/v1.1.2/assessment-results/json-definition/. An
observation for each verdict, a finding for each control that was judged; `unknown` and `manual` are
not-satisfied with the reason `other`, for nobody may read them as a pass. Controls that are not applicable
or were not evaluated get no finding; the remarks of the result name them. An exception that is asked for or
in force is a risk with its deviation's status, related to the observations it covers; it changes no finding:
the verdict stays what it is.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid5

from portal.reports.facts import ControlFact, ExceptionFact, FindingFact, ReportFacts

OSCAL_VERSION = "1.1.2"
NAMESPACE = "https://surety.invalid/ns/oscal"
_REASONS = {"pass": "pass", "fail": "fail"}
# State of an exception -> the status of the risk that it accepts. Returned: an approver decides again.
_DEVIATIONS = {
    "Requested": "deviation-requested",
    "Returned": "deviation-requested",
    "Approved": "deviation-approved",
    "Active": "deviation-approved",
}


def assessment_results(facts: ReportFacts) -> dict[str, Any]:
    """The document, `{"assessment-results": {...}}`. Its ids are derived from the report's (UUID version 5)."""
    identity = facts.identity
    base = UUID(identity.report_id)
    plan = _id(base, "plan")
    judged = [
        control for control in facts.controls if control.status not in ("not_applicable", "not_evaluated")
    ]
    other = [control.slug for control in facts.controls if control not in judged]
    result: dict[str, Any] = {
        "uuid": _id(base, "result"),
        "title": f"Assessment {identity.assessment_number}",
        "description": f"Configuration of {identity.customer} in Microsoft Azure, as of {_time(identity.as_of)}.",
        "start": _time(facts.started_at or identity.as_of),
        "end": _time(facts.ended_at or identity.as_of),
        "props": [
            _prop("catalogue-sha256", identity.catalogue_hash),
            _prop("journal-head-sha256", facts.integrity.journal_hash),
            _prop("evidence-manifest-sha256", facts.integrity.evidence_sha256),
            _prop("score-raw", _score(facts.score)),
            _prop("score-adjusted", _score(facts.adjusted)),
            _prop("treated-at", _time(facts.treated_at)),
        ],
        "reviewed-controls": {
            "control-selections": [
                {"include-controls": [{"control-id": control.slug} for control in judged]}
                if judged
                else {"description": "No control could be judged.", "include-controls": []}
            ]
        },
    }
    if not judged:
        del result["reviewed-controls"]["control-selections"][0]["include-controls"]
    observations = [_observation(base, fact) for fact in facts.findings]
    if observations:
        result["observations"] = observations
    if judged:
        result["findings"] = [_finding(base, control) for control in judged]
    if risks := [_risk(base, fact, facts) for fact in facts.exceptions if fact.state in _DEVIATIONS]:
        result["risks"] = risks
    if other:
        result["remarks"] = f"Not applicable or not evaluated: {', '.join(other)}."
    return {
        "assessment-results": {
            "uuid": _id(base, "document"),
            "metadata": {
                "title": identity.title,
                "last-modified": _time(identity.created_at),
                "version": str(identity.number),
                "oscal-version": OSCAL_VERSION,
            },
            "import-ap": {"href": f"#{plan}"},
            "results": [result],
            "back-matter": {
                "resources": [
                    {
                        "uuid": plan,
                        "title": "Catalogue of controls",
                        "description": (
                            f"Surety {identity.assessed_with}, catalogue SHA-256 {identity.catalogue_hash}; "
                            "every control of it was to be judged."
                        ),
                    }
                ]
            },
        }
    }


def _observation(base: UUID, fact: FindingFact) -> dict[str, Any]:
    observation: dict[str, Any] = {
        "uuid": _id(base, f"observation:{fact.id}"),
        "title": f"{fact.control} on {fact.subject_name}"[:500],
        "description": fact.reason or fact.outcome,
        "props": [
            _prop("outcome", fact.outcome),
            _prop("severity", fact.severity),
            _prop("control", fact.control),
            _prop("subject", fact.subject),
            _prop("observed-sha256", fact.observed_sha256),
            _prop("state", fact.shown),
            _prop("owner", fact.owner),
        ],
        "methods": ["EXAMINE" if fact.outcome == "manual" else "TEST"],
        "collected": _time(fact.collected_at or fact.changed_at),
    }
    if fact.evidence:
        observation["relevant-evidence"] = [
            {"description": f"Evidence SHA-256 {sha}"} for sha in fact.evidence
        ]
    return observation


def _finding(base: UUID, control: ControlFact) -> dict[str, Any]:
    status: dict[str, Any] = {
        "state": "satisfied" if control.status == "pass" else "not-satisfied",
        "reason": _REASONS.get(control.status, "other"),
    }
    if control.status not in _REASONS:
        status["remarks"] = f"The control's verdict is {control.status}: that is no pass."
    return {
        "uuid": _id(base, f"finding:{control.slug}"),
        "title": control.title,
        "description": control.expected or control.title,
        "target": {"type": "objective-id", "target-id": control.slug, "status": status},
        "related-observations": [
            {"observation-uuid": _id(base, f"observation:{fact.id}")} for fact in control.findings
        ],
    }


def _risk(base: UUID, fact: ExceptionFact, facts: ReportFacts) -> dict[str, Any]:
    risk: dict[str, Any] = {
        "uuid": _id(base, f"exception:{fact.number}"),
        "title": f"Exception {fact.number}",
        "description": fact.about,
        "statement": fact.reason,
        "props": [
            _prop("exception-state", fact.state),
            _prop("requested-by", fact.requested_by),
            _prop("decided-by", fact.decided_by),
            _prop("starts", _time(fact.starts_at)),
            _prop("compensating-control", " ".join(fact.compensating_control.split())),
            *(_prop("file-sha256", file.sha256) for file in fact.files),
        ],
        "status": _DEVIATIONS[fact.state],
        "deadline": _time(fact.ends_at),
    }
    covered = [finding for finding in facts.findings if finding.exception == fact.number]
    if covered:
        risk["related-observations"] = [
            {"observation-uuid": _id(base, f"observation:{finding.id}")} for finding in covered
        ]
    return risk


def _score(score: float | None) -> str:
    return "none" if score is None else f"{score:.1f}"


def _id(base: UUID, what: str) -> str:
    return str(uuid5(base, what))


def _prop(name: str, value: str) -> dict[str, str]:
    return {"name": name, "ns": NAMESPACE, "value": value or "none"}


def _time(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
