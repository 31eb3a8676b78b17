"""Save and delete views (named filters) of the lists that span all customers."""

from __future__ import annotations

from django.db import transaction

from portal.treatment.actions._text import clean_title
from portal.treatment.actions.saved_views import MAX_NAME, MAX_QUERY, MAX_VIEWS, TOO_LONG
from portal.treatment.models import ListView
from tenants import journal
from tenants.errors import PermissionDenied, invalid
from tenants.models import Organization, Person
from tenants.turns import take_turn


@transaction.atomic
def save_list_view(
    *, organization: Organization, by: Person, page: str, name: str, query: str, shared: bool
) -> ListView:
    """Save the filters under a name. If the person already has a view with this name, that view gets the new
    filters.

    Raises InvalidInput for an empty name, too long filters, or too many views.
    """
    if page not in ListView.Page.values:
        raise invalid("page", "Views of this page cannot be saved.", code="unknown_page")
    if len(query) > MAX_QUERY:
        raise invalid("query", TOO_LONG)
    take_turn(by)
    mine = ListView.objects.filter(organization=organization, person=by, page=page)
    cleaned = clean_title(name, MAX_NAME)
    view = mine.filter(name=cleaned).first()
    if view is None:
        if mine.count() >= MAX_VIEWS:
            raise invalid(
                "name",
                f"You have {MAX_VIEWS} saved views of this page, which is the maximum. Delete one"
                " of them first.",
            )
        view = ListView(organization=organization, person=by, page=page, name=cleaned)
    view.query, view.shared = query, shared
    view.save()
    _record(view, by, "view.saved")
    return view


@transaction.atomic
def delete_list_view(*, view: ListView, by: Person) -> None:
    """Delete a view. Raises PermissionDenied if `by` is not the author of the view."""
    if view.person_id != by.pk:
        raise PermissionDenied("Only the author of a view can delete it.")
    _record(view, by, "view.deleted")
    view.delete()


def _record(view: ListView, by: Person, action: str) -> None:
    journal.record(
        organization=view.organization,
        actor=by,
        action=action,
        target=view,
        details={"page": view.page, "query": view.query, "shared": view.shared},
    )
