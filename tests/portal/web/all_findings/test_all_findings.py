"""The page of all customers' findings."""

from __future__ import annotations

from django.test import Client
from django.utils.html import escape

from portal.treatment.actions.snapshots import take_snapshot
from tests import factories
from tests.portal.treatment.findings import FAILING, make
from tests.portal.web.requests import page
from tests.portal.web.world import World

CONTROL = "storage-secure-transfer"


def test_an_open_control_lists_its_customers_with_a_link_to_their_findings(
    engineer: Client, world: World
) -> None:
    with factories.in_tenant(world.home):
        for number in range(3):
            make(world.home, FAILING, number)
        take_snapshot(tenant=world.home)
    closed = page(engineer, "all-findings", query=f"?state=open&q={CONTROL}")
    assert f"/t/{world.home.slug}/findings/" not in closed
    opened = page(engineer, "all-findings", query=f"?state=open&q={CONTROL}&open={CONTROL}")
    assert f"/t/{world.home.slug}/findings/?control={CONTROL}&amp;state=open" in opened
    assert escape(world.home.name) in opened
    assert world.foreign.name not in opened


def test_filters_without_a_match_offer_to_clear_them(engineer: Client) -> None:
    assert "No findings match" in page(engineer, "all-findings", query="?severity=none")


def test_a_person_who_owns_findings_is_sent_to_them(client: Client, world: World) -> None:
    client.force_login(world.people["owner"])
    html = page(client, "all-findings")
    assert "No customers to show" in html
    assert 'href="/my/"' in html
