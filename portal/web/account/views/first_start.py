"""The page of the set-up link: register the first organization and its administrator.

The page is public, because the token in its URL authorizes the request. Only the server's terminal shows this token.
"""

from __future__ import annotations

from typing import Final

from django import forms
from django.contrib import messages
from django.contrib.auth import login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_http_methods

from portal.accounts.actions.first_start import find_link, use_link
from portal.accounts.sign_in import authentication
from portal.accounts.sign_in.authentication import Method
from portal.web.components.form_parts import refused
from portal.web.shared.forms.account import AccountForm
from tenants.errors import NotFound, Refusal

BACKEND: Final = "allauth.account.auth_backends.AuthenticationBackend"


class FirstStartForm(AccountForm):
    """The form for the first organization and the account of its administrator."""

    field_order = ("organization", "name", "email", "password")
    organization = forms.CharField(
        label="Organization",
        max_length=200,
        help_text="The name of your company as your customers should see it in reports.",
        widget=forms.TextInput(attrs={"autocomplete": "organization"}),
    )
    email = forms.EmailField(
        label="Email", max_length=254, widget=forms.EmailInput(attrs={"autocomplete": "email"})
    )


@never_cache
@sensitive_post_parameters("password")
@sensitive_variables("form")
@require_http_methods(["GET", "HEAD", "POST"])
def first_start(request: HttpRequest, token: str) -> HttpResponse:
    """Show the form. Sending the form registers the organization and signs its administrator in."""
    try:
        find_link(token)
    except NotFound:
        return _unusable(request)
    form = FirstStartForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            organization, person = use_link(token=token, **form.cleaned_data)
        except NotFound:
            return _unusable(request)
        except Refusal as error:
            refused(form, error)
        else:
            login(request, person, backend=BACKEND)
            # The password was entered just now, so pages that require recent authentication need not ask for it again.
            authentication.record(request, person, Method.PASSWORD)
            messages.success(request, f"{organization.name} is registered. Now register your first customer.")
            return redirect("customer-register", organization.slug)
    status = 400 if form.errors else 200
    return render(request, "accounts/first_start.html", {"form": form}, status=status)


def _unusable(request: HttpRequest) -> HttpResponse:
    return render(request, "accounts/first_start.html", {"form": None}, status=404)
