"""Add, change and remove rules that exclude a customer's subscriptions by management group or tag. When the end of a
rule has passed, include the subscriptions again that the rule excluded.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Final

from django.db import transaction
from django.utils import timezone

from tenants import journal
from tenants.actions.subscriptions import MAX_REASON_LENGTH, lock_subscriptions
from tenants.actors import Actor
from tenants.azure.exclusion_rules import assign_rules, record_applied
from tenants.errors import Conflict, invalid
from tenants.models import ExclusionRule, Subscription, Tenant
from tenants.values.names import clean_name
from tenants.values.stale_values import REMOVED, Part, check_unchanged
from tenants.values.visible_text import is_blank

MAX_RULES: Final = 50
MAX_NAME: Final = 120
MAX_GROUP: Final = 90
MAX_TAG: Final = 769


@transaction.atomic
def add_exclusion_rule(
    *,
    by: Actor,
    tenant: Tenant,
    name: str,
    reason: str,
    management_group: str = "",
    tag: str = "",
    until: datetime | None = None,
) -> ExclusionRule:
    """Add a rule and exclude the subscriptions that the rule matches.

    Raise InvalidInput with the field if a value is invalid, and Conflict if there are too many rules.
    """
    tenant = _locked(tenant)
    rule = check_rule(
        ExclusionRule(tenant=tenant),
        name=name,
        reason=reason,
        management_group=management_group,
        tag=tag,
        until=until,
    )
    if ExclusionRule.objects.filter(tenant=tenant).count() >= MAX_RULES:
        raise Conflict(
            f"This customer has {MAX_RULES} exclusion rules, which is the maximum. Remove a rule first."
        )
    rule.save(force_insert=True)
    _journal(rule, by, "exclusion_rule.added", _details(rule))
    assign_rules(by=by, tenant=tenant)
    return rule


@transaction.atomic
def change_exclusion_rule(
    *,
    by: Actor,
    rule: ExclusionRule,
    name: str,
    reason: str,
    management_group: str = "",
    tag: str = "",
    until: datetime | None = None,
    expected: Part | None = None,
) -> ExclusionRule:
    """Change a rule. Exclude the subscriptions that the rule now matches. Include the subscriptions that no rule
    matches any more, unless a person's choice excludes them.

    `expected` are the values that the person saw (`rule_part`). Raise InvalidInput with the field if a value is
    invalid. Raise Conflict (changed_meanwhile, removed_meanwhile) if somebody has changed or removed the rule in the
    meantime.
    """
    tenant = _locked(rule.tenant)
    rule = _current(rule)
    before, seen = _details(rule), rule_part(rule)
    check_rule(rule, name=name, reason=reason, management_group=management_group, tag=tag, until=until)
    check_unchanged(expected, seen, rule_part(rule))
    after = _details(rule)
    if after != before:
        rule.save()
        _journal(rule, by, "exclusion_rule.changed", {"before": before, "after": after})
        assign_rules(by=by, tenant=tenant)
    return rule


@transaction.atomic
def remove_exclusion_rule(*, by: Actor, rule: ExclusionRule, expected: Part | None = None) -> None:
    """Remove a rule. Include the subscriptions that the rule has excluded, unless another rule or a person's choice
    excludes them.

    `expected` are the values that the person saw (`rule_part`). Raise Conflict (changed_meanwhile, removed_meanwhile)
    if somebody has changed or removed the rule in the meantime.
    """
    tenant = _locked(rule.tenant)
    rule = _current(rule)
    check_unchanged(expected, rule_part(rule), {})
    _journal(rule, by, "exclusion_rule.removed", _details(rule))
    rows = Subscription.objects.filter(tenant=tenant, exclusion_rule=rule)
    freed = set(rows.values_list("subscription_id", flat=True))
    rows.update(exclusion_rule=None)
    rule.delete()
    assign_rules(by=by, tenant=tenant, excluded_before=freed)
    Subscription.objects.filter(tenant=tenant, exclusion_rule=None).update(rule_unannounced_since=None)
    still = Subscription.objects.filter(
        tenant=tenant, subscription_id__in=freed, exclusion_rule__isnull=False
    )
    freed -= set(still.values_list("subscription_id", flat=True))
    record_applied(by=by, tenant=tenant, excluded={}, included=sorted(freed))


def has_ended_rules(tenant: Tenant, now: datetime | None = None) -> bool:
    """Return whether a subscription of the tenant is still excluded by a rule that has ended. Call this function in the
    tenant's scope (`tenants.scope`).

    Return False for an archived customer, because the subscriptions of its ended rules are included again only after
    the customer is restored.
    """
    rows = Subscription.objects.filter(tenant=tenant, exclusion_rule__until__lte=now or timezone.now())
    return not tenant.is_archived and rows.exists()


@transaction.atomic
def include_after_rules(
    *, by: Actor, tenant: Tenant, now: datetime | None = None
) -> list[tuple[Subscription, ExclusionRule]]:
    """Include the subscriptions whose exclusion rule has ended, unless another rule matches them.

    Return (subscription, its ended rule) for each included subscription.
    """
    tenant = _locked(tenant)
    return assign_rules(by=by, tenant=tenant, now=now, end=True) if has_ended_rules(tenant, now) else []


def check_rule(
    rule: ExclusionRule, *, name: str, reason: str, management_group: str, tag: str, until: datetime | None
) -> ExclusionRule:
    """Set the values of a rule and check them, before the rule is saved or previewed.

    Raise InvalidInput with the field if a value is invalid.
    """
    before = rule.until
    rule.name = _line(
        "name", clean_name(name, missing="Enter a name for the rule.", present=rule.name), MAX_NAME
    )
    rule.reason = _line(
        "reason", reason, MAX_REASON_LENGTH, "Enter why these subscriptions are not assessed."
    )
    check_conditions(rule, management_group=management_group, tag=tag)
    if until is not None and until != before and until <= timezone.now():
        raise invalid("until", "Enter an end that is in the future, or leave the end empty.", code="end_past")
    rule.until = until
    others = ExclusionRule.objects.filter(tenant=rule.tenant_id, name__iexact=rule.name).exclude(pk=rule.pk)
    if others.exists():
        raise invalid("name", f"There is already an exclusion rule “{rule.name}”. Choose another name.")
    return rule


def check_conditions(rule: ExclusionRule, *, management_group: str, tag: str) -> ExclusionRule:
    """Set the conditions of a rule and check them. Raise InvalidInput with the field if a condition is invalid."""
    rule.management_group = _line("management_group", management_group, MAX_GROUP)
    rule.tag = _line("tag", tag, MAX_TAG)
    if not (rule.management_group or rule.tag):
        raise invalid("management_group", "Choose a management group, a tag or both.")
    if rule.tag and not rule.tag.partition("=")[0].strip():
        raise invalid("tag", "Enter the tag in the form name=value, such as environment=sandbox.")
    if rule.tag and "=" not in rule.tag:
        raise invalid("tag", f"Enter the tag in the form name=value, such as {rule.tag[:40]}=sandbox.")
    return rule


def rule_part(rule: ExclusionRule) -> Part:
    """Return the values of a rule as JSON, for `tenants.values.stale_values`, which refuses a change if the stored
    values are no longer those that the person saw.
    """
    return {
        "name": rule.name,
        "reason": rule.reason,
        "management_group": rule.management_group,
        "tag": rule.tag,
        "until": rule.until.astimezone(UTC).isoformat() if rule.until else "",
    }


def _locked(tenant: Tenant) -> Tenant:
    """Lock the tenant, then its subscriptions, so that only one change of rules runs at a time."""
    found = Tenant.objects.select_for_update(no_key=True).get(pk=tenant.pk)
    lock_subscriptions([found.pk])
    return found


def _current(rule: ExclusionRule) -> ExclusionRule:
    row = ExclusionRule.objects.select_related("tenant").filter(pk=rule.pk).first()
    if row is None:
        raise Conflict("Somebody else has removed this rule. Open the list of exclusion rules.", code=REMOVED)
    return row


def _line(field: str, text: str, longest: int, missing: str = "") -> str:
    cleaned = " ".join(text.replace("\x00", "\ufffd").split())
    if missing and is_blank(cleaned):
        raise invalid(field, missing)
    if len(cleaned) > longest:
        raise invalid(field, f"Enter at most {longest} characters; this text has {len(cleaned)}.")
    return cleaned


def _details(rule: ExclusionRule) -> dict[str, Any]:
    """Return the values of a rule that are not empty, for the journal."""
    return {key: value for key, value in rule_part(rule).items() if value}


def _journal(rule: ExclusionRule, by: Actor, action: str, details: dict[str, Any]) -> None:
    journal.record(tenant=rule.tenant, actor=by, action=action, target=rule, details=details)
