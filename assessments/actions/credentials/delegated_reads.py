"""List the subscriptions that the organization's service principals can read, before an assessment reads delegated
subscriptions.

Requests are sent outside of any transaction. The transaction that stores the results sees only the rows of the
organization and the rows of one customer (`tenants.scope`).
"""

from __future__ import annotations

from uuid import UUID

from tenants.actions.delegations import (
    delegated_lines,
    follow_delegations,
    lock_delegations,
    sync_delegations,
)
from tenants.actions.managing_principals import record_managing_check
from tenants.actions.subscriptions import lock_subscriptions
from tenants.actors import Actor
from tenants.azure import credentials
from tenants.azure.credentials import Credential
from tenants.azure.delegated_access import credential_for, principals_for
from tenants.errors import SuretyError
from tenants.models import ManagingPrincipal, Subscription, Tenant
from tenants.scope import delegation_scope

DIRECTORY_NOT_READ = (
    "Azure Lighthouse delegates subscriptions, but not the directory, so Microsoft Graph cannot be read. To check the"
    " directory’s controls, add a service principal of this directory under Settings."
)

PARTLY_DELEGATED = (
    "No role is delegated for the whole subscription. If only resource groups are delegated, Azure’s lists are"
    " incomplete, so nothing was read. Ask the customer to delegate the role Reader on the subscription with Azure"
    " Lighthouse, then start an assessment."
)


def refresh_delegations(*, tenant_id: UUID, by: Actor) -> None:
    """Sign in with the organization's service principals, and store which delegated subscriptions each service
    principal sees now.

    Afterwards, subscriptions whose delegation has ended are no longer read, and new delegations wait until an
    administrator assigns them to customers. If a service principal no longer sees a subscription that it reads, another
    of the organization's service principals that sees the subscription reads it from now on. If the customer has no
    delegated subscription, nothing is stored.
    """
    principals = principals_for(tenant_id)
    found = [(principal, credentials.check(principal)) for principal in principals]
    with delegation_scope(tenant_id):
        if not Subscription.objects.filter(tenant=tenant_id, is_delegated=True).exists():
            return
        tenant = Tenant.objects.select_related("organization").get(pk=tenant_id)
        lock_delegations(tenant.organization_id)
        lock_subscriptions([tenant.pk])
        enabled = ManagingPrincipal.objects.filter(disabled_at=None)
        usable = set(enabled.values_list("pk", flat=True))
        # A principal may have been removed or disabled during the sign-in.
        found = [(principal, result) for principal, result in found if principal.pk in usable]
        seen: dict[str, ManagingPrincipal] = {}
        for principal, result in found:
            record_managing_check(by=by, principal=principal, result=result)
            for identifier in delegated_lines(principal, result.subscriptions or ()):
                seen.setdefault(identifier, principal)
        for principal, result in found:
            if result.subscriptions is not None:
                sync_delegations(by=by, principal=principal, discovered=result.subscriptions, others=seen)
        follow_delegations(by=by, tenant=tenant)


def delegated_credential(tenant_id: UUID, subscription_id: str) -> Credential | SuretyError:
    """Return the organization's credential for one subscription of the customer. If no credential can be used, return
    the error with the reason.

    Call this outside of any scope (`tenants.scope`).
    """
    try:
        return credential_for(tenant_id, subscription_id)
    except SuretyError as error:
        return error
