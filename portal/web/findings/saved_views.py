"""Read views of the findings page: built-in views, and views that people saved."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db.models import Q, QuerySet
from django.http import QueryDict

from assessments.models import Finding
from portal.treatment.models import SavedView
from portal.treatment.selectors.scores import count_unassigned, standings
from portal.treatment.states import ShownState
from portal.web.findings.address import Address, known_parameters
from tenants.models import Person, Tenant

ALL: Final = "All"
OPEN: Final = "Open"
SEVERE: Final = "Critical and high"
OVERDUE: Final = "Overdue"
UNASSIGNED: Final = "Unassigned"
UNKNOWN: Final = "Unknown"
MINE: Final = "Mine"
# (name, query string); `{me}` is the person's id.
BUILT_IN: Final = (
    (ALL, ""),
    (OPEN, "state=open"),
    (SEVERE, "severity=critical&severity=high&state=open"),
    (OVERDUE, "due=overdue"),
    (UNASSIGNED, "state=open&owner=nobody"),
    (UNKNOWN, "state=unknown"),
    (MINE, "owner={me}"),
)
# These views are useless to people who see only the findings that they own.
_NEED_ALL: Final = (UNASSIGNED, MINE)


@dataclass(frozen=True, slots=True)
class Tab:
    """A view of the findings page.

    `saved` is None for a built-in view. `mine` says whether the person may rename and delete the view. `count` is the
    number of the view's findings, or None if they are not counted.
    """

    name: str
    url: str
    current: bool
    saved: SavedView | None = None
    mine: bool = False
    count: int | None = None

    @property
    def note(self) -> str:
        """Return “Shared by” and the name of the view's author. Return an empty text for the signed-in person's own
        views and for built-in views.
        """
        return f"Shared by {self.saved.person}" if self.saved and not self.mine else ""


def saved_views(tenant: Tenant, person: Person) -> QuerySet[SavedView]:
    """Return the person's own views and the views that other people share."""
    rows = SavedView.objects.filter(Q(person=person) | Q(shared=True), tenant=tenant)
    return rows.select_related("person").order_by("name", "id")


def view_counts(tenant: Tenant, person: Person, now: datetime) -> dict[str, int]:
    """Return {name of a built-in view: number of its findings} for a person who sees all findings of the tenant.

    Most numbers come from stored figures. If no automatic check has a result, a 0 beside a view of failures would look
    like a pass. In this case, views of failures with the number 0 are left out of the mapping.
    """
    stands = standings([tenant], now, by_section=False)[tenant.pk]
    # Filter by the treatment's tenant too. If this filter were missing, PostgreSQL would read the person's findings in
    # all customers.
    owned = Finding.objects.filter(tenant=tenant, treatment__tenant=tenant, treatment__owner=person)
    counts = {
        ALL: sum(stands.states.values()),
        OPEN: stands.open(),
        SEVERE: stands.open("critical") + stands.open("high"),
        OVERDUE: stands.overdue_total,
        UNASSIGNED: count_unassigned(tenant, now),
        UNKNOWN: stands.states.get(ShownState.UNKNOWN, 0),
        MINE: owned.exclude(state=ShownState.GONE).count(),
    }
    always = (ALL, UNKNOWN, MINE)
    return {name: number for name, number in counts.items() if number or stands.is_known or name in always}


def tabs(
    tenant: Tenant,
    person: Person,
    address: Address,
    *,
    see_all: bool,
    counts: Mapping[str, int] | None = None,
) -> list[Tab]:
    """Return the built-in views with their `counts` (`view_counts`), then the saved views, which are not counted.

    A view with the same filters as the URL is marked as current.
    """
    current = _filters(address.query)
    built_in = []
    for name, query in BUILT_IN:
        if name in _NEED_ALL and not see_all:
            continue
        text = query.format(me=person.pk)
        is_current = _filters(QueryDict(text)) == current
        built_in.append(Tab(name, f"?{text}", is_current, count=(counts or {}).get(name)))
    saved = [
        Tab(
            view.name,
            f"?{view.query}",
            _filters(QueryDict(view.query)) == current,
            view,
            view.person_id == person.pk,
        )
        for view in saved_views(tenant, person)
    ]
    return built_in + saved


def _filters(query: QueryDict) -> dict[str, list[str]]:
    """Return the filters of a query string without layout, sorting and columns. The values are sorted, so that equal
    filters in different orders compare equal.
    """
    return {
        name: sorted(values)
        for name, values in known_parameters(query).lists()
        if name not in ("layout", "sort", "col")
    }
