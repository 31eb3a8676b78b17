"""Read the names of objects that findings mention by id, such as people and roles. One query reads the names for a
whole page.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any, NamedTuple
from uuid import UUID

from assessments.display.names import Name, Names, Status
from assessments.display.references import referenced
from assessments.models import Finding, FindingChange, ObjectName
from tenants.models import Directory, Subscription, Tenant


class Mentions(NamedTuple):
    """The texts of a finding that may contain ids: its subject, its observed values, and sentences."""

    subject: str
    observed: Mapping[str, Any] | None = None
    texts: tuple[str, ...] = ()


def mentions_of(finding: Finding) -> Mentions:
    """Return the texts of a finding that may contain ids. Columns that the query deferred are left out."""
    deferred = finding.get_deferred_fields()
    texts: tuple[str, ...] = () if "reason" in deferred else (finding.reason,)
    if "remarks" not in deferred:
        texts += tuple(map(str, finding.remarks))
    return Mentions(finding.subject, None if "observed" in deferred else finding.observed, texts)


def mentions_of_change(change: FindingChange) -> list[Mentions]:
    """Return the parts of a finding's change that may contain ids: both observed values, and the reason."""
    values = (change.before_observed, change.after_observed)
    return [Mentions("", observed, (change.reason,)) for observed in values]


def names_for(
    tenant: Tenant | UUID, mentions: Iterable[Mentions], places: Mapping[str, str] | None = None
) -> Names:
    """Return the stored names of all ids that `mentions` contain. If there are no ids, no query is sent.

    `places` is {scope id of a subscription or directory: its name}. If `places` is None, the names of subjects that are
    subscriptions or directories are read from the database.
    """
    wanted: set[str] = set()
    subjects: list[str] = []
    for mention in mentions:
        wanted |= referenced(mention.subject, mention.observed or {}, mention.texts).keys()
        subjects.append(mention.subject)
    if places is None:
        places = place_names(tenant, subjects)
    return _read(tenant, wanted, places) if wanted else Names((), places)


def names_by_tenant(mentions: Mapping[UUID, Iterable[Mentions]]) -> dict[UUID, Names]:
    """Return {tenant: stored names of all ids in its mentions}, with a fixed number of queries.

    A tenant gets only names that are stored for this tenant. If the subject of a mention is a subscription or directory
    of the tenant, the tenant also gets the name of this subscription or directory.
    """
    wanted: dict[UUID, set[str]] = {}
    places: dict[UUID, dict[str, str]] = {tenant: {} for tenant in mentions}
    scopes: set[str] = set()
    for tenant, given in mentions.items():
        wanted[tenant] = set()
        for mention in given:
            wanted[tenant] |= referenced(mention.subject, mention.observed or {}, mention.texts).keys()
            scopes.add(mention.subject.casefold())
    for tenant, scope, name in _places_of(list(mentions), scopes):
        places[tenant][scope] = name
    found: dict[UUID, list[Name]] = {tenant: [] for tenant in mentions}
    every = set().union(*wanted.values())
    if every:
        rows = ObjectName.objects.filter(tenant__in=list(mentions), guid__in=every).order_by("read_at")
        for row in sorted(rows, key=lambda row: row.name.status is Status.KNOWN):
            if row.guid in wanted[row.tenant_id]:
                found[row.tenant_id].append(row.name)
    return {tenant: Names(found[tenant], places[tenant]) for tenant in mentions}


def _places_of(tenants: Collection[UUID], scopes: Collection[str]) -> Iterator[tuple[UUID, str, str]]:
    """Yield (tenant, scope id, name) for those scopes that are subscriptions or directories of the tenants."""
    subscriptions = [_id(one) for one in scopes if one.startswith("/subscriptions/") and one.count("/") == 2]
    directories = [_id(one) for one in scopes if one.startswith("directory:")]
    if subscriptions:
        rows = Subscription.objects.filter(tenant__in=tenants, subscription_id__in=subscriptions)
        for tenant, guid, name in rows.values_list("tenant_id", "subscription_id", "display_name"):
            yield tenant, f"/subscriptions/{guid}", name
    if directories:
        known = Directory.objects.filter(tenant__in=tenants, directory_id__in=directories)
        for tenant, guid, name in known.values_list("tenant_id", "directory_id", "name"):
            yield tenant, f"directory:{guid}", name


def names_for_findings(
    tenant: Tenant | UUID, rows: Iterable[Finding], places: Mapping[str, str] | None = None
) -> Names:
    """Return the stored names of the ids that the findings mention."""
    return names_for(tenant, map(mentions_of, rows), places)


def all_names(tenant: Tenant, places: Mapping[str, str] | None = None) -> Names:
    """Return all stored names of a tenant, for exports and reports. All are returned, because only names that
    findings or activity logs need are stored.
    """
    return _read(tenant, None, places)


def place_names(tenant: Tenant | UUID, subjects: Iterable[str]) -> dict[str, str]:
    """Return {scope id: name} of the subjects that are subscriptions or directories."""
    return place_names_of_tenants([tenant if isinstance(tenant, UUID) else tenant.pk], subjects)


def place_names_of_tenants(tenant_ids: Collection[UUID], subjects: Iterable[str]) -> dict[str, str]:
    """Return {scope id: name} of the subjects that are subscriptions or directories of these tenants."""
    scopes = {subject.casefold() for subject in subjects}
    subscriptions = [
        _id(scope) for scope in scopes if scope.startswith("/subscriptions/") and scope.count("/") == 2
    ]
    directories = [_id(scope) for scope in scopes if scope.startswith("directory:")]
    found: dict[str, str] = {}
    if subscriptions:
        rows = Subscription.objects.filter(tenant_id__any_of=tenant_ids, subscription_id__in=subscriptions)
        found |= {
            f"/subscriptions/{guid}": name
            for guid, name in rows.values_list("subscription_id", "display_name")
        }
    if directories:
        places = Directory.objects.filter(tenant_id__any_of=tenant_ids, directory_id__in=directories)
        found |= {f"directory:{guid}": name for guid, name in places.values_list("directory_id", "name")}
    return found


def _id(scope: str) -> str:
    return scope.replace(":", "/").rpartition("/")[2]


def _read(tenant: Tenant | UUID, wanted: set[str] | None, places: Mapping[str, str] | None) -> Names:
    rows = ObjectName.objects.filter(tenant=tenant)
    if wanted is not None:
        rows = rows.filter(guid__in=wanted)
    # An id can have a row for each directory, for example the id of a built-in role. `Names` uses the last row of an
    # id, so rows with a known name come last.
    ordered = sorted(
        (row.name for row in rows.order_by("read_at")), key=lambda name: name.status is Status.KNOWN
    )
    return Names(ordered, places)
