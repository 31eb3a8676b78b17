"""Retention periods in configuration files."""

from __future__ import annotations

from typing import Any

import pytest

from portal.configuration.yaml_text import read
from portal.retention.models import OrganizationRetentionRule, RetentionRule
from tenants.scope import organization_scope
from tests.portal.configuration.conftest import ConfiguredCustomer

pytestmark = pytest.mark.django_db


def stored(configured: ConfiguredCustomer) -> tuple[dict[str, str], dict[str, str]]:
    with organization_scope(configured.organization):
        own: Any = RetentionRule.objects.order_by("decided_at")
        defaults: Any = OrganizationRetentionRule.objects.order_by("decided_at")
        return {row.kind: row.text for row in defaults}, {row.kind: row.text for row in own}


@pytest.mark.slow(seconds=1)
def test_periods_are_applied_exported_and_repeatable(configured: ConfiguredCustomer) -> None:
    content = configured.file(
        {"retention": {"evidence": 100, "reports": "keep"}}, retention={"sessions": 14, "evidence": 500}
    )
    assert configured.apply(content) == [
        "Retention of ended sessions: default → 14",
        "Retention of evidence: default → 500",
        "Retention of evidence: default → 100",
        "Retention of reports: default → keep",
    ]
    assert stored(configured) == (
        {"sessions": "14", "evidence": "500"},
        {"evidence": "100", "reports": "keep"},
    )
    assert configured.apply(content) == []
    data = read(configured.export().encode()).data
    assert data["organization"]["retention"]["sessions"] == 14
    assert data["organization"]["retention"]["notices"] == "default"
    assert data["customers"][0]["retention"] == {
        "evidence": 100,
        "versions": "default",
        "changes": "default",
        "assessments": "default",
        "reports": "keep",
    }
    assert configured.apply(configured.export().encode()) == []
    assert configured.apply(configured.file({"retention": {"evidence": "default"}})) == [
        "Retention of evidence: 100 → default"
    ]


@pytest.mark.parametrize("value", [89, 36501, "forever", 1.5, True, None])
def test_unusable_values_are_named_with_the_line(configured: ConfiguredCustomer, value: Any) -> None:
    problems = configured.problems(configured.file({"retention": {"evidence": value}}))
    assert problems == [
        "Line 7: “evidence” must be a whole number of days from 90 to 36500, or one of the words keep and default."
    ]
    assert stored(configured) == ({}, {})


def test_kinds_of_the_organization_are_no_kinds_of_customers(configured: ConfiguredCustomer) -> None:
    (problem,) = configured.problems(configured.file({"retention": {"sessions": 14}}))
    assert "“sessions” is not a key of “retention”" in problem
