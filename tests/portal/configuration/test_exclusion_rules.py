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


def excluded(place: ConfiguredCustomer) -> dict[str, str]:
    with factories.in_tenant(place.tenant):
        rows = Subscription.objects.filter(exclusion_rule__isnull=False)
        return dict(rows.values_list("display_name", "exclusion_rule__name"))


def test_rules_are_added_changed_removed_exported_and_repeatable(place: ConfiguredCustomer) -> None:
    principal = factories.service_principal(factories.directory(place.tenant))
    box, test = factories.subscription(principal, "Box"), factories.subscription(principal, "Test")
    with factories.in_tenant(place.tenant):
        Subscription.objects.filter(pk=box.pk).update(management_groups=[["boxes", "Boxes"]])
        Subscription.objects.filter(pk=test.pk).update(tags={"environment": "test"})
    content = place.file({"exclusion_rules": [BOXES, TESTS]})
    assert place.apply(content) == [
        "Exclusion rule “Boxes”: management_group boxes, reason Experiments, until 2999-03-31",
        "Exclusion rule “Tests”: tag environment=test, reason Tested elsewhere",
    ]
    assert excluded(place) == {"Box": "Boxes", "Test": "Tests"}
    assert place.apply(content) == []
    assert read(place.export().encode()).data["customers"][0]["exclusion_rules"] == [BOXES, TESTS]
    assert place.apply(place.export().encode()) == []
    assert place.apply(place.file({})) == []
    changed = {**TESTS, "tag": "environment=prod", "name": "tests"}
    assert place.apply(place.file({"exclusion_rules": [changed]})) == [
        "Exclusion rule “Boxes”: removes it. Its subscriptions are assessed again.",
        "Exclusion rule “Tests”: name Tests → tests; tag environment=test → environment=prod",
    ]
    assert excluded(place) == {}


@pytest.mark.parametrize(
    ("rules", "text"),
    [
        ([{"name": "X", "reason": "Y"}], "State a management_group, a tag or both."),
        ([TESTS, {**TESTS, "name": "TESTS"}], "already listed above"),
        ([{**TESTS, "until": "soon"}], "is not a date"),
        ([{**TESTS, "until": "2001-01-01"}], "Enter an end that is in the future"),
        ([{**TESTS, "tag": "environment"}], "Enter the tag as name=value"),
        ([{"name": "X", "tag": "a=b"}], "The key “reason” is missing"),
    ],
)
def test_unusable_rules_are_named_with_the_line(
    place: ConfiguredCustomer, rules: list[dict[str, Any]], text: str
) -> None:
    (problem,) = place.problems(place.file({"exclusion_rules": rules}))
    assert text in problem
    with factories.in_tenant(place.tenant):
        assert not ExclusionRule.objects.exists()
