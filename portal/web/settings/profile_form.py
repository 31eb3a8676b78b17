"""The forms of a customer's profile of controls, and of a control to switch off."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django import forms
from django.http import QueryDict

from assessments.actions.profiles import MAX_REASON
from assessments.controls.profiles import OWN, profile_name, profiles
from assessments.controls.registry import SECTIONS, catalogue, known_controls


class ProfileForm(forms.Form):
    """A profile; `controls` are the slugs of an own choice."""

    profile = forms.ChoiceField(label="Profile", widget=forms.RadioSelect)
    controls = forms.MultipleChoiceField(
        label="Controls", required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, data: QueryDict | None = None, *, initial: dict[str, Any]) -> None:
        super().__init__(data, initial=initial)
        choices = [(one.key, one.name) for one in profiles().values()]
        self.fields["profile"].choices = [*choices, (OWN, profile_name(OWN))]  # type: ignore[attr-defined]
        self.fields["controls"].choices = [  # type: ignore[attr-defined]
            (slug, control.title) for slug, control in catalogue().items()
        ]

    def sections(self) -> list[dict[str, Any]]:
        """Return the check boxes of controls by section, with the number of chosen ones."""
        found: dict[str, list[Any]] = {title: [] for title in SECTIONS.values()}
        for box in self["controls"]:
            found[SECTIONS[catalogue()[box.data["value"]].section]].append(box)
        return [
            {"title": title, "boxes": boxes, "chosen": sum(box.data["selected"] for box in boxes)}
            for title, boxes in found.items()
            if boxes
        ]


class SwitchOffForm(forms.Form):
    """A control that is not judged, with the reason."""

    control = forms.ChoiceField(label="Control")
    reason = forms.CharField(
        label="Reason",
        max_length=MAX_REASON,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Every report of this customer shows the reason and your name.",
    )

    def __init__(self, data: QueryDict | None = None, *, off: Collection[str]) -> None:
        super().__init__(data)
        self.fields["control"].choices = [  # type: ignore[attr-defined]
            ("", "Choose a control"),
            *((slug, f"{one.title} ({slug})") for slug, one in known_controls().items() if slug not in off),
        ]
