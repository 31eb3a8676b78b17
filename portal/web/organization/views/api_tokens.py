"""Serve the page that shows administrators all API tokens with which programs act in an organization."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from portal.accounts.actions.api_tokens import revoke_token
from portal.accounts.selectors import tokens_of_organization
from portal.web.shared.visible import person
from tenants import access
from tenants.errors import NotFound
from tenants.models import Tenant
from tenants.roles import Capability


def api_tokens(request: HttpRequest, slug: str) -> HttpResponse:
    """Show the tokens of everybody in the organization, including ended tokens."""
    organization = access.organization(slug, needs=Capability.ORGANIZATION)
    names = dict(Tenant.objects.filter(organization=organization).values_list("pk", "name"))
    rows = [
        {
            "token": one,
            "customers": None
            if one.tenant_ids is None
            else [names.get(pk, "An erased customer") for pk in one.tenant_ids],
        }
        for one in tokens_of_organization(organization)
    ]
    context = {"organization": organization, "tokens": rows, "now": timezone.now()}
    return render(request, "organization/api_tokens.html", context)


@require_POST
def revoke(request: HttpRequest, slug: str, pk: str) -> HttpResponse:
    """Revoke a token of anybody in the organization."""
    organization = access.organization(slug, needs=Capability.ORGANIZATION)
    if not any(str(one.pk) == str(pk) for one in tokens_of_organization(organization)):
        raise NotFound("This API token does not exist, or you have no access to it.")
    token = revoke_token(token_id=pk, by=person())
    messages.success(request, f"The API token “{token.name}” is revoked. Programs can no longer use it.")
    return redirect("organization-api-tokens", slug=slug)
