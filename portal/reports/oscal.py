"""OSCAL assessment results, NIST's model in JSON, version 1.1.2.

Source: https://pages.nist.gov/OSCAL-Reference/models/v1.1.2/assessment-results/json-definition/.

- Each verdict becomes an observation, and each control with a verdict becomes a finding. Unknown and manual verdicts
  are not-satisfied with the reason `other`, so that they are not mistaken for a pass.
- Controls that are not applicable or not evaluated have no finding; the remarks of the result list them.
- An exception that is requested or in force is a risk with the status of a deviation, related to the observations
  that it covers. The risk changes no finding.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid5

from portal.reports.facts import ExceptionFact, FindingFact
from portal.reports.parts import exceptions, identity, integrity, method, results
from portal.reports.parts.part import ReportFacts
from portal.reports.section_facts import ControlFact
from portal.treatment.models import FindingException

OSCAL_VERSION = "1.1.2"
NAMESPACE = "https://surety.invalid/ns/oscal"
_REASONS = {"pass": "pass", "fail": "fail"}
_State = FindingException.State
# {label of an exception's state: status of the risk that it accepts}. A returned exception awaits a new decision.
_DEVIATIONS = {
    str(_State.REQUESTED.label): "deviation-requested",
    str(_State.RETURNED.label): "deviation-requested",
    str(_State.APPROVED.label): "deviation-approved",
    str(_State.ACTIVE.label): "deviation-approved",
}


def assessment_results(facts: ReportFacts) -> dict[str, Any]:
    """Return the document, `{"assessment-results": {...}}`.

    The ids in it derive from the report's id (UUID version 5).
    """
    report = facts.of(identity.PART).identity
    base = UUID(report.report_id)
    plan = _id(base, "plan")
    return {
        "assessment-results": {
            "uuid": _id(base, "document"),
            "metadata": {
                "title": report.title,
                "last-modified": _time(report.created_at),
                "version": str(report.number),
                "oscal-version": OSCAL_VERSION,
            },
            "import-ap": {"href": f"#{plan}"},
            "results": [_result(base, facts)],
            "back-matter": {
                "resources": [
                    {
                        "uuid": plan,
                        "title": "Catalogue of controls",
                        "description": (
                            f"Surety {report.assessed_with}, catalogue SHA-256 {report.catalogue_hash}. "
                            "All controls were in scope."
                        ),
                    }
                ]
            },
        }
    }


def _result(base: UUID, facts: ReportFacts) -> dict[str, Any]:
    report, run = facts.of(identity.PART), facts.of(method.PART)
    verdicts, hashes = facts.of(results.PART), facts.of(integrity.PART).integrity
    decided = [
        control for control in verdicts.controls if control.status not in ("not_applicable", "not_evaluated")
    ]
    other = [control.slug for control in verdicts.controls if control not in decided]
    as_of = report.identity.as_of
    result: dict[str, Any] = {
        "uuid": _id(base, "result"),
        "title": f"Assessment {report.identity.assessment_number}",
        "description": f"Configuration of {report.identity.customer} in Microsoft Azure, as of {_time(as_of)}.",
        "start": _time(run.started_at or as_of),
        "end": _time(run.ended_at or as_of),
        "props": [
            _prop("catalogue-sha256", report.identity.catalogue_hash),
            _prop("journal-head-sha256", hashes.journal_hash),
            _prop("evidence-manifest-sha256", hashes.evidence_sha256),
            _prop("score-raw", _score(verdicts.score)),
            _prop("score-adjusted", _score(verdicts.adjusted)),
            _prop("treated-at", _time(report.treated_at)),
        ],
        "reviewed-controls": {"control-selections": [_selection(decided)]},
    }
    if observations := [_observation(base, fact) for fact in verdicts.findings]:
        result["observations"] = observations
    if decided:
        result["findings"] = [_finding(base, control) for control in decided]
    register = facts.of(exceptions.PART).exceptions
    if risks := [_risk(base, fact, verdicts.findings) for fact in register if fact.state in _DEVIATIONS]:
        result["risks"] = risks
    if other:
        result["remarks"] = f"Not applicable or not evaluated: {', '.join(other)}."
    return result


def _selection(controls: list[ControlFact]) -> dict[str, Any]:
    if not controls:
        return {"description": "No control has a verdict."}
    return {"include-controls": [{"control-id": control.slug} for control in controls]}


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
        status["remarks"] = f"The verdict is {control.status}, which is not a pass."
    return {
        "uuid": _id(base, f"finding:{control.slug}"),
        "title": control.title,
        "description": control.expected or control.title,
        "target": {"type": "objective-id", "target-id": control.slug, "status": status},
        "related-observations": [
            {"observation-uuid": _id(base, f"observation:{fact.id}")} for fact in control.findings
        ],
    }


def _risk(base: UUID, fact: ExceptionFact, findings: list[FindingFact]) -> dict[str, Any]:
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
    covered = [finding for finding in findings if finding.exception == fact.number]
    if covered:
        risk["related-observations"] = [
            {"observation-uuid": _id(base, f"observation:{finding.id}")} for finding in covered
        ]
    return risk


def _score(score: float | None) -> str:
    return "none" if score is None else f"{score:.1f}"


def _id(base: UUID, name: str) -> str:
    return str(uuid5(base, name))


def _prop(name: str, value: str) -> dict[str, str]:
    return {"name": name, "ns": NAMESPACE, "value": value or "none"}


def _time(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
