"""Campaigns: the people who can own them, and the numbers of open findings."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from django.db.models import Count, QuerySet
from django.utils import timezone

from assessments.models import Finding
from portal.treatment.states import ShownState, shown_state
from tenants.models import Membership, Organization, Person
from tenants.roles import CAPABILITIES, ORGANIZATION_ROLES, Capability

_LEADING_ROLES = [role for role in ORGANIZATION_ROLES if Capability.ASSIGN in CAPABILITIES[role]]


def leaders(organization: Organization) -> QuerySet[Person]:
    """Return the people who can own a campaign: they may assign findings in all customers of the organization."""
    now = timezone.now()
    members = Membership.objects.filter(
        Membership.valid_at(now), organization=organization, tenant__isnull=True, role__in=_LEADING_ROLES
    )
    return Person.objects.filter(pk__in=members.values("person"), is_active=True).order_by("name", "email")


def can_lead(organization: Organization, who: Person) -> bool:
    """Return whether the person can own a campaign of the organization."""
    return leaders(organization).filter(pk=who.pk).exists()


def count_open(control: str, tenant_ids: Collection[UUID], now: datetime) -> Counter[UUID]:
    """Return {tenant: number of open findings of the control}, without tenants that have no such finding."""
    rows = (
        Finding.objects.filter(tenant_id__any_of=tenant_ids, control=control, state=Finding.State.OPEN)
        .annotate(shown=shown_state(now))
        .filter(shown=ShownState.OPEN)
        .values_list("tenant_id")
        .annotate(number=Count("*"))
        .order_by()
    )
    return Counter(dict(rows))
