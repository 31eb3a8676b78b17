"""Determine which subscriptions the exclusion rules of a customer exclude.

`Subscription.exclusion_rule` stores the result, so that queries can use it. The result is updated when a sign-in lists
the subscriptions, and when a rule is added, changed, removed or ends.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime

from django.utils import timezone

from tenants import journal
from tenants.actors import Actor
from tenants.models import ExclusionRule, Subscription, Tenant


def is_below(row: Subscription, group: str) -> bool:
    """Return whether a management group with this name is above the subscription. Azure ignores the case of names."""
    return any(name.casefold() == group.casefold() for name, _ in row.management_groups)


def has_tag(row: Subscription, tag: str) -> bool:
    """Return whether the subscription has the tag `name=value`. Azure ignores the case of tag names, but not the case
    of values.
    """
    return _folded(tag) in (f"{name.casefold()}={value}" for name, value in row.tags.items())


def _folded(tag: str) -> str:
    name, _, value = tag.partition("=")
    return f"{name.casefold()}={value}"


def matches(rule: ExclusionRule, row: Subscription) -> bool:
    """Return whether the subscription meets the conditions of the rule. Do not check whether the rule has ended.

    No rule applies to subscriptions of other directories, which may belong to another customer. `row.directory` must be
    loaded.
    """
    if row.is_foreign or not (rule.management_group or rule.tag):
        return False
    below = not rule.management_group or is_below(row, rule.management_group)
    return below and (not rule.tag or has_tag(row, rule.tag))


def rules_of(tenant: Tenant) -> list[ExclusionRule]:
    """Return the rules in the order in which they apply, oldest first."""
    return list(ExclusionRule.objects.filter(tenant=tenant).order_by("created_at", "pk"))


def has_ended(rule: ExclusionRule, now: datetime) -> bool:
    return rule.until is not None and rule.until <= now


def assign_rules(
    *,
    by: Actor,
    tenant: Tenant,
    now: datetime | None = None,
    end: bool = False,
    excluded_before: Collection[str] = (),
) -> list[tuple[Subscription, ExclusionRule]]:
    """Store for each subscription of the tenant the first rule that excludes it, and write one journal entry for all
    subscriptions.

    The caller must have called `lock_subscriptions`. If `end` is False, subscriptions stay excluded after their rule
    has ended, and the returned list is empty. If `end` is True, such a subscription is included unless another rule
    excludes it. The included subscriptions are returned with the ended rule, so that people can be notified.

    `Subscription.rule_unannounced_since` marks a new exclusion, so that people are notified of it. `excluded_before`
    are the ids of the subscriptions that a rule excluded until the rule was removed. If another rule now excludes
    one of these subscriptions, this is not a new exclusion.
    """
    now = now or timezone.now()
    rules = rules_of(tenant)
    if not rules:
        # If the customer has no rule, no subscription refers to a rule, because the removal of a rule clears the
        # references to the rule.
        return []
    known = {rule.pk: rule for rule in rules}
    active = [rule for rule in rules if not has_ended(rule, now)]
    excluded: dict[str, list[str]] = {}
    included: list[str] = []
    changed: list[Subscription] = []
    ended: list[tuple[Subscription, ExclusionRule]] = []
    rows = Subscription.objects.filter(tenant=tenant).select_related("directory").order_by("pk")
    for row in rows:
        present = known.get(row.exclusion_rule_id) if row.exclusion_rule_id else None
        found = _first(active, row)
        if found is None and not end and present is not None and has_ended(present, now):
            found = present if matches(present, row) else None
        if found == present:
            continue
        if found is not None:
            excluded.setdefault(found.name, []).append(row.subscription_id)
            if present is None and row.included and row.subscription_id not in excluded_before:
                row.rule_unannounced_since = now
        else:
            included.append(row.subscription_id)
            row.rule_unannounced_since = None
            if present is not None and has_ended(present, now) and matches(present, row):
                ended.append((row, present))
        row.exclusion_rule = found
        changed.append(row)
    Subscription.objects.bulk_update(changed, ["exclusion_rule", "rule_unannounced_since"], batch_size=500)
    record_applied(by=by, tenant=tenant, excluded=excluded, included=included)
    return ended


def record_applied(
    *, by: Actor, tenant: Tenant, excluded: dict[str, list[str]], included: Sequence[str]
) -> None:
    """Record in the journal which subscriptions the rules now exclude, and which ones they no longer exclude. If
    nothing has changed, record nothing.

    `excluded` is {name of a rule: ids of the subscriptions that the rule now excludes}. `included` are the ids of
    the subscriptions that no rule excludes any more.
    """
    if not excluded and not included:
        return
    details: dict[str, object] = {
        **({"excluded": {name: sorted(ids) for name, ids in excluded.items()}} if excluded else {}),
        **({"included": sorted(included)} if included else {}),
    }
    journal.record(tenant=tenant, actor=by, action="exclusion_rules.applied", target=tenant, details=details)


def _first(rules: Iterable[ExclusionRule], row: Subscription) -> ExclusionRule | None:
    return next((rule for rule in rules if matches(rule, row)), None)
