"""Retention periods in configuration files."""

from __future__ import annotations

from typing import Any

import pytest

from portal.configuration.yaml_text import read
from portal.retention.models import OrganizationRetentionRule, RetentionRule
from tenants.scope import organization_scope
from tests.portal.configuration.conftest import ConfiguredCustomer

pytestmark = pytest.mark.django_db


def stored(place: ConfiguredCustomer) -> tuple[dict[str, str], dict[str, str]]:
    with organization_scope(place.organization):
        own: Any = RetentionRule.objects.order_by("decided_at")
        defaults: Any = OrganizationRetentionRule.objects.order_by("decided_at")
        return {row.kind: row.text for row in defaults}, {row.kind: row.text for row in own}


def test_periods_are_applied_exported_and_repeatable(place: ConfiguredCustomer) -> None:
    content = place.file(
        {"retention": {"evidence": 100, "reports": "keep"}}, retention={"sessions": 14, "evidence": 500}
    )
    assert place.apply(content) == [
        "Retention of ended sessions: default → 14",
        "Retention of evidence: default → 500",
        "Retention of evidence: default → 100",
        "Retention of reports: default → keep",
    ]
    assert stored(place) == ({"sessions": "14", "evidence": "500"}, {"evidence": "100", "reports": "keep"})
    assert place.apply(content) == []
    data = read(place.export().encode()).data
    assert data["organization"]["retention"]["sessions"] == 14
    assert data["organization"]["retention"]["notices"] == "default"
    assert data["customers"][0]["retention"] == {
        "evidence": 100,
        "versions": "default",
        "changes": "default",
        "assessments": "default",
        "reports": "keep",
    }
    assert place.apply(place.export().encode()) == []
    assert place.apply(place.file({"retention": {"evidence": "default"}})) == [
        "Retention of evidence: 100 → default"
    ]


@pytest.mark.parametrize("value", [89, 36501, "forever", 1.5, True, None])
def test_unusable_values_are_named_with_the_line(place: ConfiguredCustomer, value: Any) -> None:
    problems = place.problems(place.file({"retention": {"evidence": value}}))
    assert problems == ["Line 7: “evidence” must be whole days from 90 to 36500, keep or default."]
    assert stored(place) == ({}, {})


def test_kinds_of_the_organization_are_no_kinds_of_customers(place: ConfiguredCustomer) -> None:
    (problem,) = place.problems(place.file({"retention": {"sessions": 14}}))
    assert "“sessions” is not a key of “retention”" in problem
