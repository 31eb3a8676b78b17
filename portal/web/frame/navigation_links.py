"""Build links to the pages of the navigation. The links lead only to pages that the person of the request may open."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any, Final, NamedTuple

from django.conf import settings
from django.http import HttpRequest, QueryDict
from django.urls import Resolver404, get_script_prefix, resolve, reverse

from portal.queries.frame.sidebar_numbers import SidebarNumbers
from portal.web.frame.navigation import (
    AUDIT_ROOM,
    EXCEPTIONS,
    FINDINGS,
    INBOX,
    OVERVIEW,
    PAGE_ATTRIBUTE,
    PAGES,
    SETTINGS,
    SINGLE_SIGN_ON,
    Area,
    Page,
)
from portal.web.frame.settings_groups import Groups
from tenants import scope
from tenants.auditors.review_addresses import offers_reviews
from tenants.models import Organization, Tenant


class Link(NamedTuple):
    """An entry of the navigation as a template shows it to the person of this request."""

    label: str
    icon: str
    url: str
    current: bool
    description: str = ""
    # The number of items that wait for the person; 0 is not shown.
    waiting: int = 0
    # The number of items on the page that need attention (0 is not shown), and the words after the number.
    number: int = 0
    number_of: str = ""
    key: str = ""
    on_phone: int = 0


def current_page(request: HttpRequest) -> Page | None:
    """Return the entry to which the URL of this request belongs."""
    match = request.resolver_match
    return getattr(match.func, PAGE_ATTRIBUTE, None) if match else None


def links(
    request: HttpRequest,
    area: Area,
    tenant: Tenant | None = None,
    organization: Organization | None = None,
) -> list[Link]:
    """Return the entries of an area that the person of this request may open.

    `tenant` is required for the areas of a tenant, and `organization` for the areas of an organization.
    """
    pages = [page for page in PAGES if page.area == area and _is_allowed(page, tenant, organization)]
    return [_link(page, current_page(request), tenant, organization) for page in pages]


def grouped_links(
    request: HttpRequest,
    groups: Groups,
    tenant: Tenant | None = None,
    organization: Organization | None = None,
) -> list[tuple[str, list[Link]]]:
    """Return (title, links) of each group. The links lead to pages that the person of this request may open.

    Groups without such a page are left out.
    """
    here = current_page(request)
    found = [
        (
            title,
            [
                _link(page, here, tenant, organization)
                for page in pages
                if _is_allowed(page, tenant, organization)
            ],
        )
        for title, pages in groups
    ]
    return [(title, entries) for title, entries in found if entries]


def everywhere_links(request: HttpRequest, waiting: Callable[[], int]) -> list[Link]:
    """Return the sidebar's entries that do not belong to a tenant.

    `waiting` returns the number of exceptions in the inbox. It is called only if the inbox is shown.
    """
    inbox = address(INBOX)
    return [
        link._replace(waiting=waiting()) if link.url == inbox else link
        for link in links(request, Area.EVERYWHERE)
    ]


def customer_links(request: HttpRequest, tenant: Tenant, numbers: SidebarNumbers) -> list[Link]:
    """Return the sidebar's entries for a tenant. `numbers` are shown next to the entries."""
    shown: dict[str, dict[str, Any]] = {
        address(FINDINGS, tenant) + FINDINGS.query: {"number": numbers.open, "number_of": "open"},
        address(EXCEPTIONS, tenant): {
            "waiting": numbers.to_decide,
            "number": numbers.waiting,
            "number_of": "waiting for approval",
        },
    }
    return [link._replace(**shown.get(link.url, {})) for link in links(request, Area.CUSTOMER, tenant)]


# URL parameters whose values have a meaning only within one customer.
_OF_ONE_CUSTOMER: Final = frozenset(
    {"subscription", "owner", "tag", "open", "finding", "page", "before", "of", "facets", "tags", "exception"}
)


def same_page(address_here: str, tenant: Tenant) -> str:
    """Return the URL of the same page for another tenant.

    The URL keeps the filters of the present page, except filters whose values have a meaning only within one customer.
    If the person may not open the page for the other tenant, return the URL of that tenant's start page. If the present
    page shows one object, such as a finding, return the URL of the list of such objects.
    """
    path, _, query = address_here.partition("?")
    try:
        page = getattr(resolve(path).func, PAGE_ATTRIBUTE, None)
    except Resolver404:
        page = None
    if page is None or page.area not in (Area.CUSTOMER, Area.SETTINGS) or not _is_allowed(page, tenant):
        home = OVERVIEW if _is_allowed(OVERVIEW, tenant) else AUDIT_ROOM
        return reverse(home.url_name, args=[tenant.slug])
    url = address(page, tenant)
    # Keep the query only if it contains the filters of a list. This is the case if the present page is the list itself:
    # its path then has as many slashes as `url`. It is also the case on the page of a finding, because the query of
    # this page repeats the filters of the list of findings.
    has_filters = page == FINDINGS or path.count("/") == url.count("/")
    kept = QueryDict(query if has_filters else "", mutable=True)
    for name in _OF_ONE_CUSTOMER & kept.keys():
        del kept[name]
    text = f"?{kept.urlencode()}" if kept else page.query
    return f"{url}{text}"


def organization_home(organization: Organization) -> Link | None:
    """Return a link to the first settings page of the organization that the person may open. Return None if there is no
    such page.

    The link's label is the name of the organization.
    """
    for page in PAGES:
        if page.area == Area.ORGANIZATION and _is_allowed(page, None, organization):
            return Link(organization.name, "tenant", reverse(page.url_name, args=[organization.slug]), False)
    return None


def _is_allowed(page: Page, tenant: Tenant | None, organization: Organization | None = None) -> bool:
    if page == SINGLE_SIGN_ON:
        return bool(settings.SURETY_OIDC_ISSUER)
    if is_refused_to_reviews(page, tenant):
        return False
    if page.needs is None:
        return True
    current = scope.current_or_none()
    if current is None:
        return False
    if page.area == Area.EVERYWHERE:
        # Pages over all customers leave out the customers in which the person has a review period. So the rights in
        # these customers do not count here.
        return any(
            current.may(page.needs, tenant_id)
            for tenant_id in current.tenant_ids - current.review_periods.keys()
        )
    if page.area == Area.ORGANIZATION:
        return organization is not None and current.may_in_organization(page.needs, organization.pk)
    return tenant is not None and current.may(page.needs, tenant.pk)


def is_refused_to_reviews(page: Page, tenant: Tenant | None) -> bool:
    """Return whether the page is refused because the person has a review period in the tenant."""
    current = scope.current_or_none()
    if tenant is None or current is None or tenant.pk not in current.review_periods:
        return False
    return not offers_reviews(page.url_name)


def address(page: Page, tenant: Tenant | None = None, organization: Organization | None = None) -> str:
    """Return the URL of an entry, without the entry's filter.

    `tenant` is required for the areas of a tenant, and `organization` for the areas of an organization.
    """
    place: Tenant | Organization | None = None
    if page.area in (Area.CUSTOMER, Area.SETTINGS):
        place = tenant
    elif page.area == Area.ORGANIZATION:
        place = organization
    return _path(page.url_name, place.slug if place is not None else "", get_script_prefix())


# The results are cached, because each page has about sixty of these URLs.
@lru_cache(maxsize=4096)
def _path(url_name: str, slug: str, _script_prefix: str) -> str:
    return reverse(url_name, args=[slug] if slug else [])


def _link(page: Page, here: Page | None, tenant: Tenant | None, organization: Organization | None) -> Link:
    is_current = here is not None and (here == page or (page == SETTINGS and here.area == Area.SETTINGS))
    url = address(page, tenant, organization) + page.query
    return Link(
        page.label, page.icon, url, is_current, page.description, key=page.key, on_phone=page.on_phone
    )
