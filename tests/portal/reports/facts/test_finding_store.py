"""A store keeps findings in a temporary file, returns them in order and unchanged, and counts them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from assessments.display.names import Kind, Name, Names
from assessments.display.sentences import sentence
from portal.reports.facts.finding_store import FindingCount, FindingStore, columns_of
from portal.reports.facts.shared import FindingFact

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
GUID = "aaaaaaaa-0000-4000-8000-000000000001"
FACT = FindingFact(
    id="1", control="c", severity="high", subject="/s", subject_name="s", subject_type="t", resource_group="",
    unit="/u", unit_name="U", outcome="pass", reason="r", expected="e", observed={"a": [1, None]}, observed_text="",
    observed_sha256="", unknown_because="", remarks=(), evidence=("ab" * 32,), first_seen_at=NOW, changed_at=NOW,
    collected_at=None, failing_since=None, due_at=None, overdue_days=0, shown="passing",
)  # fmt: skip


def stored() -> FindingStore:
    """Return a store with 1,203 findings of control c, and one finding of control d."""
    store = FindingStore()
    passes = [replace(FACT, id=f"pass {n}", subject=f"/S/{n:04}") for n in reversed(range(1200))]
    fails = [replace(FACT, id=f"fail {n}", outcome="fail", shown="open", overdue_days=n) for n in range(2)]
    unknown = replace(FACT, id="unknown", outcome="unknown", shown="unknown", evidence=("cd" * 32,))
    store.add([*passes, *fails, unknown])
    store.add([replace(FACT, id="other", control="d")])
    return store


def test_findings_are_read_by_control_with_the_worst_first() -> None:
    found = stored().findings
    assert len(found) == 1204
    first = [fact.id for fact in found]
    assert first == [fact.id for fact in found]  # The findings can be read again.
    assert first[:5] == ["fail 1", "fail 0", "unknown", "pass 0", "pass 1"]
    assert first[-2:] == ["pass 1199", "other"]
    assert (found[0].id, found[1202].id, found[-1].id) == ("fail 1", "pass 1199", "other")
    assert [fact.id for fact in found[1201:]] == ["pass 1198", "pass 1199", "other"]
    with pytest.raises(IndexError, match="position 1204"):
        _ = found[1204]


def test_findings_are_read_and_counted_by_outcome() -> None:
    store = stored()
    found = store.by_control["c"]
    assert found.outcomes == {"fail": 2, "unknown": 1, "pass": 1200}
    assert [fact.id for fact in found.of_outcome("unknown", "fail")] == ["fail 1", "fail 0", "unknown"]
    assert len(found.of_outcome("pass")) == 1200
    assert store.counts == {
        FindingCount("c", "high", "fail", "open"): 2,
        FindingCount("c", "high", "unknown", "unknown"): 1,
        FindingCount("c", "high", "pass", "passing"): 1200,
        FindingCount("d", "high", "pass", "passing"): 1,
    }
    assert store.evidence == {bytes.fromhex("ab" * 32), bytes.fromhex("cd" * 32)}


def test_columns_are_those_of_the_findings() -> None:
    found = stored().findings
    names = ("subject", "outcome", "evidence", "first_seen_at")
    expected = [(fact.subject, fact.outcome, fact.evidence, fact.first_seen_at) for fact in found]
    assert list(columns_of(found, *names)) == expected
    assert list(columns_of(list(found), *names)) == expected
    assert [row[1] for row in columns_of(found.of_outcome("fail"), *names)] == ["fail", "fail"]


def test_findings_are_read_unchanged() -> None:
    reason = sentence(f"{GUID} is an owner", Names([Name(GUID, Kind.USER, display_name="Anna Berg")]))
    fact = replace(FACT, reason=reason)
    store = FindingStore()
    store.add([fact])
    (found,) = store.findings
    assert found == fact
    assert found.reason.__html__() == reason.__html__()  # type: ignore[attr-defined]
    assert "Anna Berg" in found.reason.__html__()  # type: ignore[attr-defined]
