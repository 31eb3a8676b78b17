"""The signed-in person's profile: the name that others see."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from portal.accounts.actions.profile import change_own_name
from portal.web.components.form_parts import refused
from portal.web.shared.visible import person
from tenants.errors import InvalidInput
from tenants.names import MAX_NAME


class ProfileForm(forms.Form):
    """The person's name. The action checks it."""

    name = forms.CharField(
        max_length=MAX_NAME,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
        help_text="Shown to others on pages, in mails and in reports.",
        error_messages={"required": "Enter your name."},
    )


@require_http_methods(["GET", "HEAD", "POST"])
def profile(request: HttpRequest) -> HttpResponse:
    """Show and change the name."""
    me = person()
    form = ProfileForm(request.POST or None, initial={"name": me.name})
    if request.method == "POST" and form.is_valid():
        try:
            change_own_name(by=me, name=form.cleaned_data["name"])
        except InvalidInput as error:
            refused(form, error)
        else:
            messages.success(request, "Your name is saved.")
            return redirect("account-profile")
    return render(request, "accounts/profile.html", {"form": form}, status=400 if form.errors else 200)
