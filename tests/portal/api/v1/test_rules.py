"""Programs set owner, watch and exclusion rules, planned changes and the watch in the same way as the pages."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from assessments.models import Finding
from assessments.timing.watching import watch_setting
from portal.changes.actions.plans import open_plans
from portal.changes.models import PlannedChange, WatchRule
from portal.treatment.models import OwnerRule, Treatment
from tenants.models import ExclusionRule, JournalEntry, Subscription
from tenants.roles import CAPABILITIES, Capability, Role
from tests import factories
from tests.for_each import for_each
from tests.portal.api.changes import changed, post
from tests.portal.api.conftest import Api
from tests.portal.web.world import World

_OBJECTS = {
    "owner-rules": "rule",
    "watch-rules": "watch_rule",
    "exclusion-rules": "exclusion_rule",
    "planned-changes": "planned_change",
}


def customer_address(world: World, path: str) -> str:
    return f"/api/v1/customers/{world.home.slug}/{path}"


def own(world: World, plural: str, action: str = "") -> str:
    return customer_address(world, f"{plural}/{world.of(world.home)[_OBJECTS[plural]].pk}{action}")


@pytest.fixture
def administrator(api: Api) -> Client:
    return api("organization_administrator")


def later(days: int) -> str:
    return (timezone.now() + timedelta(days=days)).isoformat()


# {change: (list that contains the object, end of the address, right that the change needs, body)}
CHANGES: dict[str, tuple[str, str, Capability, dict[str, Any]]] = {
    "change_owner_rule": ("owner-rules", "", Capability.ASSIGN, {"severity": "high"}),
    "move_owner_rule": ("owner-rules", "/move", Capability.ASSIGN, {"position": 1}),
    "delete_owner_rule": ("owner-rules", "/delete", Capability.ASSIGN, {}),
    "change_watch_rule": ("watch-rules", "", Capability.ADMINISTER, {"severity": "high"}),
    "delete_watch_rule": ("watch-rules", "/delete", Capability.ADMINISTER, {}),
    "change_exclusion_rule": ("exclusion-rules", "", Capability.ADMINISTER, {"reason": "Other"}),
    "remove_exclusion_rule": ("exclusion-rules", "/remove", Capability.ADMINISTER, {}),
    "cancel_planned_change": ("planned-changes", "/cancel", Capability.ADMINISTER, {}),
}


@pytest.mark.slow(seconds=2)
@for_each("name", CHANGES)
def test_changes_need_their_right_and_what_was_read(world: World, api: Api, name: str) -> None:
    plural, action, needed, body = CHANGES[name]
    address = own(world, plural, action)
    for role in Role:
        answer = post(api(str(role)), address, body)
        assert answer.status_code == (428 if needed in CAPABILITIES[role] else 403), (role, answer.content)
    client = api("organization_administrator")
    assert post(client, address, body, '"0"').status_code == 412
    foreign = customer_address(world, f"{plural}/{world.foreign_id}{action}")
    assert post(client, foreign, body, '"0"').status_code == 404
    others = [one for one in ("view", "view_all", "assign", "administer") if one != needed]
    limited = api("organization_administrator", capabilities=others)
    assert post(limited, address, body).status_code == 403
    # On pages, each of these changes needs re-authentication. The API cannot ask people to re-authenticate. So each
    # change also needs the right `administer`, because tokens with this right are short-lived.
    long = api("organization_administrator", capabilities=["view", "view_all", needed])
    if needed != Capability.ADMINISTER:
        assert post(long, address, body).status_code == 403


CREATIONS: dict[str, tuple[str, Capability, dict[str, Any]]] = {
    "add_owner_rule": ("owner-rules", Capability.ASSIGN, {"name": "All of SQL", "section": "sql"}),
    "add_watch_rule": ("watch-rules", Capability.ADMINISTER, {"name": "Deleted", "kinds": ["deleted"]}),
    "add_exclusion_rule": (
        "exclusion-rules",
        Capability.ADMINISTER,
        {"name": "Tests", "reason": "Without data", "tag": "stage=test"},
    ),
    "plan_change": (
        "planned-changes",
        Capability.ADMINISTER,
        {"name": "Move", "starts_at": later(1), "ends_at": later(2), "groups": ["rg-site*"]},
    ),
}


@pytest.mark.slow(seconds=1)
@for_each("name", CREATIONS)
def test_creations_can_be_repeated(world: World, api: Api, name: str) -> None:
    plural, needed, body = CREATIONS[name]
    if plural == "owner-rules":
        body = body | {"owner": world.people["organization_engineer"].email}
    for role in Role:
        if needed not in CAPABILITIES[role]:
            assert post(api(str(role)), customer_address(world, plural), body).status_code == 403, role
    if needed != Capability.ADMINISTER:
        long = api("organization_administrator", capabilities=["view", "view_all", needed])
        assert post(long, customer_address(world, plural), body).status_code == 403
    client = api("organization_administrator")
    before = len(client.get(customer_address(world, plural)).json()["items"])
    made = post(client, customer_address(world, plural), body, **{"Idempotency-Key": name})
    assert made.status_code == 201, made.content
    again = post(client, customer_address(world, plural), body, **{"Idempotency-Key": name})
    assert (again.json(), again.headers["Idempotency-Replayed"]) == (made.json(), "true")
    assert len(client.get(customer_address(world, plural)).json()["items"]) == before + 1
    assert client.get(made.headers["Location"]).json() == made.json()
    with factories.in_tenant(world.home):
        entry = JournalEntry.objects.latest("sequence")
    assert entry.details["api_token"].startswith("surety_pat_")
    assert (
        post(client, customer_address(world, plural), body | {"name": ""}).json()["errors"][0]["field"]
        == "name"
    )


@pytest.mark.slow(seconds=1)
def test_owner_rules_are_ordered_previewed_and_applied(world: World, api: Api, administrator: Client) -> None:
    owner = world.people["owner"]
    first = own(world, "owner-rules")
    body = {"name": "Failing storage", "owner": owner.email, "section": "storage", "severity": ""}
    counted = post(
        administrator, customer_address(world, "owner-rules/preview"), {"section": "storage"}
    ).json()
    assert counted["count"] > 0
    made = post(administrator, customer_address(world, "owner-rules"), body)
    assert (made.json()["position"], made.json()["owner"]["email"]) == (2, owner.email)
    moved = changed(
        administrator, f"{made.headers['Location']}/move", {"position": 1}, made.headers["Location"]
    )
    assert (moved.json()["position"], administrator.get(first).json()["position"]) == (1, 2)
    listed = administrator.get(customer_address(world, "owner-rules")).json()["items"]
    assert sorted(one["position"] for one in listed) == [1, 2]
    long = api("organization_administrator", capabilities=["view", "view_all", "assign"])
    assert post(long, customer_address(world, "owner-rules/apply")).status_code == 403
    applied = post(administrator, customer_address(world, "owner-rules/apply"))
    assert applied.json()["findings"] == counted["count"]
    with factories.in_tenant(world.home):
        rule = OwnerRule.objects.get(pk=made.json()["id"])
        assert Treatment.objects.filter(owner=owner, owner_rule=rule).count() == counted["count"]
    off = changed(administrator, made.headers["Location"], {"is_enabled": False})
    assert (off.json()["is_enabled"], off.json()["section"]) == (False, "storage")
    assert changed(administrator, f"{first}/delete", read=first).status_code == 204
    assert administrator.get(first).status_code == 404
    auditor = world.people["auditor"].email
    for wrong, field in (
        ({"owner": auditor}, "owner"),
        ({"owner": "nobody@contoso.example"}, "owner"),
        ({"control": "no-such"}, "control"),
        ({"unit": "/subscriptions/00000000-0000-0000-0000-000000000000"}, "unit"),
    ):
        refused = post(administrator, customer_address(world, "owner-rules"), body | wrong)
        assert (refused.status_code, refused.json()["errors"][0]["field"]) == (400, field), refused.content


def test_preview_of_an_owner_rule_counts_its_place(world: World, administrator: Client) -> None:
    rule = str(world.of(world.home)["rule"].pk)
    address = customer_address(world, "owner-rules/preview")
    with factories.in_tenant(world.home):
        OwnerRule.objects.update(enabled=True)
    last = post(administrator, address, {"section": "storage"}).json()
    own_place = post(administrator, address, {"section": "storage", "rule": rule}).json()
    assert (last["count"], own_place["earlier"]) == (0, 0)
    assert own_place["count"] == last["earlier"] > 0
    foreign = post(administrator, address, {"rule": str(world.foreign_id)})
    assert foreign.status_code == 404


def test_watch_rule_is_previewed_and_changed_in_parts(world: World, administrator: Client) -> None:
    seen = post(administrator, customer_address(world, "watch-rules/preview"), {"kinds": ["changed"]}).json()
    assert (seen["count"], seen["changes"]) == (1, [str(world.of(world.home)["change"].pk)])
    none = post(
        administrator, customer_address(world, "watch-rules/preview"), {"types": ["microsoft.sql/*"]}
    ).json()
    assert (none["count"], none["examined"]) == (0, 1)
    address = own(world, "watch-rules")
    now = changed(administrator, address, {"days": [6, 7], "is_enabled": True}).json()
    assert (now["days"], now["is_enabled"], now["types"]) == ([6, 7], True, ["microsoft.compute/*"])
    for wrong, field in (({"hours": "night"}, "hours"), ({"units": ["/subscriptions/x"]}, "units")):
        refused = changed(administrator, address, wrong)
        assert (refused.status_code, refused.json()["errors"][0]["field"]) == (400, field)
    assert changed(administrator, f"{address}/delete", read=address).status_code == 204
    with factories.in_tenant(world.home):
        assert not WatchRule.objects.filter(shipped="").exists()


def test_shipped_watch_rule_is_set(world: World, api: Api, administrator: Client) -> None:
    listed = administrator.get(customer_address(world, "shipped-watch-rules")).json()["items"]
    address = customer_address(world, f"shipped-watch-rules/{listed[0]['rule']}")
    assert administrator.get(address).json() == listed[0]
    now = changed(administrator, address, {"is_enabled": False})
    assert now.json() == listed[0] | {"is_enabled": False}
    assert changed(administrator, address, {"severity": "low"}).json()["severity"] == "low"
    assert post(administrator, address, {"severity": "low"}).status_code == 428
    assert administrator.get(customer_address(world, "shipped-watch-rules/no-such")).status_code == 404
    assert (
        administrator.get(
            customer_address(world, f"watch-rules/{_row(world, listed[0]['rule'])}")
        ).status_code
        == 404
    )
    auditor = api("auditor")
    assert auditor.get(customer_address(world, "shipped-watch-rules")).status_code == 403
    assert post(auditor, address, {"severity": "low"}).status_code == 403


def _row(world: World, rule: str) -> Any:
    with factories.in_tenant(world.home):
        return WatchRule.objects.get(shipped=rule).pk


def test_exclusion_rule_excludes_and_includes_subscriptions(world: World, administrator: Client) -> None:
    subscription = world.of(world.home)["subscription"]
    with factories.in_tenant(world.home):
        Subscription.objects.filter(pk=subscription.pk).update(tags={"stage": "test"})
    guid = subscription.subscription_id
    body = {"name": "Tests", "reason": "Without data of customers", "tag": "stage=test"}
    seen = post(
        administrator, customer_address(world, "exclusion-rules/preview"), {"tag": "stage=test"}
    ).json()
    assert seen == {"matching": [guid], "newly_excluded": [guid]}
    made = post(administrator, customer_address(world, "exclusion-rules"), body)
    assert made.json()["subscriptions"] == 1
    address = made.headers["Location"]
    shown = administrator.get(customer_address(world, f"subscriptions/{subscription.pk}")).json()
    assert "Without data of customers" in shown["why_not_assessed"]
    again = post(
        administrator, customer_address(world, "exclusion-rules/preview"), {"tag": "stage=test"}
    ).json()
    assert again == {"matching": [guid], "newly_excluded": []}
    now = changed(administrator, address, {"tag": "stage=other"})
    assert (now.json()["subscriptions"], now.json()["reason"]) == (0, body["reason"])
    refused = changed(administrator, address, {"tag": ""})
    assert refused.json()["errors"][0]["field"] == "management_group"
    assert post(administrator, customer_address(world, "exclusion-rules/preview"), {}).status_code == 400
    assert changed(administrator, f"{address}/remove", read=address).status_code == 204
    with factories.in_tenant(world.home):
        assert not ExclusionRule.objects.filter(name="Tests").exists()


def test_planned_change_is_entered_and_cancelled(world: World, administrator: Client) -> None:
    body = {"name": "Move", "starts_at": later(1), "ends_at": later(2), "types": ["microsoft.sql/*"]}
    made = post(administrator, customer_address(world, "planned-changes"), body)
    address = made.headers["Location"]
    assert (made.json()["expected"], made.json()["groups"]) == (0, [])
    for wrong, field in (({"ends_at": later(40)}, "ends_at"), ({"types": []}, "units")):
        refused = post(administrator, customer_address(world, "planned-changes"), body | wrong)
        assert (refused.status_code, refused.json()["errors"][0]["field"]) == (400, field)
    ended = changed(administrator, f"{address}/cancel", read=address)
    assert ended.json()["cancelled_at"] is not None
    assert changed(administrator, f"{address}/cancel", read=address).status_code == 409
    with factories.in_tenant(world.home):
        plan = PlannedChange.objects.get(pk=made.json()["id"])
        assert plan not in open_plans(world.home, timezone.now())


@pytest.mark.slow(seconds=1)
def test_watch_is_turned_on_and_off(world: World, api: Api, administrator: Client) -> None:
    address = customer_address(world, "watch")
    shown = administrator.get(address).json()
    assert shown["watch"] == "default"
    units = {one["unit"] for one in shown["units"]}
    assert f"/subscriptions/{world.of(world.home)['subscription'].subscription_id}" in units
    long = api("organization_administrator", capabilities=["view", "assess"])
    assert long.get(address).status_code == 200
    assert post(long, address, {"watch": "off"}).status_code == 403, (
        "only tokens of at most 30 days turn it off"
    )
    on = changed(administrator, address, {"watch": "on"})
    assert (on.json()["watch"], on.json()["is_on"]) == ("on", True)
    with factories.in_tenant(world.home):
        assert watch_setting(world.home).own is True
    assert post(administrator, address, {"watch": "off"}).status_code == 428
    assert changed(administrator, address, {"watch": "maybe"}).status_code == 400
    for role in Role:
        may = Capability.ASSESS in CAPABILITIES[role]
        assert api(str(role)).get(address).status_code == (200 if may else 403), role
        assert post(api(str(role)), address, {"watch": "on"}).status_code == (428 if may else 403), role


def test_rules_assign_no_findings_that_people_assigned(world: World, administrator: Client) -> None:
    owned: Finding = world.of(world.home)["owned"]
    body = {"name": "All", "owner": world.people["organization_engineer"].email}
    assert post(administrator, customer_address(world, "owner-rules"), body).status_code == 201
    post(administrator, customer_address(world, "owner-rules/apply"))
    with factories.in_tenant(world.home):
        assert Treatment.objects.get(finding=owned).owner == world.people["owner"]
