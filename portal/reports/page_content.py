"""The content of a report's page in the portal, as a small JSON value.

The content is stored when the report is built, so that the page opens quickly. The number of rows and the length of
texts are limited; the PDF contains everything.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from portal.reports.attachment_files import encode, shallow
from portal.reports.edition import Edition, Heading
from portal.reports.facts.presentation import SEVERITIES
from portal.reports.facts.sections import ControlFact, SectionFact
from portal.reports.facts.shared import FindingFact
from portal.reports.parts import results
from portal.reports.parts.part import ReportFacts
from portal.treatment.naming import control_problem

MAX_CONTROLS: Final = 50
MAX_FINDINGS: Final = 25
MAX_EXCEPTIONS: Final = 20
MAX_GAPS: Final = 20
MAX_TEXT: Final = 300
_TREATED: Final = ("acknowledged", "excepted")

type Facts = Mapping[str, Any]


def content_of_facts(facts: ReportFacts, headings: Sequence[Heading]) -> dict[str, Any]:
    """Return the content of the page for a report that is being built."""
    values = facts.values()
    values["sections"] = [_section_of(section) for section in facts.of(results.PART).sections]
    # Give the values the form that they have in results.json: times become texts, dataclasses become mappings.
    for key in ("identity", "exceptions", "gaps", "integrity"):
        values[key] = json.loads(encode(values[key]))
    values["units"] = [shallow(unit) for unit in values["units"]]
    values["attestations"] = [shallow(row) for row in values["attestations"]]
    found: dict[str, Any] = json.loads(encode(_content(values, headings)))
    return found


def content_of_edition(edition: Edition) -> dict[str, Any]:
    """Return the content of the page for a report that was built by an older version of Surety, which did not store the
    content.
    """
    return _content(edition.results, edition.headings)


def _section_of(section: SectionFact) -> dict[str, Any]:
    return {**shallow(section), "controls": [_control_of(control) for control in section.controls]}


def _control_of(control: ControlFact) -> dict[str, Any]:
    return {**shallow(control), "findings": [_failure_of(fact) for fact in control.of_outcome("fail")]}


def _failure_of(fact: FindingFact) -> dict[str, Any]:
    return {
        "outcome": fact.outcome,
        "severity": fact.severity,
        "shown": fact.shown,
        "overdue_days": fact.overdue_days,
        "subject_name": fact.subject_name,
        "unit_name": fact.unit_name,
        "reason": fact.reason,
    }


def _content(facts: Facts, headings: Sequence[Heading]) -> dict[str, Any]:
    """Return the content of a report's page.

    `facts` has the form of results.json. Of the verdicts, only the failing ones are needed.
    """
    failures = [
        (section, control, [row for row in control["findings"] if row["outcome"] == "fail"])
        for section in facts["sections"]
        for control in section["controls"]
    ]
    failing = [finding for _, _, found in failures for finding in found]
    shown = Counter(finding["shown"] for finding in failing)
    counts, gaps, register = facts["counts"], facts["gaps"], facts["exceptions"]
    answers = Counter(row["standing"] for row in facts["attestations"])
    incomplete = [unit for unit in facts["units"] if unit["gaps"] or unit["state"] != "done"]
    return {
        "identity": _kept(facts["identity"], "provider", "classification", "customer"),
        "as_of": facts["identity"]["as_of"],
        "score": facts["score"],
        "adjusted": facts["adjusted"],
        "coverage": facts["coverage"],
        "evaluated": sum(counts.get(key, 0) for key in ("pass", "fail", "manual")),
        "applicable": sum(counts.values()) - counts.get("not_applicable", 0),
        "failing": len(failing),
        "open": shown["open"],
        "acknowledged": shown["acknowledged"],
        "excepted": shown["excepted"],
        "unknown": counts.get("unknown", 0),
        "manual": counts.get("manual", 0),
        "sections": [_section(section) for section in facts["sections"]],
        "total": dict(counts),
        "severities": _severities(failing, facts["due_days"]),
        "controls": _failing_controls(failures)[:MAX_CONTROLS],
        "exceptions": [
            _kept(row, "number", "about", "reason", "requested_by", "decided_by", "state", "ends_at")
            for row in register[:MAX_EXCEPTIONS]
        ],
        "more_exceptions": max(0, len(register) - MAX_EXCEPTIONS),
        "answers": list(map(list, answers.most_common())),
        "units": len(facts["units"]),
        "incomplete": len(incomplete),
        "gaps": [_kept(gap, "collection", "unit", "reason", "permission") for gap in gaps[:MAX_GAPS]],
        "more_gaps": max(0, len(gaps) - MAX_GAPS),
        "integrity": _kept(facts["integrity"], "evidence_items", "journal_sequence", "journal_hash"),
        "headings": [{"title": heading.title, "page": heading.page} for heading in headings],
    }


def _kept(row: Facts, *keys: str) -> dict[str, Any]:
    """Return the values of the row under these keys. Long texts are shortened."""
    return {key: _shortened(row.get(key, "")) for key in keys}


def _shortened(value: Any) -> Any:
    if isinstance(value, str) and len(value) > MAX_TEXT:
        return f"{value[: MAX_TEXT - 1].rstrip()}…"
    return value


def _section(section: Facts) -> dict[str, Any]:
    return {"name": section["name"], "counts": dict(section["counts"])}


def _severities(failing: Iterable[Facts], due_days: Mapping[str, int | None]) -> list[dict[str, Any]]:
    shown: dict[str, Counter[str]] = {key: Counter() for key in SEVERITIES}
    for finding in failing:
        row = shown[finding["severity"]]
        row[finding["shown"]] += 1
        row["overdue"] += bool(finding["overdue_days"])
    states = ("open", *_TREATED, "overdue")
    return [
        {"key": key, "counts": {state: counts[state] for state in states}, "days": due_days.get(key)}
        for key, counts in shown.items()
        if counts or due_days.get(key)
    ]


def _failing_controls(
    failures: Iterable[tuple[Facts, Facts, Sequence[Facts]]],
) -> list[dict[str, Any]]:
    """Return the failing controls, the most severe first, each with its first failing resources."""
    rows = [
        {
            "title": control_problem(control["slug"]),
            "section": section["name"],
            "severity": control["severity"],
            "expected": _shortened(control["expected"]),
            "number": len(found),
            "of": sum(control["counts"].get(key, 0) for key in ("pass", "fail", "unknown")),
            "findings": [_kept(row, "subject_name", "unit_name", "reason") for row in found[:MAX_FINDINGS]],
            "more": max(0, len(found) - MAX_FINDINGS),
        }
        for section, control, found in failures
        if found
    ]
    return sorted(rows, key=lambda row: (SEVERITIES.index(row["severity"]), -row["number"], row["title"]))
