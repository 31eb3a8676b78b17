"""Every page that a person can open, so that tests of all pages need no list of them."""

from __future__ import annotations

from http import HTTPStatus
from urllib.parse import urlencode

from django.http import HttpResponseBase
from django.urls import reverse

from tenants.roles import Role
from tests.isolation.addresses import ADDRESSES, expected
from tests.portal.web.world import World
from tests.signed_in import signed_in_client


def opened_pages(world: World, role: Role) -> dict[str, str]:
    """Return {URL name: address} of the pages that a person with this role can open.

    The addresses are the samples in ADDRESSES. Parts of pages, downloads and redirects are left out.
    """
    client = signed_in_client(world.people[role.value])
    found = {}
    for name, address in ADDRESSES.items():
        if address.post or expected(address, role) != HTTPStatus.OK:
            continue
        query = urlencode(address.data(world, world.home))
        url = reverse(name, args=address.arguments(world, world.home)) + (query and f"?{query}")
        if _is_page(client.get(url)):
            found[name] = url
    return found


def _is_page(answer: HttpResponseBase) -> bool:
    is_html = answer.headers.get("Content-Type", "").startswith("text/html")
    return answer.status_code == HTTPStatus.OK and is_html and b"</html>" in answer.getvalue()
