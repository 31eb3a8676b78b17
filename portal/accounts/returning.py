"""The page to which a person returns after signing in."""

from __future__ import annotations

from urllib.parse import urlencode, urlsplit

from django.http import HttpRequest
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme


def sign_in_url(request: HttpRequest) -> str:
    """Return the URL of the sign-in page, with the page to which the person returns.

    If the request sent a form, the sign-in page says that the form was not stored.
    """
    given = {"next": _page_of(request)} | ({"unsent": "1"} if request.method == "POST" else {})
    query = urlencode({name: value for name, value in given.items() if value}, safe="/")
    return f"{reverse('account_login')}{query and '?'}{query}"


def _page_of(request: HttpRequest) -> str:
    """Return the path of the page to which the person returns, or an empty text if the page is unknown.

    If the browser requested a whole page, return the path of the request. If the browser sent a form or requested a
    part of a page, return the path of the page that the browser showed: a path to which a form is sent often has no
    page.
    """
    current = request.headers.get("HX-Current-URL", "")
    if request.method != "POST" and "HX-Request" not in request.headers:
        return request.get_full_path()
    return path_in_portal(request, current or request.headers.get("Referer", ""))


def path_in_portal(request: HttpRequest, url: str) -> str:
    """Return the path and the query of a URL of the portal. Return an empty text for a URL of another site, and for a
    path that a browser would read as the address of another site, such as `//attacker.example/`.
    """
    if not url_has_allowed_host_and_scheme(url, {request.get_host()}, request.is_secure()):
        return ""
    parts = urlsplit(url)
    path = f"{parts.path}?{parts.query}" if parts.query else parts.path
    return path if url_has_allowed_host_and_scheme(path, None) else ""
