"""Publish events about caught changes.

When changes are caught, there is one event for each watch rule, and one notice for each owner of findings on the
changed resources. When unexpected changes are assigned, their owner gets a notice.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Final

from assessments.models import Finding
from portal import links
from portal.changes.models import ResourceChange
from portal.changes.shipped import rules_of
from portal.notify.events import subscribers_of
from portal.notify.publish import Event, publish
from portal.treatment.models import Treatment
from tenants.models import Person, Tenant
from tenants.roles import Capability, roles_with
from tenants.selectors import people_with_role

MAX_LISTED: Final = 10
MAX_DATA: Final = 100
_VIEWING_ALL: Final = roles_with(Capability.VIEW_ALL)
_VERBS: Final = {
    ResourceChange.Kind.CREATED: "was created",
    ResourceChange.Kind.CHANGED: "was changed",
    ResourceChange.Kind.DELETED: "was deleted",
}


def notify_caught(*, tenant: Tenant, changes: Sequence[ResourceChange], occasion: str = "") -> int:
    """Publish changes that wait for a review; return the number of new notices and posts.

    Call this function once, in the transaction that catches or reopens the changes. `occasion` becomes part of the keys
    of events, so that a reopened change is published again. If several rules caught a change, the change is published
    only for the most severe rule.
    """
    if not changes:
        return 0
    may_view = set(people_with_role(tenant, _VIEWING_ALL).values_list("pk", flat=True))
    subscribers = [who for who in subscribers_of(tenant, "change_caught") if who.pk in may_view]
    keys = {rule.name: rule.shipped or str(rule.pk) for rule in rules_of(tenant)}
    by_rule: dict[str, list[ResourceChange]] = defaultdict(list)
    for change in changes:
        by_rule[change.rules[0]].append(change)
    new = 0
    for rule, group in by_rule.items():
        event = _event(
            "change_caught", tenant, rule, group, {"rule": keys.get(rule, ""), "name": rule}, occasion
        )
        new += publish(tenant=tenant, event=event, subscribers=subscribers)
    for owner, group in _by_owner(tenant, changes).items():
        event = _event("change_of_owned", tenant, "", group, {"owner": owner.email}, occasion)
        new += publish(tenant=tenant, event=event, subscribers=[owner])
    return new


def notify_assigned(
    *,
    tenant: Tenant,
    owner: Person,
    changes: Sequence[ResourceChange],
    lines: tuple[str, ...],
    by: Person,
    now: datetime,
) -> None:
    """Send the owner one notice about the unexpected changes that were assigned to them."""
    first, count = changes[0], len(changes)
    publish(
        tenant=tenant,
        event=Event(
            kind="change_assigned",
            key=f"changes:{first.pk}:{now.isoformat()}:{owner.pk}",
            title=f"Assigned to you: unexpected change of {first.name} ({first.summary})"
            if count == 1
            else f"{count} unexpected changes were assigned to you",
            title_to_all=f"Assigned to {owner}: unexpected change of {first.name} ({first.summary})"
            if count == 1
            else f"{count} unexpected changes were assigned to {owner}",
            lines=lines,
            path=links.resource_change(tenant.slug, first.pk),
            path_to_all=links.resource_changes(tenant.slug) if count > 1 else "",
            data={"owner": owner.email, "count": count, "changes": [str(row.pk) for row in changes[:100]]},
        ),
        subscribers=[owner],
        by=by,
    )


def what_happened(change: ResourceChange) -> str:
    """Return what happened to which resource, as in “nsg-web was changed”."""
    if change.kind == ResourceChange.Kind.OPERATION:
        operation = change.candidates[0]["operation"] if change.candidates else "Operation"
        return f"{operation} on {change.name}"
    return f"{change.name} {_VERBS[ResourceChange.Kind(change.kind)]}"


def _event(
    kind: str,
    tenant: Tenant,
    rule: str,
    group: Sequence[ResourceChange],
    data: dict[str, Any],
    occasion: str,
) -> Event:
    first, count = group[0], len(group)
    what = (
        ": ".join(filter(None, (what_happened(first), _properties(first))))
        if count == 1
        else f"{count} changes"
    )
    if not rule and count > 1:
        what = f"{count} changes of resources that have findings you own"
    title = f"{rule}: {what}" if rule else what
    more = (f"and {count - MAX_LISTED} more",) if count > MAX_LISTED else ()
    path = links.resource_change(tenant.slug, first.pk) if count == 1 else links.notices()
    path_to_all = path if count == 1 else links.resource_changes(tenant.slug)
    return Event(
        kind=kind,
        key=(f"changes:{rule}:{first.pk}" if rule else f"changes:{first.pk}:{data['owner']}") + occasion,
        title=title,
        title_to_all="" if rule or count == 1 else f"{count} changes of resources with an owner",
        # The title already says what happened in a single change, so the line says only who, where and when.
        lines=(_facts(first),) if count == 1 else (*(_line(change) for change in group[:MAX_LISTED]), *more),
        path=path_to_all if rule else path,
        path_to_all=path_to_all,
        data={
            **data,
            "severity": first.severity,
            "count": count,
            "changes": [_as_data(change) for change in group[:MAX_DATA]],
        },
    )


def _line(change: ResourceChange) -> str:
    """Return one line about a change, for mails and chats. The line names the first changed property, but no values."""
    parts = [what_happened(change), *filter(None, [_properties(change)])]
    parts.append(f"by {' or '.join(change.actors[:3])}" if change.actors else "actor unknown")
    return ", ".join(parts)


def _facts(change: ResourceChange) -> str:
    """Return who may have made a change, where, and when, as in “Actor unknown, found 2026-11-25 02:20 UTC”."""
    parts = [f"By {' or '.join(change.actors[:3])}" if change.actors else "Actor unknown"]
    if change.resource_group:
        parts.append(f"resource group {change.resource_group}")
    word = "happened" if change.kind == ResourceChange.Kind.OPERATION else "found"
    return ", ".join([*parts, f"{word} {change.at.astimezone(UTC):%Y-%m-%d %H:%M} UTC"])


def _properties(change: ResourceChange) -> str:
    """Return the path of the first changed property and how many others changed; empty if no property is stored."""
    if not change.properties:
        return ""
    more = change.difference_count - 1
    return change.properties[0] + (f" and {more} more" if more > 0 else "")


def _as_data(change: ResourceChange) -> dict[str, Any]:
    return {
        "id": str(change.pk),
        "kind": change.kind,
        "resource": change.azure_id,
        "at": change.at.isoformat(),
        "properties": change.properties[:MAX_LISTED],
        "actors": change.actors[:MAX_LISTED],
        "operations": change.operations[:MAX_LISTED],
        "severity": change.severity,
    }


def _by_owner(tenant: Tenant, changes: Sequence[ResourceChange]) -> dict[Person, list[ResourceChange]]:
    """Group the changes by the owners of findings on the changed resources."""
    refs = {change.resource.ref: change.resource.pk for change in changes if change.resource is not None}
    rows = Treatment.objects.filter(
        tenant=tenant, finding__subject_ref__in=list(refs), owner__isnull=False
    ).exclude(finding__outcome=Finding.Outcome.NOT_APPLICABLE)
    owners: dict[Any, set[Person]] = defaultdict(set)
    for row in rows.select_related("owner", "finding").only("owner", "finding__subject_ref"):
        if row.owner is not None:
            owners[refs[row.finding.subject_ref]].add(row.owner)
    found: dict[Person, list[ResourceChange]] = defaultdict(list)
    for change in changes:
        for owner in owners.get(change.resource.pk, ()) if change.resource is not None else ():
            found[owner].append(change)
    return found
