"""Exclusion rules in configuration files."""

from __future__ import annotations

from typing import Any

import pytest

from portal.configuration.yaml_text import read
from tenants.models import ExclusionRule, Subscription
from tests import factories
from tests.portal.configuration.conftest import ConfiguredCustomer

pytestmark = pytest.mark.django_db

BOXES = {"name": "Boxes", "management_group": "boxes", "reason": "Experiments", "until": "2999-03-31"}
TESTS = {"name": "Tests", "tag": "environment=test", "reason": "Tested elsewhere"}


def excluded(configured: ConfiguredCustomer) -> dict[str, str]:
    with factories.in_tenant(configured.tenant):
        rows = Subscription.objects.filter(exclusion_rule__isnull=False)
        return dict(rows.values_list("display_name", "exclusion_rule__name"))


@pytest.mark.slow(seconds=1)
def test_rules_are_added_changed_removed_exported_and_repeatable(configured: ConfiguredCustomer) -> None:
    principal = factories.service_principal(factories.directory(configured.tenant))
    box, test = factories.subscription(principal, "Box"), factories.subscription(principal, "Test")
    with factories.in_tenant(configured.tenant):
        Subscription.objects.filter(pk=box.pk).update(management_groups=[["boxes", "Boxes"]])
        Subscription.objects.filter(pk=test.pk).update(tags={"environment": "test"})
    content = configured.file({"exclusion_rules": [BOXES, TESTS]})
    assert configured.apply(content) == [
        "Exclusion rule “Boxes”: management_group boxes, reason Experiments, until 2999-03-31",
        "Exclusion rule “Tests”: tag environment=test, reason Tested elsewhere",
    ]
    assert excluded(configured) == {"Box": "Boxes", "Test": "Tests"}
    assert configured.apply(content) == []
    assert read(configured.export().encode()).data["customers"][0]["exclusion_rules"] == [BOXES, TESTS]
    assert configured.apply(configured.export().encode()) == []
    assert configured.apply(configured.file({})) == []
    changed = {**TESTS, "tag": "environment=prod", "name": "tests"}
    assert configured.apply(configured.file({"exclusion_rules": [changed]})) == [
        "Exclusion rule “Boxes”: removes the rule. Subscriptions that nothing else excludes are assessed again.",
        "Exclusion rule “Tests”: name Tests → tests; tag environment=test → environment=prod",
    ]
    assert excluded(configured) == {}


@pytest.mark.parametrize(
    ("rules", "text"),
    [
        ([{"name": "X", "reason": "Y"}], "State a management_group, a tag or both."),
        ([TESTS, {**TESTS, "name": "TESTS"}], "already listed above"),
        ([{**TESTS, "until": "soon"}], "is not a date"),
        ([{**TESTS, "until": "2001-01-01"}], "Enter an end that is in the future"),
        ([{**TESTS, "tag": "environment"}], "Enter the tag in the form name=value"),
        ([{"name": "X", "tag": "a=b"}], "The key “reason” is missing"),
    ],
)
def test_unusable_rules_are_named_with_the_line(
    configured: ConfiguredCustomer, rules: list[dict[str, Any]], text: str
) -> None:
    (problem,) = configured.problems(configured.file({"exclusion_rules": rules}))
    assert text in problem
    with factories.in_tenant(configured.tenant):
        assert not ExclusionRule.objects.exists()
