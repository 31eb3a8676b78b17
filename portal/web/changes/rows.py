"""Changes as the pages show them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple

from django.urls import reverse

from assessments.display.names import Names
from portal.changes.facts import difference_of
from portal.changes.models import ResourceChange, ReviewEvent
from portal.queries.changes.names import actor_label, object_label
from portal.treatment.naming import finding_title
from portal.web.components.timeline import Entry
from portal.web.components.vocabulary import verdict_label
from portal.web.shared.differences import DifferenceRow, differences
from portal.web.shared.resource_types import spelled, type_label
from tenants.models import Tenant

MAX_ACTORS: Final = 3


class ChangeRow(NamedTuple):
    """One change in the list. `what` is the name of the property that changed, or of the operation."""

    url: str
    name: str
    change: ResourceChange
    type: str
    place: str
    what: str
    more: int
    first: DifferenceRow | None
    actors: Sequence[str]
    more_actors: int
    approved: DifferenceRow | None
    """The first property whose value differs from the approved configuration."""


class Candidate(NamedTuple):
    """One operation that may have made the change."""

    at: datetime
    actor: str
    operation: str
    target: str
    address: str


class Verdict(NamedTuple):
    """A control whose verdict on the resource changed, with the verdicts before and after the change."""

    url: str
    title: str
    severity: str
    before: str
    after: str


def changes(
    tenant: Tenant, shown: Sequence[ResourceChange], places: Mapping[str, str], names: Names
) -> list[ChangeRow]:
    found = []
    for change in shown:
        first = differences([difference_of(change.differences[0])])[0] if change.differences else None
        actors = list(dict.fromkeys(actor_label(one, names) for one in change.candidates))
        found.append(
            ChangeRow(
                reverse("resource-change", args=[tenant.slug, change.pk]),
                object_label(change, names),
                change,
                type_label(spelled(change.type)),
                places.get(change.unit, change.unit),
                change.summary,
                max(0, change.difference_count - 1),
                first,
                actors[:MAX_ACTORS],
                max(0, len(actors) - MAX_ACTORS),
                next(iter(approved_differences(change)), None),
            )
        )
    return found


def candidates(change: ResourceChange, names: Names) -> list[Candidate]:
    return [
        Candidate(
            datetime.fromisoformat(one["at"]),
            actor_label(one, names),
            one["operation"],
            one["target"],
            one["address"],
        )
        for one in change.candidates
    ]


def verdicts(tenant: Tenant, change: ResourceChange) -> list[Verdict]:
    return [_verdict(tenant, one) for one in change.verdicts]


def _verdict(tenant: Tenant, one: Mapping[str, Any]) -> Verdict:
    return Verdict(
        reverse("finding", args=[tenant.slug, one["finding"]]),
        finding_title(one["control"], one["after"]),
        one["severity"],
        verdict_label(one["before"]),
        verdict_label(one["after"]),
    )


_ICONS: Final = {
    "caught": ("bell", "warn"),
    "planned": ("clock", "pass"),
    "expected": ("tick", "pass"),
    "unexpected": ("warning", "fail"),
    "rolled_back": ("undo", "pass"),
    "assigned": ("person", "low"),
}


def timeline(change: ResourceChange) -> list[Entry]:
    """Return the events of the review, newest first."""
    rows = ReviewEvent.objects.filter(tenant_id=change.tenant_id, change=change).select_related("by")
    return [
        Entry(
            row.at,
            *_ICONS[row.kind],
            title=row.get_kind_display(),
            note=row.text,
            who=str(row.by) if row.by else "Surety",
        )
        for row in rows.order_by("-at", "-id")
    ]


def shown_differences(change: ResourceChange) -> list[DifferenceRow]:
    return differences([difference_of(row) for row in change.differences])


def approved_differences(change: ResourceChange) -> list[DifferenceRow]:
    """Return the stored differences between the resource and its approved configuration."""
    return differences([difference_of(row) for row in change.approved_differences])
