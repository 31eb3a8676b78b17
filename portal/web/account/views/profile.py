"""Show and change the signed-in person's profile: the name that others see, and the format of dates and times."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from portal.accounts.actions.profile import change_own_name
from portal.web.components.form_parts import refused, set_choices
from portal.web.shared.visible import person
from tenants.errors import Refusal
from tenants.values import time_display
from tenants.values.names import MAX_NAME


class ProfileForm(forms.Form):
    """The form for the person's name. The action that stores the name checks it."""

    name = forms.CharField(
        max_length=MAX_NAME,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
        help_text="Other people see this name on pages, in mails and in reports.",
        error_messages={"required": "Enter your name."},
    )


class TimeForm(forms.Form):
    """The form for the time zone and the format of dates."""

    timezone = forms.ChoiceField(
        label="Time zone",
        required=False,
        help_text="Pages and mails use this time zone, and digests are mailed at 7:00 in this time zone. With “Time"
        " zone of the organization”, pages and mails use the time zone of your organization, and each digest is mailed"
        " at 7:00 in the time zone of the customer. If you have several organizations with different time zones, pages"
        " then use UTC.",
    )
    date_format = forms.ChoiceField(
        label="Dates",
        choices=[(key, time_display.example(key)) for key in time_display.FORMATS],
        help_text="Reports and exports always use UTC and the format 2027-03-31. Journals also show UTC.",
    )

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        names = ((name, name.replace("_", " ")) for name in time_display.zones())
        set_choices(self, "timezone", [("", "Time zone of the organization"), ("UTC", "UTC"), *names])


@require_http_methods(["GET", "HEAD", "POST"])
def profile(request: HttpRequest) -> HttpResponse:
    """Show the profile. POST changes the name or, if the field `times` is sent, the time zone and the format of
    dates.
    """
    me = person()
    is_times = "times" in request.POST
    times = TimeForm(
        request.POST if is_times else None,
        initial={"timezone": me.timezone, "date_format": me.date_format},
    )
    form = ProfileForm((request.POST or None) if not is_times else None, initial={"name": me.name})
    if is_times and times.is_valid():
        time_display.change_time_display(by=me, **times.cleaned_data)
        messages.success(request, "Your time zone and date format are saved.")
        return redirect("account-profile")
    if request.method == "POST" and form.is_valid():
        try:
            change_own_name(by=me, name=form.cleaned_data["name"])
        except Refusal as error:
            refused(form, error)
        else:
            messages.success(request, "Your name is saved.")
            return redirect("account-profile")
    status = 400 if form.errors or times.errors else 200
    return render(request, "accounts/profile.html", {"form": form, "times": times}, status=status)
