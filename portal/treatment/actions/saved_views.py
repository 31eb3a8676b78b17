"""Save, change and delete views: named filters of the findings page."""

from __future__ import annotations

from typing import Final

from django.db import IntegrityError, transaction

from portal.treatment.actions._text import clean_title
from portal.treatment.models import SavedView
from tenants import journal
from tenants.errors import PermissionDenied, invalid
from tenants.models import Person, Tenant
from tenants.turns import take_turn

MAX_NAME: Final = 80
MAX_QUERY: Final = 4000
TOO_LONG: Final = (
    f"These filters have more than {MAX_QUERY} characters, so they cannot be saved. Remove some filters."
)
MAX_VIEWS: Final = 50


@transaction.atomic
def save_view(*, tenant: Tenant, by: Person, name: str, query: str, shared: bool = False) -> SavedView:
    """Save the filters (the query string of the page) under a name.

    Raises InvalidInput for too long filters, too many views, or a taken or invalid name (`clean_title`).
    """
    if len(query) > MAX_QUERY:
        raise invalid("query", TOO_LONG)
    take_turn(by)
    if SavedView.objects.filter(tenant=tenant, person=by).count() >= MAX_VIEWS:
        raise invalid(
            "name",
            f"You have {MAX_VIEWS} saved views, which is the maximum. Delete a view that you no longer need.",
        )
    view = SavedView(tenant=tenant, person=by, name=clean_title(name, MAX_NAME), query=query, shared=shared)
    _write(view)
    _record(view, by, "view.saved")
    return view


@transaction.atomic
def change_view(
    *,
    view: SavedView,
    by: Person,
    name: str | None = None,
    query: str | None = None,
    shared: bool | None = None,
) -> SavedView:
    """Change the name, the filters or the sharing of a view. Raises PermissionDenied if `by` is not the author of the
    view.
    """
    _require_author(view, by)
    if name is not None:
        view.name = clean_title(name, MAX_NAME, present=view.name)
    if query is not None:
        if len(query) > MAX_QUERY:
            raise invalid("query", TOO_LONG)
        view.query = query
    if shared is not None:
        view.shared = shared
    _write(view)
    _record(view, by, "view.changed")
    return view


@transaction.atomic
def delete_view(*, view: SavedView, by: Person) -> None:
    """Delete a view. Raises PermissionDenied if `by` is not the author of the view."""
    _require_author(view, by)
    _record(view, by, "view.deleted")
    view.delete()


def _require_author(view: SavedView, by: Person) -> None:
    if view.person_id != by.pk:
        raise PermissionDenied("Only the author of a view can change it. Save a view of your own.")


def _write(view: SavedView) -> None:
    try:
        with transaction.atomic():
            view.save()
    except IntegrityError as error:
        if "treatment_savedview_name" not in str(error):
            raise
        raise invalid(
            "name", f"You already have a view named “{view.name}”. Choose another name.", code="taken"
        ) from error


def _record(view: SavedView, by: Person, action: str) -> None:
    journal.record(
        tenant=view.tenant,
        actor=by,
        action=action,
        target=view,
        details={"query": view.query, "shared": view.shared},
    )
