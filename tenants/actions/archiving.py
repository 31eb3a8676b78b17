"""Archive a customer and remove its service principals, or restore an archived customer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from django.db import transaction
from django.utils import timezone

from tenants import journal
from tenants.actions.registrations import finish_registration
from tenants.actions.service_principals import lock_principals, remove_service_principal
from tenants.actions.subscriptions import lock_subscriptions
from tenants.actors import Actor
from tenants.errors import Conflict, invalid
from tenants.models import ServicePrincipal, Subscription, Tenant
from tenants.values.visible_text import is_blank

MAX_REASON = 500
# Functions that are called in the transaction that archives or restores a tenant. Apps of higher layers register such
# functions here.
_AFTER_ARCHIVING: Final[list[Callable[[Tenant], None]]] = []
_BEFORE_RESTORING: Final[list[Callable[[Tenant, Actor], None]]] = []


def after_archiving(function: Callable[[Tenant], None]) -> None:
    """Register `function(tenant)`. It is called after a tenant is archived, in the same transaction."""
    if function not in _AFTER_ARCHIVING:
        _AFTER_ARCHIVING.append(function)


def before_restoring(function: Callable[[Tenant, Actor], None]) -> None:
    """Register `function(tenant, actor)`. It is called before a tenant is restored, in the same transaction."""
    if function not in _BEFORE_RESTORING:
        _BEFORE_RESTORING.append(function)


@transaction.atomic
def archive_tenant(*, by: Actor, tenant: Tenant, reason: str) -> Tenant:
    """Archive the tenant, and delete its service principals with their sealed credentials.

    After a restore, an administrator must assign the tenant's delegated subscriptions again. Raise InvalidInput if the
    reason is missing or invalid, and Conflict if the tenant is already archived. To archive a customer,
    call `assessments.actions.archive.archive_customer`, which calls this function and also cancels assessments.
    """
    text = " ".join(reason.split())
    if is_blank(text) or len(text) > MAX_REASON or not text.isprintable():
        raise invalid("reason", f"Enter why the customer is archived, in at most {MAX_REASON} characters.")
    # While the transaction holds this lock, nobody can add a service principal, because a trigger on the inserted row
    # waits for the lock. Journal entries can still be added.
    row = Tenant.objects.select_for_update(no_key=True).get(pk=tenant.pk)
    if row.is_archived:
        raise Conflict(f"{row.name} is already archived.", code="customer_archived")
    principals = list(ServicePrincipal.objects.filter(tenant=row).order_by("pk"))
    lock_principals(principal.pk for principal in principals)
    lock_subscriptions([row.pk])
    for principal in principals:
        remove_service_principal(by=by, service_principal=principal)
    delegated = Subscription.objects.filter(tenant=row, is_delegated=True)
    delegated.filter(service_principal=None).update(state=Subscription.VANISHED)
    delegated.update(is_delegated=False)
    finish_registration(tenant=row)
    row.archived_at, row.archive_reason = timezone.now(), text
    row.save(update_fields=["archived_at", "archive_reason"])
    journal.record(tenant=row, actor=by, action="tenant.archived", target=row, details={"reason": text})
    for function in _AFTER_ARCHIVING:
        function(row)
    return row


@transaction.atomic
def restore_tenant(*, by: Actor, tenant: Tenant) -> Tenant:
    """End the archiving, and withdraw a requested erasure.

    The tenant needs a new service principal before it can be assessed. Raise Conflict if the tenant is not archived.
    """
    row = Tenant.objects.select_for_update(no_key=True).get(pk=tenant.pk)
    if not row.is_archived:
        raise Conflict(f"{row.name} is not archived.", code="customer_not_archived")
    for function in _BEFORE_RESTORING:
        function(row, by)
    row.archived_at, row.archive_reason = None, ""
    row.save(update_fields=["archived_at", "archive_reason"])
    journal.record(tenant=row, actor=by, action="tenant.restored", target=row)
    return row
