"""Pages of a baseline's owner rules and channels."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from portal.notify.models import Channel
from portal.treatment.models import Baseline, OwnerRule
from tenants.scope import organization_scope
from tests.assessments.own.published import publish_control
from tests.portal.web.baselines.new_baselines import baseline_of
from tests.portal.web.forms import filled
from tests.portal.web.world import World


@pytest.mark.slow(seconds=1)
def test_a_rule_is_added_changed_listed_and_removed(world: World, engineer: Client) -> None:
    place = baseline_of(world, engineer)
    owner = world.people["organization_engineer"]
    values = {"name": "Disks", "owner": str(owner.pk), "section": "vm", "enabled": "on"}
    answer = engineer.post(reverse("baseline-rule-add", args=place), values)
    assert answer.status_code == 302
    with organization_scope(world.organization):
        assert OwnerRule.objects.get(tenant=world.home, name="Disks").section == "vm"
        OwnerRule.objects.filter(tenant=world.home, name="Disks").update(section="storage")
    page = engineer.get(reverse("baseline", args=place)).content.decode()
    assert "Mira Okafor: section is" in page
    listed = engineer.get(reverse("baselines", args=place[:1])).content.decode()
    assert "Owner rule “Disks”" in listed
    # The page shows the name as fixed, and another name is ignored.
    address = reverse("baseline-rule", args=[*place, 0])
    shown = filled(engineer.get(address).content.decode())
    assert engineer.post(address, {**shown, "name": "Other"}).status_code == 302
    with organization_scope(world.organization):
        assert [rule["name"] for rule in Baseline.objects.get(pk=place[1]).owner_rules] == ["Disks"]
    engineer.post(address, {**shown, "remove": "1"})
    with organization_scope(world.organization):
        assert Baseline.objects.get(pk=place[1]).owner_rules == []
        assert OwnerRule.objects.filter(tenant=world.home, name="Disks").exists()
    assert engineer.get(reverse("baseline-rule", args=[*place, 0])).status_code == 404


@pytest.mark.slow(seconds=1)
def test_a_rule_about_an_own_control_keeps_its_condition(world: World, engineer: Client) -> None:
    place, own = baseline_of(world, engineer), publish_control(world.organization)
    owner = world.people["organization_engineer"]
    values = {"name": "Tags", "owner": str(owner.pk), "control": own.slug}
    assert engineer.post(reverse("baseline-rule-add", args=place), values).status_code == 302
    address = reverse("baseline-rule", args=[*place, 0])
    shown = filled(engineer.get(address).content.decode())
    assert engineer.post(address, {**shown, "enabled": "on"}).status_code == 302
    with organization_scope(world.organization):
        (rule,) = Baseline.objects.get(pk=place[1]).owner_rules
    assert (rule["control"], rule["enabled"]) == (own.slug, True)


@pytest.mark.slow(seconds=1)
def test_a_webhook_shows_its_secret_once(world: World, engineer: Client) -> None:
    place = baseline_of(world, engineer)
    values = {
        "kind": "webhook",
        "name": "Tickets",
        "address": "https://8.8.8.8/hooks/x-path",
        "kinds": ["assigned"],
    }
    answer = engineer.post(reverse("baseline-channel-add", args=place), values)
    assert "Copy the signing secret now" in answer.content.decode()
    with organization_scope(world.organization):
        channel = Channel.objects.get(tenant=world.home, name="Tickets")
        row = Baseline.objects.get(pk=place[1]).channels.get()
    address = reverse("baseline-channel", args=[*place, row.pk])
    page = engineer.get(address).content.decode()
    assert "Copy the signing secret now" not in page
    assert "x-path" not in page
    engineer.post(address, {**filled(page), "kinds": ["assigned", "overdue"]})
    with organization_scope(world.organization):
        channel.refresh_from_db()
        assert channel.kinds == ["assigned", "overdue"]
        Channel.objects.filter(pk=channel.pk).update(enabled=False)
    listed = engineer.get(reverse("baselines", args=place[:1])).content.decode()
    assert "Signed webhook at 8.8.8.8, 2 events, turned off" in listed
    refused = engineer.post(
        reverse("baseline-channel-add", args=place), {**values, "name": "Other", "address": "http://x"}
    )
    assert refused.status_code == 400
    engineer.post(address, {**filled(engineer.get(address).content.decode()), "remove": "1"})
    with organization_scope(world.organization):
        assert not Baseline.objects.get(pk=place[1]).channels.exists()
        assert Channel.objects.filter(pk=channel.pk).exists()


def test_a_schedule_that_cannot_be_understood_stands_at_its_field(world: World, engineer: Client) -> None:
    answer = engineer.post(
        reverse("baseline-add", args=[world.organization.slug]), {"name": "X", "schedule": "sometimes"}
    )
    assert "is neither a weekday nor a time" in answer.content.decode()
