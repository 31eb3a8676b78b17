"""Connect a customer's delegated subscription with the organization's principal that reads it. No other module makes
this connection.

A worker gets an organization's credential for one subscription of one customer, while all of these conditions are true:

- an administrator assigned the subscription to this customer, and the customer's row of the subscription is marked as
  delegated
- the customer is not archived
- the subscription still belongs to the directory of the assignment, and Azure lists the subscription
- the principal is enabled

`assessments.collect.session` then refuses every request outside of this subscription.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from uuid import UUID

from tenants.azure import credentials
from tenants.azure.credentials import Credential, Delegated
from tenants.errors import Refusal, SuretyError
from tenants.locks import Lock, lock
from tenants.models import Delegation, ManagingPrincipal, Subscription, Tenant
from tenants.scope import delegation_scope


class NotDelegated(Refusal, code="not_delegated"):
    """An error: the organization's principal must not or cannot read the subscription for this customer."""


def principals_for(tenant_id: UUID) -> list[ManagingPrincipal]:
    """Return the organization's enabled principals, oldest first, if delegated subscriptions are assigned to the
    customer.

    All principals are returned, because if a subscription's principal cannot be used any more, another principal reads
    the subscription. For an archived customer, the list is empty. Call this while no scope (`tenants.scope`) is
    open.
    """
    with delegation_scope(tenant_id):
        tenant = Tenant.objects.get(pk=tenant_id)
        if tenant.is_archived:
            return []
        delegated = Subscription.objects.filter(tenant=tenant_id, is_delegated=True)
        wanted = Delegation.objects.filter(
            tenant=tenant_id,
            decision=Delegation.Decision.ASSIGNED,
            subscription_id__in=delegated.values("subscription_id"),
        )
        if not wanted.exists():
            return []
        rows = ManagingPrincipal.objects.filter(organization=tenant.organization_id, disabled_at=None)
        return list(rows.order_by("created_at", "pk"))


def credential_for(tenant_id: UUID, subscription_id: str) -> Credential:
    """Return the organization's credential, limited to this subscription. Call this while no scope (`tenants.scope`) is
    open.

    Raise NotDelegated, with a message that says what to do, if a condition at the top of this module is not true. Also
    raise the errors of `tenants.azure.credentials.credential_of`.
    """
    with delegation_scope(tenant_id):
        row, principal = _assigned(tenant_id, subscription_id)
        found = credentials.credential_of(principal)
        return replace(found, delegated=Delegated(subscription_id, row.home_directory_id, principal.pk))


def refusal_for(tenant_id: UUID, used: Delegated) -> SuretyError | None:
    """Return why the principal of `used` must not read the subscription any more, or None. Call this while no scope
    (`tenants.scope`) is open.

    A disabled or removed principal must not read it, even if another principal may.
    """
    try:
        with delegation_scope(tenant_id):
            _require_permission(tenant_id, used)
    except SuretyError as refusal:
        return refusal
    return None


@contextmanager
def permission_scope(tenant_id: UUID, used: Delegated) -> Iterator[None]:
    """Open a transaction during which the permission to read the subscription with this credential cannot end. Call
    this while no scope (`tenants.scope`) is open.

    To write the data that was read, open the tenant's scope inside this transaction. Actions that end the permission
    wait for the end of the transaction. Raise NotDelegated if the permission has already ended. If the customer is
    archived, no error is raised here, because archiving cancels the assessments.
    """
    with delegation_scope(tenant_id):
        lock(Lock.VERDICTS, tenant_id)  # Advisory locks are taken before row locks (`tenants.locks`).
        rows = Delegation.objects.filter(tenant=tenant_id, subscription_id=used.subscription_id)
        list(rows.select_for_update(no_key=True, of=("self",)).values_list("pk"))
        if not Tenant.objects.get(pk=tenant_id).is_archived:
            _require_permission(tenant_id, used)
        yield


def _require_permission(tenant_id: UUID, used: Delegated) -> None:
    _assigned(tenant_id, used.subscription_id)
    if not ManagingPrincipal.objects.filter(pk=used.principal_id, disabled_at=None).exists():
        raise NotDelegated(
            "The organization’s service principal was disabled or removed during the assessment. Repeat the"
            " assessment.",
            code="service_principal_removed",
        )


def _assigned(tenant_id: UUID, subscription_id: str) -> tuple[Delegation, ManagingPrincipal]:
    """Return the assigned delegation and its principal. Raise NotDelegated if the subscription must not be read."""
    if Tenant.objects.get(pk=tenant_id).is_archived:
        raise NotDelegated(
            "The customer is archived, so no data of the customer is read.", code="customer_archived"
        )
    own = (
        Subscription.objects.filter(tenant=tenant_id, subscription_id=subscription_id, is_delegated=True)
        .select_related("directory")
        .first()
    )
    row = (
        Delegation.objects.filter(
            tenant=tenant_id,
            subscription_id=subscription_id,
            decision=Delegation.Decision.ASSIGNED,
        )
        .select_related("principal")
        .first()
    )
    if own is None or row is None or row.home_directory_id != own.directory.directory_id:
        raise NotDelegated(
            "No administrator of the organization has assigned this delegated subscription to the customer. Ask an"
            " administrator to assign it."
        )
    if row.state == Delegation.VANISHED:
        raise NotDelegated(
            "The organization’s service principal no longer sees this subscription. Delegate the subscription again"
            " with Azure Lighthouse, or exclude it from assessments.",
            code="delegation_ended",
        )
    if row.principal is None or row.principal.disabled_at is not None:
        raise NotDelegated(
            "The organization’s service principal was disabled or removed, and no other service principal sees the"
            " subscription. Ask an administrator of the organization to enable or register a service principal.",
            code="service_principal_removed",
        )
    theirs, ours = own.directory.cloud, row.principal.cloud
    if (theirs.name, theirs.arm) != (ours.name, ours.arm):
        raise NotDelegated(
            "The directory is in another cloud than the organization’s service principal. Correct the cloud of the"
            " directory, or undo the assignment.",
            code="other_cloud",
        )
    return row, row.principal
