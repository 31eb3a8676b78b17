"""Build the rows in which pages show resources, configurations and differences."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence, Sized
from datetime import datetime
from itertools import islice
from typing import Any, Final, NamedTuple
from urllib.parse import urlencode
from uuid import UUID

from django.http import QueryDict
from django.urls import reverse

from assessments.actions.units.inventory import key_of
from assessments.estate.differences import MAX_DEPTH
from assessments.estate.ids import fold, parent_of
from assessments.models import Finding, FindingChange, Resource
from assessments.models.resource import ResourceVersion
from portal.changes.models import ApprovedConfiguration
from portal.queries.findings.tag_labels import tag_labels
from portal.queries.inventory.actors import Attribution
from portal.queries.inventory.filters import ORDER_LABELS
from portal.queries.inventory.history import HistoryEntry
from portal.treatment.naming import finding_title
from portal.treatment.states import ShownState, shown_state
from portal.web.components.vocabulary import verdict_label
from portal.web.shared.differences import DifferenceRow, cut_name, differences, entry_name, text_of
from portal.web.shared.visible import may
from tenants.models import Tenant
from tenants.roles import Capability

# If a version changed more properties than this, the history shows only the first properties and a link to the
# comparison.
MAX_DIFFERENCES: Final = 8
# The page of a comparison shows at most MAX_COMPARED properties. The page of a resource shows at most MAX_CHILDREN
# entries of each list or object in the resource's configuration. It shows fewer entries of each list or object if there
# would otherwise be more than MAX_NODES entries on the page.
MAX_COMPARED: Final = 500
MAX_CHILDREN: Final = 200
MAX_NODES: Final = 5000
_FEWER_CHILDREN: Final = (MAX_CHILDREN, 100, 50, 20, 10, 5, 2)


class ResourceRow(NamedTuple):
    """One resource in the list. `open` has the number of open findings by severity, most severe first. `unknown` is the
    number of findings with the verdict “unknown”. `approval` is the present approval of the resource's configuration.
    """

    url: str
    resource: Resource
    place: str
    open: Sequence[tuple[str, int]]
    unknown: int
    approval: ApprovedConfiguration | None


class Node(NamedTuple):
    """One property of a configuration.

    A property with children has no value. For such a property, `size` is a text with the number of its children.
    """

    name: str
    value: str
    children: Sequence[Node]
    size: str


class VerdictRow(NamedTuple):
    """One verdict that changed together with a version of a resource."""

    url: str
    title: str
    severity: str
    before: str
    after: str


class HistoryRow(NamedTuple):
    """One version of a resource with its first differences. `more` is the number of further differences.

    `actors` says who may have made the change. It is None for versions from the first assessment of the subscription,
    because that assessment cannot tell when the resource changed.
    """

    version: ResourceVersion
    is_first: bool
    differences: Sequence[DifferenceRow]
    more: int
    verdicts: Sequence[VerdictRow]
    actors: Attribution | None


def resources(
    tenant: Tenant,
    shown: Sequence[Resource],
    places: Mapping[str, str],
    numbers: Mapping[tuple[UUID, UUID], Counter[str]],
    approvals: Mapping[UUID, ApprovedConfiguration],
) -> list[ResourceRow]:
    return [
        ResourceRow(
            reverse("resource", args=[tenant.slug, row.pk]),
            row,
            places.get(row.unit, row.unit),
            [(severity, own[severity]) for severity in Finding.Severity.values if own[severity]],
            own[ShownState.UNKNOWN],
            approvals.get(row.pk),
        )
        for row in shown
        for own in [numbers.get((row.tenant_id, row.ref), Counter())]
    ]


def sorts(query: QueryDict, order: str) -> list[tuple[str, str, bool]]:
    """Return (label, URL, whether the list has this order now) for each order."""
    found = []
    for key, label in ORDER_LABELS.items():
        changed = query.copy()
        changed.pop("page", None)
        changed["sort"] = key
        found.append((label, f"?{changed.urlencode()}", key == order))
    return found


def tags(tenant: Tenant, resource: Resource) -> list[tuple[str, str]]:
    """Return (tag, URL of the list of resources with this tag) for each tag of the resource.

    Email addresses in tags are masked for people who may not see names (`tag_labels`).
    """
    values = [f"{name}={value}" for name, value in sorted(resource.tags.items())]
    labels = tag_labels([tenant], values, may_see_names=may(Capability.VIEW_ALL, tenant))
    base = reverse("inventory", args=[tenant.slug])
    return [(labels.get(value, value), f"{base}?{urlencode({'tag': value})}") for value in values]


def parent(tenant: Tenant, resource: Resource) -> Resource | None:
    """Return the stored parent resource, such as the server of a database."""
    identifier = parent_of(resource.resource_id)
    if "/providers/" not in identifier.casefold():
        return None
    if fold(identifier) == fold(resource.resource_id):
        return None
    return Resource.objects.filter(tenant=tenant, key=key_of(identifier)).first()


def findings(
    tenant: Tenant, resource: Resource, places: Mapping[str, str], now: datetime
) -> list[dict[str, Any]]:
    """Return the findings on the resource, failures first."""
    rows = Finding.objects.filter(tenant=tenant, subject_ref=resource.ref)
    return [
        {
            "url": reverse("finding", args=[tenant.slug, row.pk]),
            "title": finding_title(row.control, row.outcome),
            "severity": row.severity,
            "shown": row.shown,
            "changed_at": row.changed_at,
        }
        for row in rows.annotate(shown=shown_state(now)).order_by("outcome_rank", "severity_rank", "control")
    ]


def tree(content: Mapping[str, Any]) -> list[Node]:
    """Return the configuration as nodes, in the order of the stored document.

    There are at most about `MAX_NODES` nodes, because a configuration can have hundreds of thousands of properties.
    """
    limit = next((limit for limit in _FEWER_CHILDREN if _fits(content, limit)), 1)
    return list(_node("", content, 0, limit).children)


def _fits(content: Mapping[str, Any], limit: int) -> bool:
    """Return whether the tree has at most `MAX_NODES` nodes if it shows `limit` entries of each list and object."""
    count = 0
    level: list[Any] = [content]
    for _ in range(MAX_DEPTH + 2):
        level = [one for value in level for one in islice(_values(value), limit)]
        count += len(level)
        if count > MAX_NODES:
            return False
    return True


def _values(value: Any) -> Iterable[Any]:
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, list) else ()


def _node(name: str, value: Any, depth: int, limit: int) -> Node:
    if depth > MAX_DEPTH + 1:
        return Node(name, "…", (), "")
    if isinstance(value, dict) and value:
        children = [_node(cut_name(key), one, depth + 1, limit) for key, one in islice(value.items(), limit)]
        return Node(
            name, "", children + _left_out(value, limit), _count(len(value), "property", "properties")
        )
    if isinstance(value, list) and value:
        shown = enumerate(value[:limit], 1)
        children = [_node(entry_name(one, number), one, depth + 1, limit) for number, one in shown]
        return Node(name, "", children + _left_out(value, limit), _count(len(value), "entry", "entries"))
    return Node(name, text_of(value), (), "")


def _left_out(value: Sized, limit: int) -> list[Node]:
    """Return a list with one node that says how many entries are not shown. Return an empty list if all entries are
    shown.
    """
    number = len(value) - limit
    return [Node("…", f"{number} more", (), "")] if number > 0 else []


def _count(number: int, one: str, many: str) -> str:
    return f"{number} {one if number == 1 else many}"


def history(
    tenant: Tenant, entries: Sequence[HistoryEntry], actors: Mapping[UUID, Attribution]
) -> list[HistoryRow]:
    return [
        HistoryRow(
            entry.version,
            entry.changes is None,
            differences((entry.changes or ())[:MAX_DIFFERENCES]),
            max(0, len(entry.changes or ()) - MAX_DIFFERENCES),
            [_verdict(tenant, row) for row in entry.verdicts],
            actors.get(entry.version.pk),
        )
        for entry in entries
    ]


def _verdict(tenant: Tenant, row: FindingChange) -> VerdictRow:
    return VerdictRow(
        reverse("finding", args=[tenant.slug, row.finding_id]),
        finding_title(row.finding.control, row.after_outcome),
        row.finding.severity,
        verdict_label(row.before_outcome),
        verdict_label(row.after_outcome),
    )
