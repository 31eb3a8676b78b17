"""The pages with an entry in the navigation, so that the tests that open every page need no list of them."""

from __future__ import annotations

from portal.web.frame.navigation import PAGES, Page


def own_pages() -> list[Page]:
    """Return the entries of Surety's own pages; the others are pages of allauth."""
    names = ("account_", "mfa_", "socialaccount_")
    return [page for page in PAGES if not page.url_name.startswith(names)]
