"""The page that a mail's link to unsubscribe leads to. Public: the link is the proof, nobody has to sign in.

Opening it changes nothing, since mail filters open each link they see. A press of its button switches off, and
so does the one-click POST of a mail program. To whom is not signed in it says neither who the person is nor which
tenant it is about: whoever a mail was forwarded to holds the link too.
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

# RFC 8058, 3.2: the body that a mail program posts, as a form of either encoding.
ONE_CLICK: Final = ("List-Unsubscribe", "One-Click")


# Exempt here and checked again below for all but the one-click POST: that one comes from a mail provider's
# servers, with neither cookie nor page (RFC 8058, 3.2 forbids cookies), so it can have no token of a form. Nobody
# is acted upon by a forged one either: the link's signature is what it takes, not a session.
@csrf_exempt
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    try:
        link = MailLink.of(token)
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
    """What would be switched off. It sets the cookie that the button's form needs."""
    try:
        with tenant_scope(link.tenant_id):
            kinds, about = kinds_mailed(*resolve_link(link), link.what), _about(link)
    except (NotFound, ScopeConflict):  # the second for who is signed in and lost access
        return _page(request, "ended", status=410)
    return _page(request, "ask" if kinds else "nothing", kinds, digest=link.what == DIGEST, about=about)


@csrf_protect
def _pressed(request: HttpRequest, link: MailLink) -> HttpResponse:
    return _act(request, link)


def _act(request: HttpRequest, link: MailLink) -> HttpResponse:
    """Answered in place: RFC 8058 knows no redirect."""
    try:
        with tenant_scope(link.tenant_id):
            kinds, about = unsubscribe_by_link(link=link), _about(link)
    except (NotFound, ScopeConflict):  # the second for who is signed in and lost access
        return _page(request, "ended", status=410)
    return _page(request, "done" if kinds else "nothing", kinds, digest=link.what == DIGEST, about=about)


def _about(link: MailLink) -> str:
    """The tenant's name, for its person who is signed in; empty for whoever else holds the link."""
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
