"""Filters describe themselves with the labels that people see."""

from __future__ import annotations

from datetime import UTC, datetime

from portal.queries.attestations import AttestationFilter
from portal.queries.exceptions.filters import ExceptionFilter
from portal.queries.findings.filters import LABELS, NAMES, FindingFilter
from portal.queries.journal.filters import JournalFilter
from portal.queries.parameters import Condition, parse_query_string
from tests import factories

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)


def test_a_filter_of_findings_names_every_condition(db: None) -> None:
    tenant, person = factories.tenant(), factories.person("mira@example.com", "Mira Okafor")
    text = (
        "severity=critical&severity=high&state=not_met&due=overdue&age=older&section=vm&verdict=fail&tag=env%3Dprod"
        f"&owner=nobody&owner={person.pk}&subscription=/subscriptions/1&control=storage-secure-transfer&q=logs"
    )
    chosen = FindingFilter.parse(parse_query_string(text), tenant, NOW)
    names = {str(person.pk): "Mira Okafor", "/subscriptions/1": "Production"}
    assert chosen.describe(names) == [
        Condition("severity", "Severity", ("Critical", "High")),
        Condition("state", "State", ("Attested as not met",)),
        Condition("verdict", "Verdict", ("Fail",)),
        Condition("due", "Due", ("Overdue",)),
        Condition("owner", "Owner", ("Unassigned", "Mira Okafor")),
        Condition("section", "Section", ("Virtual machines",)),
        Condition("subscription", "Subscription or directory", ("Production",)),
        Condition("age", "Age", ("90 days and older",)),
        Condition("tag", "Tag", ("env=prod",)),
        Condition("control", "Control", (chosen.describe()[-2].values[0],)),
        Condition("q", "Search", ("logs",)),
    ]
    assert chosen.active_count == 13
    assert set(LABELS) == set(NAMES)


def test_an_unknown_value_is_described_as_it_was_given(db: None) -> None:
    chosen = FindingFilter.parse({"severity": ["nonsense"], "page": ["2"]}, factories.tenant(), NOW)
    assert chosen.describe() == [Condition("severity", "Severity", ("nonsense",))]


def test_a_filter_of_exceptions_names_every_condition() -> None:
    chosen = ExceptionFilter.parse({"state": ["active"], "ending": ["30"], "asked": ["1"], "control": ["x"]})
    assert chosen.describe({"1": "Mira Okafor"}) == [
        Condition("state", "State", ("Active",)),
        Condition("ending", "Ends", ("Within 30 days",)),
        Condition("asked", "Requested by", ("Mira Okafor",)),
        Condition("control", "Control", ("x",)),
    ]


def test_a_filter_of_attestations_names_every_condition(db: None) -> None:
    person = factories.person("mira@example.com", "Mira Okafor")
    parameters = {"answer": ["never", "nonsense"], "owner": ["me"], "q": ["backup"]}
    chosen = AttestationFilter.parse(parameters, factories.tenant(), person)
    assert [condition.name for condition in chosen.describe()] == ["answer", "owner", "q"]
    assert chosen.describe()[1] == Condition("owner", "Owner", (str(person),))
    assert chosen.active_count == 3


def test_a_filter_of_the_journal_names_every_condition() -> None:
    parameters = {
        "kind": ["exceptions"],
        "by": ["system:scheduler"],
        "of": ["person:1"],
        "from": ["2026-11-01"],
    }
    chosen = JournalFilter.parse(parameters)
    assert chosen.describe({"system:scheduler": "Scheduler"}) == [
        Condition("kind", "Kind", ("Exceptions",)),
        Condition("by", "By", ("Scheduler",)),
        Condition("of", "About", ("person:1",)),
        Condition("from", "From", ("2026-11-01",)),
    ]
    assert chosen.active_count == 4
    assert not chosen.problems
