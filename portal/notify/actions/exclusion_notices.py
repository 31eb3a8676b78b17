"""Include subscriptions again when their exclusion ends, and notify the people who administer the customer.

People are also notified of rules that have begun to exclude subscriptions.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence, Sized
from datetime import datetime
from typing import Final
from uuid import UUID

from assessments.models import Finding
from portal import links
from portal.notify.publish import Event, publish
from tenants.actions.exclusion_rules import include_after_rules
from tenants.actions.subscriptions import include_after_exclusion, lock_subscriptions
from tenants.actors import System
from tenants.models import ExclusionRule, Subscription, Tenant
from tenants.roles import Capability, roles_with
from tenants.scope import tenant_scope
from tenants.selectors import people_with_role

EXCLUSIONS: Final = System("exclusions")
_ADMINISTRATORS: Final = roles_with(Capability.ADMINISTER)
_NAMED: Final = 10
"""The maximum number of subscriptions that an event about a rule names. The event states the number of the others."""


def end_exclusions(*, tenant_id: UUID) -> int:
    """Include the subscriptions whose exclusion or exclusion rule has ended, and publish events in the same
    transaction. Return the number of these subscriptions.

    Publish one event for each subscription that a person had excluded, and one for each rule. If a person and a rule
    exclude the same subscription, and only the person's exclusion ends, the event says that the rule still applies.
    """
    with tenant_scope(tenant_id):
        tenant = Tenant.objects.get(pk=tenant_id)
        by_rule = include_after_rules(by=EXCLUSIONS, tenant=tenant)
        included = include_after_exclusion(by=EXCLUSIONS, tenant=tenant)
        people = list(people_with_role(tenant, _ADMINISTRATORS)) if included or by_rule else []
        for event in (
            *_events_of_ended_rules(tenant, by_rule),
            *_events_of_ended_exclusions(tenant, included),
        ):
            publish(tenant=tenant, event=event, subscribers=people)
        return len(included) + len(by_rule)


def has_new_exclusions(tenant: Tenant) -> bool:
    """Return whether people must be notified that a rule has begun to exclude a subscription. Needs the tenant's scope.

    Return False for an archived customer, because people are notified only after the customer is restored.
    """
    rows = Subscription.objects.filter(tenant=tenant, rule_unannounced_since__isnull=False)
    return not tenant.is_archived and rows.exists()


def announce_exclusions(*, tenant_id: UUID) -> int:
    """Publish one event for each rule that has begun to exclude subscriptions which were assessed before.

    Without these events, anyone who can change tags or management groups in Azure could exclude a subscription without
    anybody noticing. Return the number of new notices and posts.
    """
    with tenant_scope(tenant_id):
        tenant = Tenant.objects.get(pk=tenant_id)
        if tenant.is_archived:
            return 0
        lock_subscriptions([tenant.pk])
        rows = Subscription.objects.filter(tenant=tenant, rule_unannounced_since__isnull=False)
        rows = rows.select_related("exclusion_rule").order_by("display_name", "pk")
        waiting = [row for row in rows if row.exclusion_rule is not None and row.included]
        units = {f"/subscriptions/{row.subscription_id}" for row in waiting}
        assessed = set(
            Finding.objects.filter(tenant=tenant, unit__in=units).values_list("unit", flat=True).distinct()
        )
        hidden = [row for row in waiting if f"/subscriptions/{row.subscription_id}" in assessed]
        people = list(people_with_role(tenant, _ADMINISTRATORS)) if hidden else []
        new = sum(
            publish(tenant=tenant, event=event, subscribers=people)
            for event in _events_of_begun_rules(tenant, hidden)
        )
        rows.update(rule_unannounced_since=None)
        return new


def _events_of_begun_rules(tenant: Tenant, hidden: Iterable[Subscription]) -> Iterator[Event]:
    """Yield one event for each rule that excludes some of these subscriptions."""
    by_rule: dict[UUID, list[Subscription]] = {}
    for row in hidden:
        assert row.exclusion_rule_id is not None
        by_rule.setdefault(row.exclusion_rule_id, []).append(row)
    for rows in by_rule.values():
        rule = rows[0].exclusion_rule
        since = max(row.rule_unannounced_since for row in rows if row.rule_unannounced_since is not None)
        assert rule is not None
        one = len(rows) == 1
        conditions = [
            *([f"management group {rule.management_group}"] if rule.management_group else []),
            *([f"tag {rule.tag}"] if rule.tag else []),
        ]
        yield Event(
            kind="exclusion_begun",
            key=f"exclusion-begun:{rule.pk}:{since.isoformat()}",
            title=(
                f"The exclusion rule “{rule}” now excludes {_number(rows)} that {'was' if one else 'were'}"
                " assessed before"
            ),
            lines=(
                f"No longer assessed: {_names(rows)}.",
                f"Condition of the rule: {' and '.join(conditions)}. Reason for the exclusion: {rule.reason}",
                "If this is not intended, change the rule, or change tags and management groups in Azure.",
            ),
            path=links.exclusion_rules(tenant.slug),
            data={
                "rule": rule.name,
                "subscription_ids": sorted(row.subscription_id for row in rows),
            },
        )


def _number(rows: Sized) -> str:
    return f"{len(rows)} subscription{'' if len(rows) == 1 else 's'}"


def _names(rows: Sequence[Subscription]) -> str:
    """Return the names of the first subscriptions, and the number of further subscriptions."""
    names = ", ".join(str(row) for row in rows[:_NAMED])
    return names + (f" and {len(rows) - _NAMED} more" if len(rows) > _NAMED else "")


def _events_of_ended_exclusions(
    tenant: Tenant, included: Iterable[tuple[Subscription, datetime, str]]
) -> Iterator[Event]:
    """Yield one event for each exclusion by a person that has ended."""
    for row, until, reason in included:
        # If a rule excludes the subscription too, the subscription stays excluded.
        if (rule := row.exclusion_rule) is not None:
            title = (
                f"The exclusion of “{row}” has ended, but the rule “{rule}” still excludes this subscription"
            )
            lines = [
                f"Reason for the rule: {rule.reason}",
                "To assess the subscription, change or remove the rule.",
            ]
        else:
            title = f"The subscription “{row}” is assessed again"
            lines = [
                "The next assessment covers the subscription. To exclude the subscription longer, choose a new end."
            ]
        yield Event(
            kind="exclusion_ended",
            key=f"exclusion:{row.pk}:{until.isoformat()}",
            title=title,
            lines=(
                f"Its exclusion ended on {until:%Y-%m-%d %H:%M} UTC.",
                *((f"Reason for the exclusion: {reason}",) if reason else ()),
                *lines,
            ),
            path=links.exclusion_rules(tenant.slug) if rule else links.subscriptions(tenant.slug),
            data={"subscription_id": row.subscription_id, "excluded_until": until.isoformat()},
        )


def _events_of_ended_rules(
    tenant: Tenant, included: Iterable[tuple[Subscription, ExclusionRule]]
) -> Iterator[Event]:
    """Yield one event for each ended rule whose end includes subscriptions again. The event is about these
    subscriptions, not about subscriptions that stay excluded because a person has excluded them.
    """
    ended: dict[UUID, tuple[ExclusionRule, list[Subscription]]] = {}
    for row, rule in included:
        rows = ended.setdefault(rule.pk, (rule, []))[1]
        if row.included:
            rows.append(row)
    for rule, rows in ended.values():
        if not rows:
            continue
        assert rule.until is not None
        yield Event(
            kind="exclusion_ended",
            key=f"exclusion-rule:{rule.pk}:{rule.until.isoformat()}",
            title=f"The exclusion rule “{rule}” has ended for {_number(rows)}",
            lines=(
                f"The rule ended on {rule.until:%Y-%m-%d %H:%M} UTC. Reason for the exclusion: {rule.reason}",
                f"The next assessment covers {_names(rows)}.",
                "To exclude the subscriptions longer, choose a new last day of the rule.",
            ),
            path=links.exclusion_rules(tenant.slug),
            data={
                "rule": rule.name,
                "subscription_ids": sorted(row.subscription_id for row in rows),
                "excluded_until": rule.until.isoformat(),
            },
        )
