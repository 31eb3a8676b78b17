"""Two people change the same values of a baseline: nobody overwrites a value that the page did not show."""

from __future__ import annotations

import json
from html import unescape
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from portal.treatment.models import Baseline, BaselineChannel
from portal.web.shared.stale_forms import MISSING
from tenants.models import Tenant
from tenants.scope import organization_scope
from tests import factories
from tests.portal.web.forms import filled
from tests.portal.web.world import World
from tests.signed_in import signed_in_client

CONTROL = "storage-key-rotation"
RULE = {"name": "Disks", "section": "vm", "enabled": "on"}
CHANNEL = {
    "kind": "teams",
    "name": "Tickets",
    "address": "https://8.8.8.8/hooks/x-path",
    "kinds": ["assigned"],
}


@pytest.fixture
def other(world: World) -> Client:
    return signed_in_client(world.people["organization_administrator"])


@pytest.fixture
def place(engineer: Client, world: World) -> list[str]:
    """Create a baseline with policy values, a rule and a channel; return the URL arguments of its pages."""
    slug = world.organization.slug
    first = {"name": "All", "exception_cap_days": "90", "due_high": "20"}
    assert engineer.post(reverse("baseline-add", args=[slug]), first).status_code == 302
    with organization_scope(world.organization):
        place = [slug, str(Baseline.objects.get(label="").pk)]
    owner = {"owner": str(world.people["organization_engineer"].pk)}
    assert engineer.post(reverse("baseline-rule-add", args=place), {**RULE, **owner}).status_code == 302
    assert engineer.post(reverse("baseline-channel-add", args=place), CHANNEL).status_code == 302
    return place


def stored(world: World) -> Baseline:
    with organization_scope(world.organization):
        return Baseline.objects.prefetch_related("channels").get(label="")


def channel_of(world: World) -> BaselineChannel:
    (channel,) = stored(world).channels.all()
    return channel


def opened(client: Client, url: str, action: str = "") -> dict[str, Any]:
    """Open the page and return what its form would submit."""
    answer = client.get(url)
    assert answer.status_code == 200
    return filled(answer.content.decode(), action)


def conflict(
    client: Client, url: str, data: dict[str, Any], what: str, who: str
) -> tuple[str, dict[str, Any]]:
    """Submit a form that is refused. Return the page's text and the values of its form."""
    answer = client.post(url, data)
    html = answer.content.decode()
    assert answer.status_code == 409, html
    text = " ".join(unescape(html).split())
    assert f"Your changes were not saved: the {what} was changed while you edited it" in text
    assert f"last by {who}" in text
    return text, filled(html)


def row(text: str, label: str) -> str:
    return text.split(f'scope="row">{label}</th>')[1].split("</tr>", maxsplit=1)[0]


@pytest.mark.slow(seconds=1)
def test_the_policy(world: World, engineer: Client, other: Client, place: list[str]) -> None:
    url = reverse("baseline", args=place)
    mine, theirs = opened(engineer, url), opened(other, url)
    assert other.post(url, {**theirs, "exception_cap_days": "45", "due_high": "25"}).status_code == 302
    who = world.people["organization_administrator"].email
    text, again = conflict(engineer, url, {**mine, "due_high": "10", "due_low": "99"}, "baseline", who)
    cap = row(text, "Maximum length of exceptions")
    assert ["90 days" in cap, "45 days" in cap, "not changed" in cap] == [True, True, True]
    due = row(text, "Due dates: high")
    assert ["20 days" in due, "25 days" in due, "10 days" in due] == [True, True, True]
    assert (stored(world).due_days, stored(world).exception_cap_days) == ({"high": 25}, 45)
    assert (again["exception_cap_days"], again["due_high"], again["due_low"]) == ("45", "10", "99")
    assert engineer.post(url, again).status_code == 302
    assert (stored(world).due_days, stored(world).exception_cap_days) == ({"high": 10, "low": 99}, 45)


@pytest.mark.slow(seconds=1)
def test_who_changed_the_policy_is_not_who_changed_a_rule_later(
    world: World, engineer: Client, other: Client, place: list[str]
) -> None:
    url = reverse("baseline", args=place)
    third = world.people["organization_engineer"]
    mine = opened(other, url)
    assert engineer.post(url, {**opened(engineer, url), "due_high": "25"}).status_code == 302
    owner = {"owner": str(third.pk), "name": "Later"}
    assert other.post(reverse("baseline-rule-add", args=place), {**RULE, **owner}).status_code == 302
    conflict(other, url, {**mine, "due_high": "10"}, "baseline", third.email)


@pytest.mark.slow(seconds=1)
def test_a_rule(world: World, engineer: Client, other: Client, place: list[str]) -> None:
    url = reverse("baseline-rule", args=[*place, 0])
    mine, theirs = opened(engineer, url), opened(other, url)
    assert other.post(url, {**theirs, "section": "storage"}).status_code == 302
    who = world.people["organization_administrator"].email
    text, again = conflict(engineer, url, {**mine, "severity": "high"}, "rule", who)
    section = row(text, "Section")
    assert ["Virtual machines" in section, "Storage" in section, "not changed" in section] == [True] * 3
    assert engineer.post(url, again).status_code == 302
    (rule,) = stored(world).owner_rules
    assert (rule["section"], rule["severity"], rule["name"]) == ("storage", "high", "Disks")


def test_starting_values_do_not_reveal_the_name_of_a_person(
    world: World, engineer: Client, place: list[str]
) -> None:
    """The field `start` comes from the browser, so it can contain the id of anybody in Surety."""
    url = reverse("baseline-rule", args=[*place, 0])
    stranger = factories.person("stranger@elsewhere.example", name="Sam Stranger")
    form = opened(engineer, url)
    start = json.loads(form["start"]) | {"owner": str(stranger.pk)}
    answer = engineer.post(url, {**form, "start": json.dumps(start), "severity": "high"})
    assert answer.status_code == 409
    text = " ".join(unescape(answer.content.decode()).split())
    assert "Sam Stranger" not in text
    assert "stranger@elsewhere.example" not in text
    assert "A person without access" in row(text, "Owner")


@pytest.mark.slow(seconds=1)
def test_a_rule_that_somebody_changed_is_not_removed(
    world: World, engineer: Client, other: Client, place: list[str]
) -> None:
    url = reverse("baseline-rule", args=[*place, 0])
    mine, theirs = opened(engineer, url), opened(other, url)
    assert other.post(url, {**theirs, "section": "storage"}).status_code == 302
    who = world.people["organization_administrator"].email
    _, again = conflict(engineer, url, {**mine, "remove": "1"}, "rule", who)
    assert len(stored(world).owner_rules) == 1
    assert engineer.post(url, {**again, "remove": "1"}).status_code == 302
    assert stored(world).owner_rules == []


@pytest.mark.slow(seconds=1)
def test_a_rule_that_somebody_removed_can_be_added_again(
    world: World, engineer: Client, other: Client, place: list[str]
) -> None:
    """When a rule is removed, the next rule takes its number. A form of the removed rule that is still open must not
    change the next rule.
    """
    owner = {"owner": str(world.people["organization_engineer"].pk)}
    second = {**RULE, **owner, "name": "Second", "section": "network"}
    assert engineer.post(reverse("baseline-rule-add", args=place), second).status_code == 302
    url = reverse("baseline-rule", args=[*place, 0])
    mine = opened(engineer, url)
    assert other.post(url, {**opened(other, url), "remove": "1"}).status_code == 302
    answer = engineer.post(url, {**mine, "severity": "high"})
    assert answer.status_code == 409
    html = " ".join(unescape(answer.content.decode()).split())
    assert "the rule was removed while you edited it" in html
    assert f"by {world.people['organization_administrator'].email}" in html
    assert [rule["name"] for rule in stored(world).owner_rules] == ["Second"]
    add = reverse("baseline-rule-add", args=place)
    assert f'action="{add}"' in html
    assert engineer.post(add, filled(html)).status_code == 302
    rules = {rule["name"]: rule for rule in stored(world).owner_rules}
    assert (rules["Disks"]["severity"], rules["Second"]["section"]) == ("high", "network")


def test_a_channel(world: World, engineer: Client, other: Client, place: list[str]) -> None:
    url = reverse("baseline-channel", args=[*place, channel_of(world).pk])
    mine, theirs = opened(engineer, url), opened(other, url)
    changed = {**theirs, "address": "https://9.9.9.9/hooks/other-path", "kinds": ["assigned", "overdue"]}
    assert other.post(url, changed).status_code == 302
    who = world.people["organization_administrator"].email
    text, again = conflict(engineer, url, {**mine, "kinds": ["mentioned"]}, "channel", who)
    assert "9.9.9.9" in row(text, "Host")
    assert "other-path" not in text
    assert again["kinds"] == ["mentioned"]
    assert engineer.post(url, again).status_code == 302
    channel = channel_of(world)
    assert (channel.host, channel.kinds) == ("9.9.9.9", ["mentioned"])


def test_another_address_of_the_same_host_is_noticed(
    world: World, engineer: Client, other: Client, place: list[str]
) -> None:
    url = reverse("baseline-channel", args=[*place, channel_of(world).pk])
    mine, theirs = opened(engineer, url), opened(other, url)
    assert other.post(url, {**theirs, "address": "https://8.8.8.8/hooks/new-path"}).status_code == 302
    who = str(world.people["organization_administrator"])
    text, again = conflict(engineer, url, {**mine, "remove": "1"}, "channel", who)
    assert "Another address" in row(text, "Address")
    assert engineer.post(url, {**again, "remove": "1"}).status_code == 302
    assert list(stored(world).channels.all()) == []


def test_parameters(world: World, engineer: Client, other: Client, place: list[str]) -> None:
    url = reverse("baseline-parameter", args=[*place, CONTROL])
    mine, theirs = opened(engineer, url), opened(other, url)
    assert other.post(url, {**theirs, "max_age": "45"}).status_code == 302
    who = world.people["organization_administrator"].email
    text, again = conflict(engineer, url, {**mine, "max_age": "30"}, "baseline", who)
    shown = row(text, "Maximum age (days)")
    assert ["Each customer’s own" in shown, "45" in shown] == [True, True]
    assert stored(world).parameters == {CONTROL: {"max_age": 45}}
    assert engineer.post(url, again).status_code == 302
    assert stored(world).parameters == {CONTROL: {"max_age": 30}}
    # A form that was opened before the last change cannot remove the values either.
    assert engineer.post(url, {**again, "max_age": "45", "remove": "1"}).status_code == 409
    assert stored(world).parameters == {CONTROL: {"max_age": 30}}


@pytest.mark.slow(seconds=1)
def test_a_changed_baseline_is_not_deleted(
    world: World, engineer: Client, other: Client, place: list[str]
) -> None:
    page, url = reverse("baseline", args=place), reverse("baseline-delete", args=place)
    mine = opened(engineer, page, url)
    assert other.post(page, {**opened(other, page), "due_high": "25"}).status_code == 302
    text = unescape(engineer.post(url, mine, follow=True).content.decode())
    who = world.people["organization_administrator"]
    assert f"The baseline was not deleted, because {who} changed it just now." in text
    assert stored(world).due_days == {"high": 25}
    assert engineer.post(url, opened(engineer, page, url)).status_code == 302
    with organization_scope(world.organization):
        assert not Baseline.objects.filter(label="").exists()


@pytest.mark.slow(seconds=1)
def test_customers_are_not_set_to_values_that_the_page_did_not_show(
    world: World, engineer: Client, other: Client, place: list[str]
) -> None:
    with organization_scope(world.organization):
        Tenant.objects.filter(pk=world.home.pk).update(exception_cap_days=20)
    url = reverse("baselines-apply", args=place[:1])
    mine = opened(engineer, reverse("baselines", args=place[:1]), url)
    chosen = f"{world.home.pk} exception_cap_days"
    page = reverse("baseline", args=place)
    assert other.post(page, {**opened(other, page), "exception_cap_days": "45"}).status_code == 302
    answer = engineer.post(url, {**mine, "setting": [chosen]})
    assert answer.status_code == 409
    html = answer.content.decode()
    who = world.people["organization_administrator"].email
    assert f"No setting was changed, because a baseline was changed by {who} just now" in unescape(html)
    again = filled(html, url)
    assert again["setting"] == [chosen]
    with organization_scope(world.organization):
        assert Tenant.objects.get(pk=world.home.pk).exception_cap_days == 20
    assert engineer.post(url, again).status_code == 302
    with organization_scope(world.organization):
        assert Tenant.objects.get(pk=world.home.pk).exception_cap_days == 45


def test_submitting_twice_saves_once(world: World, engineer: Client, place: list[str]) -> None:
    url = reverse("baseline", args=place)
    given = {**opened(engineer, url), "due_high": "11"}
    assert [engineer.post(url, given).status_code for _ in range(2)] == [302, 302]


@pytest.mark.slow(seconds=1)
@pytest.mark.parametrize("start", [None, "", "{", "[]", '{"name": {"a": 1}}'])
def test_forms_without_starting_values_are_not_saved(
    world: World, engineer: Client, place: list[str], start: str | None
) -> None:
    channel = channel_of(world).pk
    for name, args, given in (
        ("baseline", place, {"due_high": "11"}),
        ("baseline-rule", [*place, 0], {"section": "storage"}),
        ("baseline-rule", [*place, 0], {"remove": "1"}),
        ("baseline-channel", [*place, channel], {"kinds": ["mentioned"]}),
        ("baseline-channel", [*place, channel], {"remove": "1"}),
        ("baseline-parameter", [*place, CONTROL], {"max_age": "45"}),
        ("baseline-profile", place, {"profile": "mcsb-1"}),
        ("baseline-profile", place, {"remove": "1"}),
    ):
        url = reverse(name, args=args)
        data = {**opened(engineer, url), **given}
        data.pop("start")
        answer = engineer.post(url, data if start is None else {**data, "start": start})
        assert answer.status_code in (200, 400)
        assert MISSING in answer.content.decode()
    for name, args in (("baseline-delete", place), ("baselines-apply", place[:1])):
        answer = engineer.post(reverse(name, args=args), {"start": start or ""}, follow=True)
        assert MISSING in answer.content.decode()
    row = stored(world)
    assert (row.due_days, row.parameters, row.profile) == ({"high": 20}, {}, {})
    assert row.owner_rules[0]["section"] == "vm"
    assert channel_of(world).kinds == ["assigned"]
