"""Programs write and try own controls; only people publish them."""

from __future__ import annotations

import pytest
from django.test import Client

from assessments.models import OwnControl
from tenants.scope import organization_scope
from tests.assessments.own.published import example, publish_control
from tests.portal.api.changes import changed, post
from tests.portal.api.conftest import Api
from tests.portal.web.world import World


def address(world: World, rest: str = "") -> str:
    return f"/api/v1/organizations/{world.organization.slug}/own-controls{rest}"


def written(world: World, client: Client) -> str:
    made = post(client, address(world), {"text": example(world.organization)})
    assert made.status_code == 201, made.content
    assert made.json()["draft"]["problems"] == []
    return str(made.headers["Location"])


@pytest.mark.slow(seconds=1)
def test_control_is_written_tried_published_and_switched(world: World, api: Api) -> None:
    engineer, administrator = api("organization_engineer"), api("organization_administrator")
    own = written(world, engineer)
    assert engineer.get(own).json()["state"] == "draft"
    items = engineer.get(address(world)).json()["items"]
    assert engineer.get(own).json() in items
    tried = engineer.get(f"{own}/trial", {"customer": world.home.slug})
    (customer,) = tried.json()["customers"]
    assert (tried.json()["version"], customer["customer"]) == (1, world.home.slug)
    assert customer["outcomes"]["fail"] == len(customer["resources"]) > 0
    assert changed(engineer, f"{own}/publish", {"version": 1}, own).status_code == 403
    assert post(administrator, f"{own}/publish", {"version": 1}).status_code == 428
    published = changed(administrator, f"{own}/publish", {"version": 1}, own)
    assert (published.json()["state"], published.json()["version"]) == ("active", 1)
    slug = published.json()["control"]
    got = engineer.get(f"/api/v1/controls/{slug}").json()
    assert (got["section"], got["title"]) == ("Own controls", "Storage accounts name their owner")
    listed = engineer.get("/api/v1/controls", {"limit": 500}).json()["items"]
    assert slug in {one["control"] for one in listed}
    refused = changed(administrator, f"{own}/switch", {"state": "off"}, own)
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (400, "reason")
    off = changed(administrator, f"{own}/switch", {"state": "off", "reason": "Paused"}, own)
    assert (off.json()["state"], off.json()["reason"]) == ("off", "Paused")


def test_mistakes_are_named_with_their_lines(world: World, api: Api) -> None:
    text = example(world.organization).replace("severity: low", "severity: grave")
    answer = post(api("organization_engineer"), address(world), {"text": text})
    assert (answer.status_code, answer.json()["code"]) == (400, "file_unusable")
    assert "Line 4: Choose one of critical, high, medium, low." in answer.content.decode()


def test_foreign_controls_and_customers_are_not_found(world: World, api: Api) -> None:
    engineer = api("organization_engineer")
    theirs = publish_control(world.foreign.organization)
    assert engineer.get(address(world, f"/{theirs.pk}")).status_code == 404
    assert engineer.get(f"/api/v1/controls/{theirs.slug}").status_code == 404
    own = written(world, engineer)
    answer = engineer.get(f"{own}/trial", {"customer": world.foreign.slug})
    assert answer.status_code == 404
    assert world.foreign.name not in answer.content.decode()
    assert engineer.get(f"{own}/trial", {"customer": ""}).status_code == 400
    with organization_scope(world.organization):
        assert not OwnControl.objects.filter(pk=theirs.pk).exists()
