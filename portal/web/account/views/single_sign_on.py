"""Pages for single sign-on: to re-authenticate, and to accept an invitation."""

from __future__ import annotations

from allauth.account.utils import get_next_redirect_url
from allauth.socialaccount.adapter import get_adapter
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils.http import urlencode
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from portal.accounts.account_adapter import linked_providers
from portal.accounts.sso.views import login_with_invitation
from portal.web.shared.visible import person
from tenants import selectors


@never_cache
def confirm(request: HttpRequest) -> HttpResponse:
    """Ask the person to sign in again at the identity provider, and then return to the page `next`."""
    back = get_next_redirect_url(request) or "/"
    query = urlencode({"process": "redirect", "next": back})
    choices = [(name, f"{url}?{query}") for name, url in linked_providers(request, person())]
    return render(request, "accounts/confirm_sso.html", {"choices": choices})


@never_cache
@require_POST
def accept_invitation(request: HttpRequest, token: str) -> HttpResponseBase:
    """Redirect to the identity provider. The invitation is accepted when the person returns from there."""
    selectors.invitation(token)  # Raises NotFound for an unknown token.
    providers = get_adapter(request).list_providers(request)
    if not providers or request.user.is_authenticated:
        raise Http404
    return login_with_invitation(request, providers[0].sub_id, token)
