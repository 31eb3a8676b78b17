"""The settings pages of owner rules."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from portal.treatment.models import OwnerRule, Treatment
from portal.treatment.selectors.owners import rules
from tests import factories
from tests.assessments.own.published import publish_control
from tests.portal.web.forms import filled, start_of
from tests.portal.web.world import World


def form(world: World, **given: str) -> dict[str, str]:
    return {"name": "Mine", "owner": str(world.people["owner"].pk), "enabled": "on", **given}


def names(world: World) -> list[str]:
    with factories.in_tenant(world.home):
        return [rule.name for rule in rules(world.home)]


def add(world: World) -> str:
    return reverse("owner-rule-add", args=[world.home.slug])


def rule_address(world: World, name: str, rule: OwnerRule | None = None) -> str:
    return reverse(name, args=[world.home.slug, (rule or world.of(world.home)["rule"]).pk])


@pytest.mark.slow(seconds=1)
def test_a_rule_is_added_previewed_and_applied(world: World, engineer: Client) -> None:
    given = form(world, control="storage-anonymous-access-disallowed")
    html = engineer.post(add(world), {**given, "preview": "1"}).content.decode()
    # Two findings of the control fail. One of them was assigned by hand, so the rule does not reassign it.
    assert "<strong>1</strong> finding to assign:" in html
    assert "1 more matches but was assigned by hand" in html
    assert 'value="Mine"' in html
    assert names(world) == ["Storage"]
    assert engineer.post(add(world), given).status_code == 302
    assert names(world) == ["Storage", "Mine"]
    apply = reverse("owner-rules-apply", args=[world.home.slug])
    assert "1 finding reassigned" in engineer.post(apply, follow=True).content.decode()
    assert "No finding changed its owner" in engineer.post(apply, follow=True).content.decode()
    with factories.in_tenant(world.home):
        held = Treatment.objects.get(finding=world.of(world.home)["finding"])
        assert (held.owner, held.owner_source) == (world.people["owner"], "rule")


def test_live_preview_returns_a_fragment_and_saves_nothing(world: World, engineer: Client) -> None:
    answer = engineer.get(add(world), form(world, section="storage"), headers={"HX-Request": "true"})
    html = answer.content.decode()
    assert "<html" not in html
    assert "section is Storage accounts" in html
    assert names(world) == ["Storage"]


def test_preview_explains_invalid_conditions(world: World, engineer: Client) -> None:
    answer = engineer.get(add(world), {"tag_value": "prod"}, headers={"HX-Request": "true"})
    assert answer.status_code == 200
    assert "Enter the tag’s name" in answer.content.decode().replace("&#x27;", "’")


@pytest.mark.slow(seconds=1)
def test_preview_counts_other_owners_and_earlier_rules(world: World, engineer: Client) -> None:
    engineer.post(add(world), form(world, name="First"))
    engineer.post(reverse("owner-rules-apply", args=[world.home.slug]))
    with factories.in_tenant(world.home):
        total = Treatment.objects.filter(owner_source="rule").count()
        first = OwnerRule.objects.get(name="First")
    assert total > 2
    other = str(world.people["organization_engineer"].pk)
    seen = engineer.get(
        rule_address(world, "owner-rule", first), form(world, owner=other), headers={"HX-Request": "true"}
    )
    assert (
        f"</svg>{total}</span>of these findings have another owner, assigned by another rule"
        in seen.content.decode()
    )
    late = engineer.get(add(world), form(world, owner=other), headers={"HX-Request": "true"})
    assert "<strong>0</strong> findings to assign:" in late.content.decode()
    assert f"{total} more match but are assigned by an earlier rule" in late.content.decode()


@pytest.mark.parametrize(
    "given",
    [{"name": ""}, {"owner": ""}, {"owner": "no-id"}, {"control": "none-such"}, {"tag_value": "x"}],
    ids=["name", "owner", "not a person", "control", "tag"],
)
def test_invalid_rule_is_refused_and_not_saved(world: World, engineer: Client, given: dict[str, str]) -> None:
    answer = engineer.post(add(world), form(world, **given))
    assert answer.status_code == 400
    assert 'aria-invalid="true"' in answer.content.decode()
    assert names(world) == ["Storage"]


@pytest.mark.slow(seconds=1)
def test_a_rule_is_edited_switched_moved_and_deleted(world: World, engineer: Client) -> None:
    engineer.post(add(world), form(world))
    engineer.post(rule_address(world, "owner-rule-move"), {"to": "down"})
    assert names(world) == ["Mine", "Storage"]
    engineer.post(rule_address(world, "owner-rule-move"), {"to": "down"})
    assert names(world) == ["Mine", "Storage"]
    engineer.post(rule_address(world, "owner-rule-move"), {"to": "up"})
    assert names(world) == ["Storage", "Mine"]
    assert "up or down" in engineer.post(rule_address(world, "owner-rule-move"), follow=True).content.decode()
    page, delete = rule_address(world, "owner-rule"), rule_address(world, "owner-rule-delete")
    changed = form(world, name="Boxes", severity="high")
    assert engineer.post(page, {**changed, **start_of(engineer, page)}).status_code == 302
    engineer.post(rule_address(world, "owner-rule-switch"))
    with factories.in_tenant(world.home):
        rule = OwnerRule.objects.get(name="Boxes")
        # The edit turned the rule on, and the switch turned it off.
        assert (rule.severity, rule.section, rule.enabled) == ("high", "", False)
    assert "Delete “Boxes”?" in engineer.get(rule_address(world, "owner-rule-delete")).content.decode()
    assert names(world) == ["Boxes", "Mine"]
    engineer.post(delete, start_of(engineer, delete))
    assert names(world) == ["Mine"]


def test_list_shows_conditions_and_owner(world: World, engineer: Client) -> None:
    html = engineer.get(reverse("owner-rules", args=[world.home.slug])).content.decode()
    assert "section is Storage accounts" in html
    assert "Mira Okafor" in html
    assert 'aria-label="Turn Storage on"' in html
    settings = engineer.get(reverse("tenant-settings", args=[world.home.slug])).content.decode()
    assert reverse("owner-rules", args=[world.home.slug]) in settings


def test_a_rule_about_an_own_control_keeps_its_condition(world: World, engineer: Client) -> None:
    own = publish_control(world.organization)
    assert engineer.post(add(world), form(world, control=own.slug)).status_code == 302
    with factories.in_tenant(world.home):
        rule = OwnerRule.objects.get(name="Mine")
    address = rule_address(world, "owner-rule", rule)
    shown = filled(engineer.get(address).content.decode())
    assert engineer.post(address, {**shown, "name": "Ours"}).status_code == 302
    with factories.in_tenant(world.home):
        assert OwnerRule.objects.get(name="Ours").control == own.slug


@pytest.mark.parametrize(
    ("condition", "value", "message"),
    [
        ("control", "storage-former", "There is no control “storage-former”"),
        ("unit", "/subscriptions/former", "has no subscription or directory “/subscriptions/former”"),
    ],
)
def test_saving_does_not_remove_a_condition_on_a_missing_control_or_subscription(
    world: World, engineer: Client, condition: str, value: str, message: str
) -> None:
    """A later version may have removed the control, or the subscription may now belong to another customer. The form is
    refused: if it saved the rule without the condition, the rule would match more findings.
    """
    rule = world.of(world.home)["rule"]
    with factories.in_tenant(world.home):
        OwnerRule.objects.filter(pk=rule.pk).update(**{condition: value})
    address = rule_address(world, "owner-rule")
    shown = filled(engineer.get(address).content.decode())
    answer = engineer.post(address, {**shown, "name": "Renamed"})
    assert answer.status_code == 400
    assert message in answer.content.decode()
    with factories.in_tenant(world.home):
        assert getattr(OwnerRule.objects.get(pk=rule.pk), condition) == value
