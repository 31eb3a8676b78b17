"""Reads of the ground floor, for pages, reports and tasks. All of them answer for the open scope."""

from collections.abc import Collection
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from tenants.actions.members import hash_token
from tenants.models import (
    Directory,
    Invitation,
    JournalEntry,
    Membership,
    Person,
    ServicePrincipal,
    Subscription,
    Tenant,
    TenantKey,
)
from tenants.roles import Role
from tenants.scope import invitation_scope


def tenant_ids() -> list[UUID]:
    """Every tenant there is, for a scheduler that opens their scopes one by one. Needs no scope itself."""
    return list(TenantKey.objects.order_by("tenant_id").values_list("tenant_id", flat=True))


def tenants(*, labels: Collection[str] = ()) -> QuerySet[Tenant]:
    """The tenants in scope that have all of the labels (in any case), by name."""
    rows = Tenant.objects.select_related("organization").order_by("name", "pk")
    if labels:
        wanted = {label.casefold() for label in labels}
        fitting = [
            pk
            for pk, held in rows.values_list("pk", "labels")
            if wanted <= {label.casefold() for label in held}
        ]
        rows = rows.filter(pk__in=fitting)
    return rows


def directories(tenant: Tenant) -> QuerySet[Directory]:
    """The tenant's directories with their principals and subscriptions."""
    rows = Directory.objects.filter(tenant=tenant).order_by("name", "pk")
    return rows.prefetch_related("service_principals", "subscriptions")


def service_principals(tenant: Tenant) -> QuerySet[ServicePrincipal]:
    """The tenant's principals with their directories; the sealed credential is not fetched."""
    rows = ServicePrincipal.objects.filter(tenant=tenant).select_related("directory")
    return rows.defer("credential").order_by("directory__name", "client_id")


def expiring_principals(*, within: timedelta, now: datetime | None = None) -> QuerySet[ServicePrincipal]:
    """Principals in scope whose credential has ended or ends within that time, the soonest first."""
    rows = ServicePrincipal.objects.select_related("tenant", "directory").defer("credential")
    return rows.filter(expires_at__lte=(now or timezone.now()) + within).order_by("expires_at", "pk")


def subscriptions(tenant: Tenant, *, to_assess: bool = False) -> QuerySet[Subscription]:
    """The tenant's subscriptions; with `to_assess` those that are included and still listed by ARM."""
    rows = Subscription.objects.filter(tenant=tenant).select_related("directory", "service_principal")
    if to_assess:
        rows = rows.filter(included=True).exclude(state=Subscription.VANISHED)
    return rows.defer("service_principal__credential").order_by("display_name", "subscription_id")


def members(tenant: Tenant, *, at: datetime | None = None) -> QuerySet[Membership]:
    """Who has access to the tenant at that moment (now), the organization's people included."""
    place = Q(tenant=tenant) | Q(tenant__isnull=True, organization=tenant.organization_id)
    rows = Membership.objects.filter(place, Membership.valid_at(at or timezone.now()))
    return rows.select_related("person", "organization").order_by("role", "person__email", "pk")


def memberships_ended(tenant: Tenant, *, after: datetime, until: datetime) -> QuerySet[Membership]:
    """What of the tenant's and its organization's ended after the one moment and up to the other."""
    place = Q(tenant=tenant) | Q(tenant__isnull=True, organization=tenant.organization_id)
    return Membership.objects.filter(place, valid_until__gt=after, valid_until__lte=until)


def people_with_role(tenant: Tenant, roles: Collection[Role]) -> QuerySet[Person]:
    """Active people who hold one of the roles for the tenant now: whom to notify."""
    held = members(tenant).filter(role__in=list(roles), person=OuterRef("pk"))
    return Person.objects.filter(Exists(held.order_by()), is_active=True).order_by("email")


def open_invitations(tenant: Tenant | None = None) -> QuerySet[Invitation]:
    """Invitations in scope that still work; of one tenant, if given."""
    rows = Invitation.objects.filter(accepted_at=None, expires_at__gt=timezone.now())
    if tenant is not None:
        rows = rows.filter(tenant=tenant)
    return rows.order_by("-created_at")


def invitation(token: str) -> Invitation:
    """The invitation of a token, with organization and tenant, for the page that welcomes. Needs no scope."""
    with invitation_scope(hash_token(token)) as found:
        return Invitation.objects.select_related("organization", "tenant").get(pk=found.pk)


def journal_entries(tenant: Tenant) -> QuerySet[JournalEntry]:
    """The tenant's journal, newest first."""
    return JournalEntry.objects.filter(tenant=tenant).order_by("-sequence")
