"""The forms of a baseline's watch rules."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
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
from portal.web.baselines.rule_page import RulePage
from portal.web.baselines.rules import CHANGES
from portal.web.baselines.texts import own_watch_rules
from portal.web.baselines.views import get_baseline, place_of
from portal.web.shared import stale_forms
from portal.web.shared.forms.watch_rule import WatchRuleForm
from portal.web.shared.visible import person
from tenants.errors import Conflict, InvalidInput
from tenants.values.stale_values import Part

_STATUS: Final[Mapping[str, bool | None]] = {"on": True, "off": False, "": None}


class _WatchRulePage(RulePage[WatchRuleForm]):
    """The form of a watch rule."""

    template = "baselines/watch_rule.html"
    recorded_as = "watch_rules"

    def rules(self, baseline: Baseline) -> Sequence[Mapping[str, Any]]:
        return own_watch_rules(baseline)

    def part(self, baseline: Baseline, name: str) -> Part:
        return watch_rule_part(baseline, name)

    def form(
        self, baseline: Baseline, data: QueryDict | None, stored: Mapping[str, Any] | None
    ) -> WatchRuleForm:
        form = WatchRuleForm(data, names={}, initial=stored or {})
        del form.fields["units"]
        return form

    def typed(self, data: QueryDict) -> dict[str, Any]:
        lists = ("kinds", "days")
        values = {key: data.getlist(key) if key in lists else data[key] for key in data}
        return {**values, **{key: key in data for key in ("enabled", *FLAGS)}}

    def conflict(
        self, baseline: Baseline, form: WatchRuleForm, start: Part, typed: Part
    ) -> stale_forms.Conflict:
        return watch_rule_conflict(baseline, form, start, typed)

    def save(
        self, form: WatchRuleForm, stored: Mapping[str, Any] | None, number: int | None, **given: Any
    ) -> None:
        set_baseline_watch_rule(**given, present=stored["name"] if stored else "", **form.values())

    def remove(self, name: str, **given: Any) -> None:
        remove_baseline_watch_rule(**given, name=name)


@CHANGES
def watch_rule(request: HttpRequest, slug: str, pk: str, number: int | None = None) -> HttpResponse:
    """Add, change or remove a watch rule (see `RulePage.respond`)."""
    return _WatchRulePage().respond(request, slug, pk, number)


@require_POST
def shipped(request: HttpRequest, slug: str, pk: str) -> HttpResponse:
    """Save the shipped watch rules that the person changed.

    For each of these rules, the person has two choices: turn the rule on or off and set its severity for all customers
    of the baseline, or let each customer decide both. Rules that the person did not change are not saved, because
    somebody else may have changed them since the page was opened.
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
