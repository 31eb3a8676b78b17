"""The form of one rule of a baseline: add, change or remove the rule. Owner rules and watch rules have such a form."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render

from portal.treatment.models import Baseline
from portal.treatment.selectors.baseline_parts import last_change
from portal.web.baselines.views import get_baseline, place_of
from portal.web.components.form_parts import refused
from portal.web.shared import stale_forms
from portal.web.shared.visible import person
from tenants.errors import Conflict, InvalidInput
from tenants.values.stale_values import Part

SAVED = (
    "Saved. Customers that had the previous values, and customers without a {what} of this name, now have the new"
    " values."
)


class RulePage[F: forms.Form](ABC):
    """The form of one kind of rule. `recorded_as` is the key under which the journal entries of baselines list the
    rules.
    """

    template: ClassVar[str]
    recorded_as: ClassVar[str]

    @abstractmethod
    def rules(self, baseline: Baseline) -> Sequence[Mapping[str, Any]]:
        """Return the rules in the order of the baseline's page. Each rule has a `name`."""

    @abstractmethod
    def part(self, baseline: Baseline, name: str) -> Part:
        """Return the rule of this name, or an empty part if the baseline has no such rule."""

    @abstractmethod
    def form(self, baseline: Baseline, data: QueryDict | None, stored: Mapping[str, Any] | None) -> F:
        """Return the form of a stored rule, or of a new rule."""

    @abstractmethod
    def typed(self, data: QueryDict) -> dict[str, Any]:
        """Return the submitted values as initial values of a form."""

    @abstractmethod
    def conflict(self, baseline: Baseline, form: F, start: Part, typed: Part) -> stale_forms.Conflict:
        """Return the values that somebody else saved in the meantime, and the same values merged with `typed`."""

    @abstractmethod
    def save(self, form: F, stored: Mapping[str, Any] | None, number: int | None, **given: Any) -> None:
        """Add the rule of a valid form, or change the stored rule at the place `number`."""

    @abstractmethod
    def remove(self, name: str, **given: Any) -> None:
        """Remove the rule of this name."""

    def respond(self, request: HttpRequest, slug: str, pk: str, number: int | None) -> HttpResponse:
        """Add a rule if `number` is None. If `number` is given, change a rule, or remove it if the request has
        `remove`.

        `number` is the rule's place in the list when its form was opened. Places change when somebody removes a rule.
        So a submitted form finds the rule by the name that the rule had when the form was opened.
        """
        organization, tenants = place_of(slug)
        row = get_baseline(organization, pk)
        rules = self.rules(row)
        shown = None
        if number is not None and request.method == "POST":
            shown = stale_forms.read_start(request.POST.get("start", ""))
            if shown:
                names = [one["name"] for one in rules]
                if shown.get("name") not in names:
                    return self._show_removed(request, row, shown)
                number = names.index(shown["name"])
        if number is not None and number >= len(rules):
            raise Http404("The baseline has no such rule.")
        stored = None if number is None else rules[number]
        form = self._form(row, request.POST or None, stored)
        removes = stored is not None and "remove" in request.POST
        others = None
        if request.method == "POST" and stored is not None and not shown:
            form.add_error(None, stale_forms.MISSING)
        elif removes or (request.method == "POST" and form.is_valid()):
            given: dict[str, Any] = {"baseline": row, "by": person(), "tenants": tenants, "expected": shown}
            try:
                if stored is not None and removes:
                    self.remove(stored["name"], **given)
                    done = "The rule was removed from the baseline. Customers keep their rules."
                else:
                    self.save(form, stored, number, **given)
                    done = SAVED.format(what="rule")
                messages.success(request, done)
                return redirect("baseline", slug=slug, pk=pk)
            except (InvalidInput, Conflict) as error:
                if error.code not in (stale_forms.CODE, stale_forms.REMOVED) or shown is None:
                    refused(form, error)
                else:
                    row = get_baseline(organization, pk)
                    now = self.part(row, shown["name"])
                    if not now:
                        return self._show_removed(request, row, shown)
                    others, values = self.conflict(row, form, shown, {} if removes else form.cleaned_data)
                    form, stored, shown = self._form(row, None, {**now, **values}), now, now
        context = {
            "organization": organization,
            "baseline": row,
            "form": form,
            "stored": stored,
            "start": stale_forms.write_start(shown or stored or {}),
            "others": others,
        }
        status = 409 if others else 400 if form.errors else 200
        return render(request, self.template, context, status=status)

    def _form(self, baseline: Baseline, data: QueryDict | None, stored: Mapping[str, Any] | None) -> F:
        form = self.form(baseline, data, stored)
        if stored is not None:
            keep_name(form)
        return form

    def _show_removed(
        self, request: HttpRequest, baseline: Baseline, shown: Mapping[str, Any]
    ) -> HttpResponse:
        """Show the form of a rule that somebody has removed in the meantime, so that the person can add the rule again.
        If the person wanted to remove the rule too, only show a message that it was already removed.
        """
        organization, name = baseline.organization, str(shown.get("name", ""))
        if "remove" in request.POST:
            messages.info(request, "The rule was already removed from the baseline.")
            return redirect("baseline", slug=organization.slug, pk=baseline.pk)
        form = self._form(baseline, None, None)
        form.initial = {**self.typed(request.POST), "name": name}
        removed = last_change(
            baseline,
            lambda details: any(one.get("name") == name for one in details.get(self.recorded_as, [])),
        )
        context = {
            "organization": organization,
            "baseline": baseline,
            "form": form,
            "removed": removed,
            "start": "",
        }
        return render(request, self.template, context, status=409)


def keep_name(form: forms.Form) -> None:
    """Make the field of the name read-only. The name must not change, because Surety finds the rule or channel of each
    customer by the name in the baseline.
    """
    form.fields["name"].disabled = True
    form.fields["name"].help_text = (
        "The name cannot be changed. To use another name, remove this entry from the"
        " baseline and add a new one."
    )
