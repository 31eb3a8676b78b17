"""Every page, as the people who use it see it."""

from __future__ import annotations

import re
from html import unescape

import pytest
from django.test import Client
from django.urls import reverse

from tests.portal.web.world import SignIn, World


def get(client: Client, name: str, *args: object, query: str = "", status: int = 200) -> str:
    response = client.get(reverse(name, args=args) + query)
    assert response.status_code == status
    return response.content.decode()


def test_portfolio_shows_only_own_tenants(engineer: Client, world: World) -> None:
    html = get(engineer, "portfolio")
    assert "Alder &amp; Finch Clinics" in html
    assert "Foreign Freight" not in html
    assert "9 days" in html or "8 days" in html


def test_overview_shows_scores_sections_changes_and_reasons(engineer: Client, world: World) -> None:
    html = get(engineer, "tenant", world.home.slug)
    assert 'aria-label="Raw score: ' in html
    assert 'aria-label="Adjusted score: ' in html
    assert "Storage accounts" in html
    assert "missing permission" in html
    assert "Since the previous assessment" in html
    assert reverse("finding", args=[world.home.slug, world.of(world.home)["finding"].pk]) in html


def test_finding_shows_observed_expected_and_fix(engineer: Client, world: World) -> None:
    finding = world.of(world.home)["finding"]
    html = get(engineer, "finding", world.home.slug, finding.pk)
    assert f"{finding.subject_name} fails: {finding.reason}" in html
    assert "allowBlobPublicAccess is false" in html
    assert "az storage account update -g rg-prod" in html
    assert "Started to fail in assessment 2" in html
    assert "allowBlobPublicAccess: false → true" in html
    assert finding.evidence[0] in html
    assert "https://portal.azure.com/#@" in html


def test_evidence_requires_the_right_to_read_it(world: World, sign_in: SignIn) -> None:
    finding = world.of(world.home)["finding"]
    owner = sign_in(world.people["owner"])
    get(owner, "finding", world.home.slug, finding.pk, status=404)
    assert finding.evidence[0] in get(
        sign_in(world.people["auditor"]), "finding", world.home.slug, finding.pk
    )


@pytest.mark.parametrize("role", ["owner", "approver", "auditor", "organization_engineer"])
def test_rail_only_links_pages_the_person_may_open(world: World, sign_in: SignIn, role: str) -> None:
    client = sign_in(world.people[role])
    html = client.get(reverse("findings", args=[world.home.slug])).content.decode()
    rail = html[html.index('<nav class="rail"') : html.index("</nav>")]
    addresses = re.findall(r'class="nav" href="([^"]+)"', rail)
    assert len(addresses) >= 8
    assert {unescape(address): client.get(unescape(address)).status_code for address in addresses} == {
        unescape(address): 200 for address in addresses
    }
