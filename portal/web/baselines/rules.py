"""The forms of a baseline's owner rules and channels."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_http_methods

from portal.notify.addresses import RefusedAddress
from portal.notify.selectors import channel_part
from portal.treatment.actions.baselines import (
    remove_baseline_channel,
    remove_baseline_rule,
    set_baseline_channel,
    set_baseline_rule,
)
from portal.treatment.models import Baseline, BaselineChannel
from portal.treatment.selectors.baseline_parts import removed_channel, rule_part
from portal.treatment.selectors.owners import owners_everywhere
from portal.web.baselines.conflicts import channel_conflict, rule_conflict
from portal.web.baselines.forms import BaselineRuleForm
from portal.web.baselines.rule_page import SAVED, RulePage, keep_name
from portal.web.baselines.views import get_baseline, place_of
from portal.web.components.form_parts import refused
from portal.web.shared import stale_forms
from portal.web.shared.forms.channel import ChannelForm
from portal.web.shared.visible import person
from tenants import access
from tenants.errors import Conflict, InvalidInput
from tenants.ids import parse_uuid
from tenants.models import Organization
from tenants.roles import Capability
from tenants.values.stale_values import Part

CHANGES = require_http_methods(["GET", "HEAD", "POST"])


class _OwnerRulePage(RulePage[BaselineRuleForm]):
    """The form of an owner rule."""

    template = "baselines/rule.html"
    recorded_as = "owner_rules"

    def rules(self, baseline: Baseline) -> Sequence[Mapping[str, Any]]:
        return list(baseline.owner_rules)

    def part(self, baseline: Baseline, name: str) -> Part:
        return rule_part(baseline, name)

    def form(
        self, baseline: Baseline, data: QueryDict | None, stored: Mapping[str, Any] | None
    ) -> BaselineRuleForm:
        return BaselineRuleForm(data, people=owners_everywhere(baseline.organization), initial=stored or {})

    def typed(self, data: QueryDict) -> dict[str, Any]:
        values = {key: value for key, value in data.items() if key != "start"}
        return {**values, "enabled": "enabled" in values}

    def conflict(
        self, baseline: Baseline, form: BaselineRuleForm, start: Part, typed: Part
    ) -> stale_forms.Conflict:
        return rule_conflict(baseline, form, start, typed)

    def save(
        self, form: BaselineRuleForm, stored: Mapping[str, Any] | None, number: int | None, **given: Any
    ) -> None:
        set_baseline_rule(**given, position=number, **form.values())

    def remove(self, name: str, **given: Any) -> None:
        remove_baseline_rule(**given, name=name)


@CHANGES
def rule(request: HttpRequest, slug: str, pk: str, number: int | None = None) -> HttpResponse:
    """Add, change or remove an owner rule (see `RulePage.respond`)."""
    return _OwnerRulePage().respond(request, slug, pk, number)


@CHANGES
@sensitive_post_parameters("address")
@sensitive_variables("secret")
def channel(request: HttpRequest, slug: str, pk: str, channel_pk: str | None = None) -> HttpResponse:
    """Add a channel if `channel_pk` is None. If `channel_pk` is given, change this channel, or remove it if the request
    has `remove`.
    """
    organization, tenants = place_of(slug)
    row = get_baseline(organization, pk)
    stored = None
    if channel_pk is not None:
        rows = BaselineChannel.objects.filter(baseline=row).select_related("baseline__organization")
        if request.method == "POST" and (
            response := _channel_removed(request, organization, row, rows, channel_pk)
        ):
            return response
        stored = access.get(BaselineChannel, channel_pk, needs=Capability.ADMINISTER, queryset=rows)
    form = ChannelForm(request.POST or None, channel=stored)
    if stored is not None:
        keep_name(form)
    secret, others = "", None
    shown = channel_part(stored) if stored is not None else None
    if shown is not None and request.method == "POST":
        shown = stale_forms.start_of(request, form, shown)
    removes = stored is not None and "remove" in request.POST
    if request.method == "POST" and not form.non_field_errors() and (removes or form.is_valid()):
        typed = {} if removes else form.cleaned_data
        try:
            if stored is not None and removes:
                remove_baseline_channel(channel=stored, by=person(), tenants=tenants, expected=shown)
                done = "The channel was removed from the baseline. Customers keep their channels."
            else:
                _, secret = set_baseline_channel(
                    baseline=row,
                    by=person(),
                    tenants=tenants,
                    channel=stored,
                    name=typed["name"],
                    kind=typed.get("kind") or (stored.kind if stored else ""),
                    address=typed["address"],
                    kinds=typed["kinds"],
                    expected=shown,
                )
                done = SAVED.format(what="channel")
        except RefusedAddress as error:
            form.add_error("address", error.message)
        except (InvalidInput, Conflict) as error:
            if error.code != stale_forms.CODE or stored is None:
                refused(form, error)
            else:
                others, form, shown = _channel_conflict(stored, shown, typed)
        else:
            messages.success(request, done)
            if not secret:
                return redirect("baseline", slug=slug, pk=pk)
    context = {
        "organization": organization,
        "baseline": row,
        "form": form,
        "stored": stored,
        "secret": secret,
        "start": stale_forms.write_start(shown or {}),
        "others": others,
    }
    status = 409 if others else 400 if form.errors else 200
    return render(request, "baselines/channel.html", context, status=status)


def _channel_removed(
    request: HttpRequest,
    organization: Organization,
    row: Baseline,
    channels: QuerySet[BaselineChannel],
    channel_pk: str,
) -> HttpResponse | None:
    """Show the form of a channel that somebody has removed meanwhile, so that the person can add the channel again.

    Return None for a channel that exists, or that the baseline never had.
    """
    start = stale_forms.read_start(request.POST.get("start", "")) or {}
    name, identifier = str(start.get("name", "")), parse_uuid(channel_pk)
    if identifier is None or channels.filter(pk=identifier).exists():
        return None
    removed = removed_channel(row, name)
    if removed is None:
        return None
    if "remove" in request.POST:
        messages.info(request, "The channel was already removed from the baseline.")
        return redirect("baseline", slug=organization.slug, pk=row.pk)
    form = ChannelForm()
    form.initial = {
        "name": name,
        "kind": removed.details["kind"],
        "kinds": request.POST.getlist("kinds"),
        "address": request.POST.get("address", ""),
    }
    context = {"organization": organization, "baseline": row, "form": form, "removed": removed, "start": ""}
    return render(request, "baselines/channel.html", context, status=409)


@sensitive_variables("typed", "form")
def _channel_conflict(
    stored: BaselineChannel, shown: Part | None, typed: Mapping[str, Any]
) -> tuple[dict[str, Any], ChannelForm, Part]:
    """Return a description of another person's changes, the form with the merged values, and the present values. The
    form has the URL that the signed-in person typed.
    """
    row = BaselineChannel.objects.select_related("baseline__organization").get(pk=stored.pk)
    others, values = channel_conflict(row, shown or {}, typed)
    form = ChannelForm(channel=row)
    form.initial["kinds"] = values["kinds"]
    form.initial["address"] = typed.get("address", "")
    keep_name(form)
    return others, form, channel_part(row)
