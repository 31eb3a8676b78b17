"""List an organization's delegated subscriptions, with the customers to which each subscription can be assigned."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Q, QuerySet

from tenants.models import Delegation, Directory, Organization, Subscription


@dataclass(frozen=True, slots=True)
class DelegatedSubscription:
    """A delegation, and the directories of customers to which it can be assigned.

    `is_read` says whether assessments of the assigned customer read the subscription with the organization's principal.
    `is_excluded` says whether the customer's settings exclude the subscription from assessments.
    """

    row: Delegation
    homes: tuple[Directory, ...] = ()
    is_read: bool = False
    is_excluded: bool = False

    @property
    def why_unread(self) -> str:
        """Return why the subscription is not read although it is assigned. Return an empty text for a subscription that
        is read or not assigned.
        """
        row = self.row
        if self.is_read or row.tenant is None:
            return ""
        if row.tenant.is_archived:
            return "The customer is archived"
        if row.state == Delegation.VANISHED:
            return "The delegation has ended"
        if row.principal is None:
            return "The service principal was removed"
        if row.principal.disabled_at is not None:
            return "The service principal is disabled"
        if self.is_excluded:
            return "The customer’s settings exclude the subscription from assessments"
        return (
            "The customer was archived and restored after the assignment. Undo the assignment, and assign the"
            " subscription again"
        )


def listed_delegations(organization: Organization) -> QuerySet[Delegation]:
    """Return the organization's delegations, undecided delegations first.

    A delegation that ended before anybody decided about it is left out.
    """
    rows = Delegation.objects.filter(organization=organization)
    rows = rows.exclude(state=Delegation.VANISHED, decision="")
    rows = rows.select_related("tenant", "principal", "decided_by").defer("principal__credential")
    return rows.order_by("decision", "display_name", "subscription_id", "pk")


def undecided() -> Q:
    """Return the database condition that selects the delegations that wait for a decision."""
    return Q(decision="") & ~Q(state=Delegation.VANISHED)


def with_customers(organization: Organization, rows: Iterable[Delegation]) -> list[DelegatedSubscription]:
    """Return each delegation with the directories to which it can be assigned. Directories of archived customers are
    left out.

    Call this function in the organization's scope.
    """
    found = list(rows)
    directories: dict[str, list[Directory]] = {}
    wanted = {row.home_directory_id for row in found}
    for directory in (
        Directory.objects.filter(
            tenant__organization=organization, tenant__archived_at=None, directory_id__in=wanted
        )
        .select_related("tenant")
        .order_by("tenant__name", "pk")
    ):
        directories.setdefault(directory.directory_id, []).append(directory)
    delegated = Subscription.objects.filter(
        is_delegated=True, subscription_id__in={row.subscription_id for row in found if row.tenant_id}
    )
    marked = set(delegated.values_list("tenant_id", "subscription_id"))
    excluded = set(delegated.filter(Subscription.excluded()).values_list("tenant_id", "subscription_id"))
    return [
        DelegatedSubscription(
            row,
            tuple(directories.get(row.home_directory_id, ())),
            is_excluded=(row.tenant_id, row.subscription_id) in excluded,
            is_read=(row.tenant_id, row.subscription_id) in marked
            and (row.tenant_id, row.subscription_id) not in excluded
            and row.state != Delegation.VANISHED
            and row.principal is not None
            and row.principal.disabled_at is None,
        )
        for row in found
    ]
