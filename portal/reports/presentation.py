"""What the template shows of the facts: rows cut to what a page can hold, verdicts in words and shapes."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.safestring import mark_safe

from portal.reports.attachments import Attached
from portal.reports.facts import ControlFact, FindingFact, ReportFacts, SectionFact

# Rows of one control's table; what is more is in results.csv, and the table says how many.
MAX_ROWS = {"fail": 12, "unknown": 5, "manual": 3}
MAX_REASONS = 4
MAX_CHANGES = 60
MAX_OVERDUE = 60
MAX_GAPS = 60
MAX_TYPES = 40
MAX_OBSERVED = 220
MAX_EXCEPTIONS = 80
MAX_ATTESTATIONS = 60

OUTCOMES = {
    "fail": "Fail", "unknown": "Unknown", "manual": "Manual", "pass": "Pass",
    "not_applicable": "Not applicable", "not_evaluated": "Not evaluated", "gone": "Gone", "": "New",
}  # fmt: skip
_ANSWERED = {
    "attested": "Attested as met",
    "not_met": "Attested as not met",
    "lapsed": "Attestation expired",
}
SEVERITIES = ("critical", "high", "medium", "low")


@dataclass(frozen=True, slots=True)
class Row:
    """One verdict in a table."""

    fact: FindingFact
    subject: str
    place: str
    observed: str
    evidence: str
    treatment: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ControlView:
    """A control with the rows that the page shows. `left_out`: [(number, outcome in words)].

    `reasons`: [(why it is unknown or manual, how often)], the most frequent first.
    """

    fact: ControlFact
    rows: list[Row]
    left_out: list[tuple[int, str]]
    reasons: list[tuple[str, int]]
    reasons_more: int
    counts: list[tuple[str, str, int]]
    references: str
    parameters: str


@dataclass(frozen=True, slots=True)
class SectionView:
    """A section with its controls: `detailed` fail somewhere, `undecided` are unknown or manual somewhere and
    fail nowhere, `clean` are all the rest."""

    fact: SectionFact
    controls: list[ControlView]
    detailed: list[ControlView]
    undecided: list[ControlView]
    clean: list[ControlView]
    bar: list[tuple[str, str, int, float]]


def context_of(facts: ReportFacts, attached: Sequence[Attached]) -> dict[str, Any]:
    """The template's context."""
    sections = [_section(section) for section in facts.sections]
    types = facts.resource_types
    return {
        "facts": facts,
        "id": facts.identity,
        "strings": {
            "customer": _css(facts.identity.customer),
            "classification": _css(facts.identity.classification),
            "report": _css(f"Report {facts.identity.number}, {facts.identity.report_id}"),
        },
        "sections": sections,
        "attached": attached,
        "bar": bar_of(facts.counts),
        "severities": [(name, facts.open_by_severity.get(name, 0)) for name in SEVERITIES],
        "statuses": [
            (key, word, facts.statuses[key]) for key, word in OUTCOMES.items() if facts.statuses[key]
        ],
        "controls_total": len(facts.controls),
        "automated": sum(control.automated for control in facts.controls),
        "directories": [unit for unit in facts.units if unit.kind == "directory"],
        "subscriptions": [unit for unit in facts.units if unit.kind == "subscription"],
        "unreached": [unit for unit in facts.units if unit.reached != "completely"],
        "types": types[:MAX_TYPES],
        "types_more": max(0, len(types) - MAX_TYPES),
        "resources_total": sum(number for _, number in types),
        "gaps": facts.gaps[:MAX_GAPS],
        "gaps_more": max(0, len(facts.gaps) - MAX_GAPS),
        **_treatment(facts),
        "overdue": facts.overdue[:MAX_OVERDUE],
        "overdue_total": len(facts.overdue),
        "overdue_more": max(0, len(facts.overdue) - MAX_OVERDUE),
        "changes": facts.changes[:MAX_CHANGES],
        "changes_total": len(facts.changes),
        "changes_more": max(0, len(facts.changes) - MAX_CHANGES),
        "change_counts": _change_counts(facts),
        "words": OUTCOMES,
        "collections": [row for row in facts.collections.values() if row["expected"]],
        "not_called": sum(not row["expected"] for row in facts.collections.values()),
    }


def _treatment(facts: ReportFacts) -> dict[str, Any]:
    """Parts 6 and 7: the register, and the answers by what they count as."""
    failed = [fact for fact in facts.attestations if fact.standing in _FAILED_ANSWERS]
    met = [fact for fact in facts.attestations if fact.standing == "met"]
    unanswered = Counter(fact.title for fact in facts.attestations if fact.standing == "never answered")
    return {
        "excepted": facts.states.get("excepted", 0),
        "differences": [
            (facts.states[state], words) for state, words in _DIFFERENCES if facts.states.get(state)
        ],
        "exceptions": facts.exceptions[:MAX_EXCEPTIONS],
        "exceptions_more": max(0, len(facts.exceptions) - MAX_EXCEPTIONS),
        "exception_counts": Counter(fact.state.lower() for fact in facts.exceptions).most_common(),
        "failed_answers": failed[:MAX_ATTESTATIONS],
        "failed_answers_total": len(failed),
        "failed_answers_more": max(0, len(failed) - MAX_ATTESTATIONS),
        "met_answers": met[:MAX_ATTESTATIONS],
        "met_answers_total": len(met),
        "met_answers_more": max(0, len(met) - MAX_ATTESTATIONS),
        "unanswered": unanswered.most_common(MAX_ATTESTATIONS),
        "unanswered_total": unanswered.total(),
    }


_FAILED_ANSWERS = ("expired", "not met", "asked anew")
_DIFFERENCES = (
    ("excepted", "excepted and left out of both sides"),
    ("attested", "attested as met, counted as passes"),
    ("not_met", "attested as not met, counted as failures"),
    ("lapsed", "with an expired attestation, counted as failures"),
    ("manual", "that nobody has answered as they are now, counted as failures"),
)


def bar_of(counts: Mapping[str, int]) -> list[tuple[str, str, int, float]]:
    """(outcome, word, number, percent) of what there is, in the order fail, unknown, manual, pass, n/a."""
    total = sum(counts.values())
    return [
        (key, OUTCOMES[key], counts[key], round(100 * counts[key] / total, 2))
        for key in OUTCOMES
        if counts.get(key)
    ]


def _section(section: SectionFact) -> SectionView:
    controls = [_control(control) for control in section.controls]
    return SectionView(
        fact=section,
        controls=controls,
        detailed=[view for view in controls if view.fact.status == "fail"],
        undecided=[view for view in controls if view.fact.status in ("unknown", "manual")],
        clean=[view for view in controls if view.fact.status not in ("fail", "unknown", "manual")],
        bar=bar_of(section.counts),
    )


def _control(control: ControlFact) -> ControlView:
    rows: list[Row] = []
    left_out = []
    for outcome, most in MAX_ROWS.items():
        alike = [fact for fact in control.findings if fact.outcome == outcome]
        rows.extend(_row(fact) for fact in alike[:most])
        if len(alike) > most:
            left_out.append((len(alike) - most, OUTCOMES[outcome].lower()))
    reasons = Counter(fact.reason for fact in control.findings if fact.outcome in ("unknown", "manual"))
    return ControlView(
        fact=control,
        rows=rows,
        reasons=reasons.most_common(MAX_REASONS),
        reasons_more=max(0, len(reasons) - MAX_REASONS),
        left_out=left_out,
        counts=[(key, OUTCOMES[key], control.counts[key]) for key in OUTCOMES if control.counts.get(key)],
        references="; ".join(f"{name} {', '.join(ids)}" for name, ids in control.references.items()),
        parameters="; ".join(f"{name} = {_value(value)}" for name, value in control.parameters.items()),
    )


def _row(fact: FindingFact) -> Row:
    observed = "; ".join(f"{name}: {_value(value)}" for name, value in fact.observed.items())
    if len(observed) > MAX_OBSERVED:
        observed = observed[: MAX_OBSERVED - 1].rstrip() + "… (whole in results.json)"
    is_unit = fact.subject == fact.unit
    return Row(
        fact,
        subject=fact.unit_name if is_unit else fact.subject_name,
        place="as a whole" if is_unit else ", ".join(filter(None, (fact.resource_group, fact.unit_name))),
        observed=observed,
        evidence=" ".join(sha[:12] for sha in fact.evidence[:2]),
        treatment=treatment_of(fact),
    )


def treatment_of(fact: FindingFact) -> tuple[str, ...]:
    """What people decided about a verdict, in lines: exception, answer, acknowledgement, owner."""
    lines = []
    if fact.exception is not None:
        lines.append(f"Excepted: exception {fact.exception}")
    elif fact.shown in _ANSWERED:
        lines.append(_ANSWERED[fact.shown])
    if fact.acknowledged:
        lines.append(f"Acknowledged by {fact.acknowledged}")
    if fact.owner:
        lines.append(f"Owner: {fact.owner}")
    return tuple(lines)


def _value(value: Any) -> str:
    if isinstance(value, str):
        return value or "(empty)"
    if value is None:
        return "not set"
    if isinstance(value, list | tuple) and all(isinstance(item, str | int | float) for item in value):
        return ", ".join(map(_value, value)) or "none"
    return json.dumps(value, ensure_ascii=False, default=str)


def _change_counts(facts: ReportFacts) -> list[tuple[int, str]]:
    pairs = [(change.before, change.after) for change in facts.changes]
    kinds = [
        ("now fail", sum(after == "fail" and before != "fail" for before, after in pairs)),
        ("were fail and pass now", pairs.count(("fail", "pass"))),
        (
            "became unknown",
            sum(after == "unknown" and before not in ("unknown", "") for before, after in pairs),
        ),
        ("are new subjects", sum(before == "" for before, _ in pairs)),
        ("are gone", sum(after == "gone" for _, after in pairs)),
    ]
    return [(number, words) for words, number in kinds if number]


def _css(text: str) -> Any:
    """Text for a string in a style sheet: everything but letters, digits and plain signs as an escape."""
    safe = "".join(c if c.isalnum() or c in " .,-" else f"\\{ord(c):x} " for c in text)
    return mark_safe(safe)  # noqa: S308  # only letters, digits, blanks and hexadecimal escapes are left
