"""Write the results of a report as OSCAL assessment results 1.1.2, NIST's model in JSON.

Source: https://pages.nist.gov/OSCAL-Reference/models/v1.1.2/assessment-results/json-definition/.

- For each verdict, the document has an observation. For each control that was evaluated and is applicable, the document
  has an OSCAL finding. Unknown and manual verdicts are not-satisfied with the reason `other`, so that they are not
  mistaken for a pass.
- In a large report, for each control and outcome, only the first verdicts have observations of their own
  (`ResultsFacts.listed_at_most`). One observation stands for all further verdicts of this control and outcome.
  If the report has a `results.csv`, every verdict is in `results.csv`.
- Controls that are not applicable or were not evaluated have no OSCAL finding. The remarks of the result list them.
- An exception that is requested or in force is a risk with the status of a deviation. The risk refers to the
  observations that the exception covers.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import islice
from typing import Any
from uuid import UUID

from trestle.oscal.assessment_results import Result
from trestle.oscal.common import Finding, Observation, Risk

from portal.files import oscal
from portal.files.oscal import derived_id, line, moment, plain, prop, related, text
from portal.reports.attachment_files import ALWAYS_LISTED, Lines
from portal.reports.facts.sections import ControlFact
from portal.reports.facts.shared import ExceptionFact, FindingFact
from portal.reports.kinds import KINDS
from portal.reports.parts import exceptions, identity, integrity, method, results, scope
from portal.reports.parts.part import ReportFacts
from portal.treatment.models import FindingException

_State = FindingException.State
# {label of an exception's state: status of the exception's risk in OSCAL}. A returned exception counts as requested,
# because it waits for a new decision.
_DEVIATIONS = {
    str(_State.REQUESTED.label): "deviation-requested",
    str(_State.RETURNED.label): "deviation-requested",
    str(_State.APPROVED.label): "deviation-approved",
    str(_State.ACTIVE.label): "deviation-approved",
}


def assessment_results(facts: ReportFacts) -> dict[str, Any]:
    """Return the document, `{"assessment-results": {...}}`, with long lists as `Lines`, which can be read only once.

    The ids in the document derive from the report's id (UUID version 5).
    """
    report = facts.of(identity.PART).identity
    base = UUID(report.report_id)
    document = oscal.document(
        base,
        _result(base, facts),
        title=report.title,
        at=report.created_at,
        version=str(report.number),
        catalogue=f"Surety {report.assessed_with}, catalogue SHA-256 {report.catalogue_hash}."
        f" {_extent(facts.of(scope.PART))}",
    )
    content = plain(document)
    content["results"] = Lines([content["results"][0] | _long_lists(base, facts)])
    return {"assessment-results": content}


def _extent(found: scope.ScopeFacts) -> str:
    """Return sentences about the controls that have no verdict, were judged in only some places, or do not apply to the
    customer.

    If there are no such controls, return a sentence that says that all controls were in scope.
    """
    sentences = []
    if found.without_verdict:
        sentences.append(f"Number of controls without a verdict: {found.without_verdict}.")
    if found.judged_in_part:
        sentences.append(
            f"Number of controls that were judged in only some subscriptions and directories: {found.judged_in_part}."
        )
    if found.outside_profile:
        sentences.append(
            f"Number of controls that were not judged, because they are not in the profile “{found.profile}”:"
            f" {found.outside_profile}."
        )
    sentences += [
        f"{row.control} was not judged, because {row.by} switched it off on {row.at[:10]}: {row.reason}."
        for row in found.switched_off
    ]
    return text(" ".join(sentences)) if sentences else "All controls were in scope."


def _long_lists(base: UUID, facts: ReportFacts) -> dict[str, Lines]:
    """Return the lists of the result that have an item for each verdict or each control."""
    verdicts = facts.of(results.PART)
    limit, ended, kind = verdicts.listed_at_most, _ended(facts), facts.of(identity.PART).identity.kind
    found = {}
    if any(control.counts for control in verdicts.controls):
        found["observations"] = Lines(
            plain(observation)
            for control in verdicts.controls
            for observation in _observations(base, control, limit, ended, kind)
        )
    if decided := _decided(verdicts.controls):
        found["findings"] = Lines(plain(_finding(base, control, limit)) for control in decided)
    return found


def _decided(controls: Iterable[ControlFact]) -> list[ControlFact]:
    return [control for control in controls if control.status not in ("not_applicable", "not_evaluated")]


def _ended(facts: ReportFacts) -> datetime:
    return facts.of(method.PART).ended_at or facts.of(identity.PART).identity.as_of


def _started(facts: ReportFacts) -> datetime:
    """Return the time at which the first subscription or directory was read, perhaps by an earlier assessment."""
    begun = [unit.started_at for unit in facts.of(scope.PART).units if unit.started_at is not None]
    run = facts.of(method.PART).started_at or facts.of(identity.PART).identity.as_of
    return min(run, *begun) if begun else run


def _unread(facts: ReportFacts) -> str:
    """Return sentences about what the report's assessment did not read, with a space before them. If it read
    everything, return an empty text.
    """
    extent, number = facts.of(scope.PART).extent, facts.of(identity.PART).identity.assessment_number
    if not extent:
        return ""
    return (
        f" Assessment {number} did not read everything: {extent}. Verdicts that this assessment did not renew come"
        " from earlier assessments."
    )


def _result(base: UUID, facts: ReportFacts) -> Result:
    """Return the result without the lists that `_long_lists` returns."""
    report = facts.of(identity.PART)
    verdicts, hashes = facts.of(results.PART), facts.of(integrity.PART).integrity
    decided = _decided(verdicts.controls)
    other = [control.slug for control in verdicts.controls if control not in decided]
    as_of, limit = report.identity.as_of, verdicts.listed_at_most
    accepted = [fact for fact in facts.of(exceptions.PART).exceptions if fact.state in _DEVIATIONS]
    covered = _covered(base, verdicts.controls, limit) if accepted else {}
    return Result(
        uuid=derived_id(base, "result"),
        title=f"Assessment {report.identity.assessment_number}",
        description=text(
            f"This document describes the configuration of {report.identity.customer} in Microsoft Azure, as of"
            f" {moment(as_of)}.{_unread(facts)}"
        ),
        start=moment(_started(facts)),
        end=moment(_ended(facts)),
        props=[
            prop("catalogue-sha256", report.identity.catalogue_hash),
            prop("journal-head-sha256", hashes.journal_hash),
            prop("evidence-manifest-sha256", hashes.evidence_sha256),
            prop("score-raw", _score(verdicts.score)),
            prop("score-adjusted", _score(verdicts.adjusted)),
            prop("treated-at", moment(report.treated_at)),
        ],
        reviewed_controls=oscal.reviewed_controls(control.slug for control in decided),
        risks=[_risk(base, fact, covered.get(fact.number, {})) for fact in accepted] or None,
        remarks=f"Controls that do not apply or were not evaluated: {', '.join(other)}." if other else None,
    )


def _observations(
    base: UUID, control: ControlFact, limit: int | None, collected: datetime, kind: str
) -> Iterator[Observation]:
    """Yield the observations of a control. `collected` is the end of the assessment. `kind` is the report's kind."""
    for outcome, number in control.counts.items():
        for fact in islice(control.of_outcome(outcome), limit):
            yield _observation(base, fact)
        if limit is not None and number > limit:
            yield _others(base, control, outcome, number - limit, collected, kind)


def _others(
    base: UUID, control: ControlFact, outcome: str, number: int, collected: datetime, kind: str
) -> Observation:
    """Return one observation for the verdicts of the control that have this outcome but no observation of their own.
    `number` is the number of these verdicts. `kind` is the report's kind.
    """
    if "results.csv" in KINDS[kind].attachments:
        listed = "The attachment results.csv lists them."
    elif outcome in ALWAYS_LISTED:
        listed = "The attachment results.json lists them."
    else:
        listed = "This report only counts them. A full report lists them in results.csv."
    return oscal.observation(
        _others_id(base, control.slug, outcome),
        title=f"{control.slug} on {number} further subjects",
        description=f"{number} further verdicts have this outcome. {listed}",
        outcome=outcome,
        props=(("severity", control.severity), ("control", control.slug), ("verdicts", str(number))),
        collected=collected,
    )


def _others_id(base: UUID, control: str, outcome: str) -> str:
    return derived_id(base, f"observations:{control}:{outcome}")


def _observation_id(base: UUID, fact: FindingFact) -> str:
    return derived_id(base, f"observation:{fact.id}")


def _covered(base: UUID, controls: list[ControlFact], limit: int | None) -> dict[int, dict[str, None]]:
    """Return {number of an exception: ids of the observations that the exception covers}.

    Several failures can share one observation. The ids are the keys of a dict, so each id occurs only once.
    """
    found: dict[int, dict[str, None]] = defaultdict(dict)
    for control in controls:
        for place, fact in enumerate(control.of_outcome("fail")):
            if fact.exception is not None:
                has_own = limit is None or place < limit
                uuid = _observation_id(base, fact) if has_own else _others_id(base, control.slug, "fail")
                found[fact.exception][uuid] = None
    return found


def _observation(base: UUID, fact: FindingFact) -> Observation:
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
        collected=fact.confirmed_at or fact.changed_at,
        evidence=fact.evidence,
        remarks=fact.remarks,
    )


def _finding(base: UUID, control: ControlFact, limit: int | None) -> Finding:
    return Finding(
        uuid=derived_id(base, f"finding:{control.slug}"),
        title=line(control.title),
        description=text(control.expected or control.title),
        target=oscal.target(control.slug, control.status),
        related_observations=related(_observation_ids(base, control, limit)),
    )


def _observation_ids(base: UUID, control: ControlFact, limit: int | None) -> Iterator[str]:
    for outcome, number in control.counts.items():
        for fact in islice(control.of_outcome(outcome), limit):
            yield _observation_id(base, fact)
        if limit is not None and number > limit:
            yield _others_id(base, control.slug, outcome)


def _risk(base: UUID, fact: ExceptionFact, covered: Iterable[str]) -> Risk:
    """Return the exception as a risk. `covered` are the ids of the observations that the exception covers."""
    return Risk(
        uuid=derived_id(base, f"exception:{fact.number}"),
        title=f"Exception {fact.number}",
        description=text(fact.about),
        statement=text(fact.reason),
        props=[
            prop("exception-state", fact.state),
            prop("requested-by", fact.requested_by),
            prop("decided-by", fact.decided_by),
            prop("starts", moment(fact.starts_at)),
            prop("compensating-control", " ".join(fact.compensating_control.split())),
            *(prop("file-sha256", file.sha256) for file in fact.files),
        ],
        status=_DEVIATIONS[fact.state],
        deadline=moment(fact.ends_at),
        related_observations=related(covered),
    )


def _score(score: float | None) -> str:
    return "none" if score is None else f"{score:.1f}"
