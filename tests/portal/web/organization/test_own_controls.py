"""The pages of own controls: from an empty form to a published control."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from assessments.models import OwnControl
from assessments.own.conditions import OPERATORS
from assessments.own.definition import _KNOWN
from portal.web.organization import own_control_help
from tenants.scope import organization_scope
from tests.assessments.own.published import example, publish_control
from tests.portal.web.forms import forms
from tests.portal.web.requests import page
from tests.portal.web.world import SignIn, World


def written_form(client: Client, address: str) -> dict[str, Any]:
    """Return the fields of the form with the definition."""
    found = forms(client.get(address).content.decode())
    return next(fields for _, fields in found if "text" in fields)


def publish_form(client: Client, address: str) -> dict[str, Any]:
    """Return the fields that a browser sends when the button “Publish version 1” is pressed."""
    found = client.get(address).content.decode()
    assert "Publish version 1" in found
    return {"version": "1", **next(fields for target, fields in forms(found) if target.endswith("/publish/"))}


def stored(world: World, name: str = "storage-owner-tag") -> OwnControl:
    with organization_scope(world.organization):
        return OwnControl.objects.get(slug=f"own-{world.organization.slug}-{name}")


@pytest.mark.slow(seconds=1)
def test_control_is_written_tried_published_and_retired(world: World, sign_in: SignIn) -> None:
    slug = world.organization.slug
    engineer = sign_in(world.people["organization_engineer"])
    administrator = sign_in(world.people["organization_administrator"])
    address = reverse("own-control-add", args=[slug])
    opened = written_form(engineer, address)
    assert opened["text"].replace("\r\n", "\n").strip() == example(world.organization).strip()
    refused = engineer.post(address, {"text": opened["text"].replace("severity: low", "severity: grave")})
    assert refused.status_code == 400
    assert "Choose one of critical, high, medium, low." in refused.content.decode()
    assert engineer.post(address, opened).status_code == 302
    row = stored(world)
    assert (row.state, row.version) == ("draft", 0)
    # Every new form contains the same example, so two people can choose the same name. The first draft must stay.
    second = administrator.post(address, {"text": opened["text"].replace("Team Data", "Team Web")})
    assert (second.status_code, f"{row.slug} already exists" in second.content.decode()) == (400, True)
    own = reverse("own-control", args=[slug, row.pk])
    shown = engineer.get(own, {"customer": world.home.slug}).content.decode()
    assert "Choose at least one customer." in engineer.get(own, {"try": "1"}).content.decode()
    assert "Resources that would not pass" in shown
    assert "Not met: tags.owner matches .+" in shown
    assert "Publish version 1" not in shown
    publish = reverse("own-control-publish", args=[slug, row.pk])
    assert engineer.post(publish, {"version": "1"}).status_code == 403
    seen = publish_form(administrator, own)
    # The engineer changes the draft while the administrator reads it.
    edit = reverse("own-control-edit", args=[slug, row.pk])
    again = written_form(engineer, edit)
    assert engineer.post(edit, {**again, "text": again["text"].replace("low", "high")}).status_code == 302
    for stale in (seen, {"version": "1"}, {**seen, "version": "9" * 5000}):
        answer = administrator.post(publish, stale, follow=True).content.decode()
        assert "changed since you opened" in answer or "no longer exists" in answer
        assert stored(world).state == "draft"
    assert administrator.post(publish, publish_form(administrator, own)).status_code == 302
    assert (stored(world).state, stored(world).definition["severity"]) == ("active", "high")
    assert "Storage accounts name their owner" in page(engineer, "controls")
    detail = page(engineer, "control", row.slug)
    assert "Own controls" in detail
    assert "Passes when tags.owner matches .+." in detail
    switch = reverse("own-control-switch", args=[slug, row.pk])
    assert administrator.post(switch, {"state": "off", "reason": ""}).status_code == 400
    assert administrator.post(switch, {"state": "off", "reason": "Paused"}).status_code == 302
    assert stored(world).reason == "Paused"
    assert administrator.post(switch, {"state": "active"}).status_code == 302
    assert administrator.post(switch, {"state": "retired", "reason": "Done"}).status_code == 302
    assert stored(world).state == "retired"
    assert "Write next version" not in administrator.get(own).content.decode()


def test_next_version_keeps_the_name_and_can_be_discarded(world: World, sign_in: SignIn) -> None:
    slug = world.organization.slug
    engineer = sign_in(world.people["organization_engineer"])
    row = publish_control(world.organization)
    address = reverse("own-control-edit", args=[slug, row.pk])
    opened = written_form(engineer, address)
    text = opened["text"]
    other = engineer.post(address, {**opened, "text": text.replace("owner-tag", "other-tag")})
    assert (other.status_code, "cannot be changed. To use another name" in other.content.decode()) == (
        400,
        True,
    )
    wrong = text.replace("Team Data", "").replace('".+"', '"Team .+"')
    assert engineer.post(address, {**opened, "text": wrong}).status_code == 302
    again = engineer.post(address, {**opened, "text": text})
    assert (again.status_code, "Somebody else has changed" in again.content.decode()) == (400, True)
    shown = engineer.get(reverse("own-control", args=[slug, row.pk])).content.decode()
    assert "should be pass, but the control says" in shown
    assert "The text of version 2 is deleted, and cannot be restored." in shown
    assert stored(world).version == 1
    assert engineer.post(reverse("own-control-discard", args=[slug, row.pk])).status_code == 302
    assert "Version 2" not in page(engineer, "own-controls", slug)


def test_customers_and_other_organizations_have_no_access(world: World, sign_in: SignIn) -> None:
    slug, row = world.organization.slug, publish_control(world.organization)
    assert sign_in(world.people["tenant_administrator"]).get(
        reverse("own-controls", args=[slug])
    ).status_code in (403, 404)
    theirs = publish_control(world.foreign.organization)
    administrator = sign_in(world.people["organization_administrator"])
    assert administrator.get(reverse("own-control", args=[slug, theirs.pk])).status_code == 404
    assert administrator.get(reverse("control", args=[theirs.slug])).status_code == 404
    assert administrator.get(reverse("control", args=[row.slug])).status_code == 200
    answer = administrator.get(reverse("own-control", args=[slug, row.pk]), {"customer": world.foreign.slug})
    assert (answer.status_code, world.foreign.name in answer.content.decode()) == (400, False)


def test_path_to_the_page_links_only_to_pages_that_the_person_may_open(world: World, sign_in: SignIn) -> None:
    address = reverse("own-controls", args=[world.organization.slug])
    people = f'<a href="{reverse("organization-people", args=[world.organization.slug])}">{world.organization.name}</a>'
    assert people in sign_in(world.people["organization_administrator"]).get(address).content.decode()
    assert people not in sign_in(world.people["organization_engineer"]).get(address).content.decode()


def test_the_form_explains_every_field(world: World, sign_in: SignIn) -> None:
    html = page(sign_in(world.people["organization_engineer"]), "own-control-add", world.organization.slug)
    assert 'href="#own-control-help"' in html
    assert 'id="own-control-help"' in html
    assert "docs/" not in html
    named = [name for names, _ in own_control_help.FIELDS for name in names]
    assert sorted(named) == sorted(_KNOWN)
    explained = {word.strip(",:") for text, _ in own_control_help.CONDITIONS for word in text.split()}
    assert set(OPERATORS) <= explained
