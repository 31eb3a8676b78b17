"""Rules match findings by their conditions."""

from __future__ import annotations

from typing import Any

import pytest

from assessments.models import Finding, Resource
from portal.treatment.matching import describe_rule, is_empty, match
from portal.treatment.models import OwnerRule
from tests import factories
from tests.portal.treatment.findings import FAILING, NOW, make

SUBJECT = "/subscriptions/s1/resourceGroups/RG-Prod/providers/Microsoft.Storage/storageAccounts/acme.one"

CASES: dict[str, tuple[dict[str, str], bool]] = {
    "nothing": ({}, True),
    "control": ({"control": "storage-secure-transfer"}, True),
    "another control": ({"control": "storage-secure"}, False),
    "section and severity": ({"section": "storage", "severity": "high"}, True),
    "one of two": ({"section": "storage", "severity": "low"}, False),
    "unit": ({"unit": "/subscriptions/s1"}, True),
    "group in other case": ({"resource_group": "rg-prod"}, True),
    "group glob": ({"resource_group": "rg-*"}, True),
    "a part of the group": ({"resource_group": "prod"}, False),
    "resource glob": ({"resource_pattern": "*/storageaccounts/acme*"}, True),
    "a dot is a dot": ({"resource_pattern": "*/acmeXone"}, False),
    "one character": ({"resource_pattern": "*/acme?one"}, True),
    "a percent is a percent": ({"resource_pattern": "%acme%"}, False),
    "an underscore is an underscore": ({"resource_pattern": "*/acme_one"}, False),
    "a backslash is a backslash": ({"resource_pattern": "*/acme\\.one"}, False),
    "a backslash at the end": ({"resource_group": "rg-prod\\"}, False),
    "a regular expression is none": ({"resource_pattern": ".*acme.*"}, False),
    "tag": ({"tag_name": "env", "tag_value": "prod"}, True),
    "tag's name in other case": ({"tag_name": "ENV", "tag_value": "prod"}, True),
    "tag's value in other case": ({"tag_name": "env", "tag_value": "Prod"}, False),
    "has the tag": ({"tag_name": "Env"}, True),
    "lacks the tag": ({"tag_name": "team"}, False),
    "a quote in a tag": ({"tag_name": "e'nv", "tag_value": "%s"}, False),
}


@pytest.mark.parametrize("name", list(CASES))
def test_a_rule_matches_its_conditions(db: None, name: str) -> None:
    conditions, expected = CASES[name]
    tenant, other = factories.tenant(), factories.tenant()
    finding: dict[str, Any] = {
        **FAILING,
        "subject": SUBJECT,
        "resource_group": "RG-Prod",
        "unit": "/subscriptions/s1",
    }
    for place, tags in ((tenant, {"Env": "prod"}), (other, {"team": "x"})):
        with factories.in_tenant(place):
            row = make(place, finding)
            Resource.objects.create(
                tenant=place,
                resource_id=SUBJECT,
                key=row.subject_key,
                type="t",
                name="n",
                unit="u",
                tags=tags,
                sha256="0" * 64,
                first_seen_at=NOW,
                changed_at=NOW,
            )
    rule = OwnerRule(tenant=tenant, **conditions)
    with factories.in_tenant(tenant):
        assert Finding.objects.filter(match(rule)).exists() == expected
        assert describe_rule(rule)
    assert is_empty(rule) == (conditions == {})


@pytest.mark.parametrize(
    ("conditions", "beside", "words"),
    [
        ({}, (), "every finding"),
        ({}, ("control",), ""),
        ({"control": "sql-auditing"}, ("control",), ""),
        ({"control": "sql-auditing", "resource_group": "rg-*"}, ("control",), "resource group matches rg-*"),
        ({"control": "retired-control"}, (), "control is retired-control"),
        ({"control": "storage-secure-transfer"}, (), "control is “Secure transfer is required”"),
        ({"section": "defender"}, (), "section is Microsoft Defender for Cloud"),
    ],
)
def test_omitted_conditions_are_not_described(
    conditions: dict[str, str], beside: tuple[str, ...], words: str
) -> None:
    assert describe_rule(OwnerRule(**conditions), omit=beside) == words


def test_gone_findings_are_not_matched(db: None) -> None:
    tenant = factories.tenant()
    with factories.in_tenant(tenant):
        make(tenant, {**FAILING, "state": "gone", "gone_at": NOW})
        assert not Finding.objects.filter(match(OwnerRule(tenant=tenant))).exists()
