"""Include subscriptions whose exclusion has ended, and notify the people who administer the customer."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Final
from uuid import UUID

from portal import links
from portal.notify.publish import Event, publish
from tenants.actions.exclusion_rules import include_after_rules
from tenants.actions.subscriptions import include_after_exclusion
from tenants.actors import System
from tenants.models import ExclusionRule, Subscription, Tenant
from tenants.roles import CAPABILITIES, Capability, Role
from tenants.scope import tenant_scope
from tenants.selectors import people_with_role

EXCLUSIONS: Final = System("exclusions")
_ROLES: Final = tuple(role for role in Role if Capability.ADMINISTER in CAPABILITIES[role])
_NAMED: Final = 10
"""The notice of an ended rule names this many subscriptions, and counts the others."""


def end_exclusions(*, tenant_id: UUID) -> int:
    """Include the subscriptions whose exclusion or exclusion rule has ended, and publish the notices in the same
    transaction: one for each subscription that a person excluded, and one for each rule.

    Return the number of subscriptions.
    """
    with tenant_scope(tenant_id):
        tenant = Tenant.objects.get(pk=tenant_id)
        by_rule = include_after_rules(by=EXCLUSIONS, tenant=tenant)
        included = include_after_exclusion(by=EXCLUSIONS, tenant=tenant)
        people = list(people_with_role(tenant, _ROLES)) if included or by_rule else []
        for event in (*_of_rules(tenant, by_rule), *_of_subscriptions(tenant, included)):
            publish(tenant=tenant, event=event, subscribers=people)
        return len(included) + len(by_rule)


def _of_subscriptions(
    tenant: Tenant, included: Iterable[tuple[Subscription, datetime, str]]
) -> Iterator[Event]:
    for row, until, reason in included:
        yield Event(
            kind="exclusion_ended",
            key=f"exclusion:{row.pk}:{until.isoformat()}",
            title=f"The subscription “{row}” is assessed again",
            lines=(
                f"Its exclusion ended on {until:%Y-%m-%d %H:%M} UTC.",
                *((f"Reason of the exclusion: {reason}",) if reason else ()),
                "The next assessment covers it. To exclude it longer, choose a new end.",
            ),
            path=links.subscriptions(tenant.slug),
            data={"subscription_id": row.subscription_id, "excluded_until": until.isoformat()},
        )


def _of_rules(tenant: Tenant, included: Iterable[tuple[Subscription, ExclusionRule]]) -> Iterator[Event]:
    """Yield one event for each rule that has ended. Subscriptions that a person also excluded stay excluded."""
    ended: dict[UUID, tuple[ExclusionRule, list[Subscription]]] = {}
    for row, rule in included:
        rows = ended.setdefault(rule.pk, (rule, []))[1]
        if row.included:
            rows.append(row)
    for rule, rows in ended.values():
        if not rows:
            continue
        assert rule.until is not None
        names = ", ".join(str(row) for row in rows[:_NAMED])
        more = f" and {len(rows) - _NAMED} more" if len(rows) > _NAMED else ""
        number = f"{len(rows)} subscription{'' if len(rows) == 1 else 's'}"
        yield Event(
            kind="exclusion_ended",
            key=f"exclusion-rule:{rule.pk}:{rule.until.isoformat()}",
            title=f"The exclusion rule “{rule}” has ended for {number}",
            lines=(
                f"The rule ended on {rule.until:%Y-%m-%d %H:%M} UTC. Reason for the exclusion: {rule.reason}",
                f"The next assessment covers {names}{more}.",
                "To exclude them longer, choose a new last day of the rule.",
            ),
            path=links.exclusion_rules(tenant.slug),
            data={
                "rule": rule.name,
                "subscription_ids": sorted(row.subscription_id for row in rows),
                "excluded_until": rule.until.isoformat(),
            },
        )
