"""Sentences and table cells in the parts of reports."""

from __future__ import annotations

import html
import re
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.template.loader import render_to_string

from portal.reports.facts.shared import ExceptionFact
from portal.reports.parts import coverage, exceptions
from portal.reports.parts.exceptions_overview import _endings, _observations
from portal.reports.templatetags.pdf import alternatives
from portal.reports.wording.languages import printed_in

NOW = datetime(2026, 11, 29, tzinfo=UTC)


def _exception(**given: Any) -> ExceptionFact:
    values: dict[str, Any] = {
        "number": 3, "scope": "List of findings", "about": "SSH open to the Internet: 4 findings", "state": "Active",
        "because": "", "reason": "Partner", "compensating_control": "", "requested_by": "a", "requested_at": NOW,
        "decided_by": "b", "decided_at": NOW, "decision_note": "", "starts_at": NOW, "ends_at": NOW, "ended_by": "",
        "ended_at": None, "end_note": "", "maximum": 4, "findings": 4, "covers": 1, "changed": 2, "files": (), **given,
    }  # fmt: skip
    return ExceptionFact(**values)


def _words(template: str, **context: Any) -> str:
    """Return the words of a part's template, without markup."""
    part = SimpleNamespace(key="part", title="Part")
    pages = render_to_string(f"reports/pdf/{template}.html", {"part": part, "facts": {}, **context})
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", pages)).split())


@pytest.mark.parametrize(
    ("days", "sentences"),
    [
        ([29, 80], ["1 exception in force ends within 30 days.", "1 exception in force ends in 31 to 90 days."]),
        ([10, 30], ["2 exceptions in force end within 30 days.", "No other exceptions in force end within 90 days."]),
        ([31, 90], ["2 exceptions in force end in 31 to 90 days."]),
        ([91], ["No exceptions in force end within 90 days."]),
    ],
)  # fmt: skip
def test_an_exception_that_ends_soon_is_counted_once(days: list[int], sentences: list[str]) -> None:
    register = [_exception(ends_at=NOW + timedelta(days=number)) for number in days]
    assert list(_endings(register, NOW)) == sentences


def test_a_verdict_that_was_not_approved_yet_is_not_said_to_differ_from_the_approved_value() -> None:
    """`changed` counts verdicts that differ from the approved value, verdicts without an approval, and verdicts whose
    first approval is no longer stored.
    """
    sentences = " ".join(_observations([_exception(changed=1)], NOW))
    assert "is not covered, because no approval of its observed value is stored." in sentences
    assert "differs" not in sentences


@pytest.mark.parametrize("is_all_read", [True, False])
def test_a_subscription_that_failed_without_gaps_was_not_read(is_all_read: bool) -> None:
    words = _words("coverage", numbers={"scope": 5}, gaps=(), is_all_read=is_all_read)
    assert ("None: all data that the controls needed was read." in words) is is_all_read
    assert ("not every subscription and directory was read: part 5 gives" in words) is not is_all_read


def test_a_report_after_a_cancelled_assessment_is_not_said_to_be_on_the_first_assessment() -> None:
    words = _words("resource_changes", resource_changes=None)
    assert "because there is no earlier finished assessment to compare with." in words
    assert "first assessment" not in words


def test_failures_of_an_excluded_subscription_are_not_said_to_be_removed() -> None:
    done = SimpleNamespace(since=NOW, until=NOW, assessments=1, removed=3)
    words = _words("activity", done=done, fixed_controls=(), fixed_controls_more=0)
    assert "3 more ended because the resource is gone or no longer assessed" in words


@pytest.mark.parametrize(("state", "number"), [("Active", 1), ("Expired", 0)])
def test_the_register_accounts_for_each_finding_of_an_exception_in_force(state: str, number: int) -> None:
    row = _exception(state=state)
    assert exceptions._not_failing(row) == number
    words = _words("exceptions", register=[(row, exceptions._not_failing(row))])
    assert "1 of 4 2 changed" in words
    assert ("1 not failing" in words) is bool(number)


@pytest.mark.parametrize(("language", "words"), [("en", "A.Read or B.Read"), ("de", "A.Read oder B.Read")])
def test_permissions_of_which_one_suffices_are_joined_by_a_word(language: str, words: str) -> None:
    collections = [
        {"title": "Users", "permission": "A.Read|B.Read", "expected": 1, "reached": 1, "documents": 1}
    ]
    with printed_in(language):
        assert alternatives("A.Read|B.Read") == words
        assert words in _words("coverage", requested=collections)


def test_collections_are_sorted_by_their_sort_key() -> None:
    with printed_in("de"):
        found = sorted(
            ["Zeta", "Änderungen", "beta", "Alpha"],
            key=lambda title: coverage._sort_key({"title": title}),
        )
    assert found == ["Alpha", "Änderungen", "beta", "Zeta"]


def test_the_extent_of_an_assessment_begins_with_a_capital_letter() -> None:
    row = SimpleNamespace(
        number=5, started_at=NOW, ended_at=NOW, state="Finished", extent="only 11 units assessed"
    )
    words = {}
    for language in ("en", "de"):
        with printed_in(language):
            words[language] = _words("period", assessments=[row])
    assert "Only 11 units assessed" in words["en"]
    assert "Nur 11 Einheiten geprüft" in words["de"]


@pytest.mark.parametrize(("subject", "times"), [("Contoso Test", 1), ("vm-1", 1)])
def test_a_subscription_is_named_once_in_a_cell(subject: str, times: int) -> None:
    finding = SimpleNamespace(subject_name=subject, unit_name="Contoso Test", severity="high", owner="Olga")
    words = _words("changes", overdue=[("SSH open to the Internet", finding)])
    assert words.count("Contoso Test") == times
    assert subject in words


@pytest.mark.parametrize("documents", [0, 2])
def test_imported_scans_are_named_as_a_source(documents: int) -> None:
    facts = SimpleNamespace(collections={"imported_scans": {"documents": documents}}, principals=(), units=())
    is_named = bool(documents)
    assert (
        "files of vulnerability scanners that people imported" in _words("method", facts=facts)
    ) is is_named
    sentence = "Verdicts on vulnerability scans come from files that people imported."
    assert (sentence in _words("limitations", facts=facts, unanswered=0)) is is_named
