"""Queries on tenants, credentials, members and the journal. They return only rows of the open scope (`tenants.scope`),
except for the functions whose docstring says that no scope needs to be open.
"""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from tenants.models import (
    Directory,
    Invitation,
    JournalEntry,
    Membership,
    Organization,
    OrganizationKey,
    Person,
    ServicePrincipal,
    Subscription,
    Tenant,
    TenantKey,
)
from tenants.people.link_tokens import hash_token
from tenants.people.second_administrators import established
from tenants.roles import Role
from tenants.scope import invitation_scope, organization_scope


def tenant_ids() -> list[UUID]:
    """Return the ids of all tenants, for schedulers that open one scope after the other. No scope needs to be open."""
    return list(TenantKey.objects.order_by("tenant_id").values_list("tenant_id", flat=True))


def organization_ids() -> list[UUID]:
    """Return the ids of all organizations, including those without tenants. No scope needs to be open."""
    return list(OrganizationKey.objects.order_by("organization_id").values_list("organization_id", flat=True))


def organization_choices() -> str:
    """Return a sentence with the short names (slugs) of all organizations. A command that was called with an unknown
    slug shows the sentence. No scope needs to be open.

    Show the sentence only to the operator, because no organization may know of another organization.
    """
    slugs = []
    for organization_id in organization_ids():
        with organization_scope(organization_id):
            slugs.append(Organization.objects.get(pk=organization_id).slug)
    return f"Choose one of: {', '.join(sorted(slugs))}." if slugs else "No organization is registered yet."


def tenants(*, labels: Collection[str] = ()) -> QuerySet[Tenant]:
    """Return the tenants of the scope that have all of the labels (ignoring case), sorted by name."""
    rows = Tenant.objects.select_related("organization").order_by("name", "pk")
    if labels:
        wanted = {label.casefold() for label in labels}
        matching = [
            pk
            for pk, own in rows.values_list("pk", "labels")
            if wanted <= {label.casefold() for label in own}
        ]
        rows = rows.filter(pk__in=matching)
    return rows


def directories(tenant: Tenant) -> QuerySet[Directory]:
    """Return the tenant's directories with their principals and subscriptions."""
    rows = Directory.objects.filter(tenant=tenant).order_by("name", "pk")
    return rows.prefetch_related("service_principals", "subscriptions")


def service_principals(tenant: Tenant) -> QuerySet[ServicePrincipal]:
    """Return the tenant's service principals with their directories. The sealed credentials are not loaded."""
    rows = ServicePrincipal.objects.filter(tenant=tenant).select_related("directory")
    return rows.defer("credential").order_by("directory__name", "client_id")


def subscriptions(tenant: Tenant, *, to_assess: bool = False) -> QuerySet[Subscription]:
    """Return the tenant's subscriptions; with `to_assess`, only the subscriptions that assessments cover."""
    rows = Subscription.objects.filter(tenant=tenant).select_related(
        "directory", "service_principal", "exclusion_rule"
    )
    if to_assess:
        rows = rows.filter(Subscription.assessed())
    return rows.defer("service_principal__credential").order_by("display_name", "subscription_id")


def members(tenant: Tenant, *, at: datetime | None = None) -> QuerySet[Membership]:
    """Return the memberships that give access to the tenant at a moment (default now), organization roles included."""
    place = Q(tenant=tenant) | Q(tenant__isnull=True, organization=tenant.organization_id)
    rows = Membership.objects.filter(place, Membership.valid_at(at or timezone.now()))
    return rows.select_related("person", "organization").order_by("role", "person__email", "pk")


def memberships_ended(tenant: Tenant, *, after: datetime, until: datetime) -> QuerySet[Membership]:
    """Return the memberships of the tenant and its organization that ended later than `after`, but not later than
    `until`.
    """
    place = Q(tenant=tenant) | Q(tenant__isnull=True, organization=tenant.organization_id)
    return Membership.objects.filter(place, valid_until__gt=after, valid_until__lte=until)


def organization_memberships(
    organization: Organization, *, ended: bool = False, at: datetime | None = None
) -> QuerySet[Membership]:
    """Return those memberships of an organization and its tenants that have not ended. Memberships that wait for a
    confirmation are included.

    With `ended`, return only memberships that ended or were refused. The memberships are sorted by the person's name,
    and are loaded with their people and tenants.
    """
    now = at or timezone.now()
    over = Q(valid_until__lte=now) | Q(confirmation=Membership.Confirmation.REFUSED)
    rows = Membership.objects.filter(over if ended else ~over)
    rows = rows.filter(organization=organization).select_related("person", "tenant", "granted_by")
    return rows.order_by("person__name", "person__email", "role", "tenant__name", "pk")


def waiting_confirmations(organization: Organization) -> QuerySet[Membership]:
    """Return the memberships that wait for a second administrator, the oldest first."""
    rows = organization_memberships(organization).filter(confirmation=Membership.Confirmation.WAITING)
    return rows.order_by("created_at", "pk")


def second_administrators(
    organization: Organization, waiting: Collection[Membership], *, at: datetime | None = None
) -> dict[UUID, list[Person]]:
    """Return {id of a waiting membership: active people who may confirm it, sorted by name}, with one query."""
    held = Membership.objects.filter(established(at), organization=organization, person__is_active=True)
    administrators = list(held.select_related("person").order_by("person__name", "person__email", "pk"))
    found: dict[UUID, list[Person]] = {}
    for row in waiting:
        eligible = {
            one.person_id: one.person
            for one in administrators
            if one.tenant_id in (None, row.tenant_id)
            and one.person_id not in (row.person_id, row.granted_by_id)
        }
        found[row.pk] = list(eligible.values())
    return found


def people_with_role(tenant: Tenant, roles: Collection[Role]) -> QuerySet[Person]:
    """Return the active people who hold one of the roles for the tenant now, to notify them.

    Notices and reports are about the present, so auditors with a review period are left out.
    """
    memberships = members(tenant).filter(
        role__in=list(roles), review_first__isnull=True, person=OuterRef("pk")
    )
    return Person.objects.filter(Exists(memberships.order_by()), is_active=True).order_by("email")


def open_invitations(
    tenant: Tenant | None = None, organization: Organization | None = None
) -> QuerySet[Invitation]:
    """Return the open invitations in scope. With `tenant`, return only invitations to this tenant. With `organization`,
    return only invitations to this organization and its tenants.
    """
    rows = Invitation.objects.filter(accepted_at=None, expires_at__gt=timezone.now())
    if tenant is not None:
        rows = rows.filter(tenant=tenant)
    if organization is not None:
        rows = rows.filter(organization=organization)
    return rows.select_related("tenant", "invited_by").order_by("-created_at")


def invitation(token: str) -> Invitation:
    """Return the invitation that has this token, with its organization and tenant loaded. No scope needs to be open."""
    with invitation_scope(hash_token(token)) as found:
        return Invitation.objects.select_related("organization", "tenant").get(pk=found.pk)


def invited_customers(token: str) -> list[str]:
    """Return the names of the customers whose invitations with this token can still be accepted. No scope needs to be
    open.
    """
    with invitation_scope(hash_token(token)) as found:
        rows = Invitation.objects.filter(
            token_hash=found.token_hash, accepted_at=None, expires_at__gt=timezone.now(), tenant__isnull=False
        )
        return list(rows.order_by("tenant__name").values_list("tenant__name", flat=True))


def journal_entries(tenant: Tenant) -> QuerySet[JournalEntry]:
    """Return the tenant's journal entries, newest first."""
    return JournalEntry.objects.filter(tenant=tenant).order_by("-sequence")
