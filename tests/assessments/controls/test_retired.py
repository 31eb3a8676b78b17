"""Controls in clouds in which Microsoft retired the feature that they judge."""

from __future__ import annotations

import pytest

from assessments.controls.registry import catalogue, control
from assessments.estate.gaps import Reason
from assessments.estate.retired import RETIRED, Feature
from tenants.cloud_table import CLOUDS
from tests.assessments.controls.cases import all_cases
from tests.assessments.controls.judging import SUB, estate_of, gap, judge_estate, outcomes

CHINA = "AzureChinaCloud"
OF_DEFENDER = {
    "defender-contact-email",
    "defender-contact-phone",
    "defender-no-open-recommendations",
    "defender-plan-databases",
    "defender-plan-servers",
    "defender-policy-all-recommendations",
    "defender-recommendations-review",
    "defender-vm-data-collection",
    "sql-threat-alerts-contact",
    "sql-threat-alerts-owners",
    "sql-threat-detection",
    "sql-threat-detection-types",
}
# These controls have other sources too, or a person answers them.
WITHOUT_DEFENDER = {"vm-endpoint-protection", "vm-software-patches", "operations-vulnerability-scans"}


def test_retired_features_are_of_known_clouds() -> None:
    assert set(RETIRED) <= set(CLOUDS)


def test_every_control_that_needs_defender_is_decided_here() -> None:
    readers = {
        slug
        for slug, rule in catalogue().items()
        if any(one.permission.startswith("Microsoft.Security/") for one in rule.needs)
    }
    assert readers <= OF_DEFENDER | WITHOUT_DEFENDER
    assert {slug for slug, rule in catalogue().items() if rule.feature is Feature.DEFENDER} == OF_DEFENDER


@pytest.mark.parametrize("slug", sorted(OF_DEFENDER))
def test_controls_of_defender_are_not_applicable_in_china(slug: str) -> None:
    rule = control(slug)
    cases = [case for case in all_cases() if case.slug == slug]
    assert cases
    for case in cases:
        estate = estate_of(rule.unit, case.docs, case.gaps, (*rule.needs, *rule.optional), cloud=CHINA)
        results = judge_estate(rule, estate, case.params)
        assert outcomes(results) == {SUB: "not_applicable"}, case
        assert results[SUB].verdict.reason == (
            "Microsoft retired Defender for Cloud in Azure China on 1 October 2026"
        )
    assert "1 October 2026" in rule.judged


@pytest.mark.parametrize("slug", sorted(WITHOUT_DEFENDER))
def test_other_controls_do_without_defender_in_china(slug: str) -> None:
    """Answers of Defender, which Azure may still give, and its refusals change no verdict."""
    rule = control(slug)
    cases = [case for case in all_cases() if case.slug == slug]
    assert cases
    needs = (*rule.needs, *rule.optional)
    of_defender = {one.name for one in needs if one.permission.startswith("Microsoft.Security/")}
    reasons = set()
    for case in cases:
        others = {name: bodies for name, bodies in case.docs.items() if name not in of_defender}
        gaps = [one for one in case.gaps if one.collection not in of_defender]
        refused = [gap(name, reason=Reason.NOT_FOUND, status=404) for name in sorted(of_defender)]
        answered = judge_estate(
            rule, estate_of(rule.unit, case.docs, case.gaps, needs, cloud=CHINA), case.params
        )
        without = judge_estate(
            rule, estate_of(rule.unit, others, [*gaps, *refused], needs, cloud=CHINA), case.params
        )
        assert outcomes(answered) == outcomes(without), case
        assert "fail" not in outcomes(answered).values(), case
        unknown = [one.verdict.gap for one in without.values() if one.verdict.gap is not None]
        assert not [one for one in unknown if one.collection in of_defender], case
        reasons |= {remark for one in without.values() for remark in one.verdict.remarks}
    assert "Microsoft retired Defender for Cloud in Azure China on 1 October 2026" in reasons
