"""Rules that exclude subscriptions by management group and tag, also subscriptions that appear later."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from functools import partial
from typing import Any
from uuid import uuid4

import pytest
from django.db import IntegrityError, connection
from django.utils import timezone

from tenants import journal, selectors
from tenants.actions import include_subscription, sync_subscriptions
from tenants.actions.exclusion_rules import (
    MAX_RULES,
    add_exclusion_rule,
    change_exclusion_rule,
    has_ended_rules,
    include_after_rules,
    remove_exclusion_rule,
    rule_part,
)
from tenants.azure.credentials import DiscoveredSubscription
from tenants.errors import Conflict, InvalidInput
from tenants.models import ExclusionRule, JournalEntry, ServicePrincipal, Situation, Subscription, Tenant
from tests import factories
from tests.concurrency import run_concurrently
from tests.factories import BY, in_tenant

pytestmark = pytest.mark.django_db

SANDBOXES = ("mg-sandbox", "Sandboxes")
ROOT = ("root", "Tenant Root Group")


def line(
    name: str,
    *groups: tuple[str, str],
    identifier: str = "",
    tags: Mapping[str, str] | None = None,
    home: str = "",
) -> DiscoveredSubscription:
    return DiscoveredSubscription(
        identifier or str(uuid4()),
        name,
        "Enabled",
        home_directory_id=home,
        tags=tags or {},
        management_groups=groups,
    )


def sync(principal: ServicePrincipal, *lines: DiscoveredSubscription) -> None:
    with in_tenant(principal.tenant):
        sync_subscriptions(by=BY, service_principal=principal, discovered=lines)


def add(tenant: Tenant, name: str = "Sandboxes", **given: Any) -> ExclusionRule:
    with in_tenant(tenant):
        return add_exclusion_rule(by=BY, tenant=tenant, name=name, **{"reason": "Experiments", **given})


def assessed(tenant: Tenant) -> set[str]:
    with in_tenant(tenant):
        return {row.display_name for row in selectors.subscriptions(tenant, to_assess=True)}


def ruled(tenant: Tenant) -> dict[str, str]:
    """Return {name of a subscription that a rule excludes: name of the rule}."""
    with in_tenant(tenant):
        rows = Subscription.objects.filter(exclusion_rule__isnull=False)
        return dict(rows.values_list("display_name", "exclusion_rule__name"))


def applied(tenant: Tenant) -> list[dict[str, Any]]:
    with in_tenant(tenant):
        rows = JournalEntry.objects.filter(action="exclusion_rules.applied").order_by("sequence")
        return [row.details for row in rows]


def test_a_rule_also_holds_for_subscriptions_that_appear_move_or_get_the_tag_later() -> None:
    principal = factories.service_principal()
    tenant = principal.tenant
    production, box = line("Production", ROOT), line("Box", ROOT, SANDBOXES)
    sync(principal, production, box)
    add(tenant, management_group="MG-Sandbox")  # Azure ignores the case of a group's id.
    add(tenant, "Tests", tag="Environment=test")
    assert ruled(tenant) == {"Box": "Sandboxes"}
    later, tagged = line("Later", SANDBOXES, ROOT), line("Tagged", tags={"environment": "test"})
    other = line("Other value", tags={"environment": "Test"})
    sync(principal, production, box, later, tagged, other)
    assert ruled(tenant) == {"Box": "Sandboxes", "Later": "Sandboxes", "Tagged": "Tests"}
    assert assessed(tenant) == {"Production", "Other value"}
    before = len(applied(tenant))
    sync(principal, production, box, later, tagged, other)
    assert len(applied(tenant)) == before
    # One subscription leaves the group, and another one moves below it.
    moved = line("Production", SANDBOXES, identifier=production.subscription_id)
    left = line("Box", ROOT, identifier=box.subscription_id)
    sync(principal, moved, left, later, tagged, other)
    assert assessed(tenant) == {"Box", "Other value"}
    assert applied(tenant)[-1] == {
        "excluded": {"Sandboxes": [production.subscription_id]},
        "included": [box.subscription_id],
    }
    with in_tenant(tenant):
        assert journal.verify(tenant) == []


def test_a_rule_with_both_conditions_needs_both() -> None:
    principal = factories.service_principal()
    tags = {"environment": "test"}
    sync(principal, line("Both", SANDBOXES, tags=tags), line("Group", SANDBOXES), line("Tag", tags=tags))
    add(principal.tenant, management_group="mg-sandbox", tag="environment=test")
    assert ruled(principal.tenant) == {"Both": "Sandboxes"}


def test_the_oldest_of_two_rules_is_named_and_the_other_one_takes_over() -> None:
    principal = factories.service_principal()
    tenant = principal.tenant
    sync(principal, line("Box", SANDBOXES, tags={"environment": "test"}), line("Group", SANDBOXES))
    first = add(tenant, management_group="mg-sandbox")
    add(tenant, "Tests", tag="environment=test")
    assert ruled(tenant) == {"Box": "Sandboxes", "Group": "Sandboxes"}
    with in_tenant(tenant):
        remove_exclusion_rule(by=BY, rule=first)
        group = Subscription.objects.get(display_name="Group").subscription_id
    assert ruled(tenant) == {"Box": "Tests"}
    assert assessed(tenant) == {"Group"}
    assert applied(tenant)[-1] == {"included": [group]}


def test_subscriptions_of_an_ended_rule_are_included_once_unless_another_rule_matches() -> None:
    principal = factories.service_principal()
    tenant = principal.tenant
    lines = line("Box", SANDBOXES), line("Both", SANDBOXES, tags={"environment": "test"})
    sync(principal, *lines)
    end = timezone.now() + timedelta(days=3)
    add(tenant, management_group="mg-sandbox", until=end)
    add(tenant, "Tests", tag="environment=test")
    with in_tenant(tenant):
        assert not has_ended_rules(tenant, end - timedelta(seconds=1))
        assert include_after_rules(by=BY, tenant=tenant, now=end - timedelta(seconds=1)) == []
        after = end + timedelta(seconds=1)
        assert has_ended_rules(tenant, after)
        found = include_after_rules(by=BY, tenant=tenant, now=after)
        assert [(row.display_name, rule.name) for row, rule in found] == [("Box", "Sandboxes")]
        assert not has_ended_rules(tenant, after)
        assert include_after_rules(by=BY, tenant=tenant, now=after) == []
    assert ruled(tenant) == {"Both": "Tests"}


def test_a_listing_after_the_end_leaves_the_inclusion_to_the_task_that_notifies() -> None:
    principal = factories.service_principal()
    tenant = principal.tenant
    box = line("Box", SANDBOXES)
    sync(principal, box)
    rule = add(tenant, management_group="mg-sandbox", until=timezone.now() + timedelta(days=3))
    with in_tenant(tenant):
        ExclusionRule.objects.filter(pk=rule.pk).update(until=timezone.now() - timedelta(minutes=1))
    sync(principal, box, line("New", SANDBOXES))
    assert ruled(tenant) == {"Box": "Sandboxes"}
    assert assessed(tenant) == {"New"}
    with in_tenant(tenant):
        assert len(include_after_rules(by=BY, tenant=tenant)) == 1


def test_a_single_exclusion_stays_when_the_rule_is_removed() -> None:
    principal = factories.service_principal()
    tenant = principal.tenant
    sync(principal, line("Box", SANDBOXES))
    with in_tenant(tenant):
        box = Subscription.objects.get()
        include_subscription(by=BY, subscription=box, included=False, reason="Migration")
    rule = add(tenant, management_group="mg-sandbox")
    with in_tenant(tenant):
        remove_exclusion_rule(by=BY, rule=rule)
        box = Subscription.objects.select_related("directory").get()
        assert (box.included, box.exclusion_reason, box.situation) == (False, "Migration", Situation.EXCLUDED)
    rule = add(tenant, management_group="mg-sandbox")
    with in_tenant(tenant):
        include_subscription(by=BY, subscription=box, included=True)
    assert assessed(tenant) == set()
    with in_tenant(tenant):
        remove_exclusion_rule(by=BY, rule=rule)
    assert assessed(tenant) == {"Box"}


def test_subscriptions_of_other_directories_get_no_rule_and_are_not_named() -> None:
    principal = factories.service_principal()
    foreign = line("Foreign", SANDBOXES, home=str(uuid4()))
    sync(principal, foreign)
    add(principal.tenant, management_group="mg-sandbox")
    assert ruled(principal.tenant) == {}
    assert applied(principal.tenant) == []


def test_a_changed_rule_applies_at_once_unless_somebody_else_changed_it() -> None:
    principal = factories.service_principal()
    tenant = principal.tenant
    sync(principal, line("Box", SANDBOXES), line("Tagged", tags={"environment": "test"}))
    rule = add(tenant, management_group="mg-sandbox")
    seen = rule_part(rule)
    wanted = {"name": "Tests", "reason": "Tested elsewhere", "tag": "environment=test"}
    with in_tenant(tenant):
        change_exclusion_rule(by=BY, rule=rule, expected=seen, **wanted)
        assert JournalEntry.objects.filter(action="exclusion_rule.changed").count() == 1
        change_exclusion_rule(by=BY, rule=rule, expected=seen, **wanted)  # Repeating it writes no entry.
        assert JournalEntry.objects.filter(action="exclusion_rule.changed").count() == 1
        with pytest.raises(Conflict) as raised:
            change_exclusion_rule(by=BY, rule=rule, expected=seen, **{**wanted, "name": "Other"})
        assert raised.value.code == "changed_meanwhile"
        with pytest.raises(Conflict):
            remove_exclusion_rule(by=BY, rule=rule, expected=seen)
    assert ruled(tenant) == {"Tagged": "Tests"}
    with in_tenant(tenant):
        remove_exclusion_rule(by=BY, rule=rule)
        with pytest.raises(Conflict) as raised:
            change_exclusion_rule(by=BY, rule=rule, **wanted)
        assert raised.value.code == "removed_meanwhile"


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({}, "management_group"),
        ({"management_group": "g" * 91}, "management_group"),
        ({"tag": "environment"}, "tag"),
        ({"tag": "=test"}, "tag"),
        ({"tag": "a=b", "reason": " "}, "reason"),
        ({"tag": "a=b", "reason": "\u202e\x00"}, "reason"),
        ({"tag": "a=b", "name": ""}, "name"),
        ({"tag": "a=b", "name": "SANDBOXES"}, "name"),
        ({"tag": "a=b", "until": timezone.now() - timedelta(days=1)}, "until"),
    ],
    ids=[
        "no condition",
        "long group",
        "no value",
        "no tag name",
        "no reason",
        "invisible reason",
        "no name",
        "same name",
        "past",
    ],
)
def test_an_invalid_rule_is_refused_and_not_saved(given: dict[str, Any], field: str) -> None:
    tenant = factories.tenant()
    add(tenant, tag="first=rule")
    with pytest.raises(InvalidInput) as raised:
        add(tenant, **{"name": "Second", **given})
    assert list(raised.value.fields) == [field]
    with in_tenant(tenant):
        assert ExclusionRule.objects.count() == 1


def test_a_customer_has_at_most_fifty_rules() -> None:
    tenant = factories.tenant()
    with in_tenant(tenant):
        ExclusionRule.objects.bulk_create(
            ExclusionRule(tenant=tenant, name=f"Rule {number}", reason="Reason", tag="a=b")
            for number in range(MAX_RULES)
        )
    with pytest.raises(Conflict, match="maximum"):
        add(tenant, tag="a=b")


def test_the_database_refuses_the_rule_of_another_customer() -> None:
    first, second = factories.service_principal(), factories.service_principal()
    sync(first, line("Box"))
    foreign = add(second.tenant, tag="a=b")
    with pytest.raises(IntegrityError, match="exclusion_rule_id_tenant"), in_tenant(first.tenant):
        refer(foreign)


def refer(rule: ExclusionRule) -> None:
    """Let all subscriptions in scope refer to the rule."""
    Subscription.objects.update(exclusion_rule=rule)
    connection.check_constraints()


@pytest.mark.slow(seconds=1)
@pytest.mark.django_db(transaction=True)
def test_a_listing_and_a_new_rule_at_the_same_time_miss_no_subscription() -> None:
    principal = factories.service_principal()
    tenant = principal.tenant
    for number in range(4):
        lines: Sequence[DiscoveredSubscription] = [line(f"Box {number} {n}", SANDBOXES) for n in range(3)]
        with in_tenant(tenant):
            for rule in ExclusionRule.objects.all():
                remove_exclusion_rule(by=BY, rule=rule)
        run_concurrently(
            partial(sync, principal, *lines),
            lambda: add(tenant, management_group="mg-sandbox"),
        )
        assert assessed(tenant) == set()
        assert len(ruled(tenant)) == 3 * (number + 1)


@pytest.mark.parametrize("name", ["a\x1b]0;pwn\x07", "a\u202eb", "two\nlines"])
def test_names_are_one_line_without_control_characters(name: str) -> None:
    tenant = factories.tenant(factories.organization(), "Named")
    with pytest.raises(InvalidInput, match="line break or an invisible control character"):
        add(tenant, name=name, tag="environment=sandbox")
