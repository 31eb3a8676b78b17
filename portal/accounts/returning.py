"""The page to which a person returns after signing in."""

from __future__ import annotations

from urllib.parse import urlencode, urlsplit

from django.http import HttpRequest
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme


def sign_in_url(request: HttpRequest) -> str:
    """Return the URL of the sign-in page, with the page to which the person returns.

    After a form, it says that the form was not sent.
    """
    given = {"next": _page_of(request)} | ({"unsent": "1"} if request.method == "POST" else {})
    query = urlencode({name: value for name, value in given.items() if value}, safe="/")
    return f"{reverse('account_login')}{query and '?'}{query}"


def _page_of(request: HttpRequest) -> str:
    """Return the path of the requested page; for a form or a part of a page, of the page that the browser showed.

    Many addresses of forms have no page, so the address of a form is never returned. Empty if it is unknown.
    """
    current = request.headers.get("HX-Current-URL", "")
    if request.method != "POST" and "HX-Request" not in request.headers:
        return request.get_full_path()
    url = current or request.headers.get("Referer", "")
    if not url_has_allowed_host_and_scheme(url, {request.get_host()}, request.is_secure()):
        return ""
    parts = urlsplit(url)
    path = f"{parts.path}?{parts.query}" if parts.query else parts.path
    return path if url_has_allowed_host_and_scheme(path, None) else ""
