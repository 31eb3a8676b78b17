"""Record which roles a service principal has, after it has signed in. Nothing in Azure is changed."""

from __future__ import annotations

from typing import Final
from uuid import UUID

import structlog
from django.db import connection
from django.db.models import Q
from django.utils import timezone

from assessments.actions.credentials.sign_in import session_for
from assessments.estate.identity.principal_roles import PrincipalRoles, as_plain
from tenants.azure import credentials
from tenants.errors import SuretyError
from tenants.models import ServicePrincipal, Subscription
from tenants.scope import tenant_scope

log = structlog.get_logger(__name__)
MAX_SECONDS: Final = 60
"""Seconds after which reading ends. Subscriptions whose roles were not read by then count as unread."""


def record_roles(*, tenant_id: UUID, service_principal_id: UUID) -> PrincipalRoles | None:
    """Read and store the application permissions and directory roles of a service principal, and its Azure roles on the
    assessed subscriptions. Store the time of reading too.

    Return None if the principal was removed meanwhile, or if its credential is unusable. Raise RuntimeError if called
    inside a transaction, which would stay open during the requests to Azure.
    """
    if connection.in_atomic_block:
        raise RuntimeError(
            "Reading roles sends requests to Azure. Call it outside any scope and transaction."
        )
    from assessments.collect.principals.principal_roles import read_roles
    from assessments.collect.sign_in.refusals import SignInError

    with tenant_scope(tenant_id):
        rows = ServicePrincipal.objects.select_related("directory")
        principal = rows.filter(pk=service_principal_id).first()
        if principal is None:
            return None
        subscription_ids = assessed_subscriptions(principal)
        try:
            credential = credentials.credential_of(principal)
        except SuretyError as error:
            log.warning("roles not read", principal=str(principal.pk), code=error.code)
            return None
    try:
        session = session_for(credential)
    except SignInError as error:
        log.warning("roles not read", principal=str(principal.pk), code=error.code)
        return None
    found = read_roles(session, principal.client_id, subscription_ids, MAX_SECONDS)
    with tenant_scope(tenant_id):
        row = ServicePrincipal.objects.select_for_update(no_key=True).filter(pk=service_principal_id).first()
        if row is None:
            return None
        row.roles, row.roles_read_at = as_plain(found), timezone.now()
        row.save(update_fields=["roles", "roles_read_at"])
    return found


def assessed_subscriptions(service_principal: ServicePrincipal) -> list[str]:
    """Return the sorted GUIDs of the assessed subscriptions of the principal's directory. Subscriptions that are read
    through another principal are left out.
    """
    own = Q(service_principal=service_principal) | Q(service_principal=None, is_delegated=False)
    rows = Subscription.objects.filter(Subscription.assessed(), own, directory=service_principal.directory)
    return list(rows.order_by("subscription_id").values_list("subscription_id", flat=True))
