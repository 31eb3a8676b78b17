"""Find the people who are eligible to own findings, and preview an owner rule."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from django.db.models import Case, Q, QuerySet, UUIDField, Value, When
from django.utils import timezone

from assessments.models import Finding
from portal.treatment.matching import FIELDS, match
from portal.treatment.models import Batch, OwnerRule, Treatment
from tenants.models import Membership, Organization, Person, Tenant
from tenants.roles import Capability, roles_with
from tenants.selectors import people_with_role
from tenants.values.stale_values import Part

SAMPLE_SIZE: Final = 10
# Failing and manual findings without an owner, or with an owner that a rule assigned.
ASSIGNABLE_BY_RULE: Final = Q(
    outcome__in=[Finding.Outcome.FAIL, Finding.Outcome.MANUAL], gone_at__isnull=True
) & (Q(treatment__owner__isnull=True) | Q(treatment__owner_source=Treatment.Source.RULE))
# An owner must be able to plan a fix or request an exception, so people who only view findings cannot own them.
_OWNING_ROLES: Final = roles_with(Capability.TREAT)
_VIEWING_ALL_ROLES: Final = roles_with(Capability.VIEW_ALL)


@dataclass(frozen=True, slots=True)
class Preview:
    """The effect that an owner rule would have if it were applied now.

    - `count`: findings that the rule would assign or has already assigned
    - `taken_from_others`: how many of the `count` findings another rule has assigned to another owner
    - `kept`: matching findings with a manually assigned owner, which keep their owner
    - `earlier`: matching findings that an earlier rule assigns
    - `sample`: the most severe of the `count` findings, with their treatments
    """

    count: int
    taken_from_others: int
    kept: int
    earlier: int
    sample: list[Finding]


def rule_part(rule: OwnerRule) -> Part:
    """Return the values that the form of an owner rule shows, by field."""
    conditions = {field: getattr(rule, field) for field in FIELDS}
    return {"name": rule.name, "owner": str(rule.owner_id), "enabled": rule.enabled, **conditions}


def eligible_owner_query(tenant: Tenant) -> QuerySet[Person]:
    """Return the people eligible to own findings of the tenant: active people with a role that may treat
    findings.

    Pickers, owner rules, undo, facets and notices about former owners all use this definition.
    """
    return people_with_role(tenant, _OWNING_ROLES)


def eligible_owner_roles(tenants: Collection[Tenant]) -> QuerySet[Membership, Any]:
    """Return (person's id, tenant's id, organization's id) of each role that makes a person eligible to own findings of
    one of the tenants.

    For a role in the whole organization, the id of the tenant is None.
    """
    place = Q(tenant__in=tenants) | Q(
        tenant__isnull=True, organization__in={tenant.organization_id for tenant in tenants}
    )
    held = Membership.objects.filter(
        place, Membership.valid_at(timezone.now()), role__in=_OWNING_ROLES, person__is_active=True
    )
    return held.order_by().values_list("person_id", "tenant_id", "organization_id")


def eligible_owner_ids(tenants: Iterable[Tenant]) -> dict[UUID, set[UUID]]:
    """Map each tenant to the ids of the people eligible to own its findings, with one query for all tenants."""
    tenants = list(tenants)
    found: dict[UUID, set[UUID]] = {tenant.pk: set() for tenant in tenants}
    organizations = {tenant.pk: tenant.organization_id for tenant in tenants}
    for person, tenant_id, organization_id in eligible_owner_roles(tenants):
        for pk in (tenant_id,) if tenant_id in organizations else organizations:
            if organizations.get(pk) == organization_id:
                found[pk].add(person)
    return found


def owners_everywhere(organization: Organization) -> list[Person]:
    """Return the people eligible to own findings of every tenant of the organization, sorted by name."""
    held = Membership.objects.filter(
        Membership.valid_at(timezone.now()),
        organization=organization,
        tenant__isnull=True,
        role__in=_OWNING_ROLES,
    )
    rows = Person.objects.filter(pk__in=held.values("person"), is_active=True)
    return sorted(rows, key=lambda who: (who.get_full_name().casefold(), who.email))


def eligible_owners(tenant: Tenant) -> list[Person]:
    """Return the eligible owners, sorted by name."""
    return sorted(eligible_owner_query(tenant), key=lambda who: (who.get_full_name().casefold(), who.email))


def is_eligible_owner(tenant: Tenant, who: Person) -> bool:
    return eligible_owner_query(tenant).filter(pk=who.pk).exists()


def people_who_see(finding: Finding) -> list[Person]:
    """Return the people who can see the finding: everyone who may view all findings of the tenant, and the owner of the
    finding, unless the owner has lost access.
    """
    tenant = finding.tenant
    people = list(people_with_role(tenant, _VIEWING_ALL_ROLES))
    treatment = Treatment.objects.filter(finding=finding, owner__isnull=False).select_related("owner").first()
    owner = treatment.owner if treatment is not None else None
    if owner is not None and owner not in people and is_eligible_owner(tenant, owner):
        people.append(owner)
    return people


def rules(tenant: Tenant) -> QuerySet[OwnerRule]:
    """Return the tenant's owner rules in order, with their owners."""
    return OwnerRule.objects.filter(tenant=tenant).select_related("owner").order_by("position", "id")


def effective_rules(tenant: Tenant) -> list[OwnerRule]:
    """Return the enabled rules with an eligible owner, in order."""
    allowed = {who.pk for who in eligible_owners(tenant)}
    return [rule for rule in rules(tenant).filter(enabled=True) if rule.owner_id in allowed]


def first_match(ordered: list[OwnerRule]) -> Case:
    """Return an SQL expression for the id of the first rule that matches a finding. It is null if no rule matches."""
    return Case(
        *(When(match(rule), then=Value(rule.pk)) for rule in ordered), default=None, output_field=UUIDField()
    )


def count_assigned_again(batch: Batch) -> int:
    """Count the findings that a batch unassigned and that match an owner rule. The next application of the rules
    assigns these findings again.
    """
    chosen = effective_rules(batch.tenant)
    if not chosen:
        return 0
    rows = Finding.objects.filter(
        ASSIGNABLE_BY_RULE,
        tenant=batch.tenant,
        pk__in=batch.events.order_by().values("finding"),
        treatment__owner__isnull=True,
    )
    return rows.annotate(decided=first_match(chosen)).filter(decided__isnull=False).count()


def preview(tenant: Tenant, rule: OwnerRule) -> Preview:
    """Preview the rule at its position. A rule that is not saved yet comes last."""
    before = Q(pk__in=())
    for other in effective_rules(tenant):
        if other.pk != rule.pk and (rule._state.adding or other.position < rule.position):
            before |= match(other)
    asked = Finding.objects.filter(
        match(rule), tenant=tenant, outcome__in=[Finding.Outcome.FAIL, Finding.Outcome.MANUAL]
    )
    free = asked.filter(ASSIGNABLE_BY_RULE)
    taken = free.exclude(before) if before else free
    others = taken.filter(treatment__owner__isnull=False).exclude(treatment__owner=rule.owner_id)
    count, everything = taken.count(), free.count()
    rows = taken.select_related("treatment__owner").order_by("severity_rank", "outcome_rank", "control", "id")
    return Preview(
        count=count,
        taken_from_others=others.count(),
        kept=asked.count() - everything,
        earlier=everything - count,
        sample=list(rows[:SAMPLE_SIZE]),
    )


def assigned_by_rule(rule: OwnerRule) -> QuerySet[Treatment]:
    """Return the treatments whose owner the rule assigned."""
    return Treatment.objects.filter(owner_rule=rule, owner_source=Treatment.Source.RULE)
