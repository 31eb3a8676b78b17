"""Request a new email address for the signed-in person, which an administrator must approve; withdraw the request."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from portal.accounts.actions.changes import own_request, request_address, withdraw_request
from portal.web.components.form_parts import refused
from portal.web.shared.visible import person
from tenants.errors import Conflict, Refusal


class AddressRequestForm(forms.Form):
    """The form for the new email address that the person requests."""

    value = forms.EmailField(
        label="New email address",
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )


@require_http_methods(["GET", "HEAD", "POST"])
def address_request(request: HttpRequest) -> HttpResponse:
    me = person()
    form = AddressRequestForm(
        request.POST if request.method == "POST" and "withdraw" not in request.POST else None
    )
    if request.method == "POST" and "withdraw" in request.POST:
        try:
            withdraw_request(by=me)
        except Conflict as error:
            messages.error(request, error.message)
        else:
            messages.success(request, "The request is withdrawn. Your address is unchanged.")
        return redirect("address-request")
    if form.is_valid():
        try:
            request_address(by=me, value=form.cleaned_data["value"])
        except Refusal as error:
            refused(form, error)
        else:
            messages.success(request, "Request sent. An administrator of your organization must approve it.")
            return redirect("address-request")
    context = {"form": form, "waiting": own_request(me)}
    return render(request, "accounts/address_request.html", context, status=400 if form.errors else 200)
