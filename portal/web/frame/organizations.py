"""The organizations whose settings the person of this request may open."""

from __future__ import annotations

from portal.web.frame.navigation import PAGES, Area, Link, organization_home
from tenants import scope
from tenants.models import Organization


def organization_homes() -> list[Link]:
    """Return one link for each organization that the person may administer, by name.

    Only administrators of an organization cause a query.
    """
    current = scope.current_or_none()
    if current is None:
        return []
    rights = {page.needs for page in PAGES if page.area == Area.ORGANIZATION and page.needs}
    allowed = [
        identifier
        for identifier in current.organization_ids
        if any(current.may_in_organization(right, identifier) for right in rights)
    ]
    if not allowed:
        return []
    held = Organization.objects.filter(pk__in=allowed).order_by("name", "pk")
    return [link for link in map(organization_home, held) if link is not None]
