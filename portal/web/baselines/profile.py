"""The profile of controls of a baseline."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from portal.treatment.actions.baselines import set_baseline_profile
from portal.treatment.selectors.baseline_parts import last_change, profile_part
from portal.web.baselines.rules import CHANGES
from portal.web.baselines.views import get_baseline, place_of
from portal.web.components.form_parts import refused
from portal.web.shared import stale_forms
from portal.web.shared.forms.profile import LABELS, ProfileForm, part_text
from portal.web.shared.visible import person
from tenants.errors import Conflict, InvalidInput


@CHANGES
def profile(request: HttpRequest, slug: str, pk: str) -> HttpResponse:
    """Set the profile of controls in a baseline. If the request has `remove`, let each customer choose its profile."""
    organization, tenants = place_of(slug)
    row = get_baseline(organization, pk)
    shown = profile_part(row)
    form = ProfileForm(request.POST or None, initial=shown)
    removes = "remove" in request.POST
    others = None
    if request.method == "POST":
        shown = stale_forms.start_of(request, form, shown)
    if request.method == "POST" and (form.is_valid() or (removes and not form.non_field_errors())):
        wanted = {"profile": "", "controls": []} if removes else form.wanted()
        try:
            set_baseline_profile(baseline=row, by=person(), tenants=tenants, expected=shown, **wanted)
        except (InvalidInput, Conflict) as error:
            if error.code != stale_forms.CODE:
                refused(form, error)
            else:
                row = get_baseline(organization, pk)
                now = profile_part(row)
                last = last_change(row, lambda details: details.get("profile") or {})
                others, _ = stale_forms.conflict(LABELS, shown, now, wanted, last, part_text)
                form, shown = ProfileForm(initial=now if removes else wanted), now
        else:
            done = (
                "The baseline no longer sets a profile of controls. Customers keep their present profile, and can"
                " now choose another profile."
            )
            if not removes:
                done = (
                    "Saved. Customers now have this profile, except those that have chosen another profile."
                )
            messages.success(request, done)
            return redirect("baseline", slug=slug, pk=pk)
    context = {
        "organization": organization,
        "baseline": row,
        "form": form,
        "start": stale_forms.write_start(shown),
        "others": others,
    }
    status = 409 if others else 400 if form.errors else 200
    return render(request, "baselines/profile.html", context, status=status)
