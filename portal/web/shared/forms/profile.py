"""Define the form of a profile of controls, which belongs to a customer or to a baseline."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from django import forms
from django.http import QueryDict

from assessments.controls.profiles import OWN, outside, profile_name, profiles
from assessments.controls.registry import SECTIONS, catalogue
from tenants.values.stale_values import Part

LABELS: Final[Mapping[str, str]] = {"profile": "Profile", "controls": "Controls"}


class ProfileForm(forms.Form):
    """A form that chooses a profile. If the profile is an own choice of controls, `controls` contains the slugs of the
    chosen controls.
    """

    profile = forms.ChoiceField(label="Profile", widget=forms.RadioSelect)
    controls = forms.MultipleChoiceField(
        label="Controls", required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, data: QueryDict | None = None, *, initial: Part) -> None:
        super().__init__(data, initial=_shown(initial))
        choices = [(one.key, one.name) for one in profiles().values()]
        self.fields["profile"].choices = [*choices, (OWN, profile_name(OWN))]  # type: ignore[attr-defined]
        self.fields["controls"].choices = [  # type: ignore[attr-defined]
            (slug, control.title) for slug, control in catalogue().items()
        ]

    @property
    def own_key(self) -> str:
        """Return the key of the profile whose controls are chosen one by one."""
        return OWN

    def choices(self) -> list[tuple[Any, str]]:
        """Return (radio button of a profile, number of its controls in words) for each profile."""
        return [(box, _count(box.data["value"])) for box in self["profile"]]

    def wanted(self) -> dict[str, Any]:
        """Return the chosen profile as it is stored. Call this function only if the form is valid."""
        data = self.cleaned_data
        controls = sorted(data["controls"]) if data["profile"] == OWN else []
        return {"profile": data["profile"], "controls": controls}

    def sections(self) -> list[dict[str, Any]]:
        """Return the check boxes of controls by section, with the number of chosen controls."""
        found: dict[str, list[Any]] = {title: [] for title in SECTIONS.values()}
        for box in self["controls"]:
            found[SECTIONS[catalogue()[box.data["value"]].section]].append(box)
        return [
            {"title": title, "boxes": boxes, "chosen": sum(box.data["selected"] for box in boxes)}
            for title, boxes in found.items()
            if boxes
        ]


def _shown(part: Part) -> dict[str, Any]:
    """Return the initial values of the form. For a predefined profile, the check boxes of its controls are checked."""
    if not part or part["profile"] == OWN:
        return dict(part)
    left_out = set(outside(part["profile"], ()))
    return {"profile": part["profile"], "controls": [slug for slug in catalogue() if slug not in left_out]}


def _count(key: str) -> str:
    if key not in profiles():
        return "the controls chosen below"
    number = len(profiles()[key].controls)
    return f"{number} control{'' if number == 1 else 's'}"


def part_text(key: str, value: Any) -> str:
    """Return a value of the form in words."""
    if not value:
        return "none"
    if key == "profile":
        return profile_name(str(value))
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
