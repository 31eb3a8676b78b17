"""Replace the client secret of a service principal if a sign-in with the new secret succeeds. `manage.py
replace_secret` calls this action.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import connection

from tenants.actions import (
    record_credential_check,
    record_refused_credential,
    refuse_archived,
    rotate_credential,
    sync_subscriptions,
    validate_credential,
)
from tenants.actions.service_principals import check_secret, lock_principals
from tenants.actions.subscriptions import lock_subscriptions
from tenants.actors import System
from tenants.azure import credentials
from tenants.azure.credentials import CredentialResult
from tenants.models import ServicePrincipal
from tenants.scope import tenant_scope


def replace_secret(
    *,
    tenant_id: UUID,
    service_principal_id: UUID,
    by: System,
    secret: str,
    expires_at: datetime | None = None,
) -> CredentialResult:
    """Sign in with the new secret. If Entra accepts the secret, store it in place of the stored credential. Return the
    result of the sign-in.

    Raise InvalidInput for a text that cannot be a secret. Raise Conflict if the customer is archived. Raise
    RuntimeError if called inside a transaction, which would stay open during the requests to Azure.
    """
    if connection.in_atomic_block:
        raise RuntimeError(
            "Replacing a secret sends requests to Azure. Do it outside any scope and transaction."
        )
    with tenant_scope(tenant_id):
        row = ServicePrincipal.objects.select_related("directory__tenant").get(pk=service_principal_id)
        refuse_archived(row.directory.tenant)
        new = validate_credential(check_secret(secret), None, expires_at)
    result = credentials.check_new(row.directory, client_id=row.client_id, kind=new.kind, plain=new.plain)
    with tenant_scope(tenant_id):
        if result.error_code:
            record_refused_credential(
                by=by, directory=row.directory, client_id=row.client_id, error_code=result.error_code
            )
            return result
        # Lock all rows that this transaction will change, before its first journal entry (`tenants.locks`).
        lock_principals([row.pk])
        lock_subscriptions([tenant_id])
        stored = rotate_credential(by=by, service_principal=row, secret=new.plain, expires_at=new.expires_at)
        record_credential_check(by=by, service_principal=stored, result=result)
        if result.subscriptions is not None:
            sync_subscriptions(by=by, service_principal=stored, discovered=result.subscriptions)
    return result
