"""The pages and the command of watch rules and planned changes."""

from __future__ import annotations

import io
from datetime import timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import yaml
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from portal.changes import preview
from portal.changes.actions.catch import catch
from portal.changes.models import PlannedChange, ResourceChange, WatchRule
from portal.changes.shipped import SHIPPED, rules_of
from portal.web.settings.views import planned_changes
from tenants.models import JournalEntry, Tenant
from tests import factories
from tests.portal.web.requests import page
from tests.portal.web.world import SignIn, World


def rule(world: World) -> WatchRule:
    with factories.in_tenant(world.home):
        return WatchRule.objects.get(tenant=world.home, name="Storage")


def actions(world: World) -> list[str]:
    with factories.in_tenant(world.home):
        rows = JournalEntry.objects.filter(tenant=world.home, action__startswith="watch_rule.")
        return list(rows.order_by("sequence").values_list("action", flat=True))


def test_a_rule_is_previewed_saved_changed_and_deleted(engineer: Client, world: World) -> None:
    slug = world.home.slug
    add = reverse("watch-rule-add", args=[slug])
    typed: dict[str, Any] = {
        "name": "Storage",
        "severity": "low",
        "types": "microsoft.storage/*",
        "enabled": "on",
    }
    seen = engineer.get(add, typed, headers={"HX-Request": "true"}).content.decode()
    assert "<strong>1</strong> of 1" in " ".join(seen.split())
    none = engineer.get(add, {**typed, "types": "microsoft.sql/*"}, headers={"HX-Request": "true"})
    assert "<strong>0</strong> of 1" in " ".join(none.content.decode().split())
    assert engineer.post(add, typed).status_code == 302
    made = rule(world)
    assert (made.types, made.severity, made.enabled) == (["microsoft.storage/*"], "low", True)
    assert "Storage" in page(engineer, "watch-rules", slug)
    own = reverse("watch-rule", args=[slug, made.pk])
    assert "microsoft.storage/*" in engineer.get(own).content.decode()
    changed = {**typed, "types": "a*\r\nb*\r\n", "hours": "18:00-07:00", "days": ["6", "7"]}
    assert engineer.post(own, changed).status_code == 302
    made = rule(world)
    assert (made.types, made.hours, made.days) == (["a*", "b*"], "18:00-07:00", [6, 7])
    theirs = reverse("watch-rule", args=[slug, world.of(world.foreign)["watch_rule"].pk])
    assert engineer.get(theirs).status_code == 404
    assert engineer.post(reverse("watch-rule-delete", args=[slug, made.pk])).status_code == 302
    assert actions(world) == ["watch_rule.created", "watch_rule.changed", "watch_rule.deleted"]


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"name": " \u200b"}, "Enter a name."),
        ({"name": "network EXPOSURE"}, "Choose another name."),
        ({"types": "\n".join(f"t{number}" for number in range(21))}, "Use at most 20 entries."),
        ({"types": "x" * 201}, "Use at most 200 characters in an entry."),
        ({"types": "*a" * 11}, "Use * at most 10 times in an entry."),
        ({"types": "?" * 41}, "Use ? at most 40 times in an entry."),
        ({"hours": "18-7"}, "Enter two different times such as 18:00-07:00."),
        ({"tag_value": "prod"}, "Enter the tag’s name as well."),
        ({"units": "/subscriptions/other"}, "Select a valid choice."),
    ],
)
def test_invalid_rules(engineer: Client, world: World, given: dict[str, Any], message: str) -> None:
    typed = {"name": "Rule", "severity": "low", **given}
    answer = engineer.post(reverse("watch-rule-add", args=[world.home.slug]), typed)
    assert answer.status_code == 400
    assert message in answer.content.decode()


def test_a_preview_ends_after_some_time_and_says_so(
    engineer: Client, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    add = reverse("watch-rule-add", args=[world.home.slug])
    typed = {"name": "Storage", "severity": "low", "types": "microsoft.storage/*"}
    monkeypatch.setattr(preview, "SECONDS", 0.0)
    seen = engineer.get(add, typed, headers={"HX-Request": "true"}).content.decode()
    assert "Only the newest 0 changes were compared." in " ".join(seen.split())


def shipped(world: World, key: str) -> tuple[str, bool]:
    with factories.in_tenant(world.home):
        found = next(row for row in rules_of(world.home) if row.shipped == key)
    return found.severity, found.enabled


def test_shipped_rules_are_switched_off_and_on(engineer: Client, world: World) -> None:
    address = reverse("watch-rule-shipped", args=[world.home.slug])
    off = {"shipped": "exposure", "severity-exposure": "critical"}
    engineer.post(address, off)
    assert shipped(world, "exposure") == ("critical", False)
    engineer.post(address, {**off, "enabled-exposure": "on"})
    assert shipped(world, "exposure") == ("critical", True)
    engineer.post(address, {"shipped": "invented", "severity-invented": "high"})
    assert actions(world) == ["watch_rule.changed", "watch_rule.changed"]


def test_one_button_saves_all_shipped_rules_that_were_changed(engineer: Client, world: World) -> None:
    address = reverse("watch-rule-shipped", args=[world.home.slug])
    keys = ["exposure", "locks", "roles"]
    start = {key: shipped(world, key) for key in keys}
    form = {
        "shipped": keys,
        **{f"start-{key}": f"{severity} {enabled}" for key, (severity, enabled) in start.items()},
        **{f"severity-{key}": severity for key, (severity, _) in start.items()},
        **{f"enabled-{key}": "on" for key in keys},
    }
    assert all(
        f'value="{form[f"start-{key}"]}"' in page(engineer, "watch-rules", world.home.slug) for key in keys
    )
    # Meanwhile, the rule `roles` is changed. The form still has its old values, but saving does not restore them.
    engineer.post(address, {"shipped": "roles", "severity-roles": "low", "enabled-roles": "on"})
    del form["enabled-locks"]
    answer = engineer.post(address, {**form, "severity-exposure": "low"}, follow=True)
    assert "Saved: “Network exposure”, “Locks removed”." in answer.content.decode()
    assert shipped(world, "exposure") == ("low", True)
    assert shipped(world, "locks") == (start["locks"][0], False)
    assert shipped(world, "roles") == ("low", True)
    # If the value of one rule is invalid, none of the rules is saved.
    wrong = {
        "shipped": keys,
        "severity-exposure": "high",
        "severity-locks": "invented",
        "severity-roles": "high",
    }
    engineer.post(address, wrong)
    assert shipped(world, "exposure") == ("low", True)


def test_auditors_and_owners_set_no_rules(sign_in: SignIn, world: World) -> None:
    for role in ("auditor", "owner", "approver"):
        client = sign_in(world.people[role])
        for name in ("watch-rules", "watch-rule-add", "planned-changes"):
            assert client.get(reverse(name, args=[world.home.slug])).status_code == 403


@pytest.mark.slow(seconds=1)
def test_a_planned_change_expects_changes_and_is_cancelled(
    engineer: Client, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = reverse("planned-changes", args=[world.home.slug])
    local = timezone.now().astimezone(ZoneInfo(world.home.timezone))
    typed: dict[str, Any] = {
        "name": "Open the site",
        "ticket": "CHG-7",
        "starts_at": f"{local - timedelta(minutes=5):%Y-%m-%dT%H:%M}",
        "ends_at": f"{local + timedelta(hours=2):%Y-%m-%dT%H:%M}",
    }
    answer = engineer.post(address, typed)
    assert "Choose a subscription, or enter a resource group" in answer.content.decode()
    past = {**typed, "groups": "rg-*", "ends_at": f"{local - timedelta(minutes=1):%Y-%m-%dT%H:%M}"}
    assert (
        "This time has passed. Choose an end in the future." in engineer.post(address, past).content.decode()
    )
    long = {**typed, "groups": "rg-*", "ends_at": f"{local + timedelta(days=32):%Y-%m-%dT%H:%M}"}
    assert "Plan at most 31 days at a time." in engineer.post(address, long).content.decode()
    assert engineer.post(address, {**typed, "groups": "rg-*"}).status_code == 302
    with factories.in_tenant(world.home):
        plan = PlannedChange.objects.get(tenant=world.home, name="Open the site")
        now = timezone.now()
        found = ResourceChange.objects.create(
            tenant=world.home,
            key="1" * 64,
            kind="changed",
            at=now + timedelta(minutes=1),
            since=now + timedelta(seconds=1),
            azure_id="/subscriptions/x/resourceGroups/rg-web/y",
            name="y",
            unit="/subscriptions/x",
            resource_group="rg-web",
            properties=["properties.publicNetworkAccess"],
        )
        catch(tenant=world.home, changes=[found], since=now, now=now)
        found.refresh_from_db()
    assert (found.state, found.plan_id, found.ticket) == ("expected", plan.pk, "CHG-7")
    assert "Open the site" in page(engineer, "resource-change", world.home.slug, found.pk)
    cancel = reverse("planned-change-cancel", args=[world.home.slug, plan.pk])
    assert engineer.post(cancel).status_code == 302
    listed = page(engineer, "planned-changes", world.home.slug)
    assert "Cancelled" in listed
    # The list shows times in UTC, but the form expects times in the customer's time zone, so its hints name the zone.
    form = listed.partition('<form class="form"')[2]
    for name in ("starts_at", "ends_at"):
        hint = form.partition(f'id="id_{name}_helptext"')[2].partition("</")[0]
        assert f"In the time zone {world.home.timezone}." in hint
    engineer.post(cancel)
    with factories.in_tenant(world.home):
        names = JournalEntry.objects.filter(tenant=world.home, action__startswith="planned_change.")
        assert sorted(names.values_list("action", flat=True)) == [
            "planned_change.cancelled",
            "planned_change.created",
        ]
    assert engineer.post(address, {**typed, "name": "Later", "groups": "rg-*"}).status_code == 302
    monkeypatch.setattr(planned_changes, "MAX_SHOWN", 1)
    assert "The list shows only 1 of " in page(engineer, "planned-changes", world.home.slug)


def test_the_command_shows_and_applies_rules(world: World, tmp_path: Path) -> None:
    def run(*arguments: str) -> str:
        out = io.StringIO()
        call_command("watch_rules", *arguments, stdout=out)
        return out.getvalue()

    file = tmp_path / "rules.yaml"
    wanted: list[dict[str, Any]] = [
        {"shipped": "locks", "enabled": False, "severity": "low"},
        {"name": "Nights", "severity": "high", "hours": "20:00-06:00", "types": ["microsoft.compute/*"]},
    ]
    file.write_text(yaml.safe_dump(wanted))
    # The file does not contain the rule of the test data, so this rule is deleted.
    expected = f"{world.home.slug}: {len(SHIPPED) + 1} rules"
    assert expected in run(world.home.organization.slug, "--organization", "--apply", str(file))
    shown = yaml.safe_load(run(world.home.slug))
    assert wanted[0] in shown
    assert {**wanted[1], "enabled": True} in shown
    file.write_text(yaml.safe_dump(shown))
    before = actions(world)
    run(world.home.slug, "--apply", str(file))
    assert actions(world) == before, "what is shown can be applied again, and changes nothing"
    file.write_text("[]")
    run(world.home.slug, "--apply", str(file))
    assert actions(world)[-1] == "watch_rule.deleted"
    for text, message in (
        ("a: [", "not valid YAML"),
        ("a: 1", "must be a list"),
        ("- {name: x, pattern: y}", "unknown key “pattern”"),
        ("- {severity: low}", "needs the key “shipped” or the key “name”"),
        ("- {name: x, types: y}", "the value of “types” must be a list of texts or numbers"),
        ("- {name: x, hours: '8-9'}", "Nothing was changed"),
        ("- {shipped: nothing}", "There is no shipped rule"),
    ):
        file.write_text(text)
        with pytest.raises(CommandError, match=message):
            run(world.home.slug, "--apply", str(file))
    with pytest.raises(CommandError, match="There is no customer"):
        run("nobody")
    with pytest.raises(CommandError, match=f"There is no organization “nobody”. .*{world.organization.slug}"):
        run("nobody", "--organization", "--apply", str(file))


def test_command_says_why_it_changes_nothing(db: None, tmp_path: Path) -> None:
    file = tmp_path / "rules.yaml"
    file.write_text("[]")
    tenant = factories.tenant(factories.organization())
    with factories.in_tenant(tenant):
        Tenant.objects.filter(pk=tenant.pk).update(archived_at=timezone.now())
    with pytest.raises(CommandError, match=f"{tenant.name} is archived. Restore the customer first."):
        call_command("watch_rules", tenant.slug)
    with pytest.raises(CommandError, match=f"{tenant.organization.slug} has no active customer."):
        call_command("watch_rules", tenant.organization.slug, "--organization", "--apply", str(file))
