"""Facet values and matches of findings, computed one finding at a time, as expected values for tests."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from assessments.controls.registry import known_controls
from assessments.models import Finding
from portal.queries.findings.filters import FindingFilter
from portal.treatment.due_dates import due_at
from tenants.models import Tenant

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
QUERIES = [
    "",
    "severity=high",
    "severity=critical&severity=medium&verdict=fail",
    "verdict=unknown&section=network",
    "section=storage&q=anonymous",
    "q=account&state=excepted&state=acknowledged",
    "q=account&state=passing&severity=high&owner=ME",
    "q=account&state=open&due=overdue",
    "q=ANONYMOUS_ACCESS%20account1",
    "q=100%25",
    "control=storage-anonymous-access-disallowed&state=open",
    "state=gone",
    "state=gone&state=open",
    "severity=nonsense",
    "state=open",
    "state=acknowledged",
    "state=excepted&state=open",
    "state=attested&state=lapsed&state=not_met",
    "state=manual&severity=critical",
    "state=passing",
    "due=overdue",
    "due=overdue&due=7&state=open",
    "due=none",
    "due=none&due=30&severity=high",
    "due=later&owner=nobody",
    "due=nonsense",
    "age=7",
    "age=30&age=older&state=acknowledged",
    "age=90&due=overdue&state=excepted&state=open",
    "owner=nobody",
    "owner=ME",
    "owner=ME&owner=nobody&state=open&severity=low",
    "owner=not-an-id",
    "subscription=/subscriptions/s1&state=open",
    "tag=env%3Dprod",
    "tag=team&state=open",
    "tag=env%3DProd&q=account&owner=nobody",
]


def by_hand(row: Any, tenant: Tenant) -> dict[str, str]:
    """Return the facet values of a finding that is annotated with its shown state."""
    treatment = getattr(row, "treatment", None)
    due = due_at(tenant, row) if row.gone_at is None and row.shown in ("open", "acknowledged") else None
    since = row.failing_since or row.first_seen_at
    age = NOW - since
    return {
        "severity": row.severity,
        "verdict": row.outcome,
        "section": row.section,
        "subscription": row.unit,
        "control": row.control,
        "state": row.shown,
        "owner": str(treatment.owner_id) if treatment and treatment.owner_id else "nobody",
        "due": "none" if due is None else _range(due - NOW, {"overdue": 0, "7": 7, "30": 30, "later": 10**5}),
        "age": _range(age, {"7": 7, "30": 30, "90": 90, "older": 10**5}),
    }


def _range(span: timedelta, ends: dict[str, int]) -> str:
    return next(key for key, days in ends.items() if span < timedelta(days=days))


def tags_of(row: Finding, resources: dict[str, Any]) -> set[str]:
    tags = resources.get(row.subject_key, {})
    return {name.lower() for name in tags} | {f"{name.lower()}={value}" for name, value in tags.items()}


def matches(
    row: Any, cell: dict[str, str], tags: set[str], chosen: FindingFilter, *, without: str = ""
) -> bool:
    control = known_controls().get(row.control)
    names = [control.title, control.problem] if control else []
    text = [part.casefold() for part in (row.subject, row.control, row.reason, *names)]
    if not all(any(word in part for part in text) for word in chosen.search.casefold().split()):
        return False
    wanted = {name: values for name, values in chosen.values.items() if name != without}
    if "tag" in wanted:
        asked = {
            f"{n.lower()}={v}" if v else n.lower()
            for n, _, v in (t.partition("=") for t in wanted.pop("tag"))
        }
        if not asked & tags or row.gone_at is not None:
            return False
    if any(cell[name] not in values for name, values in wanted.items()):
        return False
    return row.state != "gone" or without == "state" or "gone" in chosen.values.get("state", [])
