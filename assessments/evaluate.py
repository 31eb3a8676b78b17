"""Judge an estate by controls. Pure functions: the same estate, parameters and catalogue give the same results."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from assessments.context_severity import ContextSeverity
from assessments.controls.context import Context
from assessments.controls.declare import SWITCHED_OFF, Control
from assessments.controls.profiles import off_verdict
from assessments.controls.verdict import Judgement, Outcome, Severity, Verdict, unknown
from assessments.estate.collections import ALL
from assessments.estate.estate import Answer, Estate, UnitKind
from assessments.estate.gap_texts import describe_gap
from assessments.estate.gaps import Gap, Reason
from assessments.estate.ids import fold
from assessments.estate.redact import redact
from assessments.estate.refused_changes import ManagedGroups
from assessments.estate.view import Trace, View, project

# The evidence that something does not exist (`evidence_of_absence`) lists at most this many scopes or ids.
_MAX_LISTED: Final = 100
# A verdict with one of these outcomes does not depend on documents that could not be read.
_DECIDED: Final = (Outcome.PASS, Outcome.FAIL, Outcome.NOT_APPLICABLE)
# Reasons of gaps for which no request was sent.
_NEVER_READ: Final = (Reason.UNAUTHENTICATED, Reason.NOT_DELEGATED, Reason.NOT_COLLECTED)
_PERSONAL = frozenset(collection.name for collection in ALL.values() if collection.personal)


@dataclass(frozen=True, slots=True)
class Evidence:
    """A document on which a verdict is based, redacted, with only those properties that the control read.

    `sha256` is the hash of the canonical JSON. If `is_list` is true, the content describes lists instead of a document
    (`evidence_of_absence`).
    """

    sha256: str
    collection: str
    document_id: str
    content: Mapping[str, Any]
    request_id: str = ""
    api_version: str = ""
    is_list: bool = False


@dataclass(frozen=True, slots=True)
class Result:
    """A verdict of one control on one subject.

    `expected` is the control's expectation, with the customer's parameter values filled in. `observed` is redacted, and
    `observed_sha256` is its hash. `adjusted` is the severity that follows from the context of the subject, or None if
    the context does not change the severity of the control.
    """

    control: Control
    subject: str
    verdict: Verdict
    expected: str
    observed: Mapping[str, Any]
    evidence: tuple[Evidence, ...] = field(default=())
    adjusted: Severity | None = None

    @property
    def severity(self) -> Severity:
        """The severity of this verdict. It is `adjusted` or, if `adjusted` is None, the severity of the control."""
        return self.adjusted or self.control.severity

    @property
    def observed_sha256(self) -> str:
        """The hash of the observed value. The approval of an exception is bound to this hash."""
        return digest(self.observed)


_CANONICAL: Final = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=str)


def canonical(value: Any) -> bytes:
    """Return canonical JSON: sorted keys, no spaces, UTF-8."""
    return _CANONICAL.encode(value).encode()


def digest(value: Any) -> str:
    """Return the hexadecimal SHA-256 of the canonical JSON."""
    return hashlib.sha256(canonical(value)).hexdigest()


def evidence_of(view: View) -> Evidence:
    """Return the evidence for one document, with the properties that its trace recorded as read."""
    entry = view.trace.reads.get(view.key)
    content = redact(project(view.body, entry[1] if entry else ()), person=view.collection in _PERSONAL)
    return Evidence(digest(content), view.collection, view.id, content, view.request_id, view.api_version)


def evidence_of_absence(
    estate: Estate, lists: Mapping[str, list[Answer]], *, is_decided: bool
) -> Iterator[Evidence]:
    """Yield the evidence of a verdict for which the control cites no document. This evidence describes lists that the
    control read.

    - If some of the lists are empty, the empty lists are the evidence.
    - If all lists have entries and the verdict is decided (`is_decided`: pass, fail or not applicable), all lists are
      the evidence, with the ids of their entries. The ids show that the lists lack what the control looked for.
    - If all lists have entries and the verdict is not decided, there is no evidence.

    The content is {"collection": name, "scopes": [scope], "value": [id]}.

    - If the collection keeps only relevant entries (`Collection.keep`), the key is `relevant` instead of `value`.
    - `not_found` has the error codes of answers with 404.
    - If there are more than `_MAX_LISTED` scopes or ids, their number and hash replace them.
    - The id of the evidence is the scope of the list. If a collection has several lists, the id is the scope of the
      unit.
    """
    if not is_decided:
        lists = {name: [one for one in answers if one.gap is None] for name, answers in lists.items()}
    empty = {name: [one for one in answers if not one.documents] for name, answers in lists.items()}
    cited = empty if any(empty.values()) else lists if is_decided else {}
    for name, answers in cited.items():
        if not answers:
            continue
        ids = sorted(fold(view.id) for answer in answers for view in answer.documents)
        content: dict[str, Any] = {
            "collection": name,
            "scopes": _shortened([answer.scope for answer in answers]),
            "relevant" if ALL[name].keep is not None else "value": _shortened(ids) if ids else [],
        }
        if codes := sorted({answer.gap.code for answer in answers if answer.gap is not None}):
            content["not_found"] = codes
        only = answers[0] if len(answers) == 1 else None
        yield Evidence(
            digest(content),
            name,
            (only.scope if only else "") or estate.scope_id,
            content,
            (only.gap.request_id if only.gap else only.request_id) if only else "",
            answers[0].api_version,
            is_list=True,
        )


def _shortened(values: list[str]) -> Any:
    """Return the values, or their number and hash if there are more than `_MAX_LISTED`."""
    return values if len(values) <= _MAX_LISTED else {"count": len(values), "sha256": digest(values)}


def controls_for(kind: UnitKind, controls: Iterable[Control]) -> list[Control]:
    """Return the controls that judge this kind of unit."""
    return [control for control in controls if control.unit is kind]


def evaluate(
    estate: Estate,
    controls: Iterable[Control],
    parameters: Mapping[str, Mapping[str, Any]] | None = None,
    note_read: Callable[[Evidence], None] | None = None,
) -> Iterator[Result]:
    """Judge the estate by the controls, one after the other. Yield one result for each subject of a control.

    `parameters` are a tenant's overrides, {slug of a control: {parameter: value}}. Raise ValueError for an unknown
    parameter or an invalid value. `note_read` receives documents that a control read without citing them, so that the
    evaluation can be repeated.
    """
    managed, context_severity = ManagedGroups(estate), ContextSeverity(estate, parameters or {})
    for control in controls_for(estate.kind, controls):
        overrides = (parameters or {}).get(control.slug, {})
        values = control.values(overrides)
        expected = control.expected_with(values)
        if SWITCHED_OFF in overrides:
            verdict = off_verdict(overrides[SWITCHED_OFF])
            yield Result(control, estate.scope_id, verdict, expected, redact(dict(verdict.observed)))
            continue
        context = Context(estate, values)
        seen: dict[str, Result] = {}
        cited: set[tuple[int, str]] = set()
        # This reference keeps the views of the previous judgement alive. `cited` identifies their traces by id(), and
        # Python reuses the id of a deleted object.
        previous: Judgement | None = None
        for judgement in control.run(context):
            if judgement.verdict.outcome is Outcome.MANUAL and (gap := _not_read(estate)):
                # Surety read nothing of this unit, so its coverage must be 0. A manual verdict would count as covered.
                verdict = unknown(describe_gap(gap), gap.reason, gap=gap)
                judgement = replace(judgement, verdict=verdict)
            ended = context.take_ended_traces()
            if note_read is not None:
                now_cited = {(id(view.trace), view.key) for view in judgement.evidence}
                _note_reads(ended, cited | now_cited, note_read)
                cited, previous = now_cited, judgement
            if judgement.evidence:
                context.forget_reads_at_scopes()
                cited_documents = [evidence_of(view) for view in judgement.evidence]
            else:
                is_decided = judgement.verdict.outcome in _DECIDED
                lists = context.take_lists()
                cited_documents = list(evidence_of_absence(estate, lists, is_decided=is_decided))
            result = _result(control, judgement, expected, managed, cited_documents)
            if result.verdict.outcome is Outcome.FAIL:
                result = _in_context(result, context_severity, note_read)
            key = judgement.subject.casefold()
            # A subject can have two results: one from the part of a list that was read, and one from the gap for the
            # unread part. Keep the more severe result.
            if key not in seen or _RANK[result.verdict.outcome] > _RANK[seen[key].verdict.outcome]:
                seen[key] = result
        _note_reads([*context.take_ended_traces(), context.trace], cited, note_read)
        del previous
        yield from seen.values()
    if note_read is not None:
        # Properties that were read to find targets, or to build indexes that controls share, are in no control's trace.
        # They are in the documents' own traces.
        for name in estate.collections():
            views = [view for answer in estate.answers(name) for view in answer.documents]
            _note_reads([view.trace for view in views], set(), note_read)


def invalid_settings(
    scope_id: str, controls: Iterable[Control], parameters: Mapping[str, Mapping[str, Any]]
) -> Iterator[Result]:
    """Yield an `unknown` result for each control whose stored parameters are invalid, for example after an upgrade. So
    the caller can judge the other controls as usual.
    """
    for control in controls:
        try:
            control.values(parameters.get(control.slug, {}))
        except ValueError as error:
            text = f"The customer's setting for this control is invalid: {error}. Change or reset it under Settings."
            yield Result(control, scope_id, unknown(text, Reason.UNDECIDED), control.expected, observed={})


def _note_reads(
    traces: Iterable[Trace], cited: set[tuple[int, str]], note_read: Callable[[Evidence], None] | None
) -> None:
    """Call `note_read` with documents that were read but not cited, such as documents that a control read and then
    skipped."""
    if note_read is None:
        return
    for trace in traces:
        for view, _ in trace.reads.values():
            if (id(trace), view.key) not in cited:
                note_read(evidence_of(view))


_RANK = {
    Outcome.NOT_APPLICABLE: 0,
    Outcome.PASS: 1,
    Outcome.MANUAL: 2,
    Outcome.UNKNOWN: 3,
    Outcome.FAIL: 4,
}


def _not_read(estate: Estate) -> Gap | None:
    """Return the first gap of the unit if Surety sent no request for the unit's data, for example because no service
    principal could sign in. Otherwise, return None.
    """
    first = None
    for name in estate.collections():
        for answer in estate.answers(name):
            if answer.gap is None or answer.gap.reason not in _NEVER_READ:
                return None
            first = first or answer.gap
    return first


def _in_context(
    result: Result, context_severity: ContextSeverity, note_read: Callable[[Evidence], None] | None
) -> Result:
    """Return a failing result with the severity that follows from the context of its subject, and with a remark that
    says why."""

    def note(view: View) -> None:
        if note_read is not None:
            note_read(evidence_of(view))

    found = context_severity.of(result.control.severity, result.subject, note)
    if not found.remark:
        return result
    verdict = replace(result.verdict, remarks=(*result.verdict.remarks, found.remark))
    return replace(result, verdict=verdict, adjusted=found.severity)


def _result(
    control: Control,
    judgement: Judgement,
    expected: str,
    managed: ManagedGroups,
    cited: Iterable[Evidence],
) -> Result:
    verdict = judgement.verdict
    if verdict.outcome is Outcome.FAIL and (remark := managed.remark(judgement.subject)):
        verdict = replace(verdict, remarks=(*verdict.remarks, remark))
    evidence = {item.sha256: item for item in cited}
    return Result(
        control=control,
        subject=judgement.subject,
        verdict=verdict,
        expected=expected,
        observed=redact(dict(judgement.verdict.observed)),
        evidence=tuple(evidence[sha] for sha in sorted(evidence)),
    )
