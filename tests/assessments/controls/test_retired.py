"""Controls of a feature that Microsoft retired in some clouds."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from assessments.collect.plan import needed
from assessments.controls.registry import catalogue, control
from assessments.controls.verdict import Outcome
from assessments.estate.estate import UnitKind
from assessments.estate.gaps import Reason
from assessments.estate.retired import RETIRED, Feature, missing_features
from assessments.permissions.grants import closure
from tenants.cloud_table import CLOUDS
from tests.assessments.controls.cases import cases_of
from tests.assessments.controls.judging import NOW, SUB, estate_of, gap, judge_estate, outcomes
from tests.for_each import for_each

CHINA = "AzureChinaCloud"
OF_DEFENDER = {
    "aks-defender",
    "defender-acr-scan",
    "defender-acr-vulns",
    "defender-alerts-exported",
    "defender-agentless-k8s",
    "defender-agentless-machines",
    "defender-contact-alert-severity",
    "defender-container-components",
    "defender-running-image-vulns",
    "defender-contact-attack-path",
    "defender-contact-email",
    "defender-contact-owner",
    "defender-contact-phone",
    "defender-fim",
    "defender-iot",
    "defender-mcas",
    "defender-no-open-recommendations",
    "defender-plan-apis",
    "defender-plan-appservice",
    "defender-plan-arm",
    "defender-plan-containers",
    "defender-plan-cspm",
    "defender-plan-databases",
    "defender-plan-dns",
    "defender-plan-keyvault",
    "defender-plan-servers",
    "defender-plan-storage",
    "defender-policy-all-recommendations",
    "defender-recommendations-review",
    "defender-vm-data-collection",
    "defender-vulnerability-assessment",
    "defender-wdatp",
    "sql-threat-alerts-contact",
    "sql-threat-alerts-owners",
    "sql-threat-detection",
    "sql-threat-detection-types",
    "vm-jit",
    "sql-va",
    "sql-va-admin-mail",
    "sql-va-recurring",
    "sql-va-reports",
}
# These controls do not depend on Defender, because they also have other sources, or because a person answers them.
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


@for_each("slug", sorted(OF_DEFENDER))
def test_controls_of_defender_are_not_applicable_in_china(slug: str) -> None:
    rule = control(slug)
    cases = cases_of(slug)
    assert cases
    for case in cases:
        estate = estate_of(rule.unit, case.docs, case.gaps, (*rule.needs, *rule.optional), cloud=CHINA)
        results = judge_estate(rule, estate, case.params)
        assert outcomes(results) == {SUB: "not_applicable"}, case
        assert results[SUB].verdict.reason == (
            "Microsoft retired Defender for Cloud in Azure China on 1 October 2026"
        )
    assert "1 October 2026" in rule.judged


BEFORE = datetime(2026, 9, 30, 12, 0, tzinfo=UTC)


@pytest.mark.slow(seconds=1)
@for_each("slug", sorted(OF_DEFENDER | WITHOUT_DEFENDER))
def test_evidence_read_before_the_retirement_is_judged_as_it_was(slug: str) -> None:
    rule = control(slug)
    needs = (*rule.needs, *rule.optional)
    seen: set[str] = set()
    for case in cases_of(slug):
        in_china, elsewhere = (
            outcomes(
                judge_estate(
                    rule, estate_of(rule.unit, case.docs, case.gaps, needs, BEFORE, cloud), case.params
                )
            )
            for cloud in (CHINA, "AzureCloud")
        )
        assert in_china == elsewhere, case
        seen.update(in_china.values())
    assert seen - {"not_applicable"}


def test_nothing_of_defender_is_requested_where_it_is_missing() -> None:
    missing = missing_features(CHINA, NOW)
    assert missing == {Feature.DEFENDER}
    assert missing_features(CHINA, BEFORE) == missing_features("AzureCloud", NOW) == frozenset()
    for kind in UnitKind:
        planned = needed(catalogue().values(), kind, missing)
        assert planned
        assert not [name for name, one in planned.items() if one.permission.startswith("Microsoft.Security/")]
    for slug, rule in catalogue().items():
        own = closure(rule, missing)
        assert not [one for one in own.values() if one.permission.startswith("Microsoft.Security/")]
        assert not own or slug not in OF_DEFENDER
        if slug not in OF_DEFENDER | WITHOUT_DEFENDER:
            assert own == closure(rule), slug


@pytest.mark.parametrize("slug", sorted(WITHOUT_DEFENDER))
def test_other_controls_do_without_defender_in_china(slug: str) -> None:
    """The verdict is the same whether Azure still returns data of Defender, refuses the requests, or is not asked."""
    rule = control(slug)
    cases = cases_of(slug)
    assert cases
    needs = (*rule.needs, *rule.optional)
    of_defender = {one.name for one in needs if one.permission.startswith("Microsoft.Security/")}
    reasons = set()
    for case in cases:
        others = {name: bodies for name, bodies in case.docs.items() if name not in of_defender}
        gaps = [one for one in case.gaps if one.collection not in of_defender]
        refused = [gap(name, reason=Reason.NOT_FOUND, status=404) for name in sorted(of_defender)]
        asked = [one for one in needs if one.name not in of_defender]
        answered = judge_estate(
            rule, estate_of(rule.unit, case.docs, case.gaps, needs, cloud=CHINA), case.params
        )
        without = judge_estate(
            rule, estate_of(rule.unit, others, [*gaps, *refused], needs, cloud=CHINA), case.params
        )
        not_asked = judge_estate(rule, estate_of(rule.unit, others, gaps, asked, cloud=CHINA), case.params)
        assert outcomes(answered) == outcomes(without) == outcomes(not_asked), case
        if "imported_scans" in case.docs:
            continue  # Imported scans are judged in every cloud, and can make the control fail.
        # Data of Defender is not judged in this cloud. So the only possible failure is an antimalware extension whose
        # protection is off.
        failing = {one.verdict.reason for one in answered.values() if one.verdict.outcome is Outcome.FAIL}
        assert failing <= {"Real-time protection of Microsoft Antimalware is off"}, case
        unknown = [one.verdict.gap for one in without.values() if one.verdict.gap is not None]
        assert not [one for one in unknown if one.collection in of_defender], case
        reasons |= {remark for one in without.values() for remark in one.verdict.remarks}
    assert "Microsoft retired Defender for Cloud in Azure China on 1 October 2026" in reasons
