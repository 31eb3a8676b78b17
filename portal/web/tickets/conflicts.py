"""Resolve conflicts when two people change a ticket rule or a ticket system at the same time."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms

from portal.web.shared import stale_forms
from tenants.models import Organization
from tenants.values.stale_values import Part, last_change


def typed_part(form: forms.Form, now: Part) -> Part:
    """Return the submitted values of a valid form, in the format of the stored values `now`. Values that the form does
    not have come from `now`.
    """
    found: Part = {**now, **{name: value for name, value in form.cleaned_data.items() if name in now}}
    if "customers" in found:
        found["customers"] = sorted(found["customers"])
    return found


def resolved(
    form: forms.Form, organization: Organization, target: str, start: Part, now: Part
) -> stale_forms.Conflict:
    """Return the values that somebody else saved in the meantime, and these values merged with the submitted ones.

    `start` are the values with which the form was opened. `now` are the stored values. `target` is the journal's name
    of the object, such as “ticketrule:<id>”.
    """
    fields: Mapping[str, Any] = form.fields
    labels = {
        name: str(fields[name].label or name.replace("_", " ").capitalize()) for name in now if name in fields
    }

    def text(name: str, value: Any) -> str:
        if isinstance(value, bool):
            return "Yes" if value else "No"
        # The values `start` come from the browser and could contain any id, so name only choices that the form offers.
        choices = dict(getattr(fields[name], "choices", ()))
        if isinstance(value, list):
            return ", ".join(str(choices.get(one, "another")) for one in value) or "none"
        return str(choices.get(value, "another") if choices else value) or "none"

    kind = target.partition(":")[0]
    action = {"ticketrule": "ticket_rule.changed", "ticketsystem": "ticket_system.changed"}[kind]
    last = last_change(organization, [action], target)
    return stale_forms.conflict(labels, start, now, typed_part(form, now), last, text)
