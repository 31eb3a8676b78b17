"""Tags of the frame around every page."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple

from django import template
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from portal.accounts.actions.first_start import has_organization
from portal.accounts.sign_in.suspended_forms import kept_form
from portal.notify.selectors import MAX_UNREAD_COUNTED, unread
from portal.web.frame import navigation, navigation_links, settings_groups
from portal.web.frame.navigation import Area
from portal.web.frame.navigation_links import Link
from portal.web.frame.organizations import organization_homes
from portal.web.frame.theme import chosen_theme
from portal.web.shared.visible import customer_numbers, review_periods, waiting_requests
from tenants import scope
from tenants.auditors.review_periods import in_words
from tenants.models import Organization, Person, Tenant
from tenants.roles import Capability

if TYPE_CHECKING:
    from django.template.context import Context

register = template.Library()


@register.simple_tag(takes_context=True)
def theme(context: Context) -> str:
    """The person's theme: ``light``, ``dark`` or ``system``."""
    request = context.get("request")
    return chosen_theme(request) if isinstance(request, HttpRequest) else "system"


class ThemeChoice(NamedTuple):
    """A button of the menu that chooses the theme."""

    key: str
    label: str
    icon: str
    is_current: bool


@register.simple_tag(takes_context=True)
def form_after_proof(context: Context) -> str:
    """Return the kind of the suspended form that allauth will submit after the re-authentication on this page, or an
    empty text if there is none (`kept_form`).
    """
    request = context.get("request")
    return kept_form(request) if isinstance(request, HttpRequest) else ""


@register.simple_tag
def lacks_organization() -> bool:
    """Return whether the installation has no organization, so that nobody can sign in."""
    return not has_organization()


@register.simple_tag
def may_see_people(organization: Organization) -> bool:
    """Return whether the person may open the page People of the organization."""
    return scope.current().may_in_organization(Capability.MEMBERS, organization.pk)


@register.simple_tag(takes_context=True)
def theme_choices(context: Context) -> list[ThemeChoice]:
    """The themes that a person can choose."""
    current = theme(context)
    icons = {"system": "display", "light": "sun", "dark": "moon"}
    return [ThemeChoice(key, key.capitalize(), icon, key == current) for key, icon in icons.items()]


class Rail(NamedTuple):
    """The entries of the sidebar: the general entries, and the entries of the tenant or organization to which the page
    belongs.

    The entries of the organization (`organization`) are in groups with titles. If `organization` is empty,
    `organizations` links to each organization whose settings the person may open.
    """

    everywhere: list[Link]
    organizations: list[Link]
    organization: list[tuple[str, list[Link]]]
    customer: list[Link]


@register.simple_tag(takes_context=True)
def rail(context: Context) -> Rail:
    """Return the entries of the sidebar that the person may open."""
    request, tenant, organization = context["request"], context.get("tenant"), context.get("organization")
    # Some pages of a customer, such as the customer's people, also set `organization`. These pages show only the
    # customer's entries.
    of_organization = (
        navigation_links.grouped_links(request, settings_groups.OF_ORGANIZATION, organization=organization)
        if organization and not tenant
        else []
    )
    return Rail(
        navigation_links.everywhere_links(request, waiting_requests),
        [] if of_organization else organization_homes(request),
        of_organization,
        navigation_links.customer_links(request, tenant, customer_numbers(tenant)) if tenant else [],
    )


class BottomBar(NamedTuple):
    """The bar on phones. It has four entries; all other entries are under “More”, in groups with titles."""

    places: list[Link]
    more: list[tuple[str, list[Link]]]

    @property
    def is_more_current(self) -> bool:
        """Return whether the current page is one of the pages under “More”."""
        return any(link.current for _, links in self.more for link in links)


PLACES: Final = 4


@register.simple_tag(takes_context=True)
def bottom_bar(context: Context, entries: Rail) -> BottomBar:
    """Divide the sidebar's entries into two parts: the entries that the bar on phones shows, and the entries under
    “More”.
    """
    groups = [
        (getattr(context.get("tenant"), "name", ""), entries.customer),
        *entries.organization,
        ("", entries.everywhere),
        ("Organization settings", entries.organizations),
    ]
    ordered = sorted(
        (link for _, links in groups for link in links if link.on_phone), key=lambda link: link.on_phone
    )
    places = ordered[:PLACES]
    more = [(title, [link for link in links if link not in places]) for title, links in groups]
    return BottomBar(places, [(title, links) for title, links in more if links])


@register.simple_tag(takes_context=True)
def shortcuts(context: Context) -> list[Link]:
    """Return the pages that a person opens by pressing g and then a second key. The pages of the shown tenant come
    last.
    """
    request, tenant = context["request"], context.get("tenant")
    found = navigation_links.links(request, Area.EVERYWHERE)
    if tenant:
        found += navigation_links.links(request, Area.CUSTOMER, tenant)
    return [link for link in found if link.key]


@register.simple_tag
def entries(links: Iterable[Link], kind: str) -> SafeString:
    """Return the HTML of the entries, as the template `frame/_<kind>_entry.html` would render them."""
    return mark_safe("".join(_entry(link, kind) for link in links))  # noqa: S308 - rendered by templates


# The results are cached, because each page has about sixty entries, most of which are the same on all pages.
@lru_cache(maxsize=4096)
def _entry(link: Link, kind: str) -> SafeString:
    return render_to_string(f"frame/_{kind}_entry.html", {"entry": link})


@register.simple_tag(takes_context=True)
def account_links(context: Context) -> list[Link]:
    """The entries of the signed-in person's menu."""
    return navigation_links.links(context["request"], Area.ACCOUNT)


@register.simple_tag(takes_context=True)
def settings_pages(context: Context) -> list[tuple[str, list[Link]]]:
    """Return the settings pages of a tenant that the person may open, in their groups. Outside of the settings, return
    an empty list.

    The page `navigation.SETTINGS` shows the connection to Azure, so its entry in this list is called “Connection”.
    """
    request, tenant = context.get("request"), context.get("tenant")
    if not isinstance(request, HttpRequest) or tenant is None:
        return []
    here = navigation_links.current_page(request)
    if here is None or (here != navigation.SETTINGS and here.area != Area.SETTINGS):
        return []
    connection = navigation_links.address(navigation.SETTINGS, tenant)
    return [
        (
            title,
            [
                link._replace(
                    label="Connection",
                    current=here == navigation.SETTINGS,
                    description="directories, service principals and subscriptions",
                )
                if link.url == connection
                else link
                for link in links
            ],
        )
        for title, links in navigation_links.grouped_links(request, settings_groups.OF_CUSTOMER, tenant)
    ]


@register.simple_tag(takes_context=True)
def unread_notices(context: Context) -> str:
    """Return the number of unread notifications, ``7`` or ``99+``. Return an empty text if there are none, or if nobody
    is signed in.
    """
    user = getattr(context.get("request"), "user", None)
    if not isinstance(user, Person) or scope.current_or_none() is None:
        return ""
    count = unread(user)
    return "99+" if count >= MAX_UNREAD_COUNTED else str(count or "")


@register.simple_tag
def review_period(tenant: Tenant | None) -> str:
    """Return, in words, the days whose records the person may read as auditor. Return an empty text if the person may
    read all records.
    """
    return in_words(review_periods(tenant)) if tenant else ""


@register.simple_tag
def journal_of(tenant: Tenant, kind: str, pk: object) -> str:
    """Return the URL of the journal entries about an object, or an empty text for people who may not read the
    journal.
    """
    current = scope.current_or_none()
    if current is None or not current.may(Capability.JOURNAL, tenant.pk):
        return ""
    return f"{reverse('journal', args=[tenant.slug])}?of={kind}:{pk}"


@register.filter
def initials(who: object) -> str:
    """Return the initials: ``Mira Okafor`` -> ``MO``. For an email address, return only its first letter."""
    words = [word for word in str(who).replace("@", " @").split() if word[0].isalnum()]
    return "".join(word[0] for word in (words[:1] + words[1:][-1:])).upper() or "?"


@register.simple_tag
def tenant_mark(name: str) -> SafeString:
    """Return a tile with the tenant's first letter. The tile has a neutral colour, because other colours mark
    problems.
    """
    return _mark(initials(name)[0])


@lru_cache(maxsize=512)
def _mark(letter: str) -> SafeString:
    return format_html(
        '<svg class="tenant-mark" viewBox="0 0 22 22" aria-hidden="true"><rect width="22" height="22" rx="4"/>'
        '<text x="11" y="11.5">{}</text></svg>',
        letter,
    )
