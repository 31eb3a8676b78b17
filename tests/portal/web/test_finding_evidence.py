"""The page of a finding: observed and expected values, fix and evidence."""

from __future__ import annotations

from datetime import UTC

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from assessments.actions.unassessed_findings import CLOSED
from assessments.display.names import NO_NAMES
from assessments.models import FindingChange
from portal.web.finding_detail.page import entry
from tenants.models import Situation
from tests import factories
from tests.portal.web.watched import watched_unit
from tests.portal.web.world import SignIn, World


def get(client: Client, name: str, *args: object, query: str = "", status: int = 200) -> str:
    response = client.get(reverse(name, args=args) + query)
    assert response.status_code == status
    return response.content.decode()


def test_finding_shows_observed_expected_and_fix(engineer: Client, world: World) -> None:
    finding = world.of(world.home)["finding"]
    html = get(engineer, "finding", world.home.slug, finding.pk)
    assert f"{finding.subject_name} fails: {finding.reason}" in html
    assert "Anonymous access is not allowed" in html
    assert "--resource-group rg-prod" in html
    assert "Started to fail in assessment 2" in html
    assert "Anonymous access allowed: no → yes" in html
    assert finding.evidence[0] in html
    assert "First read" in html
    assert "https://portal.azure.com/#@" in html


@pytest.mark.parametrize(
    ("before", "observed", "title"),
    [
        ("pass", {}, "Started to fail"),
        ("not_applicable", {}, "Started to fail"),
        ("unknown", {}, "Verdict changed"),
        ("gone", {}, "Verdict changed"),  # Findings are also gone while their subscription is excluded.
        ("not_applicable", {"switched_off_because": "Not needed"}, "Verdict changed"),
    ],
)
def test_a_failure_without_a_verdict_before_did_not_start_then(
    world: World, before: str, observed: dict[str, str], title: str
) -> None:
    """The subject may have failed all the time, also while it was not judged."""
    with factories.in_tenant(world.home):
        changes = FindingChange.objects.filter(finding=world.of(world.home)["finding"], after_outcome="fail")
        change = changes.select_related("assessment")[0]
    change.before_outcome, change.before_observed = before, observed
    assert entry(change, NO_NAMES, UTC).title == f"{title} in assessment {change.assessment.number}"


@pytest.mark.parametrize(
    ("reason", "title"),
    [
        ("No longer present in Azure.", "No longer exists"),
        (CLOSED[Situation.DELETED], "No longer exists"),
        (CLOSED[Situation.EXCLUDED], "No longer assessed"),
        (CLOSED[Situation.FOREIGN], "No longer assessed"),
    ],
)
def test_a_subject_that_is_not_assessed_any_more_may_still_exist(
    world: World, reason: str, title: str
) -> None:
    with factories.in_tenant(world.home):
        changes = FindingChange.objects.filter(finding=world.of(world.home)["finding"], after_outcome="fail")
        change = changes.select_related("assessment")[0]
    change.before_outcome, change.after_outcome, change.reason = "fail", "gone", reason
    assert entry(change, NO_NAMES, UTC).title == f"{title} in assessment {change.assessment.number}"


@pytest.mark.parametrize("is_changed", [False, True], ids=["unchanged", "changed"])
def test_the_watch_checked_a_finding_only_if_it_changed_the_finding(
    engineer: Client, world: World, is_changed: bool
) -> None:
    finding = world.of(world.home)["finding"]
    unit = watched_unit(world, timezone.now())
    with factories.in_tenant(world.home):
        complete = world.of(world.home)["assessment"]
        if is_changed:
            FindingChange.objects.create(
                tenant=world.home, finding=finding, assessment=unit.assessment, at=timezone.now(),
                before_outcome="fail", after_outcome="fail", before_observed={}, after_observed=finding.observed,
                reason=finding.reason, severity_rank=finding.severity_rank,
            )  # fmt: skip
    number = unit.assessment.number if is_changed else complete.number
    for name in ("finding", "finding-panel"):
        response = engineer.get(reverse(name, args=[world.home.slug, finding.pk]), HTTP_HX_REQUEST="true")
        checked = response.content.decode().split('id="finding-check"')[1].split("</span>")[0]
        assert f">assessment {number}</a>" in checked


def test_evidence_requires_the_right_to_read_it(world: World, sign_in: SignIn) -> None:
    finding = world.of(world.home)["finding"]
    owner = sign_in(world.people["owner"])
    get(owner, "finding", world.home.slug, finding.pk, status=404)
    assert finding.evidence[0] in get(
        sign_in(world.people["auditor"]), "finding", world.home.slug, finding.pk
    )
