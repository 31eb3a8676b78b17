"""Notify an organization's administrators that the organization's own credential for Azure Lighthouse expires soon, or
was refused.

Each notice belongs to a customer, who must not learn of the organization's service principal. So the notice names no
service principal, is not sent to channels, and links to *Azure Lighthouse*, a page for administrators of the
organization.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final
from uuid import UUID

from django.db.models import Exists, F, OuterRef, QuerySet
from django.utils import timezone

from portal import links
from portal.notify.actions.credential_notices import days_left, due_keys, may_be_due
from portal.notify.publish import Event, publish
from tenants.models import Delegation, ManagingPrincipal, Organization, Tenant
from tenants.roles import Capability, roles_with
from tenants.scope import organization_scope
from tenants.selectors import people_with_role

_ORGANIZATION_ADMINISTRATORS: Final = roles_with(Capability.ORGANIZATION)


def are_due(organization_id: UUID, now: datetime | None = None) -> bool:
    """Return whether a notice about a credential of the organization must be published. Needs the organization's scope.

    An organization without customers has no due notice, because a notice belongs to a customer.
    """
    moment = now or timezone.now()
    due = any(set(due_keys(row, moment)) - set(row.noticed) for row in _candidates(organization_id, moment))
    return due and Tenant.objects.filter(organization=organization_id).exists()


def publish_managing_credential_notices(*, organization_id: UUID, now: datetime | None = None) -> int:
    """Publish the due notices of an organization; return the number of new notices."""
    moment = now or timezone.now()
    with organization_scope(organization_id):
        organization = Organization.objects.get(pk=organization_id)
        rows = _candidates(organization_id, moment).select_for_update(no_key=True)
        return sum(_publish(organization, row, moment) for row in rows)


def _candidates(organization_id: UUID, now: datetime) -> QuerySet[ManagingPrincipal]:
    rows = ManagingPrincipal.objects.filter(may_be_due(now), organization=organization_id)
    return rows.defer("credential").order_by("pk")


def _publish(organization: Organization, principal: ManagingPrincipal, now: datetime) -> int:
    keys = list(due_keys(principal, now))
    if keys == principal.noticed:
        return 0
    new = 0
    if due := [key for key in keys if key not in principal.noticed]:
        if (tenant := _customer(principal)) is None:
            return 0
        tenant.organization = organization
        people = list(people_with_role(tenant, _ORGANIZATION_ADMINISTRATORS))
        for key in due:
            event = _event(organization, principal, key, now)
            new += publish(tenant=tenant, event=event, subscribers=people)
    principal.noticed = keys
    principal.save(update_fields=["noticed"])
    return new


def _customer(principal: ManagingPrincipal) -> Tenant | None:
    """Return the customer to which the notices belong. Prefer customers that are not archived and, among them,
    customers that are read with the service principal.
    """
    read = Delegation.objects.filter(
        tenant=OuterRef("pk"), principal=principal, decision=Delegation.Decision.ASSIGNED
    )
    rows = Tenant.objects.filter(organization=principal.organization_id).annotate(is_read=Exists(read))
    return rows.order_by(F("archived_at").asc(nulls_first=True), "-is_read", "pk").first()


def _event(organization: Organization, principal: ManagingPrincipal, key: str, now: datetime) -> Event:
    credential = f"credential with which {organization.name} reads delegated subscriptions"
    path = links.lighthouse(organization.slug)
    if key.startswith("refused:"):
        return Event(
            kind="credential_refused",
            key=key,
            title=f"Entra refused the {credential}",
            lines=(
                (
                    f"Entra answered with the error {principal.last_error_code}. The page Azure Lighthouse says how"
                    " to correct it."
                ),
                (
                    "Until you replace the credential, Surety cannot read delegated subscriptions that only this"
                    " service principal sees."
                ),
            ),
            path=path,
            people_only=True,
        )
    assert principal.expires_at is not None
    return Event(
        kind="credential_ending",
        key=key,
        title=f"The {credential} expires in {days_left(principal.expires_at, now)}",
        lines=(
            f"The credential ends on {principal.expires_at:%Y-%m-%d %H:%M} UTC.",
            "Create a new credential in Entra, and enter it on the page Azure Lighthouse.",
        ),
        path=path,
        people_only=True,
    )
