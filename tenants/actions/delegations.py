"""Update the list of delegated subscriptions from Azure. Assign each subscription to at most one customer, or exclude
it.

A delegated subscription is stored as a row of the organization (`Delegation`). An administrator assigns the
subscription to a customer that has the subscription's home directory. The customer gets a `Subscription` only after
this assignment. Assessments read this `Subscription` with the organization's principal
(`tenants.azure.delegated_access`). The `Subscription` names neither this principal nor the principal's directory.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from tenants import journal
from tenants.actions._archived import refuse_archived
from tenants.actions.directories import guid
from tenants.actions.foreign_subscriptions import MAX_DECISIONS, MAX_REASON
from tenants.actions.subscriptions import lock_subscriptions
from tenants.actors import Actor
from tenants.azure.credentials import DiscoveredSubscription
from tenants.errors import Conflict, NotFound, invalid
from tenants.journal.batch import lock_chains
from tenants.models import (
    Delegation,
    Directory,
    ManagingPrincipal,
    Organization,
    Person,
    Subscription,
    Tenant,
)
from tenants.values.visible_text import is_blank

Decision = Delegation.Decision


def lock_delegations(organization_id: UUID) -> None:
    """Lock the organization's principals and delegations until the transaction ends.

    Call this first in an action that changes several delegations or principals and writes a journal entry. Then such
    actions lock in the same order and cannot deadlock.
    """
    for rows in (ManagingPrincipal.objects.all(), Delegation.objects.all()):
        mine = rows.filter(organization=organization_id).order_by("pk")
        list(mine.select_for_update(no_key=True, of=("self",)).values_list("pk"))


def delegated_lines(
    principal: ManagingPrincipal, discovered: Iterable[DiscoveredSubscription]
) -> dict[str, DiscoveredSubscription]:
    """Return {id: subscription} of the discovered subscriptions that do not belong to the principal's own directory.
    Customers have delegated these subscriptions to the principal's directory.
    """
    return {
        guid("subscription_id", line.subscription_id): line
        for line in discovered
        if line.home_directory_id and line.home_directory_id.casefold() != principal.directory_id
    }


@transaction.atomic
def sync_delegations(
    *,
    by: Actor,
    principal: ManagingPrincipal,
    discovered: Iterable[DiscoveredSubscription],
    others: Mapping[str, ManagingPrincipal] | None = None,
) -> None:
    """Update the organization's delegated subscriptions from `discovered`, the complete list of subscriptions that the
    principal sees now.

    New subscriptions wait for a decision. If a subscription has moved to another directory, the decision about it ends.
    Subscriptions of the principal's own directory are left out. This function does not change the customers' rows.
    `follow_delegations` changes them.

    Each subscription is read with one principal (`Delegation.principal`). If `principal` sees a subscription whose
    present principal can no longer read it (`_needs_reader`), `principal` becomes the principal of the subscription.

    If a subscription is read with `principal`, but `principal` no longer sees it, a principal from `others` takes over.
    `others` is {subscription id: enabled principal of the organization that sees the subscription now}. If `others` has
    no principal for the subscription, the subscription becomes Vanished.
    """
    seen = delegated_lines(principal, discovered)
    now = timezone.now()
    rows = Delegation.objects.filter(organization=principal.organization_id).order_by("pk")
    rows = rows.select_related("principal").select_for_update(of=("self",))
    known = {row.subscription_id: row for row in rows}
    changes: dict[str, list[str]] = {"new": [], "returned": [], "moved": [], "vanished": []}
    for identifier, line in seen.items():
        row = known.get(identifier)
        if row is None:
            row = Delegation(
                organization_id=principal.organization_id, subscription_id=identifier, discovered_at=now
            )
            changes["new"].append(identifier)
        elif row.state == Delegation.VANISHED:
            changes["returned"].append(identifier)
        if (
            row.principal != principal
            and _needs_reader(row, line)
            and _has_cloud_of(row.principal, principal)
        ):
            # The stored `has_role` is about the previous principal. Whether the new principal has a role is not known
            # yet.
            row.principal, row.has_role = principal, None
        home = guid("home_directory_id", line.home_directory_id)
        if row.home_directory_id not in ("", home):
            row.clear_decision()
            changes["moved"].append(identifier)
        row.home_directory_id, row.state, row.last_seen_at = home, line.state[:40], now
        row.display_name, row.quota_id = line.display_name[:200], line.quota_id[:100]
        row.is_managed = principal.directory_id in line.managed_by
        if line.has_role is not None and row.principal == principal:
            row.has_role = line.has_role
        row.save()
    for identifier, row in known.items():
        if identifier in seen or row.principal_id != principal.pk or row.state == Delegation.VANISHED:
            continue
        other = (others or {}).get(identifier)
        if other is not None and _has_cloud_of(principal, other):
            row.principal, row.has_role = other, None
            row.save(update_fields=["principal", "has_role"])
            continue
        row.state = Delegation.VANISHED
        row.save(update_fields=["state"])
        changes["vanished"].append(identifier)
    details = {kind: sorted(identifiers) for kind, identifiers in changes.items() if identifiers}
    if details:
        journal.record(
            organization=principal.organization,
            actor=by,
            action="delegations.changed",
            target=principal,
            details=details,
        )


def _needs_reader(row: Delegation, line: DiscoveredSubscription) -> bool:
    """Return whether another principal should read the delegated subscription, because the present principal cannot
    read it.

    `line` is the subscription as the other principal sees it. A temporary error of the present principal, such as a
    missing answer, is no reason to change the principal.
    """
    holder = row.principal
    if holder is None or row.state == Delegation.VANISHED:
        return True
    reads_more = row.has_role is False and line.has_role is True
    return holder.disabled_at is not None or holder.refused_since is not None or reads_more


def _has_cloud_of(holder: ManagingPrincipal | None, other: ManagingPrincipal) -> bool:
    """Return False if the principals sign in to different clouds, which cannot have the same subscription."""
    return holder is None or (holder.cloud.name, holder.cloud.arm) == (other.cloud.name, other.cloud.arm)


@transaction.atomic
def follow_delegations(*, by: Actor, tenant: Tenant) -> None:
    """Update the customer's delegated subscriptions from the organization's `Delegation` rows. The customer and the
    organization must be in scope.

    When the assignment or the delegation of a subscription has ended, the subscription becomes Vanished, unless a
    service principal of the customer's own directory sees it. In this case, that service principal reads the
    subscription, and the state of the subscription does not change.
    """
    lock_subscriptions([tenant.pk])
    mine = Subscription.objects.filter(tenant=tenant, is_delegated=True).select_related("directory")
    assigned = {
        row.subscription_id: row
        for row in Delegation.objects.filter(tenant=tenant, decision=Decision.ASSIGNED)
    }
    vanished: list[str] = []
    returned: list[str] = []
    for row in mine.order_by("pk"):
        source = assigned.get(row.subscription_id)
        if source is not None and source.home_directory_id != row.directory.directory_id:
            source = None
        row.is_delegated = source is not None
        if row.service_principal_id is None:
            state = source.state if source is not None else Subscription.VANISHED
            if state != row.state and Subscription.VANISHED in (state, row.state):
                (vanished if state == Subscription.VANISHED else returned).append(row.subscription_id)
            row.state = state
            if source is not None:
                row.display_name, row.quota_id = source.display_name, source.quota_id
                row.last_seen_at = source.last_seen_at
        row.save(update_fields=["is_delegated", "state", "display_name", "quota_id", "last_seen_at"])
    details = {
        kind: ids for kind, ids in (("vanished", sorted(vanished)), ("returned", sorted(returned))) if ids
    }
    if details:
        journal.record(
            tenant=tenant, actor=by, action="subscriptions.changed", target=tenant, details=details
        )


@transaction.atomic
def assign_delegations(
    *, by: Actor, organization: Organization, assignments: Mapping[UUID, Directory]
) -> list[Subscription]:
    """Assign delegations to customers. Return the assigned subscriptions.

    `assignments` is {id of a delegation: directory of the customer}. Raise Conflict, and assign nothing, if

    - somebody has decided about a delegation meanwhile, or a delegation has ended
    - the directory is not the home directory of the subscription, or is in another cloud than the principal that reads
      the subscription
    - the customer is archived, or another customer already assesses the subscription
    """
    tenants = {directory.tenant_id: directory.tenant for directory in assignments.values()}
    for tenant in tenants.values():
        if tenant.organization_id != organization.pk:
            raise NotFound("This customer does not exist. Reload the page.")
    rows = _locked(organization, list(assignments), tenants)
    received = []
    for row in rows:
        directory = assignments[row.pk]
        _refuse_unless_open(row)
        _refuse_unless_fitting(row, directory)
        _refuse_second_customer(row, directory.tenant)
        row.tenant, row.decision = directory.tenant, Decision.ASSIGNED
        row.decided_by, row.decided_at = by if isinstance(by, Person) else None, timezone.now()
        row.save(update_fields=["tenant", "decision", "decided_by", "decided_at"])
        details = {"directory": row.home_directory_id}
        _record(row, by, "delegation.assigned", {**details, "customer": directory.tenant.slug})
        subscription = _receive(row, directory)
        journal.record(
            tenant=directory.tenant,
            actor=by,
            action="subscription.delegation_assigned",
            target=subscription,
            details=details,
        )
        received.append(subscription)
    return received


@transaction.atomic
def exclude_delegations(
    *, by: Actor, organization: Organization, ids: Sequence[UUID], reason: str
) -> list[Delegation]:
    reason = " ".join(reason.replace("\x00", "\ufffd").split())
    if is_blank(reason):
        raise invalid("reason", "Enter the reason why the subscriptions are not assigned to a customer.")
    if len(reason) > MAX_REASON:
        raise invalid("reason", f"Enter at most {MAX_REASON} characters; this text has {len(reason)}.")
    rows = _locked(organization, ids, {})
    for row in rows:
        _refuse_unless_open(row)
        row.decision, row.decision_reason = Decision.EXCLUDED, reason
        row.decided_by, row.decided_at = by if isinstance(by, Person) else None, timezone.now()
        row.save(update_fields=["decision", "decision_reason", "decided_by", "decided_at"])
        _record(row, by, "delegation.excluded", {"directory": row.home_directory_id, "reason": reason})
    return rows


@transaction.atomic
def undo_delegation_decision(*, by: Actor, delegation: Delegation) -> Delegation:
    """Make a delegation undecided again.

    An assigned subscription is then read only if a service principal of the customer's own directory sees it. If none
    sees it, the findings of the subscription become unknown with the next assessment.
    """
    tenants = {delegation.tenant.pk: delegation.tenant} if delegation.tenant is not None else {}
    (row,) = _locked(delegation.organization, [delegation.pk], tenants)
    if not row.decision or row.tenant_id != delegation.tenant_id:
        raise Conflict(
            "Somebody else has changed this decision in the meantime. Reload the page.",
            code="changed_meanwhile",
        )
    decision, tenant = row.decision, row.tenant
    row.clear_decision()
    row.save(update_fields=["decision", "decision_reason", "tenant", "decided_by", "decided_at"])
    details: dict[str, object] = {"directory": row.home_directory_id, "decision": decision}
    if tenant is not None:
        details["customer"] = tenant.slug
    _record(row, by, "delegation.undone", details)
    if tenant is not None:
        _withdraw(row, tenant, by)
    return row


def _withdraw(row: Delegation, tenant: Tenant, by: Actor) -> None:
    subscription = Subscription.objects.filter(tenant=tenant, subscription_id=row.subscription_id).first()
    if subscription is None or not subscription.is_delegated:
        return
    subscription.is_delegated = False
    if subscription.service_principal_id is None:
        subscription.state = Subscription.VANISHED
    subscription.save(update_fields=["is_delegated", "state"])
    journal.record(
        tenant=tenant,
        actor=by,
        action="subscription.delegation_withdrawn",
        target=subscription,
        details={"directory": row.home_directory_id},
    )


def _locked(
    organization: Organization, ids: Sequence[UUID], tenants: Mapping[UUID, Tenant]
) -> list[Delegation]:
    """Lock the customers, the delegations, the customers' subscriptions, and the journals. Return the delegations.

    All transactions lock delegations, subscriptions and journals in this order, so that they cannot deadlock.
    """
    if len(ids) > MAX_DECISIONS:
        raise invalid("delegation", f"Choose at most {MAX_DECISIONS} subscriptions at once.")
    # Lock the customers, so that nobody archives one of them before the assignment is stored.
    live = Tenant.objects.filter(pk__in=list(tenants)).order_by("pk").select_for_update(no_key=True)
    for tenant in live:
        refuse_archived(tenant)
    rows = Delegation.objects.filter(organization=organization, pk__in=list(ids)).order_by("pk")
    found = list(rows.select_related("organization", "principal", "tenant").select_for_update(of=("self",)))
    lock_subscriptions(tenants, [row.subscription_id for row in found])
    lock_chains([organization, *tenants.values()])
    if len(found) != len(set(ids)):
        raise NotFound("One of the subscriptions no longer exists. Reload the page.")
    return found


def _refuse_unless_open(row: Delegation) -> None:
    if row.decision:
        raise Conflict(
            f"{row} was already assigned or excluded. Undo that decision first.", code="already_decided"
        )
    if row.state == Delegation.VANISHED or row.principal is None:
        raise Conflict(
            f"No service principal of the organization can see {row} now. Check the delegation in Azure, then choose"
            " “Check now” on the page of the service principal.",
            code="delegation_ended",
        )


def _refuse_unless_fitting(row: Delegation, directory: Directory) -> None:
    assert row.principal is not None
    if row.home_directory_id != directory.directory_id:
        raise Conflict(
            f"{row} belongs to the directory {row.home_directory_id}. Assign the subscription to a customer with this"
            " directory.",
            code="other_directory",
        )
    theirs, ours = directory.cloud, row.principal.cloud
    if (theirs.name, theirs.arm) != (ours.name, ours.arm):
        raise Conflict(
            f"{row} is in another cloud than the directory of {directory.tenant}. Correct the cloud of the directory.",
            code="other_cloud",
        )


def _refuse_second_customer(row: Delegation, tenant: Tenant) -> None:
    """Raise Conflict if the subscription is already assessed for another customer of the organization, with a service
    principal of this other customer.
    """
    others = Subscription.objects.filter(Subscription.own(), subscription_id=row.subscription_id)
    others = others.exclude(tenant=tenant).exclude(
        state__in=(Subscription.VANISHED, Subscription.WAITING, Subscription.DELETED)
    )
    other = others.select_related("tenant").first()
    if other is not None:
        raise Conflict(
            f"{row} is already assessed for {other.tenant}. A subscription can belong to only one customer.",
            code="other_customer",
        )


def _receive(row: Delegation, directory: Directory) -> Subscription:
    """Return the customer's row of the subscription, and mark it as delegated. Create the row if it is missing."""
    now = timezone.now()
    found, _ = Subscription.objects.select_related("directory", "tenant").get_or_create(
        tenant=directory.tenant,
        subscription_id=row.subscription_id,
        defaults={
            "directory": directory,
            "display_name": row.display_name,
            "state": row.state,
            "home_directory_id": row.home_directory_id,
            "quota_id": row.quota_id,
            "discovered_at": now,
            "last_seen_at": row.last_seen_at,
        },
    )
    found.is_delegated = True
    if found.is_foreign or found.directory_id != directory.pk:
        # The row exists because a principal of another directory of this customer saw the subscription.
        found.directory, found.service_principal = directory, None
        found.clear_decision()
    if found.service_principal is None or found.state in (Subscription.VANISHED, Subscription.WAITING):
        found.service_principal, found.state = None, row.state
        found.display_name, found.home_directory_id = row.display_name, row.home_directory_id
        found.quota_id, found.last_seen_at = row.quota_id, row.last_seen_at
    if found.service_principal is None:
        # Only the customer's own service principals read tags and management groups. No such service principal reads
        # this subscription, so the stored values may be out of date. Remove them, so that exclusion rules do not match
        # them.
        found.tags, found.management_groups, found.exclusion_rule = {}, [], None
        found.rule_unannounced_since = None
    found.save()
    return found


def _record(row: Delegation, by: Actor, action: str, details: Mapping[str, object]) -> None:
    journal.record(organization=row.organization, actor=by, action=action, target=row, details=details)
