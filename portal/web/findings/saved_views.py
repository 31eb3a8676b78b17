"""Views of the findings page: built-in views, and views that people saved."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from django.db.models import Q, QuerySet
from django.http import QueryDict

from portal.treatment.models import SavedView
from portal.web.findings.address import Address, known_parameters
from tenants.models import Person, Tenant

UNASSIGNED: Final = "Unassigned"
MINE: Final = "Mine"
# (name, query string); `{me}` is the person's id.
BUILT_IN: Final = (
    ("All", ""),
    ("Open", "state=open"),
    ("Critical and high", "severity=critical&severity=high&state=open"),
    ("Overdue", "due=overdue"),
    (UNASSIGNED, "state=open&owner=nobody"),
    ("Unknown", "state=unknown"),
    (MINE, "owner={me}"),
)
# Views that are useless to people who see only the findings that they own.
_NEED_ALL: Final = (UNASSIGNED, MINE)


@dataclass(frozen=True, slots=True)
class Tab:
    """One view. `saved` is None for a built-in view. `mine`: the person may rename and delete the view."""

    name: str
    url: str
    current: bool
    saved: SavedView | None = None
    mine: bool = False

    @property
    def note(self) -> str:
        """The name of the person who shared the view, if that is not the signed-in person."""
        return f"Shared by {self.saved.person}" if self.saved and not self.mine else ""


def saved_views(tenant: Tenant, person: Person) -> QuerySet[SavedView]:
    """Return the person's own views and the views that others share."""
    rows = SavedView.objects.filter(Q(person=person) | Q(shared=True), tenant=tenant)
    return rows.select_related("person").order_by("name", "id")


def tabs(tenant: Tenant, person: Person, address: Address, *, see_all: bool) -> list[Tab]:
    """Return the built-in views, then the saved views.

    A view with the same filters as the address is marked as current.
    """
    current = _filters(address.query)
    built_in = []
    for name, query in BUILT_IN:
        if name in _NEED_ALL and not see_all:
            continue
        text = query.format(me=person.pk)
        built_in.append(Tab(name, f"?{text}", _filters(QueryDict(text)) == current))
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
    """Return the filters of a query in a form that ignores the layout and the order of values."""
    return {
        name: sorted(values)
        for name, values in known_parameters(query).lists()
        if name not in ("layout", "sort", "col")
    }
