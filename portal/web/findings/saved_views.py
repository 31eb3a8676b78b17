"""The views of the findings page: those that are there for everybody, and those that people saved."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from django.db.models import Q, QuerySet
from django.http import QueryDict

from portal.treatment.models import SavedView
from portal.web.findings.address import Address, known
from tenants.models import Person, Tenant

# name, query; `{me}` is the person's id.
BUILT_IN: Final = (
    ("Everything", ""),
    ("Open", "state=open"),
    ("Critical and high", "severity=critical&severity=high&state=open"),
    ("Overdue", "due=overdue"),
    ("Nobody owns it", "state=open&owner=nobody"),
    ("Unknown", "state=unknown"),
    ("Mine", "owner={me}"),
)
# Mean something only to people who see what is not theirs.
_OF_ALL: Final = ("Nobody owns it", "Mine")


@dataclass(frozen=True, slots=True)
class Tab:
    """One view. `saved` is None for a built-in one; `mine`: the person may rename and delete it."""

    name: str
    url: str
    current: bool
    saved: SavedView | None = None
    mine: bool = False

    @property
    def note(self) -> str:
        """Whose it is, where it is another's."""
        return f"Shared by {self.saved.person}" if self.saved and not self.mine else ""


def saved_views(tenant: Tenant, who: Person) -> QuerySet[SavedView]:
    """The person's own and those that others share."""
    rows = SavedView.objects.filter(Q(person=who) | Q(shared=True), tenant=tenant)
    return rows.select_related("person").order_by("name", "id")


def tabs(tenant: Tenant, who: Person, address: Address, *, see_all: bool) -> list[Tab]:
    """Built-in views, then saved ones; the one whose filters are on is the current one."""
    here = _filters(address.query)
    built_in = []
    for name, query in BUILT_IN:
        if name in _OF_ALL and not see_all:
            continue
        text = query.format(me=who.pk)
        built_in.append(Tab(name, f"?{text}", _filters(QueryDict(text)) == here))
    saved = [
        Tab(
            view.name,
            f"?{view.query}",
            _filters(QueryDict(view.query)) == here,
            view,
            view.person_id == who.pk,
        )
        for view in saved_views(tenant, who)
    ]
    return built_in + saved


def _filters(query: QueryDict) -> dict[str, list[str]]:
    """What the view is about, without the order of its values and how they are laid out."""
    return {
        name: sorted(values) for name, values in known(query).lists() if name not in ("layout", "sort", "col")
    }
