"""Find the organizations whose settings the person of this request may open."""

from __future__ import annotations

from django.http import HttpRequest

from portal.accounts.middleware import organizations_of
from portal.web.frame.navigation import PAGES, Area
from portal.web.frame.navigation_links import Link, organization_home
from tenants import scope


def organization_homes(request: HttpRequest) -> list[Link]:
    """Return one link for each organization in which the person may open a settings page, sorted by name. This
    needs no database query.
    """
    current = scope.current_or_none()
    if current is None:
        return []
    rights = {page.needs for page in PAGES if page.area == Area.ORGANIZATION and page.needs}
    held = [
        one
        for one in organizations_of(request)
        if any(current.may_in_organization(right, one.pk) for right in rights)
    ]
    return [link for link in map(organization_home, held) if link is not None]
