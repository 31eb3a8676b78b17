"""Owner rules: an ordered list that assigns owners to findings without a manually assigned owner."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from assessments.models import Finding
from portal.treatment import timeline
from portal.treatment.actions._text import clean_title, display_name, names_by_id, owner_name
from portal.treatment.actions._treatment_rows import OWNER_FIELDS, owner_before, upsert_treatments
from portal.treatment.actions.owners.assign import notify_assigned, require_eligible
from portal.treatment.conditions import check_conditions, clean_condition
from portal.treatment.locks import lock_treatments
from portal.treatment.matching import FIELDS, describe_rule
from portal.treatment.models import OwnerRule, Treatment, TreatmentEvent
from portal.treatment.naming import count_of_findings
from portal.treatment.selectors.owners import (
    ASSIGNABLE_BY_RULE,
    effective_rules,
    first_match,
    rule_part,
)
from tenants import journal
from tenants.actors import Actor
from tenants.errors import Conflict, invalid
from tenants.models import Directory, Person, Subscription, Tenant
from tenants.values.stale_values import REMOVED, Part, check_unchanged

MAX_RULES: Final = 200
MAX_NAME: Final = 120


@transaction.atomic
def create_rule(
    *, tenant: Tenant, by: Actor, name: str, owner: Person, enabled: bool = True, **conditions: str
) -> OwnerRule:
    """Add a rule at the end of the list. `conditions` are columns of `Matching`. A rule without conditions matches
    every finding.

    Raises InvalidInput with the field if a value is invalid. The rule has no effect until `apply_rules` runs.
    """
    lock_treatments(tenant.pk)
    rule = check_rule(OwnerRule(tenant=tenant), name=name, owner=owner, enabled=enabled, **conditions)
    present = OwnerRule.objects.filter(tenant=tenant)
    if present.count() >= MAX_RULES:
        raise Conflict(
            f"This customer has {MAX_RULES} owner rules, which is the maximum. Combine several rules into one rule"
            " that uses patterns."
        )
    rule.position = (present.aggregate(last=Max("position"))["last"] or 0) + 1
    rule.created_by = by if isinstance(by, Person) else None
    rule.save(force_insert=True)
    _journal(rule, by, "owner_rule.created", _description(rule))
    return rule


@transaction.atomic
def change_rule(
    *,
    rule: OwnerRule,
    by: Actor,
    name: str | None = None,
    owner: Person | None = None,
    enabled: bool | None = None,
    expected: Part | None = None,
    **conditions: str,
) -> OwnerRule:
    """Change the given fields. Findings that the rule has assigned get their new owner when `apply_rules` runs next.

    `expected` is the `rule_part` that the person saw. Raises Conflict (changed_meanwhile, removed_meanwhile) if the
    rule has changed since then.
    """
    lock_treatments(rule.tenant_id)
    rule = _current(rule)
    before, seen = _description(rule), rule_part(rule)
    check_rule(
        rule,
        name=rule.name if name is None else name,
        owner=rule.owner if owner is None else owner,
        enabled=rule.enabled if enabled is None else enabled,
        **{field: getattr(rule, field) for field in FIELDS} | conditions,
    )
    check_unchanged(expected, seen, rule_part(rule))
    after = _description(rule)
    if after != before:
        rule.save()
        _journal(rule, by, "owner_rule.changed", {"before": before, "after": after})
    return rule


@transaction.atomic
def delete_rule(*, rule: OwnerRule, by: Actor, expected: Part | None = None) -> None:
    """Delete a rule. Findings that the rule assigned keep their owner until another rule matches them.

    `expected` is the `rule_part` that the person saw. Raises Conflict (changed_meanwhile, removed_meanwhile) if the
    rule has changed since then.
    """
    tenant = rule.tenant
    lock_treatments(tenant.pk)
    rule = _current(rule)
    check_unchanged(expected, rule_part(rule), {})
    _journal(rule, by, "owner_rule.deleted", _description(rule))
    rule.delete()
    _renumber(OwnerRule.objects.filter(tenant=tenant).order_by("position", "id"))


@transaction.atomic
def move_rule(*, rule: OwnerRule, by: Actor, position: int) -> None:
    """Move a rule to a position in the list, from 1. A position outside of the list means the first or the last."""
    tenant = rule.tenant
    lock_treatments(tenant.pk)
    others = list(OwnerRule.objects.filter(tenant=tenant).exclude(pk=rule.pk).order_by("position", "id"))
    rule.refresh_from_db()
    before = rule.position
    place = max(1, min(position, len(others) + 1))
    _renumber([*others[: place - 1], rule, *others[place - 1 :]])
    if place != before:
        _journal(rule, by, "owner_rule.moved", {"before": before, "after": place})


def _current(rule: OwnerRule) -> OwnerRule:
    """Read a rule again, after `lock_treatments`."""
    row = OwnerRule.objects.select_related("owner", "tenant").filter(pk=rule.pk).first()
    if row is None:
        raise Conflict("Somebody else has deleted this rule. Open the list of owner rules.", code=REMOVED)
    return row


def _renumber(rows: Iterable[OwnerRule]) -> None:
    changed = []
    for place, row in enumerate(rows, start=1):
        if row.position != place:
            row.position = place
            changed.append(row)
    OwnerRule.objects.bulk_update(changed, ["position"])


@transaction.atomic
def apply_rules(*, tenant: Tenant, by: Actor) -> int:
    """Assign failing and manual findings to the owner of the first matching rule. Return how many findings have a new
    owner.

    Findings that a person assigned and findings that no rule matches keep their owner. A rule whose owner has lost
    access is ignored.
    """
    lock_treatments(tenant.pk)
    chosen = effective_rules(tenant)
    if not chosen:
        return 0
    by_id = {rule.pk: rule for rule in chosen}
    rows = [
        (pk, before, by_id[decided], since)
        for pk, decided, before, was, since in Finding.objects.filter(ASSIGNABLE_BY_RULE, tenant=tenant)
        .annotate(decided=first_match(chosen))
        .filter(decided__isnull=False)
        .values_list("pk", "decided", "treatment__owner", "treatment__owner_rule", "treatment__owned_at")
        if was != decided or before != by_id[decided].owner_id
    ]
    if not rows:
        return 0
    now = timezone.now()
    moved = [(pk, before, rule) for pk, before, rule, _ in rows if before != rule.owner_id]
    source = str(Treatment.Source.RULE)
    # If the owner is still the same, keep the time of assignment, even if another rule matches now.
    upsert_treatments(
        tenant,
        [
            (pk, rule.owner_id, source, rule.pk, since if before == rule.owner_id else now)
            for pk, before, rule, since in rows
        ],
        OWNER_FIELDS,
    )
    if not moved:
        return 0
    names = names_by_id(before for _, before, _ in moved)
    timeline.write_bulk_events(
        tenant=tenant,
        by=by,
        at=now,
        kind=TreatmentEvent.Kind.OWNER,
        lines=[
            timeline.Line(
                pk,
                owner_name(names, before),
                display_name(rule.owner),
                f"Assigned by owner rule “{rule.name}”",
                owner_before(before),
            )
            for pk, before, rule in moved
        ],
    )
    counts: dict[str, int] = {}
    owners: dict[Person, list[Any]] = {}
    for pk, _, rule in moved:
        counts[str(rule.pk)] = counts.get(str(rule.pk), 0) + 1
        owners.setdefault(rule.owner, []).append(pk)
    entry = journal.record(
        tenant=tenant,
        actor=by,
        action="owner_rules.applied",
        target=count_of_findings(len(moved)),
        details={"count": len(moved), "rules": counts},
    )
    for owner, findings in owners.items():
        notify_assigned(tenant=tenant, owner=owner, findings=findings, key=f"rules:{entry.sequence}", by=by)
    return len(moved)


def check_rule(rule: OwnerRule, *, name: str, owner: Person, enabled: bool, **conditions: str) -> OwnerRule:
    """Set the fields of a rule to the given values and check them, before the rule is saved or previewed.

    Raises InvalidInput with the field if a value is invalid.
    """
    if unknown := set(conditions) - set(FIELDS):
        raise TypeError(f"unknown conditions: {', '.join(sorted(unknown))}")
    rule.name = clean_title(name, MAX_NAME, present=rule.name)
    rule.owner, rule.enabled = owner, enabled
    for field in FIELDS:
        setattr(rule, field, clean_condition(conditions.get(field, "")))
    check_conditions(rule)
    if rule.unit and not _unit_exists(rule):
        raise invalid(
            "unit",
            f"{rule.tenant.name} has no subscription or directory “{rule.unit}”. Choose one from the list.",
        )
    if enabled:
        require_eligible(rule.tenant, owner)
    return rule


def _unit_exists(rule: OwnerRule) -> bool:
    kind, _, guid = rule.unit.rpartition("/" if rule.unit.startswith("/subscriptions/") else ":")
    if kind == "/subscriptions":
        return Subscription.objects.filter(tenant=rule.tenant, subscription_id=guid).exists()
    return kind == "directory" and Directory.objects.filter(tenant=rule.tenant, directory_id=guid).exists()


def _description(rule: OwnerRule) -> dict[str, Any]:
    return {
        "name": rule.name,
        "owner": rule.owner.email,
        "enabled": rule.enabled,
        "means": describe_rule(rule),
    }


def _journal(rule: OwnerRule, by: Actor, action: str, details: dict[str, Any]) -> None:
    journal.record(tenant=rule.tenant, actor=by, action=action, target=rule, details=details)
