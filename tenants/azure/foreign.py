"""Read foreign subscriptions, which service principals of a tenant see although the subscriptions belong to another
directory.

A person who administers single tenants, and not the whole organization, sees a foreign subscription only if its home
directory belongs to one of these tenants. Any other foreign subscription may belong to another customer.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Q, QuerySet

from tenants.models import Directory, ServicePrincipal, Subscription, Tenant
from tenants.values.command_values import checked_guid


@dataclass(frozen=True, slots=True)
class ForeignSubscription:
    """A foreign subscription, and the directories to which it can be assigned.

    - `row`: the row of the subscription in the tenant whose service principal sees it
    - `homes`: the `Directory` rows of the subscription's home directory that belong to other tenants than `row`; only
      tenants that the person administers
    - `at_home`: another row of the subscription, which belongs to one of `homes`, or None
    - `same_tenant`: the `Directory` row of the home directory in the tenant of `row`, or None
    - `reader`: the service principal of one of `homes` or of `same_tenant` that will read the subscription, or None
    """

    row: Subscription
    homes: tuple[Directory, ...] = ()
    at_home: Subscription | None = None
    reader: ServicePrincipal | None = None
    same_tenant: Directory | None = None

    @property
    def is_read_at_home(self) -> bool:
        """Return whether a service principal of the subscription's home directory sees the subscription."""
        return self.at_home is not None and self.at_home.state not in (
            Subscription.WAITING,
            Subscription.VANISHED,
        )

    @property
    def command(self) -> str:
        """Return the commands that let a service principal of the subscription's home directory read the
        subscription.
        """
        if self.reader is None:
            return ""
        return grant_commands(self.reader.directory, self.reader.client_id, self.row.subscription_id)


def grant_commands(directory: Directory, client_id: str, subscription_id: str) -> str:
    """Return the commands that grant a service principal of a directory the Reader role on a subscription.

    The person who runs the commands is usually signed in to another directory. So the commands first choose cloud,
    directory and subscription. The commands name the service principal by its object id, because it can take some
    time until a new service principal is found by name everywhere.
    """
    client_id, subscription_id = checked_guid(client_id), checked_guid(subscription_id)
    cloud = directory.cloud
    lines = [f"az cloud set --name {cloud.cli}"] if cloud.cli and not cloud.is_default else []
    lines += [
        f"az login --tenant {checked_guid(directory.directory_id)}",
        f"az account set --subscription {subscription_id}",
    ]
    lines.append(
        f'az role assignment create --assignee-object-id "$(az ad sp show --id {client_id} --query id --output tsv)"'
        f" --assignee-principal-type ServicePrincipal --role Reader --scope /subscriptions/{subscription_id}"
    )
    return "\n".join(lines)


def foreign_rows(tenants: Collection[Tenant], *, every_home: bool) -> QuerySet[Subscription]:
    """Return the foreign subscriptions of these tenants, sorted by name. Leave out a subscription that is no longer
    visible, unless somebody has decided about it.

    Set `every_home` to True for a person who administers the whole organization. If it is False, leave out
    subscriptions whose home directory does not belong to one of these tenants.
    """
    rows = Subscription.objects.filter(~Subscription.own(), tenant__any_of=[tenant.pk for tenant in tenants])
    rows = rows.exclude(state=Subscription.VANISHED, decision="")
    if not every_home:
        directories = Directory.objects.filter(tenant__any_of=[tenant.pk for tenant in tenants])
        rows = rows.filter(home_directory_id__in=directories.values("directory_id"))
    return rows.order_by("display_name", "subscription_id", "pk")


def undecided() -> Q:
    """Return the database condition that selects the foreign subscriptions that wait for a decision."""
    return Q(decision="") & ~Q(state__in=(Subscription.VANISHED, Subscription.DELETED))


def with_homes(rows: Iterable[Subscription], tenants: Collection[Tenant]) -> list[ForeignSubscription]:
    """Return each foreign subscription with the `Directory` rows of its home directory in these tenants. A subscription
    may have no such row.
    """
    found = list(rows)
    places = [tenant.pk for tenant in tenants]
    directories: dict[str, list[Directory]] = {}
    wanted = {row.home_directory_id for row in found}
    for directory in (
        Directory.objects.filter(tenant__any_of=places, directory_id__in=wanted)
        .select_related("tenant")
        .order_by("tenant__name", "pk")
    ):
        directories.setdefault(directory.directory_id, []).append(directory)
    known: dict[tuple[str, UUID], Subscription] = {
        (row.subscription_id, row.directory_id): row
        for row in Subscription.objects.filter(
            tenant__any_of=places, subscription_id__in={row.subscription_id for row in found}
        )
    }
    readers: dict[UUID, ServicePrincipal] = {}
    for principal in (
        ServicePrincipal.objects.filter(directory__in=[d.pk for many in directories.values() for d in many])
        .select_related("directory")
        .defer("credential")
        .order_by("created_at", "pk")
    ):
        readers.setdefault(principal.directory_id, principal)
    return [_with_home(row, directories.get(row.home_directory_id, []), known, readers) for row in found]


def _with_home(
    row: Subscription,
    directories: list[Directory],
    known: dict[tuple[str, UUID], Subscription],
    readers: dict[UUID, ServicePrincipal],
) -> ForeignSubscription:
    homes = tuple(one for one in directories if one.tenant_id != row.tenant_id)
    same = next((one for one in directories if one.tenant_id == row.tenant_id), None)
    at_home = next((known[key] for one in homes if (key := (row.subscription_id, one.pk)) in known), None)
    place = at_home.directory_id if at_home else next((one.pk for one in (same, *homes) if one), None)
    return ForeignSubscription(row, homes, at_home, readers.get(place) if place else None, same)
