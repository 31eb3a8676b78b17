"""The forms of a baseline's owner rules and channels."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_http_methods

from portal.notify.addresses import RefusedAddress
from portal.treatment.actions.baselines import (
    remove_baseline_channel,
    remove_baseline_rule,
    set_baseline_channel,
    set_baseline_rule,
)
from portal.treatment.models import BaselineChannel
from portal.treatment.selectors.owners import owners_everywhere
from portal.web.baselines.forms import BaselineRuleForm
from portal.web.baselines.views import get_baseline, place_of
from portal.web.components.form_parts import refused
from portal.web.shared.channel_form import ChannelForm
from portal.web.shared.reported import reported
from portal.web.shared.visible import person
from tenants import access
from tenants.errors import Conflict, InvalidInput
from tenants.roles import Capability

CHANGES = require_http_methods(["GET", "HEAD", "POST"])
_SAVED = "Saved. Customers without {what} of this name, and customers with the previous one, now have it."


def keep_name(form: forms.Form) -> None:
    """Show the name as fixed, because the rules and channels of customers belong to the baseline by name."""
    form.fields["name"].disabled = True
    form.fields["name"].help_text = "For another name, remove this one from the baseline and add a new one."


@CHANGES
def rule(request: HttpRequest, slug: str, pk: str, number: int | None = None) -> HttpResponse:
    """Add an owner rule (`number` None), change it, or with `remove` remove it."""
    organization, tenants = place_of(slug)
    row = get_baseline(organization, pk)
    if number is not None and number >= len(row.owner_rules):
        raise Http404("The baseline has no such rule.")
    stored = None if number is None else row.owner_rules[number]
    form = BaselineRuleForm(
        request.POST or None,
        people=owners_everywhere(organization),
        initial={**(stored or {}), "was": stored["name"] if stored else ""},
    )
    if stored is not None:
        keep_name(form)
    if request.method == "POST":
        try:
            if stored is not None and request.POST.get("was") != stored["name"]:
                raise Conflict("Somebody else has changed the rules of this baseline. Reload the page.")
            if stored is not None and "remove" in request.POST:
                remove_baseline_rule(baseline=row, by=person(), tenants=tenants, name=stored["name"])
                messages.success(
                    request, "The rule was removed from the baseline. Customers keep their rules."
                )
                return redirect("baseline", slug=slug, pk=pk)
            if form.is_valid():
                set_baseline_rule(
                    baseline=row, by=person(), tenants=tenants, position=number, **form.values()
                )
                messages.success(request, _SAVED.format(what="a rule"))
                return redirect("baseline", slug=slug, pk=pk)
        except (InvalidInput, Conflict) as error:
            refused(form, error)
    context = {"organization": organization, "baseline": row, "form": form, "stored": stored}
    return render(request, "baselines/rule.html", context, status=400 if form.errors else 200)


@CHANGES
@sensitive_post_parameters("address")
@sensitive_variables("secret")
def channel(request: HttpRequest, slug: str, pk: str, channel_pk: str | None = None) -> HttpResponse:
    """Add a channel (`channel_pk` None), change it, or with `remove` remove it."""
    organization, tenants = place_of(slug)
    row = get_baseline(organization, pk)
    stored = None
    if channel_pk is not None:
        rows = BaselineChannel.objects.filter(baseline=row).select_related("baseline__organization")
        stored = access.get(BaselineChannel, channel_pk, needs=Capability.ADMINISTER, queryset=rows)
    if stored is not None and "remove" in request.POST:
        with reported(request, "The channel was removed from the baseline. Customers keep their channels."):
            remove_baseline_channel(channel=stored, by=person(), tenants=tenants)
        return redirect("baseline", slug=slug, pk=pk)
    form = ChannelForm(request.POST or None, channel=stored)
    if stored is not None:
        keep_name(form)
    secret = ""
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        kind = data.get("kind") or (stored.kind if stored else "")
        try:
            _, secret = set_baseline_channel(
                baseline=row,
                by=person(),
                tenants=tenants,
                channel=stored,
                name=data["name"],
                kind=kind,
                address=data["address"],
                kinds=data["kinds"],
            )
        except RefusedAddress as error:
            form.add_error("address", error.message)
        except (InvalidInput, Conflict) as error:
            refused(form, error)
        else:
            messages.success(request, _SAVED.format(what="a channel"))
            if not secret:
                return redirect("baseline", slug=slug, pk=pk)
    context = {
        "organization": organization,
        "baseline": row,
        "form": form,
        "stored": stored,
        "secret": secret,
    }
    return render(request, "baselines/channel.html", context, status=400 if form.errors else 200)
