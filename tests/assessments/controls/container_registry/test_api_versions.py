"""Only newer versions of the API show whether anonymous pull is on."""

from __future__ import annotations

import pytest

from assessments.controls.registry import control
from assessments.estate.estate import Estate, UnitKind
from tests.assessments.controls.container_registry.cases_registry_settings import ID, one
from tests.assessments.controls.judging import NOW, SUB, judge_estate


@pytest.mark.parametrize(
    ("version", "outcome"), [("2023-07-01", "unknown"), ("2025-11-01", "pass"), ("2026-09-01", "pass")]
)
def test_a_missing_setting_is_decided_only_by_a_version_that_shows_it(version: str, outcome: str) -> None:
    guid = SUB.rsplit("/", 1)[-1]
    estate = Estate(kind=UnitKind.SUBSCRIPTION, unit_id=guid, subscriptions=[guid], now=NOW)
    docs = one("Standard")
    estate.add_documents("resources", SUB, docs["resources"][SUB])
    estate.add_documents("container_registries", SUB, docs["container_registries"], api_version=version)
    results = judge_estate(control("registry-anonymous-pull"), estate)
    assert results[ID].verdict.outcome == outcome
