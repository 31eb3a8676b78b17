"""Programs change baselines and their parts, and reset customers to a baseline, in the same way as the pages."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from portal.changes.models import WatchRule
from portal.notify.models import Channel
from portal.retention.kinds import CUSTOMER_KINDS
from portal.treatment.models import Baseline, OwnerRule
from tenants.models import OrganizationJournalEntry, Tenant
from tenants.roles import Role
from tenants.scope import organization_scope
from tests import factories
from tests.for_each import for_each
from tests.portal.api.changes import changed, post
from tests.portal.api.conftest import Api
from tests.portal.web.world import World

CONTROL = "defender-no-open-recommendations"
ADDRESS = "https://hooks.example.com/T0/the-Secret-of.this.test"


def organization_address(world: World, path: str = "baselines") -> str:
    return f"/api/v1/organizations/{world.organization.slug}/{path}"


@pytest.fixture
def engineer(api: Api) -> Client:
    return api("organization_engineer")


@pytest.fixture
def gold(world: World, engineer: Client) -> str:
    """Add a baseline for customers with the label of the home customer, and return its address."""
    made = post(
        engineer, organization_address(world), {"name": "Gold", "label": "gold", "exception_cap_days": 90}
    )
    assert made.status_code == 201, made.content
    assert made.json()["customers"] == [world.home.slug]
    return str(made.headers["Location"])


PARTS: dict[str, dict[str, Any]] = {
    "": {"name": "Other"},
    "/delete": {},
    "/apply": {"settings": [{"customer": "{home}", "setting": "exception_cap_days"}]},
    "/parameters": {"control": CONTROL, "values": {"grace_days": 3}},
    "/profile": {"profile": "mcsb-1"},
    "/owner-rules": {"name": "All", "owner": "nobody@msp.example"},
    "/owner-rules/remove": {"name": "Storage"},
    "/watch-rules": {"name": "Days", "severity": "low"},
    "/watch-rules/remove": {"name": "Nights"},
    "/shipped-watch-rules": {"rule": "worsened", "severity": "low", "is_enabled": False},
    "/channels": {"name": "Pager", "kind": "teams", "address": ADDRESS, "events": ["exception_returned"]},
    "/channels/remove": {"name": "On call"},
}


@pytest.mark.slow(seconds=3)
@for_each("part", PARTS)
def test_changes_need_their_right_and_what_was_read(world: World, api: Api, part: str) -> None:
    body = PARTS[part]
    if "settings" in body:
        body = {"settings": [{"customer": world.home.slug, "setting": "exception_cap_days"}]}
    address = organization_address(world, f"baselines/{world.of(world.home)['baseline'].pk}{part}")
    for role in Role:
        answer = post(api(str(role)), address, body)
        allowed = role in (Role.ORGANIZATION_ADMINISTRATOR, Role.ORGANIZATION_ENGINEER)
        assert answer.status_code == (428 if allowed else 403), (role, answer.content)
    client = api("organization_administrator")
    assert post(client, address, body, '"0"').status_code == 412
    foreign = organization_address(world, f"baselines/{world.foreign_id}{part}")
    assert post(client, foreign, body, '"0"').status_code == 404
    limited = api("organization_administrator", capabilities=["view", "view_all", "organization"])
    assert post(limited, address, body).status_code == 403
    assert post(limited, address, {}).status_code == 403, "the right is checked before the body"


@pytest.mark.slow(seconds=1)
def test_baseline_is_added_changed_and_deleted(world: World, engineer: Client, gold: str) -> None:
    with factories.in_tenant(world.home):
        assert Tenant.objects.get(pk=world.home.pk).exception_cap_days == 90
    assert engineer.get(gold).json() in engineer.get(organization_address(world)).json()["items"]
    now = changed(engineer, gold, {"due_days": {"critical": 3}, "schedule": "daily 06:00"}).json()
    assert (now["due_days"], now["exception_cap_days"]) == ({"critical": 3}, 90)
    with factories.in_tenant(world.home):
        assert Tenant.objects.get(pk=world.home.pk).due_days["critical"] == 3
    for wrong, field in (
        ({"due_days": {"fatal": 1}}, "due_days"),
        ({"due_days": {"critical": 0}}, "due_days"),
        ({"retention": {"nothing": "keep"}}, "retention"),
        ({"label": "silver"}, "label"),
        ({"name": " "}, "name"),
    ):
        refused = changed(engineer, gold, wrong)
        assert (refused.status_code, refused.json()["errors"][0]["field"]) == (400, field), refused.content
    again = post(engineer, organization_address(world), {"name": "Gold 2", "label": "gold"})
    assert (again.status_code, again.json()["errors"][0]["field"]) == (400, "label")
    assert changed(engineer, f"{gold}/delete", read=gold).status_code == 204
    assert engineer.get(gold).status_code == 404
    with organization_scope(world.organization):
        entry = OrganizationJournalEntry.objects.filter(action="baseline.deleted").latest("sequence")
    assert entry.details["api_token"].startswith("surety_pat_")


def test_no_token_changes_how_long_data_is_kept(world: World, api: Api, gold: str) -> None:
    kind = CUSTOMER_KINDS[0].key
    refused = changed(api("organization_administrator"), gold, {"retention": {kind: "keep"}})
    assert (refused.status_code, refused.json()["code"]) == (403, "not_administrator"), refused.content
    with organization_scope(world.organization):
        assert Baseline.objects.get(label="gold").retention == {}


@pytest.mark.slow(seconds=1)
def test_parts_reach_the_customers(world: World, engineer: Client, gold: str) -> None:
    leader = world.people["organization_engineer"].email

    def part(path: str, body: Any) -> Any:
        answer = changed(engineer, f"{gold}/{path}", body, gold)
        assert answer.status_code == 200, answer.content
        assert answer.headers["ETag"] == engineer.get(gold).headers["ETag"]
        return answer.json()

    values = part("parameters", {"control": CONTROL, "values": {"grace_days": 3}})["parameters"][CONTROL]
    assert values["grace_days"] == 3
    assert part("profile", {"profile": "mcsb-1"})["profile"]["profile"] == "mcsb-1"
    (rule,) = part("owner-rules", {"name": "All SQL", "owner": leader, "section": "sql"})["owner_rules"]
    assert (rule["owner"]["email"], rule["section"], rule["is_enabled"]) == (leader, "sql", True)
    (rule,) = part("owner-rules", {"name": "All SQL", "owner": leader, "severity": "high"})["owner_rules"]
    assert (rule["severity"], "section" in rule) == ("high", False)
    (watch,) = part("watch-rules", {"name": "Late", "severity": "low", "hours": "18:00-07:00"})["watch_rules"]
    assert (watch["hours"], watch["is_enabled"]) == ("18:00-07:00", True)
    assert part("watch-rules", {"name": "Late", "severity": "high"})["watch_rules"][0]["severity"] == "high"
    shipped = {"rule": "worsened", "severity": "low", "is_enabled": False}
    assert part("shipped-watch-rules", shipped)["shipped_watch_rules"] == [shipped]
    with factories.in_tenant(world.home):
        assert OwnerRule.objects.get(name="All SQL").severity == "high"
        assert WatchRule.objects.get(name="Late").severity == "high"
        assert not WatchRule.objects.get(shipped="worsened").enabled
    assert part("owner-rules/remove", {"name": "All SQL"})["owner_rules"] == []
    assert part("watch-rules/remove", {"name": "Late"})["watch_rules"] == []
    assert part("shipped-watch-rules", shipped | {"is_enabled": None})["shipped_watch_rules"] == []
    assert part("parameters", {"control": CONTROL, "values": None})["parameters"] == {}
    assert part("profile", {"profile": ""})["profile"] is None
    for path, wrong, field in (
        ("owner-rules", {"name": "x", "owner": "nobody@msp.example"}, "owner"),
        ("owner-rules", {"name": "x", "owner": leader, "unit": "directory:x"}, "unit"),
        ("owner-rules/remove", {"name": "x"}, "name"),
        ("watch-rules", {"name": "x", "severity": "low", "units": ["/subscriptions/x"]}, "units"),
        ("watch-rules/remove", {"name": "x"}, "name"),
        ("channels/remove", {"name": "x"}, "name"),
        ("parameters", {"control": "no-such", "values": {}}, "values"),
        ("profile", {"profile": "no-such"}, "profile"),
        ("channels", {"name": "x", "kind": "teams", "events": ["exception_returned"]}, "address"),
    ):
        refused = changed(engineer, f"{gold}/{path}", wrong, gold)
        assert (refused.status_code, refused.json()["errors"][0]["field"]) == (400, field), refused.content


@pytest.mark.slow(seconds=1)
def test_channel_has_its_secret_once(world: World, engineer: Client, gold: str) -> None:
    body = {"name": "Pager", "kind": "webhook", "address": ADDRESS, "events": ["exception_returned"]}
    made = changed(engineer, f"{gold}/channels", body, gold)
    assert made.json()["secret"].startswith("whsec_"), made.content
    (channel,) = made.json()["channels"]
    assert (channel["host"], channel["events"]) == ("hooks.example.com", ["exception_returned"])
    with factories.in_tenant(world.home):
        assert Channel.objects.get(name="Pager").host == "hooks.example.com"
    before = engineer.get(gold)
    assert "the-Secret" not in before.content.decode() + made.content.decode()
    # Answers contain only the host of the channel's address. If only the path of this address changes, the body of the
    # answer stays the same, but the ETag changes.
    other = changed(engineer, f"{gold}/channels", {**body, "address": ADDRESS + "2"}, gold)
    assert (other.json()["secret"], other.headers["ETag"] != before.headers["ETag"]) == (None, True)
    kind = changed(engineer, f"{gold}/channels", body | {"kind": "teams"}, gold)
    assert (kind.status_code, kind.json()["errors"][0]["field"]) == (400, "kind")
    removed = changed(engineer, f"{gold}/channels/remove", {"name": "Pager"}, gold)
    assert removed.json()["channels"] == []


@pytest.mark.slow(seconds=1)
def test_customers_are_set_to_their_baseline(world: World, engineer: Client, gold: str) -> None:
    policy = f"/api/v1/customers/{world.home.slug}/policy"
    assert changed(engineer, policy, {"exception_cap_days": 30}).status_code == 200
    (found,) = engineer.get(organization_address(world, "baseline-deviations")).json()["items"]
    assert (found["customer"], found["setting"]) == (world.home.slug, "exception_cap_days")
    assert (found["value"], found["wanted"]) == (30, 90)
    wanted = {"settings": [{"customer": found["customer"], "setting": found["setting"]}]}
    other = organization_address(world, f"baselines/{world.of(world.home)['baseline'].pk}")
    assert changed(engineer, f"{other}/apply", wanted, other).json() == {"changed": 0, "refused": []}
    foreign = {"settings": [{"customer": world.foreign.slug, "setting": found["setting"]}]}
    refused = changed(engineer, f"{gold}/apply", foreign, gold)
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (400, "settings")
    done = changed(engineer, f"{gold}/apply", wanted, gold)
    assert done.json() == {"changed": 1, "refused": []}
    assert engineer.get(policy).json()["exception_cap_days"] == 90
    assert engineer.get(organization_address(world, "baseline-deviations")).json()["items"] == []
