"""The forms of ticket systems and rules."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django import forms
from django.http import QueryDict

from assessments.controls.registry import known_controls
from assessments.models import Finding
from portal.tickets.actions.rules import rule_part
from portal.tickets.connectors import Connector
from portal.tickets.models import TicketRule, TicketSystem
from portal.web.components.form_parts import ScrollingBoxes, offer_stored, set_choices
from tenants.models import Tenant
from tenants.values.stale_values import Part


class SystemForm(forms.Form):
    """A form of a ticket system: name, URL, the values that its connector needs, and the project."""

    name = forms.CharField(max_length=120, help_text="A name of your choice.")
    address = forms.CharField(
        max_length=300, widget=forms.TextInput(attrs={"spellcheck": "false", "inputmode": "url"})
    )

    def __init__(
        self,
        data: QueryDict | None,
        *,
        connector: Connector,
        system: TicketSystem | None = None,
        values: Part | None = None,
    ) -> None:
        """`values` are shown in place of the stored values of the system."""
        initial = {"name": connector.label, "address": connector.address}
        if system is not None:
            initial = {"name": system.name, "address": system.address, "project": system.project}
        initial.update(values or {})
        super().__init__(data, initial=initial)
        self.connector = connector
        self.fields["address"].help_text = connector.address_help
        for one in connector.inputs:
            stays = one.secret and system is not None and system.has_secrets
            widget = forms.PasswordInput(attrs={"autocomplete": "off"}) if one.secret else forms.TextInput()
            self.fields[one.name] = forms.CharField(
                label=one.label,
                max_length=2000,
                required=not stays and not one.initial,
                initial=one.initial if system is None else system.fields.get(one.name, ""),
                help_text="Leave this field empty to keep the stored value." if stays else one.help,
                widget=widget,
            )
        self.fields["project"] = forms.CharField(
            label=connector.project,
            max_length=200,
            required=False,
            help_text=f"The project, such as {connector.project_example}, in which Surety opens the tickets of"
            " customers without a project of their own. If this field is empty, these customers get no tickets.",
        )

    def values(self) -> dict[str, Any]:
        """Return the form's values as arguments of `add_system` and `change_system`. Call this function only if the
        form is valid.
        """
        data = self.cleaned_data
        values = {one.name: data[one.name] for one in self.connector.inputs}
        return {
            "name": data["name"],
            "address": data["address"],
            "project": data["project"],
            "values": values,
        }


class RuleForm(forms.Form):
    """A form of a ticket rule: its ticket system, its conditions, and how many findings share a ticket."""

    name = forms.CharField(max_length=120, help_text="A name of your choice.")
    system = forms.ChoiceField(label="Ticket system")
    per = forms.ChoiceField(
        label="Tickets", choices=TicketRule.Per.choices, widget=forms.RadioSelect, initial="control"
    )
    severities = forms.MultipleChoiceField(
        required=False,
        choices=Finding.Severity.choices,
        widget=forms.CheckboxSelectMultiple,
        help_text="If you choose no severity, the rule applies to all severities.",
    )
    controls = forms.MultipleChoiceField(
        required=False,
        widget=ScrollingBoxes,
        help_text="If you choose no control, the rule applies to all controls.",
    )
    labels = forms.MultipleChoiceField(
        label="Labels of customers",
        required=False,
        widget=ScrollingBoxes,
        help_text="The rule applies only to customers with one of these labels. If you choose no label, labels do not"
        " limit the rule.",
    )
    applies_to = forms.ChoiceField(
        choices=[("all", "All customers"), ("chosen", "Chosen customers")],
        widget=forms.RadioSelect,
        initial="all",
    )
    customers = forms.MultipleChoiceField(label="Chosen customers", required=False, widget=ScrollingBoxes)
    enabled = forms.BooleanField(label="Switched on", required=False, initial=True)

    def __init__(
        self,
        *args: Any,
        systems: Iterable[TicketSystem],
        customers: Sequence[Tenant],
        rule: TicketRule | None = None,
        chosen: Sequence[Tenant] = (),
        **kwargs: Any,
    ) -> None:
        if rule is not None:
            kwargs.setdefault("initial", rule_part(rule))
        super().__init__(*args, **kwargs)
        self._systems = {str(one.pk): one for one in systems}
        # Chosen customers that are archived stay selected, so that they get tickets again if they are restored.
        archived = [one for one in chosen if one.is_archived]
        self._customers = {str(one.pk): one for one in (*customers, *archived)}
        labels = {label for one in customers for label in one.labels} | set(rule.labels if rule else ())
        choices = {
            "system": [(key, one.name) for key, one in self._systems.items()],
            "controls": sorted(
                ((slug, control.problem) for slug, control in known_controls().items()),
                key=lambda one: one[1].casefold(),
            ),
            "labels": [(label, label) for label in sorted(labels)],
            "customers": [
                (key, f"{one.name} (archived)" if one.is_archived else one.name)
                for key, one in self._customers.items()
            ],
        }
        for name, options in choices.items():
            set_choices(self, name, options)
        offer_stored(self, "controls")
        if not labels:
            del self.fields["labels"]

    def clean(self) -> dict[str, Any]:
        """Add an error if the rule applies to all customers although customers are chosen, or if it applies to chosen
        customers although none is chosen.
        """
        data = super().clean() or self.cleaned_data
        chosen = data.get("customers")
        if data.get("applies_to") == "chosen" and chosen == []:
            self.add_error("customers", "Choose at least one customer, or all customers.")
        if data.get("applies_to") == "all" and chosen:
            self.add_error(
                "applies_to",
                "You chose customers, but the rule applies to all customers. Select “Chosen customers”, or remove"
                " the chosen customers.",
            )
        return data

    def rule_values(self) -> dict[str, Any]:
        """Return the form's values as arguments of `check_rule`. Call this function only if the form is valid."""
        data = self.cleaned_data
        return {
            "system": self._systems[data["system"]],
            "name": data["name"],
            "per": data["per"],
            "severities": data["severities"],
            "controls": data["controls"],
            "labels": data.get("labels", []),
            "enabled": data["enabled"],
        }

    def chosen(self) -> list[Tenant] | None:
        """Return the chosen customers, or None for all customers. Call this function only if the form is valid."""
        if self.cleaned_data["applies_to"] == "all":
            return None
        return [self._customers[key] for key in self.cleaned_data["customers"]]
