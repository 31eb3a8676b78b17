"""OSCAL assessment results, NIST's model in JSON, version 1.1.2.

Source: https://pages.nist.gov/OSCAL-Reference/models/v1.1.2/assessment-results/json-definition/.

- Each verdict becomes an observation, and each control with a verdict becomes a finding. Unknown and manual verdicts
  are not-satisfied with the reason `other`, so that they are not mistaken for a pass.
- In a large report, the first verdicts of a control with the same outcome have an observation each, and one observation
  stands for all others (`ResultsFacts.listed_at_most`). `results.csv` has every verdict.
- Controls that are not applicable or not evaluated have no finding; the remarks of the result list them.
- An exception that is requested or in force is a risk with the status of a deviation, related to the observations
  that it covers. The risk changes no finding.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any
from uuid import UUID

from portal import oscal
from portal.oscal import derived_id, moment, prop
from portal.reports.attachment_files import Lines
from portal.reports.facts import ExceptionFact, FindingFact
from portal.reports.parts import exceptions, identity, integrity, method, results
from portal.reports.parts.part import ReportFacts
from portal.reports.section_facts import ControlFact
from portal.treatment.models import FindingException

_State = FindingException.State
# {label of an exception's state: status of the risk that it accepts}. A returned exception awaits a new decision.
_DEVIATIONS = {
    str(_State.REQUESTED.label): "deviation-requested",
    str(_State.RETURNED.label): "deviation-requested",
    str(_State.APPROVED.label): "deviation-approved",
    str(_State.ACTIVE.label): "deviation-approved",
}


def assessment_results(facts: ReportFacts) -> dict[str, Any]:
    """Return the document, `{"assessment-results": {...}}`, with long lists as `Lines` that can be read once.

    The ids in it derive from the report's id (UUID version 5).
    """
    report = facts.of(identity.PART).identity
    base = UUID(report.report_id)
    document = oscal.envelope(
        base,
        title=report.title,
        at=report.created_at,
        version=str(report.number),
        catalogue=f"Surety {report.assessed_with}, catalogue SHA-256 {report.catalogue_hash}."
        " All controls were in scope.",
    )
    return {"assessment-results": {**document, "results": Lines([_result(base, facts)])}}


def _result(base: UUID, facts: ReportFacts) -> dict[str, Any]:
    report, run = facts.of(identity.PART), facts.of(method.PART)
    verdicts, hashes = facts.of(results.PART), facts.of(integrity.PART).integrity
    decided = [
        control for control in verdicts.controls if control.status not in ("not_applicable", "not_evaluated")
    ]
    other = [control.slug for control in verdicts.controls if control not in decided]
    as_of, limit = report.identity.as_of, verdicts.listed_at_most
    result: dict[str, Any] = {
        "uuid": derived_id(base, "result"),
        "title": f"Assessment {report.identity.assessment_number}",
        "description": f"Configuration of {report.identity.customer} in Microsoft Azure, as of {moment(as_of)}.",
        "start": moment(run.started_at or as_of),
        "end": moment(run.ended_at or as_of),
        "props": [
            prop("catalogue-sha256", report.identity.catalogue_hash),
            prop("journal-head-sha256", hashes.journal_hash),
            prop("evidence-manifest-sha256", hashes.evidence_sha256),
            prop("score-raw", _score(verdicts.score)),
            prop("score-adjusted", _score(verdicts.adjusted)),
            prop("treated-at", moment(report.treated_at)),
        ],
        "reviewed-controls": oscal.reviewed_controls(control.slug for control in decided),
    }
    if any(control.counts for control in verdicts.controls):
        result["observations"] = Lines(
            observation
            for control in verdicts.controls
            for observation in _observations(base, control, limit, result["end"])
        )
    if decided:
        result["findings"] = Lines(_finding(base, control, limit) for control in decided)
    register = facts.of(exceptions.PART).exceptions
    if accepted := [fact for fact in register if fact.state in _DEVIATIONS]:
        covered = _covered(base, verdicts.controls, limit)
        result["risks"] = [_risk(base, fact, covered.get(fact.number, {})) for fact in accepted]
    if other:
        result["remarks"] = f"Not applicable or not evaluated: {', '.join(other)}."
    return result


def _observations(
    base: UUID, control: ControlFact, limit: int | None, collected: str
) -> Iterator[dict[str, Any]]:
    """Yield the observations of a control. `collected`: the end of the assessment."""
    for outcome, number in control.counts.items():
        for fact in islice(control.of_outcome(outcome), limit):
            yield _observation(base, fact)
        if limit is not None and number > limit:
            yield _others(base, control, outcome, number - limit, collected)


def _others(base: UUID, control: ControlFact, outcome: str, number: int, collected: str) -> dict[str, Any]:
    """Return one observation that stands for the verdicts without an observation of their own."""
    return {
        "uuid": _others_id(base, control.slug, outcome),
        "title": f"{control.slug} on {number} further subjects",
        "description": f"{number} further verdicts with this outcome. The attachment results.csv lists them.",
        "props": [
            prop("outcome", outcome),
            prop("severity", control.severity),
            prop("control", control.slug),
            prop("verdicts", str(number)),
        ],
        "methods": [oscal.method(outcome)],
        "collected": collected,
    }


def _others_id(base: UUID, control: str, outcome: str) -> str:
    return derived_id(base, f"observations:{control}:{outcome}")


def _observation_id(base: UUID, fact: FindingFact) -> str:
    return derived_id(base, f"observation:{fact.id}")


def _covered(base: UUID, controls: list[ControlFact], limit: int | None) -> dict[int, dict[str, None]]:
    """Return {number of an exception: the ids of the observations that it covers, each once}."""
    found: dict[int, dict[str, None]] = defaultdict(dict)
    for control in controls:
        for place, fact in enumerate(control.of_outcome("fail")):
            if fact.exception is not None:
                has_own = limit is None or place < limit
                uuid = _observation_id(base, fact) if has_own else _others_id(base, control.slug, "fail")
                found[fact.exception][uuid] = None
    return found


def _observation(base: UUID, fact: FindingFact) -> dict[str, Any]:
    return oscal.observation(
        _observation_id(base, fact),
        title=f"{fact.control} on {fact.subject_name}",
        description=fact.reason or fact.outcome,
        outcome=fact.outcome,
        props=(
            ("severity", fact.severity),
            ("control", fact.control),
            ("subject", fact.subject),
            ("observed-sha256", fact.observed_sha256),
            ("state", fact.shown),
            ("owner", fact.owner),
        ),
        collected=fact.collected_at or fact.changed_at,
        evidence=fact.evidence,
    )


def _finding(base: UUID, control: ControlFact, limit: int | None) -> dict[str, Any]:
    return {
        "uuid": derived_id(base, f"finding:{control.slug}"),
        "title": control.title,
        "description": control.expected or control.title,
        "target": oscal.target(control.slug, control.status),
        "related-observations": [
            {"observation-uuid": uuid} for uuid in _observation_ids(base, control, limit)
        ],
    }


def _observation_ids(base: UUID, control: ControlFact, limit: int | None) -> Iterator[str]:
    for outcome, number in control.counts.items():
        for fact in islice(control.of_outcome(outcome), limit):
            yield _observation_id(base, fact)
        if limit is not None and number > limit:
            yield _others_id(base, control.slug, outcome)


def _risk(base: UUID, fact: ExceptionFact, covered: Iterable[str]) -> dict[str, Any]:
    """Return the exception as a risk. `covered`: ids of the observations that it covers."""
    risk: dict[str, Any] = {
        "uuid": derived_id(base, f"exception:{fact.number}"),
        "title": f"Exception {fact.number}",
        "description": fact.about,
        "statement": fact.reason,
        "props": [
            prop("exception-state", fact.state),
            prop("requested-by", fact.requested_by),
            prop("decided-by", fact.decided_by),
            prop("starts", moment(fact.starts_at)),
            prop("compensating-control", " ".join(fact.compensating_control.split())),
            *(prop("file-sha256", file.sha256) for file in fact.files),
        ],
        "status": _DEVIATIONS[fact.state],
        "deadline": moment(fact.ends_at),
    }
    if related := [{"observation-uuid": uuid} for uuid in covered]:
        risk["related-observations"] = related
    return risk


def _score(score: float | None) -> str:
    return "none" if score is None else f"{score:.1f}"
