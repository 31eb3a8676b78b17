"""Serve the page of a mail's unsubscribe link. The page is public, because the signed link authorizes the request.

Mail filters open every link, so opening the page changes nothing. Only the button on the page and the one-click POST of
a mail program unsubscribe the person. Because the mail may have been forwarded, the page never names the person, and it
names the tenant only if this person is signed in.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_http_methods

from portal.notify.actions.preferences import unsubscribe_by_link
from portal.notify.kinds import KINDS
from portal.notify.unsubscribing import DIGEST, MailLink, kinds_mailed, resolve_link
from tenants.errors import NotFound, ScopeConflict
from tenants.models import Tenant
from tenants.scope import current_or_none, tenant_scope

# The form field that a mail program posts, either URL-encoded or as a multipart form (RFC 8058, 3.2).
ONE_CLICK: Final = ("List-Unsubscribe", "One-Click")


# The view checks the CSRF token itself, except in the one-click POST. A mail provider sends the one-click POST without
# cookies (RFC 8058, 3.2), and the link's signature authorizes it.
@csrf_exempt
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    try:
        link = MailLink.parse(token)
    except NotFound:
        return _page(request, "unknown", status=404)
    scope = current_or_none()
    if scope is not None and scope.person is not None and scope.person.pk != link.person_id:
        return _page(request, "somebody_else", status=409 if request.method == "POST" else 200)
    if request.method != "POST":
        return _ask(request, link)
    name, value = ONE_CLICK
    return _act(request, link) if request.POST.get(name) == value else _pressed(request, link)


@csrf_protect
def _ask(request: HttpRequest, link: MailLink) -> HttpResponse:
    """Ask for confirmation. csrf_protect sets the cookie that the form needs."""
    try:
        with tenant_scope(link.tenant_id):
            kinds, about = kinds_mailed(*resolve_link(link), link.what), _about(link)
    # ScopeConflict is raised if the person is signed in but has lost access.
    except (NotFound, ScopeConflict):
        return _page(request, "ended", status=410)
    return _page(request, "ask" if kinds else "nothing", kinds, digest=link.what == DIGEST, about=about)


@csrf_protect
def _pressed(request: HttpRequest, link: MailLink) -> HttpResponse:
    return _act(request, link)


def _act(request: HttpRequest, link: MailLink) -> HttpResponse:
    """Unsubscribe and answer directly, because RFC 8058 does not allow a redirect."""
    try:
        with tenant_scope(link.tenant_id):
            kinds, about = unsubscribe_by_link(link=link), _about(link)
    # ScopeConflict is raised if the person is signed in but has lost access.
    except (NotFound, ScopeConflict):
        return _page(request, "ended", status=410)
    return _page(request, "done" if kinds else "nothing", kinds, digest=link.what == DIGEST, about=about)


def _about(link: MailLink) -> str:
    """Return the tenant's name if the recipient of the link is signed in. If not, return an empty string."""
    scope = current_or_none()
    if scope is None or scope.person is None or scope.person.pk != link.person_id:
        return ""
    return Tenant.objects.get(pk=link.tenant_id).name


def _page(
    request: HttpRequest,
    state: str,
    kinds: Sequence[str] = (),
    *,
    status: int = 200,
    digest: bool = False,
    about: str = "",
) -> HttpResponse:
    labels = [KINDS[key].label for key in kinds]
    context = {"state": state, "labels": labels, "digest": digest, "about": about}
    response = render(request, "notifications/unsubscribe.html", context, status=status)
    response.headers["X-Robots-Tag"] = "noindex"
    return response
