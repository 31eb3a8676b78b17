"""The settings pages of exclusion rules."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from tenants import selectors
from tenants.actions.exclusion_rules import add_exclusion_rule, change_exclusion_rule, remove_exclusion_rule
from tenants.models import ExclusionRule, Subscription
from tests import factories
from tests.portal.web.forms import filled, start_of
from tests.portal.web.world import World

RULE = {"name": "Boxes", "management_group": "landing", "reason": "Only for experiments"}


@pytest.fixture
def pair(world: World) -> tuple[Subscription, Subscription]:
    """Return a subscription below the group “Landing zones”, and one with the tag env=test."""
    with factories.in_tenant(world.home):
        first = world.of(world.home)["subscription"]
        second = factories.subscription(world.of(world.home)["principal"], "Laboratory")
        Subscription.objects.filter(pk=first.pk).update(
            tags={"env": "prod <1>"}, management_groups=[["landing", "Landing zones"]]
        )
        Subscription.objects.filter(pk=second.pk).update(tags={"env": "test"})
    return first, second


def at(world: World, name: str, *args: Any) -> str:
    return reverse(name, args=[world.home.slug, *args])


def rule(world: World, name: str = "Boxes") -> ExclusionRule:
    with factories.in_tenant(world.home):
        return ExclusionRule.objects.select_related("tenant").get(name=name)


def names(world: World) -> list[str]:
    with factories.in_tenant(world.home):
        return list(ExclusionRule.objects.order_by("created_at").values_list("name", flat=True))


def assessed(world: World) -> list[str]:
    with factories.in_tenant(world.home):
        return [row.display_name for row in selectors.subscriptions(world.home, to_assess=True)]


@pytest.mark.slow(seconds=1)
@pytest.mark.usefixtures("pair")
def test_a_rule_is_previewed_added_shown_and_removed(world: World, engineer: Client) -> None:
    page = at(world, "exclusion-rule-add")
    html = engineer.post(page, {**RULE, "preview": "1"}).content.decode()
    assert "<strong>1</strong> subscription excluded now" in html
    assert "Below the management group Landing zones (landing)" in html
    assert 'value="Boxes"' in html
    assert names(world) == ["Sandboxes"]
    answer = engineer.post(page, {**RULE, "until": "2999-12-31"}, follow=True)
    html = answer.content.decode()
    assert "Rule “Boxes” saved. It excludes 1 subscription now." in html
    assert "2999-12-31" in html
    assert assessed(world) == ["Laboratory"]
    said = "excluded by the rule"
    html = " ".join(engineer.get(at(world, "subscriptions")).content.decode().split())
    assert html.count(said) == 1
    assert at(world, "exclusion-rule", rule(world).pk) in html
    assert "until 2999-12-31" in html
    for name in ("tenant-settings", "registration-subscriptions"):
        html = engineer.get(at(world, name)).content.decode()
        assert "Only for experiments" in html, name
    removal = at(world, "exclusion-rule-remove", rule(world).pk)
    html = engineer.get(removal).content.decode()
    assert "covers 1 subscription again" in " ".join(html.split())
    assert engineer.post(removal, start_of(engineer, removal)).status_code == 302
    assert names(world) == ["Sandboxes"]
    assert assessed(world) == ["Laboratory", "Production"]
    assert "already removed" in engineer.post(removal, follow=True).content.decode()


@pytest.mark.usefixtures("pair")
def test_live_preview_returns_a_fragment_and_saves_nothing(world: World, engineer: Client) -> None:
    def preview(page: str, **typed: str) -> str:
        return engineer.get(page, typed, headers={"HX-Request": "true"}).content.decode()

    page = at(world, "exclusion-rule-add")
    html = preview(page, tag="ENV=test")
    assert "<html" not in html
    assert "<strong>1</strong> subscription excluded" in html
    assert "Laboratory" in html
    assert "<strong>0</strong> subscriptions excluded" in preview(page, tag="env=Test")
    assert "env=test" not in preview(page, management_group="landing")
    assert "name=value" in preview(page, tag="env")
    assert "Choose a management group" in preview(page)
    assert names(world) == ["Sandboxes"]
    with factories.in_tenant(world.home):
        add_exclusion_rule(by=factories.BY, tenant=world.home, **RULE)
    html = preview(page, management_group="landing")
    assert "<strong>0</strong> subscriptions excluded" in html
    assert "1 more matches but is excluded by another rule" in " ".join(html.split())
    html = preview(at(world, "exclusion-rule", rule(world).pk), tag="env=test")
    assert "<strong>1</strong> subscription excluded" in html
    assert "no longer excluded by this rule" in html


def test_a_filter_of_the_list_leads_to_a_rule(
    world: World, engineer: Client, pair: tuple[Subscription, Subscription]
) -> None:
    html = engineer.get(at(world, "subscriptions"), {"tag": "env=prod <1>"}).content.decode()
    query = "management_group=&amp;tag=env%3Dprod+%3C1%3E"
    assert f"{at(world, 'exclusion-rule-add')}?{query}" in html
    html = engineer.get(f"{at(world, 'exclusion-rule-add')}?{query.replace('&amp;', '&')}").content.decode()
    assert 'value="env=prod &lt;1&gt;"' in html
    assert "<strong>1</strong> subscription excluded now" in html
    assert pair[0].subscription_id in html


@pytest.mark.parametrize(
    "given",
    [
        {"name": ""},
        {"reason": ""},
        {"management_group": ""},
        {"tag": "x"},
        {"until": "2001-01-01"},
        {"until": "x"},
    ],
    ids=["name", "reason", "condition", "tag", "past", "no day"],
)
def test_an_invalid_rule_is_refused_and_not_saved(
    world: World, engineer: Client, given: dict[str, str]
) -> None:
    answer = engineer.post(at(world, "exclusion-rule-add"), {**RULE, **given})
    assert answer.status_code == 400
    assert 'aria-invalid="true"' in answer.content.decode()
    assert names(world) == ["Sandboxes"]


@pytest.mark.slow(seconds=1)
@pytest.mark.usefixtures("pair")
def test_a_rule_that_somebody_changed_or_removed_meanwhile_is_not_overwritten(
    world: World, engineer: Client
) -> None:
    engineer.post(at(world, "exclusion-rule-add"), {**RULE, "until": "2999-12-31"})
    page = at(world, "exclusion-rule", rule(world).pk)
    opened = filled(engineer.get(page).content.decode())
    assert opened["until"] == "2999-12-31"
    with factories.in_tenant(world.home):
        change_exclusion_rule(by=factories.BY, rule=rule(world), **{**RULE, "reason": "Moved"})
    answer = engineer.post(page, {**opened, "tag": "env=test"})
    html = answer.content.decode()
    assert answer.status_code == 409
    assert "changes were not saved: the rule was changed" in " ".join(html.split())
    merged = filled(html)
    assert (merged["tag"], merged["reason"], merged["until"]) == ("env=test", "Moved", "")
    assert engineer.post(page, merged).status_code == 302
    assert (rule(world).tag, rule(world).reason, rule(world).until) == ("env=test", "Moved", None)
    opened = filled(engineer.get(page).content.decode())
    with factories.in_tenant(world.home):
        remove_exclusion_rule(by=factories.BY, rule=rule(world))
    answer = engineer.post(page, {**opened, "reason": "Again"})
    html = answer.content.decode()
    assert answer.status_code == 409
    assert f'action="{at(world, "exclusion-rule-add")}"' in html
    again = filled(html, at(world, "exclusion-rule-add"))
    assert engineer.post(at(world, "exclusion-rule-add"), again).status_code == 302
    assert rule(world).reason == "Again"


def test_an_end_that_is_not_changed_keeps_its_time(world: World, engineer: Client) -> None:
    engineer.post(at(world, "exclusion-rule-add"), {**RULE, "until": "2999-12-31"})
    before = rule(world).until
    page = at(world, "exclusion-rule", rule(world).pk)
    engineer.post(page, {**filled(engineer.get(page).content.decode()), "reason": "Moved"})
    assert (rule(world).reason, rule(world).until) == ("Moved", before)


@pytest.mark.parametrize("end", ["", "soon", "0001-01-01T00:00:00", 5, ["x"], "2999-12-31T23:59:59"])
def test_starting_values_that_a_browser_invented_are_no_error(
    world: World, engineer: Client, end: object
) -> None:
    engineer.post(at(world, "exclusion-rule-add"), {**RULE, "until": "2999-12-31"})
    page = at(world, "exclusion-rule", rule(world).pk)
    opened = filled(engineer.get(page).content.decode())
    start = {**json.loads(opened["start"]), "until": end}
    answer = engineer.post(page, {**opened, "reason": "Moved", "start": json.dumps(start)})
    assert answer.status_code == 409
    assert rule(world).reason == "Only for experiments"
    assert engineer.post(page, {**opened, "start": "[]"}).status_code == 400
