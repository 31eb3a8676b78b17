"""The forms of a baseline's watch rules."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from portal.changes.actions.baseline_rules import (
    remove_baseline_watch_rule,
    set_baseline_shipped_rule,
    set_baseline_watch_rule,
)
from portal.changes.actions.rules import FLAGS
from portal.changes.shipped import SHIPPED
from portal.treatment.models import Baseline
from portal.treatment.selectors.baseline_parts import watch_rule_part
from portal.web.baselines.conflicts import watch_rule_conflict
from portal.web.baselines.rules import CHANGES, SAVED, keep_name, show_removed
from portal.web.baselines.texts import own_watch_rules
from portal.web.baselines.views import get_baseline, place_of
from portal.web.components.form_parts import refused
from portal.web.shared import stale_forms
from portal.web.shared.forms.watch_rule import WatchRuleForm
from portal.web.shared.visible import person
from tenants.errors import Conflict, InvalidInput

_STATUS: Final[Mapping[str, bool | None]] = {"on": True, "off": False, "": None}


@CHANGES
def watch_rule(request: HttpRequest, slug: str, pk: str, number: int | None = None) -> HttpResponse:
    """Add a watch rule if `number` is None. If `number` is given, change a rule, or remove it if the request has
    `remove`.

    `number` is the rule's place in the list when its form was opened. Places change when somebody removes a rule. So a
    submitted form finds the rule by the name that the rule had when the form was opened.
    """
    organization, tenants = place_of(slug)
    row = get_baseline(organization, pk)
    shown: dict[str, Any] | None = None
    rules = own_watch_rules(row)
    if number is not None and request.method == "POST":
        shown = stale_forms.read_start(request.POST.get("start", ""))
        if shown:
            names = [one["name"] for one in rules]
            if shown.get("name") not in names:
                return _removed(request, row, shown)
            number = names.index(shown["name"])
    if number is not None and number >= len(rules):
        raise Http404("The baseline has no such rule.")
    stored = None if number is None else rules[number]
    form = _form(request.POST or None, stored)
    removes = stored is not None and "remove" in request.POST
    others = None
    if request.method == "POST" and stored is not None and not shown:
        form.add_error(None, stale_forms.MISSING)
    elif removes or (request.method == "POST" and form.is_valid()):
        given: dict[str, Any] = {"baseline": row, "by": person(), "tenants": tenants, "expected": shown}
        try:
            if stored is not None and removes:
                remove_baseline_watch_rule(**given, name=stored["name"])
                done = "The rule was removed from the baseline. Customers keep their rules."
            else:
                set_baseline_watch_rule(**given, present=stored["name"] if stored else "", **form.values())
                done = SAVED.format(what="rule")
            messages.success(request, done)
            return redirect("baseline", slug=slug, pk=pk)
        except (InvalidInput, Conflict) as error:
            if error.code not in (stale_forms.CODE, stale_forms.REMOVED) or shown is None:
                refused(form, error)
            else:
                row = get_baseline(organization, pk)
                now = watch_rule_part(row, shown["name"])
                if not now:
                    return _removed(request, row, shown)
                others, values = watch_rule_conflict(row, form, shown, {} if removes else form.cleaned_data)
                form, stored, shown = _form(None, {**now, **values}), now, now
    context = {
        "organization": organization,
        "baseline": row,
        "form": form,
        "stored": stored,
        "start": stale_forms.write_start(shown or stored or {}),
        "others": others,
    }
    status = 409 if others else 400 if form.errors else 200
    return render(request, "baselines/watch_rule.html", context, status=status)


@require_POST
def shipped(request: HttpRequest, slug: str, pk: str) -> HttpResponse:
    """Save the shipped watch rules that the person changed.

    For each of these rules, the person either turns the rule on or off and sets its severity for all customers of the
    baseline, or lets each customer choose. Rules that the person did not change are not saved, because somebody else
    may have changed them since the page was opened.
    """
    organization, tenants = place_of(slug)
    row = get_baseline(organization, pk)
    try:
        changed = _changed_shipped_rules(request.POST)
        with transaction.atomic():
            for key, (start, enabled, severity) in changed.items():
                set_baseline_shipped_rule(
                    baseline=row,
                    by=person(),
                    tenants=tenants,
                    key=key,
                    enabled=enabled,
                    severity=severity,
                    expected=start,
                )
    except (InvalidInput, Conflict) as error:
        messages.error(request, error.message)
    else:
        messages.success(request, _saved(changed))
    return redirect("baseline", slug=slug, pk=pk)


def _changed_shipped_rules(given: QueryDict) -> dict[str, tuple[dict[str, Any], bool | None, str]]:
    """Return {key of a changed rule: (its values when the form was opened, whether it is on, its severity)}.

    If the baseline leaves a rule to each customer, a severity in the form would have no effect. So raise InvalidInput
    if the person changed the severity of such a rule.
    """
    changed = {}
    for key in given.getlist("shipped"):
        start, status = stale_forms.read_start(given.get(f"start-{key}", "")), given.get(f"status-{key}", "")
        if start is None or status not in _STATUS or key not in SHIPPED:
            raise InvalidInput(stale_forms.MISSING)
        rule, enabled, severity = SHIPPED[key], _STATUS[status], given.get(f"severity-{key}", "")
        if enabled is None and not start and severity != rule.severity:
            raise InvalidInput(
                f"The baseline can set the severity of “{rule.name}” only together with its status. Choose On or Off,"
                " or choose the earlier severity again. Nothing was saved."
            )
        wanted = {} if enabled is None else {"shipped": key, "enabled": enabled, "severity": severity}
        if wanted != start:
            changed[key] = start, enabled, severity
    return changed


def _saved(changed: Mapping[str, tuple[dict[str, Any], bool | None, str]]) -> str:
    if not changed:
        return "No rule was changed."
    text = f"Saved: {', '.join(f'“{SHIPPED[key].name}”' for key in changed)}."
    states = {enabled is None for _, enabled, _ in changed.values()}
    if False in states:
        text += " Customers that had the previous values now have the new values."
    if True in states:
        text += (
            " Some rules are no longer part of the baseline. Customers keep their present settings of these"
            " rules, and can change them."
        )
    return text


def _form(data: QueryDict | None, stored: Mapping[str, Any] | None) -> WatchRuleForm:
    form = WatchRuleForm(data, names={}, initial=stored or {})
    del form.fields["units"]
    if stored is not None:
        keep_name(form)
    return form


def _removed(request: HttpRequest, row: Baseline, shown: Mapping[str, Any]) -> HttpResponse:
    """Show the form of a rule that somebody has removed in the meantime, so that the person can add the rule again."""
    form = _form(None, None)
    lists = ("kinds", "days")
    typed = {key: request.POST.getlist(key) if key in lists else request.POST[key] for key in request.POST}
    flags = {key: key in request.POST for key in ("enabled", *FLAGS)}
    form.initial = {**typed, **flags, "name": str(shown.get("name", ""))}
    return show_removed(request, row, form, recorded_as="watch_rules", template="baselines/watch_rule.html")
