"""Only newer versions of the API show the minimum version of TLS of a namespace."""

from __future__ import annotations

import pytest

from assessments.controls.registry import control
from assessments.estate.estate import Estate, UnitKind
from tests.assessments.controls.judging import NOW, SUB, judge_estate
from tests.assessments.controls.messaging_cases import Namespaces


@pytest.mark.parametrize(("section", "provider"), [("servicebus", "ServiceBus"), ("eventhub", "EventHub")])
@pytest.mark.parametrize(
    ("version", "outcome"), [("2021-11-01", "unknown"), ("2024-01-01", "pass"), ("2026-01-01", "pass")]
)
def test_an_absent_version_of_tls_is_decided_only_by_a_version_that_shows_it(
    section: str, provider: str, version: str, outcome: str
) -> None:
    guid = SUB.rsplit("/", 1)[-1]
    estate = Estate(kind=UnitKind.SUBSCRIPTION, unit_id=guid, subscriptions=[guid], now=NOW)
    namespaces = Namespaces(section, f"Microsoft.{provider}", large="Premium", small="Basic")
    docs, name = namespaces.documents(), f"{section}_namespaces"
    estate.add_documents("resources", SUB, docs["resources"][SUB])
    estate.add_documents(name, SUB, docs[name], api_version=version)
    results = judge_estate(control(f"{section}-tls"), estate)
    assert results[namespaces.id].verdict.outcome == outcome
