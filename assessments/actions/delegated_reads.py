"""Ask what the organization's principals see, before an assessment reads a customer's delegated subscriptions.

Requests are sent outside of any scope and transaction. The results are written in a scope that contains the
organization's own rows and this one customer only.
"""

from __future__ import annotations

from uuid import UUID

from tenants import credentials
from tenants.actions.delegations import follow_delegations, lock_delegations, sync_delegations
from tenants.actions.managing_principals import record_managing_check
from tenants.actions.subscriptions import lock_subscriptions
from tenants.actors import Actor
from tenants.credentials import Credential
from tenants.delegated_access import credential_for, principals_for
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
    """Sign in with the principals that read the customer's delegated subscriptions, and store what they see now.

    So a delegation that ended in Azure is not read any more, and new ones wait for a decision. Does nothing for a
    customer without delegated subscriptions.
    """
    principals = principals_for(tenant_id)
    found = [(principal, credentials.check(principal)) for principal in principals]
    with delegation_scope(tenant_id):
        if not Subscription.objects.filter(tenant=tenant_id, is_delegated=True).exists():
            return
        tenant = Tenant.objects.select_related("organization").get(pk=tenant_id)
        lock_delegations(tenant.organization_id)
        lock_subscriptions([tenant.pk])
        stored = set(ManagingPrincipal.objects.values_list("pk", flat=True))
        for principal, result in found:
            if principal.pk not in stored:  # The principal was removed during the sign-in.
                continue
            record_managing_check(by=by, principal=principal, result=result)
            if result.subscriptions is not None:
                sync_delegations(by=by, principal=principal, discovered=result.subscriptions)
        follow_delegations(by=by, tenant=tenant)


def delegated_credential(tenant_id: UUID, subscription_id: str) -> Credential | SuretyError:
    """Return the organization's credential for one subscription of the customer, or the error that says why there is
    none. Call it without an open scope."""
    try:
        return credential_for(tenant_id, subscription_id)
    except SuretyError as error:
        return error
