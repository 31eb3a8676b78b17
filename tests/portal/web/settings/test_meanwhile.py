"""Two people change the same settings of a customer: nobody overwrites a value that the page did not show."""

from __future__ import annotations

import json
from html import unescape
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from assessments.actions.schedules import wanted_of
from assessments.models import ControlSetting, Schedule
from portal.notify.models import Channel
from portal.retention.models import OrganizationRetentionRule, RetentionRule
from portal.treatment.models import OwnerRule
from portal.web.shared.stale_forms import MISSING
from tenants.actions import register_tenant
from tenants.models import Subscription
from tenants.scope import organization_scope
from tests import factories
from tests.factories import BY
from tests.portal.web.forms import filled, forms
from tests.portal.web.world import World
from tests.signed_in import signed_in_client

CONTROL = "storage-key-rotation"


@pytest.fixture
def first(world: World) -> Client:
    return signed_in_client(world.people["tenant_administrator"])


@pytest.fixture
def other(world: World) -> Client:
    return signed_in_client(world.people["organization_administrator"])


def page_of(world: World, name: str) -> str:
    """Return the address of a page with a form."""
    slug, own = world.home.slug, world.of(world.home)
    more = {
        "owner-rule": [own["rule"].pk],
        "owner-rule-delete": [own["rule"].pk],
        "channel": [own["channel"].pk],
        "channel-delete": [own["channel"].pk],
        "parameter": [CONTROL],
    }
    return reverse(name, args=[slug, *more.get(name, [])])


def opened(client: Client, url: str, action: str = "") -> dict[str, Any]:
    """Open the page and return what its form would submit."""
    answer = client.get(url)
    assert answer.status_code == 200
    return filled(answer.content.decode(), action)


def conflict(
    world: World, client: Client, url: str, data: dict[str, Any], what: str
) -> tuple[str, dict[str, Any]]:
    """Submit a form whose values somebody else has changed meanwhile. Return the text of the page that refuses the
    form, and the values with which this page fills the form.
    """
    answer = client.post(url, data)
    html = answer.content.decode()
    assert answer.status_code == 409, html
    text = " ".join(unescape(html).split())
    assert f"Your changes were not saved: the {what} was changed while you edited it" in text
    assert f"last by {world.people['organization_administrator'].email}" in text
    return text, filled(html)


def row(text: str, label: str) -> str:
    return text.split(f'scope="row">{label}</th>')[1].split("</tr>", maxsplit=1)[0]


def seen(text: str, label: str, *words: str) -> list[bool]:
    found = row(text, label)
    return [word in found for word in words]


def rule(world: World) -> OwnerRule | None:
    with factories.in_tenant(world.home):
        return OwnerRule.objects.filter(pk=world.of(world.home)["rule"].pk).first()


def channel(world: World) -> Channel | None:
    with factories.in_tenant(world.home):
        return Channel.objects.filter(pk=world.of(world.home)["channel"].pk).first()


@pytest.mark.slow(seconds=1)
def test_an_owner_rule(world: World, first: Client, other: Client) -> None:
    url = page_of(world, "owner-rule")
    mine, theirs = opened(first, url), opened(other, url)
    assert other.post(url, {**theirs, "severity": "critical"}).status_code == 302
    text, again = conflict(world, first, url, {**mine, "resource_group": "rg-*"}, "rule")
    assert seen(text, "Severity", "none", "Critical", "not changed") == [True] * 3
    stored = rule(world)
    assert stored is not None
    assert (stored.severity, stored.resource_group) == ("critical", "")
    assert first.post(url, again).status_code == 302
    stored = rule(world)
    assert stored is not None
    assert (stored.severity, stored.resource_group) == ("critical", "rg-*")


@pytest.mark.slow(seconds=1)
def test_both_values_of_an_owner_are_shown(world: World, first: Client, other: Client) -> None:
    url = page_of(world, "owner-rule")
    mine, theirs = opened(first, url), opened(other, url)
    theirs_now, owner = (world.people[role] for role in ("tenant_administrator", "owner"))
    assert other.post(url, {**theirs, "owner": str(theirs_now.pk), "enabled": "on"}).status_code == 302
    mine.pop("enabled", None)
    text, again = conflict(world, first, url, {**mine, "owner": str(owner.pk), "name": "Mine"}, "rule")
    assert [who.get_full_name() in row(text, "Owner") for who in (theirs_now, owner)] == [True, True]
    assert again["name"] == "Mine"


@pytest.mark.parametrize("name", ["owner-rule", "owner-rule-delete"])
def test_starting_values_do_not_reveal_the_name_of_a_person(world: World, first: Client, name: str) -> None:
    """The field `start` comes from the browser, so it can contain the id of anybody in Surety."""
    url = page_of(world, name)
    stranger = factories.person("stranger@elsewhere.example", name="Sam Stranger")
    form = opened(first, url)
    start = json.loads(form["start"]) | {"owner": str(stranger.pk)}
    answer = first.post(url, {**form, "name": "Renamed", "start": json.dumps(start)})
    assert answer.status_code == 409
    text = answer.content.decode()
    assert "Sam Stranger" not in text
    assert "A person without access" in row(" ".join(unescape(text).split()), "Owner")


@pytest.mark.parametrize("name", ["owner-rule", "owner-rule-delete"])
@pytest.mark.parametrize("field", ["owner", "severity", "name"])
def test_a_list_in_place_of_a_starting_value_is_shown_as_text(
    world: World, first: Client, name: str, field: str
) -> None:
    url = page_of(world, name)
    form = opened(first, url)
    start = json.loads(form["start"]) | {field: ["sent", 1]}
    answer = first.post(url, {**form, "name": "Renamed", "start": json.dumps(start)})
    assert answer.status_code == 409
    shown = "A person without access" if field == "owner" else "sent, 1"
    assert shown in " ".join(unescape(answer.content.decode()).split())


def test_a_rule_that_somebody_changed_is_not_deleted(world: World, first: Client, other: Client) -> None:
    url, page = page_of(world, "owner-rule-delete"), page_of(world, "owner-rule")
    mine = opened(first, url)
    assert other.post(page, {**opened(other, page), "severity": "low"}).status_code == 302
    answer = first.post(url, mine)
    text = " ".join(unescape(answer.content.decode()).split())
    assert answer.status_code == 409
    assert "The rule was not deleted: it was changed while you looked at it" in text
    assert seen(text, "Severity", "none", "Low") == [True, True]
    assert rule(world) is not None
    assert first.post(url, filled(answer.content.decode())).status_code == 302
    assert rule(world) is None
    assert "The rule was already deleted." in first.post(url, mine, follow=True).content.decode()


def test_a_rule_that_somebody_deleted_can_be_added_again(world: World, first: Client, other: Client) -> None:
    page, delete = page_of(world, "owner-rule"), page_of(world, "owner-rule-delete")
    mine = opened(first, page)
    assert other.post(delete, opened(other, delete)).status_code == 302
    answer = first.post(page, {**mine, "resource_group": "rg-typed"})
    html = answer.content.decode()
    assert answer.status_code == 409
    assert "the rule was removed while you edited it" in " ".join(html.split())
    assert world.people["organization_administrator"].email in html
    assert first.post(reverse("owner-rule-add", args=[world.home.slug]), filled(html)).status_code == 302
    with factories.in_tenant(world.home):
        assert OwnerRule.objects.get(resource_group="rg-typed").name == mine["name"]
    assert first.get(page).status_code == 404


def test_a_channel(world: World, first: Client, other: Client) -> None:
    url = page_of(world, "channel")
    mine, theirs = opened(first, url), opened(other, url)
    changed = {**theirs, "address": "https://9.9.9.9/hooks/other-path", "kinds": ["assigned", "overdue"]}
    assert other.post(url, changed).status_code == 302
    text, again = conflict(world, first, url, {**mine, "name": "Mine", "kinds": ["mentioned"]}, "channel")
    assert "9.9.9.9" in row(text, "Host")
    assert "Another address" in row(text, "Address")
    assert "other-path" not in text
    assert (again["name"], again["kinds"]) == ("Mine", ["mentioned"])
    assert first.post(url, again).status_code == 302
    stored = channel(world)
    assert stored is not None
    assert (stored.host, stored.name, stored.kinds) == ("9.9.9.9", "Mine", ["mentioned"])


@pytest.mark.slow(seconds=1)
def test_a_typed_address_does_not_replace_an_address_that_the_page_did_not_show(
    world: World, first: Client, other: Client
) -> None:
    url = page_of(world, "channel")
    mine, theirs = opened(first, url), opened(other, url)
    assert other.post(url, {**theirs, "address": "https://9.9.9.9/theirs"}).status_code == 302
    text, again = conflict(world, first, url, {**mine, "address": "https://1.1.1.1/mine"}, "channel")
    assert "Your new address" in row(text, "Address")
    assert again["address"] == "https://1.1.1.1/mine"
    assert first.post(url, again).status_code == 302
    stored = channel(world)
    assert stored is not None
    assert stored.host == "1.1.1.1"


def test_a_channel_that_somebody_changed_is_not_deleted(world: World, first: Client, other: Client) -> None:
    page, delete = page_of(world, "channel"), page_of(world, "channel-delete")
    mine = opened(first, page, delete)
    assert other.post(page, {**opened(other, page), "name": "Renamed"}).status_code == 302
    text = unescape(first.post(delete, mine, follow=True).content.decode())
    who = world.people["organization_administrator"].email
    assert f"The channel was not deleted. {who} changed it just now." in text
    assert channel(world) is not None
    assert first.post(delete, opened(first, page, delete)).status_code == 302
    assert channel(world) is None


def test_a_channel_that_somebody_deleted_can_be_added_again(
    world: World, first: Client, other: Client
) -> None:
    page, delete = page_of(world, "channel"), page_of(world, "channel-delete")
    before = channel(world)
    assert before is not None
    mine = opened(first, page)
    assert other.post(delete, opened(other, page, delete)).status_code == 302
    typed = {**mine, "name": "Typed", "kinds": ["mentioned"], "address": "https://1.1.1.1/typed"}
    answer = first.post(page, typed)
    html = answer.content.decode()
    assert answer.status_code == 409
    assert "the channel was removed while you edited it" in " ".join(html.split())
    assert world.people["organization_administrator"].email in html
    again = filled(html)
    assert again["kind"] == before.kind
    add = reverse("channel-add", args=[world.home.slug])
    assert f'action="{add}"' in html
    assert first.post(add, again).status_code in (200, 302)
    with factories.in_tenant(world.home):
        assert Channel.objects.get(name="Typed").kinds == ["mentioned"]
    assert first.get(page).status_code == 404


def test_a_deleted_channel_of_another_customer_is_404(world: World, first: Client, other: Client) -> None:
    """The page of a removed channel must not reveal that another customer had the channel."""
    delete = page_of(world, "channel-delete")
    assert other.post(delete, opened(other, page_of(world, "channel"), delete)).status_code == 302
    pk = world.of(world.home)["channel"].pk
    with organization_scope(world.organization):
        sister = register_tenant(by=BY, organization=world.organization, name="Sister")
    url = reverse("channel", args=[sister.slug, pk])
    assert other.post(url, {"name": "X"}).status_code == 404


def test_parameters(world: World, first: Client, other: Client) -> None:
    url = page_of(world, "parameter")
    mine, theirs = opened(first, url), opened(other, url)
    assert other.post(url, {**theirs, "max_age": "45"}).status_code == 302
    text, again = conflict(world, first, url, {**mine, "max_age": "30"}, "control")
    assert seen(text, "Maximum age (days)", mine["max_age"], "45", "30") == [True] * 3
    with factories.in_tenant(world.home):
        assert ControlSetting.objects.get(control=CONTROL).values == {"max_age": 45}
    assert first.post(url, again).status_code == 302
    # The value has changed again since this form was shown. So a reset is refused until the page shows the new value.
    assert first.post(url, {**again, "reset": "1"}).status_code == 409
    with factories.in_tenant(world.home):
        assert ControlSetting.objects.get(control=CONTROL).values == {"max_age": 30}


def test_the_schedule(world: World, first: Client, other: Client) -> None:
    url = page_of(world, "schedule")
    mine, theirs = opened(first, url), opened(other, url)
    assert (
        other.post(url, {**theirs, "choice": "own", "times": "04:30", "weekdays": ["0"]}).status_code == 302
    )
    text, again = conflict(world, first, url, {**mine, "choice": "off"}, "schedule")
    assert seen(text, "Schedule", "04:30", "No scheduled assessments") == [True, True]
    assert again["choice"] == "off"
    with factories.in_tenant(world.home):
        assert "04:30" in wanted_of(Schedule.objects.get())
    assert first.post(url, again).status_code == 302
    with factories.in_tenant(world.home):
        assert wanted_of(Schedule.objects.get()) == "off"


@pytest.mark.parametrize("name", ["subscriptions", "registration-subscriptions"])
def test_subscriptions(world: World, other: Client, name: str) -> None:
    mine_client = signed_in_client(world.people["organization_engineer"])
    url = reverse(name, args=[world.home.slug])
    one, principal = world.of(world.home)["subscription"], world.of(world.home)["principal"]
    with factories.in_tenant(world.home):
        second = factories.subscription(principal, "Laboratory")
    mine, theirs = opened(mine_client, url), opened(other, url)
    theirs.pop(f"include-{one.pk}")
    excluded = {f"reason-{one.pk}": "Merger", f"until-{one.pk}": "2099-03-31"}
    assert other.post(url, {**theirs, **excluded}).status_code == 302
    mine.pop(f"include-{second.pk}")
    typed = {**mine, f"reason-{second.pk}": "No data of customers"}
    text, again = conflict(world, mine_client, url, typed, "list of subscriptions")
    shown = seen(text, one.display_name, "Assessed", "Excluded: Merger, until 2099-03-31", "not changed")
    assert shown == [True] * 3
    assert f"include-{one.pk}" not in again
    assert (again[f"until-{one.pk}"], again[f"reason-{second.pk}"]) == ("2099-03-31", "No data of customers")

    def reasons() -> dict[str, str]:
        with factories.in_tenant(world.home):
            rows = Subscription.objects.filter(included=False)
            return dict(rows.values_list("display_name", "exclusion_reason"))

    assert reasons() == {one.display_name: "Merger"}
    # Saving the page does not change a subscription that was found after the page was opened.
    with factories.in_tenant(world.home):
        factories.subscription(principal, "Found meanwhile")
    assert mine_client.post(url, again).status_code == 302
    assert mine_client.post(url, again).status_code == 302, "submitted twice"
    assert reasons() == {one.display_name: "Merger", "Laboratory": "No data of customers"}


@pytest.mark.parametrize(
    "start",
    [
        "",
        "[]",
        '{"x": 1}',
        '{"x": [true, "", "soon"]}',
        '{"x": [1, 2, 3]}',
        '{"x": [false, "a", "0001-01-01T00:00:00+14:00"]}',
        '{"x": [false, "a", "9999-12-31T23:59:59-14:00"]}',
    ],
)
def test_subscriptions_without_starting_values_are_not_saved(world: World, other: Client, start: str) -> None:
    url = reverse("subscriptions", args=[world.home.slug])
    one = world.of(world.home)["subscription"]
    given = {f"reason-{one.pk}": "Typed", "start": start.replace("x", str(one.pk))}
    answer = other.post(url, given)
    assert answer.status_code == 400
    assert MISSING in answer.content.decode()
    with factories.in_tenant(world.home):
        assert not Subscription.objects.filter(included=False).exists()


def periods(html: str) -> dict[str, Any]:
    """Return the fields of the form of retention periods."""
    return next(fields for _, fields in forms(html) if "evidence_seen" in fields)


def retention(client: Client, url: str) -> dict[str, Any]:
    answer = client.get(url)
    assert answer.status_code == 200
    fields = periods(answer.content.decode())
    return {**fields, "save": "1"}


@pytest.mark.parametrize("name", ["retention", "organization-retention"])
def test_retention(world: World, first: Client, other: Client, name: str) -> None:
    slug = world.home.slug if name == "retention" else world.organization.slug
    url = reverse(name, args=[slug])
    third = first if name == "retention" else signed_in_client(world.people["organization_administrator"])
    mine, theirs = retention(third, url), retention(other, url)
    assert other.post(url, {**theirs, "evidence": "days", "evidence_days": "500"}).status_code == 302
    answer = third.post(url, {**mine, "evidence": "days", "evidence_days": "600", "versions": "keep"})
    html = answer.content.decode()
    assert answer.status_code == 409
    text = " ".join(unescape(html).split())
    assert f"last by {world.people['organization_administrator'].email}" in text
    assert seen(text, "Evidence", "Default", "500 days", "600 days") == [True] * 3
    again = periods(html)
    assert (again["evidence_days"], again["evidence_seen"], again["versions"]) == ("600", "500", "keep")
    assert third.post(url, {**again, "save": "1"}).status_code == 302
    with organization_scope(world.organization):
        model: Any = RetentionRule if name == "retention" else OrganizationRetentionRule
        texts = [row.text for row in model.objects.filter(kind="evidence").order_by("decided_at")]
    assert texts == ["500", "600"]


@pytest.mark.slow(seconds=1)
def test_submitting_twice_saves_once(world: World, first: Client) -> None:
    for name, given in (
        ("owner-rule", {"severity": "low"}),
        ("channel", {"name": "Twice"}),
        ("parameter", {"max_age": "45"}),
        ("schedule", {"choice": "off"}),
    ):
        url = page_of(world, name)
        data = {**opened(first, url), **given}
        assert [first.post(url, data).status_code for _ in range(2)] == [302, 302], name


@pytest.mark.slow(seconds=2)
@pytest.mark.parametrize("start", [None, "", "{", "[]", '{"name": {"a": 1}}'])
def test_forms_without_starting_values_are_not_saved(world: World, first: Client, start: str | None) -> None:
    for name, given in (
        ("owner-rule", {"severity": "low"}),
        ("channel", {"name": "Other"}),
        ("parameter", {"max_age": "45"}),
        ("schedule", {"choice": "off"}),
    ):
        url = page_of(world, name)
        data = {**opened(first, url), **given}
        data.pop("start")
        answer = first.post(url, data if start is None else {**data, "start": start})
        assert answer.status_code == 400, name
        assert MISSING in answer.content.decode(), name
    stored, posted = rule(world), channel(world)
    assert stored is not None
    assert posted is not None
    assert (stored.severity, posted.name == "Other") == ("", False)
    with factories.in_tenant(world.home):
        assert not ControlSetting.objects.filter(control=CONTROL).exists()
