"""Pages of a baseline's watch rules."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from portal.changes.models import WatchRule
from portal.changes.shipped import SHIPPED
from portal.treatment.models import Baseline
from tenants.scope import organization_scope
from tests.portal.web.baselines.new_baselines import baseline_of
from tests.portal.web.forms import filled, forms
from tests.portal.web.world import World

NIGHTS: dict[str, Any] = {
    "name": "Nights",
    "severity": "high",
    "types": "microsoft.compute/*\r\nmicrosoft.sql/*",
    "hours": "20:00-06:00",
    "days": ["6", "7"],
    "enabled": "on",
}


def rules_in(world: World, pk: str) -> list[dict[str, Any]]:
    with organization_scope(world.organization):
        return list(Baseline.objects.get(pk=pk).watch_rules)


@pytest.mark.slow(seconds=1)
def test_a_rule_is_added_changed_listed_and_removed(world: World, engineer: Client) -> None:
    place = baseline_of(world, engineer)
    assert engineer.post(reverse("baseline-watch-rule-add", args=place), NIGHTS).status_code == 302
    with organization_scope(world.organization):
        row = WatchRule.objects.get(tenant=world.home, name="Nights")
        assert (row.types, row.days) == (["microsoft.compute/*", "microsoft.sql/*"], [6, 7])
        WatchRule.objects.filter(pk=row.pk).update(enabled=False)
    page = engineer.get(reverse("baseline", args=place)).content.decode()
    assert "High; resource types: microsoft.compute/*, microsoft.sql/*; hours: 20:00-06:00" in page
    assert "weekdays: Saturday, Sunday" in page
    listed = engineer.get(reverse("baselines", args=place[:1])).content.decode()
    assert "Watch rule “Nights”" in listed
    assert "(turned off)" in listed
    address = reverse("baseline-watch-rule", args=[*place, 0])
    shown = filled(engineer.get(address).content.decode())
    assert shown["days"] == ["6", "7"]
    assert engineer.post(address, {**shown, "name": "Other", "hours": ""}).status_code == 302
    (stored,) = rules_in(world, place[1])
    assert (stored["name"], "hours" in stored) == ("Nights", False)
    shown = filled(engineer.get(address).content.decode())
    assert engineer.post(address, {**shown, "remove": "1"}).status_code == 302
    assert rules_in(world, place[1]) == []
    assert engineer.get(address).status_code == 404
    with organization_scope(world.organization):
        assert WatchRule.objects.filter(tenant=world.home, name="Nights").exists()


@pytest.mark.slow(seconds=1)
def test_a_change_meanwhile_is_shown_and_nothing_is_saved(world: World, engineer: Client) -> None:
    place = baseline_of(world, engineer)
    engineer.post(reverse("baseline-watch-rule-add", args=place), NIGHTS)
    address = reverse("baseline-watch-rule", args=[*place, 0])
    first = filled(engineer.get(address).content.decode())
    engineer.post(address, {**first, "days": ["1"], "severity": "low"})
    answer = engineer.post(address, {**first, "hours": "21:00-05:00"})
    assert answer.status_code == 409
    text = " ".join(answer.content.decode().split())
    assert "the rule was changed while you edited it" in text
    assert "Saturday, Sunday" in text
    assert rules_in(world, place[1])[0]["severity"] == "low"
    merged = filled(answer.content.decode())
    assert (merged["hours"], merged["severity"], merged["days"]) == ("21:00-05:00", "low", ["1"])
    assert engineer.post(address, merged).status_code == 302
    assert rules_in(world, place[1])[0]["hours"] == "21:00-05:00"
    engineer.post(address, {**filled(engineer.get(address).content.decode()), "remove": "1"})
    gone = engineer.post(address, first)
    assert gone.status_code == 409
    assert "the rule was removed while you edited it" in gone.content.decode()
    again = filled(gone.content.decode(), reverse("baseline-watch-rule-add", args=place))
    assert engineer.post(reverse("baseline-watch-rule-add", args=place), again).status_code == 302
    assert rules_in(world, place[1])[0]["types"] == ["microsoft.compute/*", "microsoft.sql/*"]


def test_a_problem_stands_at_its_field(world: World, engineer: Client) -> None:
    place = baseline_of(world, engineer)
    answer = engineer.post(reverse("baseline-watch-rule-add", args=place), {**NIGHTS, "hours": "8-9"})
    assert answer.status_code == 400
    assert "Enter two different times such as 18:00-07:00." in answer.content.decode()
    assert rules_in(world, place[1]) == []


@pytest.mark.slow(seconds=1)
def test_shipped_rules_are_set_from_the_baseline(world: World, engineer: Client) -> None:
    place = baseline_of(world, engineer)
    address, page = reverse("baseline-watch-rule-shipped", args=place), reverse("baseline", args=place)

    def form() -> dict[str, Any]:
        found = forms(engineer.get(page).content.decode())
        given = next(one for action, one in found if action == address)
        return {**given, "shipped": list(SHIPPED)}

    def answer(given: dict[str, Any]) -> str:
        return engineer.post(address, given, follow=True).content.decode()

    first = form()
    assert (first["status-locks"], first["severity-locks"]) == ("", "medium")
    assert "No rule was changed." in answer(first)
    saved = answer({**first, "status-locks": "off", "severity-locks": "low", "status-roles": "on"})
    assert "“Locks removed”" in saved
    assert "now have the new values" in saved
    with organization_scope(world.organization):
        row = WatchRule.objects.get(tenant=world.home, shipped="locks")
        assert (row.enabled, row.severity) == (False, "low")
        WatchRule.objects.filter(pk=row.pk).update(enabled=True)
    assert [rule["shipped"] for rule in rules_in(world, place[1])] == ["roles", "locks"]
    assert "Watch rule “Locks removed”" in engineer.get(reverse("baselines", args=place[:1])).content.decode()
    assert "Somebody else has changed these values in the meantime" in answer({**first, "status-locks": "on"})
    assert form()["status-locks"] == "off"
    assert "Customers keep their present settings" in answer(
        {**form(), "status-locks": "", "status-roles": ""}
    )
    assert rules_in(world, place[1]) == []
    missing = answer({"shipped": "locks", "status-locks": "on"})
    assert "Reload the page and try again" in missing
    no_effect = answer({**form(), "severity-locks": "high"})
    assert "The baseline can set the severity of “Locks removed” only together with its status." in no_effect
    assert rules_in(world, place[1]) == []
