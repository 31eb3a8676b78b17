"""The page of a finding: observed and expected values, fix and evidence."""

from __future__ import annotations

from datetime import UTC

from django.test import Client
from django.urls import reverse

from assessments.display.names import NO_NAMES
from assessments.models import FindingChange
from portal.web.finding_detail.page import entry
from tests import factories
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


def test_a_failure_that_was_unknown_did_not_start_then(world: World) -> None:
    """The failure may have continued while it was unknown."""
    with factories.in_tenant(world.home):
        changes = FindingChange.objects.filter(finding=world.of(world.home)["finding"], after_outcome="fail")
        change = changes.select_related("assessment")[0]
    for before, title in (("pass", "Started to fail"), ("unknown", "Verdict changed")):
        change.before_outcome = before
        assert entry(change, NO_NAMES, UTC).title == f"{title} in assessment {change.assessment.number}"


def test_evidence_requires_the_right_to_read_it(world: World, sign_in: SignIn) -> None:
    finding = world.of(world.home)["finding"]
    owner = sign_in(world.people["owner"])
    get(owner, "finding", world.home.slug, finding.pk, status=404)
    assert finding.evidence[0] in get(
        sign_in(world.people["auditor"]), "finding", world.home.slug, finding.pk
    )
