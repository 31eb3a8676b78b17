"""Save, show and delete the saved views (named filters) of the pages that list data of all customers. Each saved view
is a tab above the list.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from django.contrib import messages
from django.db.models import Q
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from portal.treatment.actions.list_views import delete_list_view, save_list_view
from portal.treatment.models import ListView
from portal.web.shared.visible import person
from tenants import access, scope
from tenants.errors import InvalidInput
from tenants.models import Organization
from tenants.roles import Capability

# URL parameters that are not saved with a view.
_LEFT_OUT: Final = ("page", "open")


@dataclass(frozen=True, slots=True)
class ViewTab:
    """A tab that opens a saved view. `is_mine` says whether the person may delete the view."""

    view: ListView
    url: str
    is_current: bool
    is_mine: bool


@dataclass(frozen=True, slots=True)
class BuiltInTab:
    """A tab that opens a view that everybody has."""

    name: str
    url: str
    is_current: bool


@dataclass(frozen=True, slots=True)
class SavedViews:
    """The built-in and saved views of a page. `query` is the query string of the current filters.

    `organizations` are the organizations in which the person may save a view.
    """

    page: str
    built_in: list[BuiltInTab]
    tabs: list[ViewTab]
    query: str
    organizations: list[Organization]

    @property
    def is_useful(self) -> bool:
        """Return whether there is a view to open, or a filter that the person could save."""
        return bool(self.built_in or (self.organizations and (self.tabs or self.query)))

    @property
    def label(self) -> str:
        """Return the text of the button with which people on a phone open the views. The text contains the name of the
        open view, if a view is open.
        """
        names = [tab.name for tab in self.built_in if tab.is_current]
        names += [tab.view.name for tab in self.tabs if tab.is_current]
        return f"View: {names[0]}" if names else "Views" if self.query else "View: All"


def saved_views(
    request: HttpRequest, page: ListView.Page, built_in: Iterable[tuple[str, str]] = ()
) -> SavedViews:
    """Return the saved views of a page, and the organizations in which the person may save a view.

    The views are those that the person saved and those that other people share. `built_in` has (name, query string) of
    each view that everybody has.
    """
    who, ids = person(), scope.current().organization_ids
    present = _filters(request.GET)
    fixed = [BuiltInTab(name, f"?{query}", _same(QueryDict(query), present)) for name, query in built_in]
    if not ids:
        return SavedViews(page.value, fixed, [], present.urlencode(), [])
    rows = ListView.objects.filter(Q(person=who) | Q(shared=True), page=page).order_by("name", "id")
    tabs = [
        ViewTab(view, f"?{view.query}", _same(QueryDict(view.query), present), view.person_id == who.pk)
        for view in rows
    ]
    organizations = list(Organization.objects.filter(pk__in=ids).order_by("name"))
    return SavedViews(page.value, fixed, tabs, present.urlencode(), organizations)


def _filters(query: QueryDict) -> QueryDict:
    found = query.copy()
    for name in _LEFT_OUT:
        found.pop(name, None)
    return found


def _same(one: QueryDict, other: QueryDict) -> bool:
    return {name: sorted(values) for name, values in one.lists()} == {
        name: sorted(values) for name, values in other.lists()
    }


@require_POST
def save(request: HttpRequest, slug: str) -> HttpResponse:
    """Save a view of a page. The POST contains the page (`page`) and its filters (`query`)."""
    organization = access.organization(slug, needs=Capability.VIEW_ALL)
    page = request.POST.get("page", "")
    query = _filters(QueryDict(request.POST.get("query", "").replace("\0", ""))).urlencode()
    try:
        view = save_list_view(
            organization=organization,
            by=person(),
            page=page,
            name=request.POST.get("name", ""),
            query=query,
            shared="shared" in request.POST,
        )
    except InvalidInput as error:
        messages.error(request, error.message)
    else:
        messages.success(request, f"View “{view.name}” saved.")
    return redirect(f"{_address(page)}?{query}")


@require_POST
def delete(request: HttpRequest, slug: str, pk: str) -> HttpResponse:
    """Delete a view. Afterwards, the list still has the filters of the view."""
    organization = access.organization(slug, needs=Capability.VIEW_ALL)
    rows = ListView.objects.filter(Q(person=person()) | Q(shared=True), organization=organization)
    view = access.get(ListView, pk, needs=Capability.VIEW_ALL, queryset=rows.select_related("organization"))
    address = f"{_address(view.page)}?{view.query}"
    delete_list_view(view=view, by=person())
    messages.success(request, f"View “{view.name}” deleted. Its filters are still applied.")
    return redirect(address)


def _address(page: str) -> str:
    return reverse(page) if page in ListView.Page.values else reverse(ListView.Page.PORTFOLIO.value)
