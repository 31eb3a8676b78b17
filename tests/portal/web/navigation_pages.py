"""The pages with an entry in the navigation, so that the tests that open every page need no list of them."""

from __future__ import annotations

from portal.web.frame import navigation, navigation_links
from portal.web.frame.navigation import PAGES, Area, Page
from tests.portal.web.world import World

# Entries that redirect to a page of the organization.
REDIRECTS = (navigation.CUSTOMER_PEOPLE,)
# Pages of a customer that its engineers may not open.
OF_ADMINISTRATORS = (navigation.LEAVING, navigation.RETENTION)


def own_pages() -> list[Page]:
    """Return the entries of Surety's own pages; the others are pages of allauth."""
    names = ("account_", "mfa_", "socialaccount_")
    return [page for page in PAGES if not page.url_name.startswith(names)]


def page_addresses(world: World, *areas: Area) -> dict[str, str]:
    """Return URL name -> address for the pages of these areas, in the world's home tenant."""
    return {
        page.url_name: navigation_links.address(page, tenant=world.home, organization=world.organization)
        for page in own_pages()
        if page.area in areas and page not in (*REDIRECTS, *OF_ADMINISTRATORS)
    }
