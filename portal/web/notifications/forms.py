"""The form of email preferences."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from django import forms

from portal.notify.kinds import KINDS, Area, Delivery

DIFFERS: Final = ("", "Differs between customers (leave unchanged)")


class PreferencesForm(forms.Form):
    """A form with one choice of delivery per kind of event.

    `current` has the present choices of each kind. If the person chose differently for some customers, a kind has
    several choices.
    """

    def __init__(self, *args: Any, current: Mapping[str, set[str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for key, kind in KINDS.items():
            now = current.get(key, {str(kind.default)})
            choices = list(Delivery.choices)
            if len(now) > 1:
                choices.insert(0, DIFFERS)
            self.fields[key] = forms.ChoiceField(
                label=kind.label,
                choices=choices,
                required=len(now) == 1,
                initial="" if len(now) > 1 else next(iter(now)),
                help_text="" if "you" in kind.label.lower() else f"Sent to {kind.recipients}.",
            )

    @property
    def areas(self) -> list[tuple[str, list[forms.BoundField]]]:
        """The fields by area, as (title, fields)."""
        return [
            (area.value, [self[key] for key, kind in KINDS.items() if kind.area is area]) for area in Area
        ]

    def chosen(self) -> dict[str, str]:
        """Return {kind: delivery}, without the kinds for which the person chose `DIFFERS` (leave unchanged)."""
        return {key: value for key, value in self.cleaned_data.items() if value}
