"""The content of a report as rows of its page. All rows come from the signed file, not from today's data."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Final

from portal.reports.edition import Edition
from portal.treatment.naming import control_problem
from portal.web.components.vocabulary import SEVERITIES

# Rows of a table on the page; the PDF has all of them.
MAX_CONTROLS: Final = 50
MAX_FINDINGS: Final = 25
MAX_EXCEPTIONS: Final = 20
MAX_GAPS: Final = 20
_TREATED: Final = ("acknowledged", "excepted")

type Facts = Mapping[str, Any]


def contents(edition: Edition) -> dict[str, Any]:
    """Return the context of the page's report."""
    facts = edition.results
    findings = [
        finding for section in facts["sections"] for c in section["controls"] for finding in c["findings"]
    ]
    failing = [finding for finding in findings if finding["outcome"] == "fail"]
    shown = Counter(finding["shown"] for finding in failing)
    gaps = facts["gaps"]
    incomplete = [unit for unit in facts["units"] if unit["gaps"] or unit["state"] != "done"]
    return {
        "identity": facts["identity"],
        "as_of": moment(facts["identity"]["as_of"]),
        "score": facts["score"],
        "adjusted": facts["adjusted"],
        "coverage": facts["coverage"],
        "evaluated": sum(facts["counts"].get(key, 0) for key in ("pass", "fail", "manual")),
        "applicable": sum(facts["counts"].values()) - facts["counts"].get("not_applicable", 0),
        "failing": len(failing),
        "open": shown["open"],
        "acknowledged": shown["acknowledged"],
        "excepted": shown["excepted"],
        "unknown": facts["counts"].get("unknown", 0),
        "manual": facts["counts"].get("manual", 0),
        "sections": [_section(section) for section in facts["sections"]],
        "total": facts["counts"],
        "severities": _severities(failing, facts["due_days"]),
        "controls": _failing_controls(facts["sections"])[:MAX_CONTROLS],
        "exceptions": [_exception(row) for row in facts["exceptions"][:MAX_EXCEPTIONS]],
        "more_exceptions": max(0, len(facts["exceptions"]) - MAX_EXCEPTIONS),
        "answers": Counter(row["standing"] for row in facts["attestations"]).most_common(),
        "units": len(facts["units"]),
        "incomplete": len(incomplete),
        "gaps": gaps[:MAX_GAPS],
        "more_gaps": max(0, len(gaps) - MAX_GAPS),
        "integrity": facts["integrity"],
        "headings": edition.headings,
        "attachments": edition.attachments,
    }


def moment(text: str) -> datetime:
    """Parse a time as the report's results contain it."""
    return datetime.fromisoformat(text)


def _section(section: Facts) -> dict[str, Any]:
    states = Counter[str]()
    for control in section["controls"]:
        for finding in control["findings"]:
            if finding["outcome"] == "fail":
                states["fail" if finding["shown"] not in _TREATED else finding["shown"]] += 1
    counts = section["counts"]
    bar = {
        "open": states["fail"],
        "acknowledged": states["acknowledged"],
        "excepted": states["excepted"],
        "unknown": counts.get("unknown", 0),
        "passing": counts.get("pass", 0),
    }
    return {
        "name": section["name"],
        "counts": counts,
        "bar": list(bar.items()),
    }


def _severities(failing: Iterable[Facts], due_days: Mapping[str, int | None]) -> list[dict[str, Any]]:
    shown: dict[str, Counter[str]] = {key: Counter() for key in SEVERITIES}
    for finding in failing:
        row = shown[finding["severity"]]
        row[finding["shown"]] += 1
        row["overdue"] += bool(finding["overdue_days"])
    return [
        {"key": key, "counts": counts, "days": due_days.get(key)}
        for key, counts in shown.items()
        if counts or due_days.get(key)
    ]


def _failing_controls(sections: Iterable[Facts]) -> list[dict[str, Any]]:
    """Return the failing controls, the most severe first, with the resources that fail."""
    order = list(SEVERITIES)
    rows = []
    for section in sections:
        for control in section["controls"]:
            failing = [finding for finding in control["findings"] if finding["outcome"] == "fail"]
            if failing:
                rows.append(
                    {
                        "title": control_problem(control["slug"]),
                        "section": section["name"],
                        "severity": control["severity"],
                        "expected": control["expected"],
                        "number": len(failing),
                        "of": sum(control["counts"].get(key, 0) for key in ("pass", "fail", "unknown")),
                        "findings": failing[:MAX_FINDINGS],
                        "more": max(0, len(failing) - MAX_FINDINGS),
                    }
                )
    return sorted(rows, key=lambda row: (order.index(row["severity"]), -row["number"], row["title"]))


def _exception(row: Facts) -> dict[str, Any]:
    return {**row, "ends_at": moment(row["ends_at"])}
