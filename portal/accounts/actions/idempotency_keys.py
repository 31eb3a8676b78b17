"""Delete idempotency keys that are older than a day."""

from __future__ import annotations

from django.utils import timezone

from portal.accounts.models import IdempotencyKey, OrganizationIdempotencyKey
from portal.accounts.models.idempotency_key import VALID_FOR
from tenants.scope import organization_scope, tenant_scope
from tenants.selectors import organization_ids, tenant_ids


def delete_old_keys() -> int:
    """Delete keys that are older than a day, for all customers and organizations. Return the number of deleted keys.
    This function may be called outside of a scope (`tenants.scope`).
    """
    deleted = 0
    for tenant_id in tenant_ids():
        with tenant_scope(tenant_id):
            rows = IdempotencyKey.objects.filter(tenant=tenant_id, created_at__lt=timezone.now() - VALID_FOR)
            deleted += rows.delete()[0]
    for organization_id in organization_ids():
        with organization_scope(organization_id):
            of_organization = OrganizationIdempotencyKey.objects.filter(
                organization=organization_id, created_at__lt=timezone.now() - VALID_FOR
            )
            deleted += of_organization.delete()[0]
    return deleted
