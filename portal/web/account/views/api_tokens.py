"""List, create and revoke the API tokens of the signed-in person."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_http_methods, require_POST

from portal.accounts.actions.api_tokens import (
    MAX_NAME,
    create_token,
    grantable,
    limit_text,
    revoke_token,
    right_choices,
)
from portal.accounts.selectors import tokens_of
from portal.web.components.form_parts import refused, set_choices
from portal.web.shared.forms.token_period import TokenPeriodField
from portal.web.shared.visible import person
from tenants import access
from tenants.errors import Refusal
from tenants.models import Organization, Tenant
from tenants.roles import Capability
from tenants.scope import current


class TokenForm(forms.Form):
    """The form for a new token. The action that creates the token checks the person's rights."""

    name = forms.CharField(
        max_length=MAX_NAME,
        help_text="The name of the program that will use the token, for example “Nightly export”.",
    )
    days = TokenPeriodField()
    capabilities = forms.MultipleChoiceField(
        label="Rights",
        widget=forms.CheckboxSelectMultiple,
        help_text="What the program may do. For each customer, the token has only those rights that your role also"
        " includes. The names in parentheses are those that the API uses.",
        error_messages={"required": "Choose at least one right."},
    )
    customers = forms.MultipleChoiceField(
        label="Customers",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="Leave this field empty to give access to all your customers of the organization, including"
        " customers that are added later.",
    )

    def __init__(self, organization: Organization, tenants: list[Tenant], *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        own = grantable(organization)
        set_choices(self, "capabilities", right_choices(own))
        self.fields["days"].help_text = limit_text(own)
        set_choices(self, "customers", [(one.slug, one.name) for one in tenants])


@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_variables("text")
def api_tokens(request: HttpRequest) -> HttpResponse:
    """Show the tokens. POST creates a token and shows its text. No later page shows the text again."""
    me = person()
    organizations = list(
        Organization.objects.filter(Q(pk__in=current().visible_organization_ids)).order_by("name", "pk")
    )
    chosen = request.GET.get("organization", "")
    organization = next((one for one in organizations if one.slug == chosen), None) or next(
        iter(organizations), None
    )
    context: dict[str, Any] = {
        "organizations": organizations,
        "organization": organization,
        "now": timezone.now(),
    }
    status = 200
    if organization is not None:
        tenants = list(access.tenants(needs=Capability.VIEW).filter(organization=organization))
        form = TokenForm(
            organization, tenants, request.POST or None, initial={"capabilities": ["view", "view_all"]}
        )
        if form.is_valid():
            data = form.cleaned_data
            picked = [one for one in tenants if one.slug in data["customers"]]
            try:
                token, text = create_token(
                    by=me,
                    organization=organization,
                    name=data["name"],
                    capabilities=data["capabilities"],
                    days=data["days"],
                    tenants=picked or None,
                )
            except Refusal as error:
                refused(form, error)
            else:
                context |= {"created": token, "text": text}
                form = TokenForm(organization, tenants, initial={"capabilities": ["view", "view_all"]})
        status = 400 if form.errors else 200
        context["form"] = form
    names = dict(access.tenants(needs=Capability.VIEW, archived=None).values_list("pk", "name"))
    context["tokens"] = [
        {
            "token": one,
            "customers": None if one.tenant_ids is None else [names.get(pk, "?") for pk in one.tenant_ids],
        }
        for one in tokens_of(me)
    ]
    return render(request, "accounts/api_tokens.html", context, status=status)


@require_POST
def revoke(request: HttpRequest, pk: str) -> HttpResponse:
    """Revoke one of the person's tokens."""
    token = revoke_token(token_id=pk, by=person())
    messages.success(request, f"The API token “{token.name}” is revoked. Programs can no longer use it.")
    return redirect("account-api-tokens")
