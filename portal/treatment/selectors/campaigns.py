"""Find the people who can own a campaign, the notices of a campaign that are still to be sent, and the open findings of
a campaign's control.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from django.db.models import Count, Q, QuerySet
from django.utils import timezone

from assessments.models import Finding
from portal.treatment.models import Campaign, CampaignCustomer
from portal.treatment.states import ShownState, shown_state
from tenants.models import Membership, Organization, Person
from tenants.roles import ORGANIZATION_ROLES, Capability, roles_with

_LEADING_ROLES = [role for role in roles_with(Capability.ASSIGN) if role in ORGANIZATION_ROLES]


def leaders(organization: Organization) -> QuerySet[Person]:
    """Return the people who can own a campaign: active people whose role in the whole organization permits assigning
    findings.
    """
    now = timezone.now()
    members = Membership.objects.filter(
        Membership.valid_at(now), organization=organization, tenant__isnull=True, role__in=_LEADING_ROLES
    )
    return Person.objects.filter(pk__in=members.values("person"), is_active=True).order_by("name", "email")


def can_lead(organization: Organization, who: Person) -> bool:
    """Return whether the person can own a campaign of the organization."""
    return leaders(organization).filter(pk=who.pk).exists()


def count_notices(campaign: Campaign) -> tuple[int, int]:
    """Return two numbers: how many of the campaign's customers are in the current scope (`tenants.scope`), and how many
    of these have owners who must still be notified that the campaign has started.
    """
    rows = CampaignCustomer.objects.filter(campaign=campaign)
    found = rows.aggregate(all=Count("pk"), due=Count("pk", filter=Q(notices_due=True)))
    return found["all"], found["due"]


def unannounced(before: datetime) -> list[UUID]:
    """Return the ids of the running campaigns that started before the time `before`, and whose start a worker must
    still announce to owners.
    """
    rows = Campaign.objects.filter(started_at__lt=before, ended_at__isnull=True)
    waiting = CampaignCustomer.objects.filter(notices_due=True).values("campaign")
    return list(rows.filter(pk__in=waiting).order_by("pk").values_list("pk", flat=True))


def count_open(control: str, tenant_ids: Collection[UUID], now: datetime) -> Counter[UUID]:
    """Return {tenant: number of open findings of the control}. Tenants without such a finding are left out."""
    return count_open_by_control([control], tenant_ids, now)[control]


def count_open_by_control(
    controls: Collection[str], tenant_ids: Collection[UUID], now: datetime
) -> dict[str, Counter[UUID]]:
    """Return {control: {tenant: number of open findings}} for these controls, with one query."""
    found: dict[str, Counter[UUID]] = {control: Counter() for control in controls}
    if not found:
        return found
    rows = _open(found, tenant_ids, now).values_list("control", "tenant_id").annotate(number=Count("*"))
    for control, tenant_id, number in rows.order_by():
        found[control][tenant_id] = number
    return found


def count_unknown_by_control(
    controls: Collection[str], tenant_ids: Collection[UUID]
) -> dict[str, Counter[UUID]]:
    """Return {control: {tenant: number of findings that failed before and are unknown now}}, with one query. Such
    findings may still fail.
    """
    found: dict[str, Counter[UUID]] = {control: Counter() for control in controls}
    if not found:
        return found
    rows = Finding.objects.filter(
        tenant_id__any_of=tenant_ids,
        control__in=found,
        state=Finding.State.UNKNOWN,
        failing_since__isnull=False,
    )
    for control, tenant_id, number in (
        rows.values_list("control", "tenant_id").annotate(number=Count("*")).order_by()
    ):
        found[control][tenant_id] = number
    return found


def owners_of_open(control: str, tenant_ids: Collection[UUID], now: datetime) -> dict[UUID, list[Person]]:
    """Return {tenant: the people who own open findings of the control in this tenant}. Tenants without such an owner
    are left out.
    """
    rows = _open([control], tenant_ids, now).filter(treatment__owner__isnull=False).order_by()
    pairs = list(rows.values_list("tenant_id", "treatment__owner").distinct())
    people = Person.objects.in_bulk({owner for _, owner in pairs})
    found: dict[UUID, list[Person]] = defaultdict(list)
    for tenant_id, owner in pairs:
        found[tenant_id].append(people[owner])
    return dict(found)


def _open(controls: Collection[str], tenant_ids: Collection[UUID], now: datetime) -> QuerySet[Finding]:
    rows = Finding.objects.filter(
        tenant_id__any_of=tenant_ids, control__in=controls, state=Finding.State.OPEN
    )
    return rows.annotate(shown=shown_state(now)).filter(shown=ShownState.OPEN)
