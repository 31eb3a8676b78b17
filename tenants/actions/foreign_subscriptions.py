"""Decide about foreign subscriptions. A customer's service principal sees them through Azure Lighthouse, although they
belong to another directory.

An administrator assigns such a subscription to the tenant of its home directory, or excludes it with a reason. The
receiving tenant reads the subscription with a service principal of its own directory, as soon as such a service
principal sees the subscription. Only the receiving tenant learns the subscription's name. No tenant uses another
tenant's credential.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Q
from django.utils import timezone

from tenants import access, journal
from tenants.actions.subscriptions import lock_subscriptions
from tenants.errors import Conflict, NotFound, PermissionDenied, invalid
from tenants.isolation.active_scope import current
from tenants.locks import Lock, lock
from tenants.models import Directory, Person, Subscription, Tenant
from tenants.roles import Capability
from tenants.values.visible_text import is_blank

MAX_REASON = 1000
MAX_DECISIONS = 500


@dataclass(frozen=True, slots=True)
class Assignment:
    """A foreign subscription, and the `Directory` row of its home directory. The subscription is to be assigned to the
    customer (`Tenant`) of this row.
    """

    subscription: Subscription
    directory: Directory


@transaction.atomic
def assign_foreign(*, by: Person, assignments: Sequence[Assignment]) -> list[Subscription]:
    """Assign each subscription to the tenant of its home directory. Return the subscriptions' rows in the receiving
    tenants.

    The person needs ADMINISTER in the tenants whose service principals found the subscriptions, and in the receiving
    tenants. Raise Conflict if a subscription is no longer foreign, was decided meanwhile, or does not belong to the
    given directory.
    """
    wanted = {one.subscription.pk: one.directory for one in assignments}
    owners = {one.subscription.tenant_id for one in assignments} | {
        one.directory.tenant_id for one in assignments
    }
    rows = _locked(list(wanted), owners)
    received = []
    for row in rows:
        directory = wanted[row.pk]
        _refuse_unless_undecided(row)
        if row.home_directory_id != directory.directory_id or directory.tenant_id == row.tenant_id:
            raise Conflict(
                f"{row} belongs to the directory {row.home_directory_id}. Assign it to a customer with that directory.",
                code="other_directory",
            )
        _decide(row, by, Subscription.Decision.ASSIGNED)
        _record(row, by, "subscription.foreign_assigned", {"directory": row.home_directory_id})
        received.append(_receive(row, directory, by))
    return received


@transaction.atomic
def exclude_foreign(*, by: Person, subscriptions: Sequence[Subscription], reason: str) -> list[Subscription]:
    """Exclude foreign subscriptions with a reason.

    The person needs ADMINISTER in the tenants whose service principals found the subscriptions.
    """
    reason = reason.strip().replace("\x00", "\ufffd")
    if is_blank(reason):
        raise invalid("reason", "Enter the reason why the subscriptions are not assigned to a customer.")
    if len(reason) > MAX_REASON:
        raise invalid("reason", f"Enter at most {MAX_REASON} characters; this text has {len(reason)}.")
    rows = _locked([row.pk for row in subscriptions], {row.tenant_id for row in subscriptions})
    for row in rows:
        _refuse_unless_undecided(row)
        _decide(row, by, Subscription.Decision.EXCLUDED, reason)
        _record(
            row, by, "subscription.foreign_excluded", {"directory": row.home_directory_id, "reason": reason}
        )
    return rows


@transaction.atomic
def undo_foreign_decision(*, by: Person, subscription: Subscription) -> Subscription:
    """Make a foreign subscription undecided again.

    If the subscription was assigned, its row in the receiving tenant is deleted, with two exceptions. The row remains
    if another tenant's decision also assigns the subscription. The row also remains if a service principal of the
    receiving tenant has seen the subscription, because the tenant would then discover the subscription again anyway.
    """
    receivers = _receivers(subscription)
    is_assigned = subscription.decision == Subscription.Decision.ASSIGNED
    organization_id = subscription.tenant.organization_id
    if (
        is_assigned
        and not receivers
        and not current().may_in_organization(Capability.ADMINISTER, organization_id)
    ):
        raise PermissionDenied(
            "This subscription is assigned to a customer that you do not administer. Ask an administrator of this"
            " customer."
        )
    owners = {subscription.tenant_id, *(row.tenant_id for row in receivers)}
    (row,) = _locked([subscription.pk], owners)
    if not row.decision:
        raise Conflict("This decision was already undone.", code="not_decided")
    decision = row.decision
    row.clear_decision()
    row.save(update_fields=["decision", "decision_reason", "decided_by", "decided_at"])
    _record(
        row, by, "subscription.foreign_undone", {"directory": row.home_directory_id, "decision": decision}
    )
    if decision == Subscription.Decision.ASSIGNED and not _assigned_elsewhere(row):
        for received in _receivers(row):
            is_removed = received.state == Subscription.WAITING
            details = {"directory": row.home_directory_id, "removed": is_removed}
            _record(received, by, "subscription.foreign_withdrawn", details)
            if is_removed:
                _delete(received)
    return row


def _locked(ids: Sequence[UUID], tenant_ids: set[UUID]) -> list[Subscription]:
    """Lock the rows of the subscriptions, then the journals of the tenants. All transactions lock in this order, so
    that they cannot deadlock.
    """
    if len(ids) > MAX_DECISIONS:
        raise invalid("subscription", f"Choose at most {MAX_DECISIONS} subscriptions at once.")
    for tenant_id in tenant_ids:
        access.require(Capability.ADMINISTER, tenant_id=tenant_id)
    rows = Subscription.objects.filter(pk__in=ids).select_related("directory", "tenant").order_by("pk")
    # The receiving tenants have their own rows of the same subscriptions. Lock the rows of the receiving tenants too.
    lock_subscriptions(tenant_ids, list(rows.values_list("subscription_id", flat=True)))
    found = list(rows.select_for_update(of=("self",)))
    for tenant_id in sorted(tenant_ids):
        lock(Lock.JOURNAL, f"tenant:{tenant_id}")
    if len(found) != len(set(ids)):
        raise NotFound("One of the selected subscriptions no longer exists. Reload the page.")
    return found


def _delete(row: Subscription) -> None:
    """Delete a subscription that no assessment has read.

    `Model.delete()` would also send a DELETE for the units of the subscription. There are no units, but this DELETE
    would fail, because the application's role may not delete units.
    """
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM tenants_subscription WHERE id = %s", [row.pk])


def _refuse_unless_undecided(row: Subscription) -> None:
    if not row.is_foreign:
        raise Conflict(
            f"{row} belongs to this customer’s directory now. Reload the page.", code="not_foreign"
        )
    if row.decision:
        raise Conflict(
            f"{row} was already assigned or excluded. Undo that decision first.", code="already_decided"
        )


def _decide(row: Subscription, by: Person, decision: Subscription.Decision, reason: str = "") -> None:
    row.decision, row.decision_reason = decision, reason
    row.decided_by, row.decided_at = by, timezone.now()
    row.save(update_fields=["decision", "decision_reason", "decided_by", "decided_at"])


def _receive(row: Subscription, directory: Directory, by: Person) -> Subscription:
    """Return the subscription's row in the tenant of its home directory. If the row is missing, create it in the state
    Waiting.
    """
    tenant, now = Tenant.objects.get(pk=directory.tenant_id), timezone.now()
    received, is_new = Subscription.objects.select_related("directory", "tenant").get_or_create(
        tenant=tenant,
        subscription_id=row.subscription_id,
        defaults={
            "directory": directory,
            "display_name": row.display_name,
            "state": Subscription.WAITING,
            "home_directory_id": row.home_directory_id,
            "quota_id": row.quota_id,
            "discovered_at": now,
            "last_seen_at": now,
        },
    )
    details = {"directory": row.home_directory_id, "waiting": is_new}
    journal.record(
        tenant=tenant, actor=by, action="subscription.foreign_received", target=received, details=details
    )
    return received


def _receivers(row: Subscription) -> list[Subscription]:
    """Return this subscription's rows in the other tenants of the open scope. Leave out rows whose directory is not the
    subscription's home directory.
    """
    found = Subscription.objects.filter(
        ~Q(tenant_id=row.tenant_id),
        subscription_id=row.subscription_id,
        directory__directory_id=row.home_directory_id,
    )
    return list(found.select_related("directory", "tenant").order_by("pk"))


def _assigned_elsewhere(row: Subscription) -> bool:
    """Return whether another tenant's row of this foreign subscription has the decision to assign the subscription."""
    others = Subscription.objects.filter(
        subscription_id=row.subscription_id,
        home_directory_id=row.home_directory_id,
        decision=Subscription.Decision.ASSIGNED,
    )
    return others.exclude(pk=row.pk).exists()


def _record(row: Subscription, by: Person, action: str, details: dict[str, object]) -> None:
    # For a foreign subscription, write the id to the journal but not the name: only the tenant to which it is assigned
    # may learn the name.
    target = f"subscription:{row.pk} {row.subscription_id}" if row.is_foreign else row
    journal.record(tenant=row.tenant, actor=by, action=action, target=target, details=details)
